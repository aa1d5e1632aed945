"""Possible duplicates of jobs, stories and events in the moderation queues, with their similarity."""

import pytest
from django.urls import reverse

from cms.moderation.duplicates import rank, score, similarity
from cms.moderation.queue import QUEUES
from jobs.models import Status
from tests.factories.community import StoryPageFactory
from tests.factories.events import EventFactory
from tests.factories.jobs import JobFactory
from tests.factories.users import UserFactory


@pytest.mark.parametrize(
    ("first", "second", "low", "high"),
    [
        ("Senior Python Developer", "senior python developer!", 100, 100),
        ("Senior Python Developer", "Python Developer, Senior", 100, 100),
        ("Senior Python Developer", "Senior Pyton Developer", 60, 99),
        ("Senior Python Developer", "Gardener in Ghent", 0, 50),
        ("", "Anything", 0, 0),
        ("word " * 80, "other " * 80, 0, 0),
    ],
)
def test_similarity(first, second, low, high):
    assert low <= similarity(first, second) <= high
    assert similarity(first, second) == similarity(second, first)


def test_empty_fields_do_not_count_and_the_best_come_first():
    assert score([("a b", "a b", 3), ("", "x", 5)]) == 100
    assert score([]) == 0
    assert [one.title for one in rank([("low", 69, "", ""), ("high", 90, "", ""), ("middle", 70, "", "")])] == ["high", "middle"]


@pytest.mark.django_db
def test_a_job_posted_twice_shows_its_twin_in_both_queues(client):
    job = JobFactory(
        status=Status.REVIEW, title="Python developer", company_name="Example Ltd", description="Write services. " * 30
    )
    twin = JobFactory(
        status=Status.APPROVED, title="Python Developer", company_name="Example", description="Write services. " * 30
    )
    other = JobFactory(status=Status.APPROVED, title="Gardener", company_name="Green", description="Plant trees. " * 30)
    (found,) = QUEUES["jobs"].duplicates(job.pk)
    assert (found.title, found.score >= 90) == (str(twin), True)
    client.force_login(UserFactory(role="Job board"))
    for url in (f"{reverse('job_queue:index')}?job={job.pk}", f"{reverse('moderation_queue')}?item=jobs-{job.pk}"):
        html = client.get(url).content.decode()
        assert f"{found.score}% similar" in html
        assert f"job={other.pk}" not in html


@pytest.mark.django_db
def test_only_the_newest_jobs_are_compared(monkeypatch):
    monkeypatch.setattr("jobs.duplicates.COMPARED", 1)
    job = JobFactory(title="Python developer")
    JobFactory(title="Python developer", company_name="Older")
    newest = JobFactory(title="Python developer", company_name="Newest")
    assert [found.title for found in QUEUES["jobs"].duplicates(job.pk)] == [str(newest)]


@pytest.mark.django_db
def test_a_story_sent_twice_shows_its_twin():
    text = "We moved our tide tables to Python and stopped guessing when the ferry can leave. "
    story = StoryPageFactory(title="Ferries on time", text=text * 8, live=False)
    twin = StoryPageFactory(title="Ferries are on time", text=text * 8)
    StoryPageFactory(title="Weather maps", company_name="Clouds", text="Another text about other things. " * 8)
    (found,) = QUEUES["stories"].duplicates(story.pk)
    assert (found.title, found.score >= 85) == (str(twin), True)


@pytest.mark.django_db
def test_events_show_their_similarity_on_the_form(client):
    event = EventFactory(title="PyDay Leipzig")
    EventFactory(title="PyDay Leipzig 2030")
    (found,) = QUEUES["events"].duplicates(event.pk)
    client.force_login(UserFactory(role="Events"))
    html = client.get(reverse("wagtailsnippets_events_event:edit", args=[event.pk])).content.decode()
    assert f"{found.score}% similar" in html


@pytest.mark.django_db
def test_the_time_zone_is_beside_each_scheduling_field(admin_client):
    for url in (
        reverse("wagtailsnippets_events_event:add"),
        reverse("wagtailsnippets_cms_banner:add"),
        reverse("wagtailadmin_pages:edit", args=[2]),
    ):
        html = admin_client.get(url, follow=True).content.decode()
        fields = html.count("initDateTimeChooser(")
        assert fields >= 2, url
        assert html.count("Time zone: UTC") >= fields
