"""Build the calendar files in `tests/events/ics/` and their table, `tests/events/ics/table.json`.

    .venv/bin/python -m tests.events.build_corpus

Each case has the program that it imitates, the feature that it tests, and the expected dates, which are entered manually and
never computed by the reader. Times are in UTC; `a..b` are whole days; `x` marks a canceled date.
"""

import json
from pathlib import Path

FOLDER = Path(__file__).parent / "ics"
DOCUMENT = Path(__file__).resolve().parents[2] / "docs" / "calendars.md"
MARK = "<!-- Written by tests/events/build_corpus.py. -->"
CASES: dict[str, tuple[bytes, dict]] = {}
GOOGLE, OUTLOOK, EXCHANGE, APPLE = "Google Calendar", "Outlook", "Exchange", "Apple Calendar"
MEETUP, PRETALX, SCRIPT, MOZILLA = "Meetup", "pretalx", "hand-written script", "Thunderbird"
EVOLUTION, PHONE, VCAL, PYTHON, CAMPUS = (
    "Evolution",
    "Android phone",
    "vCalendar 1.0 device",
    "Python icalendar",
    "campus events system",
)
UNKNOWN = "is unknown"
# Files for which recurring-ical-events returns other dates, or none, with the reason. `test_corpus` checks that each entry is
# needed.
DIFFERS = {
    "broken-end": "the other reader refuses the event",
    "broken-start": "the other reader has no dates",
    "confidential": "private events are not shown",
    "cr-cr-lf": "line ends",
    "cr-only": "line ends",
    "cut-off": "the other reader refuses the file",
    "date-with-end-time": "whole days",
    "display-berlin": "zone",
    "display-eastern": "zone",
    "display-india": "zone",
    "display-london": "zone",
    "display-slashes": "zone",
    "display-unquoted": "the other reader cannot read the line",
    "duration-negative": "the other reader subtracts",
    "end-before-start": "the other reader swaps them",
    "exdate-broken": "the other reader refuses the event",
    "exdate-midnight": "EXDATE of another type",
    "exrule": "the other reader ignores EXRULE",
    "funambol-all-day": "whole days",
    "hour-24": "the other reader refuses the time",
    "hourly": "refused here",
    "interval-0": "refused here",
    "iso-time": "the other reader cannot read the time",
    "latin-1": "encoding",
    "missing-end": "the other reader refuses the file",
    "no-start": "the other reader has no dates",
    "notice-before": "the other reader refuses the file",
    "offset-in-time": "the other reader cannot read the time",
    "outlook-all-day": "whole days",
    "outside-weekly": "COUNT",
    "private": "private events are not shown",
    "redefined": "the other reader trusts the name",
    "rid-date": "RECURRENCE-ID of another type",
    "rid-private": "private dates are not shown",
    "setpos": "COUNT",
    "shared-uid": "the other reader keeps one",
    "stray-line": "the other reader refuses the file",
    "two-calendars": "the other reader takes the first one",
    "two-rules": "refused here",
    "until-broken": "refused here",
    "until-date": "the other reader ends the rule at the start of the day",
    "until-past": "the other reader shows no date",
    "utf-16": "encoding",
    "utf-16-be": "encoding",
    "vcal-daily": "vCalendar 1.0",
    "vcal-latin": "vCalendar 1.0",
    "vcal-monthly": "vCalendar 1.0",
    "vcal-quoted": "vCalendar 1.0",
    "vcal-tz": "vCalendar 1.0",
    "vcal-weekly": "vCalendar 1.0",
    "windows-1252": "encoding",
    "xwr-unknown": "the other reader refuses the zone",
    "xwr-utc-rule": "the other reader moves the rule to X-WR-TIMEZONE, where Wednesday is another day",
    "xwr-windows": "floating",
    "zone-abbreviation": "zone",
    "zone-bare-offset": "zone",
    "zone-blank": "zone",
    "zone-dash": "zone",
    "zone-gmt-minus-5": "zone",
    "zone-lower-case": "zone",
    "zone-utc-half": "zone",
    "zone-utc-plus-2": "zone",
}


def event(uid: str, *lines: str, summary: str = "Meeting") -> str:
    return "\n".join(["BEGIN:VEVENT", f"UID:{uid}", "DTSTAMP:20261101T100000Z", *lines, f"SUMMARY:{summary}", "END:VEVENT", ""])


def wrap(*parts: str, head: str = "") -> str:
    return f"BEGIN:VCALENDAR\nVERSION:2.0\nPRODID:-//Example//EN\n{head}{''.join(parts)}END:VCALENDAR\n"


def case(name: str, producer: str, trait: str, content: str | bytes, dates: dict[str, str], **more) -> None:
    """Add a case. `more`: warning, problem, place, online, text, no_text, status, complete."""
    if isinstance(content, str):
        content = content.replace("\n", "\r\n").encode()
    assert name not in CASES, name
    row = {"producer": producer, "trait": trait, "dates": {uid: text.split() for uid, text in dates.items()}}
    CASES[name] = (content, row | more)


def zone(
    tzid: str, standard: tuple[str, str], summer: tuple[str, str] | None = None, *, year: int = 1601, extra: str = ""
) -> str:
    """Return a VTIMEZONE. Each part is (offset, rule); times of day are those of Windows."""
    offset, rule = standard
    before = summer[0] if summer else offset
    lines = [
        f"BEGIN:VTIMEZONE\nTZID:{tzid}\n{extra}BEGIN:STANDARD\nDTSTART:{year}0101T030000\nTZOFFSETFROM:{before}\nTZOFFSETTO:{offset}\n"
    ]
    lines.append(f"RRULE:{rule}\n" if rule else "")
    lines.append("END:STANDARD\n")
    if summer:
        lines.append(
            f"BEGIN:DAYLIGHT\nDTSTART:{year}0101T020000\nTZOFFSETFROM:{offset}\nTZOFFSETTO:{summer[0]}\nRRULE:{summer[1]}\nEND:DAYLIGHT\n"
        )
    return "".join(lines) + "END:VTIMEZONE\n"


