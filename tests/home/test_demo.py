import pytest
from django.core.management import call_command

from downloads.models import Release
from home.demo import fill
from home.models import HomePage

pytestmark = pytest.mark.django_db


@pytest.fixture
def site():
    fill()


def test_an_empty_site_is_filled_once(site):
    releases = Release.objects.count()
    assert HomePage.objects.count() == 1
    assert fill() is False
    assert Release.objects.count() == releases


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
    assert "A language you can read" in html


def test_pages_are_the_same_for_everybody(client, admin_client, site):
    assert client.get("/").content == admin_client.get("/").content


def test_a_page_needs_few_queries(client, site, django_assert_max_num_queries):
    client.get("/")
    with django_assert_max_num_queries(16):
        client.get("/")


def test_the_command_names_the_admin_only_where_debugging(capsys, settings):
    call_command("demo")
    assert "password" not in capsys.readouterr().out
    settings.DEBUG = True
    call_command("demo")
    out = capsys.readouterr().out
    assert "nothing was added" in out
    assert "user admin" in out
