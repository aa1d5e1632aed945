"""Moderation queue of a model whose submissions are in a Wagtail workflow."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from cms.undo.steps import undoable
from users.models import User

from . import workflow
from .changes import Change
from .duplicates import Duplicate
from .outcomes import Outcome, find_log, find_removed
from .queue import Queue, QueueItem


def lock(model: type[Any], pk: int, seen: str) -> Any:
    """Return a submission, locked until the end of the transaction. Raises ValidationError if it is newer than `seen`."""
    row = model.objects.select_for_update(of=("self",)).get(pk=pk)
    workflow.refuse_unread(row, seen)
    return row


def describe_removal(row: Any) -> list[str]:
    """Return what the removal of a submission as spam does. Published content cannot be removed here."""
    if row.live:
        return []
    noun = row._meta.verbose_name
    return [
        gettext("This %(noun)s will be deleted. The submitter will not get an email.") % {"noun": noun},
        gettext("It stays in the trash for 30 days. You can restore it until then."),
    ]


def undoable_review(row: Any, *, by: User, label: str) -> AbstractContextManager[None]:
    """Make a decision about a submission undoable, with the state of its workflow."""
    state = row.current_workflow_state
    steps_of_state = [["wagtailcore.taskstate", "workflow_state_id", state.pk]] if state else []
    also = [one for one in (state, row.latest_revision) if one is not None]
    return undoable(row, by=by, label=label, also=also, sets=steps_of_state)


def workflow_version(model: type[Any], pk: int) -> Any:
    """Return the newest version of a submission, which is the one in review."""
    row = model.objects.get(pk=pk)
    return row.get_latest_revision_as_object() if row.latest_revision_id else row


def build_submission_queue(
    model: type[Any],
    *,
    key: str,
    permission: str,
    urls: Callable[[Any], tuple[str, str]],
    delete: Callable[[Any, User], None],
    take_down: str,
    replies: Callable[[], list[tuple[str, str]]],
    duplicates: Callable[[Any], list[Duplicate]],
    compare: Callable[[Any, Any], list[Change]],
) -> Queue:
    """Return the queue of a model: publish a submission, request changes, or remove it without an email.

    `urls(row)` returns the URLs of the preview and of the full record. `take_down` names the action that replaces removal once
    something is published, for example “Unpublish”. `duplicates(row)` returns records that may be the same.
    `compare(before, after)` returns the changed fields of two versions.
    """
    noun = model._meta.verbose_name

    def items(user: User) -> list[QueueItem]:
        return [
            QueueItem(
                pk=row.pk,
                title=row.title,
                since=state.current_task_state.started_at,
                by=state.requested_by.get_username() if state.requested_by else "",
                preview_url=urls(row)[0],
                url=urls(row)[1],
                note=_("Change to a published %(noun)s") % {"noun": noun} if row.live else "",
                version=str(row.latest_revision_id),
            )
            for row, state in workflow.waiting(model, user)
        ]

    @transaction.atomic
    def approve(pk: int, by: User, message: str, seen: str) -> str:
        row = lock(model, pk, seen)
        with undoable_review(row, by=by, label=gettext("Approved")):
            workflow.approve(row, by=by)
        return _("“%(row)s” is published.") % {"row": row}

    @transaction.atomic
    def request_changes(pk: int, by: User, message: str, seen: str) -> str:
        row = lock(model, pk, seen)
        with undoable_review(row, by=by, label=gettext("Changes requested")):
            workflow.request_changes(row, by=by, reason=message)
        return _("“%(row)s” was returned to its submitter.") % {"row": row}

    @transaction.atomic
    def remove(pk: int, by: User, message: str, seen: str) -> str:
        row = lock(model, pk, seen)
        workflow.open_task(row, by=by)
        if row.live:
            raise ValidationError(
                _("This %(noun)s is published. %(take_down)s it instead, or request changes.")
                % {"noun": noun, "take_down": take_down}
            )
        title = str(row)
        delete(row, by)
        return _("“%(title)s” was removed.") % {"title": title}

    def outcome(pk: int) -> Outcome | None:
        row = model.objects.filter(pk=pk).first()
        if row is None:
            return find_removed(model, pk)
        return Outcome(row.title, workflow.describe_outcome(row), urls(row)[1], find_log(row))

    return Queue(
        key,
        noun.capitalize(),
        permission,
        items,
        {"approve": approve, "reject": request_changes, "remove": remove},
        replies,
        lambda pk: duplicates(workflow_version(model, pk)),
        outcome,
        lambda pk: workflow.find_changes(model.objects.get(pk=pk), compare),
        lambda pk: describe_removal(model.objects.get(pk=pk)),
        model,
    )
