"""Journeys of several people in a real browser. Each person follows the links in their own emails.

Each person has a separate browser. `open_email` opens the link in the newest email to a person in that person's browser.
"""

from datetime import timedelta

import pytest
from django.utils import timezone
from freezegun import freeze_time
from playwright.sync_api import Page
from rest_framework.test import APIClient
from wagtail.models import Page as WagtailPage
from wagtail.models import Site

from cms.content.tasks import publish_scheduled
from demo import events, jobs, sponsors
from events.models import Event
from home.models import HomePage, StandardPage
from jobs.models import Job, Status
from jobs.tasks import expire_jobs
from psf.models import Membership, Nominee
from sponsors.models import Contact, Sponsorship, SponsorshipSettings
from tests.browser.people import LINK, PASSWORD, make_staff, press, sign_in, sign_up
from tests.factories.community import StoryCategoryFactory, story_index
from tests.factories.events import CalendarFactory
from tests.factories.jobs import JobCategoryFactory
from tests.factories.psf import ElectionFactory, membership_page
from tests.factories.users import UserFactory, key_for
from tests.sponsors.conftest import png
from users.models import User

# The server runs in another thread, so rows are committed.
pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.browser]


def test_a_member_from_the_account_to_its_deletion(people):
    membership_page()
    page = people.open("ada", "/users/membership/")
    sign_up(people, "ada")
    assert page.url.endswith("/users/membership/"), "the page that asked to sign in"
    page.fill("#id_legal_name", "Ada Byron")
    page.fill("#id_preferred_name", "Ada")
    page.fill("#id_email", "ada@example.org")
    page.fill("#id_city", "London")
    page.fill("#id_country", "United Kingdom")
    page.check("#id_code_of_conduct")
    with page.expect_navigation():
        page.locator("main form button[type=submit]").first.click()
    people.open_email("ada", "Welcome to the Python Software Foundation")
    page.fill("#id_preferred_name", "Countess")
    with page.expect_navigation():
        page.locator("main form button[type=submit]").first.click()
    people.open_email("ada", "Your membership was updated")
    assert page.input_value("#id_preferred_name") == "Countess"
    assert Membership.objects.get().user.username == "ada"

    people.open("ada", "/users/ada/delete/")
    page.fill("#id_password", PASSWORD)
    page.check("#id_sure")
    press(page, "Delete my account")
    assert people.email("ada", "Your python.org account was deleted")
    assert not User.objects.filter(username="ada").exists()
    assert Membership.objects.get().email == ""


def write_job(page: Page) -> None:
    page.fill("#id_title", "Data engineer")
    page.select_option("#id_category", index=1)
    page.fill("#id_description", "You build **pipelines**.")
    page.fill("#id_requirements", "- Python")
    page.select_option("#id_country", label="Germany")
    page.fill("#id_city", "Hamburg")
    page.fill("#id_company_name", "Harbor Analytics")
    page.fill("#id_email", "poster@example.org")
    page.fill("#id_url", "https://example.org/jobs/")


