"""Cost of each page at the origin, without a cache."""

import http.client
import os
import subprocess
import sys
import time
from http import HTTPStatus
from pathlib import Path
from typing import NamedTuple

from deploy.drills.stage import ROOT, Stage

from .pages import PAGES

# Requests for each page before the measurement, so that both workers have compiled their templates.
WARM_UP = 30
ROUNDS, REQUESTS = 3, 100
# Limit of a round in seconds, for slow pages.
MAX_ROUND = 4
TICKS = os.sysconf("SC_CLK_TCK")
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
    """CPU milliseconds, database queries and bytes of one request."""

    cpu: float
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


def start(stage: Stage) -> None:
    stage.start_web("origin", "bench")
    stage.until_ready("origin", path="/health")


def measure(stage: Stage) -> dict[str, Cost]:
    """Return the cost of each page. Leaves the server running."""
    lines = manage(stage, "shell", "-c", QUESTIONS.format(paths=list(PAGES))).split("\n")
    queries = {path: int(number) for path, number in (line.split() for line in lines if line.startswith("/"))}
    start(stage)
    for path in PAGES:
        requests(stage.ports["origin"], path, WARM_UP)
    return {path: cost(stage, path, queries[path]) for path in PAGES}


def cost(stage: Stage, path: str, queries: int) -> Cost:
    master, size, rounds = stage.processes["origin"].pid, 0, []
    for _ in range(ROUNDS):
        before = cpu_seconds(master)
        count, size = requests(stage.ports["origin"], path, REQUESTS)
        rounds.append((cpu_seconds(master) - before) * 1000 / count)
    return Cost(min(rounds), queries, size)


def requests(port: int, path: str, count: int) -> tuple[int, int]:
    """Request a page `count` times, or until the round ends. Return the number of requests and the bytes of a response."""
    end, size = time.monotonic() + MAX_ROUND, 0
    for number in range(1, count + 1):
        size = ask(port, path)
        if time.monotonic() > end:
            return number, size
    return count, size


def ask(port: int, path: str) -> int:
    """Request a page and return the bytes of the response. Raises RuntimeError on any status but 200."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    connection.request("GET", path, headers={"X-Forwarded-Proto": "https"})
    response = connection.getresponse()
    body = response.read()
    connection.close()
    if response.status != HTTPStatus.OK:
        raise RuntimeError(f"{path} answered {response.status}.")
    return len(body)


def workers(master: int) -> list[str]:
    return Path(f"/proc/{master}/task/{master}/children").read_text(encoding="ascii").split()


def cpu_seconds(master: int) -> float:
    """Return the CPU time, system and user, that the workers of a gunicorn master have used."""
    total = 0
    for pid in workers(master):
        fields = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rsplit(")", 1)[1].split()
        total += int(fields[11]) + int(fields[12])
    return total / TICKS


def memory(pid: int | str) -> float:
    """Return the proportional set size of a process in megabytes."""
    text = Path(f"/proc/{pid}/smaps_rollup").read_text(encoding="ascii")
    return next(int(line.split()[1]) for line in text.splitlines() if line.startswith("Pss:")) / 1024
