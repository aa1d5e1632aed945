"""Life cycle of a job in a real browser, with its emails, and the moderation queue by keyboard."""

import re

import pytest
from wagtail.models import Page as WagtailPage

from cms.content import public_forms
from demo import jobs
from jobs.models import Job, SavedReply, Status
from jobs.tasks import expire_jobs
from tests.factories.jobs import JobCategoryFactory, JobFactory
from tests.factories.users import UserFactory

# The server runs in another thread, so rows are committed.
pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def people(live_server, settings, monkeypatch):
    # This browser types faster than people.
    monkeypatch.setattr(public_forms, "FASTEST_SECONDS", 0)
    settings.BASE_URL = live_server.url
    jobs.make_pages(WagtailPage.objects.get(depth=2))
    JobCategoryFactory()
    return {"poster": UserFactory(username="poster"), "moderator": UserFactory(username="moderator", role="Job board")}


@pytest.fixture
def as_(page, log_in, people, context, live_server):
    """Return a function that opens a URL as a user."""

    def open_as(name, path):
        context.clear_cookies()
        if name:
            log_in(people[name])
        page.goto(live_server.url + path)
        if name is None:
            # A browser keeps what is public for a minute.
            page.reload()

    return open_as


def press(page, name):
    with page.expect_navigation():
        page.get_by_role("button", name=name, exact=True).click()


def link_in(mail, start):
    return re.search(rf"https?://[^/]+({re.escape(start)}\S*)", mail.body)[1]


def write_a_job(page):
    page.fill("#id_title", "Data engineer")
    page.select_option("#id_category", label="Developer")
    page.fill("#id_description", "You build **pipelines**.")
    page.locator("[data-job-preview-body] strong", has_text="pipelines").wait_for()
    page.fill("#id_requirements", "- Python")
    page.select_option("#id_country", label="Germany")
    page.fill("#id_city", "Hamburg")
    page.fill("#id_company_name", "Harbor Analytics")
    page.fill("#id_email", "team@example.org")
    page.fill("#id_url", "https://example.org/jobs/")
    press(page, "Save and preview")


@pytest.mark.proves("S2-21", "S2-27")
@pytest.mark.nightly
def test_a_job_from_the_draft_to_the_day_it_is_filled(page, as_, mailoutbox):
    as_("poster", "/jobs/create/")
    write_a_job(page)
    assert "Only you can see this draft" in page.inner_text("main")
    assert mailoutbox == []
    press(page, "Submit for review")
    assert "Thank you" in page.inner_text("h1")
    assert mailoutbox[-1].subject == "Job to review: Data engineer, Harbor Analytics"

    as_("moderator", link_in(mailoutbox[-1], "/admin/"))
    assert "Data engineer" in page.frame_locator(".queue__preview").locator("h1").inner_text()
    page.fill("#decision-message", "Is the work paid?")
    press(page, "Ask the poster")
    assert mailoutbox[-1].subject == "Question about your job: Data engineer"

    as_("poster", link_in(mailoutbox[-1], "/jobs/mine/"))
    assert "Is the work paid?" in page.inner_text("main")
    page.get_by_role("link", name="Edit").click()
    page.fill("#id_description", "You build **pipelines**. The work is paid.")
    press(page, "Save and preview")
    assert mailoutbox[-1].to == ["jobs@python.org"]

    as_("moderator", "/admin/jobs/queue/")
    assert "The work is paid." in page.locator(".diff ins").inner_text()
    press(page, "Approve")
    assert mailoutbox[-1].subject == "Your job is live: Data engineer"
    assert mailoutbox[-1].to == ["team@example.org"]

    job = Job.objects.get()
    as_(None, "/jobs/")
    assert "Data engineer" in page.inner_text("main")
    as_("poster", f"/jobs/{job.pk}/edit/")
    page.fill("#id_title", "Senior data engineer")
    press(page, "Submit changes")
    as_(None, f"/jobs/{job.pk}/")
    assert page.inner_text("h1") == "Data engineer"
    as_("moderator", link_in(mailoutbox[-1], "/admin/"))
    assert page.locator(".diff ins").inner_text() == "Senior data engineer"
    press(page, "Approve")
    as_(None, f"/jobs/{job.pk}/")
    assert page.inner_text("h1") == "Senior data engineer"


