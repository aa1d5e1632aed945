import pytest

from tests.community.feeds import FeedServer


@pytest.fixture
def server(settings):
    settings.FETCH_FROM_LOOPBACK = True
    with FeedServer() as running:
        yield running
