"""Import of remote calendars: plan, apply and undo the changes of a file, or hold them back for confirmation.

Locked fields are not changed, an invalid event does not block the others, and a run that looks like a failure of the source
removes nothing from the site (`cms.platform.holding`).
"""

import logging
import re
from collections.abc import Iterable
from dataclasses import dataclass, field

from django.core.exceptions import ValidationError
from django.db import DatabaseError, transaction
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext_lazy
from wagtail.log_actions import log

from cms.delivery import purging
from cms.platform.fetching import Fetched, FetchError, fetch
from cms.platform.holding import Change, Size, reason_to_hold
from users.models import User

from . import importing
from .models import Calendar, Event, Occurrence, SyncRun
from .reader import Notice, ParsedCalendar, ParsedEvent, UnreadableError, read_calendar

logger = logging.getLogger(__name__)
MAX_PROBLEMS, MAX_WARNINGS = 200, 500
# Labels of changes that occur in many events at once only after a failure or a move of the source.
MARKED_FIELDS = {importing.TITLE, importing.DATES}
REVIEWED = "Each change to this calendar must be confirmed."


@dataclass
class Plan:
    """Changes that a file would make. `upcoming` is the number of published events that are not over."""

    upcoming: int = 0
    changes: list[Change] = field(default_factory=list)
    unchanged: list[int] = field(default_factory=list)
    private: list[Event] = field(default_factory=list)
    known: dict[str, Event] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)

    def count(self, action: str) -> int:
        return sum(change.action == action for change in self.changes)

    @property
    def is_empty(self) -> bool:
        return not any(change.fields or change.action != Change.CHANGE for change in self.changes)

    def size(self, parsed: ParsedCalendar) -> Size:
        marked = sum(
            bool(MARKED_FIELDS & {label for label, *_ in change.fields}) for change in self.changes if change.action == "change"
        )
        return Size(self.upcoming, marked, self.count(Change.REMOVE), parsed.is_complete, parsed.is_damaged)


def sync(calendar: Calendar, *, preview: bool = False) -> SyncRun:
    """Import a calendar from its source and record the result. Errors at the source are recorded, not raised.

    A preview reads the source and records the changes without applying them.
    """
    run = SyncRun.objects.create(calendar=calendar)
    etag, last_modified = ("", "") if preview else (calendar.etag, calendar.last_modified)
    try:
        fetched = fetch(calendar.url, etag=etag, last_modified=last_modified)
        if fetched.content is None:
            run.status = SyncRun.Status.UNCHANGED
        else:
            with purging.one_purge():
                import_events(calendar, fetched.content, run, charset=charset_of(fetched), preview=preview)
            if run.status == SyncRun.Status.DONE:
                # Only after success, so that a file that failed or was held back is requested again.
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
    _record_health(run)
    return run


def charset_of(fetched: Fetched) -> str:
    found = re.search(r"charset=[\"']?([\w.:-]{1,40})", fetched.content_type, re.IGNORECASE)
    return found[1] if found else ""


def _record_health(run: SyncRun) -> None:
    rows = Calendar.objects.filter(pk=run.calendar_id)
    if run.status == SyncRun.Status.FAILED:
        rows.update(failures=F("failures") + 1)
        return
    good = {"succeeded_at": run.finished_at} if run.status in {SyncRun.Status.DONE, SyncRun.Status.UNCHANGED} else {}
    rows.update(failures=0, **good)
    # A later run supersedes pending runs.
    if run.status != SyncRun.Status.UNCHANGED:
        older = SyncRun.objects.filter(calendar=run.calendar_id, pk__lt=run.pk).waiting()
        older.update(status=SyncRun.Status.SUPERSEDED)


def import_events(calendar: Calendar, content: bytes, run: SyncRun, *, charset: str = "", preview: bool = False) -> None:
    """Add, change and archive events from a file, or hold the run back. Raises UnreadableError for a file that is no calendar."""
    parsed = read_calendar(content, calendar.time_zone, charset)
    plan = make_plan(calendar, parsed)
    _record_notices(run, parsed, plan)
    _hide_private(plan)
    reason = reason_to_hold(plan.size(parsed))
    if not reason and calendar.review_imports and not plan.is_empty:
        reason = REVIEWED
    if preview or reason:
        run.status = SyncRun.Status.PREVIEW if preview else SyncRun.Status.HELD
        run.error = reason[:500]
        run.unchanged = len(plan.unchanged)
        run.changes = [change.to_json() for change in plan.changes]
        return
    Event.objects.filter(pk__in=plan.unchanged).update(imported_at=timezone.now())
    run.status, run.unchanged = SyncRun.Status.DONE, len(plan.unchanged)
    _apply_changes(calendar, plan.changes, plan.known, run)


