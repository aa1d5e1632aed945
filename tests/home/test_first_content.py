"""The command that creates content which a new site needs."""

import pytest
from django.core.management import CommandError, call_command

from home.models import HomePage

pytestmark = pytest.mark.django_db


def test_first_content_makes_its_sections_and_funding_json(client):
    HomePage(title="Python", slug="home", promise="Python").become_root()
    call_command("first_content")
    for path in ("/doc/versions/", "/community/microbit/", "/about/legal/", "/privacy/", "/accessibility/"):
        assert client.get(path).status_code == 200
    assert client.get("/funding.json").json()["entity"]["name"] == "Python Software Foundation"


def test_first_content_needs_a_front_page():
    with pytest.raises(CommandError, match="no front page"):
        call_command("first_content")
