"""Places where a release appears once it is published, from the querysets of the public pages."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.translation import gettext

from cms.delivery import live_checks
from cms.email.models import render_template

from .feeds import SIZE
from .models import OS, Outlet, Release
from .offers import current_offers


@dataclass(frozen=True)
class Place:
    """Place on the site. `shown` says whether the release appears there, `note` explains it."""

    name: str
    url: str
    shown: bool
    note: str = ""


@dataclass(frozen=True)
class Group:
    title: str
    places: list[Place]


class Appearances:
    """Places of a saved release. Unsaved changes of the form do not count."""

    def __init__(self, release: Release) -> None:
        self.release = release
        self.is_python_3 = release.version == Release.Line.PYTHON_3
        self.as_published = Release.objects.visible(also=release)

    @cached_property
    def latest(self) -> Release:
        """Return the latest release of the version line, with this release among the published ones."""
        return self.as_published.filter(version=self.release.version).stable_first()[0]

    @cached_property
    def latest_of_series(self) -> Release | None:
        series = self.release.series_id
        return self.as_published.filter(series=series).stable_first()[0] if series else None

    @cached_property
    def latest_pre_release(self) -> Release:
        return self.as_published.filter(version=Release.Line.PYTHON_3).pre_releases().order_by("-release_date", "-pk")[0]

    @cached_property
    def replaced(self) -> Release | None:
        """Return the latest release of the version line without this one."""
        others = Release.objects.visible().exclude(pk=self.release.pk)
        return others.filter(version=self.release.version).stable_first().first()

    @cached_property
    def platforms(self) -> list[OS]:
        return list(OS.objects.filter(files__release=self.release.pk).defer("install_notes", "other_ways").distinct())

    @cached_property
    def offering(self) -> list[OS]:
        """Return the operating systems whose download button is a file of this release."""
        return [
            offer.os
            for offer in current_offers(also=self.release)
            if self.release.pk in {file.release_id for file in (offer.python, offer.manager) if file}
        ]

    @property
    def summary(self) -> str:
        """Return the most important consequence of publishing, as one sentence."""
        release, line = self.release, Release.Line(self.release.version).label
        if self.latest == release:
            instead = gettext(", replacing %(replaced)s") % {"replaced": self.replaced} if self.replaced else ""
            sentence = (
                gettext("%(release)s is the latest %(line)s release.")
                if release.live
                else gettext("When published, %(release)s becomes the latest %(line)s release%(instead)s.")
            )
            return sentence % {
                "release": release,
                "line": line,
                "instead": instead,
            }
        if self.latest_of_series == release and release.is_stable:
            sentence = (
                gettext("%(release)s is the latest release of %(series)s. %(latest)s is the latest %(line)s release.")
                if release.live
                else gettext(
                    "When published, %(release)s becomes the latest release of %(series)s. "
                    "%(latest)s remains the latest %(line)s release."
                )
            )
            return sentence % {
                "release": release,
                "series": release.series,
                "latest": self.latest,
                "line": line,
            }
        if not release.is_stable:
            return gettext("%(release)s is a pre-release. %(latest)s remains the latest %(line)s release.") % {
                "release": release,
                "latest": self.latest,
                "line": line,
            }
        return gettext("%(latest_of_series)s is newer. The page says that this release has been superseded.") % {
            "latest_of_series": self.latest_of_series
        }

    @property
    def groups(self) -> list[Group]:
        return [
            Group("Pages", self.pages()),
            Group("Operating systems", self.platform_pages()),
            Group("Links to the latest release", self.latest_links()),
            Group("Feeds and APIs", self.machines()),
        ]

    def pages(self) -> list[Place]:
        release = self.release
        listed = release.is_stable and release.show_on_download_page
        why_not = (
            gettext("“Show on the download page” is not selected.")
            if release.is_stable
            else gettext("Only stable releases are listed, whatever “Show on the download page” says.")
        )
        names = ", ".join(os.name for os in self.offering)
        buttons = (
            gettext("For %(names)s.") % {"names": names}
            if names
            else gettext("It is not the recommended download for any operating system.")
        )
        return [
            Place(
                gettext("Release page"), reverse("downloads:release_detail", args=[release.slug]), shown=True, note=self.notice()
            ),
            Place(gettext("Home page: download button"), "/", shown=bool(names), note=buttons),
            Place(gettext("Downloads menu"), reverse("downloads:os_list"), shown=bool(names), note=buttons),
            Place(gettext("Download page: buttons"), "/downloads/", shown=bool(names), note=buttons),
            Place(gettext("Download page: list of releases"), "/downloads/", shown=listed, note="" if listed else why_not),
        ]

    def notice(self) -> str:
        if self.release.has_ended():
            return gettext("With a notice that Python %(series)s has reached its end of life.") % {"series": self.release.series}
        newer = self.latest_of_series
        if self.is_python_3 and newer and newer.sort_key > self.release.sort_key:
            return gettext("With a notice that it has been superseded by %(newer)s.") % {"newer": newer}
        return ""

    def platform_pages(self) -> list[Place]:
        if not self.platforms:
            return [Place(gettext("Operating system pages"), "", shown=False, note=gettext("The release has no files yet."))]
        column = gettext("Under stable releases.") if self.release.is_stable else gettext("Under pre-releases.")
        return [
            Place(
                os.name, os.get_absolute_url(), True, gettext("As the recommended download.") if os in self.offering else column
            )
            for os in self.platforms
        ]

    def latest_links(self) -> list[Place]:
        release, places = self.release, []
        lines = {Release.Line.PYTHON_2: "python2", Release.Line.PYTHON_3: "python3", Release.Line.INSTALL_MANAGER: "pymanager"}
        if name := lines.get(Release.Line(release.version)):
            url = f"/downloads/latest/{name}/"
            leads_to_stable = self.latest.is_stable or self.latest.is_install_manager
            none = Place(url, url, shown=False, note=gettext("There is no stable release yet."))
            places.append(self.latest_link(url, self.latest) if leads_to_stable else none)
        if self.latest_of_series and release.version != Release.Line.PYTHON_1:
            places.append(self.latest_link(f"/downloads/latest/python{release.series}/", self.latest_of_series))
        if self.is_python_3 and not release.is_stable:
            places.append(self.latest_link("/downloads/latest/prerelease/", self.latest_pre_release))
        return places

    def latest_link(self, url: str, target: Release) -> Place:
        return Place(
            url,
            url,
            target == self.release,
            "" if target == self.release else gettext("Redirects to %(target)s.") % {"target": target},
        )

    def machines(self) -> list[Place]:
        release = self.release
        newest = self.as_published.order_by("-release_date", "-pk").values_list("pk", flat=True)[:SIZE]
        is_new = release.pk in set(newest)
        note = gettext("Among the latest releases by date.") if is_new else gettext("%(number)s are newer.") % {"number": SIZE}
        places = [Place(gettext("Feed of all releases"), reverse("downloads:feed_rss"), is_new, note)]
        if series := release.series:
            url = reverse("downloads:series_feed_rss", args=[series.major, series.minor])
            places.append(Place(gettext("Feed of Python %(series)s releases") % {"series": series}, url, shown=True))
            ends = series.end_of_bugfixes
            if release.is_stable and ends and release.release_date.date() >= ends:
                places.append(Place(gettext("Feed of security releases"), reverse("downloads:security_feed_rss"), shown=True))
        return [
            *places,
            Place(gettext("API version 1"), f"/api/v1/downloads/release/{release.pk}/", shown=True),
            Place(gettext("API version 2"), f"/api/v2/downloads/release/{release.pk}/", shown=True),
            Place(gettext("API version 3"), f"/api/v3/releases/{release.slug}/", shown=True),
            Place(gettext("Index of all releases (JSON)"), "/api/v3/releases/index.json", shown=True),
        ]


def link_variables(release: Release) -> dict[str, str]:
    """Return the variables for the URL of a step or an outlet."""
    series = release.series.name if release.series else ""
    return {"name": release.name, "version": release.version_string, "series": series, "slug": release.slug}


# Search results are cached for five minutes without being purged.
SEARCH_MINUTES = 6


def live_places(release: Release) -> Iterator[live_checks.Place]:
    """Return the places where a published release must be visible, with the text to find: its version, or its URL."""
    page = reverse("downloads:release_detail", args=[release.slug])
    for group in Appearances(release).groups:
        for place in group.places:
            if place.shown and place.url and place.url != page:
                is_redirect = place.url.startswith("/downloads/latest/")
                yield live_checks.Place(place.name, place.url, page if is_redirect else release.version_string)
    search = f"{reverse('search')}?{urlencode({'q': release.version_string})}"
    yield live_checks.Place(gettext("Search"), search, page, wait_minutes=SEARCH_MINUTES)
    if not release.release_page_id:
        yield live_checks.Place(gettext("Sitemap"), "/sitemap.xml", page)
    variables = link_variables(release)
    for outlet in Outlet.objects.of(release):
        url, expected = render_template(outlet.url, variables), render_template(outlet.expected, variables)
        yield live_checks.Place(outlet.name, url, expected, is_outside=True, wait_minutes=outlet.wait_minutes)


live_checks.register_places(Release, live_places)
