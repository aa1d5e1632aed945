"""The newest adverts as RSS and Atom: all, or those of a filter, with the same parameters as the list."""

from typing import Any

from django.conf import settings
from django.contrib.syndication.views import Feed
from django.http import HttpRequest
from django.utils.decorators import method_decorator
from django.utils.feedgenerator import Atom1Feed, Rss201rev2Feed
from django.views.decorators.http import require_safe

from cms.content.markup import render

from .filters import Asked
from .models import Job

__all__ = ["Atom1Feed", "JobFeed", "Rss201rev2Feed"]
SIZE = 20


class JobFeed(Feed):
    """Readers of the old site take the title as "Title, Company" and the first line of the description as the place."""

    def __init__(self, feed_type) -> None:
        self.feed_type = feed_type

    @method_decorator(require_safe)
    def __call__(self, request: HttpRequest, *args: Any, **kwargs: Any):
        return super().__call__(request, *args, **kwargs)

    def get_object(self, request: HttpRequest):
        return Asked.of(request.GET.dict())

    def title(self, asked):
        return f"Python jobs: {asked.words}" if asked else "Python jobs"

    def description(self, asked) -> str:
        return "The newest adverts of the job board on python.org."

    def link(self, asked):
        return f"{settings.BASE_URL}/jobs/" + (f"?{asked.query}" if asked else "")

    def feed_url(self, asked):
        return f"{settings.BASE_URL}/jobs/feed/{'atom' if self.feed_type is Atom1Feed else 'rss'}/" + (
            f"?{asked.query}" if asked else ""
        )

    def items(self, asked):
        return asked.matching(Job.objects.visible()).select_related("category").order_by("-approved_at", "-pk")[:SIZE]

    def item_title(self, job):
        return str(job)

    def item_description(self, job) -> str:
        return f"{job.display_location}\n{render(job.description)}\n{render(job.requirements)}"

    def item_link(self, job):
        return job.full_url

    def item_pubdate(self, job):
        return job.approved_at

    def item_updateddate(self, job):
        return job.updated_at

    def item_categories(self, job):
        return [job.category.name]
