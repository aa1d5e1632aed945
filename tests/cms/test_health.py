"""Reports on the site's health, the link check, and problem reports from readers."""

from datetime import timedelta

import pytest
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from wagtail.images.tests.utils import get_test_image_file
from wagtail.models import Page

from cms.content import public_forms
from cms.content.models.media import CustomImage
from cms.content.models.missing_urls import MissingURL
from cms.editor import link_checks
from cms.editor.models import BrokenLink
from cms.editor.reports import REPORTS
from cms.editor.tasks import anonymize_personal_data
from cms.moderation import problem_reports
from cms.moderation.models import PageFeedback, ProblemReport
from cms.platform import fetching
from cms.search.models import EmptySearch
from cms.search.tasks import delete_empty_searches
from home.models import StandardPage
from tests.factories.cms import BoxFactory
from tests.factories.users import UserFactory
from tests.servers import RecordingServer

pytestmark = pytest.mark.django_db


@pytest.fixture
def editor(client):
    client.force_login(UserFactory(role="Content editors"))
    return client


@pytest.fixture
def faults(demo_site):
    """Create one fault of each type."""
    page = StandardPage.objects.get(slug="pip")
    page.search_description, page.review_date = "", timezone.localdate() - timedelta(days=1)
    page.content_owner = UserFactory(username="owner")
    page.save()
    BrokenLink.objects.create(page=page, url="/gone/", reason="The page returned 404.")
    ProblemReport.objects.create(path="/doc/pip/", text="A typo.", page=page)
    PageFeedback.objects.create(page=page, helpful=False, comment="Step 3 fails.")
    MissingURL.objects.create(path="/old/", hits=4)
    EmptySearch.objects.create(query="spam", hits=2)
    CustomImage.objects.create(title="Bare", file=get_test_image_file())
    BoxFactory(label="lonely")
    return page


WORDS = {
    "problem-reports": "A typo.",
    "page-feedback": "Step 3 fails.",
    "broken-links": "/gone/",
    "missing-urls": "/old/",
    "empty-searches": "spam",
    "overdue-reviews": "owner",
    "without-description": "/doc/pip/",
    "images-without-text": "Bare",
    "unused-boxes": "lonely",
}


@pytest.mark.parametrize("report", REPORTS, ids=lambda report: report.slug)
def test_every_report_lists_filters_sorts_and_exports(editor, faults, report, django_assert_max_num_queries):
    address = reverse(f"health_{report.slug}")
    with django_assert_max_num_queries(40):
        html = editor.get(address).content.decode()
    assert WORDS[report.slug] in html
    for name, _ in report.shown:
        assert editor.get(address, {"ordering": f"-{name}"}).status_code == 200
    for name in report.filterset_class.base_filters:
        assert editor.get(address, {name: "nothing like it"}).status_code == 200
    export = b"".join(editor.get(address, {"export": "csv"}).streaming_content).decode()
    assert WORDS[report.slug] in export


@pytest.mark.parametrize("report", REPORTS, ids=lambda report: report.slug)
def test_a_report_is_only_for_those_who_fix(client, faults, report):
    client.force_login(UserFactory(role="Job board"))
    assert client.get(reverse(f"health_{report.slug}")).status_code == 302


def test_the_first_screen_counts_what_waits(editor, faults):
    html = editor.get("/admin/").content.decode()
    for report in REPORTS:
        assert f'href="{report.url()}"' in html
    assert "<strong>1</strong> Broken links" in html


def test_filters_narrow(editor, faults):
    MissingURL.objects.create(path="/other/", hits=1)
    html = editor.get(reverse("health_missing-urls"), {"path": "oth"}).content.decode()
    assert "/other/" in html
    assert "/old/" not in html


def page_with(*hrefs):
    """Return the only page with content, so that no other links are requested."""
    page = StandardPage.objects.get(slug="pip")
    Page.objects.filter(depth__gt=2).exclude(Q(pk=page.pk) | Q(slug__in=["about", "doc"])).update(live=False)
    page.body = [("text", "".join(f'<p><a href="{href}">There</a></p>' for href in hrefs))]
    page.save()
    return page


def test_links_within_the_site_are_requested(demo_site, client):
    page = page_with("/about/", "/nowhere/", "/doc", "#here", "mailto:a@example.org", "https://elsewhere.example/x", "/admin/")
    link_checks.check_links.call()
    assert [(link.url, link.text, link.reason) for link in page.broken_links.all()] == [
        ("/nowhere/", "There", "The page returned 404.")
    ]
    assert not MissingURL.objects.exists()
    page_with("/about/")
    link_checks.check_links.call()
    assert not page.broken_links.exists()


@pytest.mark.full
def test_the_pages_of_the_demo_have_no_broken_links(demo_site):
    link_checks.check_links.call()
    assert list(BrokenLink.objects.values_list("page__url_path", "url")) == []


