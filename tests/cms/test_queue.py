import os
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest
from django.conf import settings
from django.core.cache import caches
from django.core.management import call_command
from django.db import transaction

from cms.content.tasks import publish_scheduled
from cms.delivery import purging
from cms.delivery.models import Purge
from cms.delivery.sending import send_purge
from cms.delivery.tasks import delete_old_purges
from cms.platform.logs import request_id
from cms.platform.models import PendingTask, TaskRun
from cms.platform.schedules import SCHEDULES, scheduled
from deploy.drills.stage import until
from tests.factories.downloads import ReleaseFactory
from tests.servers import RecordingServer, database_url

# As it is deployed: tests/deploy/test_manifests.py compares the other files with this one.
PROCESSES = dict(line.split(": python manage.py ", 1) for line in Path("Procfile").read_text().splitlines()[1:])
WORKER = PROCESSES["worker"].split()
needs_redis = pytest.mark.skipif(not settings.REDIS_URL, reason="The embedded defaults have no queue server.")


@pytest.mark.proves("S2-60")
def test_what_runs_by_the_clock_is_declared_beside_the_tasks():
    assert SCHEDULES[publish_scheduled.module_path].cron == "* * * * *"
    schedule = SCHEDULES[delete_old_purges.module_path]
    assert schedule.is_due(datetime(2026, 3, 1, 3, 30, tzinfo=UTC))
    assert not schedule.is_due(datetime(2026, 3, 1, 3, 31, tzinfo=UTC))


def test_cron_fields_that_make_no_sense_are_refused():
    with pytest.raises(ValueError, match="61"):
        scheduled("61 * * * *")


@pytest.mark.django_db
def test_the_clock_runs_without_a_queue_server(capsys, django_capture_on_commit_callbacks):
    release = ReleaseFactory(live=False, go_live_at=datetime(2026, 1, 1, tzinfo=UTC))
    release.save_revision(approved_go_live_at=release.go_live_at)
    with django_capture_on_commit_callbacks(execute=True):
        call_command("run_schedules")
    assert "publish_scheduled" in capsys.readouterr().out
    release.refresh_from_db()
    assert release.live


@needs_redis
@pytest.mark.django_db(transaction=True)
@pytest.mark.proves("S2-12", "S2-52")
def test_a_real_worker_takes_the_task_after_the_commit(settings, monkeypatch):
    import django_rq  # noqa: PLC0415 -- an app of this site only where Redis is.

    for queue in settings.RQ_QUEUES.values():
        monkeypatch.setitem(queue, "ASYNC", True)
    purge = Purge.objects.create(keys=["downloads"])
    with RecordingServer() as edge:
        with transaction.atomic():
            token = request_id.set("asked-1")
            send_purge.enqueue(purge.pk)
            request_id.reset(token)
            assert django_rq.get_queue("purge").count == 0
        assert django_rq.get_queue("purge").count == 1
        environment = os.environ | {
            "DATABASE_URL": database_url(),
            "DJANGO_SETTINGS_MODULE": "pydotorg.settings.test",
            "CDN_BACKEND": "http",
            "CDN_URL": edge.url,
        }
        worker = [sys.executable, "manage.py", *WORKER, "--burst"]
        answer = subprocess.run(worker, env=environment, check=True, timeout=60, capture_output=True, text=True)
    assert "INFO tasks asked-1 cms.delivery.sending.send_purge done" in answer.stderr, (
        "The log of a task names the request that asked for it."
    )
    assert edge.requests[0].headers["X-Request-ID"] == "asked-1"
    assert edge.requests[0].headers["Surrogate-Key"] == "downloads"
    purge.refresh_from_db()
    assert purge.status == Purge.Status.DONE


