"""Readers of external data about Python: the release cycle of peps.python.org and the PSF's security advisories.

Both return their changes (`cms.platform.holding.Change`) and the reason to hold a run back. Nothing is written until a person,
or a caller that checked the reason, applies the changes.
"""

import calendar
import json
import re
import zlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import date, datetime
from io import BytesIO
from typing import Any
from zipfile import BadZipFile, ZipFile

from django.db import transaction
from django.utils.translation import gettext_lazy as _
from wagtail.log_actions import log

from cms.platform.fetching import FetchError
from cms.platform.holding import Change, Size, reason_to_hold
from cms.platform.text import clean_text, clean_value, parse_int
from users.models import User

from .models import Advisory, PlannedRelease, ReleaseSeries
from .models.advisories import parse_version

MAX_ENTRIES = 500
SERIES = re.compile(r"^(\d{1,2})\.(\d{1,3})$")
ADVISORY = re.compile(r"^PSF-\d{4}-\d{1,6}$")
ADVISORY_FILE = re.compile(r"(^|/)PSF-[1-9]\d{3}-\d{1,6}\.json$")
ADVISORY_FIELDS = (
    *("aliases", "summary", "details", "published", "modified", "withdrawn"),
    *("affected_versions", "fixes", "references"),
)
MAX_ADVISORIES, MAX_UNPACKED = 5000, 50_000_000
MONTH = re.compile(r"^(\d{4})-(\d{2})$")
# Status names of the release cycle -> ours. A series in development has no release yet.
STATUSES = {
    "feature": ReleaseSeries.Status.PRE_RELEASE,
    "prerelease": ReleaseSeries.Status.PRE_RELEASE,
    "bugfix": ReleaseSeries.Status.BUGFIX,
    "security": ReleaseSeries.Status.SECURITY,
    "end-of-life": ReleaseSeries.Status.ENDED,
}
LABELS = {
    "first_release": _("First stable release"),
    "end_of_security": _("End of life"),
    "pep": "PEP",
    "release_manager": _("Release manager"),
}


class UnreadableError(Exception):
    """File that cannot be read, with the reason as a sentence."""


@dataclass
class Plan:
    """Changes of a run, with warnings for staff, and the reason to hold it back."""

    changes: list[Change] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    reason: str = ""


def _load(content: bytes) -> Any:
    try:
        return clean_value(json.loads(content.decode("utf-8-sig")))
    except (ValueError, RecursionError) as error:
        raise UnreadableError("This is not valid JSON, or the file is incomplete.") from error


# Release cycle


@dataclass
class CycleEntry:
    """Release series in the release cycle. `end_month` is the first day of the month if the exact day is unknown."""

    major: int
    minor: int
    status: str
    first_release: date | None
    end_of_life: date | None
    end_month: date | None
    pep: int | None
    release_manager: str


def read_cycle(content: bytes) -> tuple[list[CycleEntry], list[str]]:
    """Return the series of a release-cycle.json, and a sentence for each entry that was left out. Raises UnreadableError."""
    data = _load(content)
    if not isinstance(data, dict) or not data or len(data) > MAX_ENTRIES or not any(SERIES.match(key) for key in data):
        raise UnreadableError("This is not a release cycle: it has no release series.")
    entries, warnings = [], []
    for name, values in data.items():
        found = SERIES.match(name)
        if not found or not isinstance(values, dict) or values.get("status") not in STATUSES:
            warnings.append(f"“{name[:20]}” is not a release series with a known status and was skipped.")
            continue
        first, first_month = _parse_day(values.get("first_release"))
        end, end_month = _parse_day(values.get("end_of_life"))
        for label, value, parsed in (
            ("first_release", values.get("first_release"), first or first_month),
            ("end_of_life", values.get("end_of_life"), end or end_month),
        ):
            if value and parsed is None:
                warnings.append(f"{name}: {label} cannot be read: {str(value)[:20]}.")
        manager = values.get("release_manager")
        entries.append(
            CycleEntry(
                int(found[1]),
                int(found[2]),
                values["status"],
                first,
                end,
                end_month,
                parse_int(values.get("pep"), minimum=1, maximum=99_999),
                clean_text(manager)[:100] if isinstance(manager, str) else "",
            )
        )
    return entries, warnings


def _parse_day(value: Any) -> tuple[date | None, date | None]:
    """Return (day, None), or (None, first day of the month) for a date without a day."""
    text = str(value or "").strip()
    month = MONTH.match(text)
    try:
        if month:
            return None, date(int(month[1]), int(month[2]), 1)
        return (date.fromisoformat(text), None) if text else (None, None)
    except ValueError:
        return None, None


