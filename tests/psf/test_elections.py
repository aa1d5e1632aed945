"""Elections: all date boundaries, nominating, accepting, approving, and the public pages."""

import csv
import time
from datetime import UTC, datetime, timedelta
from io import StringIO

import pytest
from django.core import signing
from django.core.exceptions import ValidationError
from django.urls import reverse
from django.utils.formats import date_format
from freezegun import freeze_time

from cms.content import markup
from cms.email.models import SentEmail
from psf import emails, workflows
from psf.models import Election, Nomination, Nominee, NomineeNote
from tests.factories.psf import (
    AcknowledgementFactory,
    ElectionFactory,
    ElectionKindFactory,
    NominationFactory,
    NomineeFactory,
)
from tests.factories.users import UserFactory

pytestmark = pytest.mark.django_db
OPENS, CLOSES = datetime(2026, 7, 1, 12, tzinfo=UTC), datetime(2026, 7, 30, 12, tzinfo=UTC)
DURING, AFTER = OPENS + timedelta(days=5), CLOSES + timedelta(days=1)
SECOND = timedelta(seconds=1)
Phase, State = Election.Phase, Nominee.State


@pytest.fixture
def election():
    return ElectionFactory(name="Board election", slug="board-2026")


@pytest.fixture
def ada():
    return UserFactory(username="ada", first_name="Ada", last_name="Byron", email="ada@example.org")


@pytest.fixture
def grace():
    return UserFactory(username="grace", first_name="Grace", last_name="Hopper", email="grace@example.org")


@pytest.fixture
def staff():
    return UserFactory(username="staff", role="PSF staff")


@pytest.fixture
def open_now(election):
    with freeze_time(DURING):
        yield election


def typed(**changed):
    return {
        "opened": signing.dumps(time.time() - 60, salt="opened"),
        "name": "Ada Byron",
        "email": "ada@example.org",
        "has_served": "no",
        "employer": "Tidewater Maps",
        "other_affiliations": "",
        "statement": "She **listens**.",
    } | changed


def approved(election, **columns):
    nominee = NomineeFactory(election=election, state=State.APPROVED, **columns)
    NominationFactory(nominee=nominee, state=Nomination.State.APPROVED, is_self=True)
    return nominee


def link_of(mail):
    return next(word for word in mail.body.split() if "/nominations/" in word).partition("8000")[2]


class TestPhases:
    @pytest.mark.parametrize(
        ("at", "phase"),
        [
            (OPENS - SECOND, Phase.ANNOUNCED),
            (OPENS, Phase.OPEN),
            (CLOSES - SECOND, Phase.OPEN),
            (CLOSES, Phase.PUBLISHED),
        ],
    )
    def test_each_begins_on_its_second(self, election, at, phase):
        assert election.phase(at) == phase

    def test_between_the_end_and_the_publication_it_is_closed(self, election):
        election.publish_at = CLOSES + timedelta(days=7)
        moments = [CLOSES - SECOND, CLOSES, election.publish_at - SECOND, election.publish_at]
        assert [election.phase(at) for at in moments] == [Phase.OPEN, Phase.CLOSED, Phase.CLOSED, Phase.PUBLISHED]

    def test_without_moments_the_day_decides(self):
        election = ElectionFactory(nominations_open_at=None, nominations_close_at=None)
        day = datetime(2026, 9, 1, tzinfo=UTC)
        assert [election.phase(at) for at in (day - SECOND, day)] == [Phase.ANNOUNCED, Phase.PUBLISHED]

    def test_a_copy_in_a_cache_ends_with_the_phase(self, client, election):
        for at, seconds in [(OPENS - 10 * SECOND, 10), (CLOSES - 5 * SECOND, 5), (AFTER, 300), (DURING, 300)]:
            with freeze_time(at):
                response = client.get("/nominations/elections/")
                assert f"s-maxage={seconds}" in response["Cache-Control"]

    @pytest.mark.parametrize(
        ("changed", "sentence"),
        [
            ({"nominations_close_at": OPENS}, "The closing time must be after the opening time."),
            ({"nominations_close_at": None}, "Enter both an opening and a closing time, or leave both empty."),
            ({"publish_at": CLOSES - SECOND}, "Candidates cannot be published before nominations close. Enter a later time."),
            ({"time_zone": "Mars/Olympus"}, "Unknown time zone."),
            ({"time_zone": "../etc"}, "Unknown time zone."),
        ],
    )
    def test_dates_make_sense(self, election, changed, sentence):
        for name, value in changed.items():
            setattr(election, name, value)
        with pytest.raises(ValidationError) as refusal:
            election.clean()
        assert sentence in str(refusal.value)