@needs_redis
@pytest.mark.django_db(transaction=True)
def test_the_deployed_scheduler_and_worker_agree(settings, monkeypatch, tmp_path):
    """The scheduler enqueues what the worker reads, and the site finds the job with its metadata."""
    from cms.platform.queue import find_job  # noqa: PLC0415 -- its libraries are apps of this site only where Redis is.

    for queue in settings.RQ_QUEUES.values():
        monkeypatch.setitem(queue, "ASYNC", True)
    environment = os.environ | {
        "DATABASE_URL": database_url(),
        "DJANGO_SETTINGS_MODULE": "pydotorg.settings.dev",
        "REDIS_URL": settings.REDIS_URL,
        "VAR_DIR": str(tmp_path),
    }
    scheduler = subprocess.Popen([sys.executable, "manage.py", *PROCESSES["scheduler"].split()], env=environment)
    try:
        rows = PendingTask.objects.filter(path=publish_scheduled.module_path)
        until(lambda: [row for row in rows.all() if find_job(row.result_id)], "The task is enqueued", seconds=60)
    finally:
        scheduler.terminate()
        scheduler.wait(timeout=20)
    job = find_job(rows.get().result_id)
    assert job is not None
    assert (job.meta["backend_name"], job.func_name) == ("default", publish_scheduled.module_path)
    subprocess.run([sys.executable, "manage.py", *WORKER, "--burst"], env=environment, check=True, timeout=120)
    assert TaskRun.objects.filter(path=publish_scheduled.module_path, status=TaskRun.Status.DONE).exists()
    # Rows of other tasks may remain: the scheduler was stopped between a row and its job.
    assert not rows.exists()


@needs_redis
@pytest.mark.django_db(transaction=True)
def test_a_task_whose_worker_was_killed_stays_to_be_sent_again(settings, monkeypatch):
    """RQ marks its job as abandoned, which is not a failure of the task."""
    import django_rq  # noqa: PLC0415 -- an app of this site only where Redis is.
    from django_tasks_rq import Job  # noqa: PLC0415

    from cms.platform.queue import find_job  # noqa: PLC0415

    for queue in settings.RQ_QUEUES.values():
        monkeypatch.setitem(queue, "ASYNC", True)
    send_purge.enqueue(Purge.objects.create(keys=["downloads"]).pk)
    pending = PendingTask.objects.get()
    queue = django_rq.get_queue("purge", job_class=Job)
    job = find_job(pending.result_id)
    queue.remove(job)
    queue.connection.zadd(queue.started_job_registry.key, {f"{job.id}:gone": 1})
    queue.started_job_registry.cleanup()
    assert find_job(pending.result_id).get_status() == "failed"
    assert PendingTask.objects.filter(pk=pending.pk).exists()
    assert not TaskRun.objects.filter(path=send_purge.module_path).exists()


@needs_redis
@pytest.mark.django_db(transaction=True)
@pytest.mark.proves("S3-39")
def test_a_queue_server_that_is_down_fails_no_save(settings, monkeypatch):
    for queue in settings.RQ_QUEUES.values():
        monkeypatch.setitem(queue, "URL", "redis://127.0.0.1:1/0")
    with RecordingServer() as edge:
        settings.CDN_BACKEND, settings.CDN_URL = "http", edge.url
        purging.purge("downloads")
        until(lambda: edge.requests, "A thread sends the purge", seconds=10)
        assert edge.requests[0].headers["Surrogate-Key"] == "downloads"


@needs_redis
def test_a_cache_server_that_is_down_is_an_empty_cache(settings):
    settings.CACHES = {"default": settings.CACHES["default"] | {"LOCATION": "redis://127.0.0.1:1/0"}}
    cache = caches.create_connection("default")
    cache.set("a", 1)
    assert cache.get("a", "nothing") == "nothing"
    assert cache.get_many(["a"]) == {}
    assert cache.add("a", 1) is True
    assert cache.incr("a") == 1
    assert cache.delete("a") is False


@needs_redis
def test_a_cache_that_is_down_is_tried_once_in_five_seconds(settings, caplog):
    settings.CACHES = {"default": settings.CACHES["default"] | {"LOCATION": "redis://127.0.0.1:1/0"}}
    cache = caches.create_connection("default")
    cache.breaker.reset()
    for _ in range(5):
        cache.get("a")
    assert len(caplog.records) == 1
    cache.breaker.reset()
    cache.get("a")
    assert len(caplog.records) == 2
