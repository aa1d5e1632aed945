"""Background tasks: latency with two workers, and punctuality of the scheduler at the same time.

`python -m benchmarks background` runs only this benchmark, on a small site.
"""

import json
import sys

from deploy.drills.servers import EmailServer
from deploy.drills.stage import Stage, free_port, until

from . import crowd, origin

IDLE, REAL = 1_000, 200
# Tasks per second: below the capacity of the workers, because a growing queue would hide the latency of a task.
RATE = 10

WORKERS = ("worker-1", "worker-2")
# Limits in seconds: 95th percentile from enqueuing to the end of a task, and delay of the scheduler.
MOST, MAX_LATE = 1, 60


def measure(stage: Stage) -> list[crowd.Line]:
    """Measure with the server left running by `origin.measure`, and a cache in front that receives the purges."""
    smtp = free_port()
    server = EmailServer(smtp)
    if "cache" not in stage.processes:
        crowd.start_cache(stage)
    places = {"CDN_BACKEND": "http", "CDN_URL": stage.url("cache", ""), "EMAIL_URL": f"smtp://127.0.0.1:{smtp}"}
    processes = dict.fromkeys(
        WORKERS, ("rqworker", "purge", "mail", "default", "--serializer", "json", "--job-class", "django_tasks_rq.Job")
    )
    processes["scheduler"] = ("run_schedules", "--forever")
    for name, command in processes.items():
        stage.start(name, sys.executable, "manage.py", *command, **places, LOG_LEVEL="INFO")
    for name in WORKERS:
        log = stage.folder / f"{name}.log"
        until(lambda log=log: b"Listening on" in log.read_bytes(), f"{name} waits for tasks")
    idle, real, late = (
        json.loads(origin.manage(stage, "shell", "--no-imports", "-c", f"from benchmarks.tasks import *; {work}()", **places))
        for work in ("offer_idle", "offer_real", "lateness")
    )
    for name in processes:
        stage.stop(name)
    server.shutdown()
    server.server_close()
    return [
        duration(f"{IDLE:,} tasks that do nothing, {RATE} a second", idle),
        duration(f"{REAL} emails and purges, {RATE} per second", real),
        lateness(late),
    ]


def duration(what: str, seconds: list[float | None]) -> crowd.Line:
    ended = sorted(each for each in seconds if each is not None)
    lost = len(seconds) - len(ended)
    at = {share: ended[int(len(ended) * share / 100)] for share in (50, 95, 99)}
    found = ", ".join(f"p{share} {value:.2f} s" for share, value in at.items()) + (f", {lost} not done" if lost else "")
    return crowd.Line(f"{what}: from the queue to their end", found, f"p95 < {MOST} s", not lost and at[95] < MOST)


def lateness(late: list[float | None]) -> crowd.Line:
    ran = [each for each in late if each is not None]
    missed = len(late) - len(ran)
    found = f"{max(ran, default=0):.1f} s" + (f", {missed} left out" if missed else "")
    held = bool(ran) and not missed and max(ran) < MAX_LATE
    return crowd.Line(f"What runs each minute, {len(late)} times: late by", found, f"< {MAX_LATE} s", held)