AUTUMN, SPRING = "FREQ=YEARLY;BYDAY=-1SU;BYMONTH=10", "FREQ=YEARLY;BYDAY=-1SU;BYMONTH=3"
US_AUTUMN, US_SPRING = "FREQ=YEARLY;BYDAY=1SU;BYMONTH=11", "FREQ=YEARLY;BYDAY=2SU;BYMONTH=3"
SOUTH_AUTUMN, SOUTH_SPRING = "FREQ=YEARLY;BYDAY=1SU;BYMONTH=4", "FREQ=YEARLY;BYDAY=1SU;BYMONTH=10"
EU = (("+0100", AUTUMN), ("+0200", SPRING))
US = (("-0500", US_AUTUMN), ("-0400", US_SPRING))


def both(tzid: str, quoted: bool = False) -> str:  # noqa: FBT001, FBT002
    """Return an event at noon in January and one in July 2027."""
    name = f'"{tzid}"' if quoted else tzid
    return event("jan", f"DTSTART;TZID={name}:20270120T120000") + event("jul", f"DTSTART;TZID={name}:20270720T120000")


def noon(january: str, july: str) -> dict[str, str]:
    return {"jan": f"2027-01-20T{january}", "jul": f"2027-07-20T{july}"}


def zones() -> None:
    windows = {
        "W. Europe Standard Time": ("11:00", "10:00"),
        "GMT Standard Time": ("12:00", "11:00"),
        "Romance Standard Time": ("11:00", "10:00"),
        "Central Europe Standard Time": ("11:00", "10:00"),
        "FLE Standard Time": ("10:00", "09:00"),
        "Eastern Standard Time": ("17:00", "16:00"),
        "Central Standard Time": ("18:00", "17:00"),
        "Mountain Standard Time": ("19:00", "18:00"),
        "Pacific Standard Time": ("20:00", "19:00"),
        "E. South America Standard Time": ("15:00", "15:00"),
        "India Standard Time": ("06:30", "06:30"),
        "Nepal Standard Time": ("06:15", "06:15"),
        "China Standard Time": ("04:00", "04:00"),
        "Tokyo Standard Time": ("03:00", "03:00"),
        "AUS Eastern Standard Time": ("01:00", "02:00"),
    }
    for name, (january, july) in windows.items():
        slug = name.lower().replace(" standard time", "").replace(". ", "-").replace(" ", "-").strip(".")
        case(
            f"windows-{slug}",
            OUTLOOK,
            "Windows zone name without VTIMEZONE",
            wrap(both(name)),
            noon(january, july),
        )
    defined = {
        "w-europe": ("W. Europe Standard Time", EU, ("11:00", "10:00")),
        "eastern": ("Eastern Standard Time", US, ("17:00", "16:00")),
        "sydney": ("AUS Eastern Standard Time", (("+1000", SOUTH_AUTUMN), ("+1100", SOUTH_SPRING)), ("01:00", "02:00")),
        "custom": ("Customized Time Zone", EU, ("11:00", "10:00")),
        "microsoft-custom": ("tzone://Microsoft/Custom", US, ("17:00", "16:00")),
        "display-name": ("(UTC+01:00) Amsterdam\\, Berlin\\, Bern", EU, ("11:00", "10:00")),
        "no-summer-time": ("Arabian Standard Time", (("+0400", ""),), ("08:00", "08:00")),
    }
    for name, (tzid, parts, times) in defined.items():
        quoted = tzid.replace("\\", "")
        more = {"warning": UNKNOWN} if "ustom" in tzid else {}
        case(
            f"exchange-{name}",
            EXCHANGE,
            "VTIMEZONE from 1601 on",
            wrap(both(quoted, quoted=True), head=zone(tzid, *parts)),
            noon(*times),
            **more,
        )
    prefixed = {
        "mozilla": (MOZILLA, "/mozilla.org/20070129_1/Europe/Berlin", ("11:00", "10:00")),
        "evolution": (EVOLUTION, "/freeassociation.sourceforge.net/Tzfile/America/New_York", ("17:00", "16:00")),
        "olson": (EVOLUTION, "/softwarestudio.org/Olson_20011030_5/America/Argentina/Buenos_Aires", ("15:00", "15:00")),
    }
    for name, (producer, tzid, times) in prefixed.items():
        case(f"prefixed-{name}", producer, "vendor prefix before the zone name", wrap(both(tzid)), noon(*times))
    case(
        "prefixed-defined",
        MOZILLA,
        "vendor prefix with a VTIMEZONE",
        wrap(both("/mozilla.org/x/Europe/Berlin"), head=zone("/mozilla.org/x/Europe/Berlin", *EU)),
        noon("11:00", "10:00"),
    )
    case(
        "redefined",
        SCRIPT,
        "known zone name redefined by the file",
        wrap(both("Europe/Berlin"), head=zone("Europe/Berlin", *US)),
        noon("17:00", "16:00"),
        warning="unusual offsets",
    )
    case(
        "lic-location",
        APPLE,
        "X-LIC-LOCATION of a custom zone",
        wrap(both("My zone"), head=zone("My zone", *EU, extra="X-LIC-LOCATION:Europe/Vienna\n")),
        noon("11:00", "10:00"),
    )
    case(
        "rdate-zone",
        PYTHON,
        "VTIMEZONE by dates, an hour late",
        wrap(
            both("America/New_York"),
            head=(
                "BEGIN:VTIMEZONE\nTZID:America/New_York\nBEGIN:DAYLIGHT\nDTSTART:20260308T030000\nRDATE:20270314T030000\nTZOFFSETFROM:-0500\n"
                "TZOFFSETTO:-0400\nEND:DAYLIGHT\nBEGIN:STANDARD\nDTSTART:20251102T020000\nRDATE:20261101T020000,20271107T020000\n"
                "TZOFFSETFROM:-0400\nTZOFFSETTO:-0500\nEND:STANDARD\nEND:VTIMEZONE\n"
            ),
        ),
        noon("17:00", "16:00"),
    )
    case(
        "zone-without-name",
        SCRIPT,
        "VTIMEZONE without TZID",
        wrap(both("Europe/Berlin"), head=zone("", *EU).replace("TZID:\n", "")),
        noon("11:00", "10:00"),
        warning="without a name",
    )
    case(
        "zone-without-offsets",
        SCRIPT,
        "VTIMEZONE without offsets",
        wrap(both("Europe/Berlin"), head="BEGIN:VTIMEZONE\nTZID:Europe/Berlin\nEND:VTIMEZONE\n"),
        noon("11:00", "10:00"),
        warning="without offsets",
    )
    case(
        "zone-of-no-place",
        SCRIPT,
        "offsets that no place has",
        wrap(both("Ship"), head=zone("Ship", ("+0107", ""))),
        noon("10:53", "10:53"),
        warning="no place uses",
    )
    for name, tzid, times in (
        ("utc-plus-2", "UTC+2", ("10:00", "10:00")),
        ("gmt-minus-5", "GMT-0500", ("17:00", "17:00")),
        ("utc-half", "UTC+05:30", ("06:30", "06:30")),
        ("bare-offset", "+0200", ("10:00", "10:00")),
        ("etc", "Etc/GMT-3", ("09:00", "09:00")),
        ("zulu", "Z", ("12:00", "12:00")),
        ("windows-utc", "Coordinated Universal Time", ("12:00", "12:00")),
        ("lower-case", "europe/berlin", ("11:00", "10:00")),
        ("blank", "America/New York", ("17:00", "16:00")),
        ("dash", "Europe-Berlin", ("11:00", "10:00")),
    ):
        case(f"zone-{name}", SCRIPT, f"zone named {tzid}", wrap(both(tzid)), noon(*times))
    case("zone-quotes", APPLE, "quoted zone name", wrap(both("Europe/Berlin", quoted=True)), noon("11:00", "10:00"))
    case(
        "zone-abbreviation",
        SCRIPT,
        "abbreviation as zone name",
        wrap(both("PST")),
        noon("20:00", "19:00"),
        warning="was read as America/Los_Angeles",
    )
    case("zone-unknown", SCRIPT, "unknown zone name", wrap(both("Moon/Base")), noon("12:00", "12:00"), warning=UNKNOWN)
    for name, tzid, times in (
        ("berlin", "(UTC+01:00) Amsterdam, Berlin, Bern, Rome, Stockholm, Vienna", ("11:00", "10:00")),
        ("eastern", "(UTC-05:00) Eastern Time (US & Canada)", ("17:00", "16:00")),
        ("india", "(UTC+05:30) Chennai, Kolkata, Mumbai, New Delhi", ("06:30", "06:30")),
        ("london", "(UTC) Dublin, Edinburgh, Lisbon, London", ("12:00", "11:00")),
        ("slashes", "(GMT+01.00) Sarajevo/Warsaw/Zagreb", ("11:00", "10:00")),
    ):
        case(
            f"display-{name}",
            OUTLOOK,
            "display name of a Windows zone",
            wrap(both(tzid, quoted=True)),
            noon(*times),
            warning="was read as",
        )
    case(
        "display-unquoted",
        EXCHANGE,
        "display name without quotes",
        wrap(both("(UTC+01:00) Amsterdam")),
        noon("11:00", "10:00"),
        warning="was read as",
    )
    floating = event("jan", "DTSTART:20270120T120000") + event("jul", "DTSTART:20270720T120000")
    case(
        "xwr-floating",
        CAMPUS,
        "floating times with X-WR-TIMEZONE",
        wrap(floating, head="X-WR-TIMEZONE:America/Los_Angeles\n"),
        noon("20:00", "19:00"),
    )
    case(
        "xwr-windows",
        OUTLOOK,
        "floating times with a Windows name in X-WR-TIMEZONE",
        wrap(floating, head="X-WR-TIMEZONE:Eastern Standard Time\n"),
        noon("17:00", "16:00"),
    )
    case(
        "xwr-utc",
        GOOGLE,
        "UTC times with X-WR-TIMEZONE",
        wrap(event("a", "DTSTART:20270205T020000Z"), head="X-WR-TIMEZONE:America/Los_Angeles\n"),
        {"a": "2027-02-05T02:00"},
    )
    case(
        "xwr-utc-rule",
        GOOGLE,
        "rule in UTC with X-WR-TIMEZONE",
        wrap(
            event("a", "DTSTART:20270303T020000Z", "RRULE:FREQ=WEEKLY;BYDAY=WE;COUNT=3"),
            head="X-WR-TIMEZONE:America/Los_Angeles\n",
        ),
        {"a": "2027-03-03T02:00 2027-03-10T02:00 2027-03-17T02:00"},
    )
    case(
        "xwr-unknown",
        SCRIPT,
        "unknown X-WR-TIMEZONE",
        wrap(floating, head="X-WR-TIMEZONE:Mars\n"),
        noon("12:00", "12:00"),
        warning=UNKNOWN,
    )
    case("floating", SCRIPT, "floating times without any zone", wrap(floating), noon("12:00", "12:00"), warning="no time zone")
    case(
        "offset-in-time",
        SCRIPT,
        "offset at the end of a time",
        wrap(event("a", "DTSTART:20270120T120000+0200")),
        {"a": "2027-01-20T10:00"},
    )
    case(
        "iso-time",
        SCRIPT,
        "dashes and colons in a time",
        wrap(event("a", "DTSTART:2027-01-20T12:00:00Z")),
        {"a": "2027-01-20T12:00"},
    )
    case(
        "skipped-hour",
        GOOGLE,
        "start in the hour that clocks skip",
        wrap(event("a", "DTSTART;TZID=Europe/Berlin:20270328T023000")),
        {"a": "2027-03-28T01:30"},
    )
    case(
        "second-hour",
        GOOGLE,
        "start in the hour that occurs twice",
        wrap(event("a", "DTSTART;TZID=Europe/Berlin:20271031T023000")),
        {"a": "2027-10-31T00:30"},
    )