def test_a_job_from_the_draft_to_the_day_it_is_filled(people):
    jobs.make_pages(WagtailPage.objects.get(depth=2))
    JobCategoryFactory()
    make_staff("moderator", "Job board")
    people.open("poster", "/jobs/create/")
    page = sign_up(people, "poster")
    write_job(page)
    press(page, "Save and preview")
    # The draft is left, and found again.
    people.open("poster", "/jobs/create/")
    page.get_by_role("link", name="Continue “Data engineer").click()
    press(page, "Save and preview")
    press(page, "Submit for review")

    board = next(mail for mail in people.outbox if mail.subject.startswith("Job to review"))
    moderator = people.open("moderator", next(one for one in LINK.findall(board.body) if "/admin/" in one))
    sign_in(moderator, "moderator")
    assert "Data engineer" in moderator.inner_text("#job-title"), "the link survives the sign-in"
    moderator.fill("#decision-message", "Is the work paid?")
    press(moderator, "Ask the poster")

    people.open_email("poster", "Question about your job")
    page.get_by_role("link", name="Reply").click()
    page.fill("#id_text", "Yes, it is.")
    press(page, "Send")
    reply = next(mail for mail in people.outbox if mail.subject.startswith("Reply about"))
    assert "Yes, it is." in reply.body
    moderator.goto(next(one for one in LINK.findall(reply.body) if "/admin/" in one))
    press(moderator, "Approve")
    assert "Data engineer" in people.visit("/jobs/")

    # The link of the first email now shows the outcome.
    moderator.goto(next(one for one in LINK.findall(board.body) if "/admin/" in one))
    assert "no longer waiting for a decision" in moderator.inner_text("main")

    people.open_email("poster", "Your job is live", link="/jobs/mine/")
    page.get_by_role("link", name="Edit").first.click()
    page.fill("#id_title", "Senior data engineer")
    press(page, "Submit changes")
    change = next(mail for mail in people.outbox if mail.subject.startswith("Changes to review"))
    assert "+ Senior data engineer" in change.body
    moderator.goto(next(one for one in LINK.findall(change.body) if "/admin/" in one))
    press(moderator, "Approve")
    people.open_email("poster", "Your changes are live")
    assert page.inner_text("h1") == "Senior data engineer"

    Job.objects.update(expires_at=timezone.now() - timedelta(minutes=1))
    expire_jobs.func()
    people.open_email("poster", "Your job has expired")
    press(page, "Renew job")
    assert "Senior data engineer" in people.visit("/jobs/")
    people.open("poster", "/jobs/mine/")
    press(page, "Mark as filled")
    assert people.email("poster", "Marked as filled")
    assert Job.objects.get().status == Status.ARCHIVED


def fill_transition(page: Page, **fields: str) -> None:
    for name, value in fields.items():
        page.fill(f"[name={name}]", value)
    with page.expect_navigation():
        # By keyboard: the calendar of a date field may still lie over the button.
        page.locator("form button[type=submit].button").last.press("Enter")


