"""Two people act on the same rows at the same moment, on two connections: neither undoes or repeats what the other did.

The first one holds its rows until the second one waits for them, so that the second one must look again. Every
`select_for_update` of the source has a race here that fails without it.
"""

import ast
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from typing import Any

import pytest
from django.conf import settings
from django.contrib.messages import get_messages
from django.core.exceptions import ValidationError
from django.db import DEFAULT_DB_ALIAS, connection, connections, transaction
from django.http import HttpResponse
from django.test import Client
from django.utils import timezone
from wagtail.log_actions import LogContext
from wagtail.models import ModelLogEntry, Page, PageLogEntry

from cms.content.models.banners import Banner
from cms.editor import bundles
from cms.editor.models import Bundle
from cms.email import drafts
from cms.email.models import SentEmail
from cms.moderation.models import ProblemReport
from cms.platform.models import MAX_ATTEMPTS, PendingTask, TaskRun
from cms.platform.tasks import resend_lost_tasks
from cms.undo import page_paths
from cms.undo import steps as undo_steps
from cms.undo.models import UndoStep
from community.workflows import submit as submit_story
from downloads.cycle_sync import decide_cycle
from downloads.models import OS, Release
from downloads.models.runs import CycleRun
from downloads.workflows import write_release
from events.models import SyncRun
from events.sync import apply_run, discard_run
from events.workflows import submit as submit_event
from home.models import StandardPage
from jobs import emails as job_emails
from jobs.models import Job, Status
from jobs.workflows import post_comment, warn_poster
from psf import workflows as elections
from psf.models import Nomination, Nominee
from sponsors import contracts, reminders, sponsorship_years
from sponsors import workflows as sponsorships
from sponsors.models import (
    ApplicationDraft,
    Contract,
    ContractTemplate,
    Kind,
    Sponsor,
    Sponsorship,
    SponsorshipDeliverable,
    SponsorshipYear,
    State,
)
from tests.factories.cms import BannerFactory
from tests.factories.community import StoryPageFactory, story_index
from tests.factories.downloads import OSFactory, ReleaseFactory
from tests.factories.events import CalendarFactory, EventFactory
from tests.factories.jobs import JobFactory
from tests.factories.psf import ElectionFactory, NominationFactory, NomineeFactory
from tests.factories.sponsors import BenefitFactory, ContactFactory, DeliverableFactory, PackageFactory, SponsorshipFactory
from tests.factories.users import UserFactory
from tests.jobs.conftest import job_form_data
from tests.sponsors.conftest import pdf, ready_contract

on_postgresql = pytest.mark.skipif(connection.vendor != "postgresql", reason="The locks are those of PostgreSQL.")
SECONDS_TO_WAIT = 30
WAITING_FOR_LOCK = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
Call = Callable[[], Any]
# The two calls, and a check of their results; an exception is the result of the call that raised it.
Race = tuple[Call, Call, Callable[[Any, Any], None]]


@contextmanager
def held_commit(monkeypatch: pytest.MonkeyPatch) -> Iterator[threading.Event]:
    """Delay the first commit until another connection waits for a lock, or for a second if none does.

    The event is set as soon as everything before that commit is written.
    """
    first, is_written = threading.Lock(), threading.Event()
    commit = type(connections[DEFAULT_DB_ALIAS]).commit

    def delayed(self) -> None:
        if first.acquire(blocking=False):
            is_written.set()
            deadline = time.monotonic() + 1
            while time.monotonic() < deadline and not is_somebody_waiting():
                time.sleep(0.02)
        commit(self)

    with monkeypatch.context() as patch:
        patch.setattr(type(connections[DEFAULT_DB_ALIAS]), "commit", delayed)
        yield is_written


def is_somebody_waiting() -> bool:
    with connection.cursor() as cursor:
        cursor.execute(WAITING_FOR_LOCK)
        return cursor.fetchone()[0] > 0


