"""Admin home, the moderation queue of all sections, and the page of scheduled tasks."""

from datetime import timedelta

import pytest
from django.utils import timezone
from django_tasks import task

from cms.moderation import queue, workflow
from cms.moderation.models import ProblemReport
from cms.platform.models import TaskRun
from cms.platform.tasks import delete_old_task_runs
from community.models import StoryPage
from community.workflows import submit as submit_story
from downloads.models import PlannedRelease
from events.models import Event
from events.workflows import submit as submit_event
from jobs.models import Job, Status
from psf import dashboard_items
from tests.factories.community import StoryPageFactory, story_index
from tests.factories.downloads import ReleaseFactory, ReleaseSeriesFactory
from tests.factories.events import CalendarFactory, EventFactory
from tests.factories.jobs import JobFactory
from tests.factories.psf import ElectionFactory, MinutesPageFactory, NomineeFactory, WorkGroupPageFactory
from tests.factories.users import UserFactory

pytestmark = pytest.mark.django_db
QUEUE = "/admin/moderation-queue/"


@task()
def fails(words: str) -> None:
    raise ValueError(words)


@pytest.fixture
def admin(client):
    user = UserFactory(is_superuser=True, is_staff=True)
    client.force_login(user)
    return user


@pytest.fixture
def job():
    return JobFactory(
        title="Data engineer", status=Status.REVIEW, submitted_at=timezone.now(), queued_at=timezone.now() - timedelta(days=5)
    )


@pytest.fixture
def event():
    event = EventFactory.build(title="PyLadies", calendar=CalendarFactory(), submitter=UserFactory(username="ada"))
    submit_event(event, by=event.submitter)
    return event


@pytest.fixture
def story():
    story_index()
    story = StoryPageFactory(title="Weather maps", live=False, submitter=UserFactory(username="grace"))
    submit_story(story, by=story.submitter)
    return story


@pytest.fixture
def report():
    return ProblemReport.objects.create(path="/downloads/", text="The link is dead.")


def pending_items(user):
    """Return the items that are pending now, without the cache of a request."""
    for kept in ("_dashboard_items", "_reviews"):
        user.__dict__.pop(kept, None)
    return queue.pending_items(user)


def decide(client, name, act, **fields):
    key, _, pk = name.rpartition("-")
    found = next((item for queue in queue.QUEUES.values() if queue.key == key for item in queue.items(UserFactory.build())), None)
    seen = {"seen": found.version} if found else {}
    return client.post(f"{QUEUE}{key}/{pk}/", {"action": act} | seen | fields, follow=True)


class TestHome:
    def test_a_release_manager_sees_the_checks_that_fail_and_the_next_dates(self, client):
        ReleaseFactory(name="Python 3.15.0", live=False, release_date=timezone.now())
        tomorrow = timezone.now().date() + timedelta(days=1)
        PlannedRelease.objects.create(series=ReleaseSeriesFactory(), name="3.15.1", date=tomorrow)
        client.force_login(UserFactory(role="Release managers"))
        html = client.get("/admin/").content.decode()
        assert "failed checks for the draft of Python 3.15.0" in html
        assert "Start Python 3.15.1" in html
        assert "planned release of Python 3.15.1" in html

    def test_the_foundation_sees_its_elections_minutes_and_charters(self, client):
        now = timezone.now()
        election = ElectionFactory(
            date=now.date() + timedelta(days=60),
            nominations_open_at=now - timedelta(days=1),
            nominations_close_at=now + timedelta(days=3, hours=1),
        )
        NomineeFactory(election=election, state="invited")
        NomineeFactory(election=election, name="Grace", state="accepted")
        ElectionFactory(name="Over", date=now.date() - timedelta(days=1))
        WorkGroupPageFactory(review_date=now.date() - timedelta(days=1))
        MinutesPageFactory(live=False).save_revision()
        user = UserFactory(role="PSF staff")
        lines = {line.text: line.count for line in dashboard_items.get_dashboard_items(user, now)}
        assert lines == {
            f"until nominations close: {election}": "3 days",
            f"nominee who has not answered: {election}": 1,
            f"accepted nominee to review: {election}": 1,
            "minutes in draft": 1,
            "work groups in draft": 0,
            "charter due for review": 1,
        }
        client.force_login(user)
        assert [client.get(line.url).status_code for line in dashboard_items.get_dashboard_items(user, now)] == [200] * 6


