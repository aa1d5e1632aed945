"""Installation for drills: its settings, content, worker, and clients that request pages continuously."""

import os
import secrets
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http import HTTPStatus
from pathlib import Path
from typing import NamedTuple, Self

import django
from django.core.management import call_command

from . import web
from .servers import Cluster, EmailServer, HangingServer, start_redis, start_s3
from .stage import Stage, ask, free_port

# Seconds between two requests of a client.
PAUSE = 0.1
PATHS = ("/", "/jobs/", "/downloads/", "/events/")


def settings(folder: Path, cluster: Cluster, ports: dict[str, int], cache: HangingServer) -> dict[str, str]:
    return {
        "DJANGO_SETTINGS_MODULE": "pydotorg.settings.production",
        "SECRET_KEY": secrets.token_urlsafe(60),
        "ALLOWED_HOSTS": "127.0.0.1",
        "SECURE_SSL_REDIRECT": "false",
        "DATABASE_URL": cluster.url(),
        "REDIS_URL": f"redis://127.0.0.1:{ports['redis']}/0",
        "AWS_STORAGE_BUCKET_NAME": "pydotorg",
        "AWS_S3_ENDPOINT_URL": f"http://127.0.0.1:{ports['s3']}",
        "AWS_ACCESS_KEY_ID": "local",
        "AWS_SECRET_ACCESS_KEY": "local",
        "EMAIL_URL": f"smtp://127.0.0.1:{ports['smtp']}",
        "BASE_URL": "http://127.0.0.1",
        "CDN_BACKEND": "http",
        "CDN_URL": cache.url,
        "CDN_TIMEOUT": "1",
        "VAR_DIR": str(folder / "var"),
        "API_WRITE_RATE": "100000/hour",
        "LOG_LEVEL": "WARNING",
    }


def fill_site() -> str:
    """Load the demo content and create an API key with write access."""
    from cms.delivery import purging
    from demo.content import fill
    from users.models import ServiceKey, User

    with purging.one_purge():
        fill()
    user = User.objects.create_superuser("drill", "drill@example.org")
    return ServiceKey.make(owner=user, name="Drill", scopes=["read", "releases"], days=30, api=ServiceKey.API.V2)[1]


def start_worker(stage: Stage, name: str = "worker", **environment: str) -> None:
    queues = ("purge", "mail", "default")
    formats = ("--serializer", "json", "--job-class", "django_tasks_rq.Job")
    stage.start(name, sys.executable, "manage.py", "rqworker", *queues, *formats, **environment)


class Outcome(NamedTuple):
    """Result of a drill: lost and duplicate work, the recovery of the site, and how staff are notified."""

    lost: int
    twice: int
    recovery: str
    learn: str
    seen: str = ""


@dataclass
class Watch:
    """Request /health and pages of a site until the end of a `with` block."""

    url: Callable[[str], str]
    health: list[tuple[int, float]] = field(default_factory=list)
    pages: list[tuple[int, float]] = field(default_factory=list)
    without_sentence: int = 0

    def __enter__(self) -> Self:
        self.done = threading.Event()
        self.threads = [threading.Thread(target=self.probe), *(threading.Thread(target=self.visit, args=(p,)) for p in PATHS)]
        for thread in self.threads:
            thread.start()
        return self

    def __exit__(self, *args: object) -> None:
        self.done.set()
        for thread in self.threads:
            thread.join()

    def probe(self) -> None:
        while not self.done.wait(PAUSE):
            started = time.monotonic()
            status = ask(self.url("/health"), timeout=20)[0]
            self.health.append((status, time.monotonic() - started))

    def visit(self, path: str) -> None:
        while not self.done.wait(PAUSE * 2):
            started = time.monotonic()
            status, _, body = ask(self.url(path), timeout=40)
            self.pages.append((status, time.monotonic() - started))
            if status != HTTPStatus.OK and not (b"<h1" in body or b"Please try again" in body):
                self.without_sentence += 1

    @property
    def slowest_health(self) -> float:
        return max((seconds for _, seconds in self.health), default=0)

    @property
    def summary(self) -> str:
        counts = Counter(status for status, _ in self.pages)
        slowest = max((seconds for _, seconds in self.pages), default=0)
        return ", ".join(f"{count} × {status}" for status, count in sorted(counts.items())) + f"; slowest {slowest:.1f} s"


@dataclass
class Site:
    """The parts of the site under test, for the drills in `faults`."""

    stage: Stage
    cluster: Cluster
    ports: dict[str, int]
    token: str
    smtp: EmailServer
    name: str = "blue-1"

    def url(self, path: str) -> str:
        return self.stage.url(self.name, path)

    def post(self, slug: str) -> tuple[int, float]:
        """Save a row with API v2. Return the status and the seconds until the response."""
        body = f'{{"name": "{slug}", "slug": "{slug}"}}'.encode()
        headers = {"Authorization": f"Token {self.token}", "Content-Type": "application/json"}
        started = time.monotonic()
        status = ask(self.url("/api/v2/downloads/os/"), data=body, headers=headers, method="POST", timeout=40)[0]
        return status, time.monotonic() - started

    def restart_worker(self) -> None:
        if self.stage.processes.get("worker") is None or self.stage.processes["worker"].poll() is not None:
            start_worker(self.stage, FETCH_FROM_LOOPBACK="true", EMAIL_TIMEOUT="2")


@contextmanager
def parts() -> Iterator[Site]:
    """Start all services on free ports, in a temporary folder."""
    with tempfile.TemporaryDirectory(prefix="drills-") as name, HangingServer() as cache:
        folder = Path(name)
        folder.chmod(0o755)
        ports = {part: free_port() for part in ("redis", "s3", "smtp")}
        cluster = Cluster(folder / "postgresql")
        cluster.make()
        environment = settings(folder, cluster, ports, cache) | {"CDN_BACKEND": "none", "FETCH_FROM_LOOPBACK": "true"}
        os.environ.update(environment)
        smtp = EmailServer(ports["smtp"])
        try:
            with Stage(folder, environment) as stage:
                start_redis(stage, ports["redis"])
                start_s3(stage, ports["s3"])
                django.setup()
                call_command("migrate", verbosity=0)
                call_command("collectstatic", verbosity=0, interactive=False, ignore_patterns=web.FOREIGN_STATIC_FILES)
                site = Site(stage, cluster, ports, fill_site(), smtp)
                forget_tasks()
                site.restart_worker()
                stage.start_web(site.name, "1")
                stage.until_ready(site.name)
                yield site
        finally:
            smtp.close()
            cluster.control("stop")


def forget_tasks() -> None:
    """Empty the queue: hundreds of indexing tasks from the demo would delay those of the drills."""
    import django_rq

    from cms.platform.models import PendingTask

    django_rq.get_connection().flushall()
    PendingTask.objects.all().delete()
