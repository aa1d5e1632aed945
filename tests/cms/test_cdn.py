import threading
from datetime import timedelta

import pytest
from django.db import transaction
from django.http import HttpResponse
from django.test import RequestFactory
from django.urls import reverse
from django.utils import timezone
from wagtail.test.utils.form_data import nested_form_data, streamfield

from cms.content.models.boxes import Box
from cms.delivery import backends, cached, purging, surrogate_keys
from cms.delivery.models import Purge
from cms.delivery.tasks import delete_old_purges, retry_purges
from home.models import StandardPage
from tests.databases import fill
from tests.factories.cms import BoxFactory
from tests.factories.downloads import ReleaseFactory, ReleaseSeriesFactory
from tests.factories.users import UserFactory
from tests.servers import RecordingServer

pytestmark = pytest.mark.django_db


@pytest.fixture
def edge(settings):
    """Start a cache in front of the site that records its requests."""
    with RecordingServer() as server:
        settings.CDN_BACKEND, settings.CDN_URL, settings.CDN_API_TOKEN = "http", f"{server.url}/", "secret"
        yield server


def test_every_answer_carries_the_keys_of_the_site_and_its_section(client):
    assert client.get("/robots.txt")["Surrogate-Key"].split() == ["pydotorg-app", "robots.txt"]


def test_views_add_keys_and_none_stands_twice():
    request = RequestFactory().get("/about/")
    surrogate_keys.add_keys(request, "page-3", "downloads")
    surrogate_keys.add_keys(request, "page-3")
    response = HttpResponse(headers={"Surrogate-Key": "downloads menu"})
    assert surrogate_keys.surrogate_key_header(request, response) == "pydotorg-app about page-3 downloads menu"