def recurrence() -> None:  # noqa: PLR0915 -- one statement for each case.
    berlin = "DTSTART;TZID=Europe/Berlin:20270105T180000"
    weekly = "RRULE:FREQ=WEEKLY;BYDAY=TU;COUNT=4"
    four = "2027-01-05T17:00 2027-01-12T17:00 2027-01-19T17:00 2027-01-26T17:00"
    without = "2027-01-05T17:00 2027-01-19T17:00 2027-01-26T17:00"

    def series(name, producer, trait, lines, dates, extra="", **more):
        case(name, producer, trait, wrap(event("a", *lines), extra), {"a": dates}, **more)

    series("weekly", GOOGLE, "weekly rule with COUNT", [berlin, weekly], four)
    series(
        "weekly-across-change",
        GOOGLE,
        "weekly rule across a clock change",
        ["DTSTART;TZID=America/New_York:20270302T190000", "RRULE:FREQ=WEEKLY;COUNT=3"],
        "2027-03-03T00:00 2027-03-10T00:00 2027-03-16T23:00",
    )
    for name, trait, line in (
        ("exdate", "EXDATE like DTSTART", "EXDATE;TZID=Europe/Berlin:20270112T180000"),
        ("exdate-utc", "EXDATE in UTC", "EXDATE:20270112T170000Z"),
        ("exdate-zone", "EXDATE in another zone", "EXDATE;TZID=America/New_York:20270112T120000"),
        ("exdate-date", "EXDATE as date", "EXDATE;VALUE=DATE:20270112"),
        ("exdate-midnight", "EXDATE at midnight", "EXDATE;TZID=Europe/Berlin:20270112T000000"),
        ("exdate-floating", "EXDATE without a zone", "EXDATE:20270112T180000"),
    ):
        series(
            name,
            PHONE if "date" in name else GOOGLE,
            trait,
            [berlin, weekly, line],
            without,
        )
    series(
        "exdate-list",
        OUTLOOK,
        "several dates in EXDATE",
        [berlin, weekly, "EXDATE;TZID=Europe/Berlin:20270112T180000,20270119T180000"],
        "2027-01-05T17:00 2027-01-26T17:00",
    )
    series(
        "exdate-lines",
        APPLE,
        "several lines of EXDATE",
        [berlin, weekly, "EXDATE;TZID=Europe/Berlin:20270112T180000", "EXDATE;TZID=Europe/Berlin:20270126T180000"],
        "2027-01-05T17:00 2027-01-19T17:00",
    )
    series(
        "exdate-seconds",
        PHONE,
        "seconds in DTSTART and EXDATE",
        [berlin.replace("180000", "180030"), weekly, "EXDATE;TZID=Europe/Berlin:20270112T180030"],
        without.replace(":00 ", ":00:30 ") + ":30",
    )
    series(
        "exdate-first",
        GOOGLE,
        "first date excluded",
        [berlin, weekly, "EXDATE;TZID=Europe/Berlin:20270105T180000"],
        "2027-01-12T17:00 2027-01-19T17:00 2027-01-26T17:00",
    )
    series(
        "exdate-broken",
        SCRIPT,
        "EXDATE that is not a date",
        [berlin, weekly, "EXDATE:never"],
        four,
        warning="EXDATE cannot be read",
    )
    series("rdate", GOOGLE, "RDATE", [berlin, "RDATE;TZID=Europe/Berlin:20270301T180000"], "2027-01-05T17:00 2027-03-01T17:00")
    series(
        "rdate-period",
        EVOLUTION,
        "RDATE as period",
        [berlin, "RDATE;VALUE=PERIOD:20270301T170000Z/PT1H"],
        "2027-01-05T17:00 2027-03-01T17:00",
    )
    series(
        "until-utc",
        GOOGLE,
        "UNTIL in UTC at the last start",
        [berlin, "RRULE:FREQ=WEEKLY;UNTIL=20270119T170000Z"],
        "2027-01-05T17:00 2027-01-12T17:00 2027-01-19T17:00",
    )
    series(
        "until-date",
        APPLE,
        "UNTIL as date for a time",
        [berlin, "RRULE:FREQ=WEEKLY;UNTIL=20270119"],
        "2027-01-05T17:00 2027-01-12T17:00 2027-01-19T17:00",
    )
    series(
        "until-local",
        OUTLOOK,
        "UNTIL as local time",
        [berlin, "RRULE:FREQ=WEEKLY;UNTIL=20270119T180000"],
        "2027-01-05T17:00 2027-01-12T17:00 2027-01-19T17:00",
    )
    series(
        "until-past",
        SCRIPT,
        "rule ends before the start",
        [berlin, "RRULE:FREQ=WEEKLY;UNTIL=20261231T000000Z"],
        "2027-01-05T17:00",
        warning="ends before the event starts",
    )
    series(
        "until-broken", SCRIPT, "UNTIL that is not a date", [berlin, "RRULE:FREQ=WEEKLY;UNTIL=soon"], "", problem="cannot be read"
    )
    series(
        "days-until",
        GOOGLE,
        "rule of whole days with UNTIL",
        ["DTSTART;VALUE=DATE:20270105", "RRULE:FREQ=DAILY;UNTIL=20270107"],
        "2027-01-05..2027-01-05 2027-01-06..2027-01-06 2027-01-07..2027-01-07",
    )
    series(
        "outside-weekly",
        APPLE,
        "DTSTART outside a weekly rule",
        ["DTSTART;TZID=Europe/Paris:20270106T190000", "RRULE:FREQ=WEEKLY;BYDAY=TH;COUNT=4"],
        "2027-01-06T18:00 2027-01-07T18:00 2027-01-14T18:00 2027-01-21T18:00",
        warning="does not match its recurrence rule",
    )
    series(
        "outside-monthly",
        APPLE,
        "DTSTART outside a monthly rule",
        ["DTSTART;TZID=America/Denver:20270104T180000", "RRULE:FREQ=MONTHLY;BYDAY=2TU;UNTIL=20270430T235959Z"],
        "2027-01-05T01:00 2027-01-13T01:00 2027-02-10T01:00 2027-03-10T01:00 2027-04-14T00:00",
        warning="does not match its recurrence rule",
    )
    series(
        "outside-days",
        GOOGLE,
        "whole day outside its rule",
        ["DTSTART;VALUE=DATE:20270106", "RRULE:FREQ=WEEKLY;BYDAY=MO;UNTIL=20270118"],
        "2027-01-06..2027-01-06 2027-01-11..2027-01-11 2027-01-18..2027-01-18",
        warning="does not match its recurrence rule",
    )
    series(
        "setpos",
        OUTLOOK,
        "BYSETPOS",
        [berlin, "RRULE:FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1;COUNT=3"],
        "2027-01-05T17:00 2027-01-29T17:00 2027-02-26T17:00",
        warning="does not match",
    )
    series(
        "last-day",
        OUTLOOK,
        "last day of the month",
        ["DTSTART;VALUE=DATE:20270131", "RRULE:FREQ=MONTHLY;BYMONTHDAY=-1;COUNT=3"],
        "2027-01-31..2027-01-31 2027-02-28..2027-02-28 2027-03-31..2027-03-31",
    )
    series(
        "day-31",
        GOOGLE,
        "31st of each month",
        ["DTSTART;VALUE=DATE:20270131", "RRULE:FREQ=MONTHLY;COUNT=3"],
        "2027-01-31..2027-01-31 2027-03-31..2027-03-31 2027-05-31..2027-05-31",
    )
    series(
        "every-other-week",
        OUTLOOK,
        "INTERVAL with WKST",
        ["DTSTART:20270103T100000Z", "RRULE:FREQ=WEEKLY;INTERVAL=2;BYDAY=TU,SU;WKST=SU;COUNT=4"],
        "2027-01-03T10:00 2027-01-05T10:00 2027-01-17T10:00 2027-01-19T10:00",
    )
    series(
        "trailing-semicolon",
        SCRIPT,
        "semicolon at the end of a rule",
        [berlin, weekly + ";"],
        four,
    )
    series("lower-case-rule", SCRIPT, "rule in lower case", [berlin, "rrule:freq=weekly;byday=tu;count=4"], four)
    series(
        "interval-0",
        SCRIPT,
        "INTERVAL=0",
        [berlin, "RRULE:FREQ=WEEKLY;INTERVAL=0;COUNT=3"],
        "",
        problem="INTERVAL must be",
    )
    series(
        "hourly",
        SCRIPT,
        "rule by the hour",
        [berlin, "RRULE:FREQ=HOURLY;COUNT=3"],
        "",
        problem="FREQ must be",
    )
    series(
        "two-rules",
        SCRIPT,
        "two different rules",
        [berlin, weekly, "RRULE:FREQ=DAILY;COUNT=2"],
        "",
        problem="more than one recurrence rule",
    )
    series("same-rule-twice", SCRIPT, "the same rule twice", [berlin, weekly, weekly], four)
    series(
        "exrule",
        EVOLUTION,
        "EXRULE",
        [berlin, "RRULE:FREQ=WEEKLY;COUNT=4", "EXRULE:FREQ=WEEKLY;INTERVAL=2;COUNT=2"],
        "2027-01-12T17:00 2027-01-26T17:00",
        warning="EXRULE",
    )

    def override(rid, *lines, summary="Meeting"):
        return event("a", f"RECURRENCE-ID{rid}", *lines, summary=summary)

    moved = "DTSTART;TZID=Europe/Berlin:20270113T190000"
    after = "2027-01-05T17:00 2027-01-13T18:00 2027-01-19T17:00 2027-01-26T17:00"
    for name, trait, rid in (
        ("rid", "RECURRENCE-ID like DTSTART", ";TZID=Europe/Berlin:20270112T180000"),
        ("rid-utc", "RECURRENCE-ID in UTC", ":20270112T170000Z"),
        ("rid-zone", "RECURRENCE-ID in another zone", ";TZID=America/New_York:20270112T120000"),
        ("rid-date", "RECURRENCE-ID as date", ";VALUE=DATE:20270112"),
        ("rid-floating", "RECURRENCE-ID without a zone", ":20270112T180000"),
    ):
        series(name, PHONE if "date" in name else GOOGLE, trait, [berlin, weekly], after, override(rid, moved))
    series(
        "rid-wrong-time",
        OUTLOOK,
        "RECURRENCE-ID with the time of another version",
        [berlin, weekly],
        after,
        override(";TZID=Europe/Berlin:20270112T170000", moved),
        warning="a different time than its rule",
    )
    series(
        "rid-canceled",
        GOOGLE,
        "one date canceled",
        [berlin, weekly],
        "2027-01-05T17:00 x2027-01-12T17:00 2027-01-19T17:00 2027-01-26T17:00",
        override(";TZID=Europe/Berlin:20270112T180000", "DTSTART;TZID=Europe/Berlin:20270112T180000", "STATUS:CANCELLED"),
    )
    series(
        "rid-all-day",
        APPLE,
        "one whole day moved",
        ["DTSTART;VALUE=DATE:20270105", "RRULE:FREQ=WEEKLY;COUNT=2"],
        "2027-01-05..2027-01-05 2027-01-14..2027-01-14",
        override(";VALUE=DATE:20270112", "DTSTART;VALUE=DATE:20270114"),
    )
    series(
        "rid-all-day-time",
        OUTLOOK,
        "whole day changed by a time",
        ["DTSTART;VALUE=DATE:20270105", "RRULE:FREQ=WEEKLY;COUNT=2"],
        "2027-01-05..2027-01-05 2027-01-14..2027-01-14",
        override(":20270112T000000Z", "DTSTART;VALUE=DATE:20270114"),
    )
    series(
        "rid-private",
        EXCHANGE,
        "one date is private",
        [berlin, weekly],
        without,
        override(";TZID=Europe/Berlin:20270112T180000", moved, "CLASS:PRIVATE"),
    )
    series(
        "rid-newest",
        EXCHANGE,
        "the same date changed twice",
        [berlin, weekly],
        after,
        override(";TZID=Europe/Berlin:20270112T180000", "DTSTART;TZID=Europe/Berlin:20270115T190000", "SEQUENCE:1")
        + override(";TZID=Europe/Berlin:20270112T180000", moved, "SEQUENCE:2"),
    )
    case(
        "rid-alone",
        GOOGLE,
        "changed date without its series",
        wrap(override(";TZID=Europe/Berlin:20270112T180000", moved)),
        {"a": "2027-01-13T18:00"},
    )
    future = ";RANGE=THISANDFUTURE;TZID=Europe/Berlin:20270119T180000"
    case(
        "future-time",
        APPLE,
        "later dates at another time",
        wrap(event("a", berlin, weekly), override(future, "DTSTART;TZID=Europe/Berlin:20270119T200000")),
        {"a": "2027-01-05T17:00 2027-01-12T17:00", "a#20270119T1800": "2027-01-19T19:00 2027-01-26T19:00"},
        warning="changed at once",
    )
    case(
        "future-day",
        APPLE,
        "later dates on another weekday",
        wrap(event("a", berlin, weekly), override(future, "DTSTART;TZID=Europe/Berlin:20270121T180000")),
        {"a": "2027-01-05T17:00 2027-01-12T17:00", "a#20270119T1800": "2027-01-21T17:00 2027-01-28T17:00"},
        warning="changed at once",
    )
    case(
        "future-month",
        EVOLUTION,
        "later dates of a monthly rule moved",
        wrap(
            event("a", berlin, "RRULE:FREQ=MONTHLY;BYDAY=1TU;COUNT=4"),
            override(";RANGE=THISANDFUTURE;TZID=Europe/Berlin:20270302T180000", "DTSTART;TZID=Europe/Berlin:20270303T180000"),
        ),
        {"a": "2027-01-05T17:00 2027-02-02T17:00", "a#20270302T1800": "2027-03-03T17:00 2027-04-07T16:00"},
        warning="changed at once",
    )
    case(
        "sequence",
        EXCHANGE,
        "two versions of one event",
        wrap(event("a", "DTSTART:20270105T100000Z", "SEQUENCE:1"), event("a", "DTSTART:20270106T100000Z", "SEQUENCE:2")),
        {"a": "2027-01-06T10:00"},
    )
    case(
        "shared-uid",
        SCRIPT,
        "one UID for all events",
        wrap(event("1", "DTSTART:20270105T100000Z", summary="One"), event("1", "DTSTART:20270106T100000Z", summary="Two")),
        {"1#*One": "2027-01-05T10:00", "1#*Two": "2027-01-06T10:00"},
        warning="the same UID",
    )
    case(
        "no-uid",
        SCRIPT,
        "no UID",
        wrap(event("a", "DTSTART:20270105T100000Z").replace("UID:a\n", "")),
        {"*Meeting": "2027-01-05T10:00"},
        warning="no UID",
    )
    case(
        "method-cancel",
        EXCHANGE,
        "METHOD:CANCEL",
        wrap(event("a", "DTSTART:20270105T100000Z"), head="METHOD:CANCEL\n"),
        {"a": "x2027-01-05T10:00"},
        status="cancelled",
    )


