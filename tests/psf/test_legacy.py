"""Import of minutes, work groups, memberships and elections, which can run again."""

from datetime import UTC, datetime

import pytest
from freezegun import freeze_time

from importer.core import import_rows
from psf.models import Election, ElectionKind, Membership, MinutesPage, Nomination, Nominee, WorkGroupPage
from tests.factories.users import UserFactory

pytestmark = pytest.mark.django_db
DATES = {"created": "2019-03-01T10:00:00Z", "updated": "2019-04-01T10:00:00Z"}
MODELS = (MinutesPage, WorkGroupPage, Membership, ElectionKind, Election, Nominee, Nomination)


def minutes(pk, day, *, public=True):
    text = f"<p>Minutes {pk}.</p>"
    fields = DATES | {"date": day, "content": text, "_content_rendered": text, "is_published": public}
    return {"model": "minutes.minutes", "pk": pk, "fields": fields}


def nominee(pk, user, *, accepted=True, approved=True, slug="ada-byron", election=1):
    fields = {"election": election, "user": user and [user], "accepted": accepted, "approved": approved, "slug": slug}
    return {"model": "nominations.nominee", "pk": pk, "fields": fields}


def nomination(pk, nominee, nominator="ada", **changed):
    fields = {
        "election": 1,
        "name": "Ada Byron",
        "email": "ada@example.org",
        "previous_board_service": None,
        "employer": "Tidewater",
        "other_affiliations": None,
        "nomination_statement": "She **listens**.",
        "nominator": [nominator],
        "nominee": nominee,
        "accepted": True,
        "approved": True,
        "coc_acknowledged": True,
        "mission_alignment": True,
        "eligibility_confirmed": False,
    }
    return {"model": "nominations.nomination", "pk": pk, "fields": fields | changed}


def election(pk, slug="2024-board"):
    fields = {
        "name": "2024 Board",
        "date": "2024-09-01",
        "kind": 1,
        "nominations_open_at": "2024-07-01T00:00:00Z",
        "nominations_close_at": "2024-07-30T00:00:00Z",
        "description": "Four seats.",
        "hide_previous_service": False,
        "slug": slug,
    }
    return {"model": "nominations.election", "pk": pk, "fields": fields}


ROWS = [
    minutes(1, "2019-03-11"),
    minutes(2, "2019-03-11"),
    minutes(3, "2019-04-11", public=False),
    {
        "model": "work_groups.workgroup",
        "pk": 8,
        "fields": DATES
        | {
            "name": "Grants",
            "slug": "grants",
            "active": False,
            "approved": True,
            "short_description": "Money.",
            "purpose": "<p>To give.</p>",
            "active_time": "<p>Always.</p>",
            "core_values": "",
            "rules": "<p>Two thirds.</p>",
            "communication": "",
            "support": "",
            "url": "",
            "organizers": [["ada"]],
            "members": [["ada"], ["grace"], ["nobody"]],
        },
    },
    {
        "model": "users.membership",
        "pk": 9,
        "fields": DATES
        | {
            "membership_type": 4,
            "legal_name": "Ada Byron",
            "preferred_name": "Ada",
            "email_address": "ada@example.org",
            "city": "",
            "region": "",
            "country": "",
            "postal_code": "",
            "psf_code_of_conduct": None,
            "psf_announcements": None,
            "votes": True,
            "last_vote_affirmation": None,
            "creator": ["ada"],
        },
    },
    {
        "model": "nominations.electionkind",
        "pk": 1,
        "fields": {"name": "Board", "slug": "board", "accent_color": "#0073b7", "nomination_form": "board"},
    },
    election(1),
    election(2),
    nominee(31, "ada"),
    nominee(32, None, accepted=False, slug=None),
    nominee(33, None, accepted=True, approved=False),
    nominee(34, None, election=99),
    nomination(41, 31),
    nomination(42, 31, "grace", accepted=True, approved=False),
    nomination(43, None, "grace", name="Linus", email="linus@example.org", accepted=False, approved=False),
    nomination(44, None, election=99),
]


@pytest.fixture
def report():
    UserFactory(username="ada", first_name="Ada", last_name="Byron")
    UserFactory(username="grace")
    return import_rows(ROWS)


def test_minutes_keep_their_addresses_and_none_is_lost(client, report):
    index = client.get("/psf/records/board/minutes/").content.decode()
    assert "2019-03-11/" in index
    assert "2019-04-11" not in index
    assert "Minutes 1." in client.get("/psf/records/board/minutes/2019-03-11/").content.decode()
    assert "Minutes 2." in client.get("/psf/records/board/minutes/2019-03-11-board-2/").content.decode()
    assert client.get("/psf/records/board/minutes/2019-04-11/").status_code == 404
    assert MinutesPage.objects.count() == 3
    assert any("several minutes of 2019-03-11" in note for note in report.notes)


def test_a_work_group_keeps_its_roster_and_rules(client, report):
    page = client.get("/psf/workgroups/grants/").content.decode()
    for words in ("To give.", "Two thirds.", "Ada Byron", "Organizer", "grace", "Dissolved"):
        assert words in page


def test_records_of_members_are_kept(report):
    record = Membership.objects.get(pk=9)
    assert (record.kind, record.user.username, record.votes) == (Membership.Kind.CONTRIBUTING, "ada", True)
    assert record.created_at == datetime(2019, 3, 1, 10, tzinfo=UTC)


def test_elections_keep_addresses_and_two_flags_become_one_state(client, report):
    assert list(Election.objects.order_by("pk").values_list("slug", flat=True)) == ["2024-board", "2024-board-2"]
    states = dict(Nominee.objects.filter(pk__in=[31, 32, 33]).values_list("pk", "state"))
    assert states == {31: "approved", 32: "proposed", 33: "accepted"}
    assert dict(Nomination.objects.values_list("pk", "state")) == {41: "approved", 42: "accepted", 43: "submitted"}
    assert Nomination.objects.get(pk=41).is_self
    assert Nomination.objects.get(pk=41).acknowledged == ["coc", "mission"]
    assert Nomination.objects.get(pk=43).nominee.name == "Linus"
    with freeze_time("2024-08-01"):
        page = client.get("/nominations/elections/2024-board/nominees/").content.decode()
        assert "Ada Byron" in page
        assert "My work for the Foundation will serve its mission." in page
        assert client.get("/nominations/elections/2024-board/nominees/ada-byron/").status_code == 200


def test_the_second_time_changes_nothing(report):
    before = [list(model.objects.order_by("pk").values()) for model in MODELS]
    again = import_rows(ROWS)
    assert [list(model.objects.order_by("pk").values()) for model in MODELS] == before
    assert not any(counts["created"] for counts in again.counts.values())
