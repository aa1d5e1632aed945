"""RSS and Atom feeds of the newest jobs: all of them, or a search with the parameters of the job list."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.conf import settings
from django.contrib.syndication.views import Feed
from django.http import HttpRequest, HttpResponse
from django.utils.decorators import method_decorator
from django.utils.feedgenerator import SyndicationFeed
from django.utils.translation import gettext
from django.views.decorators.http import require_safe

from cms.content.feeds import AtomFeed, RSSFeed
from cms.content.markup import render

from .models import Job
from .search import JobSearch

__all__ = ["AtomFeed", "JobFeed", "RSSFeed"]
FEED_SIZE = 20


class JobFeed(Feed):
    """Feed of jobs.

    Clients of the old site read the title as "Title, Company" and the first line of the description as the location.
    """

    def __init__(self, feed_type: type[SyndicationFeed]) -> None:
        self.feed_type = feed_type

    @method_decorator(require_safe)
    def __call__(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        return super().__call__(request, *args, **kwargs)

    def get_object(self, request: HttpRequest) -> JobSearch:  # type: ignore[override]  # The URL has no further parts.
        return JobSearch.from_params(request.GET.dict())

    def title(self, search: JobSearch) -> str:
        return gettext("Python jobs: %(search)s") % {"search": search.summary} if search else gettext("Python jobs")

    def description(self, search: JobSearch) -> str:
        return gettext("The latest jobs on the Python job board.")

    def link(self, search: JobSearch) -> str:
        return f"{settings.BASE_URL}/jobs/" + (f"?{search.query}" if search else "")

    def feed_url(self, search: JobSearch) -> str:
        return f"{settings.BASE_URL}/jobs/feed/{'atom' if self.feed_type is AtomFeed else 'rss'}/" + (
            f"?{search.query}" if search else ""
        )

    def items(self, search: JobSearch) -> Iterable[Job]:
        return search.filter(Job.objects.visible()).select_related("category").order_by("-approved_at", "-pk")[:FEED_SIZE]

    def item_title(self, job: Job) -> str:  # type: ignore[override]  # The items are jobs.
        return str(job)

    def item_description(self, job: Job) -> str:
        return f"{job.display_location}\n{render(job.description)}\n{render(job.requirements)}"

    def item_link(self, job: Job) -> str:
        return job.full_url

    def item_pubdate(self, job: Job) -> datetime | None:
        return job.approved_at

    def item_updateddate(self, job: Job) -> datetime:
        return job.updated_at

    def item_categories(self, job: Job) -> list[str]:
        return [job.category.name]
