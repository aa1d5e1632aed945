"""Releases as RSS, Atom and JSON Feed: all releases, those of a release series, and security releases."""

import json
from dataclasses import dataclass
from datetime import UTC, datetime, time
from typing import IO, Any

from django.conf import settings
from django.contrib.syndication.views import Feed
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.decorators import method_decorator
from django.utils.feedgenerator import SyndicationFeed
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from cms.content.feeds import AtomFeed, CleanFeed, RSSFeed

from .advisories import facts_of, security_facts
from .listings import planned_releases
from .models import PlannedRelease, Release, ReleaseSeries
from .models.releases import ReleaseQuerySet
from .models.series import long_date, prefetch_series

SIZE = 10


class JSONDocument(SyndicationFeed):
    """JSON Feed 1.1: https://www.jsonfeed.org/version/1.1/"""

    content_type = "application/feed+json; charset=utf-8"

    def write(self, outfile: IO[bytes], encoding: str) -> None:
        feed = {
            "version": "https://jsonfeed.org/version/1.1",
            "title": self.feed["title"],
            "description": self.feed["description"],
            "home_page_url": self.feed["link"],
            "feed_url": self.feed["feed_url"],
            "items": [
                {
                    "id": item["unique_id"],
                    "url": item["link"],
                    "title": item["title"],
                    "content_text": item["description"],
                    "date_published": item["pubdate"].isoformat(),
                }
                | ({"tags": list(item["categories"])} if item["categories"] else {})
                for item in self.items
            ],
        }
        outfile.write(json.dumps(feed, ensure_ascii=False, indent=2).encode(encoding))


class JSONFeed(CleanFeed, JSONDocument):
    pass


FORMATS: dict[str, type[SyndicationFeed]] = {"rss": RSSFeed, "atom": AtomFeed, "json": JSONFeed}


@dataclass
class Scope:
    """Content of a feed: its releases, title and URL."""

    title: str
    description: str
    feed_url: str
    releases: ReleaseQuerySet
    # Query string that filters the list on the landing page to the same releases.
    query: str = ""


class ReleaseFeed(Feed):
    """Feed of the newest releases by date, including pre-releases, the install manager and those not on the download page.

    Scripts read the first <link> as the feed's own URL, and "Release date: " followed by the date in Python's format.
    """

    def __init__(self, feed_type: type[SyndicationFeed]) -> None:
        self.feed_type = feed_type

    @method_decorator(require_safe)
    def __call__(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        return super().__call__(request, *args, **kwargs)

    def get_object(self, request: HttpRequest) -> Scope:
        description = _("New releases of Python and the Python install manager.")
        return Scope(_("Python releases"), description, request.path, Release.objects.all())

    def title(self, scope: Scope) -> str:
        return scope.title

    def description(self, scope: Scope) -> str:
        return scope.description

    def link(self, scope: Scope) -> str:
        return f"{settings.BASE_URL}/downloads/{scope.query}"

    def feed_url(self, scope: Scope) -> str:
        return settings.BASE_URL + scope.feed_url

    def items(self, scope: Scope) -> ReleaseQuerySet:
        newest = scope.releases.visible().order_by("-release_date", "-pk")[:SIZE]
        return newest.select_related("release_page").prefetch_related(prefetch_series())

    def item_title(self, release: Release) -> str:
        return release.name

    def item_description(self, release: Release) -> str:
        return f"Release date: {release.release_date}"

    def item_categories(self, release: Release) -> list[str]:
        """Return the warning of a release. It is not part of the description, which scripts parse."""
        warning = release.warning()
        return [warning] if warning else []

    def item_link(self, release: Release) -> str:
        return settings.BASE_URL + release.get_absolute_url()

    def item_pubdate(self, release: Release) -> datetime:
        return release.release_date


class SeriesFeed(ReleaseFeed):
    def get_object(self, request: HttpRequest, major: str = "", minor: str = "") -> Scope:
        series = get_object_or_404(ReleaseSeries, major=major, minor=minor)
        return Scope(
            _("Python %s releases") % series,
            _("New releases of Python %s.") % series,
            request.path,
            Release.objects.filter(series=series),
            f"?series={series}",
        )


class SecurityFeed(ReleaseFeed):
    """Feed of releases that fix known vulnerabilities, and of all releases in the security phase of their series."""

    def get_object(self, request: HttpRequest) -> Scope:
        fixing = [pk for pk, facts in security_facts().items() if facts.fixes]
        return Scope(
            _("Python security releases"),
            _("Releases of Python that fix known vulnerabilities, and releases of versions that receive only security fixes."),
            request.path,
            Release.objects.filter(Q(pk__in=fixing) | Q(pk__in=Release.objects.security_phase().values("pk"))),
        )

    def item_description(self, release: Release) -> str:
        fixes = ", ".join(advisory.title for advisory in facts_of(release).fixes)
        return super().item_description(release) + (f". Fixes {fixes}." if fixes else "")


class RoadmapFeed(Feed):
    """Feed of planned releases, the next one first. An item keeps its identity when its date moves."""

    def __init__(self, feed_type: type[SyndicationFeed]) -> None:
        self.feed_type = feed_type

    @method_decorator(require_safe)
    def __call__(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        return super().__call__(request, *args, **kwargs)

    def get_object(self, request: HttpRequest) -> str:
        return request.path

    def title(self, path: str) -> str:
        return _("Python roadmap")

    def description(self, path: str) -> str:
        return _("Planned releases of Python. Dates may change.")

    def link(self, path: str) -> str:
        return settings.BASE_URL + reverse("downloads:roadmap")

    def feed_url(self, path: str) -> str:
        return settings.BASE_URL + path

    def items(self, path: str) -> list[PlannedRelease]:
        return planned_releases(ReleaseSeries.objects.with_published())

    def item_title(self, plan: PlannedRelease) -> str:
        return _("Python %(name)s, %(state)s") % {
            "name": plan.name,
            "state": _("expected") if plan.is_overdue() else _("planned"),
        }

    def item_description(self, plan: PlannedRelease) -> str:
        return _("Planned date: %s") % long_date(plan.date)

    def item_link(self, plan: PlannedRelease) -> str:
        return f"{settings.BASE_URL}{reverse('downloads:roadmap')}#python-{plan.name}"

    def item_guid(self, plan: PlannedRelease) -> str:
        return self.item_link(plan)

    def item_pubdate(self, plan: PlannedRelease) -> datetime:
        return datetime.combine(plan.date, time(0), UTC)
