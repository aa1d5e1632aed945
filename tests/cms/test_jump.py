"""Command palette: find everything that a role may see by a few letters, in few queries."""

import re

import pytest
from bs4 import BeautifulSoup
from wagtail.models import Page

from cms.editor import command_palette
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
    """Create one record of each section, all with “zeb” in their names."""
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


def test_pages_series_and_screens_by_several_words(client, demo_site):
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


def entries(client, question):
    """Return the text of each result, keyed by URL."""
    soup = BeautifulSoup(client.get(JUMP, {"q": question, "part": ""}).content, "html.parser")
    return {link["href"]: " | ".join(link.stripped_strings) for link in soup.select(".jump__found a")}


def test_results_name_context_status_and_type(client):
    file = ReleaseFileFactory(release=ReleaseFactory(name="Python 9.1.0"), name="Zebra installer")
    JobFactory(title="Zebra keeper", company_name="Harbor Zoo", status="approved")
    ReleaseFactory(name="Python Zebra", live=False)
    SponsorshipFactory(sponsor__name="Zebra Works", state="review")
    client.force_login(UserFactory(is_superuser=True, is_staff=True))
    texts = list(entries(client, "zebra").values())
    assert "Zebra installer | Python 9.1.0 | Release file" in texts
    assert "Zebra keeper | Harbor Zoo | Live | Job" in texts
    assert "Python Zebra | Draft | Release" in texts
    assert any(text.startswith("Zebra Works") and text.endswith("In review | Sponsorship") for text in texts)
    # A word of the context narrows the search.
    assert list(entries(client, "zebra 9.1.0").values()) == ["Zebra installer | Python 9.1.0 | Release file"]
    assert str(file.pk) in next(iter(entries(client, "zebra 9.1.0")))


def test_the_exact_name_comes_first_and_then_names_that_begin_with_the_words(client):
    for name in ("Python 9.1.10", "Python 9.1.1", "Old Python 9.1.1 again"):
        ReleaseFactory(name=name)
    client.force_login(UserFactory(role="Release managers"))
    assert list(found(client, "python 9.1.1")) == ["Python 9.1.1", "Python 9.1.10", "Old Python 9.1.1 again"]
    assert next(iter(found(client, "9.1.10"))) == "Python 9.1.10"


def test_any_record_is_found_by_its_name_and_context(client, demo_site):
    """Ctrl K, the name, Enter or arrow keys: the record is in the list."""
    user = UserFactory(is_superuser=True, is_staff=True)
    client.force_login(user)
    missing = []
    for source in command_palette.sources():
        url = source.url(user)
        rows = (
            source.rows(user)
            .order_by("pk")
            .annotate(jump_name=source.name, jump_context=command_palette.context_of(source.model))
        )
        for row in rows[:3]:
            words = f"{row.jump_name or ''} {row.jump_context or ''}".split()[: command_palette.MAX_TERMS]
            assert words, f"{row} has no name."
            if url and url(str(row.pk)) not in entries(client, " ".join(words)):
                missing.append((source.model._meta.label, " ".join(words)))
    assert missing == []
