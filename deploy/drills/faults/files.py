"""Faults of the file storage and of disks."""

import os
import signal
import subprocess
import sys
import time
from collections import Counter
from contextlib import suppress
from http.server import ThreadingHTTPServer
from threading import Thread

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage

from cms.platform import storage
from deploy.drills.servers import start_s3
from deploy.drills.site import Outcome, Site
from deploy.drills.stage import ROOT, ask, free_port, until

from .common import Refusing

# Size in bytes of a file that does not fit.
LARGE = 2_000_000


def upload() -> float:
    """Try to store a file, and return the seconds until it was rejected. Raises RuntimeError if it was accepted."""
    started = time.monotonic()
    try:
        default_storage.delete(default_storage.save("drill.txt", ContentFile(b"drill")))
    except Exception as error:
        if not storage.is_storage_error(error):
            raise
        return time.monotonic() - started
    raise RuntimeError("The upload was taken.")


def store_outcome(first: float, second: float) -> Outcome:
    until(lambda: default_storage.exists("nothing") is False if not storage.store.is_open else False, "The store answers")
    name = default_storage.save("drill.txt", ContentFile(b"drill"))
    default_storage.delete(name)
    seen = f"an upload is refused with a sentence after {first:.2f} s, the next one after {second * 1000:.0f} ms"
    return Outcome(0, 0, f"by itself within {storage.PAUSE} s", "error log, Sentry, /ready", seen)


def s3_refuses(site: Site) -> Outcome:
    site.stage.stop("s3")
    first, second = upload(), upload()
    start_s3(site.stage, site.ports["s3"])
    return store_outcome(first, second)


def s3_hangs(site: Site) -> Outcome:
    process = site.stage.processes["s3"]
    process.send_signal(signal.SIGSTOP)
    try:
        first, second = upload(), upload()
    finally:
        process.send_signal(signal.SIGCONT)
    return store_outcome(first, second)


def s3_credentials(site: Site) -> Outcome:
    """Start a second set of processes with wrong credentials: pages work, and an upload is rejected."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), Refusing)
    Thread(target=server.serve_forever, daemon=True).start()
    program = (
        "from django.core.files.base import ContentFile\nfrom django.core.files.storage import default_storage\n"
        "from cms.platform import storage\n"
        "try:\n    default_storage.save('a.txt', ContentFile(b'a'))\nexcept Exception as error:\n"
        "    print(type(error).__name__, storage.is_storage_error(error))"
    )
    environment = os.environ | {"AWS_S3_ENDPOINT_URL": f"http://127.0.0.1:{server.server_port}"}
    shell = [sys.executable, "manage.py", "shell", "--verbosity=0", "-c", program]
    output = subprocess.run(shell, env=environment, cwd=ROOT, stdout=subprocess.PIPE, text=True, check=True).stdout.split()
    server.shutdown()
    lost = int(output[-1:] != ["True"])
    return Outcome(
        lost, 0, "with the right credentials", "error log, Sentry, /ready", f"an upload is refused with a sentence ({output[0]})"
    )


def disk_full(site: Site) -> Outcome:
    """Store files on a 4 MB disk: a file that does not fit leaves no partial file, and a smaller one can still be stored."""
    folder = site.stage.folder / "small"
    folder.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=4m", "tmpfs", str(folder)], check=True)
    try:
        disk = storage.DiskStorage(location=folder)
        (folder / "rest").write_bytes(b"x" * 3_000_000)
        try:
            disk.save("large.pdf", ContentFile(b"x" * LARGE))
            refused = False
        except OSError as error:
            refused = error.errno in storage.FULL
        parts = [path.name for path in folder.iterdir() if path.name != "rest"]
        (folder / "rest").unlink()
        name = disk.save("large.pdf", ContentFile(b"x" * LARGE))
        lost = int(not refused) + len(parts) + int(disk.size(name) != LARGE)
    finally:
        subprocess.run(["umount", "--lazy", str(folder)], check=True)
    return Outcome(lost, 0, "as soon as there is room; no partial file was left", "error log, Sentry", "507 with a sentence")


def logs_full(site: Site) -> Outcome:
    """Run a set of processes whose log is on a full disk."""
    folder = site.stage.folder / "logs"
    folder.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", str(folder)], check=True)
    site.stage.ports["logs"] = port = free_port()
    environment = os.environ | site.stage.environment | {"PORT": str(port), "WEB_CONCURRENCY": "1", "LOG_LEVEL": "INFO"}
    command = [sys.executable, "-m", "gunicorn", "pydotorg.wsgi"]
    with (folder / "web.log").open("ab", buffering=0) as log:
        process = subprocess.Popen(command, env=environment, cwd=ROOT, stdout=log, stderr=log, start_new_session=True)
    site.stage.processes["logs"] = process
    try:
        site.stage.until_ready("logs", path="/health")
        with (folder / "rest").open("wb", buffering=0) as rest, suppress(OSError):
            while rest.write(b"x" * 1024):
                continue
        answers = Counter(ask(site.stage.url("logs", "/jobs/"))[0] for _ in range(20))
    finally:
        site.stage.stop("logs", signal.SIGKILL)
        subprocess.run(["umount", "--lazy", str(folder)], check=True)
    return Outcome(
        20 - answers[200], 0, "nothing to repair but the disk", "monitoring of the disk", f"{answers[200]} of 20 pages as usual"
    )
