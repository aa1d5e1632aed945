from datetime import UTC, datetime, time
from typing import Any

from django.conf import settings
from django.contrib.syndication.views import Feed
from django.http import HttpRequest, HttpResponse
from django.utils.decorators import method_decorator
from django.utils.html import format_html_join
from django.views.decorators.http import require_safe

from cms.content.feeds import RSSFeed
from cms.content.public_pages import without_private

from .models import MinutesPage

SIZE = 20


class MinutesFeed(Feed):
    """RSS feed of the newest minutes, with their text."""

    feed_type = RSSFeed
    title = "PSF board meeting minutes"
    description = "Minutes of the board and the committees of the Python Software Foundation."
    link = "/psf/records/board/minutes/"

    @method_decorator(require_safe)
    def __call__(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        return super().__call__(request, *args, **kwargs)

    def items(self) -> Any:
        return without_private(MinutesPage.objects.live()).newest().prefetch_related("resolutions")[:SIZE]

    def item_title(self, item: Any) -> str:
        return item.title

    def item_description(self, item: Any) -> str:
        decided = format_html_join("", "<p>{}</p>", ([resolution.text] for resolution in item.resolutions.all()))
        return f"{item.content.render_as_block()}{decided}"

    def item_link(self, item: Any) -> str:
        return settings.BASE_URL + item.get_absolute_url()

    def item_pubdate(self, item: Any) -> datetime:
        return datetime.combine(item.date, time(), tzinfo=UTC)
