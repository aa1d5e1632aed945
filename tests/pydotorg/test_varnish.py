"""The cache in front, for real: Varnish with the configuration that is deployed."""

import pytest
import requests
from django.db import transaction
from wagtail.models import Page, PageViewRestriction

from cms.delivery import backends, purging
from cms.delivery.models import Purge
from cms.delivery.tasks import retry_purges
from downloads.models import Release
from tests import edge
from tests.databases import fill
from tests.factories.downloads import ReleaseFactory
from tests.factories.users import UserFactory


@pytest.fixture
def varnish(request, live_server, tmp_path, settings):
    """The address of a Varnish in front of the live server; a parameter is its environment."""
    fill(pages_only=True)
    with edge.varnish(live_server.url, tmp_path, getattr(request, "param", None)) as url:
        settings.CDN_BACKEND, settings.CDN_URL, settings.CDN_API_TOKEN = "http", f"{url}/", edge.TOKEN
        # The first page of all writes down the settings that it shows, which purges.
        requests.get(f"{url}/", timeout=30)
        yield url


def cached(url: str) -> bool:
    return requests.get(url, timeout=10).headers["X-Cache"] == "HIT"


def test_a_page_is_kept_until_one_of_its_keys_is_purged(varnish):
    ReleaseFactory(name="Python 3.14.0")
    url = f"{varnish}/downloads/release/python-3140/"
    requests.get(url, timeout=10)
    assert cached(url)
    backends.get_backend().purge(["jobs"])
    assert cached(url)
    backends.get_backend().purge(["downloads"])
    assert not cached(url)


@pytest.mark.proves("S2-09", on="Varnish for Fastly")
def test_publishing_a_release_shows_it_at_once(varnish):
    url = f"{varnish}/downloads/feed.rss"
    assert "Python 3.14.0" not in requests.get(url, timeout=10).text
    assert cached(url)
    release = Release(name="Python 3.14.0")
    release.save()
    release.save_revision().publish()
    assert "Python 3.14.0" in requests.get(url, timeout=10).text


def test_a_purge_needs_the_secret(varnish):
    response = requests.request("PURGE", varnish, headers={"Surrogate-Key": "downloads", "X-Purge-Token": "wrong"}, timeout=10)
    assert response.status_code == 403


@pytest.mark.parametrize("varnish", [{"CDN_API_TOKEN": ""}], indirect=True)
def test_nobody_purges_where_there_is_no_secret(varnish):
    for headers in ({}, {"X-Purge-Token": ""}):
        response = requests.request("PURGE", varnish, headers={"Surrogate-Key": "downloads", **headers}, timeout=10)
        assert response.status_code == 403


def test_no_trick_changes_what_others_see(varnish):
    tricks = {
        "X-Forwarded-Host": "evil.example",
        "X-Original-URL": "/admin/",
        "X-HTTP-Method-Override": "DELETE",
        "Cookie": "theme=dark; " + "x=" + "y" * 3000,
    }
    url = f"{varnish}/downloads/?b=2&utm_source=letter&a=1&gclid=7"
    first = requests.get(url, headers=tricks, timeout=10)
    assert (first.status_code, first.headers["X-Cache"]) == (200, "MISS")
    second = requests.get(f"{varnish}/downloads/?a=1&b=2", timeout=10)
    assert second.headers["X-Cache"] == "HIT", "The order, and what only counts visits, make no page of their own."
    assert "evil.example" not in second.text
    assert "Set-Cookie" not in second.headers


@pytest.mark.parametrize("name", ["Cookie", "X-Forwarded-Host", "X-Anything"])
def test_a_header_beyond_all_measure_leaves_nothing(varnish, name):
    url = f"{varnish}/about/help/"
    response = requests.get(url, headers={name: "x" * 20_000}, timeout=10)
    assert response.status_code >= 400
    response = requests.get(url, timeout=10)
    assert (response.status_code, response.headers["X-Cache"]) == (200, "MISS")


@pytest.mark.parametrize("method", ["POST", "DELETE", "PUT", "PATCH", "TRACE"])
def test_no_other_method_changes_what_is_kept(varnish, method):
    url = f"{varnish}/about/help/"
    first = requests.get(url, timeout=10)
    answer = requests.request(method, url, timeout=10)
    assert (answer.status_code >= 400, answer.headers.get("X-Cache", "MISS")) == (True, "MISS")
    assert requests.post(url, headers={"X-HTTP-Method-Override": "GET"}, timeout=10).status_code >= 400
    second = requests.get(url, timeout=10)
    assert (second.headers["X-Cache"], second.content) == ("HIT", first.content)


