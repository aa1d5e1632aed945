"""Page cache of an installation without a cache in front."""

from pathlib import Path

import pytest
from django.core.cache import caches
from django.db import connection
from django.http import HttpResponse
from django.test import RequestFactory
from django.test.utils import CaptureQueriesContext
from django.utils.autoreload import file_changed
from wagtail.models import Site

from cms.content.models.settings import SiteSettings
from cms.delivery import cached, page_cache, purging, surrogate_keys
from downloads.models import DownloadsSettings
from home.models import StandardPage
from tests.factories.downloads import ReleaseFactory
from tests.factories.users import UserFactory

PAGE = "/psf/trademarks/"

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _on(settings):
    settings.PAGE_CACHE = True
    caches["pages"].clear()


def is_hit(client, path: str, **headers) -> bool:
    return client.get(path, headers=headers).has_header("Age")


def publish(page, text: str, capture) -> None:
    with capture(execute=True):
        page.introduction = text
        page.save_revision().publish()


@pytest.fixture
def page(demo_site, django_capture_on_commit_callbacks):
    # Else the first page makes this row, and purges everything.
    with django_capture_on_commit_callbacks(execute=True):
        SiteSettings.for_site(Site.objects.get())
        DownloadsSettings.load()
    return StandardPage.objects.get(url_path=f"/home{PAGE}")


def test_a_page_that_is_no_longer_live_is_not_found(client, page, django_capture_on_commit_callbacks):
    assert client.get(PAGE).status_code == 200
    with django_capture_on_commit_callbacks(execute=True):
        page.unpublish()
    assert client.get(PAGE).status_code == 404


def test_a_page_that_was_requested_costs_no_query(client, page):
    first = client.get(PAGE)
    with CaptureQueriesContext(connection) as queries:
        second = client.get(PAGE)
    assert second.content == first.content
    assert len(queries) == 0
    own = {"X-Request-ID", "Age"}
    assert {name: value for name, value in second.items() if name not in own} == {
        name: value for name, value in first.items() if name not in own
    }


def test_a_change_is_seen_at_once_and_other_pages_stay(client, page, django_capture_on_commit_callbacks):
    for path in (PAGE, "/jobs/"):
        client.get(path)
    publish(page, "Ask in the forum.", django_capture_on_commit_callbacks)
    assert is_hit(client, "/jobs/")
    assert "Ask in the forum." in client.get(PAGE).content.decode()
    assert is_hit(client, PAGE)


def test_who_is_signed_in_or_brings_any_cookie_or_key_goes_past_it(client, page):
    client.get(PAGE)
    assert not is_hit(client, PAGE, cookie="theme=dark")
    assert not is_hit(client, PAGE, authorization="Token x")
    assert not is_hit(client, PAGE, x_api_key="sk_x")
    client.force_login(UserFactory())
    assert not is_hit(client, PAGE)


def test_what_a_member_requested_is_not_kept(client, page):
    client.force_login(UserFactory())
    client.get(PAGE)
    client.logout()
    client.cookies.clear()
    assert not is_hit(client, PAGE)


@pytest.mark.parametrize(
    "path", ["/accounts/login/", "/report-a-problem/", "/authenticated", "/health", "/ready", "/no/such/page/", "/admin/login/"]
)
def test_forms_and_what_belongs_to_one_person_are_never_kept(client, page, path):
    client.get(path)
    client.cookies.clear()
    assert not is_hit(client, path)


def test_a_post_neither_finds_nor_leaves_a_page(client, page):
    client.get(PAGE)
    assert not client.post(PAGE).has_header("Age")
    client.post("/about/history/")
    assert not is_hit(client, "/about/history/")


def test_head_and_conditional_requests_are_answered_from_it(client, page):
    response = client.get(PAGE)
    assert client.head(PAGE).has_header("Age")
    again = client.get(PAGE, headers={"if-none-match": response["ETag"]})
    assert (again.status_code, again.content) == (304, b"")
    client.head("/about/history/")
    assert not is_hit(client, "/about/history/"), "HEAD leaves nothing."


def test_an_answer_that_differs_by_a_header_is_kept_for_each(page):
    middleware = page_cache.PageCacheMiddleware(lambda request: HttpResponse(request.headers["Accept"], headers=told))
    told = {"Vary": "Accept", "Surrogate-Key": "pydotorg-app"}
    ask = RequestFactory().get
    for accept in ("text/html", "application/json"):
        assert not middleware(ask("/api/v1/", headers={"accept": accept})).has_header("Age")
    for accept in ("text/html", "application/json"):
        response = middleware(ask("/api/v1/", headers={"accept": accept}))
        assert (response.content.decode(), response.has_header("Age")) == (accept, True)


