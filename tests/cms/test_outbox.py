"""The outbox of emails, against a real SMTP server that misbehaves."""

import threading
from datetime import timedelta

import pytest
from django.core.mail import EmailMultiAlternatives, send_mail
from django.db import connection, connections
from django.urls import reverse
from django.utils import timezone

from cms.dashboard_items import operations
from cms.email import registry, sending
from cms.email.models import LEASE, MAX_ATTEMPTS, SentEmail
from cms.email.tasks import deliver_email, retry_emails
from deploy.drills.servers import EmailServer
from deploy.drills.stage import free_port
from tests.factories.users import UserFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def smtp(settings):
    """Start a mail server. `smtp.mode` sets its behavior."""
    settings.EMAIL_DELIVERY_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_TIMEOUT = 0.2
    with EmailServer() as server:
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", server.port
        yield server


def record_one(**changed):
    return SentEmail.objects.create(
        **({"key": "cms.greeting", "to": ["ada@example.org"], "subject": "Hi", "body": "Hi"} | changed)
    )


def deliver(email, at=None):
    """Make one attempt now."""
    SentEmail.objects.filter(pk=email.pk).update(next_attempt_at=timezone.now())
    deliver_email.call(email.pk)
    email.refresh_from_db()
    return email


def test_an_email_of_django_is_a_row_first_and_sent_after_the_commit(smtp, django_capture_on_commit_callbacks):
    message = EmailMultiAlternatives("Two\nlines", "Text", to=["a@example.org"], cc=["b@example.org"], bcc=["c@example.org"])
    message.attach_alternative("<p>HTML</p>", "text/html")
    with django_capture_on_commit_callbacks(execute=True):
        message.send()
        assert smtp.taken == 0
    email = SentEmail.objects.get()
    assert (email.status, email.subject, email.options["html"]) == ("sent", "Two lines", ["<p>HTML</p>"])
    assert smtp.message_ids == [email.message_id]


def test_an_attachment_is_refused():
    message = EmailMultiAlternatives("Hello", "Text", to=["a@example.org"])
    message.attach("a.txt", "text", "text/plain")
    with pytest.raises(ValueError, match="cannot be stored"):
        message.send()


@pytest.mark.parametrize("mode", ["busy", "hang", "drop"])
def test_a_temporary_failure_is_tried_again_with_growing_waits(smtp, mode):
    smtp.mode = mode
    email = deliver(record_one())
    first = email.next_attempt_at
    assert (email.status, email.attempts, bool(email.error)) == ("failed", 1, True)
    assert timedelta(seconds=50) < first - timezone.now() <= timedelta(minutes=1)
    assert deliver(email).next_attempt_at - timezone.now() > timedelta(seconds=110)
    smtp.mode = "accept"
    assert deliver(email).status == "sent"
    assert set(smtp.message_ids) == {email.message_id}, "Each copy has the same Message-ID."
    assert (email.attempts, smtp.taken) == (3, 3 if mode == "drop" else 1)


@pytest.mark.proves("S3-38")
def test_an_email_server_that_is_down_loses_nothing(smtp, settings, django_capture_on_commit_callbacks):
    port, settings.EMAIL_PORT = settings.EMAIL_PORT, free_port()
    email = deliver(record_one())
    assert (email.status, "refused" in email.error) == ("failed", True)
    settings.EMAIL_PORT = port
    SentEmail.objects.update(next_attempt_at=timezone.now() - timedelta(minutes=2))
    with django_capture_on_commit_callbacks(execute=True):
        retry_emails.call()
    email.refresh_from_db()
    assert (email.status, email.attempts) == ("sent", 2)


@pytest.mark.parametrize("mode", ["refuse", "reject"])
def test_a_permanent_failure_is_reported_at_once_and_not_retried(smtp, mode, caplog):
    smtp.mode = mode
    email = deliver(record_one())
    assert (email.status, email.next_attempt_at, smtp.taken) == ("rejected", None, 0)
    assert [record.levelname for record in caplog.records if record.name == "cms.email.tasks"] == ["ERROR"]
    deliver_email.call(email.pk)
    email.refresh_from_db()
    assert email.attempts == 1
    assert [item.count for item in operations(UserFactory(), timezone.now()) if item.text == "undelivered email"] == [1]


def test_the_attempts_end(smtp):
    smtp.mode = "busy"
    email = record_one(attempts=MAX_ATTEMPTS - 1)
    assert (deliver(email).status, email.next_attempt_at) == ("rejected", None)