def test_a_sponsorship_with_a_signer_who_had_no_account(people):  # noqa: PLR0915 -- one journey.
    texts = SponsorshipSettings.load()
    texts.foundation_address, texts.signatory_name, texts.signatory_title = "1 Charity Row", "Grace Hall", "Director"
    texts.save()
    sponsors.make_sponsorship_year(timezone.localdate().year)
    make_staff("manager", "Sponsorship")
    people.open("applicant", "/sponsors/application/")
    page = people.page("applicant")
    page.get_by_label("Maintaining").check()
    press(page, "Continue")
    sign_up(people, "applicant")
    page.fill("#id_name", "Harbor Analytics")
    page.set_input_files("#id_web_logo", {"name": "logo.png", "mimeType": "image/png", "buffer": png().read()})
    for name, text in {"primary_phone": "1", "mailing_address_line_1": "Quay 1", "city": "Ulm", "postal_code": "8"}.items():
        page.fill(f"#id_{name}", text)
    page.select_option("#id_country", label="Germany")
    press(page, "Save and continue")

    # The draft is left, and found again from the profile.
    people.open("applicant", "/users/applicant/")
    page.get_by_role("link", name="Harbor Analytics").click()
    page.fill("#id_contact-0-name", "Ada Byron")
    page.fill("#id_contact-1-name", "Sam Signer") if page.locator("#id_contact-1-name").count() else None
    if not page.locator("#id_contact-1-name").count():
        page.get_by_role("button", name="Add another contact").click()
        page.fill("#id_contact-1-name", "Sam Signer")
    page.fill("#id_contact-1-email", "signer@example.org")
    page.check("#id_contact-1-administrative")
    press(page, "Save and continue")
    shown = page.inner_text("main")
    for words in ("Germany", "PNG file, uploaded", "Sam Signer", "Administrative"):
        assert words in shown
    press(page, "Submit application")
    sponsorship = Sponsorship.objects.get()
    assert not [mail for mail in people.outbox if "signer@example.org" in mail.to], "not before staff have approved it"
    people.open_email("applicant", "Your sponsorship application")
    assert page.url.endswith(f"/users/sponsorships/{sponsorship.pk}/")

    team = next(mail for mail in people.outbox if mail.subject.startswith("New application"))
    manager = people.open("manager", LINK.findall(team.body)[-1])
    sign_in(manager, "manager")
    assert "Harbor Analytics" in manager.inner_text("main")
    today = timezone.localdate()
    do = f"/admin/sponsors/sponsorships/{sponsorship.pk}/do"
    people.open("manager", f"{do}/take/")
    press(manager, "Start review")
    people.open("manager", f"{do}/approve/")
    fill_transition(manager, starts_on=str(today), ends_on=str(today + timedelta(days=364)))
    people.open_email("applicant", "is approved")
    people.open("manager", f"/admin/sponsors/sponsorships/{sponsorship.pk}/?tab=contract")
    press(manager, "Create documents")
    people.open("manager", f"{do}/send/")
    fill_transition(manager)

    # The administrative contact has no account, and gets from the email to the contract.
    signer = people.open_email("signer", "Your contract")
    assert "/accounts/login/" in signer.url
    sign_up(people, "signer")
    assert signer.url.endswith(f"/users/sponsorships/{sponsorship.pk}/")
    assert Contact.objects.get(email="signer@example.org").user.username == "signer"
    signer.set_input_files("#id_signed_file", {"name": "signed.pdf", "mimeType": "image/svg+xml", "buffer": b"<svg/>"})
    press(signer, "Submit signed copy")
    assert "not a PDF" in signer.inner_text("main")
    signer.set_input_files("#id_signed_file", {"name": "signed.pdf", "mimeType": "application/pdf", "buffer": b"%PDF-1.7 signed"})
    press(signer, "Submit signed copy")
    team = next(mail for mail in people.outbox if mail.subject.startswith("Signed copy received"))
    manager.goto(LINK.findall(team.body)[-1])
    people.open("manager", f"{do}/sign/")
    fill_transition(manager)
    people.open_email("signer", "is signed")
    assert signer.url.endswith(f"/users/sponsorships/{sponsorship.pk}/")

    assert "Maintaining sponsors" in people.visit("/psf/sponsors/")
    program = APIClient(headers={"Authorization": f"Token {key_for(UserFactory(role='Sponsor publishers'), 'v2')}"})
    rows = program.get("/api/v2/sponsors/logo-placement/?publisher=psf&flight=sponsors").json()
    assert [row["sponsor"] for row in rows] == ["Harbor Analytics"]
    people.open("manager", f"{do}/cancel/")
    fill_transition(manager, reason="The company was sold.")
    assert "The company was sold." in people.email("applicant", "is canceled").body
    assert program.get("/api/v2/sponsors/logo-placement/?publisher=psf&flight=sponsors").json() == []


def decide_event(page: Page, button: str, message: str = "") -> None:
    page.get_by_label("Message").fill(message)
    press(page, button)


def test_an_organizer_with_a_recurring_event_in_another_zone(people):
    events.make_pages(WagtailPage.objects.get(depth=2))
    CalendarFactory(name="User groups", slug="user-groups")
    make_staff("reviewer", "Events")
    people.open("organizer", "/events/submit/")
    page = sign_up(people, "organizer")
    page.fill("#id_title", "PyLadies Tokyo")
    page.fill("#id_description", "We **code** together.")
    page.fill("#id_start_date", "2027-03-09")
    page.fill("#id_start_time", "18:00")
    page.fill("#id_end_time", "20:00")
    page.select_option("#id_time_zone", "Asia/Tokyo")
    page.select_option("#id_repeats", "nth")
    page.fill("#id_venue_name", "Library")
    page.fill("#id_city", "Tokyo")
    press(page, "Save draft")
    people.open("organizer", "/events/submit/")
    page.get_by_role("link", name="Continue “PyLadies Tokyo”").click()
    press(page, "Submit event")

    reviewer = people.open_email("reviewer", "Event to review")
    sign_in(reviewer, "reviewer")
    decide_event(reviewer, "Request changes", "Which room is it?")
    people.open_email("organizer", "Changes requested")
    assert "Which room is it?" in page.inner_text("main")
    page.get_by_role("link", name="Edit").first.click()
    page.fill("#id_venue_name", "Library, room 3")
    press(page, "Submit again")
    people.open_email("reviewer", "Event to review")
    assert "Library, room 3" in reviewer.inner_text(".diff >> nth=0")
    decide_event(reviewer, "Approve and publish")
    people.open_email("organizer", "Your event is published")
    assert page.inner_text("h1") == "PyLadies Tokyo"
    assert "Asia/Tokyo" in page.content()

    people.open("organizer", "/events/mine/")
    page.get_by_role("link", name="Edit").first.click()
    page.fill("#id_title", "PyLadies Tokyo and friends")
    press(page, "Submit again")
    assert "Visitors see the current version" in people.email("organizer", "We received your changes").body
    people.open_email("reviewer", "Changes to review")
    assert "PyLadies Tokyo and friends" in reviewer.inner_text(".diff ins >> nth=0")
    decide_event(reviewer, "Approve and publish")
    people.open_email("organizer", "Your changes are published")
    assert page.inner_text("h1") == "PyLadies Tokyo and friends"

    event = Event.objects.get()
    event.status, event.status_note = Event.Status.CANCELLED, "The library is closed."
    event.save_revision().publish()
    assert "The library is closed." in people.email("organizer", "marked as canceled").body
    people.open_email("organizer", "marked as canceled")
    assert "Canceled" in page.inner_text("main")


