"""The link from each public page to the admin form of its object."""

import re

import pytest
from django.urls import URLResolver, get_resolver, resolve
from wagtail.models import Page, get_page_models

from community.models import Company, StoryCategory
from downloads.models import OS, Release
from events.models import Calendar, Category, Event, Location
from jobs.models import Job, JobCategory, JobType
from psf.models import Nominee
from tests.factories.users import UserFactory

# Route of an object that is not a page of the tree, and has a page of its own for visitors -> the object, and the path to it.
OBJECTS = {
    "downloads:release_detail": lambda: at(Release.objects.visible().first()),
    "downloads:os_detail": lambda: at(OS.objects.first()),
    "events:event_detail": lambda: at(Event.objects.visible().first()),
    "events:calendar": lambda: at(a_calendar()),
    "events:past": lambda: (a_calendar(), "past/"),
    "events:from_date": lambda: (a_calendar(), "date/2026/5/1/"),
    "events:categories": lambda: (a_calendar(), "categories/"),
    "events:locations": lambda: (a_calendar(), "locations/"),
    "events:category": lambda: (
        Category.objects.first(),
        f"{a_calendar().get_absolute_url()}categories/{Category.objects.first().slug}/",
    ),
    "events:location": lambda: (a_place(), f"{a_place().events.first().calendar.get_absolute_url()}locations/{a_place().pk}/"),
    "jobs:job_detail": lambda: at(Job.objects.visible().first()),
    "jobs:job_list_type": lambda: at(JobType.objects.first()),
    "jobs:job_list_category": lambda: at(JobCategory.objects.first()),
    "stories:category": lambda: at(StoryCategory.objects.first()),
    "stories:company": lambda: at(Company.objects.first()),
    "nominations:election": lambda: at(an_election()),
    "nominations:nominees": lambda: (an_election(), an_election().nominees_url),
    "nominations:nominee": lambda: at(a_nominee()),
    "nominations:nomination": lambda: (a_nominee(), a_nominee().nominations.first().get_absolute_url()),
}
# Public route with arguments that shows no single object -> reason.
OF_NO_OBJECT = {
    "events:month": "events of all calendars",
    "events:week": "events of all calendars",
    "jobs:job_list_location": "jobs of a place, which is no record",
    "box": "a fragment for other sites, without the frame",
}
# What follows is not a page for visitors: files, feeds, redirects, and the forms of posters, sponsors and nominators.
NO_PAGE = re.compile(
    r"feed|ics|sums|image|latest|old_|edit|\bmine\b|create|renew|transition|preview|comment|invitation|accept|continue|thanks|"
    r"review|moderate|remove|render|index\.md|SHA256|csv"
)
PUBLIC = (
    "downloads/",
    "events/",
    "jobs/",
    "success-stories/",
    "nominations/",
    "psf/",
    "sponsors/",
    "box/",
    "blogs/",
    "membership/",
)


def at(row):
    return row, row.get_absolute_url()


def a_calendar():
    return Calendar.objects.filter(events__isnull=False).first()


def a_place():
    return Location.objects.filter(events__live=True).first()


def an_election():
    return a_nominee().election


def a_nominee():
    return Nominee.objects.filter(nominations__isnull=False).first()


def public_routes(patterns, prefix="", namespace=""):
    """Yield the names and paths of the routes with arguments."""
    for pattern in patterns:
        route = prefix + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            yield from public_routes(pattern.url_patterns, route, f"{pattern.namespace}:" if pattern.namespace else namespace)
        elif route.startswith(PUBLIC) and ("<" in route) and not NO_PAGE.search(f"{route} {pattern.name}"):
            yield f"{namespace}{pattern.name}"


TARGET = re.compile(r'<body [^>]*data-edit="([^"]*)"')


def menu_of(client, url):
    target = TARGET.search(client.get(url, follow=True).content.decode())[1]
    return client.get("/authenticated", {"edit": target}).content.decode()


def test_each_public_route_of_an_object_is_among_these():
    assert set(public_routes(get_resolver().url_patterns)) == OBJECTS.keys() | OF_NO_OBJECT.keys()


@pytest.mark.parametrize("route", OBJECTS)
def test_the_menu_of_staff_leads_from_an_object_to_its_form(client, demo_site, db, route):
    row, path = OBJECTS[route]()
    url = path if path.startswith("/") else f"{row.get_absolute_url()}{path}"
    assert resolve(url).view_name == route
    client.force_login(UserFactory(is_superuser=True))
    menu = menu_of(client, url)
    assert "Edit this page" in menu
    assert re.search(rf'href="/admin/[^"]*\b{row.pk}\b', menu)


def test_the_menu_of_staff_leads_from_each_page_type_to_its_form(client, demo_site, db):
    client.force_login(UserFactory(is_superuser=True))
    pages = {type(page): page for page in Page.objects.live().public().filter(depth__gt=1).specific()}
    assert {*get_page_models()} - {Page} <= pages.keys(), "The demo has a page of each type."
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
