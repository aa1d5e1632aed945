"""Cost of each page at the origin, without a cache."""

import http.client
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from http import HTTPStatus
from pathlib import Path
from statistics import median
from typing import NamedTuple, Self

from cms.delivery.surrogate_keys import SITE_KEY
from deploy.drills.servers import Cluster
from deploy.drills.stage import ROOT, Stage, free_port, until

from .pages import PAGES

# Requests for each page before the measurement, so that both workers have compiled their templates.
WARM_UP = 30
ROUNDS, REQUESTS = 5, 100
PURGES, STARTS = 15, 3
# Maximum duration of a round in seconds, for slow pages.
MAX_ROUND = 4
QUESTIONS = """
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
client = Client(SERVER_NAME="127.0.0.1", HTTP_X_FORWARDED_PROTO="https")
for path in {paths!r}:
    client.get(path)
    client.get(path)
    with CaptureQueriesContext(connection) as queries:
        client.get(path)
    print(path, len(queries))
"""


class Cost(NamedTuple):
    """Cost of one request: CPU milliseconds of web processes and database in three situations, queries and bytes."""

    cached: float
    purged: float
    new_process: float
    queries: int
    size: int


def manage(stage: Stage, *arguments: str, **environment: str) -> str:
    command = [sys.executable, "manage.py", *arguments, "--verbosity", "0"]
    environment = os.environ | stage.environment | environment
    return subprocess.run(command, cwd=ROOT, env=environment, check=True, stdout=subprocess.PIPE, text=True).stdout


def prepare(stage: Stage, scale: str) -> None:
    manage(stage, "migrate")
    if not (Path(stage.environment["VAR_DIR"]) / "static").exists():
        manage(stage, "collectstatic", "--noinput")
    # Tasks run in process, so that no queued task runs during the measurement.
    manage(stage, "demo", "--scale", scale, DJANGO_SETTINGS_MODULE="pydotorg.settings.dev", REDIS_URL="")
    # PostgreSQL collects statistics by itself, but only minutes after the rows were written.
    manage(stage, "shell", "--no-imports", "-c", "from django.db import connection; connection.cursor().execute('ANALYZE')")


def start(stage: Stage) -> None:
    stage.start_web("origin", "bench")
    stage.until_ready("origin", path="/health")


def measure(stage: Stage, cluster: Cluster) -> tuple[float, dict[str, Cost]]:
    """Return the cost of a "hello" and of each page. Leaves the server running."""
    lines = manage(stage, "shell", "-c", QUESTIONS.format(paths=list(PAGES))).split("\n")
    queries = {path: int(number) for path, number in (line.split() for line in lines if line.startswith("/"))}
    start(stage)
    meter = Meter(stage, cluster)
    for path in PAGES:
        requests(stage.ports["origin"], path, WARM_UP)
    with Purger(stage) as purger:
        costs = {path: cost(stage, meter, purger, path, queries[path]) for path in PAGES}
        return hello(stage, meter), costs


def hello(stage: Stage, meter: "Meter") -> float:
    """Return the CPU milliseconds of the minimal application, served like the site."""
    stage.ports["hello"] = free_port()
    variables = {"PORT": str(stage.ports["hello"]), "WEB_CONCURRENCY": "2"}
    stage.start("hello", sys.executable, "-m", "gunicorn", "benchmarks.hello:application", **variables)
    stage.until_ready("hello", path="/")
    requests(stage.ports["hello"], "/", WARM_UP)
    rounds = [meter.cost(lambda: requests(stage.ports["hello"], "/", REQUESTS)[0], "hello") for _ in range(ROUNDS)]
    stage.stop("hello")
    return median(rounds)


def cost(stage: Stage, meter: "Meter", purger: "Purger", path: str, queries: int) -> Cost:
    """Return the medians of several rounds: cached, after a purge of the page's keys, and first in a new process."""
    port = stage.ports["origin"]
    size, keys = ask(port, path)
    cached = [meter.cost(lambda: requests(port, path, REQUESTS)[0]) for _ in range(ROUNDS)]
    purged = []
    for _ in range(PURGES):
        purger.purge(keys)
        purged.append(meter.cost(lambda: requests(port, path, 1)[0]))
    started = []
    for _ in range(STARTS):
        renew_workers(stage)
        purger.clear()
        started.append(meter.cost(lambda: requests(port, path, 1)[0]))
    # New workers without warm-up would make the next page more expensive.
    for each in PAGES:
        requests(port, each, 4)
    return Cost(median(cached), median(purged), median(started), queries, size)


