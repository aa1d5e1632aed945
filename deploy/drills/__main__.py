"""Failure tests of every service behind the site, with real servers (`make drills`).

Each drill makes a service fail while clients request pages and /health, restores the service, and counts lost and duplicate
work in the database and on the other server. Prints a table and writes docs/drills.md. `python -m deploy.drills smtp redis`
runs the drills whose names start with these words.
"""

import os
import signal
import sys
import time
import traceback
from collections.abc import Callable
from datetime import UTC, datetime
from typing import NamedTuple

from .site import PATHS, Outcome, Site, Watch, parts
from .stage import ROOT, ask

GUIDE = ROOT / "docs" / "drills.md"
# Seconds: timeout and interval of a probe.
MAX_HEALTH, PAUSE = 1.0, 0.1


class Row(NamedTuple):
    fault: str
    seen: str
    lost: int
    twice: int
    recovery: str
    learn: str
    health: float
    is_good: bool


def run(site: Site, fault: str, drill: Callable[[Site], Outcome]) -> Row:
    from django.db import connections

    site.restart_worker()
    for path in PATHS:
        ask(site.url(path))
    with Watch(site.url) as watch:
        try:
            outcome = drill(site)
        except Exception as error:  # noqa: BLE001 -- one drill that breaks must not hide the others.
            traceback.print_exc()
            outcome = Outcome(1, 0, f"the drill broke: {type(error).__name__}: {str(error)[:100]}", "–")
        finally:
            connections.close_all()
        time.sleep(0.5)
    is_good = outcome.lost == 0 and outcome.twice == 0 and watch.slowest_health < MAX_HEALTH and watch.without_sentence == 0
    seen = f"{outcome.seen}; pages {watch.summary}" if outcome.seen else f"pages {watch.summary}"
    if watch.without_sentence:
        seen += f"; {watch.without_sentence} without a sentence"
    return Row(fault, seen, outcome.lost, outcome.twice, outcome.recovery, outcome.learn, watch.slowest_health, is_good)


def as_table(rows: list[Row]) -> str:
    lines = [
        "# Failure tests",
        "",
        "Made by `make drills`: one set of gunicorn (2 processes) and a worker under the production settings, with a PostgreSQL,",
        "Redis, store of files and mail server of their own. Meanwhile five clients keep asking for pages and `/health`.",
        f"{datetime.now(UTC):%b %-d, %Y}, {os.cpu_count()} cores, with the clients on the same machine. “Repeated” emails keep",
        "their Message-ID and are counted; “twice” counts effects that people notice. ✓: nothing lost or done twice, a sentence",
        f"on each page that failed, and `/health` below {MAX_HEALTH:.0f} s.",
        "",
        "| fault | what people see | lost | twice | recovery | how staff learn | slowest `/health` | |",
        "|---|---|---:|---:|---|---|---:|---|",
        *(
            f"| {row.fault} | {row.seen} | {row.lost} | {row.twice} | {row.recovery} | {row.learn} | {row.health:.2f} s "
            f"| {'✓' if row.is_good else '✗'} |"
            for row in rows
        ),
    ]
    return "\n".join(lines) + "\n"


def main() -> None:
    wanted = tuple(sys.argv[1:])
    # All servers are stopped, even if a drill fails.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("The drills were stopped."))
    with parts() as site:
        from .faults import DRILLS  # Needs the settings of the services.

        rows = []
        for fault, drill in DRILLS.items():
            if not wanted or fault.lower().startswith(wanted):
                print(f"{fault} …", flush=True)
                rows.append(run(site, fault, drill))
                print(f"    {rows[-1]}", flush=True)
    table = as_table(rows)
    if not wanted:
        GUIDE.write_text(table, encoding="utf-8")
    print(table)
    if bad := [row.fault for row in rows if not row.is_good]:
        sys.exit(f"These drills failed: {', '.join(bad)}.")


if __name__ == "__main__":
    main()
