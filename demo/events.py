"""Demo events."""

from datetime import date, time, timedelta

from django.utils import timezone
from wagtail.models import Page

from events.models import Calendar, Category, Event, EventsPage, Location

CATEGORIES = {"conference": "Conference", "meetup": "Meetup", "workshop": "Workshop", "sprint": "Sprint"}
PLACES = {
    "leipzig": ("City Library", "Leipzig", "DE", "Europe/Berlin", "51.339700", "12.373100"),
    "lagos": ("Tech Hub", "Lagos", "NG", "Africa/Lagos", "6.524400", "3.379200"),
    "sydney": ("Harbor Hall", "Sydney", "AU", "Australia/Sydney", "-33.868800", "151.209300"),
    "portland": ("Convention Center", "Portland", "US", "America/Los_Angeles", "45.515200", "-122.678400"),
}
# title, calendar, days from now, length in days (0: an evening), place, category, rule, featured
EVENTS = [
    ("PyCon Cascadia", "python-events", 40, 3, "portland", "conference", "", True),
    ("Python Sprint Week", "python-events", -1, 4, "leipzig", "sprint", "", False),
    ("PyCon Lagos", "python-events", 75, 2, "lagos", "conference", "", True),
    ("Data Days Sydney", "python-events", 120, 2, "sydney", "conference", "", False),
    ("Packaging Summit", "python-events", 20, 1, "", "workshop", "", False),
    ("Python for Teachers", "python-events", 12, 1, "leipzig", "workshop", "", False),
    ("Typing Sprint", "python-events", -20, 2, "portland", "sprint", "", False),
    ("Leipzig Python Meetup", "python-user-group", 3, 0, "leipzig", "meetup", "WEEKLY", False),
    ("Lagos Coding Night", "python-user-group", 5, 0, "lagos", "meetup", "MONTHLY", False),
    ("Sydney Python Meetup", "python-user-group", 8, 0, "sydney", "meetup", "MONTHLY", False),
    ("Portland Python for Beginners", "python-user-group", 2, 0, "portland", "meetup", "WEEKLY", False),
    ("Online Help Hour", "python-user-group", 1, 0, "", "meetup", "WEEKLY", False),
    ("Open Source Friday", "python-user-group", 9, 0, "leipzig", "sprint", "", False),
    ("Web Workshop", "python-user-group", 15, 0, "lagos", "workshop", "", False),
    ("Summer Social", "python-user-group", -6, 0, "sydney", "meetup", "", False),
]


def make_pages(home: Page) -> None:
    """Create the landing page of the events under the home page."""
    home.add_child(instance=EventsPage(title="Events", slug="events", show_in_menus=True))


def fill() -> None:
    """Create calendars, locations and events around today, unless events exist."""
    if Event.objects.exists():
        return
    calendars = {
        "python-events": Calendar.objects.create(name="Python Events", slug="python-events", order=10),
        "python-user-group": Calendar.objects.create(
            name="User Groups", slug="python-user-group", order=20, colour=Calendar.Colour.GREEN
        ),
    }
    kinds = {slug: Category.objects.create(name=name, slug=slug) for slug, name in CATEGORIES.items()}
    places = {
        key: Location.objects.create(
            name=name, city=city, country=country, time_zone=zone, latitude=latitude, longitude=longitude
        )
        for key, (name, city, country, zone, latitude, longitude) in PLACES.items()
    }
    today = timezone.now().date()
    for title, calendar, days, length, place, kind, rule, featured in EVENTS:
        first = today + timedelta(days=days)
        event = Event(
            title=title,
            calendar=calendars[calendar],
            description="Meet other Python developers, share what you know and learn something new. Beginners are welcome.",
            start_date=first,
            end_date=first + timedelta(days=length - 1) if length else None,
            start_time=None if length else time(18),
            end_time=None if length else time(20),
            time_zone=places[place].time_zone if place else "UTC",
            venue=places.get(place),
            online_url="" if place else "https://example.org/join",
            rrule=_rule(rule, first),
            featured=featured,
            live=True,
            first_published_at=timezone.now(),
        )
        event.categories = [kinds[kind]]
        event.save()


def _rule(frequency: str, first: date) -> str:
    day = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")[first.weekday()]
    if frequency == "WEEKLY":
        return f"FREQ=WEEKLY;BYDAY={day}"
    return f"FREQ=MONTHLY;BYDAY={min((first.day - 1) // 7 + 1, 4)}{day}" if frequency and first.day <= 28 else ""  # noqa: PLR2004
