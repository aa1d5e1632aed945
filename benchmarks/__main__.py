"""Measure the site: CPU time, queries and bytes of each page, their growth with the data, and the cache under load.

Starts PostgreSQL, Redis and gunicorn with two workers under the production settings, once with as many rows as python.org
has and once with many more, requests each page many times and divides the workers' CPU time by the number of requests. Then
starts Varnish in front, with the deployed configuration, and runs the load tests. Prints tables and writes
docs/benchmarks.md. Exits with status 1 if a limit is exceeded.

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
from .pages import PAGES

SCALES = ("real", "large")
# Maximum ratio of the cost of a page on the large site to that on the real one.
MAX_GROWTH = 1.2


@contextmanager
def site(folder: Path, scale: str) -> Iterator[Stage]:
    """Yield a site with data on its own database and Redis, before its server is started."""
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
            yield stage
    finally:
        cluster.control("stop")


def main() -> None:
    costs, lines = {}, []
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        for scale in SCALES:
            with site(Path(folder), scale) as stage:
                costs[scale] = origin.measure(stage)
                lines += [*crowd.memory(stage), *background.measure(stage)] if scale == SCALES[0] else crowd.measure(stage)
    report(costs, lines)


def main_of_background() -> None:
    with tempfile.TemporaryDirectory(prefix="bench-") as folder, site(Path(folder), SCALES[0]) as stage:
        origin.start(stage)
        for line in background.measure(stage):
            print(f"{line.what}: {line.found} ({line.target})")


def report(costs: dict[str, dict[str, origin.Cost]], lines: list[crowd.Line]) -> None:
    missed = []
    made = (
        f"Made by `make bench` on {datetime.now(UTC):%-d %B %Y}: Python {platform.python_version()}, PostgreSQL, "
        f"{os.cpu_count()} cores, gunicorn with two workers under the production settings."
    )
    scales = (
        "Of several rounds the quickest: whatever else the machine does only ever adds. *Real* is a site with 412 releases, "
        "3,062 files, 300 events and 200 jobs; *large* has 1,200, 25,000, 3,000 and 5,000."
    )
    text = [
        "# Benchmarks",
        "",
        made,
        "",
        "## A page that no cache answers",
        "",
        scales,
        "",
        "| what | address | CPU ms, real | at most | CPU ms, large | queries | KB, real | KB, large |",
        "|---|---|---:|---:|---:|---:|---:|---:|",
    ]
    for path, (label, limit) in PAGES.items():
        real, large = (costs[scale][path] for scale in SCALES)
        text.append(
            f"| {label} | `{path}` | {real.cpu:.1f} | {limit} | {large.cpu:.1f} | {large.queries} "
            f"| {real.size / 1024:.0f} | {large.size / 1024:.0f} |"
        )
        if real.cpu > limit:
            missed.append(f"{path} takes {real.cpu:.1f} ms")
        # Only unpaginated lists may grow with the number of rows.
        if large.size < real.size * MAX_GROWTH and large.cpu > max(real.cpu * MAX_GROWTH, real.cpu + 1):
            missed.append(f"{path} grows from {real.cpu:.1f} to {large.cpu:.1f} ms")
    head = ["| what | found | asked for |", "|---|---:|---:|"]
    text += ["", "## Memory and tasks of the real site; then many readers of the large one", "", *head]
    for line in lines:
        text.append(f"| {line.what} | {line.found} | {line.target} |")
        if not line.held:
            missed.append(f"{line.what}: {line.found}")
    (ROOT / "docs" / "benchmarks.md").write_text("\n".join(text) + "\n", encoding="utf-8")
    print("\n".join(text))
    if missed:
        sys.exit("Missed: " + "; ".join(missed) + ".")


if __name__ == "__main__":
    main_of_background() if "background" in sys.argv[1:] else main()
