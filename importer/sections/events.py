"""Import calendars, categories, locations and events with their recurrence rules."""

from collections import defaultdict
from collections.abc import Callable
from datetime import UTC, datetime, time, timedelta
from typing import Any

from django.utils.dateparse import parse_duration
from wagtail.models import Site

from cms.content import markup
from cms.platform.sequences import reset_sequence
from events.models import Calendar, Category, Event, EventsPage, Location
from importer.core import DATA_ERRORS, Report, importer, is_edited_here, rendered, same, write
from importer.core.report import reason_of

CALENDARS, CATEGORIES, LOCATIONS, EVENTS = "events.calendar", "events.eventcategory", "events.eventlocation", "events.event"
OCCURRING, RECURRING = "events.occurringrule", "events.recurringrule"
FREQUENCIES = {0: "YEARLY", 1: "MONTHLY", 2: "WEEKLY", 3: "DAILY"}


@importer(CALENDARS, Calendar)
def import_calendars(rows: list[dict], report: Report) -> None:
    def values(fields: dict[str, Any]) -> dict[str, Any]:
        links = {name: fields[name] or "" for name in ("url", "rss", "embed", "twitter")}
        return links | {name: fields[name] or "" for name in ("name", "slug", "description")}

    write(CALENDARS, Calendar, rows, values, report)
    events_page()


def events_page() -> EventsPage:
    home = Site.objects.get(is_default_site=True).root_page
    return EventsPage.objects.first() or home.add_child(instance=EventsPage(title="Events", slug="events", show_in_menus=True))


@importer(CATEGORIES, Category, after=[CALENDARS])
def import_categories(rows: list[dict], report: Report) -> None:
    def values(fields: dict[str, Any]) -> dict[str, Any]:
        return {"name": fields["name"], "slug": fields["slug"], "calendar_id": fields["calendar"]}

    write(CATEGORIES, Category, rows, values, report)


@importer(LOCATIONS, Location, after=[CALENDARS])
def import_locations(rows: list[dict], report: Report) -> None:
    def values(fields: dict[str, Any]) -> dict[str, Any]:
        texts = {name: fields[name] or "" for name in ("name", "address", "url")}
        return texts | {"calendar_id": fields["calendar"]}

    write(LOCATIONS, Location, rows, values, report)


@importer(EVENTS, Event, after=[CALENDARS, CATEGORIES, LOCATIONS])
def import_events(rows: list[dict], report: Report) -> None:
    """Import events as drafts dated by their creation. Importing their rules sets the dates and publishes them."""
    kinds = set(Category.objects.values_list("pk", flat=True))
    here = Event.objects.in_bulk([row["pk"] for row in rows])
    for row in rows:
        with report.row(EVENTS, row):
            fields, known = row["fields"], here.get(row["pk"])
            values = _event_values(fields)
            wanted = sorted(kinds.intersection(fields["categories"]))
            if known and all(same(getattr(known, name), value) for name, value in values.items()) and _kinds(known) == wanted:
                report.count(EVENTS, "unchanged")
                continue
            if known and is_edited_here(known):
                report.keep(EVENTS, row["pk"], str(known))
                continue
            event = known or Event(pk=row["pk"], live=False, start_date=datetime.fromisoformat(fields["created"]).date())
            for name, value in values.items():
                setattr(event, name, value)
            event.categories = wanted
            event.full_clean()
            event.save()
            report.count(EVENTS, "changed" if known else "created")
    reset_sequence(Event)


def _kinds(event: Event) -> list[int]:
    return sorted(category.pk for category in event.categories.all())


def _event_values(fields: dict) -> dict:
    text = str(markup.clean(rendered(fields, "description")))
    return {
        "title": fields["title"],
        "calendar_id": fields["calendar"],
        "uid": fields["uid"] or "",
        "venue_id": fields["venue"],
        "featured": fields["featured"],
        "body": [("text", text)] if text else [],
    }