def test_other_sites_are_requested_only_when_allowed(demo_site, settings):
    with RecordingServer(status=404) as server:
        settings.FETCH_FROM_LOOPBACK = True
        page = page_with(f"{server.url}/gone")
        link_checks.check_links.call()
        assert server.requests == []
        settings.CHECK_EXTERNAL_LINKS = True
        link_checks.check_links.call()
        assert [request.method for request in server.requests] == ["HEAD"]
    assert page.broken_links.get().reason == "The server responds with 404."
    assert not page.broken_links.get().internal


def test_a_server_that_refuses_programs_proves_nothing(settings):
    settings.FETCH_FROM_LOOPBACK = True
    with RecordingServer(status=403) as server:
        fetching.check(server.url)
    with pytest.raises(fetching.FetchError):
        fetching.check("http://127.0.0.1:1/")


def test_our_own_network_is_never_requested():
    with pytest.raises(fetching.FetchError):
        fetching.check("http://127.0.0.1/")


@pytest.fixture
def quick(monkeypatch):
    monkeypatch.setattr(public_forms, "FASTEST_SECONDS", 0)


def fill_in(client, **changed):
    html = client.get("/report-a-problem/", headers={"Referer": "http://testserver/doc/pip/"})
    form = html.context["form"]
    data = {"path": form["path"].value(), "text": "The second link is broken.", "email": "", "opened": form["opened"].value()}
    return client.post("/report-a-problem/", data | changed)


def test_a_reader_reports_a_problem_and_staff_fix_it(client, demo_site, quick):
    assert fill_in(client).status_code == 302
    report = ProblemReport.objects.get()
    assert (report.path, report.section, report.page.slug) == ("/doc/pip/", "doc", "pip")
    assert "Thank you" in client.get("/report-a-problem/?sent=yes").content.decode()
    client.force_login(UserFactory(role="Content editors"))
    html = client.get(reverse("problem_report", args=[report.pk])).content.decode()
    assert "The second link is broken." in html
    assert "<title>Problem report" in " ".join(html.split()).replace("<title> ", "<title>")
    assert reverse("wagtailadmin_pages:edit", args=[report.page.pk]) in html
    client.post(reverse("problem_report", args=[report.pk]))
    report.refresh_from_db()
    assert (report.status, report.closed_by.groups.get().name) == ("done", "Content editors")


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"website_two": "x"}, "looks like spam"),
        ({"text": ""}, "required"),
        ({"path": "javascript:alert(1)"}, "starts with a slash"),
        ({"email": "nobody"}, "email"),
    ],
)
def test_bad_reports_are_refused_with_a_sentence(client, demo_site, quick, changed, words):
    response = fill_in(client, **changed)
    assert response.status_code == 422
    assert words in response.content.decode()
    assert not ProblemReport.objects.exists()


def test_one_address_cannot_fill_the_list(client, demo_site, quick, monkeypatch):
    monkeypatch.setattr(problem_reports.ProblemForm, "per_hour", 1)
    fill_in(client)
    assert "too many submissions" in fill_in(client).content.decode()
    assert ProblemReport.objects.count() == 1


def test_reports_are_counted_by_section(editor, demo_site):
    for path in ("/doc/", "/doc/pip/", "/psf/"):
        ProblemReport.objects.create(path=path, text="Typo")
    done = ProblemReport.objects.create(path="/doc/faq/", text="Typo")
    done.close(by=UserFactory())
    rows = {row.path: row.section_count for row in REPORTS[0].problems()}
    assert (rows["/doc/pip/"], rows["/psf/"]) == (2, 1)
    assert REPORTS[0].count() == 3


def test_only_staff_of_the_pages_read_what_readers_wrote(client):
    report = ProblemReport.objects.create(path="/", text="Typo")
    client.force_login(UserFactory(role="Job board"))
    assert client.get(reverse("problem_report", args=[report.pk])).status_code in {302, 403}


def test_searches_without_result_are_counted_once_a_minute(client, demo_site):
    for _ in range(3):
        client.get("/search/?q=Xyzzy")
    client.get("/search/?q=pip")
    assert list(EmptySearch.objects.values_list("query", "hits")) == [("xyzzy", 1)]


def test_old_questions_and_closed_reports_are_forgotten():
    long_ago = timezone.now() - timedelta(days=400)
    EmptySearch.objects.create(query="old", last_searched_at=long_ago)
    fresh = EmptySearch.objects.create(query="fresh")
    ProblemReport.objects.create(path="/", text="x", closed_at=long_ago)
    waiting = ProblemReport.objects.create(path="/", text="y")
    delete_empty_searches.call()
    anonymize_personal_data.call()
    assert list(EmptySearch.objects.all()) == [fresh]
    assert list(ProblemReport.objects.all()) == [waiting]


def test_pages_are_listed_with_their_address(editor, demo_site):
    report = editor.get(reverse("health_without-description"), {"address": "/community/1"}).content.decode()
    assert "/community/1/" in report
    assert "/home/" not in report
