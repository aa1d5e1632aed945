"""The life of a deal: who may do what from which state, and what everybody is told."""

from datetime import date, timedelta

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.utils import timezone
from wagtail.models import ModelLogEntry

from sponsors.models import ACTS, Agreement, Deal, State
from tests.factories.sponsors import BenefitFactory, ContactFactory, DealFactory, PackageFactory
from tests.factories.users import UserFactory
from tests.sponsors.conftest import pdf, ready_agreement

pytestmark = pytest.mark.django_db

APPLIED, REVIEW, APPROVED, SENT, SIGNED, DECLINED, WITHDRAWN, CANCELLED = State.values
MANAGER = {
    "take": {APPLIED: REVIEW},
    "approve": {REVIEW: APPROVED},
    "send": {APPROVED: SENT},
    "sign": {APPROVED: SIGNED, SENT: SIGNED},
    "put_back": {
        REVIEW: APPLIED,
        APPROVED: REVIEW,
        SENT: APPROVED,
        DECLINED: REVIEW,
        WITHDRAWN: REVIEW,
        CANCELLED: SIGNED,
    },
    "decline": dict.fromkeys([APPLIED, REVIEW, APPROVED], DECLINED),
    "withdraw": dict.fromkeys([APPLIED, REVIEW, APPROVED, SENT], WITHDRAWN),
    "cancel": {SIGNED: CANCELLED},
    "show_early": {state: state for state in (REVIEW, APPROVED, SENT)},
    "hide_early": {},
    "amend": {SIGNED: SIGNED},
    "close_amendment": {},
}
LAWYER = {name: MANAGER[name] for name in ("send", "sign")}
WITHDRAWS = {"withdraw": MANAGER["withdraw"]}
# Role -> what it may do: act, from which state, to which. All else is refused.
TABLE = {
    "stranger": {},
    "editor": {},
    "coordinator": {},
    "finance": {},
    "auditor": {},
    "publisher": {},
    "lawyer": LAWYER,
    "manager": MANAGER,
    "site admin": MANAGER,
    "primary contact": WITHDRAWS,
    "manager contact": WITHDRAWS,
    "administrative contact": {},
    "accounting contact": {},
}
ROLES = {
    "editor": "Content editors",
    "coordinator": "Sponsorship coordinators",
    "finance": "Sponsorship finance",
    "auditor": "Sponsorship auditors",
    "publisher": "Sponsor publishers",
    "lawyer": "Sponsorship legal",
    "manager": "Sponsorship",
    "site admin": "Site admins",
}


def person(role, deal):
    user = UserFactory(role=ROLES.get(role))
    if role.endswith("contact"):
        kind = role.split()[0]
        ContactFactory(sponsor=deal.sponsor, user=user, **{"primary": False} | {kind: True})
    return user


def arguments(act, deal):
    given = {name: {"reason": "Because."} for name in ("put_back", "decline", "withdraw", "cancel", "show_early", "amend")}
    day = timezone.localdate()
    given["approve"] = {"package": deal.package, "fee": 0, "starts_on": day, "ends_on": day + timedelta(days=365)}
    given["sign"] = {"signed_file": pdf()}
    return given.get(act, {})


@pytest.mark.parametrize("state", State.values)
@pytest.mark.parametrize("role", TABLE)
def test_each_role_does_what_the_table_says_and_nothing_else(role, state):
    for act in ACTS:
        deal = DealFactory(state=state)
        ready_agreement(deal)
        by = person(role, deal)
        leads_to = TABLE[role].get(act, {}).get(state)
        if leads_to:
            getattr(deal, act)(by=by, **arguments(act, deal))
        else:
            with pytest.raises((PermissionDenied, ValidationError)):
                getattr(deal, act)(by=by, **arguments(act, deal))
        deal = Deal.objects.get(pk=deal.pk)
        assert deal.state == (leads_to or state), act
        entries = ModelLogEntry.objects.for_instance(deal).filter(action=f"sponsors.{act}")
        assert [entry.user for entry in entries] == ([by] if leads_to else []), act


def test_every_state_but_the_last_has_a_way_back():
    assert set(MANAGER["put_back"]) == set(State.values) - {APPLIED, SIGNED}


def test_logos_come_early_only_before_a_signed_deal_begins(manager):
    running = DealFactory()
    coming = DealFactory(starts_on=timezone.localdate() + timedelta(days=9))
    assert "show_early" not in running.acts_for(manager)
    assert "show_early" in coming.acts_for(manager)


def test_a_fee_of_0_counts(manager):
    deal = DealFactory(state=REVIEW)
    deal.approve(by=manager, **arguments("approve", deal))
    assert Deal.objects.get().fee == 0


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"package": None}, "package"),
        ({"fee": None}, "fee"),
        ({"starts_on": None}, "starts_on"),
        ({"ends_on": None}, "ends_on"),
        ({"starts_on": date(2026, 3, 1), "ends_on": date(2026, 3, 1)}, "ends_on"),
    ],
)
def test_an_approval_lacks_something(manager, wrong, field):
    deal = DealFactory(state=REVIEW)
    with pytest.raises(ValidationError) as refusal:
        deal.approve(by=manager, **arguments("approve", deal) | wrong)
    assert field in refusal.value.message_dict
    assert Deal.objects.get().state == REVIEW