def properties() -> None:
    utc = "DTSTART:20270105T100000Z"

    def one(name, producer, trait, lines, dates, **more):
        case(name, producer, trait, wrap(event("a", *lines)), {"a": dates} if dates else {}, **more)

    one(
        "tentative",
        PRETALX,
        "STATUS:TENTATIVE",
        ["DTSTART;VALUE=DATE:20270501", "DTEND;VALUE=DATE:20270504", "STATUS:TENTATIVE"],
        "2027-05-01..2027-05-03",
        status="tentative",
    )
    one("canceled", MEETUP, "STATUS:CANCELLED", [utc, "STATUS:CANCELLED"], "x2027-01-05T10:00", status="cancelled")
    one("private", OUTLOOK, "CLASS:PRIVATE", [utc, "CLASS:PRIVATE"], "")
    one("confidential", EXCHANGE, "CLASS:CONFIDENTIAL", [utc, "CLASS:CONFIDENTIAL"], "")
    one("public", OUTLOOK, "CLASS:PUBLIC, TRANSP:TRANSPARENT", [utc, "CLASS:PUBLIC", "TRANSP:TRANSPARENT"], "2027-01-05T10:00")
    one(
        "outlook-all-day",
        OUTLOOK,
        "mark of whole days on midnight times",
        [
            "DTSTART;TZID=Europe/Berlin:20270105T000000",
            "DTEND;TZID=Europe/Berlin:20270107T000000",
            "X-MICROSOFT-CDO-ALLDAYEVENT:TRUE",
        ],
        "2027-01-05..2027-01-06",
    )
    one(
        "funambol-all-day",
        PHONE,
        "X-FUNAMBOL-ALLDAY",
        ["DTSTART:20270105T000000", "DTEND:20270106T000000", "X-FUNAMBOL-ALLDAY:1"],
        "2027-01-05..2027-01-05",
    )
    one(
        "end-before-start",
        SCRIPT,
        "DTEND before DTSTART",
        [utc, "DTEND:20270105T090000Z"],
        "2027-01-05T10:00",
        warning="ends before it starts",
    )
    one(
        "equal-days",
        SCRIPT,
        "whole day with equal DTEND",
        ["DTSTART;VALUE=DATE:20270105", "DTEND;VALUE=DATE:20270105"],
        "2027-01-05..2027-01-05",
    )
    one("day-without-end", GOOGLE, "whole day without DTEND", ["DTSTART;VALUE=DATE:20270105"], "2027-01-05..2027-01-05")
    one(
        "days-by-duration",
        APPLE,
        "whole days with DURATION",
        ["DTSTART;VALUE=DATE:20270105", "DURATION:P3D"],
        "2027-01-05..2027-01-07",
    )
    one("duration", MEETUP, "DURATION", [utc, "DURATION:PT1H30M"], "2027-01-05T10:00/11:30")
    one(
        "duration-across-change",
        APPLE,
        "exact DURATION across a clock change",
        ["DTSTART;TZID=Europe/Berlin:20270327T220000", "DURATION:PT8H"],
        "2027-03-27T21:00/05:00",
    )
    one(
        "duration-negative",
        SCRIPT,
        "negative DURATION",
        [utc, "DURATION:-PT1H"],
        "2027-01-05T10:00",
        warning="duration cannot be read",
    )
    one(
        "end-in-other-zone",
        GOOGLE,
        "DTEND in another zone",
        ["DTSTART;TZID=Europe/Berlin:20270105T100000", "DTEND;TZID=America/New_York:20270105T060000"],
        "2027-01-05T09:00/11:00",
    )
    one(
        "end-as-date",
        SCRIPT,
        "time with a date as end",
        [utc, "DTEND;VALUE=DATE:20270106"],
        "2027-01-05T10:00/00:00",
        warning="ends on a date",
    )
    one(
        "date-with-end-time",
        SCRIPT,
        "date with a time as end",
        ["DTSTART;VALUE=DATE:20270105", "DTEND:20270106T120000Z"],
        "2027-01-05..2027-01-06",
        warning="imported as an all-day event",
    )
    one("bare-date", SCRIPT, "date without VALUE=DATE", ["DTSTART:20270105"], "2027-01-05..2027-01-05")
    one(
        "value-date-with-time",
        SCRIPT,
        "VALUE=DATE with a time",
        ["DTSTART;VALUE=DATE:20270105T100000Z"],
        "2027-01-05T10:00",
        warning="marked as a date",
    )
    one(
        "hour-24",
        SCRIPT,
        "24:00 as end of the day",
        [utc, "DTEND:20270105T240000Z"],
        "2027-01-05T10:00/00:00",
    )
    one(
        "no-start",
        SCRIPT,
        "no DTSTART",
        ["DTEND:20270105T100000Z"],
        "",
        problem="no start",
    )
    one(
        "broken-start",
        SCRIPT,
        "DTSTART that is not a date",
        ["DTSTART:20271399T000000Z"],
        "",
        problem="start cannot be read",
    )
    one(
        "broken-end",
        SCRIPT,
        "DTEND that is not a date",
        [utc, "DTEND:soon"],
        "2027-01-05T10:00",
        warning="end cannot be read",
    )


