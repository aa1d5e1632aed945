"""Every admin list links to its objects, and every icon in a list exists."""

from importlib import import_module

import pytest
from bs4 import BeautifulSoup
from django.conf import settings
from django.urls import reverse
from django.utils import timezone
from wagtail.admin.icons import get_icons
from wagtail.admin.viewsets import viewsets
from wagtail.admin.viewsets.model import ModelViewSet
from wagtail.models import APIToken
from wagtail.snippets.views.snippets import SnippetViewSet

from downloads.models import ReleaseTask
from tests.factories import cms, community, downloads, events, factory_of, jobs, psf, sponsors  # noqa: F401 -- makers of rows.
from tests.factories.downloads import ReleaseFactory
from tests.factories.users import UserFactory

pytestmark = pytest.mark.django_db
# Rows of the models that have no factory.
ROWS = {
    "contracttemplate": {"name": "Short", "body": "Thank you."},
    "emailtemplate": {"key": "jobs.approved", "subject": "Approved", "body": "Your job is live."},
    "eventsavedreply": {"title": "Spam", "text": "This is spam."},
    "messagetemplate": {"name": "Reminder", "subject": "Reminder", "body": "Please send the logo."},
    "savedreply": {"title": "Spam", "text": "This is spam."},
    "storysavedreply": {"title": "Spam", "text": "This is spam."},
}
# The URLs register the lists of Wagtail.
import_module(settings.ROOT_URLCONF)
LISTS = {viewset.name: viewset for viewset in viewsets.viewsets if isinstance(viewset, ModelViewSet)}


@pytest.mark.parametrize("name", sorted(LISTS))
def test_a_list_links_to_its_objects(admin_client, name):
    viewset = LISTS[name]
    if name == "downloads_release_tasks":
        ReleaseTask.objects.create(release=ReleaseFactory(), title="Write the notes", due_at=timezone.now())
    elif viewset.model is APIToken:
        APIToken.create_token(user=UserFactory(), name="Deploy")
    elif not viewset.model._default_manager.exists():
        make = factory_of(viewset.model) or viewset.model._default_manager.create
        make(**ROWS.get(name, {}))
    index = "list" if isinstance(viewset, SnippetViewSet) else "index"
    page = BeautifulSoup(admin_client.get(reverse(viewset.get_url_name(index))).content, "html.parser")
    rows = page.select("main tbody tr")
    assert rows
    for row in rows:
        assert row.select_one("td a[href^='/admin/']"), row


@pytest.mark.parametrize("name", sorted(LISTS))
def test_a_list_can_be_searched(admin_client, name):
    viewset = LISTS[name]
    index = "list" if isinstance(viewset, SnippetViewSet) else "index"
    assert admin_client.get(reverse(viewset.get_url_name(index)), {"q": "python"}).status_code == 200


@pytest.mark.parametrize("name", sorted(LISTS))
def test_filters_are_named_by_people(admin_client, name):
    """Find lookups in `list_filter`, which get labels such as "Published is greater than or equal to"."""
    viewset = LISTS[name]
    index = "list" if isinstance(viewset, SnippetViewSet) else "index"
    html = admin_client.get(reverse(viewset.get_url_name(index))).content.decode()
    for words in ("greater than", "less than", "is null", " contains", " exact"):
        assert words not in html, words


def test_every_icon_exists():
    sprite = get_icons()
    assert {viewset.icon for viewset in viewsets.viewsets if viewset.icon and f'id="icon-{viewset.icon}"' not in sprite} == set()