def test_a_host_that_is_not_ours_has_no_page_and_takes_none(varnish):
    url = f"{varnish}/about/help/"
    for host in ("evil.example", "evil.example:80", "127.0.0.1.evil.example"):
        assert requests.get(url, headers={"Host": host}, timeout=10).status_code == 400
    response = requests.get(url, timeout=10)
    assert (response.status_code, response.headers["X-Cache"], "evil" in response.text) == (200, "MISS", False)


def test_queries_that_are_made_up_cost_the_page_nothing(varnish):
    url = f"{varnish}/about/help/"
    page = requests.get(url, timeout=10)
    with requests.Session() as session:
        for number in range(150):
            found = session.get(f"{url}?made-up={number}", timeout=10)
            assert (found.status_code, found.headers["X-Cache"]) == (200, "MISS")
        assert session.get(f"{varnish}/health", timeout=10).status_code == 200
    assert cached(url)
    assert requests.get(url, timeout=10).content == page.content


def test_five_thousand_keys_leave_at_once(varnish):
    page, other = Page.objects.get(slug="help"), Page.objects.get(slug="about", depth=3)
    urls = {each: f"{varnish}{each.relative_url(None)}" for each in (page, other)}
    for url in urls.values():
        requests.get(url, timeout=10)
        assert cached(url)
    with transaction.atomic():
        purging.purge(*[f"storm-{number}" for number in range(5_000)], f"page-{page.pk}")
    purge = Purge.objects.first()
    assert (purge.status, len(purge.keys), purge.error) == (Purge.Status.DONE, 5_001, "")
    assert not cached(urls[page])
    assert cached(urls[other])


def test_what_changes_while_no_purge_gets_through_is_purged_later(varnish, live_server, settings):
    page, purges, settings.CDN_URL = Page.objects.get(slug="help").specific, settings.CDN_URL, "http://127.0.0.1:1/"
    requests.get(f"{varnish}/about/help/", timeout=10)
    page.title = "Written while the cache is away"
    page.save_revision().publish()
    failed = Purge.objects.first()
    assert (failed.status, "refused" in failed.error) == (Purge.Status.FAILED, True)
    assert page.title in requests.get(f"{live_server.url}/about/help/", timeout=10).text
    settings.CDN_URL = purges
    retry_purges.enqueue()
    assert page.title in requests.get(f"{varnish}/about/help/", timeout=10).text
    failed.refresh_from_db()
    assert (failed.status, failed.attempts) == (Purge.Status.DONE, 2)


def test_what_belongs_to_one_person_is_never_kept(varnish):
    for path in ("/authenticated", "/accounts/login/", "/health"):
        requests.get(varnish + path, timeout=10)
        assert not cached(varnish + path)


def test_whoever_is_signed_in_sees_their_own_pages(varnish, client):
    url = f"{varnish}/jobs/mine/"
    assert requests.get(url, timeout=10, allow_redirects=False).status_code == 302
    client.force_login(UserFactory())
    session = {"sessionid": client.cookies["sessionid"].value}
    response = requests.get(url, timeout=10, allow_redirects=False, cookies=session)
    assert (response.status_code, response.headers["X-Cache"]) == (200, "MISS")


def test_a_page_that_becomes_private_leaves_the_cache_at_once(varnish, client):
    page = Page.objects.get(slug="about", depth=3)
    url = f"{varnish}/about/"
    requests.get(url, timeout=10)
    assert cached(url)
    restriction = PageViewRestriction.objects.create(page=page, restriction_type="login")
    response = requests.get(url, timeout=10, allow_redirects=False)
    assert (response.status_code, "login" in response.headers["Location"]) == (302, True)
    client.force_login(UserFactory())
    session = {"sessionid": client.cookies["sessionid"].value}
    assert "private" in requests.get(url, timeout=10, cookies=session).headers["Cache-Control"]
    restriction.delete()
    assert requests.get(url, timeout=10, allow_redirects=False).status_code == 200
