"""Processes of one installation on this machine, the blue/green load balancer, and visitors that request pages."""

import os
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections import Counter
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from http import HTTPStatus
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parents[2]
# Seconds that a process may take to start. Generous, because the machine may be busy.
PATIENCE = 90
SERVERS = ("blue-1", "blue-2", "green-1", "green-2")


class Row(NamedTuple):
    """Result of a drill: numbers of requests and failures, and the duration of its action in seconds."""

    drill: str
    requests: int
    failures: int
    seconds: float
    summary: str


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def ask(url: str, *, timeout: float = 30, **options) -> tuple[int, Mapping[str, str], bytes]:
    """Return status, headers and body of a response. The status is 0 if there was no response."""
    request = urllib.request.Request(url, **options)
    try:
        with urllib.request.urlopen(request, timeout=timeout) as response:
            return response.status, response.headers, response.read()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.headers, error.read()
    except OSError:
        return 0, {}, b""


def until(check, what: str, *, seconds: float = PATIENCE) -> float:
    """Wait until the check returns true, and return the seconds. Raises TimeoutError."""
    started = time.monotonic()
    while not check():
        if time.monotonic() - started > seconds:
            raise TimeoutError(f"{what} did not happen within {seconds} seconds.")
        time.sleep(0.05)
    return time.monotonic() - started


def descendants(pid: int) -> Iterator[int]:
    """Yield all descendant processes of a process."""
    with suppress(FileNotFoundError):
        for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split():
            yield int(child)
            yield from descendants(int(child))


class Stage:
    """Start and stop processes by name. All running processes are stopped at the end."""

    def __init__(self, folder: Path, environment: dict[str, str], *, rate: int = 100):
        self.folder, self.rate = folder, rate
        self.environment = environment
        self.processes: dict[str, subprocess.Popen] = {}
        self.ports = {name: free_port() for name in (*SERVERS, "production", "test")}

    def __enter__(self):
        return self

    def __exit__(self, *args):
        for name in list(self.processes):
            self.stop(name, signal.SIGKILL)

    def start(self, name: str, *command: str, **environment: str) -> None:
        with (self.folder / f"{name}.log").open("ab") as log:
            self.processes[name] = subprocess.Popen(
                command, env=os.environ | self.environment | environment, cwd=ROOT, stdout=log, stderr=log, start_new_session=True
            )

    def stop(self, name: str, how: signal.Signals = signal.SIGTERM) -> float:
        """Stop a process, and return the number of seconds until it has ended."""
        process, started = self.processes.pop(name), time.monotonic()
        if process.poll() is not None:
            return 0
        if how == signal.SIGKILL:
            # Stop its descendants too, because workers would keep running. RQ runs each job in its own process group.
            started_by_it = list(descendants(process.pid))
            os.killpg(process.pid, how)
            for each in started_by_it:
                with suppress(ProcessLookupError):
                    os.kill(each, how)
        else:
            process.send_signal(how)
        process.wait(timeout=60)
        return time.monotonic() - started

    def start_web(self, name: str, release: str, **environment: str) -> None:
        """Start one set of gunicorn processes without waiting for them."""
        port = self.ports.setdefault(name, free_port())
        variables = {"PORT": str(port), "WEB_CONCURRENCY": "2", "RELEASE": release, "COLOUR": name.partition("-")[0]}
        self.start(name, sys.executable, "-m", "gunicorn", "pydotorg.wsgi", **variables, **environment)

    def url(self, name: str, path: str = "/") -> str:
        return f"http://127.0.0.1:{self.ports[name]}{path}"

    def until_ready(self, *names: str, path: str = "/ready") -> None:
        for name in names:
            until(lambda name=name: ask(self.url(name, path))[0] == HTTPStatus.OK, f"{name} answers {path}")

    def start_balancer(self) -> None:
        """Start HAProxy with the deployed configuration. Blue serves visitors; the test port serves green."""
        self.map, self.socket = self.folder / "live.map", self.folder / "admin.sock"
        self.map.write_text("production blue\ntest green\n")
        addresses = {name.upper().replace("-", "_"): f"127.0.0.1:{port}" for name, port in self.ports.items()}
        places = {"LIVE": str(self.map), "ADMIN_SOCKET": str(self.socket), "HOST_NAME": "127.0.0.1"}
        haproxy = shutil.which("haproxy") or "/usr/sbin/haproxy"
        self.start("balancer", haproxy, "-db", "-f", str(ROOT / "deploy/haproxy/haproxy.cfg"), **addresses, **places)
        until(lambda: self.served_by("production").startswith("blue"), "The balancer answers")

    def order(self, command: str) -> str:
        """Send a command to HAProxy's admin socket."""
        with socket.socket(socket.AF_UNIX) as admin:
            admin.connect(str(self.socket))
            admin.sendall(f"{command}\n".encode())
            return b"".join(iter(lambda: admin.recv(65536), b"")).decode()

    def switch(self, frontend: str, colour: str) -> None:
        self.order(f"set map {self.map} {frontend} {colour}")

    def served_by(self, frontend: str) -> str:
        return ask(self.url(frontend, "/health"))[1].get("X-Served-By", "")

    def status(self, server: str) -> dict[str, str]:
        """Return HAProxy's statistics of one server, such as `status` and `scur`, the number of current requests."""
        head, *lines = self.order("show stat").splitlines()
        names = head.lstrip("# ").split(",")
        rows = [dict(zip(names, line.split(","), strict=False)) for line in lines if line]
        return next(row for row in rows if row["svname"] == server)


class Visitors:
    """Request URLs at a constant rate during a `with` block, regardless of the responses."""

    def __init__(self, urls: list[str], *, rate: int):
        self.urls, self.rate = urls, rate
        # Time, status and duration in seconds of each request.
        self.answers: list[tuple[float, int, float]] = []

    def __enter__(self):
        self.done = threading.Event()
        self.thread = threading.Thread(target=self.run)
        self.thread.start()
        return self

    def __exit__(self, *args):
        self.done.set()
        self.thread.join()

    def run(self) -> None:
        started = time.monotonic()
        with ThreadPoolExecutor(self.rate) as pool:
            number = 0
            while not self.done.wait(max(0, started + number / self.rate - time.monotonic())):
                pool.submit(self.visit, self.urls[number % len(self.urls)])
                number += 1

    def visit(self, url: str) -> None:
        at = time.monotonic()
        status = ask(url)[0]
        self.answers.append((at, status, time.monotonic() - at))

    @property
    def statuses(self) -> str:
        """Return the number of responses by status; 0 means no response."""
        counted = Counter(status for _, status, _ in list(self.answers))
        return ", ".join(f"{count} × {status}" for status, count in sorted(counted.items()))

    @property
    def failures(self) -> list[float]:
        """Return the times at which failed requests were sent."""
        return [at for at, status, _ in list(self.answers) if status != HTTPStatus.OK]
