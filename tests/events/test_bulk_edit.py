"""Bulk edit of events: categories and featured events, in live events and drafts, and its undo."""

import pytest
from django.urls import reverse

from cms.undo.models import UndoStep
from events.models import Event
from tests.factories.events import CalendarFactory, CategoryFactory, EventFactory
from tests.factories.users import UserFactory

pytestmark = pytest.mark.django_db


def url_of(*events):
    return f"{reverse('wagtail_bulk_action', args=['events', 'event', 'edit'])}?{'&'.join(f'id={event.pk}' for event in events)}"


@pytest.fixture
def moderator(client):
    client.force_login(UserFactory(role="Events"))
    return client


def names(event):
    return sorted(category.name for category in Event.objects.get(pk=event.pk).categories.all())


def test_categories_are_added_and_removed_and_the_action_is_undone(moderator):
    sprint, talk = CategoryFactory(name="Sprint", slug="sprint"), CategoryFactory(name="Talk", slug="talk")
    events = [EventFactory(live=True), EventFactory(live=True)]
    for event in events:
        event.categories.add(talk)
        event.save()
    response = moderator.post(url_of(*events), {"add_categories": [sprint.pk], "remove_categories": [talk.pk], "featured": "yes"})
    assert response.status_code == 302
    assert [names(event) for event in events] == [["Sprint"], ["Sprint"]]
    assert Event.objects.filter(featured=True, live=True).count() == 2
    batch = UndoStep.objects.values_list("batch", flat=True).distinct().get()
    moderator.post(reverse("undo", args=[batch]))
    assert [names(event) for event in events] == [["Talk"], ["Talk"]]
    assert not Event.objects.filter(featured=True).exists()


def test_unpublished_changes_stay_unpublished(moderator):
    event = EventFactory(live=True, title="Meetup")
    event.title = "Meetup in May"
    event.save_revision()
    moderator.post(url_of(event), {"featured": "yes"})
    live = Event.objects.get(pk=event.pk)
    draft = live.get_latest_revision_as_object()
    assert (live.title, live.featured) == ("Meetup", False)
    assert (draft.title, draft.featured) == ("Meetup in May", True)


def test_a_category_of_another_calendar_is_not_added(moderator):
    event, category = EventFactory(live=True), CategoryFactory(calendar=CalendarFactory(slug="user-groups", name="User groups"))
    moderator.post(url_of(event), {"add_categories": [category.pk]})
    assert names(event) == []


@pytest.mark.parametrize(("both", "text"), [(False, "Choose at least one change."), (True, "added and removed")])
def test_the_form_explains_what_is_missing(moderator, both, text):
    event, category = EventFactory(live=True), CategoryFactory()
    chosen = {"add_categories": [category.pk], "remove_categories": [category.pk]} if both else {}
    assert text in moderator.post(url_of(event), chosen).content.decode()
    page = moderator.get(url_of(event)).content.decode()
    assert "1 event will be changed" in page


def test_others_change_nothing(client):
    event = EventFactory(live=True)
    client.force_login(UserFactory(role="Job board"))
    client.post(url_of(event), {"featured": "yes"})
    assert not Event.objects.get(pk=event.pk).featured