def test_a_worker_that_dies_leaves_a_row_that_is_tried_again_with_the_same_message_id(smtp, monkeypatch):
    email = record_one()

    def die(self):
        raise SystemExit

    # The mail server has taken the message; the worker is killed before it writes so.
    monkeypatch.setattr(SentEmail, "record_success", die)
    with pytest.raises(SystemExit):
        deliver_email.call(email.pk)
    monkeypatch.undo()
    email.refresh_from_db()
    assert (email.status, email.attempts) == ("failed", 1)
    assert not SentEmail.objects.overdue().exists(), "Another worker takes it when the lease has ended."
    assert SentEmail.objects.overdue(timezone.now() + LEASE + timedelta(minutes=2)).exists()
    deliver(email)
    assert smtp.message_ids == [email.message_id] * 2
    assert email.attempts == 2


def test_staff_send_a_rejected_email_again_with_its_message_id(smtp, client, django_capture_on_commit_callbacks):
    email = record_one(status="rejected", attempts=MAX_ATTEMPTS, next_attempt_at=None)
    client.force_login(UserFactory(role="Site admins"))
    with django_capture_on_commit_callbacks(execute=True):
        client.post(reverse("email_send_again", args=[email.pk]))
    email.refresh_from_db()
    assert (email.status, email.attempts, smtp.message_ids) == ("sent", MAX_ATTEMPTS + 1, [email.message_id])


def test_signing_up_and_resetting_a_password_do_not_wait_for_the_email_server(smtp, client):
    smtp.mode = "hang"
    form = {"username": "grace", "email": "grace@example.org", "password1": "a long enough one", "password2": "a long enough one"}
    assert client.post("/accounts/signup/", form).status_code == 302
    ada = UserFactory(username="ada", email="ada@example.org")
    ada.emailaddress_set.create(email=ada.email, verified=True, primary=True)
    assert client.post("/accounts/password/reset/", {"email": "ada@example.org"}).status_code == 302
    keys = set(SentEmail.objects.values_list("key", flat=True))
    assert keys == {"account.email_confirmation_signup", "account.password_reset_key"}
    assert set(SentEmail.objects.values_list("status", "attempts")) == {("waiting", 0)}


def test_the_text_of_an_account_email_is_never_shown_and_erased_once_sent(smtp, client):
    secret = "https://www.python.org/accounts/password/reset/key/abc-123/"
    email = record_one(key="account.password_reset_key", body=secret)
    client.force_login(UserFactory(role="Site admins"))
    shown = client.get(reverse("sent-emails_modeladmin_inspect", args=[email.pk])).content.decode()
    assert "is secret" in shown
    assert secret not in shown
    assert "ada@example.org" not in client.get(reverse("sent-emails_modeladmin_index"), {"q": "abc-123"}).content.decode()
    assert client.post(reverse("email_send_again", args=[email.pk])).status_code == 404
    deliver(email)
    assert (email.status, email.body, email.options) == ("sent", "", {})


def test_an_effect_is_emailed_once(monkeypatch):
    monkeypatch.setattr(registry, "EMAIL_TYPES", {})
    declared = registry.declare("jobs.expiring", example={})
    monkeypatch.setattr(sending, "get_content", lambda _: ("Ends soon", "Text"))
    sent = [sending.send(declared, to=["a@example.org"], variables={}, effect="jobs.job:1 2026-12-24") for _ in range(2)]
    assert sent[0].pk == sent[1].pk
    assert SentEmail.objects.count() == 1
    sending.send(declared, to=["a@example.org"], variables={}, effect="jobs.job:1 2027-01-24")
    assert SentEmail.objects.count() == 2


@pytest.mark.django_db(transaction=True)
@pytest.mark.skipif(connection.vendor != "postgresql", reason="The locks are those of PostgreSQL.")
def test_two_workers_send_an_email_once(smtp):
    send_mail("Hello", "Text", None, ["ada@example.org"])
    SentEmail.objects.update(status="waiting", attempts=0, next_attempt_at=timezone.now())
    smtp.message_ids.clear()
    email, start = SentEmail.objects.get(), threading.Barrier(4)

    def work():
        start.wait()
        deliver_email.call(email.pk)
        connections.close_all()

    workers = [threading.Thread(target=work) for _ in range(4)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    email.refresh_from_db()
    assert (email.attempts, smtp.taken) == (1, 1)
