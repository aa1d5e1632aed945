"""Measure the site on real-sized data: CPU for each request, bytes, queries.

Starts gunicorn under the production settings on a database of its own, loads the releases that CAPTURES holds, asks for each
address many times and divides the workers' CPU time by the requests. Prints a table and writes it to docs/benchmarks.md.

Variables: DATABASE_URL (an empty database; SQLite in a temporary folder by default), REDIS_URL, CAPTURES (a folder with
api_v2_release.json and api_v2_release_file.json).
"""

import http.client
import os
import platform
import secrets
import socket
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
CAPTURES = Path(os.environ.get("CAPTURES", ROOT.parent / "shared" / "legacy"))
# Requests for each page before anything is measured, so that both workers have compiled their templates.
WARM_UP = 30
ROUNDS, REQUESTS = 3, 100
TICKS = os.sysconf("SC_CLK_TCK")
# address -> (what it is, CPU ms that it may take)
PAGES = {
    "/": ("Front page", 10),
    "/downloads/": ("Downloads", 15),
    "/downloads/release/python-3133/": ("A release", 12),
    "/downloads/windows/": ("Downloads for Windows", 25),
    "/downloads/source/": ("Source releases", 25),
    "/downloads/feed.rss": ("Release feed", 10),
    "/box/supernav-python-downloads/": ("Menu panel", 10),
    "/api/v1/downloads/release/": ("API v1, 20 releases", 10),
    "/api/v2/downloads/release/": ("API v2, all releases", 10),
    "/api/v2/downloads/release_file/": ("API v2, all files", 120),
    "/api/v3/releases/": ("API v3, 20 releases", 15),
}


def main() -> None:
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        environment = os.environ | {
            "DJANGO_SETTINGS_MODULE": "pydotorg.settings.production",
            "SECRET_KEY": secrets.token_urlsafe(60),
            "DATABASE_URL": os.environ.get("DATABASE_URL", f"sqlite:///{folder}/bench.sqlite3"),
            "REDIS_URL": os.environ.get("REDIS_URL", "redis://127.0.0.1:6379/15"),
            "ALLOWED_HOSTS": "127.0.0.1",
            "VAR_DIR": folder,
            "LOG_LEVEL": "WARNING",
        }
        manage(environment, "migrate", "--verbosity", "0")
        manage(environment, "collectstatic", "--noinput", "--verbosity", "0")
        manage(environment, "demo", "--pages-only")
        manage(
            environment,
            "import_pydotorg",
            *(str(CAPTURES / name) for name in ("api_v2_release.json", "api_v2_release_file.json")),
        )
        queries = count_queries(environment)
        rows = measure(environment, queries)
    report(rows, environment["DATABASE_URL"].split(":")[0])


def manage(environment: dict, *arguments: str) -> str:
    command = [sys.executable, "manage.py", *arguments]
    return subprocess.run(command, cwd=ROOT, env=environment, check=True, capture_output=True, text=True).stdout


def count_queries(environment: dict) -> dict[str, int]:
    program = (
        "from django.db import connection; from django.test import Client; from django.test.utils import CaptureQueriesContext\n"
        "client = Client(SERVER_NAME='127.0.0.1', HTTP_X_FORWARDED_PROTO='https')\n"
        f"for path in {list(PAGES)!r}:\n"
        "    client.get(path)\n"
        "    client.get(path)\n"
        "    with CaptureQueriesContext(connection) as queries:\n"
        "        client.get(path)\n"
        "    print(path, len(queries))\n"
    )
    lines = manage(environment, "shell", "--verbosity", "0", "-c", program).strip().splitlines()
    return {path: int(number) for path, number in (line.split() for line in lines)}


def measure(environment: dict, queries: dict[str, int]) -> list[tuple]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    server = subprocess.Popen(
        [sys.executable, "-m", "gunicorn", "pydotorg.wsgi"],
        cwd=ROOT,
        env=environment | {"PORT": str(port), "WEB_CONCURRENCY": "2"},
        stderr=subprocess.DEVNULL,
    )
    try:
        wait_for(port)
        for path in PAGES:
            for _ in range(WARM_UP):
                ask(port, path)
        return [measure_page(port, server.pid, path, queries[path]) for path in PAGES]
    finally:
        server.terminate()
        server.wait(timeout=40)


def measure_page(port: int, master: int, path: str, queries: int) -> tuple:
    """Of three rounds the quickest: whatever else the machine does only ever adds."""
    size, times, rounds = 0, [], []
    for _ in range(ROUNDS):
        before = cpu_seconds(master)
        for _ in range(REQUESTS):
            started = time.perf_counter()
            size = ask(port, path)
            times.append(time.perf_counter() - started)
        rounds.append((cpu_seconds(master) - before) * 1000 / REQUESTS)
    label, limit = PAGES[path]
    return label, path, min(rounds), limit, sorted(times)[len(times) // 2] * 1000, queries, size


def ask(port: int, path: str) -> int:
    """Bytes of the answer. Raises RuntimeError on any status but 200."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    connection.request("GET", path, headers={"X-Forwarded-Proto": "https"})
    response = connection.getresponse()
    body = response.read()
    connection.close()
    if response.status != http.HTTPStatus.OK:
        message = f"{path} answered {response.status}."
        raise RuntimeError(message)
    return len(body)


def cpu_seconds(master: int) -> float:
    """CPU time that the workers of a gunicorn master have used, in the kernel and outside."""
    workers = Path(f"/proc/{master}/task/{master}/children").read_text(encoding="ascii").split()
    total = 0
    for pid in workers:
        fields = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rsplit(")", 1)[1].split()
        total += int(fields[11]) + int(fields[12])
    return total / TICKS


def wait_for(port: int) -> None:
    for _ in range(150):
        try:
            ask(port, "/health")
        except OSError:
            time.sleep(0.2)
        else:
            return
    message = "gunicorn did not start within 30 seconds."
    raise RuntimeError(message)


def report(rows: list[tuple], database: str) -> None:
    setting = (
        "Made by `make bench`: gunicorn with two workers under the production settings, nothing cached in front, "
        f"412 releases and 3,062 files. {datetime.now(UTC):%-d %B %Y}, Python {platform.python_version()}, "
        f"{database}, {os.cpu_count()} cores."
    )
    lines = [
        "# Benchmarks",
        "",
        setting,
        "",
        "| what | address | CPU ms | at most | median ms | queries | KB |",
        "|---|---|---:|---:|---:|---:|---:|",
    ]
    lines += [
        f"| {label} | `{path}` | {cpu:.1f} | {limit} | {median:.1f} | {queries} | {size / 1024:.0f} |"
        for label, path, cpu, limit, median, queries, size in rows
    ]
    text = "\n".join(lines) + "\n"
    (ROOT / "docs" / "benchmarks.md").write_text(text, encoding="utf-8")
    print(text)
    slow = [path for _, path, cpu, limit, *_ in rows if cpu > limit]
    if slow:
        sys.exit(f"Above the figure: {', '.join(slow)}")


if __name__ == "__main__":
    main()
