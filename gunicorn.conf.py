"""Gunicorn configuration. https://docs.gunicorn.org/en/stable/settings.html"""

import ctypes
import gc
import os
import tempfile
from contextlib import suppress

# mallopt(3): blocks of this size and more go back to the system when they are freed.
M_MMAP_THRESHOLD, LARGE = -3, 1 << 20

bind = f"{os.environ.get('HOST', '127.0.0.1')}:{os.environ.get('PORT', '8000')}"
workers = int(os.environ.get("WEB_CONCURRENCY", "2"))
# Threads, so that a request that waits for another server holds up no other one. pydotorg/wsgi.py keeps some of them free.
worker_class = "gthread"
threads = 8
timeout = 60
# A request that is under way when the order to stop comes may take this long.
graceful_timeout = 30
keepalive = 5
# A worker makes room before anything that it leaks adds up; the jitter keeps the workers from restarting together.
max_requests = 10_000
max_requests_jitter = 1_000
preload_app = True
accesslog = None
errorlog = "-"
control_socket_disable = True

# Directory of the processes' counters for /metrics, so that each of them can report the total.
if os.environ.get("METRICS_TOKEN"):
    os.environ.setdefault("PROMETHEUS_MULTIPROC_DIR", tempfile.mkdtemp(prefix="metrics-"))


def on_starting(server):
    # The application is loaded by now.
    from pydotorg.wsgi import warm_up  # noqa: PLC0415

    warm_up()


def child_exit(server, worker):
    if "PROMETHEUS_MULTIPROC_DIR" in os.environ:
        # Not before: this library looks for the folder when it is loaded.
        from prometheus_client import multiprocess  # noqa: PLC0415

        multiprocess.mark_process_dead(worker.pid)


def post_fork(server, worker):
    """Leave what was loaded before the fork out of garbage collection, which would walk through it again and again."""
    gc.freeze()
    gc.set_threshold(50_000, 10, 10)
    # By default, glibc raises this limit with every large response, and keeps the memory. Other libraries have no such function.
    with suppress(AttributeError):
        ctypes.CDLL(None).mallopt(M_MMAP_THRESHOLD, LARGE)
