"""The faults of `make drills`: each makes one part fail, lets it recover and counts what was lost and done twice.

Waits that last minutes in production (a lease of an email, the patience of the sweeper) are shortened by moving the time in the
row, and the drill says so.
"""

import os
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, date, datetime, timedelta
from datetime import time as clock_time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Barrier, Thread
from typing import Any

import django_rq
import psycopg
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.core.mail import send_mail
from django.db import connections
from django.utils import timezone
from rq.registry import StartedJobRegistry

from cms.content.models.banners import Banner
from cms.delivery.models import Purge
from cms.delivery.sending import send_purge
from cms.email import registry, sending
from cms.email.models import SentEmail
from cms.email.tasks import deliver_email, retry_emails
from cms.platform import queue, schedules, storage
from cms.platform.models import PendingTask, ScheduleState, TaskRun
from cms.platform.tasks import resend_lost_tasks
from downloads.models import OS
from events import recurrence
from events.models import Calendar, Event, SyncRun
from events.tasks import sync_calendar
from home.models import StandardPage
from jobs.models import Job
from jobs.tasks import expire_jobs
from jobs.workflows import warn_poster
from sponsors.contracts import render_contract
from sponsors.models import Contract, ContractTemplate, Sponsor, Sponsorship, SponsorshipYear

from .drills import Outcome, Site
from .servers import HangingServer, MailServer, start_redis, start_s3
from .stage import ROOT, ask, free_port, until

NUMBER = 4
# Bytes of a file that does not fit, and the seconds that a save may take without Redis.
LARGE, MAX_SAVE = 2_000_000, 1.5
ADMIN_HOME = "admin home “mails not sent”"
TASKS = "Tasks screen"


def emails(number: int = NUMBER) -> list[SentEmail]:
    """Record emails, as a transition of a job does."""
    mail = next(mail for key, mail in registry.EMAIL_TYPES.items() if key.startswith("jobs."))
    return [sending.send(mail, to=["drill@example.org"], variables=mail.example) for _ in range(number)]


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
    """Let the mail server work again, retry, and count."""
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


def smtp_refuses(site: Site) -> Outcome:
    site.smtp.close()
    rows = emails()
    until(lambda: attempted(rows), "The emails fail", seconds=60)
    site.smtp = MailServer(site.ports["smtp"])
    return finish_emails(site, rows)


def smtp_in_mode(mode: str) -> Callable[[Site], Outcome]:
    def drill(site: Site) -> Outcome:
        site.smtp.mode = mode
        started = time.monotonic()
        send_mail("Reset your password", "Text", None, ["drill@example.org"])
        took = time.monotonic() - started
        rows = [*SentEmail.objects.order_by("-pk")[:1], *emails(NUMBER - 1)]
        until(lambda: SentEmail.objects.filter(pk=rows[0].pk, attempts__gt=0).exists(), "One email is tried", seconds=90)
        site.smtp.mode = "accept"
        return finish_emails(site, rows)._replace(seen=f"a password reset waits {took:.2f} s")

    return drill


def smtp_rejects(site: Site) -> Outcome:
    site.smtp.mode = "refuse"
    rows = emails()
    until(lambda: states(rows)["rejected"] == len(rows), "The emails are rejected", seconds=60)
    make_due()
    retry_emails.call()
    time.sleep(1)
    attempts = SentEmail.objects.filter(pk__in=[row.pk for row in rows], attempts=1).count()
    site.smtp.mode = "accept"
    recovery = f"{attempts} of {len(rows)} tried once and not again; staff send them again by a button"
    return Outcome(len(rows) - attempts, 0, recovery, f"error log and Sentry at once, {ADMIN_HOME}")


def upload() -> float:
    """Store a file; the seconds that it took to be refused. Raises RuntimeError if it was taken."""
    started = time.monotonic()
    try:
        default_storage.delete(default_storage.save("drill.txt", ContentFile(b"drill")))
    except Exception as error:
        if not storage.is_storage_error(error):
            raise
        return time.monotonic() - started
    raise RuntimeError("The upload was taken.")


def store_outcome(first: float, second: float) -> Outcome:
    until(lambda: default_storage.exists("nothing") is False if not storage.store.is_open else False, "The store answers")
    name = default_storage.save("drill.txt", ContentFile(b"drill"))
    default_storage.delete(name)
    seen = f"an upload is refused with a sentence after {first:.2f} s, the next one after {second * 1000:.0f} ms"
    return Outcome(0, 0, f"by itself within {storage.PAUSE} s", "error log, Sentry, /ready", seen)