def test_browsers_share_one_copy_and_markdown_has_another(client, page, django_assert_num_queries):
    for accept in ("text/html,*/*;q=0.8", "text/markdown"):
        client.get(page.url, headers={"Accept": accept})
    with django_assert_num_queries(0):
        html = client.get(page.url, headers={"Accept": "*/*"})
        markdown = client.get(page.url, headers={"Accept": "text/markdown, */*"})
    assert html["Content-Type"].startswith("text/html")
    assert markdown["Content-Type"].startswith("text/markdown")


def test_each_host_has_pages_of_its_own(client, page):
    client.get(PAGE)
    assert not is_hit(client, PAGE, host="localhost")


def test_no_header_puts_words_into_a_page_for_others(client, page):
    tricks = {"x_forwarded_host": "evil.example", "x_original_url": "/admin/", "x_http_method_override": "DELETE"}
    assert "evil.example" not in client.get(PAGE, headers=tricks).content.decode()
    assert client.get(PAGE, headers={"host": "evil.example"}).status_code == 400
    response = client.get(PAGE)
    assert (response.status_code, response.has_header("Age")) == (200, True)
    assert "evil.example" not in response.content.decode()


@pytest.mark.parametrize(
    "headers",
    [{"Cache-Control": "private"}, {"Cache-Control": "no-store"}, {"Vary": "Accept, Cookie"}, {"Cache-Control": "max-age=0"}],
)
def test_what_is_not_for_all_says_so(headers):
    assert page_cache.cache_seconds(RequestFactory().get("/"), HttpResponse(headers=headers)) == 0


def test_how_long_an_answer_is_kept():
    request = RequestFactory().get("/")
    for told, seconds in {"": 60, "max-age=10": 10, "max-age=10, s-maxage=30": 30, "s-maxage=3600": 60}.items():
        assert page_cache.cache_seconds(request, HttpResponse(headers={"Cache-Control": told})) == seconds
    with_cookie, large = HttpResponse(), HttpResponse(b"x" * (page_cache.MAX_BYTES + 1))
    with_cookie.set_cookie("csrftoken", "x")
    for response in (with_cookie, large, HttpResponse(status=404)):
        assert page_cache.cache_seconds(request, response) == 0


def test_queries_that_are_made_up_do_not_fill_the_memory(client, page):
    for number in range(310):
        client.get(f"/robots.txt?{number}")
    assert len(caches["pages"]._cache) <= 600
    client.get(f"{PAGE}?{'x' * 300}")
    assert not is_hit(client, f"{PAGE}?{'x' * 300}")


def test_a_change_while_the_page_is_drawn_is_not_lost(page, django_capture_on_commit_callbacks):
    """A change is published after a page was read and before it is cached."""

    def view(request):
        surrogate_keys.add_keys(request, "downloads")
        with django_capture_on_commit_callbacks(execute=True):
            purging.purge("downloads")
        return HttpResponse("old", headers={"Surrogate-Key": "downloads"})

    middleware = page_cache.PageCacheMiddleware(view)
    for _ in range(2):
        assert not middleware(RequestFactory().get("/")).has_header("Age")


def test_after_many_purges_nobody_knows_what_still_holds(client, page, django_capture_on_commit_callbacks):
    client.get(PAGE)
    with django_capture_on_commit_callbacks(execute=True):
        for _ in range(cached.PURGES_KNOWN + 1):
            purging._flush({"jobs": None})
    assert not is_hit(client, PAGE)


def test_publishing_a_release_shows_it_on_each_page_that_names_it(client, page, django_capture_on_commit_callbacks):
    paths = ("/", "/downloads/", "/downloads/feed.rss", "/api/v2/downloads/release/")
    for path in paths:
        client.get(path)
    with django_capture_on_commit_callbacks(execute=True):
        ReleaseFactory(name="Python 3.99.0")
    for path in paths:
        assert "3.99.0" in client.get(path).content.decode(), path


def test_whoever_works_on_a_template_sees_it(client, page):
    client.get(PAGE)
    file_changed.send(sender=None, file_path=Path("page.txt"))
    assert not is_hit(client, PAGE)
