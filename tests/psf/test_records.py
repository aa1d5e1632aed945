"""Minutes from draft to the index of resolutions, work groups, membership."""

import csv
from datetime import UTC, date, datetime
from io import StringIO

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError
from django.test import RequestFactory
from wagtail.models import PageViewRestriction

from cms.email.models import SentEmail
from home.blocks import PageBodyBlock
from psf.blocks import ElectionsBlock, MinutesListBlock
from psf.models import Membership, MembershipSettings, MinutesIndexPage, MinutesPage, Resolution, WorkGroupMember
from tests.factories.psf import (
    ElectionFactory,
    MeetingBodyFactory,
    MembershipFactory,
    MembershipKindFactory,
    MinutesPageFactory,
    WorkGroupPageFactory,
    membership_page,
    minutes_index,
    section,
    work_groups,
)
from tests.factories.users import UserFactory

pytestmark = pytest.mark.django_db
MINUTES = "/psf/records/board/minutes/"
GRANT = {"number": "2026-03-11-1", "text": "RESOLVED, that we grant US$ 500 to PyLadies.", "mover": "Ada", "votes_for": 5}


@pytest.fixture
def staff():
    return UserFactory(username="staff", role="PSF staff")


@pytest.fixture
def reviewer():
    return UserFactory(username="reviewer", role="PSF staff")