class TestPublicPages:
    def test_the_list_says_where_each_stands_in_its_own_zone(self, client, election):
        Election.objects.update(time_zone="America/New_York")
        for at, label in [(OPENS - SECOND, "Not open yet"), (OPENS, "Open for nominations"), (CLOSES, "Candidates published")]:
            with freeze_time(at):
                page = client.get("/nominations/elections/").content.decode()
                assert f"<h2>{label}</h2>" in page
        assert "Jul 1, 2026, 8:00 AM EDT" in page

    def test_an_election_offers_what_is_possible_now(self, client, election):
        with freeze_time(OPENS - SECOND):
            page = client.get("/nominations/election/board-2026/").content.decode()
            assert "Submit a nomination" not in page
            assert "See the candidates" not in page
        with freeze_time(OPENS):
            assert "Submit a nomination" in client.get("/nominations/election/board-2026/").content.decode()
        with freeze_time(CLOSES):
            assert "See the candidates" in client.get("/nominations/election/board-2026/").content.decode()

    def test_candidates_are_public_from_the_second_of_publication(self, client, election):
        nominee = approved(election)
        NomineeFactory(election=election, name="Grace Hopper", state=State.ACCEPTED)
        paths = ["/nominations/elections/board-2026/nominees/", nominee.get_absolute_url()]
        assert [election.public_nominees(at) for at in (CLOSES - SECOND, CLOSES)] == [[], [nominee]]
        with freeze_time(CLOSES - SECOND):
            assert "not been published yet" in client.get(paths[0]).content.decode()
            assert "Ada Byron" not in client.get(paths[0]).content.decode()
            assert client.get(paths[1]).status_code == 404
        with freeze_time(CLOSES):
            page = client.get(paths[0]).content.decode()
            assert "Ada Byron" in page
            assert "Grace Hopper" not in page
            assert "<strong>listens</strong>" in client.get(paths[1]).content.decode()

    def test_before_it_opens_nobody_is_public(self, client, election):
        nominee = approved(election)
        with freeze_time(OPENS - timedelta(days=9)):
            assert client.get(nominee.get_absolute_url()).status_code == 404

    def test_a_candidate_without_statements_breaks_nothing(self, client, election):
        nominee = NomineeFactory(election=election, state=State.APPROVED)
        with freeze_time(AFTER):
            assert "has no public statement" in client.get("/nominations/elections/board-2026/nominees/").content.decode()
            assert client.get(nominee.get_absolute_url()).status_code == 200

    def test_only_approved_statements_are_shown(self, client, election):
        nominee = approved(election)
        for state in (Nomination.State.SUBMITTED, Nomination.State.ACCEPTED, Nomination.State.HIDDEN, Nomination.State.DECLINED):
            hidden = NominationFactory(nominee=nominee, statement=f"Secret {state}", employer="Secret", state=state)
            with freeze_time(AFTER):
                assert client.get(hidden.get_absolute_url()).status_code == 404
        with freeze_time(AFTER):
            assert "Secret" not in client.get(nominee.get_absolute_url()).content.decode()
            assert client.get(nominee.nominations.first().get_absolute_url()).status_code == 200

    def test_the_order_is_fair_and_the_same_all_day(self, election):
        for number in range(12):
            approved(election, name=f"Candidate {number}", email="")
        orders = [[nominee.pk for nominee in election.public_nominees(at=AFTER + timedelta(days=day))] for day in range(5)]
        assert orders[0] == [nominee.pk for nominee in election.public_nominees(at=AFTER + timedelta(hours=1))]
        assert len({tuple(order) for order in orders}) > 1
        assert all(sorted(order) == sorted(orders[0]) for order in orders)

    def test_unknown_and_mixed_up_addresses(self, client, election):
        nomination = NominationFactory()
        for path in (
            "/nominations/election/nothing/",
            "/nominations/elections/nothing/nominees/",
            "/nominations/elections/board-2026/nominees/nobody/",
            f"/nominations/board-2026/{nomination.pk}/",
            "/nominations/nothing/create/",
        ):
            client.force_login(UserFactory(role="PSF staff"))
            assert client.get(path).status_code == 404, path

    def test_previous_service_and_acknowledgements_are_shown_as_the_election_says(self, client, election):
        AcknowledgementFactory(kind=election.kind, public=True, label="I serve the mission.")
        nominee = approved(election)
        nominee.nominations.update(acknowledged=["coc"], previous_service="2019, 2020")
        with freeze_time(AFTER):
            page = client.get(nominee.get_absolute_url()).content.decode()
            assert "I serve the mission." in page
            assert "Previous Board service" in page
            Election.objects.update(hide_previous_service=True)
            assert "2019, 2020" not in client.get(nominee.get_absolute_url()).content.decode()

    def test_without_its_kind_an_election_has_the_default_colour(self, client, election):
        ElectionKindFactory().delete()
        election.refresh_from_db()
        assert (election.kind, election.colour) == (None, "#0073b7")
        with freeze_time(DURING):
            assert client.get("/nominations/election/board-2026/").status_code == 200

    def test_public_pages_are_the_same_for_everybody(self, client, election, ada):
        nominee = approved(election, user=ada)
        with freeze_time(AFTER):
            for path in ("/nominations/elections/", "/nominations/elections/board-2026/nominees/", nominee.get_absolute_url()):
                client.logout()
                anonymous = client.get(path)
                assert not anonymous.cookies
                client.force_login(ada)
                assert client.get(path).content == anonymous.content

    @pytest.mark.nightly
    @pytest.mark.django_db(transaction=True)
    @pytest.mark.parametrize("number", [10, 300])
    def test_the_candidates_need_eight_queries(self, client, election, number, django_assert_max_num_queries):
        AcknowledgementFactory(kind=election.kind, public=True)
        for row in range(number):
            approved(election, name=f"Candidate {row}", email="")
        with freeze_time(AFTER):
            client.get("/nominations/elections/board-2026/nominees/")
            with django_assert_max_num_queries(8):
                client.get("/nominations/elections/board-2026/nominees/")


