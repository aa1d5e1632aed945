"""`pages/page` of APIs v1 and v2, for programs that follow links from releases."""

import pytest
from wagtail.models import PageViewRestriction

from cms.content.models.legacy import LegacyPageID
from cms.delivery import cached
from home.models import HomePage, StandardPage
from tests.factories.downloads import ReleaseFactory

pytestmark = pytest.mark.django_db
V1, V2 = "/api/v1/pages/page/", "/api/v2/pages/page/"
KEYS = ["title", "path", "keywords", "description", "content", "is_published", "template_name", "resource_uri"]


def make_page(parent, title, number=None, **fields):
    page = parent.add_child(instance=StandardPage(title=title, slug=title.lower(), body=[("text", "<p>Spam.</p>")], **fields))
    if number:
        LegacyPageID.objects.create(page=page, number=number)
    return page


@pytest.fixture
def pages():
    HomePage(title="Python", slug="home", promise="Python").become_root()
    home = HomePage.objects.get()
    about = make_page(home, "About", 7, search_description="Who we are")
    return about, make_page(about, "Board"), make_page(home, "Draft", 9, live=False)


def test_a_page_keeps_its_id_and_a_new_one_gets_a_high_one(client, pages):
    _, board, _ = pages
    rows = client.get(V2).json()
    assert [list(row) for row in rows] == [KEYS, KEYS]
    assert [row["resource_uri"] for row in rows] == [f"http://testserver{V2}7/", f"http://testserver{V2}{1_000_000 + board.pk}/"]
    assert [row["path"] for row in rows] == ["about", "about/board"]
    alone = client.get(f"{V2}7/").json()
    assert alone == rows[0]
    assert "<p>Spam.</p>" in alone["content"]
    listed = client.get(V1).json()
    assert (listed["meta"]["total_count"], listed["objects"][0]["resource_uri"]) == (2, f"{V1}7/")
    assert client.get(f"{V1}7/").json() == listed["objects"][0]
    assert client.get(f"{V1}set/7;9/").json()["not_found"] == ["9"]


def test_a_release_leads_to_its_page(client, pages):
    ReleaseFactory(release_page=pages[0])
    assert client.get("/api/v2/downloads/release/").json()[0]["release_page"] == f"http://testserver{V2}7/"
    assert client.get("/api/v1/downloads/release/").json()["objects"][0]["release_page"] == f"{V1}7/"


@pytest.mark.parametrize(
    ("query", "found"),
    [("title=About", 1), ("path=about/board", 1), ("path=/nowhere", 0), ("is_published=false", 0), ("keywords=x", 0)],
)
def test_the_filters_of_the_old_api_work(client, pages, query, found):
    assert len(client.get(f"{V2}?{query}").json()) == found
    assert client.get(f"{V1}?{query}").json()["meta"]["total_count"] == found
    assert client.get(f"{V2}?spam=1").status_code == 400


def test_drafts_and_private_pages_are_missing_and_nothing_is_written(client, pages):
    PageViewRestriction.objects.create(page=pages[0], restriction_type=PageViewRestriction.LOGIN)
    assert client.get(V2).json() == []
    for path in (f"{V2}7/", f"{V2}9/", f"{V2}abc/", f"{V1}7/", f"{V1}abc/"):
        assert client.get(path).status_code == 404
    assert [client.post(path).status_code for path in (V1, V2)] == [405, 405]
    assert client.delete(f"{V2}7/").status_code == 405


def test_a_change_of_a_page_purges_the_lists(client, pages, django_capture_on_commit_callbacks):
    assert "api-pages" in client.get(V2)["Surrogate-Key"].split()
    assert "api-pages" in client.get(V1)["Surrogate-Key"].split()
    before = cached.generation()
    with django_capture_on_commit_callbacks(execute=True):
        pages[0].title = "Contact"
        pages[0].save_revision().publish()
    assert "api-pages" in cached.purged_between(before, cached.generation())
    assert [row["title"] for row in client.get(V2).json()] == ["Board", "Contact"]