def run(monkeypatch: pytest.MonkeyPatch, first: Call, second: Call) -> tuple[Any, Any]:
    """Make two calls, each in a thread with its own connection: the second one before the first one commits."""
    results: list[Any] = [None, None]

    def call(number: int, function: Call) -> None:
        try:
            results[number] = function()
        except Exception as error:  # noqa: BLE001 -- the race checks it.
            results[number] = error
        finally:
            is_written.set()
            connections.close_all()

    with held_commit(monkeypatch) as is_written:
        threads = [threading.Thread(target=call, args=entry) for entry in enumerate([first, second])]
        for thread in threads:
            thread.start()
            is_written.wait(SECONDS_TO_WAIT)
        for thread in threads:
            thread.join(SECONDS_TO_WAIT)
    return results[0], results[1]


def client_of(user) -> Client:
    client = Client()
    client.force_login(user)
    return client


def levels(*answers: HttpResponse) -> list[str]:
    return [message.level_tag for answer in answers for message in get_messages(answer.wsgi_request)]


def decided_once(queue: str, action: str, pk: int, seen: object = "") -> Race:
    """Let two moderators decide on one item of the moderation queue: one succeeds, and emails go out once."""
    clients = [client_of(UserFactory(role="Site admins")) for _ in range(2)]
    newest = SentEmail.objects.order_by("-pk").values_list("pk", flat=True).first() or 0
    logged = ModelLogEntry.objects.count() + PageLogEntry.objects.count()

    def decide(client: Client) -> Call:
        return lambda: client.post(f"/admin/moderation-queue/{queue}/{pk}/", {"action": action, "message": "", "seen": str(seen)})

    def check(one: HttpResponse, other: HttpResponse) -> None:
        assert (levels(one), levels(other)) == (["success"], ["error"])
        emails = list(SentEmail.objects.filter(pk__gt=newest).values_list("key", "about"))
        assert len(emails) == len(set(emails))
        assert queue == "reports" or ModelLogEntry.objects.count() + PageLogEntry.objects.count() > logged

    return decide(clients[0]), decide(clients[1]), check


def job() -> Race:
    row = JobFactory(status=Status.DRAFT, submitted_by=UserFactory())
    row.submit(by=row.submitted_by)
    return decided_once("jobs", "approve", row.pk, row.latest_revision_id)


def event() -> Race:
    row = EventFactory.build(calendar=CalendarFactory(), submitter=UserFactory())
    submit_event(row, by=row.submitter)
    return decided_once("events", "approve", row.pk, row.latest_revision_id)


def story() -> Race:
    story_index()
    row = StoryPageFactory(live=False, submitter=UserFactory())
    submit_story(row, by=row.submitter)
    row.refresh_from_db()
    return decided_once("stories", "approve", row.pk, row.latest_revision_id)


def two_decisions_about_an_import() -> Race:
    held = SyncRun.objects.create(calendar=CalendarFactory(), status=SyncRun.Status.HELD)
    by = [UserFactory(role="Events") for _ in range(2)]

    def check(one: object, other: object) -> None:
        assert isinstance(one, SyncRun)
        assert isinstance(other, ValidationError)
        assert SyncRun.objects.get(pk=held.pk).decided_by == by[0]
        assert [entry.user for entry in ModelLogEntry.objects.filter(action__startswith="events.")] == [by[0]]

    return lambda: apply_run(held.pk, by=by[0]), lambda: discard_run(held.pk, by=by[1]), check


def two_decisions_about_the_release_cycle() -> Race:
    held = CycleRun.objects.create(status=CycleRun.Status.HELD)
    by = [UserFactory(role="Release managers") for _ in range(2)]

    def check(one: object, other: object) -> None:
        assert isinstance(one, CycleRun)
        assert isinstance(other, ValidationError)
        assert CycleRun.objects.get(pk=held.pk).decided_by == by[0]

    return lambda: decide_cycle(held, by=by[0], apply=True), lambda: decide_cycle(held, by=by[1], apply=False), check


def report() -> Race:
    return decided_once("reports", "close", ProblemReport.objects.create(path="/", text="A dead link").pk)


