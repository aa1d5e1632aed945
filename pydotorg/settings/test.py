"""Settings of the test suite: the embedded defaults, or the engines set in the environment."""

import os

from .base import *
from .base import CACHE_URL, REDIS_URL

# Databases of a Redis server as it is installed.
REDIS_DATABASES = 16

DEBUG = False
ENVIRONMENT = "test"
SECRET_KEY = "only-for-tests-" + "x" * 40
ALLOWED_HOSTS = ["testserver", "127.0.0.1", "localhost"]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher", *PASSWORD_HASHERS]
EMAIL_DELIVERY_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
# Each process of a run has its own files and database (tests/databases.py).
TEST_DIR = VAR_DIR / f"test-{os.getpid()}"
MEDIA_ROOT = TEST_DIR / "media"
# Pages look the same on each machine. tests/browser/test_console.py looks for the real console.
CONSOLE_ROOT = TEST_DIR / "console"
STORAGES["private"] = {
    "BACKEND": "cms.platform.storage.DiskStorage",
    "OPTIONS": {"location": TEST_DIR / "private"},
}

if DATABASES["default"]["ENGINE"].endswith("sqlite3"):
    # A file, because browser tests use several threads, which cannot share a connection in memory.
    DATABASES["default"]["TEST"] = {"NAME": str(TEST_DIR / "db.sqlite3")}
    DATABASES["default"]["OPTIONS"]["init_command"] = "PRAGMA journal_mode=WAL; PRAGMA synchronous=OFF;"

if "replica" in DATABASES:
    # See tests/pydotorg/test_replica.py for a real replica.
    DATABASES["replica"]["TEST"] = {"MIRROR": "default"}

if not REDIS_URL:
    # Another thread would not see the rows of the test's transaction. See tests/cms/test_cdn.py.
    TASKS["aside"] = IN_PROCESS

if REDIS_URL:
    # Each parallel process clears its own cache, and runs its tasks through Redis as soon as they are enqueued. Its database
    # is counted from that of the URL, so that two runs on one server do not clear each other's.
    # Tests of the worker start one (tests/cms/test_queue.py).
    server, _, first = REDIS_URL.rpartition("/")
    number = int(first) + int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))
    shared, REDIS_URL = REDIS_URL, f"{server}/{number % REDIS_DATABASES}"
    if shared == CACHE_URL:
        CACHES["default"]["LOCATION"] = REDIS_URL
    for queue in RQ_QUEUES.values():
        queue |= {"URL": REDIS_URL, "ASYNC": False}
