"""Named versions in the history, and pruning of the others."""

from datetime import timedelta

import pytest
from django.contrib.contenttypes.models import ContentType
from django.urls import reverse
from django.utils import timezone
from wagtail.models import ModelLogEntry, Revision

from cms.editor import milestones
from home.models import StandardPage
from tests.databases import fill
from tests.factories.cms import BoxFactory
from tests.factories.users import UserFactory

pytestmark = pytest.mark.django_db


def address(thing) -> str:
    return reverse("name_version", args=[ContentType.objects.get_for_model(thing).pk, thing.pk])


def save(thing, description: str, *, days_ago: float):
    thing.description = description
    revision = thing.save_revision()
    noon = timezone.now().replace(hour=12, minute=0)
    Revision.objects.filter(pk=revision.pk).update(created_at=noon - timedelta(days=days_ago))
    return revision


def test_a_version_gets_a_name_and_the_history_shows_it(client):
    fill(pages_only=True)
    page, box = StandardPage.objects.first(), BoxFactory(label="irc")
    for thing in (page, box):
        thing.save_revision()
    client.force_login(UserFactory(role="Content editors"))
    for thing, history in (
        (page, reverse("wagtailadmin_pages:history", args=[page.pk])),
        (box, reverse(box.snippet_viewset.get_url_name("history"), args=[box.pk])),
    ):
        assert client.post(address(thing), {"name": " "}).status_code == 422
        response = client.post(address(thing), {"name": "Before the redesign"})
        assert address(thing) in client.get(response["Location"]).content.decode()
        html = client.get(history).content.decode()
        assert "Milestone: Before the redesign" in html
    client.force_login(UserFactory(role="Job board"))
    client.post(address(box), {"name": "Not mine"})
    assert ModelLogEntry.objects.filter(action=milestones.ACTION).count() == 1


def test_what_has_no_versions_or_is_no_draft_gets_no_name(client):
    client.force_login(UserFactory(is_superuser=True, is_staff=True))
    assert client.get(address(BoxFactory()), follow=True).status_code == 200
    assert not ModelLogEntry.objects.filter(action=milestones.ACTION).exists()
    assert client.get(address(UserFactory())).status_code == 404


def test_of_old_versions_one_a_day_stays_and_all_that_something_stands_on(client):
    box, other = BoxFactory(label="irc"), BoxFactory(label="other")
    client.force_login(UserFactory(role="Site admins"))
    named = save(box, "named", days_ago=40.03)
    client.post(address(box), {"name": "Kept"})
    published = save(box, "published", days_ago=40.02)
    published.publish()
    between = save(box, "between", days_ago=40.01)
    last = save(box, "last of its day", days_ago=40)
    fresh = [save(box, "fresh", days_ago=1.01), save(box, "newest", days_ago=1)]
    elsewhere = [save(other, "first", days_ago=50.01), save(other, "newest", days_ago=50)]
    pruned = {between.pk, elsewhere[0].pk}
    before = set(Revision.objects.values_list("pk", flat=True))
    assert milestones.prune() == 2
    assert before - set(Revision.objects.values_list("pk", flat=True)) == pruned
    kept = {named.pk, published.pk, last.pk, elsewhere[1].pk, *(revision.pk for revision in fresh)}
    assert kept <= set(Revision.objects.values_list("pk", flat=True))
    assert client.get(reverse(box.snippet_viewset.get_url_name("history"), args=[box.pk])).status_code == 200