def s3_refuses(site: Site) -> Outcome:
    site.stage.stop("s3")
    first, second = upload(), upload()
    start_s3(site.stage, site.ports["s3"])
    return store_outcome(first, second)


def s3_hangs(site: Site) -> Outcome:
    process = site.stage.processes["s3"]
    process.send_signal(signal.SIGSTOP)
    try:
        first, second = upload(), upload()
    finally:
        process.send_signal(signal.SIGCONT)
    return store_outcome(first, second)


class Refusing(BaseHTTPRequestHandler):
    """Answers as S3 does to wrong credentials."""

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


def s3_credentials(site: Site) -> Outcome:
    """A second set of processes has the wrong credentials; its pages work, an upload is refused."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), Refusing)
    Thread(target=server.serve_forever, daemon=True).start()
    program = (
        "from django.core.files.base import ContentFile\nfrom django.core.files.storage import default_storage\n"
        "from cms.platform import storage\n"
        "try:\n    default_storage.save('a.txt', ContentFile(b'a'))\nexcept Exception as error:\n"
        "    print(type(error).__name__, storage.is_storage_error(error))"
    )
    environment = os.environ | {"AWS_S3_ENDPOINT_URL": f"http://127.0.0.1:{server.server_port}"}
    shell = [sys.executable, "manage.py", "shell", "--verbosity=0", "-c", program]
    told = subprocess.run(shell, env=environment, cwd=ROOT, stdout=subprocess.PIPE, text=True, check=True).stdout.split()
    server.shutdown()
    lost = int(told[-1:] != ["True"])
    return Outcome(
        lost, 0, "with the right credentials", "error log, Sentry, /ready", f"an upload is refused with a sentence ({told[0]})"
    )


def disk_full(site: Site) -> Outcome:
    """Files on a disk of 4 MB: what does not fit leaves no part, and what fits is taken afterwards."""
    folder = site.stage.folder / "small"
    folder.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=4m", "tmpfs", str(folder)], check=True)
    try:
        disk = storage.DiskStorage(location=folder)
        (folder / "rest").write_bytes(b"x" * 3_000_000)
        try:
            disk.save("large.pdf", ContentFile(b"x" * LARGE))
            refused = False
        except OSError as error:
            refused = error.errno in storage.FULL
        parts = [path.name for path in folder.iterdir() if path.name != "rest"]
        (folder / "rest").unlink()
        name = disk.save("large.pdf", ContentFile(b"x" * LARGE))
        lost = int(not refused) + len(parts) + int(disk.size(name) != LARGE)
    finally:
        subprocess.run(["umount", "--lazy", str(folder)], check=True)
    return Outcome(lost, 0, "as soon as there is room; no partial file was left", "error log, Sentry", "507 with a sentence")


def logs_full(site: Site) -> Outcome:
    """A set of processes whose log is on a full disk."""
    folder = site.stage.folder / "logs"
    folder.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", str(folder)], check=True)
    site.stage.ports["logs"] = port = free_port()
    environment = os.environ | site.stage.environment | {"PORT": str(port), "WEB_CONCURRENCY": "1", "LOG_LEVEL": "INFO"}
    command = [sys.executable, "-m", "gunicorn", "pydotorg.wsgi"]
    with (folder / "web.log").open("ab", buffering=0) as log:
        process = subprocess.Popen(command, env=environment, cwd=ROOT, stdout=log, stderr=log, start_new_session=True)
    site.stage.processes["logs"] = process
    try:
        site.stage.until_ready("logs", path="/health")
        with (folder / "rest").open("wb", buffering=0) as rest, suppress(OSError):
            while rest.write(b"x" * 1024):
                continue
        answers = Counter(ask(site.stage.url("logs", "/jobs/"))[0] for _ in range(20))
    finally:
        site.stage.stop("logs", signal.SIGKILL)
        subprocess.run(["umount", "--lazy", str(folder)], check=True)
    return Outcome(
        20 - answers[200], 0, "nothing to repair but the disk", "monitoring of the disk", f"{answers[200]} of 20 pages as usual"
    )


def saves_after(site: Site, slug: str) -> tuple[int, int]:
    """Save once the part is back: how many are lost and how many are there twice."""
    until(lambda: site.post(slug)[0] in {201, 400}, "A save succeeds", seconds=40)
    count = OS.objects.filter(slug=slug).count()
    return int(count == 0), max(count - 1, 0)


def database_outcome(site: Site, slug: str, status: int, seconds: float) -> Outcome:
    started = time.monotonic()
    lost, twice = saves_after(site, slug)
    took = time.monotonic() - started
    # What was refused was not acknowledged; what was accepted must be there.
    seen = f"a save gets {status} after {seconds:.1f} s"
    return Outcome(lost, twice, f"by itself, {took:.1f} s after the part", "error log, Sentry, /ready", seen)


def postgresql_restarts(site: Site) -> Outcome:
    connections.close_all()
    site.cluster.control("restart")
    status, seconds = site.post("restarted")
    return database_outcome(site, "restarted", status, seconds)


def postgresql_stops(site: Site) -> Outcome:
    connections.close_all()
    site.cluster.control("stop")
    time.sleep(1)
    status, seconds = site.post("stopped")
    time.sleep(2)
    site.cluster.control("start")
    return database_outcome(site, "stopped", status, seconds)


def postgresql_locks(site: Site) -> Outcome:
    with psycopg.connect(site.cluster.url()) as other:
        other.execute("LOCK TABLE jobs_job, downloads_os IN ACCESS EXCLUSIVE MODE")
        time.sleep(3)
        status, seconds = site.post("locked")
        other.rollback()
    return database_outcome(site, "locked", status, seconds)


def postgresql_is_full(site: Site) -> Outcome:
    """All connections are taken, and those of the site are cut."""
    connections.close_all()
    others: list[psycopg.Connection] = [psycopg.connect(site.cluster.url("postgres"), autocommit=True)]
    others[0].execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = 'pydotorg'")
    for _ in range(3):
        # Those of the site that are cut may be faster than ours.
        with suppress(psycopg.OperationalError):
            while True:
                others.append(psycopg.connect(site.cluster.url("postgres")))
        others[0].execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = 'pydotorg'")
    with suppress(psycopg.OperationalError):
        while True:
            others.append(psycopg.connect(site.cluster.url("postgres")))
    time.sleep(1)
    status, seconds = site.post("connections")
    for other in others:
        other.close()
    return database_outcome(site, "connections", status, seconds)


def postgresql_is_slow(site: Site) -> Outcome:
    """The processes of PostgreSQL that serve the site stand still for three seconds."""
    pids = [
        pid
        for (pid,) in site.cluster.execute(
            "SELECT pid FROM pg_stat_activity WHERE datname = 'pydotorg' AND pid <> pg_backend_pid()"
        )
    ]
    for pid in pids:
        os.kill(pid, signal.SIGSTOP)
    time.sleep(3)
    for pid in pids:
        os.kill(pid, signal.SIGCONT)
    status, seconds = site.post("slow")
    return database_outcome(site, "slow", status, seconds)


def redis_killed(site: Site) -> Outcome:
    site.stage.stop("redis", signal.SIGKILL)
    time.sleep(1)
    status, seconds = site.post("without-redis")
    rows = emails()
    until(lambda: states(rows)["sent"] == len(rows), "The emails are sent in process", seconds=30)
    start_redis(site.stage, site.ports["redis"])
    queue.queue_server.reset()
    lost, twice = saves_after(site, "without-redis")
    return Outcome(
        lost,
        twice,
        "by itself; tasks ran in the web processes meanwhile",
        f"error log, /ready, {TASKS}",
        f"a save gets {status} after {seconds:.2f} s",
    )


def redis_hangs(site: Site) -> Outcome:
    process = site.stage.processes["redis"]
    process.send_signal(signal.SIGSTOP)
    try:
        first = site.post("hung-redis")
        time.sleep(5)
        started = time.monotonic()
        for _ in range(10):
            ask(site.url("/jobs/"))
        page = (time.monotonic() - started) / 10
        second = site.post("hung-redis-2")
    finally:
        process.send_signal(signal.SIGCONT)
    queue.queue_server.reset()
    lost = sum(not OS.objects.filter(slug=slug).exists() for slug in ("hung-redis", "hung-redis-2"))
    slow = int(max(first[1], second[1]) > MAX_SAVE)
    seen = f"saves take {first[1]:.2f} s and {second[1]:.2f} s, a page after five seconds {page * 1000:.0f} ms"
    return Outcome(lost + slow, 0, "by itself within 5 s", f"error log, /ready, {TASKS}", seen)


def redis_flushed(site: Site) -> Outcome:
    """Queued tasks, of which one makes the documents of a contract, vanish from Redis."""
    site.stage.stop("worker", signal.SIGKILL)
    paper = make_contract()
    rows = emails()
    send = [render_contract.enqueue(paper.pk)]
    django_rq.get_connection().flushall()
    pending = PendingTask.objects.count()
    make_due()
    resend_lost_tasks.call()
    site.restart_worker()
    until(lambda: states(rows)["sent"] == len(rows), "The emails are sent", seconds=60)
    until(lambda: Contract.objects.get(pk=paper.pk).docx.name, "The contract is rendered", seconds=90)
    copies = Counter(site.smtp.message_ids)
    twice = sum(copies[row.message_id] > 1 for row in rows)
    return Outcome(
        0,
        twice,
        f"the sweeper sends all {pending} lost tasks again (wait of 2 minutes shortened)",
        f"{TASKS}, log",
        f"{len(send)} contract queued",
    )


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


def worker_killed_in_email(site: Site) -> Outcome:
    site.smtp.mode = "hang"
    rows = emails(1)
    kill_worker(site, lambda: attempted(rows))
    site.smtp.mode = "accept"
    return finish_emails(site, rows)


def worker_killed_in_pdf(site: Site) -> Outcome:
    paper = make_contract()
    render_contract.enqueue(paper.pk)
    kill_worker(site, lambda: running(render_contract.module_path))
    recover_tasks(site)
    until(lambda: Contract.objects.get(pk=paper.pk).pdf.name, "The contract is rendered", seconds=90)
    return Outcome(
        0, 0, "the sweeper starts it again (wait shortened)", f"{TASKS}, log", "the contract says that it is being made"
    )


def worker_killed_in_purge(site: Site) -> Outcome:
    purge = Purge.objects.create(keys=["drill"])
    with HangingServer() as cache:
        restart_with(site, CDN_BACKEND="http", CDN_URL=cache.url, CDN_TIMEOUT="30")
        send_purge.enqueue(purge.pk)
        kill_worker(site, lambda: running(send_purge.module_path))
    server = ThreadingHTTPServer(("127.0.0.1", 0), Accepting)
    Thread(target=server.serve_forever, daemon=True).start()
    make_due()
    resend_lost_tasks.call()
    restart_with(site, CDN_BACKEND="http", CDN_URL=f"http://127.0.0.1:{server.server_port}/")
    recover_tasks(site)
    until(lambda: Purge.objects.get(pk=purge.pk).status == "done", "The purge is sent", seconds=60)
    server.shutdown()
    site.stage.stop("worker", signal.SIGKILL)
    return Outcome(
        0, 0, "the sweeper starts it again (wait shortened)", f"{TASKS}, list of purges", "a page may be old for that long"
    )


class Accepting(Refusing):
    """Accepts every purge."""

    def answer(self) -> None:
        self.send_response(200)
        self.send_header("Content-Length", "0")
        self.end_headers()

    do_PURGE = answer  # noqa: N815 -- the parent looks for this name.


def restart_with(site: Site, **environment: str) -> None:
    if "worker" in site.stage.processes:
        site.stage.stop("worker", signal.SIGKILL)
    from .__main__ import start_worker

    start_worker(site.stage, FETCH_FROM_LOOPBACK="true", **environment)


def worker_killed_in_import(site: Site) -> Outcome:
    """A calendar's server hangs while a worker reads it."""
    calendar = Calendar.objects.create(name="Drill", slug=f"drill-{free_port()}")
    lines = ["BEGIN:VCALENDAR", "VERSION:2.0", "BEGIN:VEVENT", "UID:drill", "DTSTART:20270101T100000Z", "SUMMARY:Drill"]
    source = "\r\n".join([*lines, "END:VEVENT", "END:VCALENDAR", ""])
    with HangingServer() as hanging:
        Calendar.objects.filter(pk=calendar.pk).update(url=hanging.url)
        sync_calendar.enqueue(calendar.pk)
        kill_worker(site, lambda: SyncRun.objects.filter(calendar=calendar).exists())

    class Feed(Refusing):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Type", "text/calendar")
            self.send_header("Content-Length", str(len(source)))
            self.end_headers()
            self.wfile.write(source.encode())

    server = ThreadingHTTPServer(("127.0.0.1", 0), Feed)
    Thread(target=server.serve_forever, daemon=True).start()
    Calendar.objects.filter(pk=calendar.pk).update(url=f"http://127.0.0.1:{server.server_port}/")
    recover_tasks(site)
    until(lambda: Event.objects.filter(calendar=calendar).exists(), "The event is imported", seconds=90)
    count = Event.objects.filter(calendar=calendar).count()
    server.shutdown()
    return Outcome(
        0,
        count - 1,
        "the sweeper starts it again (wait shortened)",
        f"{TASKS}, report of imports",
        "the calendar is an hour older at most",
    )