def sponsorship_approval() -> Race:
    row = SponsorshipFactory(state=State.REVIEW)
    by = [UserFactory(role="Sponsorship") for _ in range(2)]
    terms = {"package": row.package, "fee": 1, "starts_on": date(2026, 1, 1), "ends_on": date(2026, 12, 31)}

    def check(one: object, other: object) -> None:
        assert one is None
        assert isinstance(other, ValidationError)
        assert ModelLogEntry.objects.filter(action="sponsors.approve").count() == 1

    def approve(user) -> Call:
        return lambda: Sponsorship.objects.get(pk=row.pk).approve(by=user, **terms)

    return approve(by[0]), approve(by[1]), check


def answer_to_a_new_question() -> Race:
    poster, moderator = UserFactory(), UserFactory(role="Job board")
    row = JobFactory(status=Status.REVIEW, submitted_by=poster)

    def check(one: object, other: object) -> None:
        assert not isinstance(one, Exception)
        assert not isinstance(other, Exception)
        assert Job.objects.get().question_pending_since is None

    return (
        lambda: Job.objects.get().ask(by=moderator, question="Where is it?"),
        lambda: post_comment(row, by=poster, text="It is in Hamburg."),
        check,
    )


def same_job_twice() -> Race:
    poster, data = UserFactory(), job_form_data()

    def post() -> Call:
        client = client_of(poster)
        return lambda: client.post("/jobs/create/", data)

    def check(one: HttpResponse, other: HttpResponse) -> None:
        assert one.url == other.url == f"/jobs/{Job.objects.get().pk}/preview/"

    return post(), post(), check


def writes_of_an_api() -> Race:
    row = ReleaseFactory()

    def check(one: object, other: object) -> None:
        assert not isinstance(one, Exception)
        assert not isinstance(other, Exception)
        found = Release.objects.get()
        assert (found.release_notes_url, found.release_date.year) == ("https://example.org/notes/", 2027)

    return (
        lambda: write_release(row, {"release_notes_url": "https://example.org/notes/"}, by=None),
        lambda: write_release(row, {"release_date": row.release_date.replace(year=2027)}, by=None),
        check,
    )


def draft_of_application(contact, package) -> ApplicationDraft:
    data = {"package": package.pk, "sponsor": contact.sponsor_id, "benefits": []}
    return ApplicationDraft.objects.create(user=contact.user, sponsorship_year=package.sponsorship_year, data=data)


def same_application_twice() -> Race:
    draft = draft_of_application(ContactFactory(user=UserFactory()), PackageFactory())

    def check(one: object, other: object) -> None:
        assert one == other == Sponsorship.objects.get()

    return lambda: sponsorships.apply(draft), lambda: sponsorships.apply(draft), check


def applications_of_two_contacts() -> Race:
    first = ContactFactory(user=UserFactory())
    second = ContactFactory(user=UserFactory(), sponsor=first.sponsor)
    package = PackageFactory()
    drafts = [draft_of_application(contact, package) for contact in (first, second)]

    def check(one: object, other: object) -> None:
        assert one == Sponsorship.objects.get()
        assert isinstance(other, ValidationError)

    return lambda: sponsorships.apply(drafts[0]), lambda: sponsorships.apply(drafts[1]), check


def change_of_sponsor(sponsor: Sponsor, description: str, user) -> Call:
    typed = sponsor.get_proposed()
    typed.description = description
    return lambda: sponsorships.change_sponsor(typed, [], by=user)


def two_changes_of_a_sponsor() -> Race:
    sponsor, user = SponsorshipFactory().sponsor, UserFactory()

    def check(one: object, other: object) -> None:
        assert (one, other) == (True, True)
        assert Sponsor.objects.get().get_proposed().description == "Second"
        assert SentEmail.objects.filter(key="sponsors.changed_team").count() == 1

    return change_of_sponsor(sponsor, "First", user), change_of_sponsor(sponsor, "Second", user), check


