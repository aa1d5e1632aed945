"""Content of all emails from the site, in plain text and HTML, and their headers."""

import re
from pathlib import Path

import allauth
import pytest
from bs4 import BeautifulSoup
from django.urls import reverse
from django.utils import timezone
from django.utils.html import escape
from wagtail.models import Page

from cms.content.addresses import team_email
from cms.content.models.settings import SiteSettings
from cms.email import sending
from cms.email.layout import render_html
from cms.email.models import EmailTemplate, SentEmail, render_template
from cms.email.registry import EMAIL_TYPES
from cms.email.tasks import build_message
from cms.moderation import workflow
from docs import emails as document
from events import emails as event_emails
from home.models import HomePage, StandardPage
from jobs.emails import email_poster
from psf.emails import tell_approved
from psf.models import Membership, MembershipSettings
from sponsors.emails import email_sponsor
from tests.factories.community import StoryPageFactory
from tests.factories.events import EventFactory
from tests.factories.jobs import JobFactory
from tests.factories.psf import NomineeFactory
from tests.factories.sponsors import SponsorshipFactory
from tests.factories.users import UserFactory
from tests.psf.test_members import typed

pytestmark = pytest.mark.django_db
KEYS = sorted(EMAIL_TYPES)
LINK = re.compile(r"https?://[^\s<>\"]+")
# Emails of a way to sign in that this site does not have.
UNUSED = {"login_code", "password_reset_code"}


def example_of(key):
    email_type = EMAIL_TYPES[key]
    return [render_template(text, email_type.example) for text in email_type.default_content]


def test_the_document_of_emails_is_current():
    assert document.TARGET.read_text(encoding="utf-8") == document.build(), "Run `make emails`."


@pytest.mark.parametrize("key", KEYS)
class TestEachEmail:
    def test_its_text_is_complete(self, key):
        subject, body = example_of(key)
        assert 10 <= len(subject) <= 120
        for text in (subject, body):
            assert "{{" not in text
            assert "{%" not in text
            assert "127.0.0.1" not in text
        used = set(re.findall(r"{{ (\w+)", " ".join(EMAIL_TYPES[key].default_content)))
        assert used <= EMAIL_TYPES[key].example.keys()

    def test_its_html_has_the_same_text_and_links(self, key):
        subject, body = example_of(key)
        page = BeautifulSoup(render_html(subject, body), "html.parser")
        assert page.find("h1").get_text() == subject
        message = page.find(class_="message")
        assert {link.rstrip(".,") for link in LINK.findall(body)} <= {link["href"] for link in message.find_all("a")}
        shown = "".join(message.get_text().split()).replace("…", "")
        for word in body.split():
            if not word.startswith("http") and word not in {"-", "…"}:
                assert word in shown

    def test_each_link_on_a_line_of_its_own_has_a_lead_in(self, key):
        lines = example_of(key)[1].splitlines()
        links = [number for number, line in enumerate(lines) if line.startswith("http")]
        assert [lines[number] for number in links if not lines[number - 1].endswith(":")] == []

    def test_staff_can_replace_it(self, key):
        template = EmailTemplate(key=key, subject="Hello", body="Dear reader")
        template.full_clean()
        template.save()
        assert sending.get_content(EMAIL_TYPES[key]) == ("Hello", "Dear reader")


def test_emails_to_sponsors_have_different_subjects():
    subjects = [example_of(key)[0] for key in KEYS if key.startswith("sponsors.")]
    assert len(set(subjects)) == len(subjects)
    assert all(subject.count(":") <= 1 for subject in subjects)


@pytest.mark.parametrize(
    ("count", "subject", "start"), [("1", "1 page to review", "this page"), ("2", "2 pages to review", "these")]
)
def test_one_page_and_several_are_due_for_review(count, subject, start):
    content = EMAIL_TYPES["cms.review_due"].default_content
    texts = [render_template(text, {"count": count, "pages": "- About Python"}) for text in content]
    assert texts[0] == subject
    assert f"You are the content owner of {start}" in texts[1]