class TestMinutes:
    def test_title_and_address_come_from_body_and_date(self):
        page = MinutesPageFactory(date=date(2026, 3, 11))
        assert (page.title, page.get_url()) == ("Board of directors, March 11, 2026", f"{MINUTES}2026-03-11/")
        of_committee = MinutesPageFactory(date=date(2026, 3, 11), body=MeetingBodyFactory(name="Finance", slug="finance"))
        assert of_committee.get_url() == f"{MINUTES}2026-03-11-finance/"

    def test_there_are_no_two_of_a_body_and_a_date(self):
        MinutesPageFactory(date=date(2026, 3, 11))
        with pytest.raises(ValidationError, match=r"Minutes of this board or committee for this date already exist"):
            MinutesPageFactory(date=date(2026, 3, 11))

    def test_the_page_says_who_was_there_and_what_was_decided(self, client):
        MinutesPageFactory(
            date=date(2026, 3, 11),
            present="Ada\nGrace\n\n",
            absent="Linus",
            content=[("text", "<p>The staff reported.</p>")],
            resolutions=[GRANT | {"votes_against": 0, "abstentions": 1, "seconder": "Grace"}],
        )
        page = client.get(f"{MINUTES}2026-03-11/").content.decode()
        for words in (
            "Ada, Grace",
            "Linus",
            "The staff reported.",
            "US$ 500",
            "Moved by Ada",
            "Seconded by Grace",
            "5 for, 0 against, 1 abstaining",
            "Carried",
            'id="resolution-2026-03-11-1"',
        ):
            assert words in page
        assert "Guests" not in page

    def test_the_list_is_by_year_the_newest_first(self, client):
        for day in (date(2025, 1, 5), date(2026, 2, 5), date(2026, 3, 5)):
            MinutesPageFactory(date=day)
        page = client.get(MINUTES).content.decode()
        assert page.index(">2026<") < page.index("Mar 5, 2026") < page.index("Feb 5, 2026") < page.index(">2025<")

    def test_one_body_alone(self, client):
        MinutesPageFactory(date=date(2026, 3, 11))
        MinutesPageFactory(date=date(2026, 4, 11), body=MeetingBodyFactory(name="Finance", slug="finance"))
        page = client.get(f"{MINUTES}?body=finance").content.decode()
        assert "2026-04-11-finance" in page
        assert "2026-03-11" not in page
        assert "No minutes yet" in client.get(f"{MINUTES}?body=nobody").content.decode()

    def test_drafts_are_nowhere_in_public(self, client, staff):
        MinutesPageFactory(date=date(2026, 3, 11))
        MinutesPageFactory(date=date(2026, 3, 12), live=False, resolutions=[GRANT])
        for path in (MINUTES, f"{MINUTES}2026-03-11/", f"{MINUTES}feed/", f"{MINUTES}resolutions/", f"{MINUTES}resolutions.csv"):
            content = client.get(path).content.decode()
            assert "2026-03-12" not in content, path
            assert "12 March" not in content, path
            assert "PyLadies" not in content, path
        assert client.get(f"{MINUTES}2026-03-12/").status_code == 404
        assert "Board resolutions" not in client.get("/search/?q=PyLadies").content.decode()

    def test_staff_see_drafts_in_the_admin(self, client, staff):
        page = MinutesPageFactory(date=date(2026, 3, 12), live=False, content=[("text", "<p>The staff reported.</p>")])
        page.save_revision(user=staff)
        client.force_login(staff)
        assert "March 12, 2026" in client.get("/admin/psf/minutes/").content.decode()
        assert client.get(f"/admin/pages/{page.pk}/edit/").status_code == 200
        assert "The staff reported." in client.get(f"/admin/pages/{page.pk}/view_draft/").content.decode()
        assert client.get(f"{MINUTES}2026-03-12/").status_code == 404
        client.logout()
        assert client.get(f"/admin/pages/{page.pk}/view_draft/").status_code == 302

    def test_it_needs_another_person_to_publish(self, client, staff, reviewer):
        page = MinutesPageFactory(date=date(2026, 3, 12), live=False)
        page.save_revision(user=staff)
        page.get_workflow().start(page, staff)
        state = page.current_workflow_task_state
        assert [(mail.key, mail.to) for mail in SentEmail.objects.all()] == [("psf.page_to_review", [reviewer.email])]
        client.force_login(staff)
        client.post(f"/admin/pages/workflow/action/{page.pk}/approve/{state.pk}/")
        assert not MinutesPage.objects.get().live
        client.force_login(reviewer)
        client.post(
            f"/admin/pages/workflow/action/{page.pk}/reject/{state.pk}/", {"comment": "Please add who moved the resolution."}
        )
        assert "Please add who moved the resolution." in SentEmail.objects.get(key="psf.page_returned", to=[staff.email]).body
        page.current_workflow_state.resume(user=staff)
        state = MinutesPage.objects.get().current_workflow_task_state
        client.force_login(reviewer)
        client.post(f"/admin/pages/workflow/action/{page.pk}/approve/{state.pk}/")
        assert MinutesPage.objects.get().live
        assert f"{MINUTES}2026-03-12/" in SentEmail.objects.get(key="psf.page_published", to=[staff.email]).body

    def test_the_feed_holds_twenty_with_their_text(self, client):
        for month in range(1, 13):
            for day in (1, 15):
                MinutesPageFactory(date=date(2025, month, day), content=[("text", "<p>All of it.</p>")], resolutions=[GRANT])
        response = client.get(f"{MINUTES}feed/")
        text = response.content.decode()
        assert response["Content-Type"].startswith("application/rss+xml")
        assert text.count("<item>") == 20
        assert "All of it." in text
        assert "<title>Board of directors, December 15, 2025</title>" in text

    def test_two_resolutions_of_a_meeting_have_two_numbers(self):
        page = MinutesPageFactory()
        with pytest.raises(IntegrityError, match=r"resolution_number|UNIQUE"):
            Resolution.objects.bulk_create([Resolution(page=page, **GRANT), Resolution(page=page, **GRANT)])

    @pytest.mark.django_db(transaction=True)
    @pytest.mark.parametrize("number", [10, pytest.param(1000, marks=pytest.mark.nightly)])
    def test_lists_need_eight_queries_however_many_rows(self, client, number, django_assert_max_num_queries):
        """Outside a transaction, as for visitors: the shared parts of pages are cached."""
        index = minutes_index()
        for _ in range(number):
            MinutesPageFactory(parent=index, resolutions=[{"text": "RESOLVED."}])
        for path in (MINUTES, f"{MINUTES}resolutions/", f"{MINUTES}feed/"):
            client.get(path)
            with django_assert_max_num_queries(8):
                client.get(path)


class TestResolutions:
    @pytest.fixture(autouse=True)
    def rows(self):
        MinutesPageFactory(date=date(2025, 3, 11), resolutions=[{"text": "RESOLVED, that we thank Grace.", "result": "failed"}])
        MinutesPageFactory(date=date(2026, 3, 11), resolutions=[GRANT, {"text": "=1+1", "number": "2"}])

    @pytest.mark.parametrize(
        ("query", "found", "missing"),
        [
            ("", "PyLadies", "~"),
            ("q=pyladies", "PyLadies", "thank Grace"),
            ("q=2026-03-11-1", "PyLadies", "thank Grace"),
            ("year=2025", "thank Grace", "PyLadies"),
            ("result=failed", "thank Grace", "PyLadies"),
            ("body=nobody", "No resolutions found", "PyLadies"),
            ("q=nothing", "No resolutions found", "PyLadies"),
            ("year=20x5&result=maybe&q=%00", "PyLadies", "~"),
            ("page=99", "PyLadies", "~"),
        ],
    )
    def test_a_filter_finds_them(self, client, query, found, missing):
        response = client.get(f"{MINUTES}resolutions/?{query}")
        assert response.status_code == 200
        main = response.content.decode().partition("<main")[2]
        assert found in main
        assert missing not in main

    def test_the_table_has_what_the_filter_finds_and_no_formulas(self, client):
        response = client.get(f"{MINUTES}resolutions.csv?year=2026")
        rows = list(csv.DictReader(StringIO(response.content.decode())))
        assert [row["text"] for row in rows] == [GRANT["text"], "'=1+1"]
        assert rows[0]["address"].endswith(f"{MINUTES}2026-03-11/#resolution-2026-03-11-1")
        assert rows[0]["for"] == "5"

    def test_the_register_of_the_admin(self, client, staff):
        client.force_login(staff)
        page = client.get("/admin/psf/resolutions/?q=pyladies").content.decode()
        assert "PyLadies" in page
        assert "thank Grace" not in page
        assert "PyLadies" in client.get("/admin/psf/resolutions/?export=csv").getvalue().decode()
        assert client.get("/admin/psf/resolutions/create/").status_code in {302, 403}

    def test_they_can_be_found_by_the_search(self, client):
        assert "#resolution-2026-03-11-1" in client.get("/search/?q=PyLadies").content.decode()


