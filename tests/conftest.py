"""What every test can ask for, and in which order tests run."""

import pytest
from django.core.cache import cache
from django.db import connection, transaction

from home.demo import fill


@pytest.fixture(autouse=True)
def _fresh_cache():
    """No test meets what another one kept, or waits to purge because its transaction never committed."""
    cache.clear()
    connection.__dict__.pop("keys_to_purge", None)


@pytest.fixture(scope="module")
def demo_site(django_db_setup, django_db_blocker):
    """The rows of the demo, made once for all tests of a module. Each test still rolls back what it changed itself."""
    with django_db_blocker.unblock(), transaction.atomic():
        fill()
        yield
        transaction.set_rollback(True)


def commits(item: pytest.Item) -> bool:
    """Whether a test really commits, so that the database is emptied after it."""
    marker = item.get_closest_marker("django_db")
    fixtures = set(getattr(item, "fixturenames", []))
    return bool((marker and marker.kwargs.get("transaction")) or fixtures & {"live_server", "transactional_db"})


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Tests that commit run last, each on the rows that the migrations make: the root page, the first site, the roles."""
    items.sort(key=commits)
    for item in items:
        if commits(item):
            item.add_marker(pytest.mark.django_db(transaction=True, serialized_rollback=True), append=False)