class TestNominating:
    def test_the_form_is_there_from_the_first_to_the_last_second(self, client, election, ada):
        client.force_login(ada)
        path = "/nominations/board-2026/create/"
        for at, status, sentence in [
            (OPENS - SECOND, 404, "Nominations are not open yet."),
            (OPENS, 200, "Submit a nomination"),
            (CLOSES - SECOND, 200, "Submit a nomination"),
            (CLOSES, 404, "Nominations are closed."),
        ]:
            with freeze_time(at):
                response = client.get(path)
                assert (response.status_code, sentence in response.content.decode()) == (status, True)
                if status == 404:
                    assert client.post(path, typed()).status_code == 404
        assert not Nomination.objects.exists()

    def test_it_needs_an_account(self, client, open_now):
        assert client.get("/nominations/board-2026/create/").url.startswith("/accounts/login/")

    def test_nominating_oneself_makes_a_candidate(self, client, open_now, ada):
        AcknowledgementFactory(kind=open_now.kind)
        client.force_login(ada)
        response = client.post(
            "/nominations/board-2026/create/", typed(is_self="on", ack_coc="on", has_served="yes", years=["2020", "2019"])
        )
        nomination = Nomination.objects.get()
        assert response.url == nomination.get_absolute_url()
        assert (nomination.state, nomination.acknowledged, nomination.previous_service) == ("accepted", ["coc"], "2019, 2020")
        assert (nomination.nominee.user, nomination.nominee.state, nomination.nominee.slug) == (ada, "accepted", "ada-byron")
        assert [mail.key for mail in SentEmail.objects.all()] == ["psf.nomination_received"]
        page = client.get(response.url)
        assert ">Edit<" in page.content.decode()
        assert "no-store" in page["Cache-Control"]

    def test_nobody_nominates_themselves_twice(self, client, open_now, ada):
        client.force_login(ada)
        client.post("/nominations/board-2026/create/", typed(is_self="on"))
        response = client.post("/nominations/board-2026/create/", typed(is_self="on"))
        assert "You have already nominated this person." in response.content.decode()
        assert Nomination.objects.count() == 1

    def test_somebody_else_is_invited_once(self, client, open_now, grace):
        client.force_login(grace)
        client.post("/nominations/board-2026/create/", typed(ack_coc="on"))
        nominee = Nominee.objects.get()
        assert (nominee.state, nominee.user, nominee.nominations.get().acknowledged) == ("invited", None, [])
        client.force_login(UserFactory())
        client.post("/nominations/board-2026/create/", typed(email="ADA@example.org"))
        assert Nominee.objects.count() == 1
        assert SentEmail.objects.filter(key="psf.nominee_invited").count() == 1
        assert SentEmail.objects.get(key="psf.nominee_invited").to == ["ada@example.org"]

    def test_who_was_proposed_and_nominates_themselves_is_one_candidate(self, open_now, ada, grace):
        workflows.nominate(
            NominationFactory.build(nominee=None, election=open_now, name="A. B.", email="ada@example.org"), by=grace
        )
        own = NominationFactory.build(nominee=None, election=open_now, name="Ada Byron", email="a@other.org", is_self=True)
        workflows.nominate(own, by=ada)
        nominee = Nominee.objects.get()
        assert (nominee.user, nominee.name, nominee.state, nominee.nominations.count()) == (ada, "Ada Byron", "accepted", 2)

    @pytest.mark.parametrize(
        ("changed", "sentence"),
        [
            ({"is_self": "on"}, "Required when you nominate yourself."),
            ({"has_served": "yes"}, "Choose at least one year."),
            ({"has_served": "yes", "years": ["1999"]}, "Select a valid choice."),
            ({"email": "nobody"}, "Enter a valid email address."),
            ({"statement": ""}, "This field is required."),
            ({"website_two": "x"}, "This looks like spam."),
        ],
    )
    def test_bad_input_gets_a_sentence(self, client, open_now, ada, changed, sentence):
        AcknowledgementFactory(kind=open_now.kind)
        client.force_login(ada)
        response = client.post("/nominations/board-2026/create/", typed(**changed))
        assert response.status_code == 422
        assert sentence in response.content.decode()
        assert not Nomination.objects.exists()

    def test_a_candidate_needs_a_name(self, client, open_now):
        client.force_login(UserFactory(first_name="", last_name=""))
        assert (
            "Add your first and last name" in client.post("/nominations/board-2026/create/", typed(is_self="on")).content.decode()
        )

    def test_the_kind_chooses_words_and_years(self, client, open_now, ada):
        ElectionKindFactory(name="Packaging Council", slug="council", first_year=2025, introduction="Read **PEP 772**.")
        open_now.kind = type(open_now.kind).objects.get(slug="council")
        open_now.save()
        client.force_login(ada)
        page = client.get("/nominations/board-2026/create/").content.decode()
        assert "Previous Packaging Council service" in page
        assert "<strong>PEP 772</strong>" in page
        assert 'value="2025"' in page
        assert 'value="2024"' not in page
        Election.objects.update(hide_previous_service=True)
        assert "Previous Packaging Council service" not in client.get("/nominations/board-2026/create/").content.decode()

    def test_a_new_member_is_called_so(self, client, open_now, ada):
        client.force_login(ada)
        client.post("/nominations/board-2026/create/", typed(is_self="on"))
        assert Nomination.objects.get().previous_service == "New Board member"

    def test_a_flood_stops(self, client, open_now, grace):
        client.force_login(grace)
        for number in range(11):
            response = client.post("/nominations/board-2026/create/", typed(email=f"p{number}@example.org"))
        assert "We received too many submissions" in response.content.decode()
        assert SentEmail.objects.filter(key="psf.nominee_invited").count() == 10

    def test_the_preview_is_what_will_be_shown(self, client, ada):
        text = "**Bold** <script>alert(1)</script> [x](javascript:alert(1))"
        assert client.post("/nominations/statement-preview/", {"statement": text}).status_code == 302
        client.force_login(ada)
        assert client.get("/nominations/statement-preview/").status_code == 405
        html = client.post("/nominations/statement-preview/", {"statement": text}).json()["html"]
        assert html == markup.render(text)
        assert "<script" not in html
        assert "javascript:" not in html.partition("<a")[2].partition(">")[0]

    def test_the_public_page_shows_the_statement_as_the_preview_did(self, client, election, ada):
        text = "**Bold** <script>alert(1)</script> [x](javascript:alert(1))"
        nominee = approved(election)
        nominee.nominations.update(statement=text)
        client.force_login(ada)
        html = client.post("/nominations/statement-preview/", {"statement": text}).json()["html"]
        with freeze_time(AFTER):
            for path in (nominee.get_absolute_url(), nominee.nominations.get().get_absolute_url(), election.nominees_url):
                assert html.strip() in client.get(path).content.decode(), path


