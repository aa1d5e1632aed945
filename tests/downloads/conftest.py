import pytest
from wagtail.models import Site

from downloads.models import DownloadsPage
from tests.factories.downloads import OSFactory
from tests.factories.users import UserFactory


@pytest.fixture
def manager(client):
    """Signed-in release manager."""
    user = UserFactory(role="Release managers")
    client.force_login(user)
    return user


@pytest.fixture
def landing():
    home = Site.objects.get(is_default_site=True).root_page
    return home.add_child(instance=DownloadsPage(title="Download Python", slug="downloads"))


@pytest.fixture
def windows():
    return OSFactory(slug="windows", name="Windows", order=1, detection_hints="Windows NT")


@pytest.fixture
def macos():
    return OSFactory(slug="macos", name="macOS", order=2)


@pytest.fixture
def source():
    return OSFactory(slug="source", name="Source", order=3)
