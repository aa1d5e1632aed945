"""Search of the site."""

import zlib

import pytest
from wagtail.contrib.search_promotions.models import Query, SearchPromotion
from wagtail.models import PageViewRestriction, Site

from cms.content.models.settings import SiteSettings
from cms.content.tasks import read_documentation
from cms.search import inventories
from cms.search.index import excerpt, groups
from cms.search.models import DocEntry
from home.models import LandingPage, StandardPage
from tests.factories.downloads import ReleaseFactory
from tests.servers import RecordingServer

pytestmark = pytest.mark.django_db

TARGETS = {
    "pip": "/doc/pip/",
    "PyCon": "/community/workshops/",
    "micropython": "/community/microbit/",
    "json.dumps": "json.html#json.dumps",
    "brochure": "/about/brochure/",
    "windows": "/doc/windows/",
    "macos": "/doc/macos/",
    "linux": "/doc/linux/",
    "3.13": "python-313",
    "Python 3.15.1": "/downloads/release/python-3151/",
    "get started": "/about/gettingstarted/",
    "virtual environment": "/doc/virtual-environments/",
    "security": "/dev/security/",
    "code of conduct": "/psf/conduct/",
    "membership": "/psf/membership/",
    "donate": "/psf/donations/",
    "donations": "/psf/donations/",
    "grants": "/psf/grants/",
    "sponsorship": "/psf/sponsorship/",
    "trademark": "/psf/trademarks/",
    "logo": "/community/logos/",
    "irc": "/community/irc/",
    "forum": "/community/forums/",
    "mailing lists": "/community/lists/",
    "diversity": "/community/diversity/",
    "editor": "/doc/editors/",
    "books": "/doc/books/",
    "faq": "/doc/faq/",
    "asyncio.run": "asyncio.html#asyncio.run",
    "privacy": "/privacy/",
    "accessibility": "/accessibility/",
}


@pytest.mark.proves("S2-12")
def test_people_find_what_they_look_for(client, demo_site):
    assert len(TARGETS) >= 30
    missed = []
    for question, target in TARGETS.items():
        shown = client.get("/search/", {"q": question}).context["shown"]
        # A visitor sees the first three of each kind, and the kind that it is among the first three kinds.
        first = [result["url"] for part in shown[:3] for result in part["results"][:3]]
        if not any(target in url for url in first):
            missed.append(question)
    assert missed == []


def test_a_page_is_found_as_soon_as_it_is_published(client, demo_site, django_capture_on_commit_callbacks):
    about = LandingPage.objects.get(slug="about")
    with django_capture_on_commit_callbacks(execute=True):
        page = about.add_child(
            instance=StandardPage(title="Herons", slug="herons", live=False, body=[("text", "<p>Wading quagmire birds.</p>")])
        )
    assert "/about/herons/" not in client.get("/search/?q=quagmire").content.decode()
    with django_capture_on_commit_callbacks(execute=True):
        page.save_revision().publish()
    assert "/about/herons/" in client.get("/search/?q=quagmire").content.decode()
    page.refresh_from_db()
    with django_capture_on_commit_callbacks(execute=True):
        page.unpublish()
    assert "/about/herons/" not in client.get("/search/?q=quagmire").content.decode()


def test_a_draft_of_a_release_is_not_found(client):
    ReleaseFactory(name="Python 3.98.0")
    ReleaseFactory(name="Python 3.98.1", live=False)
    shown = client.get("/search/", {"q": "Python 3.98", "type": "releases"}).context["shown"]
    assert [result["title"] for part in shown for result in part["results"]] == ["Python 3.98.0"]


def test_the_names_of_the_library_are_read_by_the_clock(settings):
    settings.FETCH_FROM_LOOPBACK = True
    lines = zlib.compress(b"asyncio.Runner py:class 1 library/asyncio-runner.html#$ -\n")
    head = b"# Sphinx inventory version 2\n# Project: Python\n# Version: 3\n# The rest is packed\n"
    with RecordingServer(body=head + lines) as server:
        chosen = SiteSettings.for_site(Site.objects.get())
        chosen.documentation_url = server.url
        chosen.save()
        read_documentation.call()
        assert server.requests[0].path == "/objects.inv"
        assert DocEntry.objects.filter(url=f"{server.url}/library/asyncio-runner.html#asyncio.Runner").exists()


def test_a_type_is_paged_by_address(client, demo_site):
    html = client.get("/search/?q=python&type=releases").content.decode()
    assert "type=releases&amp;page=2" in html
    assert 'aria-current="page">2' in client.get("/search/?q=python&type=releases&page=2").content.decode().replace(
        '<span class="visually-hidden">Page </span>', ""
    )


@pytest.mark.parametrize("question", ["", "%", "'\"<script>", "x" * 500, "\x00", "AND OR (", "zzzz"])
@pytest.mark.proves("S2-48a")
def test_no_question_breaks_the_search(client, demo_site, question):
    response = client.get("/search/", {"q": question, "page": "-1", "type": "nothing"})
    assert response.status_code == 200
    assert "<script>'" not in response.content.decode()
    assert not response.cookies


def test_editors_put_a_page_first(client, demo_site):
    page = StandardPage.objects.get(slug="brochure")
    SearchPromotion.objects.create(query=Query.get("flyer"), page=page, description="The booklet.")
    assert "The booklet." in client.get("/search/?q=Flyer").content.decode()


def test_an_excerpt_stands_around_the_word_and_marks_it():
    text = "word " * 100 + "spam <b>& eggs</b> " + "word " * 100
    assert "<mark>spam</mark> &amp; <mark>eggs</mark>" in excerpt(text, "eggs SPAM")
    assert excerpt(text, "spam").startswith("… word")


def test_queries_do_not_grow_with_results(client, demo_site, django_assert_max_num_queries):
    client.get("/search/?q=python")
    with django_assert_max_num_queries(20):
        client.get("/search/?q=python")


def test_an_inventory_of_the_documentation_is_read():
    lines = b"json.dumps py:function 1 library/json.html#$ -\nterm std:term -1 glossary.html x\n"
    head = b"# Sphinx inventory version 2\n# Project: Python\n# Version: 3\n# The rest is packed\n"
    entries = inventories.read(head + zlib.compress(lines), "https://docs.python.org/3/")
    assert inventories.replace(entries) == 1
    assert DocEntry.objects.get(name="json.dumps").url == "https://docs.python.org/3/library/json.html#json.dumps"
    with pytest.raises(ValueError, match="not a version 2 inventory"):
        list(inventories.read(b"<html>", ""))


def find_pages(*terms: str) -> list[str]:
    pages = next(group for group in groups() if group.key == "pages")
    return [page.title for page in pages.candidates(list(terms), " ".join(terms))]


def test_a_private_page_is_not_found(demo_site):
    page = StandardPage.objects.get(url_path__endswith="/doc/pip/")
    StandardPage.objects.filter(pk=page.pk).update(title="Quokkas")
    assert find_pages("quokkas") == ["Quokkas"]
    PageViewRestriction.objects.create(page=page, restriction_type=PageViewRestriction.LOGIN)
    assert find_pages("quokkas") == []


def test_the_candidates_with_most_words_come_first(demo_site):
    StandardPage.objects.filter(url_path__endswith="/doc/windows/").update(title="Quokkas")
    StandardPage.objects.filter(url_path__endswith="/doc/pip/").update(title="Quokkas and numbats")
    assert find_pages("quokkas", "numbats") == ["Quokkas and numbats", "Quokkas"]