class TestChanging:
    def test_a_nominator_changes_it_until_somebody_has_decided(self, client, open_now, grace):
        nomination = NominationFactory(
            nominee=NomineeFactory(election=open_now), nominator=grace, previous_service="was there in 2019"
        )
        client.force_login(grace)
        path = f"{nomination.get_absolute_url()}edit/"
        assert 'value="2019" id="id_years' in " ".join(client.get(path).content.decode().split())
        assert client.post(path, typed(statement="Newer.")).url == nomination.get_absolute_url()
        assert client.post(path, typed(statement="")).status_code == 422
        nomination.refresh_from_db()
        assert nomination.statement == "Newer."
        Nomination.objects.update(state=Nomination.State.ACCEPTED)
        assert client.get(path).status_code == 403

    def test_the_candidate_changes_it_while_nominations_are_open(self, client, election, ada):
        nomination = NominationFactory(nominee=NomineeFactory(election=election, user=ada), state=Nomination.State.ACCEPTED)
        client.force_login(ada)
        path = f"{nomination.get_absolute_url()}edit/"
        with freeze_time(CLOSES - SECOND):
            assert client.post(path, typed(statement="Newer.")).status_code == 302
        with freeze_time(CLOSES):
            assert client.post(path, typed(statement="Too late.")).status_code == 403
        nomination.refresh_from_db()
        assert nomination.statement == "Newer."

    def test_what_the_election_does_not_ask_any_more_goes_with_the_next_change(self, client, open_now, grace):
        nomination = NominationFactory(nominee=NomineeFactory(election=open_now), nominator=grace, previous_service="2019")
        Election.objects.update(hide_previous_service=True)
        client.force_login(grace)
        client.post(f"{nomination.get_absolute_url()}edit/", typed(has_served="yes", years=["2019"]))
        nomination.refresh_from_db()
        assert nomination.previous_service == ""

    def test_others_neither_read_nor_change_it(self, client, open_now, ada):
        nomination = NominationFactory(nominee=NomineeFactory(election=open_now, user=ada))
        client.force_login(UserFactory())
        assert client.get(nomination.get_absolute_url()).status_code == 404
        assert client.get(nomination.nominee.get_absolute_url()).status_code == 404
        for act in ("edit", "accept"):
            assert client.get(f"{nomination.get_absolute_url()}{act}/").status_code == 403

    def test_a_candidate_answers_one_statement(self, client, election, ada, grace):
        nomination = NominationFactory(nominee=NomineeFactory(election=election, user=ada), nominator=grace)
        client.force_login(ada)
        path = f"{nomination.get_absolute_url()}accept/"
        with freeze_time(DURING):
            assert "Accept nomination" in client.get(path).content.decode()
            response = client.post(f"{path}?next=https://evil.example/", {"answer": "yes", "next": "https://evil.example/"})
            assert response.url == nomination.get_absolute_url()
            nomination.refresh_from_db()
            assert (nomination.state, nomination.nominee.state) == ("accepted", "accepted")
            client.post(path, {"answer": "no"})
            nomination.refresh_from_db()
            assert nomination.state == "declined"
            Nomination.objects.update(state=Nomination.State.HIDDEN)
            assert "already been reviewed" in client.post(path, {"answer": "yes"}, follow=True).content.decode()
            Nomination.objects.update(state=Nomination.State.DECLINED)
        with freeze_time(CLOSES):
            assert client.post(path, {"answer": "yes"}).status_code == 403
        nomination.refresh_from_db()
        assert nomination.state == "declined"

    def test_what_one_received_and_made(self, client, open_now, ada):
        NominationFactory(nominee=NomineeFactory(election=open_now, user=ada, name="Ada"))
        NominationFactory(nominee=NomineeFactory(election=open_now, name="Grace"), nominator=ada)
        assert client.get("/users/nominations/").url == "/nominations/mine/"
        client.force_login(ada)
        page = client.get("/nominations/mine/").content.decode()
        assert (
            page.index("Nominations you received")
            < page.index("Ada<")
            < page.index("Nominations you made")
            < page.index("Grace<")
        )
        assert page.count("/edit/") == 2

    def test_content_outlives_people(self, election, ada, grace):
        nominee = approved(election, user=ada)
        nominee.nominations.update(nominator=grace)
        ada.delete()
        grace.delete()
        assert Nominee.objects.get().name == "Ada Byron"
        assert Nomination.objects.count() == 1