def plan_cycle(content: bytes, at: datetime | None = None) -> Plan:
    """Return the changes that a release-cycle.json would make. Series not in it are never removed. Raises UnreadableError."""
    entries, warnings = read_cycle(content)
    known = {(row.major, row.minor): row for row in ReleaseSeries.objects.with_published()}
    plan = Plan(warnings=warnings)
    for entry in entries:
        row = known.get((entry.major, entry.minor))
        wanted = _wanted(entry, row)
        fields = [
            (str(label), _shown(getattr(row, name, None)), _shown(wanted[name]))
            for name, label in LABELS.items()
            if wanted[name] not in (None, "") and (row is None or getattr(row, name) != wanted[name])
        ]
        name = f"Python {entry.major}.{entry.minor}"
        if row is None or fields:
            data = {key: _shown(value) for key, value in wanted.items() if value not in (None, "")}
            plan.changes.append(Change(Change.CHANGE if row else Change.ADD, f"{entry.major}.{entry.minor}", name, fields, data))
        elif STATUSES[entry.status] != row.status(at):
            plan.warnings.append(f"{name} is “{entry.status}” in the release cycle, but “{row.status(at)}” on this site.")
    missing = len(known.keys() - {(entry.major, entry.minor) for entry in entries})
    if known and missing == len(known):
        plan.reason = "The file does not contain any of the release series of this site."
    else:
        changed = sum(change.action == Change.CHANGE for change in plan.changes)
        plan.reason = reason_to_hold(Size(len(known), changed=changed, noun="release series"))
    return plan


def _wanted(entry: CycleEntry, row: ReleaseSeries | None) -> dict[str, Any]:
    end = entry.end_of_life
    if end is None and entry.end_month:
        stored = row.end_of_security if row else None
        # A month adds nothing to a stored day in the same month.
        is_same = stored and (stored.year, stored.month) == (entry.end_month.year, entry.end_month.month)
        last = calendar.monthrange(entry.end_month.year, entry.end_month.month)[1]
        end = stored if is_same else entry.end_month.replace(day=last)
    return {
        "first_release": entry.first_release,
        "end_of_security": end,
        "pep": entry.pep,
        "release_manager": entry.release_manager,
    }


def _shown(value: Any) -> str:
    return "" if value is None else str(value)


@transaction.atomic
def apply_cycle(changes: list[Change], *, by: User | None = None, source: str = "") -> dict[str, int]:
    """Write changes of release series, and return their numbers by action. Raises ValidationError if dates contradict each other.

    A planned X.Y.0 moves with the date of the first stable release.
    """
    numbers = dict.fromkeys((Change.ADD, Change.CHANGE), 0)
    for change in changes:
        major, minor = (int(part) for part in change.key.split("."))
        row = ReleaseSeries.objects.filter(major=major, minor=minor).first() or ReleaseSeries(major=major, minor=minor)
        is_new = row.pk is None
        numbers[Change.ADD if is_new else Change.CHANGE] += 1
        for name, value in change.data.items():
            if name in LABELS:
                setattr(row, name, ReleaseSeries._meta.get_field(name).to_python(value))
        row.full_clean()
        row.save()
        _move_plan(row)
        log(instance=row, action="wagtail.create" if is_new else "wagtail.edit", user=by, data={"source": source})
    return numbers


def _move_plan(series: ReleaseSeries) -> None:
    plan = PlannedRelease.objects.filter(series=series, name=f"{series.name}.0").first()
    if plan and series.first_release and plan.date != series.first_release:
        plan.date = series.first_release
        plan.save()


# Security advisories


def read_advisory(content: bytes) -> Advisory:
    """Return the advisory in a file PSF-*.json as an unsaved instance. Raises UnreadableError."""
    data = _load(content)
    if not isinstance(data, dict) or not isinstance(data.get("id"), str) or not ADVISORY.match(data["id"]):
        raise UnreadableError("This is not an advisory of the PSF: its ID is not like PSF-2026-1.")
    modified = _parse_moment(data.get("modified"))
    if modified is None:
        raise UnreadableError(f"{data['id']} has no modification date.")
    references = [one.get("url") for one in _dicts(data.get("references"))]
    versions = [version for affected in _dicts(data.get("affected")) for version in _strings(affected.get("versions"))]
    return Advisory(
        name=data["id"],
        aliases=[one for one in _strings(data.get("aliases")) if re.match(r"^[A-Z]+-[\w-]{1,60}$", one)],
        summary=str(data.get("summary") or "")[:500],
        details=str(data.get("details") or "")[:50_000],
        published=_parse_moment(data.get("published")) or modified,
        modified=modified,
        withdrawn=_parse_moment(data.get("withdrawn")),
        affected_versions=sorted({str(version) for version in map(parse_version, versions) if version})[:2000],
        fixes=list(dict.fromkeys(_fixed(data))),
        references=[url for url in references if isinstance(url, str) and re.match(r"^https?://\S+$", url)][:50],
    )


