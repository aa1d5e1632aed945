"""Page views: the browser's report, the counters in the cache, the daily totals, and the screens for staff."""

import time
from datetime import date, timedelta
from pathlib import Path

import pytest
from django.conf import settings as site
from django.core.cache import cache
from django.urls import reverse
from django.utils import timezone
from wagtail.models import Page

from cms.content import page_views
from cms.content.models.page_views import PageSearch, PageViews
from cms.content.page_views import collect, count, delete_old_page_views, save, save_page_views
from cms.moderation.models import PageFeedback, ProblemReport
from cms.platform.cache import ForgivingRedisCache
from cms.platform.models import ScheduleState
from home.models import StandardPage
from tests.factories.users import UserFactory

pytestmark = pytest.mark.django_db
SCRIPT = Path(site.BASE_DIR / "pydotorg/static/js/page-views.js")


@pytest.fixture
def page(demo_site):
    return StandardPage.objects.live().get(slug="pip", locale__language_code="en")


@pytest.fixture(autouse=True)
def counted_later(monkeypatch):
    """Keep the numbers in the cache until a test saves them."""
    cache.set("views-saved", "yes")


def report(client, page, *, q="", **headers):
    return client.post("/page-views/", {"page": page.pk, "q": q}, headers=headers)


def this_minute():
    """Return the counters of the last minutes in the cache, on either side of midnight."""
    last = int(time.time()) // 60
    return {(page_id, query): number for (_day, page_id, query), number in collect(range(last - 2, last + 1)).items()}


# Reports of browsers


def test_pages_carry_their_id_and_the_script(client, page):
    html = client.get(page.url).content.decode()
    assert f'data-page="{page.pk}"' in html
    assert 'data-view-sample="1"' in html
    for url in ("/search/?q=pip", "/accounts/login/"):
        assert "data-page=" not in client.get(url).content.decode()
    assert "data-page=" not in page.make_preview_request().content.decode()


def test_the_script_is_small():
    assert SCRIPT.stat().st_size < 1024


def test_a_view_uses_the_cache_alone_and_sets_nothing(client, page, django_assert_num_queries):
    # Each POST reads the locks of the parallel running, which are cached outside the transaction of a test.
    with django_assert_num_queries(1) as queries:
        response = report(client, page, q="  PIP  Install ")
    assert "importer_parallelrunning" in queries[0]["sql"]
    assert (response.status_code, response.content) == (204, b"")
    assert not response.cookies
    assert "no-store" in response["Cache-Control"]
    report(client, page)
    report(client, page)
    assert this_minute() == {(page.pk, "pip install"): 1, (page.pk, ""): 2}


@pytest.mark.parametrize("headers", [{"DNT": "1"}, {"Sec-GPC": "1"}])
def test_browsers_that_ask_for_privacy_are_not_counted(client, page, headers):
    assert report(client, page, **headers).status_code == 204
    assert this_minute() == {}


@pytest.mark.parametrize(
    "headers", [{"Sec-Fetch-Site": "cross-site"}, {"Origin": "https://elsewhere.example"}, {"Origin": "null"}]
)
def test_other_sites_cannot_count(client, page, headers):
    assert report(client, page, **headers).status_code == 403
    assert this_minute() == {}


@pytest.mark.parametrize("data", [{}, {"page": "x"}, {"page": "0"}, {"page": "-1"}, {"page": "9" * 30}])
def test_other_reports_count_nothing(client, data):
    assert client.post("/page-views/", data).status_code == 204
    assert client.get("/page-views/").status_code == 405
    assert this_minute() == {}


@pytest.mark.parametrize("query", ["ada@example.org", "+1 (555) 010-0199", "call 5550100199"])
def test_queries_that_may_be_personal_are_not_kept(client, page, query):
    report(client, page, q=query)
    assert this_minute() == {(page.pk, ""): 1}


@pytest.mark.parametrize("query", ["python 3.13.1", "pep 8", "install on windows 11"])
def test_other_queries_are_kept(client, page, query):
    report(client, page, q=query)
    assert this_minute() == {(page.pk, query): 1}


