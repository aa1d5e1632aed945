"""Links in emails to submissions on which a moderator has already decided: they show the outcome, never another item."""

import pytest
from django.urls import reverse
from django.utils import timezone

from cms.moderation import queue
from cms.moderation.models import ProblemReport
from community.models import StoryPage
from community.workflows import submit as submit_story
from events.models import Event
from events.workflows import submit as submit_event
from jobs.models import Status
from sponsors.workflows import change_sponsor
from tests.factories.community import StoryPageFactory, story_index
from tests.factories.events import CalendarFactory, EventFactory
from tests.factories.jobs import JobFactory
from tests.factories.sponsors import SponsorshipFactory
from tests.factories.users import UserFactory

pytestmark = pytest.mark.django_db
QUEUE = "/admin/moderation-queue/"
JOB_QUEUE = "/admin/jobs/queue/"


def make_job():
    return JobFactory(status=Status.REVIEW, submitted_at=timezone.now(), queued_at=timezone.now())


def make_event():
    event = EventFactory.build(title="PyLadies", calendar=CalendarFactory(), submitter=UserFactory())
    submit_event(event, by=event.submitter)
    return event


def make_story():
    story_index()
    story = StoryPageFactory(title="Weather maps", live=False, submitter=UserFactory())
    submit_story(story, by=story.submitter)
    return story


def make_report():
    return ProblemReport.objects.create(path="/downloads/", text="The link is broken.")


def make_change():
    sponsor = SponsorshipFactory(state="signed", approved_on=timezone.localdate()).sponsor
    sponsor.description = "A new description."
    change_sponsor(sponsor, [], by=UserFactory())
    return sponsor


SUBMISSIONS = {"jobs": make_job, "events": make_event, "stories": make_story, "reports": make_report, "sponsors": make_change}


@pytest.fixture
def moderator(client):
    user = UserFactory(is_superuser=True, is_staff=True, first_name="Grace", last_name="Hopper")
    client.force_login(user)
    return user


def decide(client, name, action, message=""):
    key, pk = name.split("-")
    page = client.get(f"{QUEUE}?item={name}")
    data = {"action": action, "message": message, "seen": page.context["chosen"]["item"].version}
    return client.post(f"{QUEUE}{key}/{pk}/", data, follow=True)


def test_every_queue_is_tested():
    assert set(SUBMISSIONS) == set(queue.QUEUES)


@pytest.mark.parametrize("key", sorted(SUBMISSIONS))
class TestEachQueue:
    def test_a_decided_item_shows_its_outcome_and_no_button(self, client, moderator, key):
        row, other = SUBMISSIONS[key](), make_job()
        name = f"{key}-{row.pk}"
        action = next(iter(queue.QUEUES[key].actions))
        decide(client, name, action)
        response = client.get(f"{QUEUE}?item={name}")
        html = response.content.decode()
        assert response.context["decided"].title in html
        assert "This submission is no longer waiting for a decision." in html
        assert "Grace Hopper" in html
        assert 'name="action"' not in html
        assert f"?item=jobs-{other.pk}" in html, "the list stays"
        for line in response.context["decided"].log:
            assert line.text

    def test_an_item_that_never_was_is_not_found(self, client, moderator, key):
        make_job()
        assert client.get(f"{QUEUE}?item={key}-99999").status_code == 404
        assert client.get(f"{QUEUE}?item={key}-x").status_code == 404

    def test_an_item_that_somebody_else_decided_tells_so(self, client, moderator, key):
        row = SUBMISSIONS[key]()
        name = f"{key}-{row.pk}"
        seen = client.get(f"{QUEUE}?item={name}").context["chosen"]["item"].version
        action = next(iter(queue.QUEUES[key].actions))
        data = {"action": action, "message": "", "seen": seen}
        first, second = (client.post(f"{QUEUE}{key}/{row.pk}/", data, follow=True) for _ in range(2))
        assert (first.status_code, second.status_code) == (200, 200)
        assert second.context["decided"] is not None


@pytest.mark.parametrize(("key", "model"), [("events", Event), ("stories", StoryPage)])
def test_a_removed_item_says_who_removed_it(client, moderator, key, model):
    row = SUBMISSIONS[key]()
    name = f"{key}-{row.pk}"
    decide(client, name, "remove")
    assert not model.objects.filter(pk=row.pk).exists()
    html = client.get(f"{QUEUE}?item={name}").content.decode()
    assert "Removed" in html
    assert "Grace Hopper" in html


def test_the_job_queue_shows_the_outcome_of_a_decided_job(client, moderator):
    job, other = make_job(), make_job()
    job.approve(by=moderator)
    html = client.get(f"{JOB_QUEUE}?job={job.pk}").content.decode()
    assert "This submission is no longer waiting for a decision." in html
    assert 'class="queue__decision"' not in html
    assert f"?job={other.pk}" in html
    assert client.get(f"{JOB_QUEUE}?job=99999").status_code == 404
    assert client.get(f"{JOB_QUEUE}?job=abc").status_code == 404


def test_the_next_job_of_a_decision_is_one_that_still_waits(client, moderator):
    job, following = make_job(), make_job()
    following.approve(by=moderator)
    response = client.post(f"{JOB_QUEUE}{job.pk}/action/", {"action": "archive", "next_job": following.pk})
    assert response.url == JOB_QUEUE


def test_the_review_of_a_decided_event_shows_its_outcome(client, moderator):
    event = make_event()
    decide(client, f"events-{event.pk}", "approve")
    html = client.get(reverse("wagtailsnippets_events_event:review", args=[event.pk])).content.decode()
    assert "This submission is no longer waiting for a decision." in html
    assert "Grace Hopper" in html
    assert 'name="decision"' not in html