def test_an_author_whose_story_is_returned_and_changed(people):
    story_index()
    StoryCategoryFactory(name="Science")
    make_staff("editor", "Content editors")
    people.open("author", "/success-stories/create/")
    page = sign_up(people, "author")
    page.fill("#id_title", "Weather maps in ten minutes")
    page.select_option("#id_category", label="Science")
    page.fill("#id_pull_quote", "We stopped guessing.")
    page.fill("#id_text", "We measure now.")
    page.fill("#id_company_name", "Tidewater Maps")
    page.fill("#id_author", "Ada Byron, head of data")
    press(page, "Save draft")
    people.open("author", "/users/author/")
    page.get_by_role("link", name="Weather maps in ten minutes").click()
    press(page, "Submit story")

    editor = people.open_email("editor", "To review")
    sign_in(editor, "editor")
    assert editor.inner_text(".queue__job h2") == "Weather maps in ten minutes"
    editor.fill("#decision-message", "What did you build?")
    press(editor, "Request changes")
    people.open_email("author", "Changes requested")
    assert "What did you build?" in page.inner_text("main")
    page.get_by_role("link", name="Edit").first.click()
    page.fill("#id_text", "We draw maps now.")
    press(page, "Submit again")
    people.open_email("editor", "To review")
    assert "We draw maps now." in editor.inner_text(".diff ins >> nth=0")
    press(editor, "Approve")
    people.open_email("author", "Published")
    assert "We draw maps now." in page.inner_text("article")

    people.open("author", "/success-stories/mine/")
    page.get_by_role("link", name="Edit").first.click()
    page.fill("#id_pull_quote", "We know now.")
    press(page, "Submit again")
    people.open_email("editor", "Changes to review")
    assert "We know now." in editor.inner_text(".diff ins >> nth=0")
    press(editor, "Approve")
    people.open_email("author", "Your changes are published")
    assert "We know now." in page.inner_text("main")


def test_a_candidate_from_the_nomination_to_the_publication(people):
    now = timezone.now()
    election = ElectionFactory(
        nominations_open_at=now - timedelta(days=1), nominations_close_at=now + timedelta(days=1), publish_at=None
    )
    make_staff("officer", "PSF staff")
    people.open("nominator", f"/nominations/{election.slug}/create/")
    page = sign_up(people, "nominator")
    page.fill("#id_name", "Grace Hopper")
    page.fill("#id_email", "grace@example.org")
    page.fill("#id_employer", "Remington Rand")
    page.fill("#id_statement", "She wrote the first compiler.")
    press(page, "Submit nomination")
    people.open_email("nominator", "Nomination received")
    assert "She wrote the first compiler." in page.inner_text("main")

    # Accepts without an account.
    grace = people.open_email("grace", "You have been nominated")
    grace.fill("#id_comment", "Gladly.")
    press(grace, "Accept nomination")
    people.open_email("nominator", "accepted your nomination")

    nominee = Nominee.objects.get()
    people.open("officer", f"/admin/psf/elections/{election.pk}/dashboard/")
    officer = people.page("officer")
    sign_in(officer, "officer")
    officer.get_by_role("link", name="Review Grace Hopper", exact=True).click()
    press(officer, "Approve")

    # The page is not public yet: the email leads the candidate there with a new account.
    people.open_email("grace", "You are a candidate")
    assert "/accounts/login/" in grace.url
    sign_up(people, "grace")
    assert grace.url.endswith(nominee.get_absolute_url())
    assert "She wrote the first compiler." in grace.inner_text("main")
    assert Nominee.objects.get().user.username == "grace"
    assert "Grace Hopper" not in people.visit(election.nominees_url)
    election.nominations_close_at = now - timedelta(minutes=1)
    election.save()
    assert "Grace Hopper" in people.visit(election.nominees_url)


