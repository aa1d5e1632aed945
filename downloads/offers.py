"""Downloads offered for each operating system: the recommended file and the alternatives.

The menu of every page shows them, so the queries select only a few columns, as plain tuples.
"""

from collections import defaultdict
from dataclasses import dataclass, field, replace
from typing import NamedTuple

from django.db.models import Q
from django.http import HttpRequest
from django.urls import reverse
from django.utils.text import slugify

from cms.delivery import cached

from .artifacts import Architecture, Kind
from .compatibility import INSTALL_MANAGER_FROM
from .models import OS, Release, ReleaseFile

INSTALL_MANAGER = Release.Line.INSTALL_MANAGER
WINDOWS = "windows"
LANDING = "/downloads/"
# Columns of File, in its order.
COLUMNS = [
    *("pk", "os_id", "release_id", "name", "url", "description", "filesize", "kind"),
    *("release__name", "release__slug", "release__version", "release__major", "release__minor", "architecture", "sha256_sum"),
]


class File(NamedTuple):
    """File on offer, with the facts about its release that pages show."""

    pk: int
    os_id: int
    release_id: int
    name: str
    url: str
    description: str
    filesize: int
    kind: str
    release_name: str
    release_slug: str
    line: int
    major: int
    minor: int
    architecture: str
    sha256: str

    @property
    def release_url(self) -> str:
        return reverse("downloads:release_detail", args=[self.release_slug])


class Way(NamedTuple):
    """Way to install Python with commands. `key` is its anchor."""

    key: str
    label: str
    command: str
    note: str
    hints: str


@dataclass
class Offer:
    """Operating system with its current files; both are None if it has none yet."""

    os: OS
    python: File | None = None
    manager: File | None = None
    others: list[File] = field(default_factory=list)

    @property
    def ways(self) -> list[Way]:
        """Return the ways to install the offered Python with commands. Commands that need a missing version are left out."""
        file = self.python
        places = {"{series}": f"{file.major}.{file.minor}", "{version}": file.release_name.split()[-1]} if file else {}
        ways = []
        for block in self.os.other_ways:
            command = block.value["command"]
            for place, text in places.items():
                command = command.replace(place, text)
            if places or not any(place in command for place in ("{series}", "{version}")):
                label = block.value["label"]
                key = f"{self.os.slug}-{slugify(label)}"
                ways.append(Way(key, label, command, block.value.get("note") or "", block.value.get("hints") or ""))
        return ways

    @property
    def is_source(self) -> bool:
        """Return whether the file is source code, which is never the primary download because it has to be built."""
        return self.file is not None and self.file.kind == Kind.SOURCE

    @property
    def arm_installer(self) -> File | None:
        """Return the installer for ARM64 if the recommended file is not for that architecture."""
        if self.os.slug != WINDOWS:
            return None
        wanted = (Kind.INSTALLER, Architecture.ARM64)
        return next((file for file in self.others if (file.kind, file.architecture) == wanted), None)

    @property
    def url(self) -> str:
        """Return the URL of the button on the front page: an installer, or the ways to install Python."""
        return self.file.url if self.file and self.file.kind == Kind.INSTALLER else f"{LANDING}#{self.os.slug}"

    @property
    def file(self) -> File | None:
        """Return the recommended file: the install manager if there is one."""
        return self.manager or self.python


def current_offers(also: Release | None = None, series: tuple[int, int] | None = None) -> list[Offer]:
    """Return an offer for each operating system, in their order. Two queries; `also` as in ReleaseQuerySet.visible.

    With a release series (major, minor), the files are those of its newest releases.
    """
    offers = {os.pk: Offer(os) for os in OS.objects.defer("install_notes")}
    files = ReleaseFile.objects.offered(also)
    if series:
        of_series = Q(release__version=Release.Line.PYTHON_3, release__major=series[0], release__minor=series[1])
        with_manager = Q(release__version=INSTALL_MANAGER) if series >= INSTALL_MANAGER_FROM else Q()
        files = files.filter(of_series | with_manager)
    for columns in files.best_of_each_os().values_list(*COLUMNS):
        offer, is_manager = offers[columns[1]], columns[10] == INSTALL_MANAGER
        if is_manager:
            offer.manager = File(*columns)
        else:
            offer.python = File(*columns)
    return list(offers.values())


def latest_python() -> Release | None:
    """Return the newest stable Python 3, cached."""
    return cached.cached("latest-python", lambda: Release.objects.current(Release.Line.PYTHON_3), ["downloads"])


def offers_for(request: HttpRequest) -> list[Offer]:
    """Return the current offers, read once for a request."""
    read = request.__dict__
    if "download_offers" not in read:
        read["download_offers"] = cached.cached("offers", current_offers, ["downloads"])
    return read["download_offers"]


def with_other_installers(offers: list[Offer]) -> list[Offer]:
    """Return the offers with the other installers and archives of their releases. One query."""
    offer_of = {(file.os_id, file.release_id): offer for offer in offers for file in (offer.python, offer.manager) if file}
    current = {file.pk for offer in offers for file in (offer.python, offer.manager) if file}
    found = ReleaseFile.objects.filter(
        release__in={release_id for _, release_id in offer_of}, kind__in=[Kind.INSTALLER, Kind.SOURCE, Kind.EMBEDDABLE]
    )
    others = defaultdict(list)
    for columns in found.exclude(pk__in=current).order_by("name").values_list(*COLUMNS):
        file = File(*columns)
        offer = offer_of.get((file.os_id, file.release_id))
        # An embeddable package is only offered as an alternative to another one.
        if offer and offer.file and (file.kind != Kind.EMBEDDABLE or offer.file.kind == Kind.EMBEDDABLE):
            others[offer.os.pk].append(file)
    # Copies, because the cached offers are shared between requests.
    return [replace(offer, others=others[offer.os.pk]) for offer in offers]
