"""Titles of the pages of a list: each names its number."""

import re
from datetime import timedelta
from pathlib import Path

import pytest
from django.conf import settings
from django.utils import timezone

from tests.factories.events import EventFactory
from tests.factories.jobs import JobFactory

TEMPLATES = Path(settings.BASE_DIR / "templates")
# Results of a search are not indexed, and have several lists.
OTHER_NAMES = {"home/search.html", "styleguide.html"}


def test_each_list_gives_its_page_to_the_title():
    """The title reads `page_obj`."""
    for file in TEMPLATES.rglob("*.html"):
        name = file.relative_to(TEMPLATES).as_posix()
        for page in re.findall(r'components/pagination\.html" with page_obj=(\S+)', file.read_text()):
            assert page == "page_obj" or name in OTHER_NAMES, name


def title_of(client, url):
    return " ".join(re.search(r"(?s)<title>(.*?)</title>", client.get(url).content.decode())[1].split())


@pytest.mark.django_db
def test_the_second_page_has_a_title_of_its_own(client, demo_site):
    JobFactory.create_batch(30)
    for number in range(25):
        EventFactory(title=f"Meetup {number}", start_date=timezone.localdate() + timedelta(days=2 + number))
    for url in ("/jobs/", "/events/"):
        first, second = title_of(client, url), title_of(client, f"{url}?page=2")
        assert "Page" not in first
        assert second == first.replace(" · Python.org", " · Page 2 · Python.org")