def approval_of_a_sponsor() -> Race:
    sponsor = SponsorshipFactory().sponsor
    change_of_sponsor(sponsor, "Changed", UserFactory())()
    sponsor.refresh_from_db()
    return decided_once("sponsors", "approve", sponsor.pk, sponsor.proposed_revision_id)


def signed_copy_after_the_signature() -> Race:
    row = SponsorshipFactory(state=State.SENT)
    contract = ready_contract(row, state=Contract.State.SENT)
    contact = ContactFactory(sponsor=row.sponsor, user=UserFactory())
    client, staff = client_of(contact.user), UserFactory(role="Sponsorship")

    def check(one: object, other: HttpResponse) -> None:
        assert (one, other.status_code) == (None, 404)
        contract.refresh_from_db()
        assert contract.state == Contract.State.SIGNED

    return (
        lambda: Sponsorship.objects.get().sign(by=staff, signed_file=pdf()),
        lambda: client.post(f"/users/sponsorships/{row.pk}/signed-copy/", {"signed_file": pdf()}),
        check,
    )


def reminders_of_two_schedulers() -> Race:
    package = PackageFactory()
    DeliverableFactory(benefit=BenefitFactory(packages=[package]), kind=Kind.TEXT, due_on=timezone.localdate())
    ContactFactory(sponsor=SponsorshipFactory(package=package).sponsor, user=UserFactory())

    def check(one: object, other: object) -> None:
        assert (one, other) == (1, 0)

    SponsorshipDeliverable.objects.update(due_on=timezone.localdate() + timedelta(days=1))
    return reminders.send_due, reminders.send_due, check


def two_nominations_of_one_person() -> Race:
    election = ElectionFactory(
        nominations_open_at=timezone.now() - timedelta(days=1), nominations_close_at=timezone.now() + timedelta(days=1)
    )

    def nominate(user) -> Call:
        text = {"name": "Grace Hopper", "email": "grace@example.org", "statement": "She listens."}
        return lambda: elections.nominate(Nomination(election=election, **text), by=user)

    def check(one: object, other: object) -> None:
        assert not isinstance(one, Exception)
        assert not isinstance(other, Exception)
        assert Nominee.objects.get().nominations.count() == 2

    return nominate(UserFactory()), nominate(UserFactory()), check


def approval_of_a_statement_that_changes() -> Race:
    statement = NominationFactory(
        nominee=NomineeFactory(state=Nominee.State.ACCEPTED), nominator=UserFactory(), state=Nomination.State.ACCEPTED
    )
    nominee, by = statement.nominee, UserFactory(role="PSF staff")
    seen = elections.fingerprint(nominee)
    statement.statement = "Changed"

    def check(one: object, other: object) -> None:
        assert one is None
        assert isinstance(other, ValidationError)
        assert Nomination.objects.get().state == Nomination.State.ACCEPTED

    return statement.revise, lambda: elections.approve(nominee, by=by, seen=seen), check


def warnings_of_two_schedulers() -> Race:
    row = JobFactory(expires_at=timezone.now() + timedelta(days=2))

    def check(one: object, other: object) -> None:
        assert (one, other) == (None, None)
        assert SentEmail.objects.filter(key="jobs.expiring").count() == 1

    return (lambda: warn_poster(Job.objects.get(pk=row.pk)), lambda: warn_poster(Job.objects.get(pk=row.pk)), check)


def contract_reminders_of_two_schedulers() -> Race:
    row = SponsorshipFactory(state=State.SENT)
    ContactFactory(sponsor=row.sponsor, user=UserFactory())
    ready_contract(row, state=Contract.State.SENT, sent_at=timezone.now() - timedelta(days=60))

    def check(one: object, other: object) -> None:
        assert (one, other) == (None, None)
        assert SentEmail.objects.filter(key="sponsors.contract_reminder").count() == 1

    return reminders.remind_unsigned, reminders.remind_unsigned, check


