"""Fixtures for all tests."""

import pytest
import requests
from django.conf import settings
from django.core.cache import cache
from django.db import DEFAULT_DB_ALIAS, connection, connections, transaction
from django.test import TransactionTestCase
from django.urls import get_resolver

from pydotorg import replica
from pydotorg.settings import base
from tests.clean_up import MigratedRows, ServedRequests
from tests.databases import fill, test_database

pytest_plugins = ["tests.tiers"]


@pytest.fixture(autouse=True)
def _fresh_cache():
    """Clear caches and pending purges, so that tests do not affect each other."""
    cache.clear()
    if settings.REDIS_URL:
        from cms.platform.queue import queue_server  # noqa: PLC0415 -- its libraries are apps of this site only where Redis is.

        queue_server.reset()
    connection.__dict__.pop("keys_to_purge", None)


@pytest.fixture(scope="session", autouse=True)
def _outbox(django_test_environment):
    """Send emails through the outbox: Django's test environment replaces the backend."""
    settings.EMAIL_BACKEND = base.EMAIL_BACKEND


@pytest.fixture(scope="session", autouse=True)
def _urls(django_test_environment):
    """Load the URLs once: the schemas of the API cannot be built inside a test that freezes time."""
    return get_resolver().url_patterns


@pytest.fixture(scope="session")
def django_db_setup(django_test_environment, django_db_modify_db_settings, django_db_blocker):
    """Create the migrated database, and restore it quickly after each test that commits."""
    with django_db_blocker.unblock(), test_database():
        migrated, served = MigratedRows(), ServedRequests()

        def restore(_):
            served.wait()
            migrated.restore()

        with pytest.MonkeyPatch.context() as patch, django_db_blocker.block():
            patch.setattr(TransactionTestCase, "_fixture_teardown", restore)
            if replica.ALIAS in connections:
                # A mirror with the same connection, so that it shows uncommitted rows. It is always up to date.
                connections[replica.ALIAS] = connections[DEFAULT_DB_ALIAS]
                patch.setattr(TransactionTestCase, "databases", {DEFAULT_DB_ALIAS, replica.ALIAS})
                patch.setattr(replica, "has_caught_up", lambda: True)
            yield


@pytest.fixture(scope="module")
def demo_site(django_db_setup, django_db_blocker):
    """Load the demo once for all tests of a module. Each test still rolls back its own changes."""
    with django_db_blocker.unblock(), transaction.atomic():
        fill()
        # Foreign keys are checked now and not after each test.
        connection.check_constraints()
        yield
        transaction.set_rollback(True)


@pytest.fixture
def sent(mailoutbox, django_capture_on_commit_callbacks):
    """Return a function that makes a call and returns the emails sent after its commit."""

    def send(do):
        with django_capture_on_commit_callbacks(execute=True):
            do()
        return mailoutbox

    return send


@pytest.fixture
def amazon_server(monkeypatch):
    """Start a server that simulates an empty AWS in the region us-east-1, and direct the libraries of this process to it."""
    from moto.server import ThreadedMotoServer  # noqa: PLC0415 -- slow to load.

    server = ThreadedMotoServer("127.0.0.1", 0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    for name, value in {
        "AWS_ENDPOINT_URL": f"http://{host}:{port}",
        "AWS_ACCESS_KEY_ID": "local",
        "AWS_SECRET_ACCESS_KEY": "local",
        "AWS_DEFAULT_REGION": "us-east-1",
    }.items():
        monkeypatch.setenv(name, value)
    # Servers of one process share their state.
    requests.post(f"http://{host}:{port}/moto-api/reset", timeout=10).raise_for_status()
    yield server
    server.stop()