def encodings() -> None:
    utc = "DTSTART:20270105T100000Z"
    text = wrap(event("a", utc, summary="Café Zürich"))
    crlf = text.replace("\n", "\r\n")
    dates = {"a": "2027-01-05T10:00"}
    title = {"title": "Café Zürich"}
    case("latin-1", OUTLOOK, "Latin-1", crlf.encode("latin-1"), dates, warning="Windows-1252", **title)
    case(
        "windows-1252",
        OUTLOOK,
        "Windows-1252 with curly quotes",
        wrap(event("a", utc, summary="“Café”")).encode("cp1252"),
        dates,
        warning="Windows-1252",
        title="“Café”",
    )
    case("utf-16", OUTLOOK, "UTF-16 with BOM", crlf.encode("utf-16"), dates, **title)
    case("utf-16-be", OUTLOOK, "UTF-16, big-endian, without BOM", crlf.encode("utf-16-be"), dates, **title)
    case("utf-8-bom", EXCHANGE, "UTF-8 with BOM", b"\xef\xbb\xbf" + crlf.encode(), dates, **title)
    case("cr-only", APPLE, "CR as line end", text.replace("\n", "\r").encode(), dates, **title)
    case("lf-only", SCRIPT, "LF as line end", text.encode(), dates, **title)
    case("cr-cr-lf", SCRIPT, "CR CR LF as line end", text.replace("\n", "\r\r\n").encode(), dates, **title)
    case(
        "lower-case-names",
        SCRIPT,
        "names in lower case",
        "\r\n".join(
            line.split(":")[0].lower() + line[len(line.split(":")[0]) :]
            if not line.startswith(("BEGIN", "END"))
            else line.lower()
            for line in text.splitlines()
        ).encode(),
        dates,
        **title,
    )
    case(
        "fold-in-letter", GOOGLE, "folding inside a letter", crlf.encode().replace("ü".encode(), b"\xc3\r\n \xbc"), dates, **title
    )
    case("fold-with-tab", APPLE, "folding with a tab", crlf.replace("Café", "Ca\r\n\tfé").encode(), dates, **title)
    case("no-fold", SCRIPT, "very long line", wrap(event("a", utc, "DESCRIPTION:" + "word " * 400)), dates)
    case(
        "raw-line-break",
        SCRIPT,
        "line break inside a text",
        wrap(event("a", utc, "DESCRIPTION:First line\nsecond line")),
        dates,
        warning="line break",
        text="second line",
    )
    case(
        "stray-line",
        SCRIPT,
        "stray line between events",
        wrap(event("a", utc), "X\n", event("b", utc)),
        dates | {"b": "2027-01-05T10:00"},
        warning="was skipped",
    )
    case("stray-line-in-event", SCRIPT, "stray line inside an event", wrap(event("a", "???", utc)), dates, warning="was skipped")
    case(
        "missing-end",
        SCRIPT,
        "END:VEVENT missing",
        wrap(event("a", utc).replace("END:VEVENT\n", ""), event("b", utc)),
        dates | {"b": "2027-01-05T10:00"},
        warning="no end",
    )
    case(
        "cut-off",
        SCRIPT,
        "file cut off in the middle",
        wrap(event("a", utc), event("b", utc))[:-60],
        dates,
        complete=False,
        warning="truncated",
    )
    case(
        "notice-before",
        SCRIPT,
        "text of the server before the calendar",
        "Notice: undefined index in feed.php\n\n" + text,
        dates,
        warning="before BEGIN:VCALENDAR",
        **title,
    )
    case(
        "two-calendars",
        SCRIPT,
        "two calendars in one file",
        wrap(event("a", utc)) + wrap(event("b", utc)),
        dates | {"b": "2027-01-05T10:00"},
    )
    case(
        "control-characters",
        SCRIPT,
        "control characters in a text",
        wrap(event("a", utc, summary="Sprint\x0bin\x00 town")),
        dates,
        title="Sprintin town",
    )
    old = "BEGIN:VCALENDAR\r\nVERSION:1.0\r\n{}BEGIN:VEVENT\r\nUID:a\r\nDTSTART:20270105T100000{}\r\nDTEND:20270105T110000{}\r\n{}END:VEVENT\r\nEND:VCALENDAR\r\n"  # noqa: E501
    case(
        "vcal-quoted",
        VCAL,
        "quoted-printable text",
        old.format("", "Z", "Z", "SUMMARY;CHARSET=UTF-8;ENCODING=QUOTED-PRINTABLE:Caf=C3=A9 Z=\r\n=C3=BCrich\r\n").encode(),
        dates,
        **title,
    )
    case(
        "vcal-latin",
        VCAL,
        "quoted-printable Latin-1",
        old.format("", "Z", "Z", "SUMMARY;QUOTED-PRINTABLE;CHARSET=ISO-8859-1:Caf=E9 Z=FCrich\r\n").encode(),
        dates,
        **title,
    )
    case(
        "vcal-tz",
        VCAL,
        "TZ property with local times",
        old.format("TZ:+02\r\n", "", "", "SUMMARY:x\r\n").encode(),
        {"a": "2027-01-05T08:00"},
    )
    case(
        "vcal-weekly",
        VCAL,
        "rule W1 TU #3",
        old.format("", "Z", "Z", "RRULE:W1 TU #3\r\nSUMMARY:x\r\n").encode(),
        {"a": "2027-01-05T10:00 2027-01-12T10:00 2027-01-19T10:00"},
    )
    case(
        "vcal-monthly",
        VCAL,
        "rule MP1 1+ TU #3",
        old.format("", "Z", "Z", "RRULE:MP1 1+ TU #3\r\nSUMMARY:x\r\n").encode(),
        {"a": "2027-01-05T10:00 2027-02-02T10:00 2027-03-02T10:00"},
    )
    case(
        "vcal-daily",
        VCAL,
        "rule D2 with an end date",
        old.format("", "Z", "Z", "RRULE:D2 20270109T100000Z\r\nSUMMARY:x\r\n").encode(),
        {"a": "2027-01-05T10:00 2027-01-07T10:00 2027-01-09T10:00"},
    )


