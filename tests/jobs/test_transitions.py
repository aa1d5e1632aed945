"""Transitions of jobs: permitted roles and states, and the emails that follow."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils import timezone
from wagtail.models import ModelLogEntry

from jobs.models import CHANGE, TRANSITIONS, Job, JobBoardSettings, JobType
from jobs.models.states import STAGES
from jobs.tasks import expire_jobs
from jobs.workflows import post_comment
from tests.factories.jobs import JobFactory, JobTypeFactory
from tests.factories.users import UserFactory
from tests.jobs.conftest import BOARD
from users.models import User

pytestmark = pytest.mark.django_db

DRAFT, REVIEW, LIVE, BACK, EXPIRED, ARCHIVED, REMOVED = STAGES[:7]
MESSAGES = {"reject": {"reason": "Not paid"}, "ask": {"question": "Is it paid?"}}
POSTERS = {
    "submit": {DRAFT: REVIEW, BACK: REVIEW, REVIEW: REVIEW},
    "propose": {LIVE: CHANGE, CHANGE: CHANGE},
    "renew": {LIVE: LIVE, CHANGE: CHANGE, EXPIRED: LIVE},
    "fill": {LIVE: ARCHIVED, CHANGE: ARCHIVED},
    "withdraw": dict.fromkeys([DRAFT, REVIEW, LIVE, CHANGE, BACK, EXPIRED], REMOVED),
}
MODERATORS = {
    "approve": {REVIEW: LIVE, CHANGE: LIVE},
    "reject": {REVIEW: BACK, CHANGE: LIVE},
    "ask": {REVIEW: REVIEW, CHANGE: CHANGE},
    "renew": {LIVE: LIVE, CHANGE: CHANGE, EXPIRED: LIVE},
    "fill": {LIVE: ARCHIVED, CHANGE: ARCHIVED},
    "archive": dict.fromkeys([REVIEW, LIVE, CHANGE, BACK, EXPIRED], ARCHIVED),
    "remove": dict.fromkeys([DRAFT, REVIEW, LIVE, CHANGE, BACK, EXPIRED], REMOVED),
    "restore": {ARCHIVED: REVIEW, REMOVED: REVIEW},
}
SITE = {"expire": {LIVE: EXPIRED}, "renew": {LIVE: LIVE, CHANGE: CHANGE, EXPIRED: LIVE}}
# Role -> transition -> {source state: target state}. All others are rejected.
TABLE = {
    "visitor": {},
    "another account": {},
    "content editor": {},
    "poster": POSTERS,
    "former poster": {},
    "moderator": MODERATORS,
    "site admin": MODERATORS,
    "superuser": MODERATORS,
    # Moderators cannot approve their own jobs.
    "moderator’s own": POSTERS | MODERATORS | {"approve": {}},
    "the site": SITE,
}


def person(role, job):
    if role == "the site":
        return None
    if role == "visitor":
        return AnonymousUser()
    if role == "poster":
        return job.submitted_by
    if role == "former poster":
        job.submitted_by.is_active = False
        return job.submitted_by
    groups = {
        "content editor": "Content editors",
        "moderator": "Job board",
        "site admin": "Site admins",
        "moderator’s own": "Job board",
    }
    user = UserFactory(role=groups.get(role), is_superuser=role == "superuser")
    if role == "moderator’s own":
        Job.objects.filter(pk=job.pk).update(submitted_by=user)
        job.refresh_from_db()
    return user


def job_in(stage):
    job = JobFactory(status=LIVE if stage == CHANGE else stage)
    revision = job.save_revision(clean=False)
    if stage == CHANGE:
        Job.objects.filter(pk=job.pk).update(proposed_revision=revision)
    return Job.objects.get(pk=job.pk)


@pytest.mark.parametrize("stage", STAGES)
@pytest.mark.parametrize("role", TABLE)
def test_each_role_does_what_the_table_says_and_nothing_else(role, stage):
    made = job_in(stage)
    by = person(role, made)
    for name in TRANSITIONS:
        leads_to = TABLE[role].get(name, {}).get(stage)
        arguments = {} if name == "expire" else {"by": by} | MESSAGES.get(name, {})
        if name == "expire" and by is not None:
            continue
        with transaction.atomic():
            job = Job.objects.get(pk=made.pk)
            if leads_to:
                getattr(job, name)(**arguments)
            else:
                with pytest.raises((PermissionDenied, ValidationError)):
                    getattr(job, name)(**arguments)
            job = Job.objects.get(pk=made.pk)
            assert job.machine_state == (leads_to or stage), name
            entries = ModelLogEntry.objects.for_instance(job).filter(action=f"jobs.{name}")
            assert [entry.user for entry in entries] == ([by] if leads_to else []), name
            transaction.set_rollback(True)


def test_the_table_of_this_test_and_of_the_model_name_the_same_transitions():
    assert set().union(*TABLE.values()) == set(TRANSITIONS)


# Transition, source state, recipient of its email, and part of the subject.
EMAILS = [
    ("submit", DRAFT, BOARD, "Job to review"),
    ("propose", LIVE, BOARD, "Changes to review"),
    ("approve", REVIEW, "poster@example.org", "is live"),
    ("approve", CHANGE, "poster@example.org", "changes are live"),
    ("reject", REVIEW, "account@example.org", "Changes requested"),
    ("reject", CHANGE, "poster@example.org", "Changes requested"),
    ("ask", REVIEW, "account@example.org", "Question about"),
    ("renew", LIVE, "poster@example.org", "Renewed until"),
    ("fill", LIVE, "poster@example.org", "Marked as filled"),
    ("archive", LIVE, "poster@example.org", "removed from the job board"),
    ("withdraw", LIVE, "poster@example.org", "withdrawn"),
    ("restore", ARCHIVED, "poster@example.org", "under review again"),
    ("remove", REVIEW, None, ""),
]


@pytest.mark.parametrize(("name", "stage", "to", "subject"), EMAILS)
def test_each_transition_sends_one_email(name, stage, to, subject, moderator, sent):
    job = job_in(stage)
    # Before approval, the contact address may belong to anyone, so emails go to the account's address.
    User.objects.filter(pk=job.submitted_by_id).update(email="account@example.org")
    job.submitted_by.refresh_from_db()
    by = job.submitted_by if name in POSTERS else moderator
    mails = sent(lambda: getattr(job, name)(by=by, **MESSAGES.get(name, {})))
    assert [message.to for message in mails] == ([[to]] if to else [])
    for message in mails:
        assert subject in message.subject
        assert message.reply_to == [BOARD if to != BOARD else "poster@example.org"]


def test_the_poster_reads_the_reason_in_the_email_and_in_the_comments(waiting, moderator, sent):
    mailoutbox = sent(lambda: waiting.reject(by=moderator, reason="Say what <Python> is for & pay."))
    assert "Say what <Python> is for & pay." in mailoutbox[-1].body
    comment = waiting.comments.get()
    assert (comment.kind, comment.author, comment.text) == ("reason", moderator, "Say what <Python> is for & pay.")


@pytest.mark.parametrize(("name", "message"), [("reject", {"reason": "  "}), ("ask", {"question": ""})])
def test_messages_are_required(name, message, waiting, moderator):
    with pytest.raises(ValidationError, match=r"Enter a reason|Enter a question"):
        getattr(waiting, name)(by=moderator, **message)
    assert Job.objects.get(pk=waiting.pk).answered_at is None


def test_a_job_runs_as_long_as_the_setting_says(waiting, moderator):
    JobBoardSettings.objects.update_or_create(pk=JobBoardSettings.load().pk, defaults={"days_live": 30})
    at = timezone.now()
    waiting.approve(by=moderator, at=at)
    assert Job.objects.get(pk=waiting.pk).expires_at == at + timedelta(days=30)


def test_the_second_of_two_moderators_is_notified(waiting, moderator):
    first, second = Job.objects.get(pk=waiting.pk), Job.objects.get(pk=waiting.pk)
    first.approve(by=moderator)
    with pytest.raises(ValidationError, match=r"this job is “Live”. Someone else may have changed it"):
        second.reject(by=UserFactory(role="Job board"), reason="No")
    assert Job.objects.get(pk=waiting.pk).status == LIVE


def test_what_the_moderator_has_not_read_is_not_approved(waiting, poster, moderator):
    seen = waiting.latest_revision_id
    waiting.title = "Something else"
    waiting.save()
    waiting.submit(by=poster)
    with pytest.raises(ValidationError, match="edited this job since you opened it"):
        waiting.approve(by=moderator, seen=seen)
    waiting.approve(by=moderator, seen=waiting.latest_revision_id)


def test_a_moderator_who_opened_the_page_earlier_does_not_undo_an_edit(waiting, poster, moderator):
    opened_before = Job.objects.get(pk=waiting.pk)
    waiting.title = "Data engineer, part time"
    waiting.save()
    opened_before.ask(by=moderator, question="Is it paid?")
    assert Job.objects.get(pk=waiting.pk).title == "Data engineer, part time"


def test_a_change_waits_while_the_old_text_is_live(changed, moderator):
    assert changed.title == "Data engineer"
    assert changed in Job.objects.visible()
    assert list(Job.objects.in_queue()) == [changed]
    changed.approve(by=moderator)
    job = Job.objects.get(pk=changed.pk)
    assert (job.title, job.machine_state) == ("Senior data engineer", LIVE)
    assert not Job.objects.in_queue().exists()


def test_a_change_brings_fields_of_work_along(poster, moderator):
    web, data = JobTypeFactory(), JobType.objects.create(name="Data", slug="data")
    job = JobFactory(submitted_by=poster, types=[web])
    version = Job.objects.get(pk=job.pk)
    version.job_types.set([data])
    version.propose(by=poster)
    assert list(Job.objects.get(pk=job.pk).job_types.all()) == [web]
    Job.objects.get(pk=job.pk).approve(by=moderator)
    assert list(Job.objects.get(pk=job.pk).job_types.all()) == [data]


def test_a_change_keeps_the_end_and_what_staff_decided(changed, moderator):
    Job.objects.filter(pk=changed.pk).update(is_featured=True)
    end = changed.expires_at
    Job.objects.get(pk=changed.pk).approve(by=moderator)
    job = Job.objects.get(pk=changed.pk)
    assert (job.expires_at, job.is_featured) == (end, True)


def test_a_change_to_a_category_that_is_gone_keeps_the_category(changed, moderator):
    content = changed.proposed_revision.content | {"category": 999}
    type(changed.proposed_revision).objects.filter(pk=changed.proposed_revision_id).update(content=content)
    Job.objects.get(pk=changed.pk).approve(by=moderator)
    assert Job.objects.get(pk=changed.pk).category == changed.category


def test_a_refused_change_leaves_the_live_job_alone(changed, moderator):
    changed.reject(by=moderator, reason="Too long")
    job = Job.objects.get(pk=changed.pk)
    assert (job.title, job.machine_state) == ("Data engineer", LIVE)


def test_a_job_that_is_sent_twice_keeps_its_place_and_emails_once(waiting, poster, sent):
    place = waiting.queued_at
    assert sent(lambda: waiting.submit(by=poster)) == []
    assert Job.objects.get(pk=waiting.pk).queued_at == place


def test_a_question_marks_the_job_until_the_poster_answers(waiting, poster, moderator):
    waiting.ask(by=moderator, question="Is it paid?")
    assert list(Job.objects.in_queue()) == [waiting]
    assert Job.objects.get(pk=waiting.pk).question_pending_since
    post_comment(waiting, by=poster, text="Yes")
    assert Job.objects.get(pk=waiting.pk).question_pending_since is None


@pytest.mark.parametrize(("author", "to"), [("poster", BOARD), ("moderator", "poster@example.org")])
def test_a_comment_is_mailed_once_to_the_other_side(author, to, waiting, poster, moderator, sent):
    comments = []
    by = {"poster": poster, "moderator": moderator}[author]
    assert [message.to for message in sent(lambda: comments.append(post_comment(waiting, by=by, text="Hello")))] == [[to]]
    assert len(sent(comments[0].save)) == 1


def test_nothing_drops_out_of_the_queue(waiting, changed):
    years_ago = timezone.now() - timedelta(days=1500)
    Job.objects.filter(pk=waiting.pk).update(queued_at=years_ago, created_at=years_ago)
    Job.objects.filter(pk=changed.pk).update(expires_at=years_ago)
    expire_jobs.call()
    assert list(Job.objects.in_queue()) == [waiting, changed]


def test_spam_takes_the_rest_of_the_account_along_and_blocks_it(poster, moderator):
    spam, draft, other = (JobFactory(submitted_by=poster, status=state) for state in (REVIEW, DRAFT, BACK))
    live, stranger = JobFactory(submitted_by=poster), JobFactory(status=DRAFT)
    spam.remove(by=moderator)
    states = dict(Job.objects.values_list("pk", "status"))
    assert [states[job.pk] for job in (spam, draft, other, live, stranger)] == [REMOVED, REMOVED, REMOVED, LIVE, DRAFT]
    late = JobFactory(submitted_by=poster, status=DRAFT)
    with pytest.raises(ValidationError, match=r"cannot post jobs.*jobs@python\.org"):
        late.submit(by=poster)
    spam.restore(by=moderator)
    late.submit(by=poster)


def test_a_warning_goes_out_once_and_a_renewal_starts_over(sent):
    job = JobFactory()
    Job.objects.filter(pk=job.pk).update(expires_at=timezone.now() + timedelta(days=6))
    sent(expire_jobs.call)
    mailoutbox = sent(expire_jobs.call)
    assert len(mailoutbox) == 1
    assert "/jobs/renew/" in mailoutbox[0].body
    Job.objects.get(pk=job.pk).renew(by=None)
    assert Job.objects.get(pk=job.pk).warned_at is None


def test_a_job_ends_with_its_last_day(sent):
    ended, running = JobFactory(), JobFactory()
    Job.objects.filter(pk=ended.pk).update(expires_at=timezone.now() - timedelta(minutes=1))
    assert list(Job.objects.visible()) == [running]
    mailoutbox = sent(expire_jobs.call)
    assert Job.objects.get(pk=ended.pk).status == EXPIRED
    assert Job.objects.get(pk=running.pk).status == LIVE
    assert [message.subject for message in mailoutbox] == [f"Your job has expired: {ended.title}"]


def test_the_address_of_a_former_account_goes_when_the_job_is_over(poster, moderator, sent):
    live, filled, other = JobFactory(submitted_by=poster), JobFactory(submitted_by=poster), JobFactory(email="grace@example.org")
    address = live.email
    for job in (live, filled, other):
        job.save_revision(clean=False)
    poster.forget()
    sent(expire_jobs.call)
    assert set(Job.objects.values_list("email", flat=True)) == {address, "grace@example.org"}
    filled.archive(by=moderator)
    Job.objects.filter(pk__in=[live.pk, other.pk]).update(expires_at=timezone.now() - timedelta(minutes=1))
    assert sorted(mail.to for mail in sent(expire_jobs.call)) == [["grace@example.org"], [address]]
    for job in (live, filled, other):
        job.refresh_from_db()
    assert [job.email for job in (live, filled, other)] == ["", "", "grace@example.org"]
    assert [job.latest_revision.content["email"] for job in (live, filled, other)] == ["", "", "grace@example.org"]
    # Without an email address, no email is sent.
    assert not [mail for mail in sent(lambda: filled.restore(by=moderator)) if "" in mail.to]


def test_deleting_the_account_keeps_the_job(changed, poster, moderator):
    poster.delete()
    job = Job.objects.get(pk=changed.pk)
    job.approve(by=moderator)
    assert Job.objects.get(pk=job.pk).title == "Senior data engineer"
    post_comment(job, by=moderator, text="Hello")
