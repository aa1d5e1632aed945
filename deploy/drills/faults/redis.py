"""Faults of the queue and cache server."""

import signal
import time
from collections import Counter

import django_rq

from cms.platform import queue
from cms.platform.models import PendingTask
from cms.platform.tasks import resend_lost_tasks
from deploy.drills.servers import start_redis
from deploy.drills.site import Outcome, Site
from deploy.drills.stage import ask, until
from downloads.models import OS
from sponsors.contracts import render_contract
from sponsors.models import Contract

from .common import TASKS, emails, make_contract, make_due, states
from .databases import saves_after

# Seconds that a save may take without Redis.
MAX_SAVE = 1.5


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
    """Flush Redis with tasks in the queue, one of which creates the documents of a contract."""
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
