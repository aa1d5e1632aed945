"""Mutated calendars and feeds: no exception, bounded time and memory, and nothing removed from the site."""

import random
import re
import resource
import time
from pathlib import Path

import pytest
from django.core.exceptions import ValidationError

from community import reading
from events import importing
from events.models import Event, SyncRun
from events.reader import UnreadableError, read_calendar
from events.recurrence import spans
from events.sync import import_events
from tests.factories.events import CalendarFactory

CALENDARS = sorted((Path(__file__).parent / "ics").glob("*.ics"))
FEEDS = sorted((Path(__file__).parents[1] / "community" / "feed_files").glob("*.xml"))
MUTATED = 5_000
MAX_SECONDS, MAX_GROWTH = 2, 200
WORDS = [
    b"99999999",
    b"-1",
    b"\x00",
    b"\xff\xfe",
    b"BEGIN:VEVENT\r\n",
    b"END:VCALENDAR\r\n",
    b"RRULE:FREQ=DAILY\r\n",
    b";",
    b":",
    b'"',
    b"<![CDATA[",
]
WORDS += [
    b"INTERVAL=0",
    b"COUNT=999999999999",
    b"UNTIL=99991231T235959Z",
    b"TZID=",
    b"DTSTART:00010101T000000Z\r\n",
    b"\xed\xa0\x80",
    b"&#0;",
    b"=",
]
OWN = b"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:x\r\n%sEND:VCALENDAR\r\n"
ENTRY = (
    b"BEGIN:VEVENT\r\nUID:own-%d@x\r\nDTSTART:202705%02dT100000Z\r\nDTEND:202705%02dT110000Z\r\nSUMMARY:Own %d\r\nEND:VEVENT\r\n"
)


def mutate(content: bytes, dice: random.Random) -> bytes:
    """Return content with one to six random changes."""
    for _ in range(dice.randint(1, 6)):
        at = dice.randrange(len(content) + 1)
        end = min(len(content), at + dice.randint(1, 60))
        kind = dice.randrange(7)
        if kind == 0:
            content = content[:at] + content[end:]
        elif kind == 1:
            content = content[:at] + dice.choice(WORDS) + content[at:]
        elif kind == 2:
            content = content[:at] + bytes([dice.randrange(256)]) + content[at + 1 :]
        elif kind == 3:
            content = content[:at] + content[at:end] * dice.randint(2, 40) + content[end:]
        elif kind == 4:
            lines = content.splitlines(keepends=True)
            dice.shuffle(lines)
            content = b"".join(lines)
        elif kind == 5:
            content = re.sub(
                rb"\d+",
                lambda found: str(dice.randrange(10 ** dice.randint(1, 9))).encode() if dice.random() < 0.2 else found[0],
                content,
            )
        else:
            content = content[:at]
        content = content or b"x"
    return content


def read(content: bytes) -> str:
    """Read a calendar and compute all of its dates, as an import does. Return how it ended."""
    try:
        parsed = read_calendar(content, "UTC")
    except UnreadableError:
        return "unreadable"
    for one in parsed.events:
        event = Event()
        try:
            importing.check(None, one)
        except ValidationError:
            continue
        importing._apply(event, one, None)
        spans(event)
    return "read" if parsed.is_complete else "cut off"


def peak() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def measure(contents, take):
    """Take each content. Return the outcomes, the slowest in CPU seconds, and the growth of the process in megabytes."""
    before, outcomes, slowest = peak(), [], (0.0, b"")
    for content in contents:
        start = time.process_time()
        outcomes.append(take(content))
        slowest = max(slowest, (time.process_time() - start, content[:2000]))
    return outcomes, slowest, peak() - before


@pytest.mark.nightly
def test_mutated_calendars_are_read_in_bounded_time():
    dice = random.Random(24)  # noqa: S311
    files = [path.read_bytes() for path in CALENDARS]
    outcomes, slowest, growth = measure((mutate(dice.choice(files), dice) for _ in range(MUTATED)), read)
    print(
        f"{MUTATED} calendars: { ({one: outcomes.count(one) for one in set(outcomes)}) }, slowest {slowest[0]:.2f} s, {growth:.0f} MB"  # noqa: E501
    )
    assert slowest[0] < MAX_SECONDS, slowest
    assert growth < MAX_GROWTH


@pytest.mark.nightly
def test_mutated_feeds_are_read_in_bounded_time():
    dice = random.Random(25)  # noqa: S311
    files = [path.read_bytes() for path in FEEDS]

    def take(content):
        try:
            return "read" if list(reading.parse_entries(content, "https://blog.example.org/", [])) else "empty"
        except reading.UnreadableError:
            return "unreadable"

    outcomes, slowest, growth = measure((mutate(dice.choice(files), dice) for _ in range(MUTATED)), take)
    print(
        f"{MUTATED} feeds: { ({one: outcomes.count(one) for one in set(outcomes)}) }, slowest {slowest[0]:.2f} s, {growth:.0f} MB"
    )
    assert slowest[0] < MAX_SECONDS, slowest
    assert growth < MAX_GROWTH


@pytest.mark.nightly
@pytest.mark.django_db
def test_mutated_answers_of_a_source_remove_nothing():
    """A file without a UID that it had before may lack that event only if nothing else shows that the file is damaged."""
    dice = random.Random(26)  # noqa: S311
    own = OWN % b"".join(ENTRY % (number, number + 1, number + 1, number) for number in range(28))
    calendar = CalendarFactory(url="https://example.org/c.ics")
    import_events(calendar, own, SyncRun(calendar=calendar))
    statuses, renamed = [], 0
    for _ in range(MUTATED // 10):
        content = mutate(own, dice)
        run = SyncRun(calendar=calendar)
        try:
            import_events(calendar, content, run)
        except UnreadableError:
            run.status = "failed"
        statuses.append(str(run.status))
        gone = set(Event.objects.filter(live=False, uid__startswith="own-").values_list("uid", flat=True))
        # The only thing that a reader cannot know: a file that is whole, and whose UID is another one.
        assert all(f"UID:{uid}\r".encode() not in content for uid in gone)
        assert len(gone) <= 28 / 3
        renamed += len(gone)
        if gone or run.added or run.changed:
            Event.objects.all().delete()
            import_events(calendar, own, SyncRun(calendar=calendar))
    print(
        f"{len(statuses)} answers: { ({one: statuses.count(one) for one in set(statuses)}) }, {renamed} events whose UID the mutation changed"  # noqa: E501
    )
