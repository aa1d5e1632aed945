import pytest
from wagtail.models import Site

from events.models import EventsPage
from tests.factories.events import CalendarFactory


@pytest.fixture
def calendar():
    return CalendarFactory()


@pytest.fixture
def landing():
    home = Site.objects.get(is_default_site=True).root_page
    return home.add_child(instance=EventsPage(title="Events", slug="events"))