@importer(OCCURRING, Event, after=[EVENTS])
def import_occurring_rules(rows: list[dict], report: Report) -> None:
    _publish(OCCURRING, rows, _occurring, report)


@importer(RECURRING, Event, after=[EVENTS, OCCURRING])
def import_recurring_rules(rows: list[dict], report: Report) -> None:
    _publish(RECURRING, rows, _recurring, report)


def _publish(label: str, rows: list[dict], read: Callable[[Event, list[dict]], None], report: Report) -> None:
    """Set the dates of events, unless they were changed here."""
    rules = defaultdict(list)
    for row in rows:
        rules[row["fields"]["event"]].append(row)
    events = Event.objects.in_bulk(list(rules))
    for pk, group in rules.items():
        event = events.get(pk)
        for row in group if event is None else []:
            report.skip(label, f"{label} {row['pk']}", f"its event {pk} is missing.", pk=row["pk"])
        if event is not None:
            _give_dates(label, event, group, read, report)


def _give_dates(label: str, event: Event, group: list[dict], read: Callable[[Event, list[dict]], None], report: Report) -> None:
    before = _dates(event)
    is_dated = event.first_published_at is not None
    if is_dated and label == RECURRING and not event.rrule:
        reason = "its event already has dates and a rule. Add the other dates manually."
        for row in group:
            report.skip(label, f"{label} {row['pk']}", reason, pk=row["pk"])
        return
    try:
        read(event, [row["fields"] for row in group])
        event.clean()
    except DATA_ERRORS as error:
        for row in group:
            report.skip(label, str(event), f"its dates are invalid ({reason_of(error)})", pk=row["pk"])
        return
    if is_dated and _dates(event) == before:
        report.count(label, "unchanged", len(group))
    elif is_dated and is_edited_here(event):
        for row in group:
            report.keep(label, row["pk"], str(event))
    else:
        event.live = True
        event.first_published_at = event.last_published_at = datetime.combine(event.start_date, time(), tzinfo=UTC)
        event.save()
        report.count(label, "changed" if is_dated else "created", len(group))


def _dates(event: Event) -> tuple:
    return tuple(getattr(event, name) for name in ("start_date", "end_date", "start_time", "end_time", "rrule", "rdates"))


def _give_times(event: Event, start: datetime, end: datetime, *, all_day: bool) -> None:
    event.time_zone = "UTC"
    event.start_date, event.end_date = start.date(), max(end, start).date()
    event.start_time = None if all_day else start.time().replace(microsecond=0)
    event.end_time = None if all_day else max(end, start).time().replace(microsecond=0)


def _occurring(event: Event, rules: list[dict]) -> None:
    """Set the dates from the first rule, and additional dates from the other rules."""
    first, *others = sorted(rules, key=lambda fields: fields["dt_start"])
    start, end = (datetime.fromisoformat(first[name]) for name in ("dt_start", "dt_end"))
    _give_times(event, start, end, all_day=first["all_day"])
    starts = [datetime.fromisoformat(fields["dt_start"]) for fields in others]
    event.rdates = "\n".join(f"{moment:%Y-%m-%d}" if first["all_day"] else f"{moment:%Y-%m-%dT%H:%M}" for moment in starts)


def _recurring(event: Event, rules: list[dict]) -> None:
    fields = rules[0]
    start = datetime.fromisoformat(fields["begin"])
    duration = parse_duration(fields["duration_internal"]) or timedelta(0)
    end = start + (max(duration - timedelta(days=1), timedelta(0)) if fields["all_day"] else duration)
    _give_times(event, start, end, all_day=fields["all_day"])
    until = datetime.fromisoformat(fields["finish"])
    event.rrule = f"FREQ={FREQUENCIES[fields['frequency']]};INTERVAL={fields['interval']};UNTIL={until:%Y%m%dT%H%M%SZ}"
