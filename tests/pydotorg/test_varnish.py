"""The cache in front, for real: Varnish with the configuration that is deployed."""

import gzip

import brotli
import pytest
import requests
from django.db import transaction
from wagtail.models import Page, PageViewRestriction

from cms.delivery import backends, purging
from cms.delivery.live_checks import check_live_url
from cms.delivery.models import LiveCheck, Purge
from cms.delivery.tasks import retry_purges
from downloads.models import DownloadsSettings, Release
from tests import edge
from tests.databases import fill
from tests.factories.downloads import ReleaseFactory
from tests.factories.users import UserFactory


@pytest.fixture
def varnish(request, live_server, tmp_path, settings):
    """Return the URL of a Varnish in front of the live server. The parameter is its environment."""
    fill(pages_only=True)
    with edge.varnish(live_server.url, tmp_path, getattr(request, "param", None)) as url:
        settings.CDN_BACKEND, settings.CDN_URL, settings.CDN_API_TOKEN = "http", f"{url}/", edge.TOKEN
        # The first pages of all write down the settings that they show, which purges.
        DownloadsSettings.load()
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
            assert (found.status_code, found.headers["X-Cache"]) == (200, "HIT")
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


@pytest.mark.parametrize("public", ["http://127.0.0.1:9", "https://127.0.0.1:9"])
def test_a_live_check_asks_the_cache_that_is_purged(varnish, settings, public):
    """Workers need not reach the public URL: in a container or behind a balancer, it may lead elsewhere."""
    settings.BASE_URL = public
    page = Page.objects.get(slug="help").specific
    page.title = "Written for visitors"
    page.save_revision().publish()
    check = LiveCheck.objects.of(page).get()
    check_live_url(check)
    check.refresh_from_db()
    assert (check.status, check.error) == (LiveCheck.Status.LIVE, "")
    headers = {"Host": "127.0.0.1:9", "X-Forwarded-Proto": public.partition(":")[0]}
    seen = requests.get(f"{varnish}/about/help/", headers=headers, timeout=10)
    assert (seen.headers["X-Cache"], page.title in seen.text) == ("HIT", True), "It was the copy that visitors get."


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


def test_each_encoding_has_its_copy_and_one_purge_removes_all(varnish):
    url = f"{varnish}/downloads/"
    pages = {}
    for accepted, encoding in (("gzip, deflate, br, zstd", "br"), ("gzip;q=1.0", "gzip"), ("identity, br;q=0", None)):
        first = requests.get(url, headers={"Accept-Encoding": accepted}, timeout=10, stream=True)
        assert (first.headers.get("Content-Encoding"), first.headers["X-Cache"]) == (encoding, "MISS")
        assert requests.get(url, headers={"Accept-Encoding": accepted}, timeout=10).headers["X-Cache"] == "HIT"
        pages[encoding] = first.raw.read()
    assert brotli.decompress(pages["br"]) == gzip.decompress(pages["gzip"]) == pages[None]
    assert len(pages["br"]) < len(pages["gzip"]) < len(pages[None]) / 3
    backends.get_backend().purge(["downloads"])
    for accepted in ("br", "gzip", "identity"):
        assert requests.get(url, headers={"Accept-Encoding": accepted}, timeout=10).headers["X-Cache"] == "MISS"


def test_html_and_markdown_have_one_copy_each(varnish):
    url = f"{varnish}/doc/pip/"
    accepted = {
        "text/html": ["text/html,application/xhtml+xml,*/*;q=0.8", "*/*", "text/html, text/markdown;q=0.5", ""],
        "text/markdown": ["text/markdown", "text/markdown, text/html, */*", "text/html;q=0.9, text/markdown;q=1"],
    }
    for kind, values in accepted.items():
        responses = [requests.get(url, headers={"Accept": value}, timeout=10) for value in values]
        assert {response.headers["Content-Type"] for response in responses} == {f"{kind}; charset=utf-8"}
        assert [response.headers["X-Cache"] for response in responses] == ["MISS", *["HIT"] * (len(values) - 1)]
    page = Page.objects.get(url_path__endswith="/doc/pip/")
    backends.get_backend().purge([f"page-{page.pk}"])
    for kind in accepted:
        assert requests.get(url, headers={"Accept": kind}, timeout=10).headers["X-Cache"] == "MISS"


def test_the_redirect_of_a_plain_visit_does_not_answer_a_secure_one(varnish, settings):
    settings.ROOT_URLCONF = "tests.pydotorg.other_urls"
    url = f"{varnish}/secure-only/"
    for _ in range(2):
        plain = requests.get(url, timeout=10, allow_redirects=False)
        assert (plain.status_code, plain.headers["Location"][:8]) == (301, "https://")
        secure = requests.get(url, headers={"X-Forwarded-Proto": "https"}, timeout=10, allow_redirects=False)
        assert secure.status_code == 200


def test_a_purged_page_is_served_while_the_site_fails(varnish, settings):
    """The purge is soft: the old page stays in the cache until the site can render a new one."""
    url = f"{varnish}/about/help/"
    kept = requests.get(url, timeout=10)
    assert cached(url)
    settings.ROOT_URLCONF = "tests.pydotorg.other_urls"
    backends.get_backend().purge(["about"])
    stale = requests.get(url, timeout=10)
    assert (stale.status_code, stale.content) == (200, kept.content)
    assert requests.get(f"{varnish}/about/quotes/", timeout=10).status_code == 500, "There is no copy of this one."
    settings.ROOT_URLCONF = "pydotorg.urls"
    page = Page.objects.get(slug="help").specific
    page.title = "After the failure"
    page.save_revision().publish()
    assert page.title in requests.get(url, timeout=10).text


def test_only_a_session_passes_the_cache(varnish):
    url = f"{varnish}/about/help/"
    requests.get(url, timeout=10)
    for value in ("", "x", "<script>", "a" * 31, "a" * 33):
        assert requests.get(url, cookies={"sessionid": value}, timeout=10).headers["X-Cache"] == "HIT"
    assert requests.get(url, cookies={"sessionid": "a" * 32}, timeout=10).headers["X-Cache"] == "MISS"


def test_a_fifth_of_made_up_parameters_costs_no_hits(varnish):
    hits, number = 0, 300
    paths = ["/about/help/", "/downloads/", "/jobs/", "/events/", "/blogs/"]
    with requests.Session() as session:
        for path in paths:
            session.get(varnish + path, timeout=10)
        for index in range(number):
            junk = f"?x={index}&utm_source=letter" if index % 5 == 0 else ""
            hits += session.get(f"{varnish}{paths[index % 4]}{junk}", timeout=10).headers["X-Cache"] == "HIT"
    assert hits >= 0.95 * number