def test_one_client_cannot_inflate_the_numbers(client, page, monkeypatch):
    monkeypatch.setattr(page_views, "MAX_PER_CLIENT", 2)
    for _ in range(5):
        assert report(client, page).status_code == 204
    assert this_minute() == {(page.pk, ""): 2}


@pytest.mark.skipif(bool(site.CACHE_URL), reason="needs the memory of this process")
def test_the_address_of_a_client_is_not_in_the_cache(client, page):
    report(client, page)
    stored = {key: cache.get(key.split(":", 2)[-1]) for key in list(cache._cache)}
    assert stored
    assert "127.0.0.1" not in str(stored)


def test_invented_pages_do_not_fill_the_cache(monkeypatch):
    monkeypatch.setattr(page_views, "MAX_NAMES", 3)
    for number in range(1, 10):
        count(number)
    assert this_minute() == {(1, ""): 1, (2, ""): 1, (3, ""): 1}


def test_nothing_is_counted_while_it_is_off(client, page, settings):
    settings.PAGE_VIEWS_SAMPLE = 0
    report(client, page)
    assert this_minute() == {}


# Saving


@pytest.fixture
def without_redis(settings):
    settings.CACHE_URL = ""


def test_views_are_saved_once(page, without_redis):
    for _ in range(3):
        count(page.pk)
    count(page.pk, "pip")
    save_page_views.call()
    save_page_views.call()
    assert PageViews.objects.get().views == 4
    assert list(PageSearch.objects.values_list("page_id", "query", "visits")) == [(page.pk, "pip", 1)]
    count(page.pk)
    save_page_views.call()
    assert PageViews.objects.get().views == 5


@pytest.mark.skipif(bool(site.CACHE_URL), reason="needs the memory of this process")
def test_without_redis_a_view_saves_those_of_the_last_minutes(page, without_redis):
    cache.delete("views-saved")
    count(page.pk)
    count(page.pk)
    assert PageViews.objects.get().views == 1
    assert this_minute() == {(page.pk, ""): 1}


def test_a_day_gets_its_own_row_and_unknown_pages_none(page):
    today, other = date(2026, 11, 30), Page.objects.live().exclude(pk=page.pk).last()
    draft = StandardPage.objects.filter(live=True).exclude(pk=page.pk).first()
    draft.unpublish()
    save(page_views.Numbers({(today, page.pk, ""): 2, (today - timedelta(days=1), page.pk, "x"): 3, (today, other.pk, ""): 1}))
    save(page_views.Numbers({(today, page.pk, ""): 5, (today, 10**9, ""): 9, (today, draft.pk, "y"): 9}))
    assert set(PageViews.objects.values_list("page_id", "day", "views")) == {
        (page.pk, today, 7),
        (page.pk, today - timedelta(days=1), 3),
        (other.pk, today, 1),
    }
    assert PageSearch.objects.count() == 1


def test_a_sample_stands_for_all_views(page, settings, without_redis):
    settings.PAGE_VIEWS_SAMPLE = 10
    count(page.pk, "pip")
    save_page_views.call()
    assert PageViews.objects.get().views == PageSearch.objects.get().visits == 10


def test_the_number_of_queries_does_not_grow_with_the_pages(page, django_assert_num_queries, django_assert_max_num_queries):
    pages = [row.pk for row in Page.objects.live()[:12]]
    with django_assert_max_num_queries(20) as few:
        save(page_views.Numbers({(date(2026, 11, 30), pk, "x"): 1 for pk in pages[:2]}))
    with django_assert_num_queries(len(few)):
        save(page_views.Numbers({(date(2026, 11, 29), pk, "x"): 1 for pk in pages}))


def test_daily_numbers_end_after_13_months(page):
    today = timezone.localdate()
    for days in (0, 390, 430, 800):
        PageViews.objects.create(page=page, day=today - timedelta(days=days), views=1)
        PageSearch.objects.create(page=page, day=today - timedelta(days=days), query="x", visits=1)
    delete_old_page_views.call()
    for model in (PageViews, PageSearch):
        assert {(today - row.day).days for row in model.objects.all()} == {0, 390}


def test_first_day_kept():
    assert page_views.PageViews.objects.forgettable(date(2026, 11, 30)).query.where.children[0].rhs == date(2025, 10, 1)
    assert page_views.PageViews.objects.forgettable(date(2026, 1, 5)).query.where.children[0].rhs == date(2024, 12, 1)


