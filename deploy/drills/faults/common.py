"""Steps that several faults share: emails, tasks, killed workers, and servers with a fixed response."""

import signal
import time
from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from http.server import BaseHTTPRequestHandler
from typing import Any

import django_rq
from django.utils import timezone
from rq.registry import StartedJobRegistry

from cms.email import registry, sending
from cms.email.models import SentEmail
from cms.email.tasks import retry_emails
from cms.platform.models import PendingTask
from cms.platform.tasks import resend_lost_tasks
from deploy.drills.site import Outcome, Site, start_worker
from deploy.drills.stage import until
from sponsors.models import Contract, ContractTemplate, Sponsor, Sponsorship, SponsorshipYear

NUMBER = 4
ADMIN_HOME = "admin home “emails not sent”"
TASKS = "Tasks screen"


def emails(number: int = NUMBER) -> list[SentEmail]:
    """Record emails, as a transition of a job does."""
    email = next(email for key, email in registry.EMAIL_TYPES.items() if key.startswith("jobs."))
    return [sending.send(email, to=["drill@example.org"], variables=email.example) for _ in range(number)]


def states(rows: list[SentEmail]) -> Counter:
    return Counter(SentEmail.objects.filter(pk__in=[row.pk for row in rows]).values_list("status", flat=True))


def make_due() -> None:
    """Move the next attempt of all emails, and the last one of all tasks, into the past."""
    past = timezone.now() - timedelta(minutes=15)
    SentEmail.objects.filter(status__in=["waiting", "failed"]).update(next_attempt_at=past)
    PendingTask.objects.update(enqueued_at=past)


def attempted(rows: list[SentEmail]) -> bool:
    return not SentEmail.objects.filter(pk__in=[row.pk for row in rows], attempts=0).exists()


def finish_emails(site: Site, rows: list[SentEmail], *, mode: str = "accept") -> Outcome:
    """Restore the mail server, retry the emails, and count the results."""
    site.smtp.mode = mode
    site.restart_worker()

    def is_done() -> bool:
        if not django_rq.get_queue("mail").count:
            make_due()
            retry_emails.call()
        time.sleep(0.5)
        return states(rows)["sent"] == len(rows)

    until(is_done, "All emails are sent", seconds=120)
    copies = Counter(site.smtp.message_ids)
    ids = [SentEmail.objects.get(pk=row.pk).message_id for row in rows]
    repeated = sum(copies[name] - 1 for name in ids)
    attempts = sum(SentEmail.objects.filter(pk__in=[row.pk for row in rows]).values_list("attempts", flat=True))
    lost = sum(copies[name] == 0 for name in ids)
    recovery = (
        f"all {len(rows)} sent by the retry (wait shortened) in {attempts} attempts; {repeated} repeated with the same Message-ID"
    )
    return Outcome(lost, 0, recovery, ADMIN_HOME)


class Refusing(BaseHTTPRequestHandler):
    """Handler that responds like S3 to wrong credentials."""

    def answer(self) -> None:
        self.rfile.read(int(self.headers.get("Content-Length") or 0))
        body = b"<Error><Code>InvalidAccessKeyId</Code><Message>Unknown key.</Message></Error>"
        self.send_response(403)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    do_GET = do_HEAD = do_PUT = do_POST = do_DELETE = answer  # noqa: N815 -- the parent looks for these names.

    def log_message(self, *args: Any) -> None:
        """Keep the output clean."""


class Accepting(Refusing):
    """Handler that accepts every purge."""

    def answer(self) -> None:
        self.send_response(200)
        self.send_header("Content-Length", "0")
        self.end_headers()

    do_PURGE = answer  # noqa: N815 -- the parent looks for this name.


def make_contract() -> Contract:
    sponsor, _ = Sponsor.objects.get_or_create(name="Drill")
    year, _ = SponsorshipYear.objects.get_or_create(year=2026)
    template, _ = ContractTemplate.objects.get_or_create(name="Drill", defaults={"body": "# Contract"})
    sponsorship, _ = Sponsorship.objects.get_or_create(sponsor=sponsor, sponsorship_year=year)
    return Contract.objects.create(sponsorship=sponsorship, template=template, body="# Contract\n\nText. " * 200, values={})


def kill_worker(site: Site, what: Callable[[], bool]) -> None:
    until(what, "The worker is at work", seconds=60)
    site.stage.stop("worker", signal.SIGKILL)


def running(path: str) -> bool:
    """Return whether a worker has started the task."""
    for name in ("default", "mail", "purge"):
        jobs = django_rq.get_queue(name)
        for key in StartedJobRegistry(queue=jobs).get_job_ids(cleanup=False):
            job = jobs.fetch_job(key)
            if job and job.func_name == path:
                return True
    return False


def recover_tasks(site: Site) -> None:
    """Let the heartbeat of the killed worker expire, sweep as the schedule does each minute, and start a worker again."""
    make_due()
    for name in ("default", "mail", "purge"):
        jobs = django_rq.get_queue(name)
        running = jobs.started_job_registry.key
        for entry in jobs.connection.zrange(running, 0, -1):
            jobs.connection.zadd(running, {entry: time.time() - 1})
    resend_lost_tasks.call()
    retry_emails.call()
    site.restart_worker()


def restart_with(site: Site, **environment: str) -> None:
    if "worker" in site.stage.processes:
        site.stage.stop("worker", signal.SIGKILL)

    start_worker(site.stage, FETCH_FROM_LOOPBACK="true", **environment)
