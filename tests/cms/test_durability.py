"""Tasks, schedules and storage: no acknowledged work is lost or done twice."""

import time
from datetime import UTC, datetime, timedelta

import pytest
from django.conf import settings
from django.db import connection, transaction
from django.urls import reverse
from django.utils import timezone
from django_tasks import task
from django_tasks_rq import Job
from modelsearch.tasks import insert_or_update_object_task
from rq import SimpleWorker
from wagtail.tasks import update_reference_index_task

from cms.content.tasks import purge_banners
from cms.delivery.models import Purge
from cms.platform import schedules
from cms.platform.breaker import CircuitBreaker, CircuitOpenError
from cms.platform.models import GRACE, MAX_ATTEMPTS, PendingTask, ScheduleState, TaskRun
from cms.platform.tasks import resend_lost_tasks
from tests.factories.cms import BannerFactory
from tests.factories.users import UserFactory

pytestmark = pytest.mark.django_db
needs_redis = pytest.mark.skipif(not settings.REDIS_URL, reason="The embedded defaults have no queue server.")
ran: list[str] = []


@task()
def note(name: str) -> None:
    """Record that a task ran."""
    ran.append(name)


@task()
def fail(sentence: str) -> None:
    raise ValueError(sentence)


@pytest.fixture(autouse=True)
def _fresh():
    ran.clear()


@pytest.fixture
def real_queue(settings, monkeypatch):
    """Return the queue of this process, without a worker."""
    import django_rq  # noqa: PLC0415 -- an app of this site only where Redis is.

    for queue in settings.RQ_QUEUES.values():
        monkeypatch.setitem(queue, "ASYNC", True)
    yield django_rq.get_queue("default")
    django_rq.get_connection().flushdb()


def make_overdue():
    PendingTask.objects.update(enqueued_at=timezone.now() - GRACE - timedelta(seconds=1))


@needs_redis
@pytest.mark.django_db(transaction=True)
def test_an_enqueued_task_is_a_row_of_the_same_transaction(real_queue):
    with transaction.atomic():
        note.enqueue("undone")
        transaction.set_rollback(True)
    assert not PendingTask.objects.exists()
    note.enqueue("kept")
    pending = PendingTask.objects.get()
    assert (pending.path, pending.arguments, pending.attempts) == (note.module_path, ["kept"], 1)
    assert real_queue.job_ids == [pending.result_id]


@needs_redis
@pytest.mark.django_db(transaction=True)
def test_the_row_of_a_task_goes_when_it_has_run():
    note.enqueue("done")
    assert ran == ["done"]
    assert not PendingTask.objects.exists()


@needs_redis
@pytest.mark.django_db(transaction=True)
def test_a_task_that_fails_in_a_worker_says_why(real_queue):
    fail.enqueue("The feed is gone.")
    worker = SimpleWorker([real_queue], connection=real_queue.connection, job_class=Job, serializer=real_queue.serializer)
    worker.work(burst=True)
    run = TaskRun.objects.get()
    assert (run.status, run.error) == (TaskRun.Status.FAILED, "ValueError: The feed is gone.")


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("index", [update_reference_index_task, insert_or_update_object_task])
def test_an_index_task_of_a_deleted_object_has_nothing_to_do(index, django_capture_on_commit_callbacks):
    """An import deletes Wagtail's welcome page while its index tasks are in the queue."""
    with django_capture_on_commit_callbacks(execute=True):
        index.enqueue("wagtailcore", "page", "987654")
    assert not TaskRun.objects.exists()
    with django_capture_on_commit_callbacks(execute=True):
        index.enqueue("wagtailcore", "nothing", "1")
    assert "LookupError" in TaskRun.objects.get().error


@needs_redis
@pytest.mark.django_db(transaction=True)
def test_tasks_that_the_queue_has_lost_are_sent_again_and_shown(real_queue, client):
    note.enqueue("lost")
    make_overdue()
    resend_lost_tasks.call()
    assert len(real_queue.job_ids) == 1, "What still waits in the queue is left there."
    client.force_login(UserFactory(role="Site admins"))
    page = client.get(reverse("tasks")).content.decode()
    assert "tests.cms.test_durability.note" in page
    real_queue.connection.flushdb()
    resend_lost_tasks.call()
    pending = PendingTask.objects.get()
    assert (real_queue.job_ids, pending.attempts, pending.arguments) == ([pending.result_id], 2, ["lost"])


@needs_redis
@pytest.mark.django_db(transaction=True)
def test_a_task_that_ends_its_worker_is_given_up_and_reported(real_queue):
    note.enqueue("deadly")
    for _ in range(MAX_ATTEMPTS):
        make_overdue()
        real_queue.connection.flushdb()
        resend_lost_tasks.call()
    assert not PendingTask.objects.exists()
    run = TaskRun.objects.unattended().get()
    assert (run.path, run.arguments, "the worker stopped each time" in run.error) == (note.module_path, ["deadly"], True)


