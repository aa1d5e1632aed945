"""Two editors save forms that they opened with the same version: the second one must confirm."""

from datetime import timedelta

import pytest
from bs4 import BeautifulSoup
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from freezegun import freeze_time
from wagtail.log_actions import log
from wagtail.models import Page

from cms.content.models.banners import Banner
from cms.editor.conflicts import loaded_version
from cms.moderation.workflow import describe_decision
from downloads.models import ReleaseSeries
from events.models import Event
from home.models import HomePage, StandardPage
from psf.models import MembershipKind
from tests.admin_forms import form_of
from tests.factories.cms import BannerFactory
from tests.factories.community import StoryPageFactory
from tests.factories.events import EventFactory
from tests.factories.psf import MembershipKindFactory
from tests.factories.users import UserFactory

pytestmark = pytest.mark.django_db
CONFLICT = 409


def editor(name):
    client = Client()
    client.force_login(UserFactory(role="Site admins", first_name=name, last_name="Writer"))
    return client


def make_page():
    home = Page.get_first_root_node().add_child(instance=HomePage(title="Python", slug="front", promise="Readable."))
    page = home.add_child(instance=StandardPage(title="About", slug="about"))
    page.save_revision().publish()
    return page, "title", reverse("wagtailadmin_pages:edit", args=[page.pk])


def make_snippet():
    banner = BannerFactory()
    banner.save_revision().publish()
    return banner, "message", reverse(Banner.snippet_viewset.get_url_name("edit"), args=[banner.pk])


def make_model():
    kind = MembershipKindFactory()
    return kind, "name", reverse("psf_membership_kinds:edit", args=[kind.pk])


def opened(client, url, row=None):
    """Return the data of the form as a browser sends it."""
    page = BeautifulSoup(client.get(url).content, "html.parser")
    names = ["loaded_revision_id", "loaded_version"]
    form = next(form for form in page.find_all("form") if form.find(attrs={"name": names}))
    data = {}
    for field in form.find_all(["input", "textarea", "select"]):
        name = field.get("name")
        if not name or field.get("type") in {"submit", "file"}:
            continue
        if field.get("type") in {"checkbox", "radio"} and not field.has_attr("checked"):
            continue
        if field.name == "select":
            chosen = field.find("option", selected=True) or field.find("option")
            data[name] = chosen.get("value", "") if chosen else ""
        else:
            data[name] = field.get("value", "") if field.name == "input" else field.text.removeprefix("\n")
    if isinstance(row, Page):
        # Scripts write the fields of a stream.
        data |= form_of(row, row.get_edit_handler(), client)
    elif isinstance(row, Event):
        data |= form_of(row, Event.snippet_viewset.edit_handler.bind_to_model(Event), client)
    return data | {"action-publish": "action-publish"}


@pytest.mark.parametrize("make", [make_page, make_snippet, make_model])
def test_the_second_of_two_saves_names_the_other_version_and_asks(make):
    row, field, url = make()
    ada, bob = editor("Ada"), editor("Bob")
    of_ada, of_bob = opened(ada, url, row), opened(bob, url, row)
    assert ada.post(url, of_ada | {field: "Ada’s text"}).status_code == 302
    answer = bob.post(url, of_bob | {field: "Bob’s text"})
    shown = answer.content.decode()
    assert answer.status_code == CONFLICT
    assert "Ada Writer saved a newer version" in shown
    row.refresh_from_db()
    assert getattr(row, field) == "Ada’s text"
    again = {
        each["name"]: each.get("value", "")
        for each in BeautifulSoup(shown, "html.parser").find("form", method="post", action=url).find_all("input")
    }
    assert again[field] == "Bob’s text", "The typed text is kept."
    assert bob.post(url, again).status_code == 302
    row.refresh_from_db()
    assert getattr(row, field) == "Bob’s text"


def test_saving_alone_shows_no_conflict():
    _, field, url = make_model()
    ada = editor("Ada")
    for text in ("First", "Second"):
        assert ada.post(url, opened(ada, url) | {field: text}).status_code == 302
    assert MembershipKind.objects.get().name == "Second"