def worker_killed_in_publishing(site: Site) -> Outcome:
    """A scheduled page is being published, and waits for a lock, when the worker is killed."""
    from cms.content.tasks import publish_scheduled

    page = StandardPage.objects.filter(live=True).last()
    if page is None:
        raise RuntimeError("The demo has no page.")
    page.title = f"Published by schedule {free_port()}"
    page.save_revision(approved_go_live_at=timezone.now() - timedelta(minutes=1))
    with psycopg.connect(site.cluster.url()) as other:
        other.execute("SELECT 1 FROM wagtailcore_page WHERE id = %s FOR UPDATE", [page.pk])
        publish_scheduled.enqueue()
        kill_worker(site, lambda: running(publish_scheduled.module_path))
        other.rollback()
    recover_tasks(site)
    until(lambda: StandardPage.objects.get(pk=page.pk).title == page.title, "The page is published", seconds=60)
    return Outcome(0, 0, "the next minute publishes it", TASKS, "the page is published a minute later")


def at_once(*acts: Callable[[], Any]) -> None:
    """Do several things at the same moment, each on a connection of its own."""
    start, failures = Barrier(len(acts)), []

    def do(act: Callable[[], Any]) -> None:
        start.wait()
        try:
            act()
        except Exception as error:  # noqa: BLE001 -- raised below.
            failures.append(error)
        finally:
            connections.close_all()

    threads = [Thread(target=do, args=(act,)) for act in acts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if failures:
        raise failures[0]


def two_schedulers(site: Site) -> Outcome:
    path, moment = "cms.platform.tasks.forget_old_task_runs", timezone.now()
    ScheduleState.objects.update_or_create(path=path, defaults={"enqueued_at": moment - timedelta(days=1, minutes=1)})
    before = TaskRun.objects.filter(path=path).count()
    at_once(*[lambda: schedules.enqueue_once(path, moment)] * 4)
    until(lambda: TaskRun.objects.filter(path=path).count() > before, "The task runs", seconds=40)
    time.sleep(2)
    ran = TaskRun.objects.filter(path=path).count() - before
    return Outcome(0, ran - 1, "nothing to repair", "–", "nothing")


def two_workers(site: Site) -> Outcome:
    """Four schedules warn the posters of the same jobs."""
    site.stage.stop("worker")
    ending = list(Job.objects.visible()[:NUMBER])
    Job.objects.filter(pk__in=[job.pk for job in ending]).update(warned_at=None, expires_at=timezone.now() + timedelta(days=1))
    for job in ending:
        job.refresh_from_db()
    before = SentEmail.objects.filter(key="jobs.expiring").count()
    at_once(*[lambda: [warn_poster(job) for job in ending], expire_jobs.call] * 2)
    sent = SentEmail.objects.filter(key="jobs.expiring").count() - before
    due = Job.objects.filter(pk__in=[job.pk for job in ending]).exclude(warned_at=None).count()
    rows = emails(1)
    at_once(*[lambda: deliver_email.call(rows[0].pk)] * 4)
    copies = Counter(site.smtp.message_ids)[rows[0].message_id]
    return Outcome(
        len(ending) - due, max(sent - due, 0) + copies - 1, "nothing to repair", "–", f"{sent} warnings for {due} jobs"
    )


def scheduler_down(site: Site) -> Outcome:
    """A banner starts while no schedule runs for three hours; the first run afterwards purges it."""
    from cms.content.tasks import purge_banners

    now = timezone.now()
    banner = Banner.objects.create(message=f"Drill {free_port()}", starts_at=now - timedelta(hours=1))
    ScheduleState.objects.update_or_create(
        path=purge_banners.module_path, defaults={"enqueued_at": now - timedelta(hours=3), "done_until": now - timedelta(hours=3)}
    )
    found = []
    with schedules.since_last_done(purge_banners) as (since, until_now):
        found = list(Banner.objects.filter(starts_at__range=(since, until_now), pk=banner.pk))
    due = [path for path, schedule in schedules.SCHEDULES.items() if schedule.is_due(now, now - timedelta(hours=3))]
    banner.delete()
    return Outcome(
        int(not found),
        0,
        f"the first run makes up for {len(due)} schedules, once each",
        f"{TASKS}: last and next run",
        "the banner starts late",
    )


def replica_gone(site: Site) -> Outcome:
    from .servers import Cluster

    folder = site.stage.folder / "standby"
    standby = Cluster(folder)
    standby.follow(site.cluster)
    site.stage.start_web("green-1", "1", DATABASE_REPLICA_URL=standby.url())
    site.stage.until_ready("green-1")
    before = Counter(ask(site.stage.url("green-1", "/jobs/?a=1"))[0] for _ in range(5))
    standby.control("stop")
    after = Counter(ask(site.stage.url("green-1", f"/jobs/?b={number}"))[0] for number in range(20))
    site.stage.stop("green-1")
    return Outcome(
        5 - before[200] + 20 - after[200],
        0,
        "reads go to the primary",
        "/ready names the replica, log",
        f"{after[200]} of 20 pages as usual",
    )


def clocks_change(site: Site) -> Outcome:
    """An event at 02:30–03:30 in the night in which Berlin skips 02:00–03:00."""
    night = date(2026, 3, 29)
    event = Event(
        title="Night", start_date=night, start_time=clock_time(2, 30), end_time=clock_time(3, 30), time_zone="Europe/Berlin"
    )
    (span,) = recurrence.spans(event, datetime(2026, 1, 1, tzinfo=UTC))
    minutes = (span.ends_at - span.starts_at).total_seconds() / 60
    return Outcome(int(minutes != 60), 0, "nothing to repair", "–", f"the event takes {minutes:.0f} minutes")  # noqa: PLR2004


def cdn_hangs(site: Site) -> Outcome:
    purge = Purge.objects.create(keys=["drill"])
    with HangingServer() as cache:
        restart_with(site, CDN_BACKEND="http", CDN_URL=cache.url, CDN_TIMEOUT="1")
        send_purge.enqueue(purge.pk)
        until(lambda: Purge.objects.get(pk=purge.pk).status == "failed", "The purge fails", seconds=60)
        status, seconds = site.post("without-cdn")
    site.stage.stop("worker", signal.SIGKILL)
    kept = Purge.objects.due_again().filter(pk=purge.pk).exists()
    return Outcome(
        int(not kept),
        0,
        "sent again each minute for a day",
        "admin home “purges failed”",
        f"a save gets {status} after {seconds:.2f} s",
    )


DRILLS: dict[str, Callable[[Site], Outcome]] = {
    "SMTP refuses connections": smtp_refuses,
    "SMTP hangs": smtp_in_mode("hang"),
    "SMTP drops the connection after DATA": smtp_in_mode("drop"),
    "SMTP answers 550": smtp_rejects,
    "S3 refuses connections": s3_refuses,
    "S3 hangs": s3_hangs,
    "S3 refuses the credentials": s3_credentials,
    "disk full on media": disk_full,
    "disk full on logs": logs_full,
    "PostgreSQL restarts": postgresql_restarts,
    "PostgreSQL stops": postgresql_stops,
    "PostgreSQL tables are locked": postgresql_locks,
    "PostgreSQL has no free connection": postgresql_is_full,
    "PostgreSQL stands still for 3 s": postgresql_is_slow,
    "Redis killed": redis_killed,
    "Redis hangs": redis_hangs,
    "Redis flushed": redis_flushed,
    "worker killed in an email": worker_killed_in_email,
    "worker killed in a PDF": worker_killed_in_pdf,
    "worker killed in a purge": worker_killed_in_purge,
    "worker killed in an import": worker_killed_in_import,
    "worker killed in publishing": worker_killed_in_publishing,
    "two schedulers": two_schedulers,
    "two workers": two_workers,
    "scheduler down for three hours": scheduler_down,
    "replica gone": replica_gone,
    "clocks change": clocks_change,
    "CDN hangs": cdn_hangs,
}