def test_emails_about_a_password_link_to_its_reset_and_to_the_sign_in_methods():
    for name in ("password_changed", "password_reset", "password_set"):
        body = example_of(f"account.{name}")[1]
        assert f"\nhttps://www.python.org{reverse('account_reset_password')}\n" in body
        assert body.endswith(f"\nhttps://www.python.org{reverse('users:mine')}")


def test_every_email_of_an_account_has_a_template():
    folder = Path(allauth.__file__).parent / "templates"
    sent = {path.name.removesuffix("_message.txt") for path in folder.glob("*/email/*_message.txt")} - {"base"} - UNUSED
    assert {f"account.{name}" for name in sent} <= set(KEYS)


def test_html_is_escaped_and_has_dark_colors():
    html = render_html("Hello <b>", "A <script>alert(1)</script>\n\n- one\n- https://www.python.org/?a=1&b=2")
    assert "<script>alert" not in html
    assert "prefers-color-scheme: dark" in html
    assert 'name="color-scheme" content="light dark"' in html
    assert '<a href="https://www.python.org/?a=1&amp;b=2">' in html
    assert html.count("<li>") == 2


def test_each_email_is_sent_as_text_and_html_by_a_program():
    sent = sending.send(EMAIL_TYPES["jobs.approved"], to=["ada@example.org"], variables=EMAIL_TYPES["jobs.approved"].example)
    message = build_message(sent)
    assert message.extra_headers["Auto-Submitted"] == "auto-generated"
    ((html, mimetype),) = message.alternatives
    assert mimetype == "text/html"
    assert "Data engineer" in html
    assert "List-Unsubscribe" not in message.extra_headers


def test_messages_of_staff_to_many_sponsors_name_where_to_unsubscribe():
    from sponsors.emails import send_message, team_email  # noqa: PLC0415

    send_message(SponsorshipFactory(), to=["ada@example.org"], subject="Your booth", body="Dear Ada")
    message = build_message(SentEmail.objects.get())
    assert message.extra_headers["List-Unsubscribe"] == f"<mailto:{team_email()}?subject=unsubscribe>"


def test_a_new_account_gets_the_words_of_staff(client, mailoutbox, django_capture_on_commit_callbacks):
    EmailTemplate.objects.create(key="account.email_confirmation_signup", subject="Hello {{ name }}", body="Click {{ url }}")
    form = {"username": "grace", "email": "grace@example.org", "password1": "a long enough one", "password2": "a long enough one"}
    with django_capture_on_commit_callbacks(execute=True):
        client.post("/accounts/signup/", form)
    (message,) = mailoutbox
    assert message.subject == "Hello grace"
    assert re.fullmatch(r"Click http\S+/accounts/confirm-email/\S+/", message.body)
    assert message.alternatives
    sent = SentEmail.objects.get()
    assert (sent.key, sent.body, sent.options) == ("account.email_confirmation_signup", "", {})


def test_a_deleted_account_gets_a_last_email(client, mailoutbox, django_capture_on_commit_callbacks):
    user = UserFactory(username="ada", email="ada@example.org")
    user.set_password("correct horse battery")
    user.save()
    client.force_login(user)
    with django_capture_on_commit_callbacks(execute=True):
        client.post("/users/ada/delete/", {"password": "correct horse battery", "sure": "on"})
    (message,) = mailoutbox
    assert (message.to, message.subject) == (["ada@example.org"], "Your python.org account was deleted")
    assert "account ada was deleted" in message.body


def test_members_get_an_email_when_they_join_change_and_leave(client, mailoutbox, django_capture_on_commit_callbacks):
    user = UserFactory(email="ada@example.org")
    MembershipSettings.load()
    client.force_login(user)
    subjects = {"": "Welcome to the Python Software Foundation", "edit/": "Your membership was updated"}
    for path, subject in subjects.items():
        with django_capture_on_commit_callbacks(execute=True):
            client.post(f"/users/membership/{path}", typed(email="stranger@example.org"))
        assert (mailoutbox[-1].to, mailoutbox[-1].subject) == ([user.email], subject)
    with django_capture_on_commit_callbacks(execute=True):
        client.post("/users/membership/delete/")
    assert mailoutbox[-1].subject == "Your membership has ended"
    assert not Membership.objects.exists()