def test_a_job_ends_is_renewed_from_the_email_and_filled(page, as_, people, mailoutbox):
    job = JobFactory(submitted_by=people["poster"], title="Senior data engineer", email="team@example.org")
    Job.objects.update(expires_at=job.approved_at)
    expire_jobs.call()
    assert mailoutbox[-1].subject == "Your job has expired: Senior data engineer"
    as_(None, f"/jobs/{job.pk}/")
    assert page.inner_text("h1") == "This job is no longer available"
    as_(None, link_in(mailoutbox[-1], "/jobs/renew/"))
    press(page, "Renew job")
    assert "is live" in page.inner_text("h1")
    assert mailoutbox[-1].subject.startswith("Renewed until")

    as_("poster", "/jobs/mine/")
    press(page, "Mark as filled")
    assert mailoutbox[-1].subject == "Marked as filled: Senior data engineer"
    as_(None, f"/jobs/{job.pk}/")
    assert "This job has been filled" in page.inner_text("main")
    as_(None, "/jobs/")
    assert "There are no open jobs at the moment" in page.inner_text("main")


def test_a_job_is_returned_with_a_reason_and_comes_again(page, as_, mailoutbox):
    SavedReply.objects.update_or_create(title="Not about Python", defaults={"text": "Say what Python is used for."})
    as_("poster", "/jobs/create/")
    write_a_job(page)
    press(page, "Submit for review")
    as_("moderator", "/admin/jobs/queue/")
    press(page, "Request changes")
    assert "Enter a reason" in page.inner_text("body")
    page.select_option("#decision-reply", label="Not about Python")
    assert page.input_value("#decision-message") == "Say what Python is used for."
    press(page, "Request changes")
    assert "Say what Python is used for." in mailoutbox[-1].body
    as_("poster", "/jobs/mine/")
    assert "Changes requested" in page.inner_text("main")
    assert "Say what Python is used for." in page.inner_text("main")
    press(page, "Submit for review")
    assert Job.objects.get().status == Status.REVIEW


def test_jobs_are_cleared_by_keyboard_alone(page, as_, people, mailoutbox):
    for number in range(4):
        JobFactory(title=f"Job {number}", status=Status.DRAFT).submit(by=Job.objects.latest("pk").submitted_by)
    as_("moderator", "/admin/jobs/queue/")
    keyboard = page.keyboard

    def type_key(key):
        with page.expect_navigation():
            keyboard.press(key)

    first = page.locator(".queue__row [aria-current] strong")
    assert first.inner_text() == "Job 0"
    type_key("j")
    assert first.inner_text() == "Job 1"
    type_key("k")
    assert first.inner_text() == "Job 0"
    for number in range(4):
        assert first.inner_text() == f"Job {number}"
        if number % 2:
            keyboard.press("r")
            # Letters are words now, and no orders.
            keyboard.type("A job of another kind, ask elsewhere")
            type_key("Control+Enter")
        else:
            type_key("a")
    assert "No jobs to review." in page.inner_text("body")
    assert Job.objects.filter(status=Status.APPROVED).count() == 2
    assert Job.objects.filter(status=Status.REJECTED).count() == 2
    assert sum("A job of another kind, ask elsewhere" in mail.body for mail in mailoutbox) == 2


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_no_page_breaks_the_policy_or_asks_a_foreign_host(page, as_, people, live_server, scheme):
    job = JobFactory(submitted_by=people["poster"])
    waiting = JobFactory(submitted_by=people["poster"], status=Status.DRAFT)
    waiting.submit(by=people["poster"])
    complaints, requested = [], []
    page.on("request", lambda request: requested.append(request.url))
    page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.emulate_media(color_scheme=scheme)
    page.set_viewport_size({"width": 320, "height": 700})
    for name, path in [
        ("poster", "/jobs/"),
        ("poster", f"/jobs/{job.pk}/"),
        ("poster", "/jobs/create/"),
        ("poster", "/jobs/mine/"),
        ("poster", f"/jobs/{waiting.pk}/preview/"),
        ("poster", "/jobs/locations/"),
        ("moderator", "/admin/jobs/queue/"),
        ("moderator", "/admin/jobs/all/"),
        ("moderator", "/admin/jobs/report/"),
    ]:
        as_(name, path)
        page.wait_for_load_state("networkidle")
        assert name == "moderator" or page.evaluate("document.documentElement.scrollWidth") <= 320, path
    assert complaints == []
    assert all(url.startswith((live_server.url, "data:", "blob:")) for url in requested)
