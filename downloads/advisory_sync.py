"""Import of the PSF's security advisories. A run that would remove or change many waits for a person (`cms.platform.holding`)."""

import logging

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from wagtail.log_actions import log

from cms.delivery import purging
from cms.platform.fetching import MEGABYTE, FetchError, fetch
from cms.platform.holding import Change
from users.models import User

from .models import Advisory, AdvisoryRun
from .outside import UnreadableError, apply_advisories, plan_advisories, read_advisory, read_archive

logger = logging.getLogger(__name__)
# The same advisories with the releases that have the vulnerability, which osv.dev finds from the commits.
OSV_API = "https://api.osv.dev/v1/vulns/"
# Requests for releases in a run; the next run asks for the others.
MAX_REQUESTS = 300
Status = AdvisoryRun.Status


class ReleasesOfAdvisories:
    """Reader of the affected releases of single advisories, up to a number of requests."""

    def __init__(self) -> None:
        self.left = MAX_REQUESTS

    def __call__(self, name: str) -> list[str]:
        if self.left <= 0:
            raise FetchError("The next import reads them.")
        self.left -= 1
        answer = fetch(OSV_API + name, max_bytes=MEGABYTE, seconds=10)
        return read_advisory(answer.content or b"").affected_versions


def sync_advisories(source: str, content: bytes | None = None) -> AdvisoryRun:
    """Import advisories from a URL, or from the content of an uploaded file. Errors of the source are recorded in the run."""
    run = AdvisoryRun.objects.create(source=source[:500])
    is_upload = content is not None
    try:
        if content is None:
            content = fetch(source, max_bytes=20 * MEGABYTE, seconds=60).content or b""
        _import(run, content, is_upload=is_upload)
    except (FetchError, UnreadableError, ValidationError) as error:
        reason = " ".join(error.messages) if isinstance(error, ValidationError) else str(error)
        run.finish(Status.FAILED, timezone.now(), error=reason[:500])
    except Exception as error:
        logger.exception("The advisories could not be imported.")
        sentence = f"The import failed with an unexpected error ({type(error).__name__})."
        run.finish(Status.FAILED, timezone.now(), error=sentence)
    if run.status not in {Status.FAILED, Status.UNCHANGED}:
        # A later run knows better than those that wait.
        AdvisoryRun.objects.waiting().filter(pk__lt=run.pk).update(status=Status.SUPERSEDED)
    return run


def _import(run: AdvisoryRun, content: bytes, *, is_upload: bool) -> None:
    contents = read_archive(content)
    known = {advisory.name: advisory for advisory in Advisory.objects.all()}
    plan = plan_advisories(contents, known, versions_of=ReleasesOfAdvisories())
    if is_upload:
        # A single file says nothing about the others.
        plan.changes = [change for change in plan.changes if change.action != Change.REMOVE]
        plan.reason = ""
    run.warnings = plan.warnings[:200]
    run.changes = [change.to_json() for change in plan.changes]
    if plan.reason:
        run.finish(Status.HELD, timezone.now(), error=plan.reason)
    elif not plan.changes:
        run.finish(Status.UNCHANGED, timezone.now())
    else:
        _apply(run)


def _apply(run: AdvisoryRun) -> None:
    with purging.one_purge():
        numbers = apply_advisories([Change(**change) for change in run.changes])
    totals = {"added": numbers[Change.ADD], "changed": numbers[Change.CHANGE], "removed": numbers[Change.REMOVE]}
    run.finish(Status.DONE, timezone.now(), **totals)


@transaction.atomic
def decide(pk: int, *, by: User, apply: bool) -> AdvisoryRun:
    """Apply or discard a run that was held back. Raises ValidationError if it does not wait any more."""
    run = AdvisoryRun.objects.select_for_update().get(pk=pk)
    if not run.is_waiting:
        raise ValidationError("This import does not wait for a decision any more.")
    run.decided_by, run.decided_at = by, timezone.now()
    if apply:
        _apply(run)
    else:
        run.finish(Status.DISCARDED, timezone.now())
    log(instance=run, action="wagtail.edit", user=by, data={"decision": run.status})
    return run
