"""The cache in front, for real: Varnish with the configuration that is deployed."""

import pytest
import requests
from wagtail.models import Page, PageViewRestriction

from cms import cdn
from downloads.models import Release
from home.demo import fill
from tests import edge
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
    cdn.send(["jobs"])
    assert cached(url)
    cdn.send(["downloads"])
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
