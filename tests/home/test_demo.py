import re

import pytest
from django.core.management import call_command
from wagtail.models import Page

from community.models import BlogEntry, StoryPage
from demo import large, pictures
from demo.content import fill
from downloads.models import OS, Release, ReleaseFile
from events.models import Event
from home.models import HomePage, StandardPage
from jobs.models import Job

pytestmark = pytest.mark.django_db


@pytest.fixture
def site(demo_site):
    """Return the site with the demo content."""


def test_an_empty_site_is_filled_once(site):
    releases = Release.objects.count()
    assert HomePage.objects.count() == 1
    assert fill() is False
    assert Release.objects.count() == releases
    assert OS.objects.create(name="WASI", slug="wasi").pk > 3, "New rows get ids behind those of the demo."


@pytest.mark.parametrize("path", ["/", "/about/", "/about/gettingstarted/", "/doc/versions/", "/psf/grants/faq/", "/downloads/"])
@pytest.mark.proves("S2-29")
def test_the_demo_pages_are_there(client, site, path):
    response = client.get(path)
    assert response.status_code == 200
    assert response.content.count(b"<h1") == 1
    assert not response.cookies
    assert "Cookie" not in response.get("Vary", "")


def test_the_front_page_offers_the_latest_release(client, site):
    html = client.get("/").content.decode()
    assert "Python 3.15.1" in html
    assert "Readable code for the web" in html


def test_pages_are_the_same_for_everybody(client, admin_client, site):
    assert client.get("/").content == admin_client.get("/").content


def test_a_page_needs_few_queries(client, site, django_assert_max_num_queries):
    client.get("/")
    with django_assert_max_num_queries(18):
        client.get("/")


def test_the_command_names_the_admin_only_where_debugging(capsys, settings):
    call_command("demo")
    assert "password" not in capsys.readouterr().out
    settings.DEBUG = True
    call_command("demo")
    out = capsys.readouterr().out
    assert "nothing was added" in out
    assert "user admin" in out


def test_each_story_gets_one_picture_with_a_text(client, site):
    assert pictures.attach_pictures() == StoryPage.objects.count() + 1
    assert all(story.image.description for story in StoryPage.objects.all())
    assert pictures.attach_pictures() == 0


def test_it_grows_to_the_size_that_is_requested(site):
    scale = large.Scale(releases=60, files=700, pages=110, stories=8, jobs=20, events=16, entries=9, sponsorships=3)
    large.grow(scale)
    counted = (Release, ReleaseFile, Page, StoryPage, Job, Event, BlogEntry)
    assert [model.objects.count() for model in counted] == [60, 700, 113, 8, 20, 16, 9]
    assert Release.objects.get(slug="python-31000").series.name == "3.100"
    large.grow(scale)
    assert ReleaseFile.objects.count() == 700, "The second time nothing is added."


def test_every_leaf_page_offers_a_next_step(client, site):
    """A page without children has a link or a contact in its content, and its internal links work."""
    pages = StandardPage.objects.live().filter(numchild=0)
    content = {page.url: "".join(str(block) for block in page.body) for page in pages}
    links = {url: re.findall(r'href="([^"#?]+)', html) for url, html in content.items()}
    assert len(pages) > 45
    assert [url for url, found in links.items() if not found] == []
    internal = sorted({link for found in links.values() for link in found if link.startswith("/")})
    assert [link for link in internal if client.get(link, follow=True).status_code != 200] == []


def test_first_content_is_created_only_where_it_is_missing(site, capsys):
    StandardPage.objects.get(slug="privacy").delete()
    legal = StandardPage.objects.get(slug="legal")
    legal.title = "Ours"
    legal.save()
    call_command("first_content")
    assert capsys.readouterr().out == "Created /privacy/\n"
    assert StandardPage.objects.get(slug="legal").title == "Ours"
    call_command("first_content")
    assert capsys.readouterr().out == "Nothing is missing.\n"
