"""Dates and times are written as in the language of the page: order, names of months, 12 or 24 hours."""

import re
from datetime import UTC, date, datetime, time
from pathlib import Path

import pytest
from django.conf import settings
from django.template import Context, Template
from django.utils import translation

from cms.platform.dates import ENGLISH, OTHERS, show_date, show_days
from downloads.listings import listed_releases
from events.models import Occurrence
from events.templatetags.events import when
from tests.factories.downloads import ReleaseFactory
from tests.factories.events import EventFactory

MOMENT = datetime(2026, 11, 28, 18, 5, 9, tzinfo=UTC)
NAMES = [*ENGLISH, "DATE_FORMAT", "DATETIME_FORMAT", "TIME_FORMAT", "MONTH_DAY_FORMAT", "YEAR_MONTH_FORMAT"]
FILTER = re.compile(r"""\|\s*(?:date|time):\s*(?:"([^"]*)"|'([^']*)'|([\w.]+))""")
# Parts of a date that have no order, and formats for programs.
FREE = re.compile(r"[A-Za-z]|c|Y-m-d|[A-Z_]+_FORMAT")
CALL = re.compile(r"\b(?:date_format|time_format|dateformat)\b")
# The module itself, times by the name of Django's format, and the pictures of releases, which are in English.
CALLERS = {"cms/platform/dates.py", "downloads/social_images.py", "events/feeds.py", "events/rule_builder.py"}
CALLERS |= {"events/templatetags/events.py"}


def test_no_template_writes_a_format_out():
    found = []
    for file in (Path(settings.BASE_DIR) / "templates").rglob("*.*"):
        for match in FILTER.finditer(file.read_text(encoding="utf-8")):
            text = next(part for part in match.groups() if part is not None)
            if not FREE.fullmatch(text):
                found.append(f"{file.relative_to(settings.BASE_DIR)}: {match[0]}")
    assert not found, "Use a name of cms/platform/dates.py: " + ", ".join(found)


def test_no_module_writes_a_format_out():
    root = Path(settings.BASE_DIR)
    apps = ["cms", "community", "demo", "downloads", "events", "home", "importer", "jobs", "psf", "pydotorg", "sponsors", "users"]
    files = [file for app in apps for file in (root / app).rglob("*.py") if "migrations" not in file.parts]
    callers = {file.relative_to(root).as_posix() for file in files if CALL.search(file.read_text(encoding="utf-8"))}
    assert callers == CALLERS, "Use show_date of cms/platform/dates.py."


def render(name):
    return Template(f'{{{{ at|localized:"{name}" }}}}').render(Context({"at": MOMENT}))


@pytest.mark.parametrize(
    ("name", "english", "spanish"),
    [
        ("DATE_FORMAT", "Nov 28, 2026", "28 de noviembre de 2026"),
        ("DATETIME_FORMAT", "Nov 28, 2026, 6:05 PM", "28 de noviembre de 2026 a las 18:05"),
        ("TIME_FORMAT", "6:05 PM", "18:05"),
        ("MONTH_DAY_FORMAT", "Nov 28", "28 de noviembre"),
        ("YEAR_MONTH_FORMAT", "November 2026", "noviembre de 2026"),
        ("DAY_TIME", "Nov 28, 6:05 PM", "28 de noviembre, 18:05"),
        ("DAY_TIME_SECONDS", "Nov 28, 6:05:09 PM UTC", "28 de noviembre, 18:05:09 UTC"),
        ("DAY_TIME_ZONE", "Nov 28, 6:05 PM UTC", "28 de noviembre, 18:05 UTC"),
        ("DATETIME_SECONDS", "Nov 28, 2026, 6:05:09 PM UTC", "28 de noviembre de 2026, 18:05:09 UTC"),
        ("DATETIME_ZONE", "Nov 28, 2026, 6:05 PM UTC", "28 de noviembre de 2026 a las 18:05 UTC"),
        ("DATETIME_ZONE_NAME", "Nov 28, 2026, 6:05 PM UTC", "28 de noviembre de 2026 a las 18:05 UTC"),
        ("LONG_DATE", "November 28, 2026", "28 de noviembre de 2026"),
        ("LONG_DATETIME_ZONE", "November 28, 2026, at 6:05 PM UTC", "28 de noviembre de 2026 a las 18:05 UTC"),
        ("WEEKDAY", "Saturday, November 28", "sábado, 28 de noviembre"),
        ("WEEKDAY_DATE", "Saturday, November 28, 2026", "sábado, 28 de noviembre de 2026"),
    ],
)
def test_a_format_has_a_form_in_each_language(name, english, spanish):
    assert render(name) == english
    with translation.override("en-gb"):
        assert render(name) == english
    with translation.override("es"):
        assert render(name).replace("Sábado", "sábado") == spanish


# Dutch has no pages here, and staff can choose it for the admin.
@pytest.mark.parametrize("language", [code for code, _ in settings.LANGUAGES] + ["nl"])
def test_each_language_has_all_formats(language):
    assert ENGLISH.keys() == OTHERS.keys()
    with translation.override(language):
        for name in NAMES:
            shown = show_date(MOMENT, name) if name != "TIME_FORMAT" else render(name)
            assert shown
            assert not re.search(r"[A-Z]{2,}_", shown)


@pytest.mark.parametrize(
    ("first", "last", "english", "spanish", "japanese"),
    [
        ((5, 3), (5, 3), "May 3, 2026", "3 de mayo de 2026", "2026年5月3日"),
        ((5, 3), (5, 5), "May 3–5, 2026", "3–5 de mayo de 2026", "2026年5月3日 – 2026年5月5日"),
        ((5, 3), (6, 1), "May 3 – Jun 1, 2026", "3 de mayo – 1 de junio de 2026", "2026年5月3日 – 2026年6月1日"),
    ],
)
def test_a_range_names_a_month_once(first, last, english, spanish, japanese):
    days = date(2026, *first), date(2026, *last)
    assert show_days(*days) == english
    for language, expected in (("es", spanish), ("ja", japanese)):
        with translation.override(language):
            assert show_days(*days) == expected


@pytest.mark.django_db
def test_the_list_of_releases_has_the_dates_of_the_language():
    ReleaseFactory(release_date=MOMENT)
    assert [row.date for row in listed_releases([])] == ["Nov 28, 2026"]
    with translation.override("es"):
        assert [row.date for row in listed_releases([])] == ["28 de noviembre de 2026"]


@pytest.mark.django_db
def test_an_event_has_the_hours_of_the_language():
    times = {"start_date": date(2026, 5, 3), "start_time": time(18), "time_zone": "Europe/Berlin"}
    EventFactory(**times, end_date=date(2026, 5, 3), end_time=time(20))
    occurrence = Occurrence.objects.get()
    assert when(occurrence, MOMENT) == "May 3, 6:00–8:00 PM CEST"
    with translation.override("es"):
        assert when(occurrence, MOMENT) == "3 de mayo, 18:00–20:00 CEST"
