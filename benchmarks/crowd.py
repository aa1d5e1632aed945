"""Load tests: the cache in front of the site, busy API clients, a publication under load, and an outage of the origin."""

import random
import re
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from http import HTTPStatus
from typing import NamedTuple

import requests
from defusedxml import ElementTree

from deploy.drills.stage import ROOT, Stage, ask, free_port, until

from . import origin
from .pages import PAGES

HEADERS = {"X-Forwarded-Proto": "https"}
# Requests follow Zipf's law: the second URL of the log is requested half as often as the first, the third a third as often, …
LOG_REQUESTS, LOG_PATHS = 10_000, 1_000
API_REQUESTS = 10_000
# Rounds of requests for all pages, in addition to those that measure their cost.
MIXED_ROUNDS = 320
SECONDS = 8


class Line(NamedTuple):
    what: str
    found: str
    target: str
    held: bool


def measure(stage: Stage) -> list[Line]:
    """Start a cache in front of the server left running by `origin.measure`, and measure both under load."""
    start_cache(stage)
    lines = [*wrk(stage, "/"), *wrk(stage, "/downloads/"), log_of_paths(stage), many_api_requests(stage)]
    return [*lines, *publication(stage), dead_site(stage)]


def start_cache(stage: Stage) -> None:
    stage.ports["cache"] = free_port()
    for name in ("default.vcl", "parameters.vcl"):
        shutil.copy(ROOT / "deploy" / "varnish" / name, stage.folder)
    config = stage.folder / "default.vcl"
    origin = f'backend origin {{.host = "127.0.0.1"; .port = "{stage.ports["origin"]}";}}\n'
    (stage.folder / "backends.vcl").write_text(origin, encoding="utf-8")
    varnish = shutil.which("varnishd") or "/usr/sbin/varnishd"
    address = f"127.0.0.1:{stage.ports['cache']}"
    stage.start(
        "cache",
        varnish,
        "-j",
        "none",
        "-F",
        "-a",
        address,
        "-f",
        str(config),
        "-n",
        str(stage.folder / "cache"),
        "-s",
        "malloc,256m",
        "-p",
        "http_gzip_support=off",
    )
    until(lambda: ask(stage.url("cache", "/health"))[0] == HTTPStatus.OK, "The cache answers")


def wrk(stage: Stage, path: str) -> list[Line]:
    """Request a cached page continuously on fifty connections."""
    requests.get(stage.url("cache", path), headers=HEADERS, timeout=30)
    command = ["wrk", "-t2", "-c50", f"-d{SECONDS}s", "--latency", "-H", "X-Forwarded-Proto: https", stage.url("cache", path)]
    answer = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    rate = float(*re.findall(r"Requests/sec:\s+([\d.]+)", answer))
    ((number, unit),) = re.findall(r"99%\s+([\d.]+)(us|ms|s)", answer)
    milliseconds = float(number) * {"us": 0.001, "ms": 1, "s": 1000}[unit]
    label = PAGES[path].label
    return [
        Line(f"{label} from the cache, requests a second", f"{rate:,.0f}", "≥ 10,000", rate >= 10_000),
        Line(f"{label} from the cache, slowest of a hundred", f"{milliseconds:.1f} ms", "< 10 ms", milliseconds < 10),
    ]


def log_of_paths(stage: Stage) -> Line:
    """Measure the hit ratio of an initially empty cache: a few URLs are requested often and many rarely."""
    sitemap = requests.get(stage.url("cache", "/sitemap.xml"), headers=HEADERS, timeout=60).content
    found = [element.text for element in ElementTree.fromstring(sitemap).iter() if element.tag.endswith("loc")]
    paths = list(PAGES) + ["/" + address.split("/", 3)[3] for address in found]
    dice = random.Random(1)  # noqa: S311 -- the same log in each run.
    paths = paths[: len(PAGES)] + dice.sample(paths[len(PAGES) :], LOG_PATHS - len(PAGES))
    weights = [1 / place for place in range(1, LOG_PATHS + 1)]
    counted: Counter[str] = Counter()
    with requests.Session() as session:
        for path in dice.choices(paths, weights, k=LOG_REQUESTS):
            counted[session.get(stage.url("cache", path), headers=HEADERS, timeout=30).headers["X-Cache"]] += 1
    ratio = counted["HIT"] / LOG_REQUESTS
    return Line(
        f"{LOG_REQUESTS:,} requests for {LOG_PATHS:,} addresses, answered by the cache", f"{ratio:.1%}", "> 90 %", ratio > 0.9
    )


