"""Drafts that people began: they find them on their profile and on the page where they began."""

import time

import pytest
from django.core import signing

from cms.moderation import workflow
from community.models import StoryPage
from events.models import Event
from jobs.models import Status
from sponsors.models import ApplicationDraft
from tests.factories.community import StoryCategoryFactory, story_index
from tests.factories.events import CalendarFactory
from tests.factories.jobs import JobFactory
from tests.factories.sponsors import PackageFactory
from tests.factories.users import UserFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def person(client):
    user = UserFactory(username="ada", email="ada@example.org")
    client.force_login(user)
    return user


def opened():
    return signing.dumps(time.time() - 60, salt="opened")


def begin_job(client, user):
    job = JobFactory(title="Data engineer", status=Status.DRAFT, submitted_by=user)
    return "Data engineer", f"/jobs/{job.pk}/", "/jobs/create/", "/jobs/mine/"


def event_data():
    return {
        "opened": opened(),
        "title": "PyLadies Leipzig",
        "calendar": CalendarFactory().pk,
        "description": "We code.",
        "start_date": "2027-01-12",
        "time_zone": "Europe/Berlin",
        "repeats": "",
        "city": "Leipzig",
        "venue_name": "Library",
    }


def begin_event(client, user):
    assert client.post("/events/submit/", event_data() | {"draft": "1"}).url == "/events/mine/"
    return "PyLadies Leipzig", f"/events/mine/{Event.objects.get().pk}/", "/events/submit/", "/events/mine/"


def story_data():
    return {
        "opened": opened(),
        "title": "Weather maps in ten minutes",
        "category": StoryCategoryFactory().pk,
        "pull_quote": "We stopped guessing.",
        "text": "We measure now.",
        "company_name": "Harbor Analytics",
        "author": "Ada Byron",
        "author_email": "ada@example.org",
    }


def begin_story(client, user):
    story_index()
    assert client.post("/success-stories/create/", story_data() | {"draft": "1"}).url == "/success-stories/mine/"
    story = StoryPage.objects.get()
    return (
        "Weather maps in ten minutes",
        f"/success-stories/edit/{story.pk}/",
        "/success-stories/create/",
        "/success-stories/mine/",
    )


def begin_application(client, user):
    client.get(f"/sponsors/application/new/?package={PackageFactory().pk}")
    return "Sponsorship application", "/sponsors/application/continue/", "/sponsors/application/", "/users/sponsorships/"


BEGINNINGS = {"job": begin_job, "event": begin_event, "story": begin_story, "application": begin_application}


@pytest.mark.parametrize("kind", sorted(BEGINNINGS))
def test_a_draft_is_found_again(client, person, kind):
    title, url, start, mine = BEGINNINGS[kind](client, person)
    for page in (f"/users/{person.username}/", start, mine):
        html = client.get(page).content.decode()
        assert f'href="{url}' in html, page
        if page != "/sponsors/application/":
            # This page is the same for all visitors.
            assert title in html, page
    assert client.get(url, follow=True).status_code == 200
    client.force_login(UserFactory())
    assert title not in client.get(mine).content.decode()


@pytest.mark.parametrize("kind", ["event", "story"])
def test_nobody_reviews_a_draft_until_it_is_submitted(client, person, mailoutbox, kind):
    _, url, _, mine = BEGINNINGS[kind](client, person)
    model, data = (Event, event_data) if kind == "event" else (StoryPage, story_data)
    row = model.objects.get()
    assert workflow.is_draft(row)
    assert not row.workflow_in_progress
    assert "Draft" in client.get(mine).content.decode()
    assert model.objects.count() == 1
    form = client.get(url).content.decode()
    assert "Save draft" in form
    changed = data() | ({"calendar": row.calendar_id} if kind == "event" else {"category": row.category_id})
    client.post(url, changed | {"draft": "1"})
    assert workflow.is_draft(model.objects.get())
    client.post(url, changed)
    row = model.objects.get()
    assert row.workflow_in_progress
    assert "Save draft" not in client.get(url).content.decode()
    # What is in review cannot become a draft again.
    client.post(url, changed | {"draft": "1"})
    assert model.objects.get().workflow_in_progress
    assert workflow.find_drafts(model.objects.all()) == []


def test_a_draft_continues_at_the_step_that_is_missing(client, person):
    begin_application(client, person)
    draft = ApplicationDraft.objects.get()
    assert client.get("/sponsors/application/continue/").url == "/sponsors/application/organisation/"
    draft.data["organisation"] = {"name": "Harbor Analytics"}
    draft.save()
    assert client.get("/sponsors/application/continue/").url == "/sponsors/application/contacts/"
    draft.data["contacts"] = [{"name": "Ada", "email": "ada@example.org"}]
    draft.save()
    assert client.get("/sponsors/application/continue/").url == "/sponsors/application/check/"


def test_drafts_of_an_application_go_with_the_account(client, person):
    begin_application(client, person)
    exported = client.get("/users/export/").json()
    assert exported["application_drafts"][0]["data"]["package"]
    person.forget()
    assert not ApplicationDraft.objects.exists()
