"""Schedules and workers that run twice, late, or while the clocks change."""

import time
from collections import Counter
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from datetime import time as clock_time
from threading import Barrier, Thread
from typing import Any

from django.db import connections
from django.utils import timezone

from cms.content.models.banners import Banner
from cms.content.tasks import purge_banners
from cms.email.models import SentEmail
from cms.email.tasks import deliver_email
from cms.platform import schedules
from cms.platform.models import ScheduleState, TaskRun
from deploy.drills.site import Outcome, Site
from deploy.drills.stage import free_port, until
from events import recurrence
from events.models import Event
from jobs.models import Job
from jobs.tasks import expire_jobs
from jobs.workflows import warn_poster

from .common import NUMBER, TASKS, emails


def at_once(*actions: Callable[[], Any]) -> None:
    """Run several functions at the same moment, each with its own connection."""
    start, failures = Barrier(len(actions)), []

    def do(action: Callable[[], Any]) -> None:
        start.wait()
        try:
            action()
        except Exception as error:  # noqa: BLE001 -- raised below.
            failures.append(error)
        finally:
            connections.close_all()

    threads = [Thread(target=do, args=(action,)) for action in actions]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if failures:
        raise failures[0]


def two_schedulers(site: Site) -> Outcome:
    path, moment = "cms.platform.tasks.delete_old_task_runs", timezone.now()
    ScheduleState.objects.update_or_create(path=path, defaults={"enqueued_at": moment - timedelta(days=1, minutes=1)})
    before = TaskRun.objects.filter(path=path).count()
    at_once(*[lambda: schedules.enqueue_once(path, moment)] * 4)
    until(lambda: TaskRun.objects.filter(path=path).count() > before, "The task runs", seconds=40)
    time.sleep(2)
    ran = TaskRun.objects.filter(path=path).count() - before
    return Outcome(0, ran - 1, "nothing to repair", "–", "nothing")


def two_workers(site: Site) -> Outcome:
    """Run four schedulers that remind the posters of the same jobs."""
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
    """Stop the scheduler for three hours, in which a banner starts; the next run purges its pages."""
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


def clocks_change(site: Site) -> Outcome:
    """Compute an event at 02:30–03:30 in the night in which Berlin skips 02:00–03:00."""
    night = date(2026, 3, 29)
    event = Event(
        title="Night", start_date=night, start_time=clock_time(2, 30), end_time=clock_time(3, 30), time_zone="Europe/Berlin"
    )
    (span,) = recurrence.spans(event, datetime(2026, 1, 1, tzinfo=UTC))
    minutes = (span.ends_at - span.starts_at).total_seconds() / 60
    return Outcome(int(minutes != 60), 0, "nothing to repair", "–", f"the event takes {minutes:.0f} minutes")  # noqa: PLR2004
