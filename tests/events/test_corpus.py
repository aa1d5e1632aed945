"""Each calendar file of `ics/` has the dates of its row in `ics/table.json`, which were entered manually."""

import json
import warnings
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
import recurring_ical_events
from icalendar import Calendar as Component

from events import importing, recurrence
from events.models import Event
from events.reader import read_calendar
from events.recurrence import spans
from tests.events.build_corpus import DOCUMENT, MARK, render_table

FOLDER = Path(__file__).parent / "ics"
TABLE = json.loads((FOLDER / "table.json").read_text(encoding="utf-8"))
AT = datetime(2027, 1, 1, tzinfo=UTC)


def read(name):
    parsed = read_calendar((FOLDER / f"{name}.ics").read_bytes(), "UTC")
    return parsed, {key_of(event, TABLE[name]["dates"]): event for event in parsed.events}


def key_of(event, names):
    """Return the name of an event in the table: its UID, or its title if the reader made the UID."""
    prefix = event.uid.split("#")[0]
    return next((name for name in (event.uid, f"{prefix}#*{event.title}", f"*{event.title}") if name in names), event.uid)


def dates_of(parsed):
    """Return the dates of an event as in the table."""
    event = Event()
    importing._apply(event, parsed, None)
    recurrence.check(event, is_imported=True)
    found = []
    for span in spans(event, AT):
        mark = "x" if span.cancelled or event.status == Event.Status.CANCELLED else ""
        moment = span.starts_at.strftime("%Y-%m-%dT%H:%M:%S").removesuffix(":00")
        end = f"/{span.ends_at:%H:%M}" if span.ends_at != span.starts_at else ""
        found.append(mark + (f"{span.starts_on}..{span.ends_on}" if event.all_day else moment + end))
    return found


def is_same(found, expected):
    """Compare dates; the table names ends only where they matter."""
    short = [one if "/" in wanted else one.split("/")[0] for one, wanted in zip(found, expected, strict=False)]
    return len(found) == len(expected) and short == expected


@pytest.mark.parametrize("name", TABLE)
def test_a_calendar_has_the_dates_that_a_person_reads(name):
    row = TABLE[name]
    parsed, events = read(name)
    wanted = {uid: dates for uid, dates in row["dates"].items() if dates}
    assert set(events) == set(wanted), parsed.problems
    for uid, event in events.items():
        found = dates_of(event)
        assert is_same(found, wanted[uid]), (uid, found, wanted[uid], event)
    sentences = [*parsed.warnings, *(sentence for event in parsed.events for sentence in event.warnings)]
    if "warning" in row:
        assert any(row["warning"] in sentence for sentence in sentences), sentences
    else:
        assert sentences == []
    problems = [str(problem) for problem in parsed.problems]
    assert [row["problem"] in problem for problem in problems] == [True] if "problem" in row else problems == []
    assert parsed.is_complete is row.get("complete", True)
    check_fields(row, list(events.values()))


def check_fields(row, events):
    first = events[0] if events else None
    for name, attribute in (("title", "title"), ("status", "status"), ("place", "place"), ("online", "online_url")):
        if name in row:
            assert getattr(first, attribute) == row[name]
    if "text" in row:
        assert row["text"] in first.text
    if "no_text" in row:
        assert row["no_text"] not in first.text


def other_reader(name):
    """Return the starts of a file by recurring-ical-events, in UTC."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        calendar = Component.from_ical((FOLDER / f"{name}.ics").read_bytes())
        found = recurring_ical_events.of(calendar).between(datetime(2027, 1, 1, tzinfo=UTC), datetime(2028, 1, 1, tzinfo=UTC))
        starts = []
        for event in found:
            start = event["DTSTART"].dt
            if isinstance(start, datetime):
                start = (
                    start.replace(tzinfo=start.tzinfo or UTC).astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S").removesuffix(":00")
                )
            starts.append(str(start))
        return sorted(starts)


@pytest.mark.parametrize("name", [name for name, row in TABLE.items() if "differs" not in row])
def test_another_reader_finds_the_same_dates(name):
    ours = sorted(one.lstrip("x").split("/")[0].split("..")[0] for event in read(name)[1].values() for one in dates_of(event))
    assert other_reader(name) == ours


@pytest.mark.parametrize("name", [name for name, row in TABLE.items() if "differs" in row])
def test_an_exception_from_the_comparison_is_needed(name):
    """A row that names a difference really has one: in dates, in their text, or because the other reader gives up."""
    ours = sorted(one.lstrip("x").split("/")[0].split("..")[0] for event in read(name)[1].values() for one in dates_of(event))
    try:
        found = other_reader(name)
    except Exception:  # noqa: BLE001 -- whatever the other reader raises.
        return
    assert found != ours or "title" in TABLE[name], "Remove “differs” from the case."


def test_the_corpus_is_large_enough_and_complete():
    assert {path.stem for path in FOLDER.glob("*.ics")} == set(TABLE)
    assert len(TABLE) >= 120
    assert all(row["producer"] and row["trait"] for row in TABLE.values())


def test_the_document_lists_each_trait():
    assert DOCUMENT.read_text(encoding="utf-8").endswith(MARK + render_table(TABLE)), "Run python -m tests.events.build_corpus."


def test_digests_are_stable_and_survive_storage():
    for name in TABLE:
        _, events = read(name)
        for event in events.values():
            again = type(event).from_json(json.loads(json.dumps(event.to_json())))
            assert (again, again.digest) == (event, event.digest)


def test_whole_days_span_dates():
    event = Event(start_date=date(2027, 1, 5), end_date=date(2027, 1, 6))
    (span,) = spans(event, AT)
    assert span.ends_on - span.starts_on == timedelta(days=1)