class TestInvitations:
    @pytest.fixture
    def invited(self, open_now, grace):
        nomination = NominationFactory.build(nominee=None, election=open_now, name="Ada Byron", email="ada@example.org")
        return workflows.nominate(nomination, by=grace).nominee

    @pytest.fixture
    def link(self, invited):
        return link_of(SentEmail.objects.get(key="psf.nominee_invited"))

    def test_the_link_shows_what_was_written_and_changes_nothing(self, client, link, invited):
        page = client.get(link).content.decode()
        assert "She <strong>listens</strong>." in page
        assert "grace nominated you" in page
        invited.refresh_from_db()
        assert invited.state == State.INVITED

    def test_accepting_without_an_account(self, client, link, invited):
        response = client.post(link, {"answer": "yes", "comment": "Gladly."})
        assert "You accepted the nomination" in response.content.decode()
        invited.refresh_from_db()
        assert (invited.state, invited.user, invited.nominations.get().state) == ("accepted", None, "accepted")
        assert NomineeNote.objects.get().text == "Accepted. Gladly."
        assert SentEmail.objects.get(key="psf.nominee_answered").to == ["grace@example.org"]

    def test_accepting_with_an_account_links_it(self, client, link, invited, ada):
        client.force_login(ada)
        client.post(link, {"answer": "yes"})
        invited.refresh_from_db()
        assert invited.user == ada
        assert client.get(invited.get_absolute_url()).status_code == 200

    def test_an_account_is_one_candidate(self, client, link, invited, ada):
        NomineeFactory(election=invited.election, user=ada, name="Other", email="")
        client.force_login(ada)
        assert "You are already a candidate in this election" in client.post(link, {"answer": "yes"}).content.decode()

    def test_declining(self, client, link, invited):
        assert "You declined the nomination." in client.post(link, {"answer": "no"}).content.decode()
        invited.refresh_from_db()
        assert (invited.state, invited.nominations.get().state) == ("declined", "declined")

    def test_a_link_works_once(self, client, link):
        client.post(link, {"answer": "yes"})
        for response in (client.get(link), client.post(link, {"answer": "no"})):
            assert response.status_code == 410
            assert "This link has already been used." in response.content.decode()
        assert Nominee.objects.get().state == State.ACCEPTED

    def test_a_link_ends_with_the_nominations(self, client, link):
        with freeze_time(CLOSES - SECOND):
            assert client.get(link).status_code == 200
        with freeze_time(CLOSES):
            for response in (client.get(link), client.post(link, {"answer": "yes"})):
                assert response.status_code == 410
                assert "Nominations are closed." in response.content.decode()

    def test_broken_links_get_a_sentence(self, client, link, invited):
        assert "This link is incomplete." in client.get("/nominations/invitation/abc/").content.decode()
        assert "This link is incomplete." in client.get(link[:-4] + "/").content.decode()
        assert client.post(link, {"answer": "maybe"}).status_code == 422
        invited.delete()
        assert "no longer exists" in client.get(link).content.decode()

    def test_what_staff_have_decided_stays(self, client, link, invited):
        Nominee.objects.update(state=State.REFUSED)
        assert "This nomination has already been reviewed." in client.post(link, {"answer": "yes"}).content.decode()

    def test_a_reminder(self, invited, staff):
        workflows.invite(invited, by=staff)
        assert SentEmail.objects.filter(key="psf.nominee_reminded").count() == 1
        Nominee.objects.update(email="")
        with pytest.raises(ValidationError, match="has no email address"):
            workflows.invite(invited, by=staff)
        Nominee.objects.update(state=State.DECLINED)
        with pytest.raises(ValidationError, match="has already answered"):
            workflows.invite(invited, by=staff)