def renew_workers(stage: Stage) -> None:
    """Replace the gunicorn workers with new processes, each with an open database connection."""
    master = stage.processes["origin"].pid
    old = set(workers(master))
    os.kill(master, signal.SIGHUP)
    until(lambda: len(workers(master)) == len(old) and old.isdisjoint(workers(master)), "gunicorn has new workers")
    # The probe /ready uses connections of its own. This one opens that of the thread which serves pages.
    for _ in range(8):
        ask(stage.ports["origin"], "/api/v2/downloads/os/?slug=none")
    time.sleep(0.2)


class Purger:
    """Process that purges surrogate keys or clears the shared cache on request."""

    PROGRAM = """
import sys
from django.core.cache import cache
from cms.delivery.cached import record_purge
for line in sys.stdin:
    record_purge(line.split()) if line.strip() else cache.clear()
    print("done", flush=True)
"""

    def __init__(self, stage: Stage) -> None:
        command = [sys.executable, "manage.py", "shell", "--no-imports", "--verbosity", "0", "-c", self.PROGRAM]
        environment = os.environ | stage.environment
        self.process = subprocess.Popen(
            command, cwd=ROOT, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self.process.communicate()

    def purge(self, keys: list[str]) -> None:
        """Purge keys and wait for the result."""
        if self.process.stdin and self.process.stdout:
            self.process.stdin.write(" ".join(keys) + "\n")
            self.process.stdout.readline()

    def clear(self) -> None:
        """Clear the shared cache, like a deployment that changes the cache keys."""
        self.purge([])


class Meter:
    """Meter of the CPU time of web processes and database."""

    def __init__(self, stage: Stage, cluster: Cluster) -> None:
        self.stage, self.cluster = stage, cluster

    def cost(self, work: Callable[[], int], name: str = "origin") -> float:
        """Return the CPU milliseconds per request of `work`, a function that returns its number of requests."""
        before = self.read(name)
        count = work()
        after = self.read(name)
        return sum(after[pid] - before.get(pid, 0) for pid in after) * 1000 / count

    def read(self, name: str) -> dict[str, float]:
        """Return the CPU seconds of each process."""
        return {pid: cpu_seconds(pid) for pid in [*workers(self.stage.processes[name].pid), *self.cluster.backends()]}


def cpu_seconds(pid: str) -> float:
    """Return the CPU time of all threads of a process to the nanosecond; clock_getcpuclockid(3) explains the number."""
    try:
        return time.clock_gettime((~int(pid) << 3) | 2)
    except OSError:
        return 0


def requests(port: int, path: str, count: int) -> tuple[int, int]:
    """Request a page `count` times, or until the round ends. Return the number of requests and the bytes of a response."""
    end, size = time.monotonic() + MAX_ROUND, 0
    for number in range(1, count + 1):
        size, _ = ask(port, path)
        if time.monotonic() > end:
            return number, size
    return count, size


def ask(port: int, path: str) -> tuple[int, list[str]]:
    """Request a page; return the bytes and surrogate keys of the response. Raises RuntimeError on any status but 200."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    connection.request("GET", path, headers={"X-Forwarded-Proto": "https"})
    response = connection.getresponse()
    body = response.read()
    connection.close()
    if response.status != HTTPStatus.OK:
        raise RuntimeError(f"{path} answered {response.status}.")
    keys = response.getheader("Surrogate-Key", "").split()
    return len(body), [key for key in keys if key != SITE_KEY]


def workers(master: int) -> list[str]:
    return Path(f"/proc/{master}/task/{master}/children").read_text(encoding="ascii").split()


def memory(pid: int | str) -> float:
    """Return the proportional set size of a process in megabytes."""
    text = Path(f"/proc/{pid}/smaps_rollup").read_text(encoding="ascii")
    return next(int(line.split()[1]) for line in text.splitlines() if line.startswith("Pss:")) / 1024
