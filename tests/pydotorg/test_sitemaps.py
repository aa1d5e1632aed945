"""Sitemaps and their URLs."""

import re
from datetime import date, timedelta

import pytest
from django.utils import timezone

from tests.factories.downloads import ReleaseFactory
from tests.factories.events import EventFactory
from tests.factories.jobs import JobFactory

pytestmark = pytest.mark.django_db


def paths(client) -> set[str]:
    found = re.findall(r"<loc>https?://[^/]+(/[^<]*)</loc>", client.get("/sitemap.xml").content.decode())
    assert len(found) == len(set(found))
    return set(found)


def test_it_lists_what_the_public_may_see(client, demo_site):
    shown, draft = ReleaseFactory(name="Python 3.98.1"), ReleaseFactory(name="Python 3.98.2", live=False)
    job, closed = JobFactory(), JobFactory(expires_at=timezone.now() - timedelta(days=1))
    event, over = EventFactory(), EventFactory(start_date=date(2020, 3, 5))
    listed = paths(client)
    assert "/sitemap.xml" in client.get("/robots.txt").content.decode()
    assert {"/", "/psf/grants/faq/"} <= listed
    for row, is_listed in {shown: True, draft: False, job: True, closed: False, event: True, over: False}.items():
        assert (row.get_absolute_url() in listed) == is_listed, row


def test_it_costs_the_same_for_many_rows(client, demo_site, django_assert_max_num_queries):
    client.get("/sitemap.xml")
    for start, rows in ((0, 2), (2, 20)):
        for number in range(start, start + rows):
            ReleaseFactory(name=f"Python 3.98.{number}")
            JobFactory()
            EventFactory()
        with django_assert_max_num_queries(12):
            client.get("/sitemap.xml")
