"""Transitions of sponsorships: permitted roles and states, and the emails that follow."""

from datetime import date, timedelta

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils import timezone
from wagtail.models import ModelLogEntry

from sponsors.models import TRANSITIONS, Contract, Sponsorship, State
from sponsors.models.amendments import describe_changes
from tests.factories.sponsors import BenefitFactory, ContactFactory, PackageFactory, SponsorshipFactory
from tests.factories.users import UserFactory
from tests.sponsors.conftest import pdf, ready_contract

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
    "discard_amendment": {},
}
LAWYER = {name: MANAGER[name] for name in ("send", "sign")}
WITHDRAWS = {"withdraw": MANAGER["withdraw"]}
# Role -> transition -> {source state: target state}. All others are rejected.
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


def person(role, sponsorship):
    user = UserFactory(role=ROLES.get(role))
    if role.endswith("contact"):
        kind = role.split()[0]
        ContactFactory(sponsor=sponsorship.sponsor, user=user, **{"primary": False} | {kind: True})
    return user


def arguments(act, sponsorship):
    given = {
        name: {"reason": "Because."}
        for name in ("put_back", "decline", "withdraw", "cancel", "show_early", "amend", "discard_amendment")
    }
    day = timezone.localdate()
    given["approve"] = {"package": sponsorship.package, "fee": 0, "starts_on": day, "ends_on": day + timedelta(days=365)}
    given["sign"] = {"signed_file": pdf()}
    return given.get(act, {})


@pytest.mark.parametrize("state", State.values)
@pytest.mark.parametrize("role", TABLE)
def test_each_role_does_what_the_table_says_and_nothing_else(role, state):
    made = SponsorshipFactory(state=state)
    ready_contract(made)
    by = person(role, made)
    for act in TRANSITIONS:
        leads_to = TABLE[role].get(act, {}).get(state)
        with transaction.atomic():
            sponsorship = Sponsorship.objects.get(pk=made.pk)
            if leads_to:
                getattr(sponsorship, act)(by=by, **arguments(act, sponsorship))
            else:
                with pytest.raises((PermissionDenied, ValidationError)):
                    getattr(sponsorship, act)(by=by, **arguments(act, sponsorship))
            sponsorship = Sponsorship.objects.get(pk=made.pk)
            assert sponsorship.state == (leads_to or state), act
            entries = ModelLogEntry.objects.for_instance(sponsorship).filter(action=f"sponsors.{act}")
            assert [entry.user for entry in entries] == ([by] if leads_to else []), act
            transaction.set_rollback(True)


def test_every_state_but_the_last_has_a_way_back():
    assert set(MANAGER["put_back"]) == set(State.values) - {APPLIED, SIGNED}


def test_logos_come_early_only_before_a_signed_sponsorship_begins(manager):
    running = SponsorshipFactory()
    coming = SponsorshipFactory(starts_on=timezone.localdate() + timedelta(days=9))
    assert "show_early" not in running.get_transitions(manager)
    assert "show_early" in coming.get_transitions(manager)


def test_a_fee_of_0_counts(manager):
    sponsorship = SponsorshipFactory(state=REVIEW)
    sponsorship.approve(by=manager, **arguments("approve", sponsorship))
    assert Sponsorship.objects.get().fee == 0


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
    sponsorship = SponsorshipFactory(state=REVIEW)
    with pytest.raises(ValidationError) as refusal:
        sponsorship.approve(by=manager, **arguments("approve", sponsorship) | wrong)
    assert field in refusal.value.message_dict
    assert Sponsorship.objects.get().state == REVIEW


def test_a_package_of_another_sponsorship_year_is_refused(manager):
    sponsorship = SponsorshipFactory(state=REVIEW)
    other = PackageFactory(sponsorship_year__year=2027)
    with pytest.raises(ValidationError, match="another sponsorship year"):
        sponsorship.approve(by=manager, **arguments("approve", sponsorship) | {"package": other})


def test_approval_warns_of_a_benefit_of_which_nothing_is_left(manager):
    package = PackageFactory()
    BenefitFactory(sponsorship_year=package.sponsorship_year, name="Booth", capacity=1, packages=[package])
    SponsorshipFactory(package=package, sponsorship_year=package.sponsorship_year, state=APPROVED)
    sponsorship = SponsorshipFactory(package=package, sponsorship_year=package.sponsorship_year, state=REVIEW)
    with pytest.raises(ValidationError, match="Sold out: Booth"):
        sponsorship.approve(by=manager, **arguments("approve", sponsorship))
    sponsorship.approve(by=manager, **arguments("approve", sponsorship), oversell=True)
    assert Sponsorship.objects.get(pk=sponsorship.pk).state == APPROVED


def test_of_two_coordinators_who_move_one_card_the_second_is_notified(manager):
    first = SponsorshipFactory(state=APPLIED)
    second = Sponsorship.objects.get(pk=first.pk)
    first.take(by=manager)
    with pytest.raises(ValidationError, match="Someone else may have changed it"):
        second.take(by=manager)


@pytest.mark.parametrize("act", ["put_back", "decline", "withdraw"])
def test_an_action_without_its_reason_is_refused(manager, act):
    with pytest.raises(ValidationError, match="Enter a reason"):
        getattr(SponsorshipFactory(state=REVIEW), act)(by=manager, reason=" ")


