"""The link from each public page to the admin form of its object."""

import re

import pytest
from wagtail.models import Page

from community.models import Company
from downloads.models import Release
from events.models import Calendar, Event
from jobs.models import Job
from tests.factories.users import UserFactory

# Objects that are no pages of the tree, and have a page of their own for visitors.
OBJECTS = [
    lambda: Release.objects.visible().first(),
    lambda: Event.objects.visible().first(),
    lambda: Calendar.objects.filter(events__isnull=False).first(),
    lambda: Job.objects.visible().first(),
    Company.objects.first,
]
NAMES = ["release", "event", "calendar", "job", "company"]
TARGET = re.compile(r'<body [^>]*data-edit="([^"]*)"')


def menu_of(client, url):
    target = TARGET.search(client.get(url, follow=True).content.decode())[1]
    return client.get("/authenticated", {"edit": target}).content.decode()


@pytest.mark.parametrize("find", OBJECTS, ids=NAMES)
def test_the_menu_of_staff_leads_from_an_object_to_its_form(client, demo_site, db, find):
    row = find()
    url = row.get_absolute_url()
    client.force_login(UserFactory(is_superuser=True))
    menu = menu_of(client, url)
    assert "Edit this page" in menu
    assert re.search(rf'href="/admin/[^"]*\b{row.pk}\b', menu)


def test_the_menu_of_staff_leads_from_each_page_type_to_its_form(client, demo_site, db):
    client.force_login(UserFactory(is_superuser=True))
    pages = {type(page): page for page in Page.objects.live().public().filter(depth__gt=1).specific()}
    assert len(pages) >= 15
    missing = [page.url for page in pages.values() if f'href="/admin/pages/{page.pk}/edit/"' not in menu_of(client, page.url)]
    assert not missing


def test_html_is_the_same_for_staff_and_visitors(client, admin_client, demo_site, db):
    url = Release.objects.visible().first().get_absolute_url()
    assert "Edit this" not in admin_client.get(url).content.decode()
    assert TARGET.search(admin_client.get(url).content.decode())[1] == TARGET.search(client.get(url).content.decode())[1]


@pytest.mark.parametrize("target", ["", "downloads.release", "no.model/1", "downloads.release/x", "downloads.release/0"])
def test_a_target_that_does_not_exist_has_no_link(admin_client, target):
    response = admin_client.get("/authenticated", {"edit": target})
    assert (response.status_code, b"Edit this page" in response.content) == (200, False)


def test_the_link_is_for_those_who_may_change_the_object(client, demo_site, db):
    release = Release.objects.visible().first()
    for role, is_shown in [(None, False), ("Events", False), ("Release managers", True)]:
        if role:
            client.force_login(UserFactory(role=role))
        menu = client.get("/authenticated", {"edit": f"downloads.release/{release.pk}"}).content.decode()
        assert ("Edit this page" in menu) is is_shown
