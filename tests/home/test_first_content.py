"""Command that creates the content a new site needs."""

import re

import pytest
from django.core.management import CommandError, call_command

from home.first_content import PAGES, read_pages
from home.models import HomePage
from tests.factories.downloads import ReleaseFactory, ReleaseSeriesFactory
from users.middleware import AccountHintMiddleware

pytestmark = pytest.mark.django_db


def test_first_content_makes_its_sections_and_funding_json(client):
    HomePage(title="Python", slug="home", promise="Python").become_root()
    call_command("first_content")
    for path in ("/doc/versions/", "/community/microbit/", "/about/legal/", "/privacy/", "/accessibility/"):
        assert client.get(path).status_code == 200
    assert client.get("/funding.json").json()["entity"]["name"] == "Python Software Foundation"


def test_versions_come_newest_first(client):
    HomePage(title="Python", slug="home", promise="Python").become_root()
    call_command("first_content")
    for major, minor, patch in [(3, 9, 1), (2, 7, 17), (3, 14, 0), (2, 7, 18)]:
        ReleaseSeriesFactory(major=major, minor=minor)
        ReleaseFactory(name=f"Python {major}.{minor}.{patch}")
    page = client.get("/doc/versions/")
    assert "downloads" in page["Surrogate-Key"].split()
    groups = page.context["groups"]
    assert [[release.name for release in group["releases"]] for group in groups] == [
        ["Python 3.14.0"],
        ["Python 3.9.1"],
        ["Python 2.7.18", "Python 2.7.17"],
    ]


def test_first_content_needs_a_front_page():
    with pytest.raises(CommandError, match="no home page"):
        call_command("first_content")


def test_the_privacy_notice_matches_the_settings(settings):
    notice = next(page for page in read_pages(PAGES) if page.path == "privacy")
    text = " ".join(value for name, value in notice.body if name == "text")
    for cookie in (settings.SESSION_COOKIE_NAME, settings.CSRF_COOKIE_NAME, AccountHintMiddleware.COOKIE):
        assert f"<code>{cookie}</code>" in text
    assert set(re.findall(r"(\d+) days", text)) == {str(settings.PERSONAL_DATA_DAYS)}


def test_pages_without_a_form_set_no_cookies(client):
    HomePage(title="Python", slug="home", promise="Python").become_root()
    call_command("first_content")
    assert not client.get("/privacy/").cookies
    assert set(client.get("/report-a-problem/").cookies) == {"csrftoken"}