class TestDesk:
    @pytest.fixture(autouse=True)
    def _logged_in(self, client, staff):
        client.force_login(staff)

    @pytest.fixture
    def nominee(self, election, ada):
        nominee = NomineeFactory(election=election, user=ada, state=State.ACCEPTED)
        NominationFactory(nominee=nominee, is_self=True, state=Nomination.State.ACCEPTED)
        return nominee

    def decide(self, client, nominee, action, **fields):
        path = f"/admin/psf/elections/{nominee.election_id}/dashboard/{nominee.pk}/"
        response = client.post(
            path, {"action": action, "seen": (client.get(path).context or {}).get("seen", "")} | fields, follow=True
        )
        nominee.refresh_from_db()
        return response.content.decode()

    def test_the_lists_say_who_needs_what(self, client, election, nominee):
        AcknowledgementFactory(kind=election.kind)
        NomineeFactory(election=election, name="Silent", state=State.INVITED)
        NomineeFactory(election=election, name="Unwilling", state=State.DECLINED)
        approved(election, name="Ready").nominations.update(acknowledged=["coc"])
        for which, names in {
            "all": {"Ada Byron", "Silent", "Unwilling", "Ready"},
            "incomplete": {"Silent"},
            "missing": {"Ada Byron"},
            "declined": {"Unwilling"},
            "approved": {"Ready"},
        }.items():
            page = client.get(f"/admin/psf/elections/{election.pk}/dashboard/?show={which}").content.decode()
            assert {name for name in ("Ada Byron", "Silent", "Unwilling", "Ready") if f">{name}</a>" in page} == names, which
        assert (
            "I will follow the code of conduct." in client.get(f"/admin/psf/elections/{election.pk}/dashboard/").content.decode()
        )
        assert client.get(f"/admin/psf/elections/{election.pk}/dashboard/?show=x").status_code == 404
        assert "board-2026" not in client.get("/admin/psf/elections/?q=nothing").content.decode()

    def test_approving_makes_candidate_and_statements_ready_and_tells(self, client, nominee):
        assert "Approved " in self.decide(client, nominee, "approve")
        assert (nominee.state, nominee.nominations.get().state) == ("approved", "approved")
        assert SentEmail.objects.get(key="psf.nominee_approved").to == ["ada@example.org"]

    def test_nobody_is_approved_who_has_not_accepted(self, client, nominee):
        Nominee.objects.update(state=State.INVITED)
        assert "has not accepted the nomination yet." in self.decide(client, nominee, "approve")
        assert nominee.state == State.INVITED

    def test_a_refusal_needs_a_reason_and_can_be_taken_back(self, client, nominee):
        assert "Enter a reason. It is saved with the notes." in self.decide(client, nominee, "refuse")
        self.decide(client, nominee, "refuse", text="On the staff.")
        assert nominee.state == State.REFUSED
        assert "Not eligible: On the staff." in self.decide(client, nominee, "reopen")
        assert nominee.state == State.ACCEPTED
        assert "There is no decision to undo." in self.decide(client, nominee, "reopen")

    def test_a_statement_is_hidden_and_shown(self, client, nominee):
        self.decide(client, nominee, "approve")
        nomination = nominee.nominations.get()
        for act, state in (("hide", "hidden"), ("show", "approved")):
            self.decide(client, nominee, act, nomination=nomination.pk)
            nomination.refresh_from_db()
            assert nomination.state == state
        assert "no longer exists" in self.decide(client, nominee, "hide", nomination="x")
        Nomination.objects.update(state=Nomination.State.SUBMITTED)
        assert "has not accepted this nomination" in self.decide(client, nominee, "show", nomination=nomination.pk)

    def test_notes_and_invitations(self, client, nominee):
        assert "Asked by phone." in self.decide(client, nominee, "note", text="Asked by phone.")
        assert "Enter a note first." in self.decide(client, nominee, "note", text=" ")
        Nominee.objects.update(state=State.PROPOSED)
        with freeze_time(DURING):
            client.force_login(UserFactory(role="PSF staff"))
            assert "Invitation sent to" in self.decide(client, nominee, "invite")
            assert "Unknown action" in self.decide(client, nominee, "dance")

    def test_a_person_is_matched_to_an_account(self, client, open_now, ada):
        election = open_now
        client.force_login(UserFactory(role="PSF staff"))
        nominee = NomineeFactory(election=election)
        path = f"/admin/psf/elections/{election.pk}/dashboard/{nominee.pk}/"
        assert "“ada” has the email address" in client.get(path).content.decode()
        fields = {"name": "Ada B.", "slug": "ada-byron", "email": "ada@example.org"}
        self.decide(client, nominee, "save", account="ADA@example.org", **fields)
        assert (nominee.user, nominee.name) == (ada, "Ada B.")
        assert "No account has this username" in self.decide(client, nominee, "save", account="nobody", **fields)
        other = NomineeFactory(election=election, name="Other")
        assert "is already a candidate in this election" in self.decide(
            client, other, "save", account="ada", **fields | {"slug": "other"}
        )
        assert "Another candidate" in self.decide(client, other, "save", account="", **fields)
        with freeze_time(AFTER):
            client.force_login(UserFactory(role="PSF staff"))
            assert "cannot be changed after" in self.decide(client, nominee, "save", account="ada", **fields | {"slug": "new"})

    def test_the_preview_is_what_the_public_will_see(self, client, election):
        approved(election, name="Ready")
        NomineeFactory(election=election, name="Silent")
        with freeze_time(DURING):
            client.force_login(UserFactory(role="PSF staff"))
            page = client.get(f"/admin/psf/elections/{election.pk}/preview/").content.decode()
        assert "list of approved candidates" in page
        assert "Ready" in page
        assert "Silent" not in page

    def test_exports(self, client, election):
        approved(election, name="=Ready")
        NomineeFactory(election=election, name="Silent")
        table = client.get(f"/admin/psf/elections/{election.pk}/export/voting/").content.decode()
        rows = list(csv.DictReader(StringIO(table)))
        assert [(row["name"], row["email address"]) for row in rows] == [("'=Ready", "ada@example.org")]
        text = client.get(f"/admin/psf/elections/{election.pk}/export/announcement/").content.decode()
        assert "## =Ready" in text
        assert "She **listens**." in text
        assert "Silent" not in text

    def test_others_stay_outside(self, client, election, nominee):
        client.force_login(UserFactory(role="Job board"))
        for path in ("dashboard/", f"dashboard/{nominee.pk}/", "preview/", "export/voting/"):
            assert client.get(f"/admin/psf/elections/{election.pk}/{path}").status_code in {302, 403}, path
        assert self.decide(client, nominee, "approve") is not None
        assert nominee.state == State.ACCEPTED

    @pytest.mark.parametrize("number", [10, 200])
    def test_the_dashboard_needs_few_queries(self, client, election, number, django_assert_max_num_queries):
        AcknowledgementFactory(kind=election.kind)
        for row in range(number):
            approved(election, name=f"Candidate {row}", email="")
        path = f"/admin/psf/elections/{election.pk}/dashboard/"
        client.get(path)
        with django_assert_max_num_queries(25):
            client.get(path)


def test_slugs_are_unique_in_an_election_and_stay(election):
    first, second = NomineeFactory(election=election), NomineeFactory(election=election, email="")
    assert (first.slug, second.slug) == ("ada-byron", "ada-byron-2")
    first.name = "Somebody Else"
    first.save()
    assert first.slug == "ada-byron"
    assert NomineeFactory(election=election, name="李", email="").slug == "candidate"


def test_a_token_is_bound_to_its_purpose(election):
    nominee = NomineeFactory(election=election)
    assert workflows.nominee_of(emails.invitation_token(nominee)) == nominee
    with pytest.raises(ValidationError, match="This link is incomplete"):
        workflows.nominee_of(signing.dumps([nominee.pk, 0], salt="other"))


def test_the_list_of_elections_names_days_to_come(admin_client, election):
    day = date_format(election.date, "M j, Y")
    assert day in admin_client.get(reverse("psf_elections:index")).content.decode()