def bundle_published_twice() -> Race:
    bundle, banner = Bundle.objects.create(name="Python 3.14.0"), BannerFactory(live=False)
    banner.save_revision()
    by = UserFactory(is_superuser=True, is_staff=True)
    bundles.add_items(bundle, [Banner.objects.get()], by=by)

    def check(one: object, other: object) -> None:
        assert one is None
        assert isinstance(other, ValidationError)
        assert ModelLogEntry.objects.filter(action="cms.bundle.publish").count() == 1
        assert ModelLogEntry.objects.filter(action="wagtail.publish").count() == 1

    def publish() -> None:
        bundles.publish(Bundle.objects.get(), by=by)

    return publish, publish, check


def amendment_sent_twice() -> Race:
    row, by = SponsorshipFactory(state=State.SIGNED), UserFactory(role="Sponsorship")
    ContactFactory(sponsor=row.sponsor, user=UserFactory())
    contract = ready_contract(row, kind="amendment")
    return _once(lambda: contracts.send_amendment(Contract.objects.get(pk=contract.pk), by=by), "sponsors.amendment_sent")


def sent_amendment_voided_twice() -> Race:
    row, by = SponsorshipFactory(state=State.SIGNED), UserFactory(role="Sponsorship")
    contract = ready_contract(row, kind="amendment", state=Contract.State.SENT)
    return _once(
        lambda: contracts.void_contract(Contract.objects.get(pk=contract.pk), by=by, reason="A mistake."), "sponsors.void"
    )


def contract_voided_twice() -> Race:
    contract = ready_contract(SponsorshipFactory(state=State.APPROVED))
    by = UserFactory(role="Sponsorship")
    return _once(lambda: Contract.objects.get(pk=contract.pk).void(by=by, reason="A mistake."), "sponsors.void")


def _once(call: Call, action: str) -> Race:
    def check(one: object, other: object) -> None:
        assert one is None
        assert isinstance(other, ValidationError)
        assert ModelLogEntry.objects.filter(action=action).count() == 1

    return call, call, check


def two_contracts_of_one_sponsorship() -> Race:
    row, by = SponsorshipFactory(state=State.APPROVED), UserFactory(role="Sponsorship")
    template = ContractTemplate.objects.create(name="Short", body="Thank you, {{ sponsor_name }}.")

    def create() -> Contract:
        return contracts.create_contract(Sponsorship.objects.get(pk=row.pk), template, by=by)

    def check(one: object, other: object) -> None:
        assert sorted(row.contracts.values_list("state", flat=True)) == [Contract.State.DRAFT, Contract.State.VOID]

    return create, create, check


def two_copies_of_a_year() -> Race:
    year, by = PackageFactory().sponsorship_year, UserFactory(role="Sponsorship")
    # Nobody waits for the other one to create the year.
    following = SponsorshipYear.objects.create(year=year.year + 1, currency=year.currency)
    BenefitFactory(sponsorship_year=year)

    def copy() -> None:
        sponsorship_years.copy(SponsorshipYear.objects.get(pk=year.pk), year.year + 1, by=by)

    def check(one: object, other: object) -> None:
        assert (one, other) == (None, None)
        assert (following.packages.count(), following.benefits.count()) == (1, 1)

    return copy, copy, check


def deleted(record: Any, user: Any) -> UndoStep:
    with LogContext(user=user):
        record.delete()
    return UndoStep.objects.in_trash().first()


def record_restored_twice() -> Race:
    user = UserFactory(is_superuser=True)
    step = deleted(OSFactory(), user)

    def restore() -> object:
        return undo_steps.undo(step.batch, by=user)

    def check(one: object, other: object) -> None:
        assert isinstance(other, ValidationError)
        assert OS.objects.count() == 1

    return restore, restore, check