def texts() -> None:
    utc = "DTSTART:20270105T100000Z"

    def one(name, producer, trait, *lines, **more):
        case(name, producer, trait, wrap(event("a", utc, *lines)), {"a": "2027-01-05T10:00"}, **more)

    one(
        "angle-url",
        OUTLOOK,
        "plain text with a URL in angle brackets",
        "DESCRIPTION:Agenda\\n\\nJoin now<https://meet.example.org/a?b=1>\\nID: 1",
        text='Join now <a href="https://meet.example.org/a?b=1"',
    )
    one(
        "angle-email",
        OUTLOOK,
        "plain text with an email address in angle brackets",
        "DESCRIPTION:Host <host@example.org>",
        text='href="mailto:host@example.org"',
    )
    one(
        "plain-url",
        MEETUP,
        "plain text with a URL",
        "DESCRIPTION:Details: https://example.org/x.",
        text='<a href="https://example.org/x"',
    )
    one(
        "plain-lines",
        MEETUP,
        "lines and paragraphs of plain text",
        "DESCRIPTION:One\\nTwo\\n\\nThree",
        text="<p>One<br>Two</p><p>Three</p>",
    )
    one(
        "less-than",
        SCRIPT,
        "angle brackets that are no tags",
        "DESCRIPTION:if a < b and b > c: pass",
        text="if a &lt; b and b &gt; c: pass",
    )
    one(
        "html",
        GOOGLE,
        "HTML in DESCRIPTION",
        'DESCRIPTION:<b>Bring</b> a <a href="https://example.org/">laptop</a><script>alert(1)</script>',
        text="<strong>Bring</strong>",
        no_text="script",
    )
    one(
        "html-lines",
        GOOGLE,
        "HTML with plain line breaks",
        "DESCRIPTION:<i>One</i>\\nTwo https://example.org/",
        text='<em>One</em><br>Two <a href="https://example.org/"',
    )
    one(
        "html-javascript",
        SCRIPT,
        "link that runs a script",
        'DESCRIPTION:<a href="javascript:alert(1)">x</a><p onclick="x()">y</p>',
        text="x",
        no_text="javascript",
    )
    one(
        "alt-desc",
        OUTLOOK,
        "X-ALT-DESC",
        "DESCRIPTION:plain",
        "X-ALT-DESC;FMTTYPE=text/html:<html><head><title>T</title></head><body><p>Rich <b>text</b></p></body></html>",
        text="<p>Rich <strong>text</strong></p>",
        no_text="plain",
    )
    one(
        "alt-desc-empty",
        OUTLOOK,
        "empty X-ALT-DESC",
        "DESCRIPTION:plain",
        "X-ALT-DESC;FMTTYPE=text/html:<html><body></body></html>",
        text="plain",
    )
    one("entities", GOOGLE, "entities in plain text", "DESCRIPTION:Q&amp;A&nbsp;time", text="Q&amp;A time", no_text="&amp;amp;")
    one("escapes", APPLE, "escaped characters", "DESCRIPTION:a\\, b\\; c\\\\d", text="a, b; c\\d")
    one(
        "location-url",
        MEETUP,
        "URL as LOCATION",
        "LOCATION:https://zoom.example.org/j/1",
        online="https://zoom.example.org/j/1",
        place="",
    )
    one(
        "location-both",
        OUTLOOK,
        "place and meeting URL in LOCATION",
        "LOCATION:Room 5\\; https://us02web.zoom.us/j/99",
        online="https://us02web.zoom.us/j/99",
        place="Room 5",
    )
    one(
        "location-map",
        GOOGLE,
        "map URL in LOCATION",
        "LOCATION:Town hall https://maps.app.goo.gl/abc",
        place="Town hall",
        online="",
    )
    one("location-text", PRETALX, "place", "LOCATION:Town hall\\, Leipzig", place="Town hall, Leipzig", online="")
    one(
        "conference",
        APPLE,
        "CONFERENCE",
        "CONFERENCE;VALUE=URI;FEATURE=PHONE:tel:+123",
        "CONFERENCE;VALUE=URI;FEATURE=VIDEO:https://meet.example.org/x",
        online="https://meet.example.org/x",
    )
    one(
        "google-conference",
        GOOGLE,
        "X-GOOGLE-CONFERENCE",
        "X-GOOGLE-CONFERENCE:https://meet.google.com/abc-defg",
        "LOCATION:Online",
        online="https://meet.google.com/abc-defg",
        place="",
    )
    one(
        "teams",
        OUTLOOK,
        "X-MICROSOFT-SKYPETEAMSMEETINGURL",
        "X-MICROSOFT-SKYPETEAMSMEETINGURL:https://teams.microsoft.com/l/x",
        "LOCATION:Microsoft Teams Meeting",
        online="https://teams.microsoft.com/l/x",
        place="",
    )