# Staff


@pytest.fixture
def numbers(page):
    today = timezone.localdate()
    for days, views in ((0, 1200), (29, 34), (30, 7), (100, 5)):
        PageViews.objects.create(page=page, day=today - timedelta(days=days), views=views)
    PageSearch.objects.create(page=page, day=today, query="<b>pip</b>", visits=3)
    PageFeedback.objects.create(page=page, helpful=True)
    ProblemReport.objects.create(page=page, path=page.url, text="A typo")


def test_the_side_panel_shows_views_searches_and_reports(client, page, numbers):
    client.force_login(UserFactory(role="Content editors"))
    html = client.get(reverse("wagtailadmin_pages:edit", args=[page.pk])).content.decode()
    for text in (
        "1,234 views in the last 30 days (7 in the previous 30 days)",
        "<q>&lt;b&gt;pip&lt;/b&gt;</q> (3)",
        "1 open problem report",
    ):
        assert text in " ".join(html.split())


def test_the_report_lists_pages_by_views(client, page, numbers):
    client.force_login(UserFactory(role="Content editors"))
    url = reverse("health_page-views")

    def first(**filters):
        return client.get(url, filters).context["object_list"][0]

    row = first()
    facts = (row.pk, row.views, row.search_visits, row.helpful_count, row.unhelpful_count, row.problem_count)
    assert facts == (page.pk, 1234, 3, 1, 0, 1)
    assert first(period="7").views == 1200
    assert first(period="90").views == 1241
    assert first(period="365").views == 1246
    assert first(period="x").views == 1234
    assert not client.get(url, {"title": "nothing"}).context["object_list"]
    assert "most bots" in client.get(url).content.decode()
    exported = b"".join(client.get(url, {"export": "csv"}).streaming_content).decode()
    assert "1234" in exported
    client.force_login(UserFactory(role="Job board"))
    assert client.get(url).status_code in {302, 403}


def test_problem_reports_of_a_page_are_found_from_its_panel(client, page, numbers):
    client.force_login(UserFactory(role="Content editors"))
    ProblemReport.objects.create(path="/elsewhere/", text="Another")
    rows = client.get(reverse("health_problem-reports"), {"status": "open", "path": page.url}).context["object_list"]
    assert [row.text for row in rows] == ["A typo"]


# On Redis


def refuse(_cache):
    raise ConnectionError("The cache does not respond.")


@pytest.mark.engine
@pytest.mark.skipif(not site.CACHE_URL, reason="needs Redis")
class TestOnRedis:
    @pytest.fixture(autouse=True)
    def empty_cache(self):
        cache.clear()

    def test_minutes_are_saved_exactly_once(self, page):
        now = time.time()
        ScheduleState.objects.create(path=save_page_views.module_path, done_until=timezone.now() - timedelta(minutes=30))
        for minutes in (20, 5, 0):
            count(page.pk, at=now - 60 * minutes)
        save_page_views.call()
        save_page_views.call()
        # The current minute is not over. The others may be on two days.
        assert sum(PageViews.objects.values_list("views", flat=True)) == 2

    def test_an_outage_of_the_cache_neither_breaks_a_page_nor_skips_minutes(self, client, page, monkeypatch):
        count(page.pk, at=time.time() - 600)
        state = ScheduleState.objects.create(path=save_page_views.module_path, done_until=timezone.now() - timedelta(minutes=30))
        monkeypatch.setattr(cache.breaker, "_open_until", time.monotonic() + 60)
        assert report(client, page).status_code == 204
        monkeypatch.setattr(ForgivingRedisCache, "server_stats", refuse)
        with pytest.raises(ConnectionError):
            save_page_views.call()
        monkeypatch.undo()
        assert ScheduleState.objects.get(pk=state.pk).done_until == state.done_until
        save_page_views.call()
        assert PageViews.objects.get().views == 1

    def test_numbers_that_the_cache_no_longer_has_are_reported(self, page, caplog):
        ScheduleState.objects.create(path=save_page_views.module_path, done_until=timezone.now() - timedelta(hours=5))
        save_page_views.call()
        assert "were not saved in time" in caplog.text
