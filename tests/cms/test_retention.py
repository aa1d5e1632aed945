"""Deletion of personal data: after the retention period, and when an account is deleted."""

from datetime import timedelta

import pytest
from django.utils import timezone
from wagtail.log_actions import log
from wagtail.models import ModelLogEntry

from cms.editor.tasks import anonymize_personal_data
from cms.email.models import SentEmail
from cms.moderation.models import ProblemReport
from cms.platform.models import TaskRun
from tests.factories.jobs import JobFactory
from tests.factories.users import UserFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def ada():
    person = UserFactory(username="ada", first_name="Ada", last_name="Byron", email="Ada@example.org")
    person.emailaddress_set.create(email="other@example.org", verified=False)
    return person


def email(to, **fields):
    return SentEmail.objects.create(
        **{"key": "jobs.approved", "to": to, "subject": "Hello Ada", "body": "Dear Ada", "about": "jobs.job:1"} | fields
    )


def names_nobody(mail) -> bool:
    mail.refresh_from_db()
    return (mail.to, mail.subject, mail.body, mail.error, mail.sender, mail.reply_to) == ([], "", "", "", "", "")


def test_emails_are_anonymized_after_the_retention_period(settings):
    settings.PERSONAL_DATA_DAYS = 30
    old, new = email(["a@example.org"]), email(["b@example.org"])
    SentEmail.objects.filter(pk=old.pk).update(created_at=timezone.now() - timedelta(days=31))
    anonymize_personal_data.enqueue()
    assert names_nobody(old)
    assert (old.key, old.about) == ("jobs.approved", "jobs.job:1")
    assert not names_nobody(new)


def test_reports_of_visitors_end_after_the_retention_period(settings):
    settings.PERSONAL_DATA_DAYS = 30
    long_ago = timezone.now() - timedelta(days=31)
    closed, waiting, new = (ProblemReport.objects.create(path="/", text="x", email="a@example.org") for _ in range(3))
    ProblemReport.objects.filter(pk__in=[closed.pk, waiting.pk]).update(created_at=long_ago)
    ProblemReport.objects.filter(pk=closed.pk).update(closed_at=long_ago)
    anonymize_personal_data.enqueue()
    assert set(ProblemReport.objects.values_list("pk", "email")) == {(waiting.pk, ""), (new.pk, "a@example.org")}


def test_deleting_an_account_anonymizes_what_names_the_person(ada):
    mails = [
        email(["ada@example.org"]),
        email(["other@example.org", "grace@example.org"]),
        email(["board@example.org"], sender=f"user:{ada.pk}"),
    ]
    other = email(["grace@example.org"])
    report = ProblemReport.objects.create(path="/", text="x", email="ADA@example.org")
    job = JobFactory()
    log(instance=ada, action="users.create_key", data={"kind": "x"})
    log(instance=job, action="sponsors.message", data={"to": ["ada@example.org"]})
    log(instance=job, action="wagtail.edit", user=ada, data={"contact": "Ada Byron"})
    now = timezone.now()
    run = TaskRun.objects.create(path="x", arguments=["ada@example.org"], status="failed", started_at=now, finished_at=now)
    ada.forget()
    assert all(names_nobody(mail) for mail in mails)
    assert not names_nobody(other)
    report.refresh_from_db()
    assert report.email == ""
    assert not TaskRun.objects.filter(pk=run.pk).exists()
    entries = ModelLogEntry.objects.all()
    assert not [entry for entry in entries if "ada" in f"{entry.label} {entry.data}".lower().replace(f"former-{ada.pk}", "")]
    assert entries.filter(user=ada).exists()


def test_the_data_export_contains_emails_reports_and_activity(client, ada):
    email(["ada@example.org"], subject="Approved")
    ProblemReport.objects.create(path="/about/", text="A typo", email="ada@example.org")
    job = JobFactory()
    log(instance=job, action="wagtail.edit", user=ada)
    job.save_revision(user=ada)
    client.force_login(ada)
    data = client.get("/users/export/").json()
    assert [row["subject"] for row in data["emails"]] == ["Approved"]
    assert [row["path"] for row in data["problem_reports"]] == ["/about/"]
    assert "wagtail.edit" in [row["action"] for row in data["activity"]]
    assert [row["content_type__model"] for row in data["revisions"]] == ["job"]