def undo_of_a_job_that_is_submitted_again() -> Race:
    user, poster = UserFactory(is_superuser=True), UserFactory()
    row = JobFactory(status=Status.DRAFT, submitted_by=poster)
    row.submit(by=poster)
    with undo_steps.undoable(row, by=user, label="Changes requested"):
        row.reject(by=user, reason="Say how.")
    step = UndoStep.objects.get()

    def submit() -> None:
        again = Job.objects.get(pk=row.pk)
        again.submit(by=poster)

    def check(one: object, other: object) -> None:
        assert isinstance(other, ValidationError)
        assert Job.objects.get(pk=row.pk).answered_at

    return submit, lambda: undo_steps.undo(step.batch, by=user), check


def two_pages_restored_below_one() -> Race:
    user, index = UserFactory(is_superuser=True), story_index()
    batches = [deleted(StoryPageFactory(), user).batch for _ in range(2)]
    for _ in range(2):
        # Their old positions are taken.
        StoryPageFactory()

    def restore(number: int) -> Call:
        return lambda: undo_steps.undo(batches[number], by=user)

    def check(one: object, other: object) -> None:
        assert not isinstance(one, Exception), one
        assert not isinstance(other, Exception), other
        assert Page.find_problems() == ([], [], [], [], [])
        assert Page.objects.get(pk=index.pk).get_children().count() == 4

    return restore(0), restore(1), check


def two_pages_moved_back_below_one() -> Race:
    user, index = UserFactory(is_superuser=True), story_index()
    parent, other_parent = (index.add_sibling(instance=StandardPage(title=name, slug=name)) for name in ("one", "other"))
    pages = [other_parent.add_child(instance=StandardPage(title=name, slug=name)) for name in ("first", "second")]

    def move(number: int) -> Call:
        place = {"page": pages[number].pk, "parent": parent.pk, "next": None}
        return transaction.atomic(lambda: page_paths.move_back(place, title=pages[number].title, by=user))

    def check(one: object, other: object) -> None:
        assert not isinstance(one, Exception), one
        assert not isinstance(other, Exception), other
        assert Page.find_problems() == ([], [], [], [], [])
        assert Page.objects.get(pk=parent.pk).get_children().count() == 2

    return move(0), move(1), check


def lost_task_of_two_schedulers() -> Race:
    lost = {"path": "cms.content.tasks.purge_banners", "result_id": "lost", "attempts": MAX_ATTEMPTS}
    PendingTask.objects.create(**lost, enqueued_at=timezone.now() - timedelta(days=1))

    def check(one: object, other: object) -> None:
        assert (one, other) == (None, None)
        assert TaskRun.objects.filter(status=TaskRun.Status.FAILED).count() == 1
        assert not PendingTask.objects.exists()

    return resend_lost_tasks.call, resend_lost_tasks.call, check


def drafts_sent_twice() -> Race:
    user = UserFactory(is_superuser=True)
    with drafts.drafting(user):
        job_emails.email_poster(JobFactory(submitted_by=UserFactory()), "rejected")

    def send() -> int:
        return drafts.send_drafts(drafts.find_drafts(user), by=user)

    def check(one: object, other: object) -> None:
        assert (one, other) == (1, 0)

    return send, send, check