def test_all_changes_of_a_transaction_leave_in_one_purge(edge, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        purging.purge("page-1", "downloads")
        purging.purge("downloads", "jobs")
    assert [(request.method, request.headers["Surrogate-Key"]) for request in edge.requests] == [
        ("PURGE", "downloads jobs page-1")
    ]
    assert edge.requests[0].headers["X-Purge-Token"] == "secret"
    assert Purge.objects.get().status == Purge.Status.DONE


@pytest.mark.django_db(transaction=True)
@pytest.mark.proves("S2-26")
def test_a_change_that_is_rolled_back_purges_nothing(edge):
    with transaction.atomic():
        purging.purge("downloads")
        transaction.set_rollback(True)
    assert edge.requests == []


@pytest.mark.proves("S2-26")
def test_a_release_purges_when_visitors_could_see_it(edge, django_capture_on_commit_callbacks):
    ReleaseSeriesFactory()
    with django_capture_on_commit_callbacks(execute=True):
        ReleaseFactory(live=False)
    assert edge.requests == []
    with django_capture_on_commit_callbacks(execute=True):
        ReleaseFactory(live=True)
    assert "downloads" in edge.requests[0].headers["Surrogate-Key"].split()


def test_a_purge_that_fails_is_sent_again_and_tells_why(edge, django_capture_on_commit_callbacks):
    edge.status = 503
    with django_capture_on_commit_callbacks(execute=True):
        purging.purge("downloads")
    purge = Purge.objects.get()
    assert (purge.status, purge.attempts) == (Purge.Status.FAILED, 1)
    assert "503" in purge.error
    edge.status = 200
    with django_capture_on_commit_callbacks(execute=True):
        retry_purges.enqueue()
    purge.refresh_from_db()
    assert (purge.status, purge.attempts, purge.error) == (Purge.Status.DONE, 2, "")


def test_a_cache_that_hangs_costs_the_time_out_and_no_more(edge, settings, django_capture_on_commit_callbacks):
    edge.delay, settings.CDN_TIMEOUT = 0.5, 0.05
    with django_capture_on_commit_callbacks(execute=True):
        purging.purge("downloads")
    assert Purge.objects.get().status == Purge.Status.FAILED


def test_a_failed_purge_is_tried_for_a_day_and_a_waiting_one_until_it_leaves():
    old = Purge.objects.create(keys=["a"], status=Purge.Status.FAILED)
    waiting = Purge.objects.create(keys=["b"])
    Purge.objects.create(keys=["c"], status=Purge.Status.DONE)
    now = timezone.now()
    assert list(Purge.objects.due_again(now)) == [old]
    assert set(Purge.objects.due_again(now + timedelta(minutes=6))) == {old, waiting}
    assert list(Purge.objects.due_again(now + timedelta(hours=25))) == [waiting]


def test_purges_are_forgotten_after_a_month(django_capture_on_commit_callbacks):
    purge = Purge.objects.create(keys=["downloads"])
    Purge.objects.filter(pk=purge.pk).update(created_at=timezone.now() - timedelta(days=31))
    fresh = Purge.objects.create(keys=["downloads"])
    with django_capture_on_commit_callbacks(execute=True):
        delete_old_purges.enqueue()
    assert list(Purge.objects.all()) == [fresh]


@pytest.mark.proves("S2-09", "S2-19", "S3-61", on="a server that records")
def test_fastly_gets_a_soft_purge_by_key(edge, settings):
    settings.CDN_BACKEND, settings.CDN_URL, settings.CDN_SERVICE_ID = "fastly", edge.url, "svc"
    backends.get_backend().purge(["downloads", "page-1"])
    request = edge.requests[0]
    assert (request.method, request.path) == ("POST", "/service/svc/purge")
    assert request.headers["Surrogate-Key"] == "downloads page-1"
    assert (request.headers["Fastly-Key"], request.headers["Fastly-Soft-Purge"]) == ("secret", "1")


@pytest.mark.parametrize("keys", [[f"k{number}" for number in range(600)], [f"{'key' * 40}-{number}" for number in range(600)]])
def test_many_keys_leave_in_several_purges(edge, keys):
    backends.get_backend().purge(keys)
    sent = [request.headers["Surrogate-Key"].split() for request in edge.requests]
    assert [key for some in sent for key in some] == keys
    assert max(len(some) for some in sent) <= backends.FastlyBackend.max_keys
    assert max(len(" ".join(some)) for some in sent) <= backends.FastlyBackend.max_length
    assert str(Purge(keys=keys)).endswith(f"{keys[19]} and 580 more")


@pytest.mark.django_db(transaction=True)
def test_what_is_kept_changes_with_any_purge():
    answers = iter([1, 2])
    assert cached.cached("count", lambda: next(answers)) == 1
    assert cached.cached("count", lambda: next(answers)) == 1
    purging.purge("downloads")
    assert cached.cached("count", lambda: next(answers)) == 2


@pytest.mark.django_db(transaction=True)
def test_what_has_keys_changes_only_with_a_purge_of_them():
    answers = iter(range(9))
    read = lambda: cached.cached("count", lambda: next(answers), ["downloads"])  # noqa: E731
    assert [read(), read()] == [0, 0]
    purging.purge("jobs")
    assert read() == 0
    purging.purge("events", "downloads")
    assert read() == 1
    purging.purge("pydotorg-app")
    assert read() == 2
    for number in range(cached.PURGES_KNOWN + 1):
        purging.purge(f"other-{number}")
    assert read() == 3, "So many purges are no longer known by their keys."


@pytest.mark.django_db(transaction=True)
def test_a_part_is_rendered_once_for_all_processes():
    answers = iter(range(9))
    read = lambda: cached.cached_part("part", lambda: (f"<p>{next(answers)}</p>", ("downloads", "jobs")))  # noqa: E731
    assert read() == ("<p>0</p>", ("downloads", "jobs"))
    cached.clear_cached()
    assert read() == ("<p>0</p>", ("downloads", "jobs")), "Another process finds it in the shared cache."
    purging.purge("events")
    assert read()[0] == "<p>0</p>"
    cached.clear_cached()
    purging.purge("jobs")
    assert read()[0] == "<p>1</p>"


@pytest.mark.django_db(transaction=True)
def test_a_request_that_purges_reads_what_it_wrote():
    answers = iter([1, 2])
    with cached.one_generation():
        assert cached.cached("count", lambda: next(answers)) == 1
        purging.purge("downloads")
        assert cached.cached("count", lambda: next(answers)) == 2


@pytest.mark.django_db(transaction=True)
def test_many_transactions_can_share_one_purge(edge):
    with purging.one_purge():
        purging.purge("events")
        purging.purge("events", "calendar-1")
        assert not Purge.objects.exists()
    assert Purge.objects.get().keys == ["calendar-1", "events"]


@pytest.mark.django_db(transaction=True)
def test_nothing_is_kept_while_nobody_can_tell_of_a_purge(settings):
    settings.CACHES = {
        "default": {
            "BACKEND": "cms.platform.cache.ForgivingRedisCache",
            "LOCATION": "redis://127.0.0.1:1",
            "OPTIONS": {"socket_connect_timeout": 1},
        }
    }
    answers = iter([1, 2])
    assert cached.cached("count", lambda: next(answers)) == 1
    assert cached.cached("count", lambda: next(answers)) == 2


@pytest.mark.django_db(transaction=True)
def test_what_is_kept_has_a_bound(monkeypatch):
    monkeypatch.setattr(cached, "MAX_CACHED", 2)
    for name in ("a", "b", "c"):
        cached.cached(name, lambda name=name: name)
    assert cached.cached("c", lambda: "drawn again") == "c"
    assert cached.cached("a", lambda: "drawn again") == "drawn again"


@pytest.mark.django_db(transaction=True)
def test_a_transaction_keeps_nothing_for_others():
    with transaction.atomic():
        assert cached.cached("count", lambda: "uncommitted") == "uncommitted"
    assert cached.cached("count", lambda: "committed") == "committed"


def test_a_snippet_on_three_pages_purges_exactly_their_keys(edge, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        fill(pages_only=True)
        box, other = BoxFactory(label="shared"), BoxFactory(label="outer")
        other.body = [("box", box)]
        other.save()
        pages = list(StandardPage.objects.all()[:5])
        for page, shown in zip(pages, [box, box, other], strict=False):
            page.body = [("box", shown)]
            page.save_revision().publish()
    Purge.objects.all().delete()
    with django_capture_on_commit_callbacks(execute=True):
        box.body = [("text", "<p>New words.</p>")]
        box.save_revision().publish()
    assert [set(purge.keys) for purge in Purge.objects.all()] == [{"box-shared", *[f"page-{page.pk}" for page in pages[:3]]}]
    Purge.objects.all().delete()
    with django_capture_on_commit_callbacks(execute=True):
        box.body = [("text", "<p>A draft.</p>")]
        box.save_revision()
    assert not Purge.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_a_save_returns_at_once_while_the_cache_hangs(edge, settings, client):
    settings.TASKS = settings.TASKS | {"aside": settings.IN_PROCESS | {"BACKEND": "cms.platform.threads.ThreadBackend"}}
    edge.delay, settings.CDN_TIMEOUT = 6, 5
    client.force_login(UserFactory(role="Site admins"))
    body = streamfield([("quote", {"text": "Ni!", "by": "", "source": ""})])
    form = nested_form_data({"label": "slow", "description": "", "body": body})
    before = {thread.ident for thread in threading.enumerate()}
    response = client.post(reverse(Box.snippet_viewset.get_url_name("add")), form | {"action-publish": "yes"})
    assert not Purge.objects.filter(status=Purge.Status.FAILED).exists(), "The answer waited for the cache."
    for thread in [thread for thread in threading.enumerate() if thread.ident not in before and thread.name.startswith("task ")]:
        thread.join()
    assert response.status_code == 302
    failed = Purge.objects.first()
    assert (failed.status, "timed out" in failed.error.lower()) == (Purge.Status.FAILED, True)
    html = client.get(reverse("purges_modeladmin_index")).content.decode()
    assert "box-slow" in html
    assert "Failed" in html
    edge.delay = 0
    settings.TASKS = settings.TASKS | {"aside": settings.IN_PROCESS}
    retry_purges.enqueue()
    failed.refresh_from_db()
    assert (failed.status, failed.attempts) == (Purge.Status.DONE, 2)
