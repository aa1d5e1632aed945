"""Import of the PSF's security advisories. Runs with many changes wait for confirmation (`cms.platform.holding`)."""

from functools import partial

from cms.platform.fetching import MEGABYTE, FetchError, fetch
from cms.platform.holding import Change

from .imports import perform, supersede
from .models import Advisory, AdvisoryRun
from .outside import Plan, apply_advisories, plan_advisories, read_advisory, read_archive

# The same advisories with the affected releases, which osv.dev determines from the commits.
OSV_API = "https://api.osv.dev/v1/vulns/"
# Maximum number of requests for releases in a run; the next run continues.
MAX_REQUESTS = 300
Status = AdvisoryRun.Status


class ReleasesOfAdvisories:
    """Reader of the affected releases of single advisories, limited in its number of requests."""

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
    perform(run, partial(_read, source, content), apply_advisories)
    if run.status not in {Status.FAILED, Status.UNCHANGED}:
        supersede(run)
    return run


def _read(source: str, content: bytes | None) -> Plan:
    is_upload = content is not None
    if content is None:
        content = fetch(source, max_bytes=20 * MEGABYTE, seconds=60).content or b""
    known = {advisory.name: advisory for advisory in Advisory.objects.all()}
    plan = plan_advisories(read_archive(content), known, versions_of=ReleasesOfAdvisories())
    if is_upload:
        # A single file says nothing about the others.
        plan.changes = [change for change in plan.changes if change.action != Change.REMOVE]
        plan.reason = ""
    return plan
