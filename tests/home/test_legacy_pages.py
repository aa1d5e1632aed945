"""Import of pages: flat paths become a tree, markup becomes blocks."""

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from PIL import Image
from wagtail.contrib.redirects.models import Redirect
from wagtail.models import Page

from cms.content.models.banners import Banner
from home.models import HomePage, LandingPage, StandardPage
from importer.core import import_rows
from importer.core.rendering import render
from tests.factories.users import UserFactory

pytestmark = pytest.mark.django_db
DATES = {"created": "2019-03-01T10:00:00Z", "updated": "2019-04-01T10:00:00Z", "creator": ["ada"], "last_modified_by": None}


def row(model, pk, **fields):
    return {"model": model, "pk": pk, "fields": fields}


def page(pk, path, content="<p>Words.</p>", kind="html", **changed):
    fields = DATES | {
        "title": f"Page {pk}",
        "keywords": "",
        "description": "About it.",
        "path": path,
        "content": content,
        "content_markup_type": kind,
        "is_published": True,
        "content_type": "text/html",
        "template_name": "psf/default.html",
    }
    return row("pages.page", pk, **(fields | changed))


REST = """
Page 2
======

.. _there:

Section one
-----------

* one
* two_

.. raw:: html

   <script>alert(1)</script>

.. _two: https://www.python.org/psf/about/
"""
GITHUB = "## Table\n\n| a | b |\n|---|---|\n| 1 | ~~2~~ |\n\n<b onclick='x'>raw</b>\n\n```\ncode\n```"
TRUSTED = (
    "<p>Before</p><script src='/x.js'></script><p><img src='/media/pages/map.png' alt='A map'> <a href='/m/files/a.pdf'>A</a></p>"
)
SPANS = "<table><tr><td colspan='2' onclick='x'>Wide</td></tr></table><img src='https://elsewhere.example.org/a.png' alt=''>"
ROWS = [
    page(2, "psf/about/board", REST, "restructuredtext"),
    page(1, "psf/about", GITHUB, "markdown", template_name=""),
    page(3, "download/releases/2.6.1", TRUSTED, title="Python 2.6.1", template_name="pages/raw.html"),
    page(4, "about/draft", SPANS, "markdown_unsafe", is_published=False),
    page(5, "psf/about", "Twice"),
    page(6, "psf/bad", "Words", "textile"),
    page(7, "psf", "<h2>Hello</h2><p>More.</p>"),
    row("pages.image", 1, page=3, image="pages/map.png"),
    row("pages.image", 2, page=3, image="pages/gone.png"),
    row("pages.documentfile", 1, page=3, document="files/a.pdf"),
    row("boxes.box", 1, label="psf-banner", content="<h1>The Foundation</h1><p>We help.</p>", content_markup_type="html"),
    row("boxes.box", 2, label="psf-widget0", content="<p>Ours.</p>", content_markup_type="html"),
    row("redirects.redirect", 1, site=["x"], old_path="/old/", new_path="http://www.python.org/psf/about/"),
    row("redirects.redirect", 2, site=["x"], old_path="/gone/", new_path=""),
    row("banners.banner", 1, title="Donate", message="Help us.", link="/psf/donations/", active=True, psf_pages_only=True),
    row(
        "codesamples.codesample",
        1,
        code="<pre><code><span class='gp'>&gt;&gt;&gt; </span>1 + 1\n2</code></pre>",
        code_markup_type="html",
        copy="<h1>Sums</h1><p>Python <b>adds</b>.</p>",
        copy_markup_type="html",
        is_published=True,
    ),
    row("codesamples.codesample", 2, code="x", copy="y", is_published=False),
]


@pytest.fixture
def report(settings, tmp_path, django_capture_on_commit_callbacks):
    settings.MEDIA_ROOT = tmp_path
    (tmp_path / "pages").mkdir()
    Image.new("RGB", (40, 30)).save(tmp_path / "pages/map.png")
    default_storage.save("files/a.pdf", ContentFile(b"%PDF-1.4"))
    UserFactory(username="ada")
    with django_capture_on_commit_callbacks(execute=True):
        return import_rows(ROWS)


def at(path):
    return StandardPage.objects.get(url_path=f"/home/{path}/")


def kinds(page):
    return [block.block_type for block in page.body]


def test_paths_become_a_tree_of_blocks(client, report):
    about, board, old, draft = at("psf/about"), at("psf/about/board"), at("download/releases/2-6-1"), at("about/draft")
    assert board.get_parent().pk == about.pk
    assert (about.title, about.owner.username, about.search_description) == ("Page 1", "ada", "About it.")
    assert (about.first_published_at.year, about.last_published_at.month, about.layout) == (2019, 4, "sidebar")
    assert kinds(about) == ["heading", "table", "text", "code"]
    assert kinds(board) == ["heading", "text"]
    assert (board.body[0].value["anchor"], board.layout) == ("section-one", "psf")
    assert f'<a id="{about.pk}" linktype="page">two</a>' in str(board.body[1].value.source)
    assert kinds(old) == ["text", "html", "text", "image"]
    image = next(block.value for block in old.body if block.block_type == "image")
    assert (image["image"].width, image["image"].contextual_alt_text) == (40, "A map")
    assert 'linktype="document"' in str(old.body[2].value.source)
    assert (draft.live, kinds(draft)) == (False, ["html", "html"])
    html = client.get("/psf/about/board/").content.decode()
    assert 'href="/psf/about/"' in html
    assert "alert(1)" not in html
    assert client.get("/download/releases/2.6.1/", follow=True).redirect_chain == [("/download/releases/2-6-1/", 301)]
    assert client.get("/old/").url == "/psf/about/"
    assert client.get("/about/draft/").status_code == client.get("/download/releases/").status_code == 404