def test_nothing_is_sent_before_its_documents_are_ready(manager):
    sponsorship = SponsorshipFactory(state=APPROVED)
    Contract.objects.create(sponsorship=sponsorship)
    with pytest.raises(ValidationError, match="Create a contract first"):
        sponsorship.send(by=manager)


def test_a_step_back_makes_the_contract_void_and_another_can_be_sent(manager, sent):
    sponsorship = SponsorshipFactory(state=APPROVED)
    ContactFactory(sponsor=sponsorship.sponsor)
    ready_contract(sponsorship)
    sponsorship.send(by=manager)
    mails = sent(lambda: sponsorship.put_back(by=manager, reason="The fee was wrong."))
    assert sponsorship.contracts.get().state == "void"
    assert "The fee was wrong." in mails[-1].body
    ready_contract(sponsorship)
    sponsorship.send(by=manager)
    sponsorship.sign(by=manager, signed_file=pdf())
    assert [contract.state for contract in sponsorship.contracts.all()] == ["signed", "void"]


def test_a_signed_sponsorship_stays_as_it_is_until_an_amendment_is_opened(manager):
    sponsorship = SponsorshipFactory()
    assert not sponsorship.is_editable
    sponsorship.amend(by=manager, reason="A larger booth.")
    sponsorship.save()
    assert Sponsorship.objects.get().is_editable
    sponsorship.close_amendment(by=manager)
    assert not Sponsorship.objects.get().is_editable


def test_a_discarded_amendment_restores_the_terms(manager, sent):
    sponsorship = SponsorshipFactory()
    package = sponsorship.package
    first = sponsorship.add_benefit(BenefitFactory(sponsorship_year=sponsorship.sponsorship_year, name="Booth"), source="staff")
    before = (package, sponsorship.fee, sponsorship.starts_on, sponsorship.ends_on)
    sponsorship.amend(by=manager, reason="Larger.")
    sponsorship.fee, sponsorship.ends_on = 7, sponsorship.ends_on + timedelta(days=3)
    sponsorship.package = PackageFactory(sponsorship_year=sponsorship.sponsorship_year, name="Other")
    sponsorship.save()
    first.removed = True
    first.save()
    sponsorship.add_benefit(BenefitFactory(sponsorship_year=sponsorship.sponsorship_year, name="Lanyards"), source="staff")
    changes = describe_changes(sponsorship)
    assert [change.split(":")[0] for change in changes] == ["Package", "Fee", "Last day", "Removed", "Added"]
    mails = sent(lambda: sponsorship.discard_amendment(by=manager, reason="Too late."))
    assert not mails, "nothing was sent to the sponsor"
    sponsorship = Sponsorship.objects.get()
    assert (sponsorship.package, sponsorship.fee, sponsorship.starts_on, sponsorship.ends_on) == before
    assert [row.name for row in sponsorship.active_benefits()] == ["Booth"]
    assert describe_changes(sponsorship) == []
    with pytest.raises(ValidationError):
        sponsorship.discard_amendment(by=manager, reason="Twice.")


# Transition, source state, and parts of the subjects of its emails to the sponsor and to the team.
EMAILS = [
    ("approve", REVIEW, ["Your sponsorship is approved"]),
    ("send", APPROVED, ["Your contract is ready to sign"]),
    ("sign", SENT, ["Your sponsorship contract is signed", "Contract signed"]),
    ("decline", REVIEW, ["Your sponsorship application was declined"]),
    ("withdraw", REVIEW, ["Your sponsorship application was withdrawn", "Application withdrawn"]),
    ("cancel", SIGNED, ["Your sponsorship is canceled"]),
    ("put_back", REVIEW, []),
    ("show_early", REVIEW, []),
]


@pytest.mark.parametrize(("act", "state", "subjects"), EMAILS)
def test_everybody_is_notified(manager, sent, act, state, subjects):
    sponsorship = SponsorshipFactory(state=state, sponsor__name="Smith & Sons “Ltd”", submitted_by=UserFactory())
    ready_contract(sponsorship)
    mails = sent(lambda: getattr(sponsorship, act)(by=manager, **arguments(act, sponsorship)))
    assert [mail.subject.split(":")[0] for mail in mails] == subjects
    assert all("Smith & Sons “Ltd”" in mail.subject for mail in mails)


def test_before_approval_only_confirmed_addresses_get_email(manager, sent):
    sponsorship = SponsorshipFactory(state=APPLIED, submitted_by=UserFactory(email="applicant@example.org"))
    ContactFactory(sponsor=sponsorship.sponsor, email="typed@example.com")
    ContactFactory(sponsor=sponsorship.sponsor, email="linked@example.org", user=UserFactory())
    mails = sent(lambda: sponsorship.decline(by=manager, reason="Not now."))
    assert sorted(mails[0].to) == ["applicant@example.org", "linked@example.org"]


def test_a_sponsorship_whose_applicant_is_gone_and_that_has_no_contact_tells_the_team(manager, sent):
    sponsorship = SponsorshipFactory(state=APPLIED)
    assert sent(lambda: sponsorship.decline(by=manager, reason="Not now."))[0].to == ["sponsors@python.org"]