class TestQueue:
    def test_what_waits_longest_comes_first_whatever_its_section(self, client, admin, event, story, report, job):
        names = [item.title for _, item in pending_items(admin)]
        assert names[0] == str(job)
        assert len(names) == 4
        html = client.get(QUEUE).content.decode()
        assert html.index("Data engineer") < html.index("PyLadies")
        assert "from ada" in client.get(f"{QUEUE}?item=events-{event.pk}").content.decode()

    def test_everything_is_approved_from_here(self, client, admin, event, story, report, job):
        for name in (f"jobs-{job.pk}", f"events-{event.pk}", f"stories-{story.pk}"):
            decide(client, name, "approve")
        decide(client, f"reports-{report.pk}", "close")
        assert Job.objects.get().status == Status.APPROVED
        assert Event.objects.get().live
        assert StoryPage.objects.get().live
        report.refresh_from_db()
        assert (report.status, report.closed_by) == ("done", admin)
        assert "There are no submissions to review" in client.get(QUEUE).content.decode()

    def test_everything_is_returned_with_a_reason_and_only_with_one(self, client, admin, event, story, job):
        for name in (f"jobs-{job.pk}", f"events-{event.pk}", f"stories-{story.pk}"):
            html = decide(client, name, "reject").content.decode()
            assert "messages" in html
            assert len(pending_items(admin)) == 3
        for name in (f"jobs-{job.pk}", f"events-{event.pk}", f"stories-{story.pk}"):
            decide(client, name, "reject", message="Say more.")
        assert pending_items(admin) == []
        assert Job.objects.get().status == Status.REJECTED
        assert workflow.reason_for_return(Event.objects.get()) == "Say more."
        assert workflow.reason_for_return(StoryPage.objects.get()) == "Say more."

    def test_spam_goes_with_one_press(self, client, admin, event, story, report, job):
        for name in (f"jobs-{job.pk}", f"events-{event.pk}", f"stories-{story.pk}", f"reports-{report.pk}"):
            decide(client, name, "remove")
        assert pending_items(admin) == []
        assert Job.objects.get().is_spam
        assert not Event.objects.exists()
        assert not StoryPage.objects.exists()

    @pytest.mark.parametrize("kind", ["events", "stories", "jobs"])
    def test_what_nobody_has_read_is_not_published(self, client, admin, event, story, job, kind):
        pk = {"events": event, "stories": story, "jobs": job}[kind].pk
        html = client.post(f"{QUEUE}{kind}/{pk}/", {"action": "approve", "seen": "1000000"}, follow=True).content.decode()
        assert "Read it again" in html or "since" in html
        assert len(pending_items(admin)) == 3

    def test_a_published_event_or_story_is_no_spam(self, client, admin, event, story):
        Event.objects.update(live=True)
        StoryPage.objects.update(live=True)
        for name in (f"events-{event.pk}", f"stories-{story.pk}"):
            assert "is published" in decide(client, name, "remove").content.decode()
        assert Event.objects.exists()
        assert StoryPage.objects.exists()

    def test_a_decision_is_made_once(self, client, admin, report):
        decide(client, f"reports-{report.pk}", "close")
        assert "already closed this report" in decide(client, f"reports-{report.pk}", "close").content.decode()

    def test_actions_and_queues_that_there_are_not(self, client, admin, report):
        assert "is not available" in decide(client, f"reports-{report.pk}", "approve").content.decode()
        assert client.post(f"{QUEUE}nothing/1/", {"action": "close"}).status_code == 404
        assert client.get(f"{QUEUE}reports/{report.pk}/").status_code == 405

    def test_moderators_decide_about_their_own_section_alone(self, client, job, event):
        client.force_login(UserFactory(role="Job board"))
        html = client.get(QUEUE).content.decode()
        assert "Data engineer" in html
        assert "PyLadies" not in html
        decide(client, f"events-{event.pk}", "approve")
        event.refresh_from_db()
        assert not event.live
        client.force_login(UserFactory(role="Release managers"))
        assert client.get(QUEUE).status_code == 302

    def test_nobody_decides_about_their_own(self, client):
        user = UserFactory(role="Events")
        event = EventFactory.build(title="Mine", calendar=CalendarFactory(), submitter=user)
        submit_event(event, by=user)
        client.force_login(user)
        assert "your own" in decide(client, f"events-{event.pk}", "approve").content.decode()