def _fixed(data: dict) -> list[str]:
    """Return the commits and versions that fix an advisory, from the events of all its ranges."""
    found = []
    for affected in _dicts(data.get("affected")):
        for ranges in _dicts(affected.get("ranges")):
            found += [event["fixed"] for event in _dicts(ranges.get("events")) if isinstance(event.get("fixed"), str)]
    return [one for one in found if re.match(r"^[\w.+-]{1,80}$", one)][:200]


def _dicts(value: Any) -> list[dict]:
    return [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []


def _strings(value: Any) -> list[str]:
    return [one for one in value if isinstance(one, str)] if isinstance(value, list) else []


def _parse_moment(value: Any) -> datetime | None:
    try:
        found = datetime.fromisoformat(str(value))
    except ValueError:
        return None
    return found if found.tzinfo else None


def read_archive(content: bytes) -> dict[str, bytes]:
    """Return the advisory files in a ZIP file keyed by name, or a single advisory. Raises UnreadableError."""
    if content[:1] == b"{":
        return {"advisory.json": content}
    try:
        with ZipFile(BytesIO(content)) as archive:
            entries = [entry for entry in archive.infolist() if ADVISORY_FILE.search(entry.filename)]
            if len(entries) > MAX_ADVISORIES or sum(entry.file_size for entry in entries) > MAX_UNPACKED:
                raise UnreadableError("This archive is too large to be an advisory database.")
            return {entry.filename: archive.read(entry) for entry in entries}
    except (BadZipFile, EOFError, OSError, RuntimeError, zlib.error) as error:
        raise UnreadableError("This is not a ZIP file, or the file is incomplete.") from error


def plan_advisories(
    contents: dict[str, bytes], known: dict[str, Advisory], *, versions_of: Callable[[str], list[str]] | None = None
) -> Plan:
    """Return the changes that advisory files would make, by file name. An unreadable advisory keeps its old version.

    The PSF's files name commits. `versions_of` returns the affected releases of a new or changed advisory.
    """
    plan, found = Plan(), {}
    unread = set()
    for name, content in contents.items():
        try:
            advisory = read_advisory(content)
        except UnreadableError as error:
            plan.warnings.append(f"{name[:60]}: {error}")
            unread.add(name.rpartition("/")[2].removesuffix(".json"))
            continue
        found[advisory.name] = advisory
    for key, advisory in sorted(found.items()):
        old = known.get(key)
        if old and advisory.modified < old.modified:
            continue
        if not advisory.affected_versions:
            _find_versions(advisory, old, versions_of, plan)
        data = advisory_data(advisory)
        if old is None:
            plan.changes.append(Change(Change.ADD, key, advisory.title, [("Summary", "", advisory.summary)], data))
        elif advisory_data(old) != data:
            before = advisory_data(old)
            pairs = [(name.replace("_", " ").capitalize(), str(before[name] or ""), str(data[name] or "")) for name in data]
            fields = [pair for pair in pairs if pair[1] != pair[2]]
            plan.changes.append(Change(Change.CHANGE, key, advisory.title, fields, data))
    for key in sorted(known.keys() - found.keys() - unread):
        plan.changes.append(Change(Change.REMOVE, key, known[key].title, [("Summary", known[key].summary, "")]))
    removed = sum(change.action == Change.REMOVE for change in plan.changes)
    changed = sum(change.action == Change.CHANGE for change in plan.changes)
    plan.reason = reason_to_hold(Size(len(known), changed, removed, is_damaged=bool(unread), noun="advisories"))
    return plan


def _find_versions(advisory: Advisory, old: Advisory | None, versions_of: Callable[[str], list[str]] | None, plan: Plan) -> None:
    """Set the affected releases of an advisory that names only commits. Known ones are kept unless it has changed."""
    advisory.affected_versions = old.affected_versions if old else []
    is_known = advisory.affected_versions and old and old.modified == advisory.modified
    if is_known or versions_of is None:
        return
    try:
        advisory.affected_versions = versions_of(advisory.name)
    except (FetchError, UnreadableError) as error:
        plan.warnings.append(f"{advisory.name}: its releases are unknown. {error}")


def advisory_data(advisory: Advisory) -> dict[str, Any]:
    """Return the fields that advisory files contain, as JSON."""
    values = {name: getattr(advisory, name) for name in ADVISORY_FIELDS}
    return {name: value.isoformat() if isinstance(value, datetime) else value for name, value in values.items()}


@transaction.atomic
def apply_advisories(changes: Iterable[Change]) -> dict[str, int]:
    """Write changes of advisories, and return their numbers by action. Values entered by staff are kept."""
    numbers = dict.fromkeys((Change.ADD, Change.CHANGE, Change.REMOVE), 0)
    for change in changes:
        row = Advisory.objects.filter(name=change.key).first()
        numbers[change.action] += 1
        if change.action == Change.REMOVE:
            if row:
                row.delete()
            continue
        row = row or Advisory(name=change.key)
        for name in ADVISORY_FIELDS:
            setattr(row, name, change.data[name])
        # It converts strings to dates.
        row.full_clean()
        row.save()
    return numbers
