"""Tasks for the workers under test. Runs inside the site: `manage.py shell -c "from benchmarks import tasks; …"`."""

import json
import time
from collections.abc import Callable
from datetime import timedelta

import django_rq
from django.utils import timezone
from django_tasks import task
from rq.job import Job

from cms.delivery import purging
from cms.delivery.models import Purge
from cms.email import registry, sending
from cms.email.models import SentEmail
from cms.platform.models import TaskRun
from cms.platform.schedules import SCHEDULES

from .background import IDLE, RATE, REAL

MINUTE = timedelta(minutes=1)


@task()
def nothing() -> None:
    """Do nothing, to measure the overhead of a task."""


def offer(count: int, work: Callable[[int], None]) -> None:
    started = time.monotonic()
    for number in range(count):
        time.sleep(max(0, started + number / RATE - time.monotonic()))
        work(number)


def offer_idle() -> None:
    """Print the seconds from enqueuing to the end of each task, null for unfinished ones, as JSON."""
    ids: list[str] = []
    offer(IDLE, lambda _: ids.append(nothing.enqueue().id))
    connection = django_rq.get_connection()
    for _ in range(100):
        jobs = [job for job in Job.fetch_many(ids, connection) if job]
        if len(jobs) == IDLE and all(job.ended_at for job in jobs):
            break
        time.sleep(0.1)
    print(json.dumps([(job.ended_at - job.enqueued_at).total_seconds() if job.ended_at else None for job in jobs]))


def offer_real() -> None:
    """Print the same for alternating emails and purges, from the creation of the row to the response of the other server."""
    email_type = next(email_type for key, email_type in registry.EMAIL_TYPES.items() if key.startswith("jobs."))
    begun = timezone.now()

    def work(number: int) -> None:
        if number % 2:
            sending.send(email_type, to=["bench@example.org"], variables=email_type.example)
        else:
            purging.purge(f"bench-{number}")

    offer(REAL, work)
    for _ in range(100):
        emails = SentEmail.objects.filter(created_at__gt=begun).values_list("created_at", "sent_at")
        purges = Purge.objects.filter(created_at__gt=begun, status=Purge.Status.DONE).values_list("created_at", "finished_at")
        ended = [(end - start).total_seconds() for start, end in [*emails, *purges] if end]
        if len(ended) == REAL:
            break
        time.sleep(0.1)
    print(json.dumps(ended + [None] * (REAL - len(ended))))


def lateness() -> None:
    """Print the delay in seconds of the tasks scheduled for each minute, null for missed runs, as JSON."""
    late = []
    for path in (path for path, schedule in SCHEDULES.items() if schedule.cron == "* * * * *"):
        begun = TaskRun.objects.filter(path=path).order_by("-started_at").values_list("started_at", flat=True)
        ran = {moment.replace(second=0, microsecond=0): moment for moment in begun}
        minute, now = min(ran, default=timezone.now()), timezone.now()
        while minute < now:
            if minute in ran or minute + MINUTE < now:
                late.append((ran[minute] - minute).total_seconds() if minute in ran else None)
            minute += MINUTE
    print(json.dumps(late))
