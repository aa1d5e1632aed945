"""Declared state transitions: one state machine for every record whose states people and schedules change.

A model inherits from `StateMachine` and declares its transitions::

    class Job(StateMachine):
        TRANSITIONS = {
            "approve": Transition("Approved", {MODERATOR}, {REVIEW: APPROVED}, emails=("approved",)),
        }

        def approve(self, *, by: User) -> None:
            with self.transition("approve", by=by):
                self.approved_at = timezone.now()

Everything that follows from a transition but is not part of the record (emails, tasks, other rows) is a receiver of
`transition_made`, connected in the `workflows.py` of the app, so that models import none of it.
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, ClassVar

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import models, transaction
from django.dispatch import Signal
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from wagtail.log_actions import LogActionRegistry, log

from users.models import User

# Sent inside the transaction, after the row and its log entry are written: `sender` is the model, `instance` the record and
# `event` a TransitionEvent. A receiver that reaches outside the database waits for `transaction.on_commit`.
transition_made = Signal()


@dataclass(frozen=True)
class Transition:
    """Declaration of a state change."""

    label: str | Promise  # Label in the log and in messages: "Approved".
    roles: set[str]  # Roles that may make it, as returned by `StateMachine.get_roles`.
    moves: Mapping[str, str]  # New state by current state.
    # Further condition on the record and the user; `guard_error` explains a failure.
    guard: Callable[[Any, User | None], bool] | None = None
    guard_error: str = ""
    # Name of the required message ("reason", "question"), which is logged and sent, and the error if it is empty.
    message: str = ""
    message_error: str = ""
    emails: tuple[str, ...] = ()
    button: str | Promise = ""
    form_fields: tuple[str, ...] = ()  # Fields of the form that the button opens.


@dataclass
class TransitionEvent:
    """A transition that is being made. The body of `StateMachine.transition` may change `data` and `emails`."""

    name: str
    source: str
    target: str
    by: User | None
    message: str = ""
    data: dict[str, Any] = field(default_factory=dict)
    emails: tuple[str, ...] = ()


class StateMachine(models.Model):
    """Mixin for models whose state changes by declared transitions only."""

    TRANSITIONS: ClassVar[Mapping[str, Transition]]
    # Attributes read again under the row lock and written by a transition.
    STATE_FIELDS: ClassVar[tuple[str, ...]]
    # Name of the record in error messages.
    STATE_NOUN: ClassVar[str] = "record"

    class Meta:
        abstract = True

    @property
    def machine_state(self) -> str:
        """Return the state that `TRANSITIONS` refer to."""
        raise NotImplementedError

    @property
    def state_label(self) -> str:
        """Return the name of the current state for people."""
        raise NotImplementedError

    def set_state(self, target: str) -> None:
        """Set the fields that store the state."""
        raise NotImplementedError

    def get_roles(self, user: User | None) -> set[str]:
        """Return the roles of a user towards this record. `None` is the site itself: a schedule, or a signed link."""
        raise NotImplementedError

    def has_role(self, name: str, user: User | None) -> bool:
        """Return whether a user may make a transition in some state of the record."""
        return not self.TRANSITIONS[name].roles.isdisjoint(self.get_roles(user))

    def get_transitions(self, user: User | None, roles: set[str] | None = None) -> list[str]:
        """Return the names of the transitions that a user may make now, for buttons and as the check of each one.

        Lists that know the roles of the user pass them.
        """
        state = self.machine_state
        if roles is None:
            roles = self.get_roles(user)
        return [
            name
            for name, declared in self.TRANSITIONS.items()
            if declared.roles & roles and state in declared.moves and (declared.guard is None or declared.guard(self, user))
        ]

    @contextmanager
    def transition(
        self, name: str, *, by: User | None, message: str | None = None, data: dict[str, Any] | None = None
    ) -> Iterator[TransitionEvent]:
        """Make a transition in one database transaction; the body of the `with` statement sets further fields.

        Locks the row, reads its state again, checks role, state, guard and message, runs the body, saves, writes the log
        entry and sends `transition_made`. If `message` is None, no message is required. Raises PermissionDenied and
        ValidationError.
        """
        declared = self.TRANSITIONS[name]
        with transaction.atomic():
            self._lock_state()
            self._check_transition(name, by, message)
            source = self.machine_state
            event = TransitionEvent(name, source, declared.moves[source], by, message or "", dict(data or {}), declared.emails)
            if declared.message and message is not None:
                event.data[declared.message] = message
            yield event
            self.set_state(event.target)
            self.save(update_fields=self._get_state_columns())
            log(instance=self, action=get_log_action(type(self), name), user=by, data=event.data or None)
            transition_made.send(sender=type(self), instance=self, event=event)

    def make_transition(
        self, name: str, *, by: User | None, message: str | None = None, data: dict[str, Any] | None = None
    ) -> None:
        """Make a transition that sets no further fields."""
        with self.transition(name, by=by, message=message, data=data):
            pass

    def _lock_state(self) -> None:
        row = type(self)._default_manager.select_for_update().get(pk=self.pk)
        for name in self.STATE_FIELDS:
            setattr(self, name, getattr(row, name))

    def _check_transition(self, name: str, by: User | None, message: str | None) -> None:
        declared = self.TRANSITIONS[name]
        if not self.has_role(name, by):
            raise PermissionDenied
        if name not in self.get_transitions(by):
            if declared.guard_error and self.machine_state in declared.moves:
                raise ValidationError(declared.guard_error)
            raise ValidationError(
                _(
                    "This action is no longer available: this %(state_noun)s is “%(state_label)s”. "
                    "Someone else may have changed it."
                )
                % {"state_noun": self.STATE_NOUN, "state_label": self.state_label}
            )
        if declared.message and message is not None and not message.strip():
            raise ValidationError({declared.message: declared.message_error})

    def _get_state_columns(self) -> list[str]:
        columns = [name.removesuffix("_id") for name in self.STATE_FIELDS]
        return [*columns, *(one.name for one in self._meta.concrete_fields if getattr(one, "auto_now", False))]


def get_log_action(model: type[StateMachine], name: str) -> str:
    """Return the name of a transition in the log, such as "jobs.approve"."""
    return f"{model._meta.app_label}.{name}"


def register_log_actions(actions: LogActionRegistry, model: type[StateMachine]) -> None:
    """Register the transitions of a model with Wagtail's log."""
    for name, declared in model.TRANSITIONS.items():
        actions.register_action(get_log_action(model, name), declared.label, declared.label)
