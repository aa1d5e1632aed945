"""Measure response times, query times and memory. A value above its limit counts as a failure."""

import json
import re
import time
from collections.abc import Iterator
from http import HTTPStatus
from pathlib import Path

from .servers import Cluster
from .stage import Row, Stage, Visitors, ask

# URLs, requests per second, and limits of the 95th and 99th percentile of the response time in milliseconds.
KINDS = {
    "simple GET": (("/robots.txt", "/api/v2/downloads/os/", "/box/supernav-python-downloads/", "/humans.txt"), 40, 50, 100),
    "complex GET": (("/", "/downloads/", "/events/", "/search/?q=python", "/api/v3/releases/"), 15, 100, 200),
}
SAVES = ("saves by the API", 100, 250)


def times(stage: Stage, token: str, *, seconds: float) -> Iterator[Row]:
    """Measure response times at a constant rate without a cache in front, after a warm-up round."""
    for kind, (paths, rate, most95, most99) in KINDS.items():
        urls = [stage.url("production", path) for path in paths]
        for url in urls * 4:
            ask(url)
        with Visitors(urls, rate=rate) as crowd:
            time.sleep(seconds)
        yield judged(
            f"{kind}, {rate} a second", [took for _, _, took in crowd.answers], len(crowd.failures), most95, most99, seconds
        )
    kind, most95, most99 = SAVES
    headers = {"Authorization": f"Token {token}", "Content-Type": "application/json"}
    taken, refused, started = [], 0, time.monotonic()
    for number in range(100):
        body = json.dumps({"name": f"Figure {number}", "slug": f"figure-{number}"}).encode()
        at = time.monotonic()
        status = ask(stage.url("production", "/api/v2/downloads/os/"), data=body, headers=headers, method="POST")[0]
        taken.append(time.monotonic() - at)
        refused += status != HTTPStatus.CREATED
        time.sleep(0.05)
    yield judged(kind, taken, refused, most95, most99, time.monotonic() - started)


def judged(kind: str, taken: list[float], failed: int, most95: int, most99: int, seconds: float) -> Row:
    milliseconds = sorted(took * 1000 for took in taken)
    at = {share: milliseconds[int(len(milliseconds) * share / 100)] for share in (50, 95, 99)}
    summary = ", ".join(f"p{share} {value:.0f} ms" for share, value in at.items())
    beyond = int(at[95] > most95) + int(at[99] > most99)
    return Row(kind, len(taken), failed + beyond, seconds, f"{summary}; at most {most95} and {most99}")


def queries(cluster: Cluster) -> Row:
    """Measure the mean time of all queries in these drills, as counted by the server."""
    ((calls, mean),) = cluster.execute(
        "SELECT sum(calls)::int, sum(total_exec_time) / sum(calls) FROM pg_stat_statements s JOIN pg_database d ON d.oid = s.dbid"
        " WHERE d.datname = 'pydotorg' AND query ILIKE ANY (ARRAY['%select%', '%insert%', '%update%', '%delete%'])",
        database="postgres",
    )
    return Row("queries", calls, int(mean > 10), 0, f"a mean of {mean:.2f} ms; at most 10")  # noqa: PLR2004 -- the requirement.


def memory(stage: Stage, name: str, *, largest: int) -> Row:
    """Measure the memory of one set of processes after these drills: master and workers, with shared memory counted once."""
    master = stage.processes[name].pid
    children = Path(f"/proc/{master}/task/{master}/children").read_text().split()
    texts = [Path(f"/proc/{pid}/smaps_rollup").read_text() for pid in (master, *children)]
    megabytes = sum(int(size) for text in texts for size in re.findall(r"^Pss:\s+(\d+)", text, re.MULTILINE)) // 1024
    summary = f"{megabytes} MB for {len(children)} workers and their master; at most {largest}"
    return Row("memory", 0, int(megabytes > largest), 0, summary)