def test_a_form_that_overtakes_its_own_autosave_is_saved():
    """The autosave response updates the hidden fields; this form was sent before it arrived."""
    page, field, url = make_page()
    ada = editor("Ada")
    typed = opened(ada, url, page) | {field: "Typed", "action-publish": ""}
    first = ada.post(url, typed, headers={"accept": "application/json"}).json()
    sent = typed | {key: str(first[key]) for key in ("loaded_revision_id", "loaded_revision_created_at") if key in first}
    sent |= {"loaded_revision_id": str(first["revision_id"]), "loaded_revision_created_at": first["revision_created_at"]}
    ada.post(url, sent | {"overwrite_revision_id": first["revision_id"]}, headers={"accept": "application/json"})
    assert ada.post(url, sent | {"action-publish": "action-publish"}).status_code == 302
    with freeze_time(timezone.now() + timedelta(minutes=1)):
        assert ada.post(url, sent).status_code == CONFLICT, "Later it is another window, whose text would be lost."


def test_a_visitor_learns_nothing_from_a_conflict(client):
    _, field, url = make_model()
    ada = editor("Ada")
    outdated = opened(ada, url)
    ada.post(url, outdated | {field: "New"})
    assert client.post(url, outdated).status_code == 302


def test_an_inline_row_without_a_number_is_a_bad_request():
    """The middleware calls the view itself, so that no other one sees its exceptions."""
    series = ReleaseSeries.objects.create(major=3, minor=77)
    counts = {f"planned_releases-{name}": "1" for name in ("TOTAL_FORMS", "INITIAL_FORMS")}
    data = {"loaded_version": f"downloads.releaseseries:{series.pk}:", "planned_releases-0-id": "x", **counts}
    client = editor("Ada")
    client.raise_request_exception = False
    assert client.post(f"/admin/downloads/series/edit/{series.pk}/", data).status_code == 400


def in_review(make):
    """Return the row and edit URL of something that waits for a decision."""
    row, field, url = make()
    writer = UserFactory(role="Site admins")
    setattr(row, field, "Changed title")
    row.save_revision(user=writer)
    row.get_workflow().start(row, writer)
    return row, url


def make_event():
    event = EventFactory()
    event.save_revision().publish()
    return event, "title", reverse("wagtailsnippets_events_event:edit", args=[event.pk])


def make_story():
    story = StoryPageFactory()
    story.save_revision().publish()
    return story, "title", reverse("wagtailadmin_pages:edit", args=[story.pk])


def test_the_version_of_a_form_is_the_newest_entry_of_the_log():
    kind = MembershipKindFactory()
    _older, newest = (log(kind, "wagtail.edit") for _ in range(2))
    assert loaded_version(kind) == f"psf.membershipkind:{kind.pk}:{newest.pk}"


def test_a_late_decision_names_the_last_one():
    row, _url = in_review(make_event)
    for name in ("Ada", "Grace"):
        state = row.current_workflow_state or row.get_workflow().start(row, UserFactory(role="Site admins"))
        state.current_task_state.approve(user=UserFactory(role="Site admins", first_name=name, last_name="Writer"))
    assert "was already approved by Grace Writer." in describe_decision(row)


@pytest.mark.parametrize("make", [make_page, make_event, make_story])
def test_a_second_approval_says_who_was_first(make):
    row, url = in_review(make)
    first, second = editor("Ada"), editor("Grace")
    data = opened(first, url, row)
    data.pop("action-publish")
    data |= {"action-workflow-action": "true", "workflow-action-name": "approve"}
    other = opened(second, url, row) | data
    assert first.post(url, data).status_code == 302
    assert not row._meta.model.objects.get(pk=row.pk).workflow_in_progress
    count = row.revisions.count()
    for client in (first, second):
        response = client.post(url, other if client is second else data, follow=True)
        assert response.status_code == 200
        assert "was already approved by Ada Writer." in response.content.decode()
    assert row.revisions.count() == count