# Each place that locks rows, as "path:function", with a race for each of its locks.
RACES: dict[str, list[Callable[[], Race]]] = {
    "cms/dashboard_items.py:read_again": [report],
    "cms/editor/bundles.py:_locked": [bundle_published_twice],
    "cms/platform/tasks.py:resend_lost_tasks": [lost_task_of_two_schedulers],
    "cms/email/drafts.py:_lock": [drafts_sent_twice],
    "cms/undo/page_paths.py:move_back": [two_pages_moved_back_below_one],
    "cms/undo/page_paths.py:relocate": [two_pages_restored_below_one],
    "cms/undo/steps.py:undo": [record_restored_twice],
    "cms/undo/steps.py:_undo_step": [undo_of_a_job_that_is_submitted_again],
    "cms/moderation/submission_queue.py:lock": [event, story],
    "cms/moderation/transitions.py:_lock_state": [job, sponsorship_approval],
    "downloads/workflows.py:_row_to_write": [writes_of_an_api],
    "downloads/imports.py:decide": [two_decisions_about_the_release_cycle],
    "events/sync.py:_lock": [two_decisions_about_an_import],
    "jobs/posting.py:job_create": [same_job_twice],
    "jobs/workflows.py:warn_poster": [warnings_of_two_schedulers],
    "jobs/workflows.py:post_comment": [answer_to_a_new_question],
    "psf/models/elections.py:revise": [approval_of_a_statement_that_changes],
    "psf/workflows.py:lock": [approval_of_a_statement_that_changes],
    "psf/workflows.py:nominate": [two_nominations_of_one_person],
    "sponsors/contracts.py:create_contract": [two_contracts_of_one_sponsorship],
    "sponsors/contracts.py:refuse_unless": [amendment_sent_twice],
    "sponsors/contracts.py:void_contract": [sent_amendment_voided_twice],
    "sponsors/models/contracts.py:void": [contract_voided_twice],
    "sponsors/portal_actions.py:signed_copy": [signed_copy_after_the_signature],
    "sponsors/reminders.py:remind_unsigned": [contract_reminders_of_two_schedulers],
    "sponsors/reminders.py:send_due": [reminders_of_two_schedulers],
    "sponsors/sponsorship_years.py:copy": [two_copies_of_a_year],
    "sponsors/workflows.py:apply": [same_application_twice, applications_of_two_contacts],
    "sponsors/workflows.py:change_sponsor": [two_changes_of_a_sponsor],
    "sponsors/workflows.py:lock_proposed": [approval_of_a_sponsor],
}

APPROVAL_RACE = "pydotorg/test_simultaneous_requests.py::test_two_moderators_approve"
SNIPPET_RACE = "pydotorg/test_simultaneous_requests.py::test_two_editors_publish_a_snippet"
# Locks whose race is a test elsewhere: several workers, or two requests with a form in the browser.
RACED_ELSEWHERE = {
    "cms/editor/conflicts.py:find_earlier_decision": APPROVAL_RACE,
    "cms/editor/conflicts.py:find_model_conflict": SNIPPET_RACE,
    "cms/editor/conflicts.py:find_loaded_revision": SNIPPET_RACE,
    "cms/email/models.py:claim": "cms/test_outbox.py::test_two_workers_send_an_email_once",
    "cms/platform/schedules.py:enqueue_once": "cms/test_durability.py::test_two_schedulers_enqueue_a_task_once",
    "cms/platform/schedules.py:since_last_done": "cms/test_durability.py::test_a_period_that_fails_is_looked_at_again",
}


def locks() -> Counter[str]:
    """Return how many times each function of the source locks rows."""
    found: Counter[str] = Counter()
    for path in settings.BASE_DIR.glob("[a-z]*/**/*.py"):
        name = path.relative_to(settings.BASE_DIR).as_posix()
        if name.startswith(("tests/", "var/")):
            continue
        text = path.read_text(encoding="utf-8")
        if "select_for_update" not in text:
            continue
        for function in ast.walk(ast.parse(text)):
            if isinstance(function, ast.FunctionDef):
                attributes = [each.attr for each in ast.walk(function) if isinstance(each, ast.Attribute)]
                found[f"{name}:{function.name}"] += attributes.count("select_for_update")
    return +found


def test_every_lock_has_a_race():
    found = locks()
    assert found.keys() == RACES.keys() | RACED_ELSEWHERE.keys()
    assert [place for place in RACES if found[place] > len(RACES[place])] == []
    for test in RACED_ELSEWHERE.values():
        path, name = test.split("::")
        assert f"def {name}(" in (settings.BASE_DIR / "tests" / path).read_text(encoding="utf-8")


@on_postgresql
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("race", {race: None for races in RACES.values() for race in races}, ids=lambda race: race.__name__)
def test_two_at_the_same_moment(monkeypatch, settings, tmp_path, race):
    settings.MEDIA_ROOT = tmp_path
    first, second, check = race()
    check(*run(monkeypatch, first, second))
