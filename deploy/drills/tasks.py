"""Measure the latency of tasks, and check that two workers never run one twice."""

import time

from .servers import EmailServer
from .stage import Row, Stage, until

EMAILS, RATE = 150, 10
WORKERS = ("worker-1", "worker-2")
# Seconds for the workers to start and to empty the queue.
SETTLE = 10
# Limits of the 95th and 99th percentile, in seconds from enqueuing to the end of a task.
MOST_95, MOST_99 = 1, 5


def measure_tasks(stage: Stage, port: int, send, start_worker) -> Row:
    """Measure tasks. `send()` sends one email and returns its row; `start_worker(name, …)` starts a worker.

    The two workers purge no cache: in these drills it would never respond, so that each purge would block a worker.
    """
    from cms.email.models import SentEmail

    server = EmailServer(port)
    stage.stop("worker")
    for name in WORKERS:
        start_worker(name, CDN_BACKEND="none")
    time.sleep(SETTLE)
    started = time.monotonic()
    sent = []
    for number in range(EMAILS):
        time.sleep(max(0, started + number / RATE - time.monotonic()))
        sent.append(send().pk)
    rows = SentEmail.objects.filter(pk__in=sent)
    until(lambda: not rows.exclude(status="sent").exists(), "All emails are sent")
    took = time.monotonic() - started
    for name in WORKERS:
        stage.stop(name)
    start_worker("worker")
    server.close()
    waited = sorted((row.sent_at - row.created_at).total_seconds() for row in rows)
    at = {share: waited[int(len(waited) * share / 100)] for share in (50, 95, 99)}
    twice = server.taken - EMAILS + sum(row.attempts - 1 for row in rows)
    summary = f"{RATE} a second, two workers: " + ", ".join(f"p{share} {seconds:.2f} s" for share, seconds in at.items())
    beyond = int(at[95] > MOST_95) + int(at[99] > MOST_99)
    return Row(
        "tasks", EMAILS, abs(twice) + beyond, took, f"{summary}; at most {MOST_95} and {MOST_99}; {server.taken} emails arrived"
    )
