"""Import of remote calendars. Locked fields are not changed, and an invalid event does not stop the others."""

import logging
from collections.abc import Callable
from datetime import datetime, time

from django.core.exceptions import ValidationError
from django.db import DatabaseError, transaction
from django.utils import timezone

from cms.delivery import purging
from cms.platform.fetching import FetchError, fetch

from . import recurrence
from .models import Calendar, Event, EventOverride, Location, SyncRun
from .sources import ParsedEvent, Times, UnreadableError, parse_calendar

logger = logging.getLogger(__name__)
MAX_PROBLEMS = 200


def sync(calendar: Calendar) -> SyncRun:
    """Import a calendar from its source and record the result. Never raises for errors of the source."""
    run = SyncRun.objects.create(calendar=calendar)
    try:
        fetched = fetch(calendar.url, etag=calendar.etag, last_modified=calendar.last_modified)
        if fetched.content is None:
            run.status = SyncRun.Status.UNCHANGED
        else:
            with purging.one_purge():
                import_events(calendar, fetched.content, run)
            run.status = SyncRun.Status.DONE
            # Only after success, so that a file that failed is requested again.
            Calendar.objects.filter(pk=calendar.pk).update(etag=fetched.etag, last_modified=fetched.last_modified)
    except (FetchError, UnreadableError) as error:
        run.status, run.error = SyncRun.Status.FAILED, str(error)[:500]
    except Exception as error:
        logger.exception("The calendar %s could not be imported.", calendar.slug)
        run.status, run.error = (
            SyncRun.Status.FAILED,
            f"The import failed with an unexpected error ({type(error).__name__}). Try again, or report it if it happens again.",
        )
    run.finished_at = timezone.now()
    run.save()
    return run


def import_events(calendar: Calendar, content: bytes, run: SyncRun) -> None:
    """Add, change and archive events from a file. Raises UnreadableError for a file that is no calendar."""
    events, problems, uids = parse_calendar(content, calendar.time_zone)
    known = {event.uid: event for event in calendar.events.exclude(uid="").select_related("calendar", "venue")}
    at = timezone.now()
    seen = []
    for parsed in events:
        event = known.get(parsed.uid)
        if event and event.source_digest == parsed.digest and event.archived_at is None:
            run.unchanged += 1
            seen.append(event.pk)
            continue
        try:
            with transaction.atomic():
                _write(calendar, event, parsed, at)
        except ValidationError as error:
            problems.append(f"“{parsed.title[:80]}”: {' '.join(error.messages)}")
        except (DatabaseError, ValueError, TypeError, OverflowError) as error:
            problems.append(f"“{parsed.title[:80]}” cannot be saved ({type(error).__name__}).")
        else:
            run.changed += event is not None
            run.added += event is None
    Event.objects.filter(pk__in=seen).update(imported_at=at)
    run.failed, run.problems = len(problems), problems[:MAX_PROBLEMS]
    run.removed = _archive([event for uid, event in known.items() if event.imported_at and uid not in uids], at)


def _write(calendar: Calendar, event: Event | None, parsed: ParsedEvent, at: datetime) -> None:
    is_new = event is None
    event = event or Event(calendar=calendar, uid=parsed.uid, live=True, first_published_at=at, last_published_at=at)
    venue = _venue(calendar, parsed)
    draft = None
    if not is_new and event.latest_revision_id:
        # The admin form opens on the newest revision, so the revision gets the imported values too.
        draft = event.get_latest_revision_as_object()
    for one in [event, *([draft] if draft else [])]:
        _apply(one, parsed, venue)
        one.imported_at, one.source_digest = at, parsed.digest
    recurrence.check(event)
    if event.archived_at:
        event.live, event.archived_at = True, None
    event.save()
    if draft:
        revision = draft.save_revision(clean=False, changed=False)
        if not event.has_unpublished_changes:
            Event.objects.filter(pk=event.pk).update(live_revision=revision)


def _apply(event: Event, parsed: ParsedEvent, venue: Location | None) -> None:
    """Set the values of the source, except for locked fields."""
    by_lock: dict[str, Callable[[], None]] = {
        "title": lambda: setattr(event, "title", parsed.title),
        "body": lambda: setattr(event, "body", [("text", parsed.text)] if parsed.text else []),
        "dates": lambda: _apply_dates(event, parsed),
        "venue": lambda: setattr(event, "venue", venue),
        "url": lambda: setattr(event, "url", parsed.url),
        "organiser": lambda: setattr(event, "organiser", parsed.organiser),
        "status": lambda: setattr(event, "status", parsed.status),
    }
    for name, apply in by_lock.items():
        if name not in event.locked_fields:
            apply()


def _apply_dates(event: Event, parsed: ParsedEvent) -> None:
    _apply_times(event, parsed.times)
    event.time_zone, event.rrule = parsed.time_zone, parsed.rrule
    event.rdates, event.exdates = "\n".join(parsed.rdates), "\n".join(parsed.exdates)
    overrides = []
    for instance in parsed.instances:
        original = datetime.fromisoformat(instance.original)
        override = EventOverride(
            original_date=original.date(),
            original_time=None if event.all_day else original.time(),
            title=instance.title,
            cancelled=instance.cancelled,
        )
        if instance.times:
            _apply_times(override, instance.times)
        overrides.append(override)
    event.overrides = overrides


def _apply_times(row: Event | EventOverride, times: Times) -> None:
    row.start_date, row.end_date = times.start_date, times.end_date
    row.start_time = time.fromisoformat(times.start_time) if times.start_time else None
    row.end_time = time.fromisoformat(times.end_time) if times.end_time else None


def _venue(calendar: Calendar, parsed: ParsedEvent) -> Location | None:
    if not parsed.place:
        return None
    venue, _ = Location.objects.get_or_create(calendar=calendar, name=parsed.place)
    if parsed.position and venue.position is None:
        venue.latitude, venue.longitude = (f"{number:.6f}" for number in parsed.position)
        venue.save()
    return venue


def _archive(events: list[Event], at: datetime) -> int:
    """Unpublish events that their source no longer has. Past events stay: sources drop them."""
    count = 0
    for event in events:
        if event.live and event.occurrences.not_over(at).exists():
            event.archived_at = at
            event.live = False
            event.save()
            count += 1
    return count
