"""Two editors of one page at the same time."""

import pytest
from django.test import Client
from django.urls import reverse
from wagtail.admin.models import EditingSession
from wagtail.models import Page

from home.models import HomePage, StandardPage
from tests.factories.users import UserFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def about():
    home = Page.get_first_root_node().add_child(
        instance=HomePage(title="Python", slug="front", promise="A language you can read.")
    )
    return home.add_child(instance=StandardPage(title="About", slug="about", live=False))


def editor(name):
    client = Client()
    client.force_login(UserFactory(role="Content editors", first_name=name, last_name="Writer"))
    return client


def test_an_open_form_hears_of_a_version_that_somebody_else_saves(about):
    first, second = editor("Ada"), editor("Bob")
    seen = about.save_revision()
    first.get(reverse("wagtailadmin_pages:edit", args=[about.pk]))
    session = EditingSession.objects.get()
    address = reverse("wagtailadmin_editing_sessions:ping", args=["wagtailcore", "page", about.pk, session.pk])
    facts = {"revision_id": seen.pk, "revision_created_at": seen.created_at.isoformat()}
    assert "Bob" not in first.post(address, facts).content.decode()
    data = {"is_editing": True}
    second.get(reverse("wagtailadmin_pages:edit", args=[about.pk]))
    other = EditingSession.objects.exclude(pk=session.pk).get()
    second.post(reverse("wagtailadmin_editing_sessions:ping", args=["wagtailcore", "page", about.pk, other.pk]), data)
    assert "Bob Writer has unsaved changes" in first.post(address, facts).content.decode()
    about.title = "About us"
    about.save_revision(user=other.user)
    assert "Bob Writer saved a new version" in first.post(address, facts).content.decode()
