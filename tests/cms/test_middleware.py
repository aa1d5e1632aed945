import pytest
from django.http import HttpResponse
from django.test import RequestFactory

from cms.delivery import cached, purging, surrogate_keys
from cms.delivery.middleware import HeadersMiddleware
from tests.servers import RecordingServer

pytestmark = pytest.mark.django_db


@pytest.fixture
def _in_front(settings):
    with RecordingServer() as server:
        settings.CDN_BACKEND, settings.CDN_URL = "http", f"{server.url}/"
        yield


@pytest.fixture
def draw(django_capture_on_commit_callbacks):
    """Respond to a request for a shared page. Keys are purged while the page is rendered."""

    def answer(*purged: str) -> HttpResponse:
        def view(request):
            with django_capture_on_commit_callbacks(execute=True):
                purging.purge(*purged)
            return HttpResponse("old")

        return HeadersMiddleware(surrogate_keys.shared("downloads")(view))(RequestFactory().get("/downloads/"))

    return answer


def directives(response: HttpResponse) -> set[str]:
    return set(response["Cache-Control"].split(", "))


@pytest.mark.usefixtures("_in_front")
@pytest.mark.parametrize("purged", ["downloads", "jobs"])
def test_an_answer_drawn_during_a_purge_stays_out_of_the_cache_in_front(draw, purged):
    assert {"private", "no-cache"} <= directives(draw(purged))
    assert "public" not in directives(draw(purged))


@pytest.mark.usefixtures("_in_front")
def test_an_undisturbed_answer_is_for_all(draw):
    draw("downloads")
    assert directives(draw()) == {"public", "max-age=60", "s-maxage=300"}


def test_where_no_cache_is_in_front_a_purge_marks_nothing(draw):
    assert directives(draw("downloads")) == {"public", "max-age=60", "s-maxage=300"}


@pytest.mark.usefixtures("_in_front")
def test_while_the_shared_cache_is_away_the_one_in_front_keeps_answers(draw, monkeypatch):
    monkeypatch.setattr(cached, "generation", lambda: None)
    assert directives(draw("downloads")) == {"public", "max-age=60", "s-maxage=300"}
