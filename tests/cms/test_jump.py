"""The quick jump: everything that a role may see, by a few letters, in few queries."""

import re

import pytest
from wagtail.models import Page

from tests.databases import fill
from tests.factories.cms import BoxFactory
from tests.factories.downloads import ReleaseFactory, ReleaseFileFactory, ReleaseSeriesFactory
from tests.factories.events import EventFactory
from tests.factories.jobs import JobFactory
from tests.factories.psf import ElectionFactory
from tests.factories.sponsors import SponsorshipFactory
from tests.factories.users import UserFactory

pytestmark = pytest.mark.django_db
JUMP = "/admin/jump/"
ROLES = ["Site admins", "Release managers", "Job board", "Events", "PSF staff", "Sponsorship auditors", "Content editors"]


@pytest.fixture
def records():
    """One record of each section, all of them with the letters “zeb” in their names."""
    ReleaseFactory(name="Python Zebra 9.0.0")
    JobFactory(title="Zebra keeper")
    EventFactory(title="Zebra days")
    BoxFactory(label="zebra-box")
    ElectionFactory(name="Zebra election")
    SponsorshipFactory(sponsor__name="Zebra Works")


def found(client, question: str, **more) -> dict[str, str]:
    """Address by name of what the dialog shows."""
    html = client.get(JUMP, {"q": question, "part": "", **more}).content.decode()
    return {name: url for url, name in re.findall(r'<a href="([^"]+)"><span>([^<]+)</span>', html)}


def test_each_role_finds_what_it_may_see_and_every_address_opens(client, records):
    seen = {}
    for role in (
        "Site admins",
        "Release managers",
        "Job board",
        "Events",
        "PSF staff",
        "Sponsorship auditors",
        "Content editors",
    ):
        client.force_login(UserFactory(role=role))
        answer = found(client, "zeb")
        seen[role] = sorted(answer)
        assert [client.get(url).status_code for url in answer.values()] == [200] * len(answer), role
    sponsor, sponsorship = "Zebra Works", next(name for name in seen["Sponsorship auditors"] if name.startswith("Zebra Works "))
    everything = ["Python Zebra 9.0.0", "Zebra keeper", "Zebra days", "zebra-box", "Zebra election", sponsor, sponsorship]
    assert seen == {
        "Site admins": sorted(everything),
        "Release managers": ["Python Zebra 9.0.0"],
        "Job board": ["Zebra keeper"],
        "Events": ["Zebra days"],
        "PSF staff": ["Zebra election"],
        "Sponsorship auditors": sorted([sponsor, sponsorship]),
        "Content editors": ["zebra-box"],
    }
    client.force_login(UserFactory())
    assert client.get(JUMP, {"q": "zeb"}).status_code == 302


def test_pages_series_and_screens_by_several_words(client):
    fill(pages_only=True)
    ReleaseSeriesFactory(major=9, minor=9)
    page = Page.objects.get(url_path__endswith="/about/apps/")
    client.force_login(UserFactory(role="Site admins"))
    assert found(client, "python appl")[page.title] == f"/admin/pages/{page.pk}/edit/"
    assert "Series 9.9" in found(client, "series 9.9")
    assert found(client, "tasks")["Settings → Tasks"] == "/admin/tasks/"
    client.force_login(UserFactory(role="Job board"))
    assert found(client, "python appl") == found(client, "tasks") == {}


def test_the_best_stand_first_and_one_kind_leaves_room_for_others(client):
    release = ReleaseFactory(name="Python 9.1.0")
    for number in range(8):
        ReleaseFileFactory(release=release, name=f"All about Zebra {number}")
    JobFactory(title="Zebra keeper")
    client.force_login(UserFactory(is_superuser=True, is_staff=True))
    names = list(found(client, "zebra"))
    assert names[0] == "Zebra keeper"
    assert len([name for name in names if name.startswith("All about")]) == 5


def test_queries_do_not_grow_with_rows_or_hits(client, django_assert_max_num_queries, records):
    client.force_login(UserFactory(role="Site admins"))
    found(client, "zebra")
    with django_assert_max_num_queries(20):
        found(client, "zebra")


def test_without_script_it_is_a_page_and_odd_questions_find_nothing(client):
    client.force_login(UserFactory(role="Release managers"))
    assert 'name="q"' in client.get(JUMP).content.decode()
    html = client.get(JUMP, {"q": "<b>%_\x00'" + "x " * 500}).content.decode()
    assert "No results for" in html
    assert "<b>%" not in html
    assert client.post(JUMP).status_code == 405
