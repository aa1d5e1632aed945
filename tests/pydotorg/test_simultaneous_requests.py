"""Two people take the same action at the same moment, over HTTP and on two connections: it happens once.

The first request holds its row until the second one waits for it, so that the second one must look again.
"""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from http import HTTPStatus

import pytest
from django.contrib.messages import get_messages
from django.core import signing
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import DEFAULT_DB_ALIAS, connection, connections
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from wagtail.models import ModelLogEntry, Page, PageLogEntry

from cms.content.models.banners import Banner
from cms.email.models import SentEmail
from events.models import Event
from home.models import HomePage, StandardPage
from jobs.emails import renew_token
from jobs.models import Status
from psf.models import Nomination, Nominee
from sponsors.models import Contract
from tests.admin_forms import form_of
from tests.factories.cms import BannerFactory
from tests.factories.events import EventFactory
from tests.factories.jobs import JobFactory
from tests.factories.psf import ElectionFactory
from tests.factories.sponsors import SponsorshipFactory
from tests.factories.users import UserFactory

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.engine,
    pytest.mark.skipif(connection.vendor != "postgresql", reason="The locks are those of PostgreSQL."),
]
SECONDS_TO_WAIT = 10
WAITING_FOR_LOCK = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"


@contextmanager
def held_commits(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Delay the first commit until another connection waits for a lock, or for a second if none does."""
    first = threading.Lock()
    commit = type(connections[DEFAULT_DB_ALIAS]).commit

    def delayed(self) -> None:
        if first.acquire(blocking=False):
            deadline = time.monotonic() + 1
            while time.monotonic() < deadline and not is_somebody_waiting():
                time.sleep(0.02)
        commit(self)

    with monkeypatch.context() as patch:
        patch.setattr(type(connections[DEFAULT_DB_ALIAS]), "commit", delayed)
        yield


def is_somebody_waiting() -> bool:
    with connection.cursor() as cursor:
        cursor.execute(WAITING_FOR_LOCK)
        return cursor.fetchone()[0] > 0


def race(monkeypatch: pytest.MonkeyPatch, requests: list[Callable[[], HttpResponse]]) -> list[HttpResponse]:
    """Send requests at the same moment, each from a thread with its own connection."""
    barrier, answers = threading.Barrier(len(requests)), {}

    def send(number: int, request: Callable[[], HttpResponse]) -> None:
        try:
            barrier.wait(SECONDS_TO_WAIT)
            answers[number] = request()
        finally:
            connections.close_all()

    with held_commits(monkeypatch):
        threads = [threading.Thread(target=send, args=entry) for entry in enumerate(requests)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(SECONDS_TO_WAIT)
    return [answers[number] for number in range(len(requests))]


def levels(answers: list[HttpResponse]) -> list[str]:
    return sorted(message.level_tag for answer in answers for message in get_messages(answer.wsgi_request))


def signed_in(*users):
    clients = []
    for user in users:
        client = Client()
        client.force_login(user)
        clients.append(client)
    return clients


def test_a_job_is_renewed_once(monkeypatch):
    job = JobFactory(expires_at=timezone.now() + timedelta(days=2))
    url = reverse("jobs:job_renew_link", args=[renew_token(job)])
    race(monkeypatch, [lambda c=client: c.post(url) for client in (Client(), Client())])
    assert SentEmail.objects.filter(key="jobs.renewed").count() == 1
    assert ModelLogEntry.objects.filter(action="jobs.renew").count() == 1


def test_two_people_nominate_the_same_person(monkeypatch):
    now = timezone.now()
    election = ElectionFactory(nominations_open_at=now - timedelta(days=1), nominations_close_at=now + timedelta(days=1))
    form = {"opened": signing.dumps(time.time() - 60, salt="opened"), "name": "Ada Byron", "email": "ada@example.org"}
    form |= {"has_served": "no", "employer": "Tidewater Maps", "other_affiliations": "", "statement": "She listens."}
    clients = signed_in(UserFactory(), UserFactory())
    url = reverse("nominations:create", args=[election.slug])
    race(monkeypatch, [lambda c=client: c.post(url, form) for client in clients])
    assert Nominee.objects.filter(election=election).count() == 1
    assert Nomination.objects.count() == 2
    assert SentEmail.objects.filter(key="psf.nominee_invited").count() == 1


def test_two_people_sign_a_contract(monkeypatch):
    sponsorship = SponsorshipFactory(state="sent")
    contract = Contract.objects.create(sponsorship=sponsorship, state="sent", sent_at=timezone.now())
    url = reverse("sponsorships:transition", args=[sponsorship.pk, "sign"])
    clients = signed_in(*(UserFactory(role="Site admins") for _ in range(2)))
    pdf = b"%PDF-1.7 signed"
    race(
        monkeypatch,
        [lambda c=client: c.post(url, {"signed_file": SimpleUploadedFile("signed.pdf", pdf)}) for client in clients],
    )
    sponsorship.refresh_from_db()
    contract.refresh_from_db()
    assert (sponsorship.state, contract.state) == ("signed", "signed")
    assert ModelLogEntry.objects.filter(action="sponsors.sign").count() == 1
    assert SentEmail.objects.filter(key="sponsors.signed").count() == 1


def test_two_editors_publish_a_snippet(monkeypatch):
    banner = BannerFactory()
    revision = banner.save_revision()
    revision.publish()
    revision.refresh_from_db()
    url = reverse(Banner.snippet_viewset.get_url_name("edit"), args=[banner.pk])
    loaded = {"loaded_revision_id": revision.pk, "loaded_revision_created_at": revision.created_at.isoformat()}
    form = {"audience": "site", "priority": "10", "action-publish": "action-publish"} | loaded
    clients = signed_in(*(UserFactory(role="Site admins") for _ in range(2)))
    answers = race(
        monkeypatch,
        [lambda c=client, n=number: c.post(url, form | {"message": f"Text {n}"}) for number, client in enumerate(clients)],
    )
    assert sorted(answer.status_code for answer in answers) == [302, 409]


def opened(client: Client, url: str, row: Page | Event) -> dict[str, str]:
    """Return the data of an edit form that two people opened at the same time."""
    revision = row.latest_revision
    handler = row.get_edit_handler() if isinstance(row, Page) else Event.snippet_viewset.edit_handler.bind_to_model(Event)
    loaded = {"loaded_revision_id": revision.pk, "loaded_revision_created_at": revision.created_at.isoformat()}
    assert client.get(url).status_code == HTTPStatus.OK
    return form_of(row, handler, client) | loaded


def page_to_review() -> tuple[Page, str]:
    home = Page.get_first_root_node().add_child(instance=HomePage(title="Python", slug="front", promise="Readable."))
    return home.add_child(instance=StandardPage(title="About", slug="about")), "wagtailadmin_pages"


def event_to_review() -> tuple[Event, str]:
    return EventFactory(), "wagtailsnippets_events_event"


def waiting_for_review(make: Callable[[], tuple]) -> tuple:
    row, namespace = make()
    writer = UserFactory(role="Site admins")
    row.save_revision(user=writer)
    row.get_workflow().start(row, writer)
    row.refresh_from_db()
    return row, namespace


def count_approvals(row: Page | Event) -> int:
    """Return how many approvals of its last review step are in the history of a page or event."""
    approved = "wagtail.workflow.approve"
    if isinstance(row, Page):
        return PageLogEntry.objects.filter(action=approved, page=row).count()
    return ModelLogEntry.objects.filter(action=approved, object_id=str(row.pk)).count()


@pytest.mark.parametrize("make", [page_to_review, event_to_review])
@pytest.mark.parametrize("by_form", [True, False], ids=["edit form", "button"])
def test_two_moderators_approve(monkeypatch, make, by_form):
    row, namespace = waiting_for_review(make)
    clients = signed_in(*(UserFactory(role="Site admins") for _ in range(2)))
    if by_form:
        url = reverse(f"{namespace}:edit", args=[row.pk])
        decision = {"action-workflow-action": "true", "workflow-action-name": "approve"}
        forms = [opened(client, url, row) | decision for client in clients]
    else:
        url = reverse(f"{namespace}:workflow_action", args=[row.pk, "approve", row.current_workflow_task_state.pk])
        forms = [{"next": "/admin/"}] * 2
    answers = race(monkeypatch, [lambda c=client, f=form: c.post(url, f) for client, form in zip(clients, forms, strict=True)])
    assert {answer.status_code for answer in answers} <= {HTTPStatus.OK, HTTPStatus.FOUND}
    assert type(row).objects.get(pk=row.pk).live
    assert count_approvals(row) == 1
    assert "warning" in levels(answers)


def test_two_moderators_approve_a_job(monkeypatch):
    job = JobFactory(status=Status.REVIEW)
    url = reverse("job_queue:action", args=[job.pk])
    form = {"action": "approve", "seen": job.latest_revision_id or ""}
    clients = signed_in(*(UserFactory(role="Site admins") for _ in range(2)))
    race(monkeypatch, [lambda c=client: c.post(url, form) for client in clients])
    assert ModelLogEntry.objects.filter(action="jobs.approve").count() == 1
    assert SentEmail.objects.filter(key="jobs.approved").count() == 1


def test_two_editors_publish_a_page(monkeypatch):
    page, _ = page_to_review()
    page.save_revision().publish()
    page.refresh_from_db()
    url = reverse("wagtailadmin_pages:edit", args=[page.pk])
    clients = signed_in(*(UserFactory(role="Site admins") for _ in range(2)))
    forms = [opened(client, url, page) | {"action-publish": "action-publish"} for client in clients]
    answers = race(
        monkeypatch,
        [
            lambda c=client, f=form, n=n: c.post(url, f | {"title": f"About {n}"})
            for n, (client, form) in enumerate(zip(clients, forms, strict=True))
        ],
    )
    assert sorted(answer.status_code for answer in answers) == [HTTPStatus.FOUND, HTTPStatus.CONFLICT]