class TestTasks:
    def test_a_failure_is_written_down_with_its_error_and_run_again(self, client, admin, django_capture_on_commit_callbacks):
        with django_capture_on_commit_callbacks(execute=True):
            fails.enqueue("The feed is gone.")
        run = TaskRun.objects.get(path="tests.cms.test_dashboard.fails")
        assert (run.status, run.arguments, run.error) == ("failed", ["The feed is gone."], "ValueError: The feed is gone.")
        html = client.get("/admin/tasks/").content.decode()
        assert "ValueError: The feed is gone." in html
        with django_capture_on_commit_callbacks(execute=True):
            client.post(f"/admin/tasks/{run.pk}/again/")
        assert TaskRun.objects.failed().count() == 2
        assert TaskRun.objects.unattended().count() == 1

    def test_a_task_that_the_software_has_no_more_cannot_run_again(self, client, admin):
        now = timezone.now()
        run = TaskRun.objects.create(path="old.tasks.gone", status="failed", started_at=now, finished_at=now)
        assert "no task “old.tasks.gone”." in client.post(f"/admin/tasks/{run.pk}/again/", follow=True).content.decode()

    def test_schedules_show_their_last_and_next_run_and_run_now(
        self, client, admin, django_assert_max_num_queries, django_capture_on_commit_callbacks
    ):
        with django_capture_on_commit_callbacks(execute=True):
            client.post("/admin/tasks/run/", {"path": "cms.delivery.tasks.delete_old_purges"})
        assert TaskRun.objects.get(path="cms.delivery.tasks.delete_old_purges").status == "done"
        # The menu reads which permissions there are once in the life of a process.
        client.get("/admin/tasks/")
        with django_assert_max_num_queries(20):
            html = client.get("/admin/tasks/").content.decode()
        assert "Delete old purges" in html
        assert "Next run" in html
        assert client.post("/admin/tasks/run/", {"path": "os.system"}).status_code == 404
        assert client.get("/admin/tasks/run/").status_code == 405

    def test_old_runs_are_forgotten_failures_later(self, django_capture_on_commit_callbacks):
        now = timezone.now()
        for days, status in [(1, "done"), (4, "done"), (4, "failed"), (31, "failed")]:
            at = now - timedelta(days=days)
            TaskRun.objects.create(path=f"{status}-{days}", status=status, started_at=at, finished_at=at)
        with django_capture_on_commit_callbacks(execute=True):
            delete_old_task_runs.enqueue()
        left = TaskRun.objects.exclude(path__startswith="cms.").values_list("path", flat=True)
        assert sorted(left) == ["done-1", "failed-4"]

    @pytest.mark.parametrize("role", ["Content editors", "Job board", "Release managers"])
    def test_others_neither_see_nor_run_them(self, client, role):
        client.force_login(UserFactory(role=role))
        # Wagtail sends who may not to the first screen, with a sentence.
        assert client.get("/admin/tasks/").status_code == 302
        assert client.post("/admin/tasks/run/", {"path": "cms.delivery.tasks.delete_old_purges"}).status_code == 302
        assert not TaskRun.objects.exists()
