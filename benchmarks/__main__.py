"""Measure the site: CPU time, queries and bytes of each page, their growth with the data, and the cache under load.

Starts PostgreSQL, Redis and gunicorn with two workers under the production settings, once with as many rows as python.org
has and once with many more, requests each page many times and divides the CPU time of the workers and of the database by the
number of requests. Then starts Varnish in front, with the deployed configuration, and runs the load tests. Prints tables and
writes docs/benchmarks.md. Exits with status 1 if a limit is exceeded. `python -m benchmarks pages` measures only the pages of
the smaller site.

Starts its own servers. Needs initdb, redis-server, varnishd and wrk.
"""

import os
import platform
import secrets
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from deploy.drills.servers import Cluster, start_redis
from deploy.drills.stage import ROOT, Stage, free_port

from . import background, crowd, origin
from .pages import CACHED, NEW_PROCESS, PAGES, PURGED

SCALES = ("real", "large")
# Maximum ratio of the cost of a page on the large site to that on the real one.
MAX_GROWTH = 1.2
EXPLANATION = [
    "Each cost is the CPU time of the web processes and of the database for one request that no cache in front answers, divided",
    "by that of a “hello” from an empty Django project in the same run; medians of several rounds.",
    "",
    "- *Cached*: the parts of the page are in the cache of the process.",
    "- *After a purge*: all surrogate keys of the page were purged, but not that of the whole site.",
    "- *New process*: first page of a worker after a deployment; the shared cache is empty, and the database is connected.",
    "",
    "The limits are a sixth, a half and the whole of what the previous site needed for the same page on the same data.",
]


@contextmanager
def site(folder: Path, scale: str) -> Iterator[tuple[Stage, Cluster]]:
    """Yield a site with data, its own database and Redis, whose server is not yet started."""
    folder.chmod(0o755)
    port, cluster = free_port(), Cluster(folder / scale)
    cluster.make()
    settings = {
        "DJANGO_SETTINGS_MODULE": "pydotorg.settings.production",
        "SECRET_KEY": secrets.token_urlsafe(60),
        "ALLOWED_HOSTS": "127.0.0.1",
        "DATABASE_URL": cluster.url(),
        "REDIS_URL": f"redis://127.0.0.1:{port}/0",
        "BASE_URL": "https://www.python.org",
        "AWS_STORAGE_BUCKET_NAME": "none",
        "CDN_BACKEND": "none",
        "EMAIL_URL": "none",
        "VAR_DIR": str(folder),
        "LOG_LEVEL": "WARNING",
        "CDN_API_TOKEN": secrets.token_urlsafe(20),
    }
    try:
        with Stage(folder, settings) as stage:
            print(f"Filling a {scale} site …", flush=True)
            start_redis(stage, port)
            origin.prepare(stage, scale)
            yield stage, cluster
    finally:
        cluster.control("stop")


def main() -> None:
    costs, lines = {}, []
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        for scale in SCALES:
            with site(Path(folder), scale) as (stage, cluster):
                costs[scale] = origin.measure(stage, cluster)
                lines += [*crowd.memory(stage), *background.measure(stage)] if scale == SCALES[0] else crowd.measure(stage)
    report(costs, lines)


def main_of_background() -> None:
    with tempfile.TemporaryDirectory(prefix="bench-") as folder, site(Path(folder), SCALES[0]) as (stage, _):
        origin.start(stage)
        for line in background.measure(stage):
            print(f"{line.what}: {line.found} ({line.target})")


def main_of_pages() -> None:
    with tempfile.TemporaryDirectory(prefix="bench-") as folder, site(Path(folder), SCALES[0]) as (stage, cluster):
        hello, costs = origin.measure(stage, cluster)
        print("\n".join(table(hello, costs)))


def table(hello: float, costs: dict[str, origin.Cost]) -> list[str]:
    """Return the table of page costs, in multiples of a "hello"."""
    lines = [
        "| what | address | cached | at most | after a purge | at most | new process | at most | queries | KB |",
        "|---|---|---:|---:|---:|---:|---:|---:|---:|---:|",
    ]
    for path, page in PAGES.items():
        cost = costs[path]
        cells = []
        for found, times in ((cost.cached, CACHED), (cost.purged, PURGED), (cost.new_process, NEW_PROCESS)):
            limit = page.limit(times)
            cells += [f"{found / hello:.1f}", f"{limit:.0f}" if limit else "–"]
        lines.append(f"| {page.label} | `{path}` | {' | '.join(cells)} | {cost.queries} | {cost.size / 1024:.0f} |")
    return lines


def exceeded(hello: float, costs: dict[str, origin.Cost]) -> Iterator[str]:
    """Yield a sentence for each cost above its limit."""
    for path, page in PAGES.items():
        cost = costs[path]
        for name, found, times in (
            ("cached", cost.cached, CACHED),
            ("after a purge", cost.purged, PURGED),
            ("in a new process", cost.new_process, NEW_PROCESS),
        ):
            limit = page.limit(times)
            if limit and found > limit * hello:
                yield f"{path} {name}: {found / hello:.1f} of {limit:.0f} hello"


def report(costs: dict[str, tuple[float, dict[str, origin.Cost]]], lines: list[crowd.Line]) -> None:
    (hello, real), (_, large) = (costs[scale] for scale in SCALES)
    missed = list(exceeded(hello, real))
    for path, before in real.items():
        after = large[path]
        # Only unpaginated lists may grow with the number of rows.
        if after.size < before.size * MAX_GROWTH and after.purged > max(before.purged * MAX_GROWTH, before.purged + 1):
            missed.append(f"{path} grows from {before.purged:.1f} to {after.purged:.1f} ms")
    made = (
        f"Made by `make bench` on {datetime.now(UTC):%B %-d, %Y}: Python {platform.python_version()}, PostgreSQL, "
        f"{os.cpu_count()} cores, gunicorn with two workers under the production settings."
    )
    scales = (
        "*Real* is a site with 412 releases, 3,062 files, 300 events and 200 jobs; *large* has 1,200, 25,000, 3,000 and 5,000. "
        f"One “hello” took {hello:.2f} ms."
    )
    text = ["# Benchmarks", "", made, "", *EXPLANATION, "", scales]
    for scale in SCALES:
        text += ["", f"## Pages of the {scale} site, in multiples of “hello”", "", *table(*costs[scale])]
    text += ["", "## Memory and tasks of the real site; then many readers of the large one", ""]
    text += ["| what | found | target |", "|---|---:|---:|"]
    for line in lines:
        text.append(f"| {line.what} | {line.found} | {line.target} |")
        if not line.held:
            missed.append(f"{line.what}: {line.found}")
    (ROOT / "docs" / "benchmarks.md").write_text("\n".join(text) + "\n", encoding="utf-8")
    print("\n".join(text))
    if missed:
        sys.exit("Missed: " + "; ".join(missed) + ".")


if __name__ == "__main__":
    {"background": main_of_background, "pages": main_of_pages}.get(sys.argv[-1], main)()