class TestWorkGroups:
    def test_the_list_has_those_at_work_first(self, client):
        WorkGroupPageFactory(title="Grants", summary="Money.")
        WorkGroupPageFactory(title="Birthday", dissolved_on=date(2020, 1, 1))
        page = client.get("/psf/workgroups/").content.decode().partition("<main")[2]
        assert page.index("Active") < page.index("Grants") < page.index("Dissolved") < page.index("Birthday")

    def test_a_group_has_a_purpose_a_charter_and_a_roster(self, client):
        group = WorkGroupPageFactory(
            slug="grants",
            purpose="To *give*.",
            charter=[("text", "<p>Two thirds.</p>")],
            review_date=date(2030, 5, 1),
            website="https://grants.example.org/",
        )
        group.members = [
            WorkGroupMember(name="Ada", role="chair", starts_on=date(2025, 1, 1)),
            WorkGroupMember(name="Linus", ends_on=date(2020, 1, 1)),
        ]
        group.save()
        page = client.get("/psf/workgroups/grants/").content.decode()
        for words in (
            "<em>give</em>",
            "Two thirds.",
            "Ada",
            "Chair",
            "From Jan 1, 2025",
            "May 1, 2030",
            "https://grants.example.org/",
        ):
            assert words in page
        assert page.index("Ada") < page.index("Former members") < page.index("Linus")

    def test_dates_make_sense(self):
        group = WorkGroupPageFactory()
        group.founded_on, group.dissolved_on = date(2020, 1, 2), date(2020, 1, 1)
        with pytest.raises(ValidationError, match=r"must not be before the start date"):
            group.clean()
        with pytest.raises(ValidationError, match=r"must not be before its start"):
            WorkGroupMember(starts_on=date(2020, 1, 2), ends_on=date(2020, 1, 1)).clean()

    def test_a_page_of_records_lists_what_is_below(self, client):
        minutes_index()
        page = client.get("/psf/records/board/").content.decode()
        assert MINUTES in page
        PageViewRestriction.objects.create(page=MinutesIndexPage.objects.get(), restriction_type="login")
        assert not client.get("/psf/records/board/").context["children"].exists()


class TestMembership:
    @pytest.fixture(autouse=True)
    def page(self):
        return membership_page()

    def test_the_page_is_made_from_the_kinds(self, client):
        MembershipKindFactory(price="US$99 a year", benefits="A vote\nNews", requirements="Pay", votes=True)
        MembershipKindFactory(name="Old", active=False)
        settings = MembershipSettings.load()
        settings.service_url, settings.bylaws_on = "https://members.example.org/", date(2025, 7, 1)
        settings.save()
        page = client.get("/psf/membership/").content.decode()
        for words in ("US$99 a year", "A vote", "Pay", "Voting member", "https://members.example.org/", "Jul 1, 2025"):
            assert words in page
        assert "Old" not in page.partition("<main")[2]

    def test_removing_a_kind_removes_it_everywhere(self, client):
        MembershipKindFactory().delete()
        assert "Supporting member" not in client.get("/psf/membership/").content.decode()

    def test_the_old_address_leads_there_as_long_as_the_page_is_shown(self, client):
        assert client.get("/membership/").url == "/psf/membership/"
        MembershipSettings.objects.update_or_create(defaults={"page_is_shown": False})
        assert client.get("/membership/").status_code == 404
        assert client.get("/psf/membership/").status_code == 404

    def test_records_are_read_and_exported_and_outlive_the_account(self, client, staff):
        person = UserFactory()
        MembershipFactory(user=person, kind=Membership.Kind.FELLOW, created_at=datetime(2020, 1, 1, tzinfo=UTC))
        person.delete()
        client.force_login(staff)
        assert "Ada Byron" in client.get("/admin/psf/members/").content.decode()
        assert "ada@example.org" in client.get("/admin/psf/members/?export=csv").getvalue().decode()
        assert client.get("/admin/psf/members/create/").status_code in {302, 403}