def build() -> None:
    for part in (zones, recurrence, properties, encodings, texts):
        part()
    for old in FOLDER.glob("*.ics"):
        old.unlink()
    for name, (content, _) in CASES.items():
        (FOLDER / f"{name}.ics").write_bytes(content)
    table = {name: row | ({"differs": DIFFERS[name]} if name in DIFFERS else {}) for name, (_, row) in sorted(CASES.items())}
    (FOLDER / "table.json").write_text(json.dumps(table, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    head, _, _ = DOCUMENT.read_text(encoding="utf-8").partition(MARK)
    DOCUMENT.write_text(head + MARK + render_table(table), encoding="utf-8")
    print(f"{len(CASES)} files")


def render_table(table: dict[str, dict]) -> str:
    """Return the table of features and programs for the documentation."""
    traits: dict[str, dict[str, list[str]]] = {}
    for name, row in table.items():
        traits.setdefault(row["trait"], {}).setdefault(row["producer"], []).append(f"`{name}`")
    lines = ["", "", "| trait | producers and files |", "|---|---|"]
    for trait, producers in sorted(traits.items(), key=lambda item: item[0].lower()):
        files = "; ".join(f"{producer}: {', '.join(names)}" for producer, names in sorted(producers.items()))
        lines.append(f"| {trait.replace('|', '/')} | {files} |")
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    build()
