"""Check whether this container's process still works, for probes of processes that listen on no port. Does not load Django.

    python deploy/alive.py worker       # its entry in Redis, which RQ renews and which expires otherwise
    python deploy/alive.py scheduler    # the file that `run_schedules --forever` touches each minute

A worker that cannot reach Redis counts as alive, because restarting it would not help.
"""

import os
import socket
import sys
import time
from pathlib import Path

# Seconds after which the scheduler, which wakes up each minute, counts as stuck.
SCHEDULER_LIMIT = 300
ROOT = Path(__file__).resolve().parents[1]


def is_worker_alive() -> bool:
    import redis

    url = os.environ.get("REDIS_URL", "")
    if not url:
        return True
    client = redis.Redis.from_url(url, socket_timeout=3, socket_connect_timeout=3, decode_responses=True)
    try:
        here = [name for name in client.smembers("rq:workers") if client.hget(name, "hostname") == socket.gethostname()]
    except redis.RedisError:
        return True
    return bool(here)


def is_scheduler_alive() -> bool:
    path = Path(os.environ.get("VAR_DIR", ROOT / "var")) / "scheduler"
    return path.exists() and time.time() - path.stat().st_mtime < SCHEDULER_LIMIT


if __name__ == "__main__":
    checks = {"worker": is_worker_alive, "scheduler": is_scheduler_alive}
    if sys.argv[1:2] == [] or sys.argv[1] not in checks:
        sys.exit(__doc__)
    if not checks[sys.argv[1]]():
        sys.exit(f"The {sys.argv[1]} of this container does not work.")
