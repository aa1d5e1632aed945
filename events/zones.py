"""Time zones by their IANA names, such as Europe/Berlin."""

from datetime import UTC, date, datetime, time, timedelta, timezone
from functools import cache
from zoneinfo import ZoneInfo, available_timezones

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

# Time zone in which a day ends last.
LAST_ON_EARTH = timezone(timedelta(hours=-12))
# Prefixes of legacy zone names, which are not offered.
UNLISTED = ("Etc/", "SystemV/", "posix/", "right/")


@cache
def names() -> frozenset[str]:
    return frozenset(available_timezones())


@cache
def choices() -> list[tuple[str, str]]:
    """Return the available time zones: UTC and those named after a location."""
    places = sorted(name for name in names() if "/" in name and not name.startswith(UNLISTED))
    return [("UTC", "UTC"), *((name, name.replace("_", " ")) for name in places)]


def check(name: str) -> None:
    """Validate the name of a time zone. Raises ValidationError if it does not exist."""
    if name not in names():
        raise ValidationError(
            _("There is no time zone “%(name)s”. Enter an IANA name such as Europe/Berlin, or UTC.") % {"name": name}
        )


def zone(name: str) -> ZoneInfo:
    return ZoneInfo(name if name in names() else "UTC")


def to_utc(wall: datetime, name: str) -> datetime:
    """Convert a local time in a time zone to UTC.

    A time skipped by daylight saving time uses the offset before the change; for a time that occurs twice, the first one is
    used: RFC 5545, 3.3.5.
    """
    return wall.replace(tzinfo=zone(name), fold=0).astimezone(UTC)


def is_skipped(wall: datetime, name: str) -> bool:
    """Return whether clocks skip a local time when daylight saving time begins."""
    return to_utc(wall, name).astimezone(zone(name)).replace(tzinfo=None) != wall


def end_of_day_everywhere(day: date) -> datetime:
    """Return the time when a day is over everywhere on Earth."""
    return datetime.combine(day + timedelta(days=1), time.min, LAST_ON_EARTH).astimezone(UTC)
