"""Versions in the names of releases.

"Python 3.14.0rc2" has a PEP 440 version; the install manager has its own numbering: "Python install manager 25.0 beta 9".
"""

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy as _


class Stage(models.IntegerChoices):
    """Stage of a release, in ascending order."""

    ALPHA = 1, _("Alpha")
    BETA = 2, _("Beta")
    CANDIDATE = 3, _("Release candidate")
    FINAL = 4, _("Stable")


class StageName(StrEnum):
    """Name of a stage in API v3 and in lists for programs."""

    ALPHA = "alpha"
    BETA = "beta"
    CANDIDATE = "candidate"
    STABLE = "stable"


STAGE_NAMES = {
    Stage.ALPHA: StageName.ALPHA,
    Stage.BETA: StageName.BETA,
    Stage.CANDIDATE: StageName.CANDIDATE,
    Stage.FINAL: StageName.STABLE,
}
# The documentation has release notes from this major version on.
PYTHON_3 = 3
# Numbers of more than four digits are typing errors, and the columns cannot hold them.
PYTHON_NAME = re.compile(
    r"Python (?P<major>[0-9]{1,4})\.(?P<minor>[0-9]{1,4})(?:\.(?P<patch>[0-9]{1,4}))?(?:(?P<stage>a|b|rc)(?P<serial>[0-9]{1,4}))?"
)
MANAGER_NAME = re.compile(
    r"Python install manager (?P<major>[0-9]{1,4})\.(?P<minor>[0-9]{1,4})(?:\.(?P<patch>[0-9]{1,4}))?"
    r"(?: ?(?P<stage>a|b|rc|alpha|beta) ?(?P<serial>[0-9]{1,4}))?"
)
STAGES = {
    "a": Stage.ALPHA,
    "alpha": Stage.ALPHA,
    "b": Stage.BETA,
    "beta": Stage.BETA,
    "rc": Stage.CANDIDATE,
    None: Stage.FINAL,
}
LETTERS = {Stage.ALPHA: "a", Stage.BETA: "b", Stage.CANDIDATE: "rc"}


@dataclass(frozen=True, order=True)
class Version:
    """Version, sorted in the order of releases."""

    major: int
    minor: int
    patch: int = 0
    stage: Stage = Stage.FINAL
    serial: int = 0

    def __str__(self) -> str:
        suffix = f"{LETTERS[self.stage]}{self.serial}" if self.is_pre_release else ""
        return f"{self.major}.{self.minor}.{self.patch}{suffix}"

    @property
    def is_pre_release(self) -> bool:
        return self.stage != Stage.FINAL

    @property
    def series(self) -> str:
        return f"{self.major}.{self.minor}"

    @property
    def notes_url(self) -> str:
        """Return the URL of the release notes: the changelog of a final release, "What's New" of a pre-release."""
        if self.is_pre_release:
            return self.whatsnew_url
        return self.changelog_url

    @property
    def whatsnew_url(self) -> str:
        return f"https://docs.python.org/{self.series}/whatsnew/{self.series}.html"

    @property
    def changelog_url(self) -> str:
        if self.is_pre_release:
            return f"https://docs.python.org/{self.series}/whatsnew/changelog.html"
        return f"https://docs.python.org/release/{self}/whatsnew/changelog.html"

    @property
    def issues_url(self) -> str:
        """Return the URL of the list of open bugs for the release series."""
        return f"https://github.com/python/cpython/issues?q=is%3Aopen+label%3Atype-bug+label%3A{self.series}"


def parse_name(name: str) -> Version | None:
    """Return the version in the name of a release, or None."""
    match = PYTHON_NAME.fullmatch(name) or MANAGER_NAME.fullmatch(name)
    if match is None:
        return None
    return Version(
        int(match["major"]), int(match["minor"]), int(match["patch"] or 0), STAGES[match["stage"]], int(match["serial"] or 0)
    )


def version_fields(name: str) -> dict[str, Any]:
    """Return the values of other fields of a release that follow from its name; none for a name without a version."""
    version = parse_name(name)
    if version is None:
        return {}
    has_notes = not is_install_manager(name) and version.major == PYTHON_3
    return {"pre_release": version.is_pre_release, "release_notes_url": version.notes_url if has_notes else ""}


def is_install_manager(name: str) -> bool:
    return name.startswith("Python install manager")
