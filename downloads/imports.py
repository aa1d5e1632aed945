"""Run imports of external data: plan, hold back or apply, and the decision of a person (`cms.platform.holding`)."""

import logging
from collections.abc import Callable
from typing import TypeVar, cast

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from wagtail.log_actions import log

from cms.delivery import purging
from cms.platform.fetching import FetchError
from cms.platform.holding import Change
from users.models import User

from .models.runs import ImportRun
from .outside import Plan, UnreadableError

logger = logging.getLogger(__name__)
Status = ImportRun.Status
# Function that writes changes and returns their numbers by action.
Writer = Callable[[list[Change]], dict[str, int]]
Run = TypeVar("Run", bound=ImportRun)


def perform(run: Run, read: Callable[[], Plan], write: Writer) -> Run:
    """Read the plan of a run, and apply it unless it must be held back. Errors of the source are recorded in the run."""
    try:
        plan = read()
        run.warnings = plan.warnings[:200]
        run.changes = [change.to_json() for change in plan.changes]
        if plan.reason:
            run.finish(Status.HELD, timezone.now(), error=plan.reason)
        elif not plan.changes:
            run.finish(Status.UNCHANGED, timezone.now())
        else:
            _apply(run, write)
    except (FetchError, UnreadableError, ValidationError) as error:
        reason = " ".join(error.messages) if isinstance(error, ValidationError) else str(error)
        run.finish(Status.FAILED, timezone.now(), error=reason[:500])
    except Exception as error:
        logger.exception("An import failed: %s.", type(run).__name__)
        sentence = f"The import failed with an unexpected error ({type(error).__name__})."
        run.finish(Status.FAILED, timezone.now(), error=sentence)
    return run


def supersede(run: ImportRun) -> None:
    """Mark earlier runs that are held back as superseded."""
    type(run)._default_manager.filter(status=Status.HELD, pk__lt=run.pk).update(status=Status.SUPERSEDED)


def _apply(run: ImportRun, write: Writer) -> None:
    with purging.one_purge():
        numbers = write([Change(**change) for change in run.changes])
    totals = {name: numbers.get(action, 0) for name, action in TOTALS.items()}
    run.finish(Status.DONE, timezone.now(), **totals)


TOTALS = {"added": Change.ADD, "changed": Change.CHANGE, "removed": Change.REMOVE}


@transaction.atomic
def decide(model: type[Run], pk: int, write: Writer, *, by: User, apply: bool) -> Run:
    """Apply or discard a run that was held back. Raises ValidationError if it is no longer pending."""
    run = cast("Run", model._default_manager.select_for_update().get(pk=pk))
    if not run.is_waiting:
        raise ValidationError(_("This import is no longer waiting for a decision."))
    run.decided_by, run.decided_at = by, timezone.now()
    if apply:
        _apply(run, write)
    else:
        run.finish(Status.DISCARDED, timezone.now())
    log(instance=run, action="wagtail.edit", user=by, data={"decision": run.status})
    return run