@needs_redis
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("status", ["queued", "started"])
@pytest.mark.parametrize("seconds", [None, -1, 90])
def test_a_worker_that_was_killed_leaves_its_task_to_the_sweeper(real_queue, status, seconds):
    """A worker took the job from the list. Its entry in the registry of running jobs is missing, expired or fresh."""
    note.enqueue("killed")
    job = real_queue.fetch_job(real_queue.job_ids[0])
    real_queue.remove(job)
    job.set_status(status)
    if seconds is not None:
        real_queue.connection.zadd(real_queue.started_job_registry.key, {f"{job.id}:run": time.time() + seconds})
    make_overdue()
    resend_lost_tasks.call()
    assert PendingTask.objects.get().attempts == (1 if seconds == 90 else 2)
    assert not TaskRun.objects.failed().exists()


def test_tasks_of_a_queue_server_that_was_switched_off_run_in_process(settings, django_capture_on_commit_callbacks):
    settings.REDIS_URL = ""
    PendingTask.objects.create(
        result_id="1", path=note.module_path, arguments=["late"], queue_name="default", backend="in_process"
    )
    PendingTask.objects.create(result_id="2", path="gone.tasks.task", queue_name="default", backend="in_process")
    make_overdue()
    with django_capture_on_commit_callbacks(execute=True):
        resend_lost_tasks.call()
    assert ran == ["late"]
    assert TaskRun.objects.unattended().get().error == "This task no longer exists."
    assert not PendingTask.objects.exists()


@pytest.fixture
def nightly(monkeypatch):
    monkeypatch.setattr(schedules, "SCHEDULES", {note.module_path: schedules.Schedule("30 3 * * *", note)})
    monkeypatch.setattr(schedules, "enqueue", ran.append)


def at(day, hour, minute):
    return datetime(2026, 3, day, hour, minute, tzinfo=UTC)


def test_a_time_that_the_scheduler_missed_is_made_up_for_once(nightly):
    assert schedules.run_due(at(1, 3, 30)) == [note.module_path]
    assert schedules.run_due(at(1, 3, 31)) == []
    # Down for three nights.
    assert schedules.run_due(at(4, 9, 12)) == [note.module_path]
    assert schedules.run_due(at(4, 9, 13)) == []
    assert schedules.run_due(at(5, 3, 30)) == [note.module_path]


def test_two_schedulers_enqueue_a_task_once(nightly):
    schedules.run_due(at(1, 3, 30))
    known = dict(ScheduleState.objects.values_list("path", "enqueued_at"))
    assert schedules.enqueue_once(note.module_path, at(2, 3, 30))
    assert known[note.module_path] == at(1, 3, 30), "The other scheduler has read this."
    assert not schedules.enqueue_once(note.module_path, at(2, 3, 30))


def test_a_banner_that_starts_while_the_scheduler_is_down_is_purged(settings, django_capture_on_commit_callbacks):
    settings.CDN_BACKEND = "http"
    now = timezone.now()
    purge_banners.call()
    banner = BannerFactory(starts_at=now - timedelta(minutes=40))
    ScheduleState.objects.update(done_until=now - timedelta(hours=1))
    Purge.objects.all().delete()
    with django_capture_on_commit_callbacks(execute=False) as callbacks:
        purge_banners.call()
    assert callbacks
    assert set(banner.keys()) <= set(connection.__dict__.pop("keys_to_purge"))
    with django_capture_on_commit_callbacks(execute=False):
        purge_banners.call()
    assert not connection.__dict__.get("keys_to_purge"), "Once."


def test_a_period_that_fails_is_looked_at_again():
    with schedules.since_last_done(note, at(1, 0, 0)):
        pass
    with pytest.raises(RuntimeError), schedules.since_last_done(note, at(1, 1, 0)):
        raise RuntimeError
    with schedules.since_last_done(note, at(1, 2, 0)) as period:
        assert period == (at(1, 0, 0), at(1, 2, 0))


def test_an_open_circuit_fails_at_once_and_closes_by_itself():
    calls = []

    def fail():
        calls.append(1)
        raise ConnectionError

    breaker = CircuitBreaker("The server", ConnectionError, pause=60)
    with pytest.raises(ConnectionError):
        breaker.call(fail)
    with pytest.raises(CircuitOpenError, match="The server does not respond"):
        breaker.call(fail)
    assert len(calls) == 1
    breaker._open_until = 0.001
    assert breaker.call(lambda: "answer") == "answer"
    assert not breaker.is_open


def test_a_purge_is_sent_again_although_nobody_took_it_for_days():
    purge = Purge.objects.create(keys=["downloads"])
    Purge.objects.update(created_at=timezone.now() - timedelta(days=3))
    assert list(Purge.objects.due_again()) == [purge]