def save(page: Page, name: str) -> None:
    """Press a button in the footer of an edit form, and wait for the next page."""
    footer = page.locator("footer")
    if not footer.get_by_role("button", name=name).is_visible():
        footer.locator("[data-w-dropdown-target=toggle]").click()
    # Autosaving sends the form too, and opens no page.
    with page.expect_response(lambda response: response.request.method == "POST" and response.request.is_navigation_request()):
        page.get_by_role("button", name=name).locator("visible=true").click()
    page.wait_for_load_state("networkidle")


def test_an_editor_with_a_comment_and_a_second_pair_of_eyes(people):
    home = WagtailPage.get_first_root_node().add_child(instance=HomePage(title="Python", slug="front", promise="Readable."))
    Site.objects.update(root_page=home)
    about = home.add_child(instance=StandardPage(title="About", slug="about"))
    about.save_revision().publish()
    make_staff("writer", "Content editors")
    make_staff("grace", "Content editors")
    edit = f"/admin/pages/{about.pk}/edit/"
    writer = people.page("writer")
    writer.set_viewport_size({"width": 1400, "height": 1000})
    people.open("writer", edit)
    sign_in(writer, "writer")
    writer.fill("#id_title", "About Python")
    writer.locator("[data-contentpath=title]").hover()
    writer.locator("[data-contentpath=title] [data-comment-add]").first.click()
    writer.locator(".comment__input textarea, .comment textarea").first.fill("@grace Is this title right?")
    writer.get_by_role("button", name="Comment", exact=True).last.click()
    save(writer, "Submit to Editorial review")

    grace = people.page("grace")
    grace.set_viewport_size({"width": 1400, "height": 1000})
    people.open_email("grace", "mentioned you in a comment")
    sign_in(grace, "grace")
    assert "comment=" in grace.url
    grace.get_by_role("button", name="Toggle comments").click()
    grace.get_by_text("@grace Is this title right?").first.wait_for()
    people.open_email("grace", "To review: About Python")
    grace.goto(f"{people.base_url}/admin/pages/{about.pk}/revisions/compare/live...latest/")
    assert "About Python" in grace.inner_text("main")
    people.open_email("grace", "To review: About Python")
    save(grace, "Approve")
    people.open_email("writer", "Approved: About Python")
    assert people.visit("/about/").startswith("About Python")

    # The first version is restored, and scheduled with the approval.
    first = about.revisions.order_by("pk").first()
    people.open("writer", f"/admin/pages/{about.pk}/revisions/{first.pk}/revert/")
    assert writer.input_value("#id_title") == "About"
    tomorrow = timezone.now() + timedelta(days=1)
    writer.get_by_role("button", name="Toggle status").click()
    writer.get_by_role("button", name="Set schedule").click()
    writer.fill("#id_go_live_at", f"{tomorrow:%Y-%m-%d %H:%M}")
    with writer.expect_response(lambda response: response.request.method == "POST" and response.request.is_navigation_request()):
        # The calendar of the field lies over the button.
        writer.get_by_role("button", name="Save schedule").press("Enter")
    writer.wait_for_load_state("networkidle")
    save(writer, "Submit to Editorial review")
    people.open_email("grace", "To review: About")
    save(grace, "Approve")
    assert people.visit("/about/").startswith("About Python"), "not before the scheduled time"
    with freeze_time(tomorrow + timedelta(minutes=2)):
        publish_scheduled.func()
    about.refresh_from_db()
    assert about.title == "About"