def make_plan(calendar: Calendar, parsed: ParsedCalendar) -> Plan:
    """Return the changes that a file would make, without applying them."""
    at = timezone.now()
    events = calendar.events.exclude(uid="").select_related("calendar", "venue").prefetch_related("overrides")
    plan = Plan(known={event.uid: event for event in events})
    live = Occurrence.objects.filter(event__calendar=calendar, event__live=True, event__imported_at__isnull=False)
    upcoming = set(live.not_over(at).order_by().values_list("event", flat=True))
    plan.private = [event for uid, event in plan.known.items() if uid in parsed.private and event.live]
    # Past events stay, because sources drop them.
    gone = [
        event
        for uid, event in plan.known.items()
        if event.pk in upcoming and uid not in parsed.uids and uid not in parsed.private
    ]
    plan.upcoming = len(upcoming - {event.pk for event in plan.private})
    for new in parsed.events:
        event = plan.known.get(new.uid)
        if event and event.source_digest == new.digest and event.archived_at is None:
            plan.unchanged.append(event.pk)
            continue
        try:
            importing.check(calendar, new)
        except (ValidationError, ValueError, TypeError, OverflowError) as error:
            reason = (
                " ".join(error.messages)
                if isinstance(error, ValidationError)
                else f"It cannot be saved ({type(error).__name__})."
            )
            plan.problems.append(f"“{new.title[:80]}”: {reason}")
            continue
        action = Change.CHANGE if event and event.archived_at is None else Change.ADD
        plan.changes.append(Change(action, new.uid, new.title, importing.differences(event, new), new.to_json()))
    plan.changes += [
        Change(Change.REMOVE, event.uid, event.title, [(importing.DATES, importing.dates_of(event), "")]) for event in gone
    ]
    return plan


def _record_notices(run: SyncRun, parsed: ParsedCalendar, plan: Plan) -> None:
    problems = [*map(str, parsed.problems), *plan.problems]
    run.failed, run.problems = len(problems), problems[:MAX_PROBLEMS]
    notices = [Notice("", "", sentence) for sentence in parsed.warnings]
    if parsed.private:
        notices.append(Notice("", "", f"{len(parsed.private)} private or confidential events of the source are not shown."))
    notices += [Notice(event.uid, event.title[:80], sentence) for event in parsed.events for sentence in event.warnings]
    run.warnings = [vars(notice) for notice in notices[:MAX_WARNINGS]]


def _hide_private(plan: Plan) -> None:
    """Unpublish events that their source has made private, even if the rest of the run is held back."""
    for event in plan.private:
        importing.archive(event, timezone.now())


def _apply_changes(calendar: Calendar, changes: Iterable[Change], known: dict[str, Event], run: SyncRun) -> None:
    """Write the changes, and record the previous values so that they can be undone."""
    at = timezone.now()
    problems: list[str] = []
    run.before, written = {}, []
    for change in changes:
        event = known.get(change.key)
        before = importing.snapshot(event) if event else None
        try:
            with transaction.atomic():
                if change.action == Change.REMOVE:
                    if event is None or not event.live:
                        continue
                    importing.archive(event, at)
                    run.removed += 1
                else:
                    event = importing.write(calendar, event, ParsedEvent.from_json(change.data), at)
                    run.changed += change.action == Change.CHANGE
                    run.added += change.action == Change.ADD
        except ValidationError as error:
            problems.append(f"“{change.title[:80]}”: {' '.join(error.messages)}")
        except (DatabaseError, ValueError, TypeError, OverflowError) as error:
            problems.append(f"“{change.title[:80]}” cannot be saved ({type(error).__name__}).")
        else:
            run.before[str(event.pk)] = before
            written.append(Change(change.action, change.key, change.title, change.fields))
    run.failed += len(problems)
    run.problems = [*run.problems, *problems][:MAX_PROBLEMS]
    run.changes = [change.to_json() for change in written]


@transaction.atomic
def apply_run(pk: int, *, by: User) -> SyncRun:
    """Apply a preview or a run that was held back. Raises ValidationError if it is no longer pending."""
    run = _lock(pk)
    if not run.is_waiting:
        raise ValidationError(
            gettext_lazy("This import is no longer waiting for a decision. Open the newest import of the calendar.")
        )
    calendar = run.calendar
    known = {event.uid: event for event in calendar.events.exclude(uid="").select_related("calendar", "venue")}
    changes = [Change(**one) for one in run.changes]
    _apply_changes(calendar, changes, known, run)
    run.status = SyncRun.Status.DONE
    _decide(run, by, "events.apply_import")
    Calendar.objects.filter(pk=calendar.pk).update(succeeded_at=run.decided_at)
    return run


@transaction.atomic
def discard_run(pk: int, *, by: User) -> SyncRun:
    """Discard a pending run. The next import reads the source again."""
    run = _lock(pk)
    if not run.is_waiting:
        raise ValidationError(gettext_lazy("This import is no longer waiting for a decision."))
    run.status = SyncRun.Status.DISCARDED
    _decide(run, by, "events.discard_import")
    return run


@transaction.atomic
def undo_run(pk: int, *, by: User) -> SyncRun:
    """Restore the values from before a run. Later imports are held back while the source has not changed."""
    run = _lock(pk)
    if not run.can_be_undone:
        raise ValidationError(gettext_lazy("Only the last import that changed something can be undone."))
    events = {str(event.pk): event for event in run.calendar.events.filter(pk__in=[int(key) for key in run.before])}
    for key, before in run.before.items():
        event = events.get(key)
        if event is None:
            continue
        if before is None:
            importing.archive(event, timezone.now())
        else:
            importing.restore(event, before)
    run.status = SyncRun.Status.UNDONE
    _decide(run, by, "events.undo_import")
    Calendar.objects.filter(pk=run.calendar_id).update(review_imports=True, etag="", last_modified="")
    return run


def _lock(pk: int) -> SyncRun:
    return SyncRun.objects.select_for_update(of=("self",)).select_related("calendar").get(pk=pk)


def _decide(run: SyncRun, by: User, action: str) -> None:
    run.decided_by, run.decided_at = by, timezone.now()
    run.save()
    log(instance=run.calendar, action=action, user=by, data={"run": run.pk, **run.numbers()})
