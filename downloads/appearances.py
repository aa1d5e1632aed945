"""Where a release will be seen once it is published, by the rules of the public pages."""

from dataclasses import dataclass

from django.urls import reverse

from .models import OS, Release


@dataclass(frozen=True)
class Place:
    """A place on the site. `shown` says whether the release appears there, `note` why or how."""

    name: str
    url: str
    shown: bool
    note: str = ""


@dataclass(frozen=True)
class Group:
    title: str
    places: list[Place]


LATEST = {
    Release.Line.PYTHON_2: "/downloads/latest/python2/",
    Release.Line.PYTHON_3: "/downloads/latest/python3/",
    Release.Line.INSTALL_MANAGER: "/downloads/latest/pymanager/",
}


def rank(release: Release) -> tuple:
    """Sorts as `ReleaseQuerySet.stable_first` does, the other way round: the greatest is the one that "latest" means."""
    return (release.is_stable, *release.sort_key, release.pk or 0)


class Appearances:
    def __init__(self, release: Release):
        self.release = release
        others = Release.objects.visible().exclude(pk=release.pk)
        self.current = others.filter(version=release.version).stable_first().first()
        self.current_of_series = others.filter(series=release.series_id).stable_first().first() if release.series_id else None
        self.platforms = list(OS.objects.filter(files__release=release.pk).distinct()) if release.pk else []
        self.button_platforms = (
            set(OS.objects.filter(files__release=release.pk, files__download_button=True).values_list("pk", flat=True))
            if release.pk
            else set()
        )
        newest = others.filter(version=Release.Line.PYTHON_3).pre_releases().order_by("-release_date", "-pk").first()
        self.is_newest_pre_release = (
            not release.is_stable
            and release.version == Release.Line.PYTHON_3
            and (newest is None or release.release_date >= newest.release_date)
        )

    @property
    def is_latest(self) -> bool:
        """Whether it is, or becomes, what "latest" means for its line."""
        return self.current is None or rank(self.release) > rank(self.current)

    @property
    def is_latest_of_series(self) -> bool:
        return self.current_of_series is None or rank(self.release) > rank(self.current_of_series)

    @property
    def summary(self) -> str:
        """The one sentence that matters most."""
        release = self.release
        line = Release.Line(release.version).label
        if self.is_latest:
            instead = f" in place of {self.current}" if self.current else ""
            return f"Visitors get {release} as the latest {line}{instead}."
        if not release.is_stable:
            return f"A pre-release: {self.current} stays the latest {line}."
        if self.is_latest_of_series:
            instead = f" in place of {self.current_of_series}" if self.current_of_series else ""
            return f"It becomes the latest {release.series}{instead}; {self.current} stays the latest {line}."
        return f"{self.current_of_series} is newer: its page will say that this release is superseded."

    @property
    def groups(self) -> list[Group]:
        groups = [Group("Pages", self.pages()), Group("Platforms", self.platform_pages())]
        return [*groups, Group("Addresses that follow the latest", self.latest()), Group("Feeds and APIs", self.machines())]

    def pages(self) -> list[Place]:
        release = self.release
        own_page = reverse("downloads:release_detail", args=[release.slug]) if release.slug else ""
        listed = release.is_stable and release.show_on_download_page
        why_not = "Pre-releases are not listed." if release.show_on_download_page else "“Show on the download page” is off."
        return [
            Place("Its own page", own_page, shown=True, note=self.notice()),
            Place("Front page: the download button", "/", self.is_on_buttons, self.button_note()),
            Place("Menu: the panel of Downloads", "/", self.is_on_buttons, self.button_note()),
            Place("Download page: the buttons", "/downloads/", self.is_on_buttons, self.button_note()),
            Place("Download page: the list of releases", "/downloads/", listed, "" if listed else why_not),
        ]

    @property
    def is_on_buttons(self) -> bool:
        lines = {Release.Line.PYTHON_3, Release.Line.INSTALL_MANAGER}
        return self.is_latest and self.release.version in lines and bool(self.button_platforms)

    def button_note(self) -> str:
        if not self.is_latest:
            return f"{self.current} stays there."
        return "" if self.button_platforms else "No file of it is a download button."

    def notice(self) -> str:
        if self.release.has_ended():
            return f"With a notice that Python {self.release.series} has ended."
        is_python_3 = self.release.version == Release.Line.PYTHON_3
        newer = self.current_of_series
        if is_python_3 and newer and newer.sort_key > self.release.sort_key and newer.is_stable >= self.release.is_stable:
            return f"With a notice that {newer} supersedes it."
        return ""

    def platform_pages(self) -> list[Place]:
        if not self.platforms:
            return [Place("The page of each platform", "", shown=False, note="The release has no files yet.")]
        column = "stable releases" if self.release.is_stable else "pre-releases"
        return [
            Place(
                os.name,
                os.get_absolute_url(),
                shown=True,
                note="As the download button." if self.is_latest and os.pk in self.button_platforms else f"Among the {column}.",
            )
            for os in self.platforms
        ]

    def latest(self) -> list[Place]:
        release = self.release
        places = []
        if address := LATEST.get(Release.Line(release.version)):
            places.append(Place(address, address, self.is_latest, "" if self.is_latest else f"Leads to {self.current}."))
        if release.series_id and release.version == Release.Line.PYTHON_3:
            address = f"/downloads/latest/python{release.series}/"
            note = "" if self.is_latest_of_series else f"Leads to {self.current_of_series}."
            places.append(Place(address, address, self.is_latest_of_series, note))
        if not release.is_stable and release.version == Release.Line.PYTHON_3:
            note = "" if self.is_newest_pre_release else "Leads to a pre-release of a later day."
            places.append(
                Place("/downloads/latest/prerelease/", "/downloads/latest/prerelease/", self.is_newest_pre_release, note)
            )
        return places

    def machines(self) -> list[Place]:
        release = self.release
        return [
            Place("Feed of all releases", "/downloads/feed.rss", shown=True, note="Among the newest ones, by date."),
            Place("API version 1", f"/api/v1/downloads/release/{release.pk}/", shown=True),
            Place("API version 2", f"/api/v2/downloads/release/{release.pk}/", shown=True),
            Place("API version 3", f"/api/v3/releases/{release.slug}/", shown=True),
            Place("Index of all releases (JSON)", "/api/v3/releases/index.json", shown=True),
        ]