def test_the_search_finds_imported_pages_and_follows_their_changes(report, django_capture_on_commit_callbacks):
    assert [page.slug for page in StandardPage.objects.live().search("spam")] == []
    assert [page.slug for page in StandardPage.objects.search("two")] == ["board"]
    assert "releases" in [page.slug for page in StandardPage.objects.search("Releases")]
    us = at("psf/about/board")
    us.body = [("text", "<p>Spam.</p>")]
    with django_capture_on_commit_callbacks(execute=True):
        us.save()
    assert [page.slug for page in StandardPage.objects.search("spam")] == ["board"]


def test_what_cannot_come_is_named(report):
    reasons = {(problem["model"], problem["id"]): problem["reason"] for problem in report.problems}
    assert set(reasons) == {("pages.page", 5), ("pages.page", 6), ("pages.image", 2)}
    assert reasons["pages.page", 5] == "another page of the old site was moved to /psf/about/."
    assert reasons["pages.page", 6] == "markup of the type textile is not supported."
    assert "pages/gone.png is missing from the media files" in reasons["pages.image", 2]


def test_what_stood_around_the_pages_comes_too(report, client):
    landing = LandingPage.objects.get(slug="psf")
    assert [block.block_type for block in landing.body] == ["box", "heading", "text"]
    assert str(Banner.objects.get(pk=1).audience) == "psf"
    assert client.get("/gone/").status_code == 410
    sample = HomePage.objects.get().code_samples[0].value
    assert (sample["title"], sample["text"], sample["code"]) == ("Sums", "Python adds.", ">>> 1 + 1\n2")
    assert len(HomePage.objects.get().code_samples) == 1


def test_the_second_time_only_takes_changes_and_leaves_the_words_of_staff(report, admin_user):
    before = list(Page.objects.order_by("pk").values("pk", "title", "url_path", "latest_revision", "last_published_at"))
    assert import_rows(ROWS).changes() == 0
    assert list(Page.objects.order_by("pk").values("pk", "title", "url_path", "latest_revision", "last_published_at")) == before
    ours = at("psf/about/board")
    ours.title = "Ours"
    ours.save_revision(user=admin_user).publish()
    changed = [page(2, "psf/about/board", "<p>Theirs</p>"), page(3, "download/releases/2.6.1", "<p>New.</p>")]
    again = import_rows(changed, delta=True)
    assert (again.changes(), [one["id"] for one in again.conflicts]) == (1, [2])
    assert at("psf/about/board").title == "Ours"
    assert str(at("download/releases/2-6-1").body[0].value) == "<p>New.</p>"
    # A second redirect from the same path would be an error for visitors.
    assert Redirect.objects.filter(old_path="/download/releases/2.6.1").count() == 1


def test_a_delta_deletes_redirects_that_exist_twice(client, report):
    path = "/download/releases/2.6.1"
    ours = Redirect.objects.get(old_path=path)
    twins = [Redirect(old_path=path, redirect_page=ours.redirect_page, is_permanent=True) for _ in range(2)]
    others = [Redirect(old_path="/two", redirect_link=link) for link in ("/psf/", "/about/")]
    Redirect.objects.bulk_create([*twins, *others])
    again = import_rows([page(2, "psf/about/board")], delta=True)
    assert Redirect.objects.get(old_path=path) == ours
    assert client.get("/download/releases/2.6.1/").url == "/download/releases/2-6-1/"
    # People decide between different targets.
    assert Redirect.objects.filter(old_path="/two").count() == 2
    assert "Deleted 2 redirects that existed twice." in again.notes
    assert any(note.startswith("/two has 2 redirects with different targets.") for note in again.notes)


@pytest.mark.parametrize(
    ("kind", "of_page", "raw", "html"),
    [
        ("plain", False, "a < b", "<p>a &lt; b</p>"),
        ("markdown", False, "| a |\n|---|\n| 1 |", "<p>| a |\n|---|\n| 1 |</p>"),
        ("markdown", True, "~~a~~ <b>b</b>", "<p><del>a</del> <!-- raw HTML omitted -->b<!-- raw HTML omitted --></p>"),
        ("markdown_unsafe", True, "<b>b</b>", "<p><b>b</b></p>"),
        ("restructuredtext", True, "*a*", "<p><em>a</em></p>"),
        ("html", True, "<i>a</i>", "<i>a</i>"),
        ("html", True, " ", ""),
    ],
)
def test_each_kind_of_markup_has_the_renderer_that_it_had(kind, of_page, raw, html):
    assert render(raw, kind, of_page=of_page).strip() == html
