from datetime import datetime
from typing import Any

from django.conf import settings
from django.contrib.syndication.views import Feed
from django.http import HttpRequest, HttpResponse
from django.utils.decorators import method_decorator
from django.views.decorators.http import require_safe

from cms.content.feeds import RSSFeed
from cms.content.markup import render
from cms.content.public_pages import without_private

from .models import StoryPage

SIZE = 20


class StoryFeed(Feed):
    """RSS feed of the newest stories."""

    feed_type = RSSFeed
    title = "Python success stories"
    description = "Success stories from people and organizations that use Python."
    link = "/success-stories/"

    @method_decorator(require_safe)
    def __call__(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        return super().__call__(request, *args, **kwargs)

    def items(self) -> Any:
        return (
            without_private(StoryPage.objects.live())
            .select_related("category", "company")
            .order_by("-first_published_at", "-pk")[:SIZE]
        )

    def item_title(self, item: Any) -> str:
        return f"{item.title}, {item.organisation}" if item.organisation else item.title

    def item_description(self, item: Any) -> str:
        return f"<blockquote>{render(item.pull_quote)}</blockquote>{render(item.text)}"

    def item_link(self, item: Any) -> str:
        return settings.BASE_URL + item.get_absolute_url()

    def item_pubdate(self, item: Any) -> datetime:
        return item.first_published_at

    def item_updateddate(self, item: Any) -> datetime:
        return item.last_published_at

    def item_categories(self, item: Any) -> list[str]:
        return [item.category.name]
