"""Daily comparison with the release cycle of peps.python.org: small changes are applied, others wait for confirmation."""

from functools import partial

from cms.platform.fetching import MEGABYTE, fetch
from users.models import User

from .imports import Status, Writer, decide, perform, supersede
from .models import CycleRun
from .outside import Plan, apply_cycle, plan_cycle

SHOW_FIRST = "The changes are waiting for approval."


def sync_cycle(source: str, *, show_first: bool = False) -> CycleRun:
    """Compare the release series with a release cycle. With `show_first`, every change waits for confirmation."""
    run = CycleRun.objects.create(source=source[:500])
    perform(run, partial(_read, source, show_first=show_first), _writer(source))
    if run.status != Status.FAILED:
        supersede(run)
    return run


def _read(source: str, *, show_first: bool) -> Plan:
    plan = plan_cycle(fetch(source, max_bytes=MEGABYTE, seconds=20).content or b"")
    if plan.changes and show_first:
        plan.reason = plan.reason or SHOW_FIRST
    return plan


def decide_cycle(run: CycleRun, *, by: User, apply: bool) -> CycleRun:
    """Apply or discard a pending comparison. Raises ValidationError if it is no longer pending or if dates conflict."""
    return decide(CycleRun, run.pk, _writer(run.source, by), by=by, apply=apply)


def _writer(source: str, by: User | None = None) -> Writer:
    return partial(apply_cycle, by=by, source=source)
