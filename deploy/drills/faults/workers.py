"""Faults of a worker: killed during each type of task, and without a response from the CDN."""

import signal
from datetime import timedelta
from http.server import ThreadingHTTPServer
from threading import Thread

import psycopg
from django.utils import timezone

from cms.content.tasks import publish_scheduled
from cms.delivery.models import Purge
from cms.delivery.sending import send_purge
from cms.platform.tasks import resend_lost_tasks
from deploy.drills.servers import HangingServer
from deploy.drills.site import Outcome, Site
from deploy.drills.stage import free_port, until
from events.models import Calendar, Event, SyncRun
from events.tasks import sync_calendar
from home.models import StandardPage
from sponsors.contracts import render_contract
from sponsors.models import Contract

from .common import (
    TASKS,
    Accepting,
    Refusing,
    attempted,
    emails,
    finish_emails,
    kill_worker,
    make_contract,
    make_due,
    recover_tasks,
    restart_with,
    running,
)


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


def worker_killed_in_import(site: Site) -> Outcome:
    """Kill a worker while it reads a calendar from a server that hangs."""
    calendar = Calendar.objects.create(name="Drill", slug=f"drill-{free_port()}")
    lines = ["BEGIN:VCALENDAR", "VERSION:2.0", "BEGIN:VEVENT", "UID:drill", "DTSTART:20270101T100000Z", "SUMMARY:Drill"]
    source = "\r\n".join([*lines, "END:VEVENT", "END:VCALENDAR", ""])
    with HangingServer() as hanging:
        Calendar.objects.filter(pk=calendar.pk).update(url=hanging.url)
        sync_calendar.enqueue(calendar.pk)
        kill_worker(site, lambda: SyncRun.objects.filter(calendar=calendar).exists())

    class Feed(Refusing):
        def do_GET(self) -> None:  # noqa: N802 -- the parent looks for this name.
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
    """Kill a worker while its publication of a scheduled page waits for a lock."""
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