@pytest.mark.parametrize("section", ["events", "stories", "elections"])
def test_replies_go_to_the_team_of_the_section(section):
    assert team_email(section).endswith("@python.org")
    SiteSettings.objects.update(**{f"{section}_email": "", "webmaster_email": "webmaster@example.org"})
    assert team_email(section) == "webmaster@example.org"


def test_submitters_are_called_by_their_names_and_can_reply():
    submitter = UserFactory(username="ada77", first_name="Ada", last_name="Byron")
    event_emails.email_submitter(event_emails.RECEIVED, EventFactory(submitter=submitter))
    sent = SentEmail.objects.get()
    assert "Hello Ada Byron," in sent.body
    assert "ada77" not in sent.body
    assert sent.reply_to == "events@python.org"


def test_staff_preview_a_template_with_the_last_email(client):
    event_emails.email_submitter(event_emails.RECEIVED, EventFactory(title="PyLadies Oslo", submitter=UserFactory()))
    template = EmailTemplate.objects.create(key="events.received", subject="{{ title }}", body="Hello {{ name }}")
    assert template.get_preview_variables("")["title"] == "Python Meetup Leipzig"
    assert template.get_preview_variables("latest")["title"] == "PyLadies Oslo"
    client.force_login(UserFactory(is_superuser=True))
    html = template.make_preview_request(preview_mode="latest").content.decode()
    assert "PyLadies Oslo" in html


def test_a_story_without_a_submitter_causes_no_email():
    from community.emails import RECEIVED, tell_author  # noqa: PLC0415

    tell_author(RECEIVED, StoryPageFactory(submitter=None))
    assert not SentEmail.objects.exists()


def make_event():
    event = EventFactory(submitter=UserFactory())
    event_emails.email_submitter(event_emails.RECEIVED, event)
    return event, reverse("wagtailsnippets_events_event:edit", args=[event.pk])


def make_story():
    from community.emails import RECEIVED, tell_author  # noqa: PLC0415

    story = StoryPageFactory(submitter=UserFactory())
    tell_author(RECEIVED, story)
    return story, reverse("wagtailadmin_pages:edit", args=[story.pk])


def make_job():
    job = JobFactory()
    email_poster(job, "approved")
    return job, reverse("job_queue:job", args=[job.pk])


def make_nominee():
    nominee = NomineeFactory(email="ada@example.org")
    tell_approved(nominee)
    return nominee, reverse("election_candidate", args=[nominee.election_id, nominee.pk])


def make_sponsorship():
    sponsorship = SponsorshipFactory(approved_on=timezone.localdate())
    email_sponsor(sponsorship, "approved")
    return sponsorship, f"/admin/sponsors/sponsorships/{sponsorship.pk}/?tab=messages"


@pytest.mark.parametrize("make", [make_event, make_story, make_job, make_nominee, make_sponsorship])
def test_the_screen_of_a_record_lists_its_emails(client, make):
    _, url = make()
    sent = SentEmail.objects.get()
    client.force_login(UserFactory(is_superuser=True))
    html = client.get(url).content.decode()
    assert escape(sent.subject) in html
    assert sent.to[0] in html


def test_reviews_of_pages_are_emailed_with_the_words_of_staff():
    home = Page.get_first_root_node().add_child(instance=HomePage(title="Python", slug="front", promise="Readable."))
    page = home.add_child(instance=StandardPage(title="About", slug="about"))
    writer = UserFactory(username="writer7", first_name="Ada", last_name="Byron", role="Content editors")
    second = UserFactory(first_name="Grace", last_name="Hopper", role="Content editors")
    page.save_revision(user=writer)
    page.get_workflow().start(page, writer)
    asked = SentEmail.objects.get()
    assert (asked.key, asked.to, asked.reply_to) == ("cms.review_requested", [second.email], writer.email)
    assert "Ada Byron requested your review of the" in asked.body
    assert f"/admin/pages/{page.pk}/edit/" in asked.body
    workflow.request_changes(page, by=second, reason="Please add a source.")
    returned = SentEmail.objects.latest("pk")
    assert (returned.key, returned.to) == ("cms.review_returned", [writer.email])
    assert "Please add a source." in returned.body
    assert "Grace Hopper requested changes" in returned.body
    assert not SentEmail.objects.filter(key="site.message").exists()