def many_api_requests(stage: Stage) -> Line:
    """Send API requests continuously from one IP address, bypassing the cache."""
    counted: Counter[int] = Counter()
    with requests.Session() as session:
        for number in range(API_REQUESTS):
            path = f"/api/v3/releases/?limit=1&offset={number % 500}"
            counted[session.get(stage.url("origin", path), headers=HEADERS, timeout=30).status_code] += 1
    refused = API_REQUESTS - counted[HTTPStatus.OK]
    return Line(f"{API_REQUESTS:,} requests of one program to the API, refused", f"{refused}", "0", refused == 0)


def memory(stage: Stage) -> list[Line]:
    """Measure the memory of gunicorn after ten thousand requests for all pages, including those measured before."""
    master = stage.processes["origin"].pid
    for _ in range(MIXED_ROUNDS):
        for path in PAGES:
            origin.requests(stage.ports["origin"], path, 1)
    each = [origin.memory(pid) for pid in origin.workers(master)]
    total = sum(each) + origin.memory(master)
    return [
        Line("Memory of a worker", f"{max(each):.0f} MB", "≤ 180 MB", max(each) <= 180),
        Line("Memory of gunicorn with two workers", f"{total:.0f} MB", "≤ 400 MB", total <= 400),
    ]


def publication(stage: Stage) -> list[Line]:
    """Publish a release during five hundred requests per second, and measure the time until all pages show it."""
    # The highest version number, so that every list starts with it.
    version = "3.999.0"
    places = ["/downloads/", "/downloads/source/", "/api/v3/releases/", "/downloads/feed.rss"]
    answers: Counter[int] = Counter()
    done = threading.Event()

    def reader():
        with requests.Session() as session:
            while not done.is_set():
                for path in places:
                    try:
                        status = session.get(stage.url("cache", path), headers=HEADERS, timeout=30).status_code
                    except requests.ConnectionError:
                        status = 0
                    answers[status] += 1
                    time.sleep(0.005)

    readers = [threading.Thread(target=reader, daemon=True) for _ in range(8)]
    for thread in readers:
        thread.start()
    program = (
        "import time; from django.utils import timezone; from downloads.models import OS, Release, ReleaseFile; "
        f"release = Release.objects.create(name='Python {version}', live=True, release_date=timezone.now()); "
        "ReleaseFile.objects.create(release=release, os=OS.objects.get(slug='source'), name='Gzipped source tarball', "
        f"slug='bench', url='https://www.python.org/ftp/python/{version}/Python-{version}.tgz'); "
        "print(time.monotonic())"
    )
    environment = {"CDN_BACKEND": "http", "CDN_URL": stage.url("cache", "")}
    stage.environment |= environment
    stage.start("worker", sys.executable, "manage.py", "rqworker", "purge", "default", "--job-class", "django_tasks_rq.Job")
    until(lambda: b"Listening on" in (stage.folder / "worker.log").read_bytes(), "The worker waits for tasks")
    started = time.monotonic()
    published = float(origin.manage(stage, "shell", "-c", program).split()[-1])
    for path in places:
        until(lambda path=path: version.encode() in ask(stage.url("cache", path), headers=HEADERS)[2], f"{path} shows {version}")
    took = time.monotonic() - published
    rate = sum(answers.values()) / (time.monotonic() - started)
    done.set()
    for thread in readers:
        thread.join()
    wrong = sum(count for status, count in answers.items() if status != HTTPStatus.OK)
    return [
        Line("A release is everywhere after its publication", f"{took:.1f} s", "≤ 5 s", took <= 5),
        Line(f"Errors meanwhile, at {rate:.0f} requests a second", f"{wrong}", "0", wrong == 0),
    ]


def dead_site(stage: Stage) -> Line:
    """Stop the origin and count the cached pages that become unavailable."""
    for path in PAGES:
        ask(stage.url("cache", path), headers=HEADERS)
    stage.stop("origin", signal.SIGKILL)
    down = [path for path in PAGES if ask(stage.url("cache", path), headers=HEADERS)[0] != HTTPStatus.OK]
    found = ", ".join(down) or "none"
    return Line(f"Of {len(PAGES)} pages that were read, gone when the site stops", found, "none", not down)