def test_a_package_of_another_season_is_refused(manager):
    deal = DealFactory(state=REVIEW)
    other = PackageFactory(season__year=2027)
    with pytest.raises(ValidationError, match="another season"):
        deal.approve(by=manager, **arguments("approve", deal) | {"package": other})


def test_approval_warns_of_a_benefit_of_which_nothing_is_left(manager):
    package = PackageFactory()
    BenefitFactory(season=package.season, name="Booth", capacity=1, packages=[package])
    DealFactory(package=package, season=package.season, state=APPROVED)
    deal = DealFactory(package=package, season=package.season, state=REVIEW)
    with pytest.raises(ValidationError, match="Nothing is left of: Booth"):
        deal.approve(by=manager, **arguments("approve", deal))
    deal.approve(by=manager, **arguments("approve", deal), oversell=True)
    assert Deal.objects.get(pk=deal.pk).state == APPROVED


def test_of_two_coordinators_who_move_one_card_the_second_is_told(manager):
    first = DealFactory(state=APPLIED)
    second = Deal.objects.get(pk=first.pk)
    first.take(by=manager)
    with pytest.raises(ValidationError, match="Somebody may have been faster"):
        second.take(by=manager)


@pytest.mark.parametrize("act", ["put_back", "decline", "withdraw"])
def test_an_act_without_its_reason_is_refused(manager, act):
    with pytest.raises(ValidationError, match="Say why"):
        getattr(DealFactory(state=REVIEW), act)(by=manager, reason=" ")


def test_nothing_is_sent_before_its_documents_are_ready(manager):
    deal = DealFactory(state=APPROVED)
    Agreement.objects.create(deal=deal)
    with pytest.raises(ValidationError, match="Make an agreement first"):
        deal.send(by=manager)


def test_a_step_back_makes_the_agreement_void_and_another_can_be_sent(manager, sent):
    deal = DealFactory(state=APPROVED)
    ContactFactory(sponsor=deal.sponsor)
    ready_agreement(deal)
    deal.send(by=manager)
    mails = sent(lambda: deal.put_back(by=manager, reason="The fee was wrong."))
    assert deal.agreements.get().state == "void"
    assert "The fee was wrong." in mails[-1].body
    ready_agreement(deal)
    deal.send(by=manager)
    deal.sign(by=manager, signed_file=pdf())
    assert [agreement.state for agreement in deal.agreements.all()] == ["signed", "void"]


def test_a_signed_deal_stays_as_it_is_until_an_amendment_is_opened(manager):
    deal = DealFactory()
    assert not deal.may_be_edited
    deal.amend(by=manager, reason="A larger booth.")
    deal.save()
    assert Deal.objects.get().may_be_edited
    deal.close_amendment(by=manager)
    assert not Deal.objects.get().may_be_edited


# Act -> from which state, and words of the subjects of its mails, to the sponsor and to the team.
MAILS = [
    ("approve", REVIEW, ["Approved"]),
    ("send", APPROVED, ["Your agreement"]),
    ("sign", SENT, ["Signed", "Signed"]),
    ("decline", REVIEW, ["Your application to sponsor"]),
    ("withdraw", REVIEW, ["Withdrawn", "Withdrawn"]),
    ("cancel", SIGNED, ["Cancelled"]),
    ("put_back", REVIEW, []),
    ("show_early", REVIEW, []),
]


@pytest.mark.parametrize(("act", "state", "subjects"), MAILS)
def test_everybody_is_told(manager, sent, act, state, subjects):
    deal = DealFactory(state=state, sponsor__name="Smith & Sons “Ltd”", submitted_by=UserFactory())
    ready_agreement(deal)
    mails = sent(lambda: getattr(deal, act)(by=manager, **arguments(act, deal)))
    assert [mail.subject.split(":")[0] for mail in mails] == subjects
    assert all("Smith & Sons “Ltd”" in mail.subject for mail in mails)


def test_before_approval_only_confirmed_addresses_get_mail(manager, sent):
    deal = DealFactory(state=APPLIED, submitted_by=UserFactory(email="applicant@example.org"))
    ContactFactory(sponsor=deal.sponsor, email="typed@example.com")
    ContactFactory(sponsor=deal.sponsor, email="linked@example.org", user=UserFactory())
    mails = sent(lambda: deal.decline(by=manager, reason="Not now."))
    assert sorted(mails[0].to) == ["applicant@example.org", "linked@example.org"]


def test_a_deal_whose_applicant_is_gone_and_that_has_no_contact_tells_the_team(manager, sent):
    deal = DealFactory(state=APPLIED)
    assert sent(lambda: deal.decline(by=manager, reason="Not now."))[0].to == ["sponsors@python.org"]
