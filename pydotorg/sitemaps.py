"""Sitemaps: pages of the tree, published releases, open jobs and upcoming events."""

from datetime import datetime
from functools import reduce
from operator import or_
from typing import Any

from django.contrib.sitemaps import Sitemap
from django.contrib.sitemaps.views import sitemap
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from wagtail.contrib.sitemaps import Sitemap as WagtailSitemap
from wagtail.models import Page

from cms.delivery import surrogate_keys
from downloads.models import Release
from events.models import Event, Occurrence
from jobs.models import Job


class Pages(WagtailSitemap):
    def items(self) -> QuerySet:
        # Base pages are enough: no page type has additional URLs.
        roots = self.get_wagtail_site().root_page.get_translations(inclusive=True).live()
        below = [Q(path__startswith=path) for path in roots.values_list("path", flat=True)]
        return Page.objects.filter(reduce(or_, below, Q(pk=None))).live().public().order_by("path")


class Rows(Sitemap):
    def lastmod(self, item: Any) -> datetime:
        return item.updated_at


class Releases(Rows):
    def items(self) -> QuerySet:
        # The content of a release with a page is at the URL of the page.
        return Release.objects.visible().filter(release_page=None).order_by("-pk").only("slug", "release_page", "updated_at")


class Jobs(Rows):
    def items(self) -> QuerySet:
        return Job.objects.visible().order_by("-pk").only("pk", "updated_at")


class Events(Rows):
    def items(self) -> QuerySet:
        to_come = Occurrence.objects.not_over().order_by().values("event")
        return Event.objects.visible().filter(pk__in=to_come).select_related("calendar").order_by("pk")


@surrogate_keys.shared("downloads", "jobs", "events", seconds=600)
def site(request: HttpRequest) -> HttpResponse:
    parts: dict[str, Sitemap | type[Sitemap]] = {"pages": Pages(request), "releases": Releases, "jobs": Jobs, "events": Events}
    return sitemap(request, parts)