class TestAdmin:
    LISTS = ("minutes", "work-groups", "membership-kinds", "bodies", "members", "resolutions", "elections", "election-kinds")

    @pytest.fixture(autouse=True)
    def rows(self):
        MinutesPageFactory(resolutions=[GRANT])
        WorkGroupPageFactory()
        MembershipKindFactory()
        MembershipFactory()
        ElectionFactory()

    @pytest.mark.parametrize("name", LISTS)
    def test_lists_open_search_and_export(self, client, staff, name):
        client.force_login(staff)
        for query in ("", "?q=a", "?export=csv"):
            assert client.get(f"/admin/psf/{name}/{query}").status_code == 200

    @pytest.mark.parametrize("name", LISTS)
    def test_others_stay_outside(self, client, name):
        client.force_login(UserFactory(role="Job board"))
        if name not in {"minutes", "work-groups"}:
            assert client.get(f"/admin/psf/{name}/").status_code in {302, 403}
        assert "/admin/psf/" not in client.get("/admin/").content.decode()

    def test_forms_open(self, client, staff):
        client.force_login(staff)
        index = minutes_index()
        for path in (
            f"pages/add/psf/minutespage/{index.pk}/",
            f"pages/{MinutesPage.objects.get().pk}/edit/",
            f"pages/add/psf/workgrouppage/{work_groups().pk}/",
            "psf/membership-kinds/new/",
            "psf/bodies/create/",
            "psf/election-kinds/new/",
            "psf/elections/new/",
            f"settings/psf/membershipsettings/{MembershipSettings.load().pk}/",
        ):
            assert client.get(f"/admin/{path}").status_code == 200, path

    def test_staff_write_minutes_without_a_title(self, client, staff):
        client.force_login(staff)
        body = MeetingBodyFactory()
        counts = {
            f"{name}-{field}": 0
            for name in ("resolutions", "attachments", "content", "comments")
            for field in ("TOTAL_FORMS", "INITIAL_FORMS", "count")
        }
        response = client.post(
            f"/admin/pages/add/psf/minutespage/{minutes_index().pk}/",
            counts | {"body": body.pk, "date": "2030-05-06", "present": "Ada"},
        )
        assert response.status_code == 302
        page = MinutesPage.objects.get(date="2030-05-06")
        assert (page.slug, page.live, page.title) == ("2030-05-06", False, "Board of directors, May 6, 2030")

    def test_a_body_in_use_stays(self, client, staff):
        client.force_login(staff)
        assert client.get(f"/admin/psf/bodies/delete/{MinutesPage.objects.get().body_id}/").status_code in {302, 403}


class TestBlocks:
    def test_each_says_what_it_is(self):
        for name in ("minutes_list", "elections"):
            meta = PageBodyBlock().child_blocks[name].meta
            assert (meta.group, bool(meta.description), meta.icon != "placeholder") == ("PSF", True, True)

    def test_minutes(self):
        MinutesPageFactory(date=date(2026, 3, 11))
        MinutesPageFactory(date=date(2026, 4, 11), live=False)
        block = MinutesListBlock()
        html = block.render(block.to_python({"heading": "Minutes", "body": "board", "count": 5}))
        assert "March 11, 2026" in html
        assert "April" not in html

    def test_elections(self):
        for name, year in (("Soon", 2090), ("Over", 2020)):
            opens, closes = datetime(year, 1, 1, tzinfo=UTC), datetime(year, 2, 1, tzinfo=UTC)
            ElectionFactory(name=name, nominations_open_at=opens, nominations_close_at=closes)
        block = ElectionsBlock()
        request = RequestFactory().get("/")
        html = block.render(block.to_python({"heading": "Elections"}), {"request": request})
        assert "nominations" in request.surrogate_keys
        assert "Soon" in html
        assert "Over" not in html


def test_pages_of_records_are_the_same_for_everybody(client):
    MinutesPageFactory(date=date(2026, 3, 11))
    work_groups()
    section("psf")
    for path in (MINUTES, f"{MINUTES}2026-03-11/", f"{MINUTES}resolutions/", "/psf/workgroups/"):
        response = client.get(path)
        assert "public" in response["Cache-Control"]
        assert not response.cookies
