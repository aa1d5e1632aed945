"""Takes in the old site's calendars, categories, places and events, with the rules that they had."""

from collections import defaultdict
from datetime import UTC, datetime, time, timedelta

from django.core.exceptions import ValidationError
from django.utils.dateparse import parse_duration
from wagtail.models import Site

from cms import markup
from cms.legacy import Report, importer, rendered, reset_sequence, write

from .models import Calendar, Category, Event, EventsPage, Location

CALENDARS, CATEGORIES, LOCATIONS, EVENTS = "events.calendar", "events.eventcategory", "events.eventlocation", "events.event"
OCCURRING, RECURRING = "events.occurringrule", "events.recurringrule"
FREQUENCIES = {0: "YEARLY", 1: "MONTHLY", 2: "WEEKLY", 3: "DAILY"}


@importer(CALENDARS, Calendar)
def import_calendars(rows: list[dict], report: Report) -> None:
    def values(fields):
        links = {name: fields[name] or "" for name in ("url", "rss", "embed", "twitter")}
        return links | {name: fields[name] or "" for name in ("name", "slug", "description")}

    write(CALENDARS, Calendar, rows, values, report)
    if not EventsPage.objects.exists():
        home = Site.objects.get(is_default_site=True).root_page
        home.add_child(instance=EventsPage(title="Events", slug="events", show_in_menus=True))


@importer(CATEGORIES, Category, after=[CALENDARS])
def import_categories(rows: list[dict], report: Report) -> None:
    def values(fields):
        return {"name": fields["name"], "slug": fields["slug"], "calendar_id": fields["calendar"]}

    write(CATEGORIES, Category, rows, values, report)


@importer(LOCATIONS, Location, after=[CALENDARS])
def import_locations(rows: list[dict], report: Report) -> None:
    def values(fields):
        texts = {name: fields[name] or "" for name in ("name", "address", "url")}
        return texts | {"calendar_id": fields["calendar"]}

    write(LOCATIONS, Location, rows, values, report)


@importer(EVENTS, Event, after=[CALENDARS, CATEGORIES, LOCATIONS])
def import_events(rows: list[dict], report: Report) -> None:
    """Events first get no date but the day of their making; their rules follow and publish them."""
    kinds = set(Category.objects.values_list("pk", flat=True))
    known = set(Event.objects.values_list("pk", flat=True))
    for row in rows:
        fields = row["fields"]
        if row["pk"] in known:
            report.count(EVENTS, "unchanged")
            continue
        text = markup.clean(rendered(fields, "description"))
        event = Event(
            pk=row["pk"],
            title=fields["title"],
            calendar_id=fields["calendar"],
            uid=fields["uid"] or "",
            venue_id=fields["venue"],
            featured=fields["featured"],
            body=[("text", str(text))] if text else [],
            start_date=datetime.fromisoformat(fields["created"]).date(),
            live=False,
        )
        event.categories = [pk for pk in fields["categories"] if pk in kinds]
        try:
            event.full_clean()
            event.save()
        except ValidationError as error:
            report.skip(EVENTS, fields["title"], "; ".join(error.messages), pk=row["pk"])
        else:
            report.count(EVENTS, "created")
    reset_sequence(Event)


@importer(OCCURRING, Event, after=[EVENTS])
def import_occurring_rules(rows: list[dict], report: Report) -> None:
    _publish(OCCURRING, rows, _occurring, report)


@importer(RECURRING, Event, after=[EVENTS, OCCURRING])
def import_recurring_rules(rows: list[dict], report: Report) -> None:
    _publish(RECURRING, rows, _recurring, report)


def _publish(label, rows, read, report):
    """Give events their dates. One that has dates already, or that somebody has changed here, keeps them."""
    rules = defaultdict(list)
    for row in rows:
        rules[row["fields"]["event"]].append(row)
    drafts = Event.objects.filter(first_published_at=None, latest_revision=None).in_bulk(list(rules))
    for pk, group in rules.items():
        event = drafts.get(pk)
        if event is None:
            report.count(label, "kept", len(group))
            continue
        try:
            read(event, group[0]["fields"])
            event.clean()
        except (ValidationError, KeyError, TypeError, ValueError) as error:
            report.skip(label, str(event), f"its dates make no sense ({error}).")
            continue
        event.live = True
        event.first_published_at = event.last_published_at = datetime.combine(event.start_date, time(), tzinfo=UTC)
        event.save()
        report.count(label, "created")
        if len(group) > 1:
            report.note(f"{event} has {len(group)} rules; the first one is taken over.")


def _give_times(event, start, end, *, all_day):
    event.time_zone = "UTC"
    event.start_date, event.end_date = start.date(), max(end, start).date()
    event.start_time = None if all_day else start.time().replace(microsecond=0)
    event.end_time = None if all_day else max(end, start).time().replace(microsecond=0)


def _occurring(event, fields):
    start, end = (datetime.fromisoformat(fields[name]) for name in ("dt_start", "dt_end"))
    _give_times(event, start, end, all_day=fields["all_day"])


def _recurring(event, fields):
    start = datetime.fromisoformat(fields["begin"])
    duration = parse_duration(fields["duration_internal"]) or timedelta(0)
    end = start + (max(duration - timedelta(days=1), timedelta(0)) if fields["all_day"] else duration)
    _give_times(event, start, end, all_day=fields["all_day"])
    until = datetime.fromisoformat(fields["finish"])
    event.rrule = f"FREQ={FREQUENCIES[fields['frequency']]};INTERVAL={fields['interval']};UNTIL={until:%Y%m%dT%H%M%SZ}"
