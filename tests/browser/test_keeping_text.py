"""Unsaved text survives the end of a session or a browser crash, in a real browser."""

import pytest
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret, hotp_value, yield_hotp_counters_from_time
from django.contrib.sessions.models import Session
from playwright.sync_api import expect
from wagtail.models import Page as WagtailPage
from wagtail.models import Site

from cms.content import public_forms
from demo import jobs
from home.models import HomePage, StandardPage
from jobs.models import Job
from sponsors.models import Kind, SponsorshipDeliverable
from tests.factories.downloads import ReleaseFactory
from tests.factories.jobs import JobCategoryFactory
from tests.factories.sponsors import BenefitFactory, DeliverableFactory, PackageFactory, SponsorshipFactory
from tests.factories.users import UserFactory

# The server runs in another thread, so rows are committed.
pytestmark = pytest.mark.django_db(transaction=True)
PASSWORD = "correct horse battery"


@pytest.fixture
def ada(log_in):
    person = UserFactory(username="ada", email="ada@example.org", is_superuser=True, is_staff=True)
    person.set_password(PASSWORD)
    person.save()
    person.emailaddress_set.create(email=person.email, verified=True, primary=True)
    log_in(person)
    return person


@pytest.fixture
def about(live_server):
    home = WagtailPage.get_first_root_node().add_child(instance=HomePage(title="Python", slug="front", promise="A language."))
    Site.objects.update(root_page=home)
    return home.add_child(instance=StandardPage(title="About", slug="about"))


def end_session():
    Session.objects.all().delete()


def wait_for_copy(page, text):
    for _ in range(50):
        if text in page.evaluate("JSON.stringify(localStorage)"):
            return
        page.wait_for_timeout(100)
    pytest.fail("The browser has no copy.")


def sign_in(page, dialog):
    frame = dialog.frame_locator("iframe")
    frame.locator("#id_login").fill("ada")
    frame.locator("#id_password").fill(PASSWORD)
    frame.get_by_role("button", name="Sign in", exact=True).click()


def dialog_of(page):
    dialog = page.get_by_role("dialog", name="Sign in to save")
    expect(dialog).to_be_visible(timeout=15_000)
    return dialog


def test_a_page_is_saved_after_signing_in_over_its_form(page, live_server, ada, about):
    about.save_revision(user=ada)
    page.set_viewport_size({"width": 1400, "height": 900})
    page.goto(f"{live_server.url}/admin/pages/{about.pk}/edit/")
    # Wagtail looks for changes from then on.
    page.wait_for_timeout(2500)
    end_session()
    page.fill("#id_title", "About the language")
    # The autosave finds the session gone and opens the dialog by itself.
    dialog = dialog_of(page)
    assert not page.get_by_text("A server error occurred").count()
    with page.expect_response(lambda response: response.request.method == "POST" and response.url.endswith("/edit/")) as saved:
        sign_in(page, dialog)
    assert saved.value.ok
    expect(dialog).to_be_hidden()
    about.refresh_from_db()
    assert about.get_latest_revision_as_object().title == "About the language"


def test_a_release_is_saved_after_signing_in_with_a_second_factor(page, live_server, ada, settings):
    release = ReleaseFactory(live=False)
    release.save_revision(user=ada)
    secret = generate_totp_secret()
    TOTP.activate(ada, secret)
    page.set_viewport_size({"width": 1400, "height": 900})
    page.goto(f"{live_server.url}/admin/downloads/releases/edit/{release.pk}/")
    page.wait_for_timeout(2500)
    settings.REQUIRE_SECOND_FACTOR = True
    end_session()
    page.fill("#id_name", "Python 3.99.0")
    dialog = dialog_of(page)
    sign_in(page, dialog)
    code = dialog.frame_locator("iframe").locator("#id_code")
    code.fill(f"{hotp_value(secret, next(yield_hotp_counters_from_time())):06}")
    code.press("Enter")
    expect(dialog).to_be_hidden()
    with page.expect_navigation():
        page.get_by_role("button", name="Save draft").locator("visible=true").click()
    release.refresh_from_db()
    assert release.get_latest_revision_as_object().name == "Python 3.99.0"


def test_a_sponsorship_is_saved_after_signing_in_over_its_form(page, live_server, ada):
    sponsorship = SponsorshipFactory()
    page.goto(f"{live_server.url}/admin/sponsors/sponsorships/{sponsorship.pk}/")
    page.fill("textarea[name=notes]", "They asked for a call.")
    end_session()
    page.locator("form:has(textarea[name=notes])").get_by_role("button", name="Save").click()
    dialog = dialog_of(page)
    with page.expect_navigation():
        sign_in(page, dialog)
    sponsorship.refresh_from_db()
    assert sponsorship.notes == "They asked for a call."


def test_a_form_whose_buttons_are_named_action_is_saved_too(page, live_server, ada):
    """The name of a control hides the property of the form that has the same name."""
    package = PackageFactory()
    benefit = BenefitFactory(sponsorship_year=package.sponsorship_year, packages=[package])
    DeliverableFactory(benefit=benefit, kind=Kind.VOUCHER, key="code")
    sponsorship = SponsorshipFactory(package=package, sponsorship_year=package.sponsorship_year, state="signed")
    page.goto(f"{live_server.url}/admin/sponsors/sponsorships/{sponsorship.pk}/?tab=deliverables")
    page.check("input[name=item]")
    page.fill("input[name=text]", "CODE-2026")
    end_session()
    page.get_by_role("button", name="Deliver", exact=True).click()
    dialog = dialog_of(page)
    with page.expect_navigation():
        sign_in(page, dialog)
    assert SponsorshipDeliverable.objects.get(key="code").state == "delivered"
    page.wait_for_load_state("networkidle")
    assert "CODE-2026" not in page.evaluate("JSON.stringify(localStorage)")


@pytest.fixture
def job_form(page, live_server, ada, monkeypatch):
    # This browser types faster than people.
    monkeypatch.setattr(public_forms, "FASTEST_SECONDS", 0)
    jobs.make_pages(WagtailPage.objects.get(depth=2))
    JobCategoryFactory()
    page.goto(f"{live_server.url}/jobs/create/")
    fields = {"#id_title": "Data engineer", "#id_description": "You build pipelines.", "#id_requirements": "- Python"}
    fields |= {"#id_city": "Berlin", "#id_email": "hr@example.com", "#id_url": "https://example.com/jobs/7"}
    fields |= {"#id_company_name": "Lyra", "#id_company_description": "We count birds."}
    for field, text in fields.items():
        page.fill(field, text)
    page.select_option("#id_category", label="Developer")
    page.select_option("#id_country", label="Germany")
    return page


def test_a_public_job_form_is_saved_after_signing_in_over_it(job_form):
    end_session()
    job_form.get_by_role("button", name="Save and preview").click()
    dialog = dialog_of(job_form)
    with job_form.expect_navigation():
        sign_in(job_form, dialog)
    assert Job.objects.get().title == "Data engineer"
    assert not job_form.evaluate("Object.keys(localStorage).filter((key) => key.startsWith('unsaved:'))")


def test_text_that_was_not_saved_is_offered_after_a_crash(job_form):
    wait_for_copy(job_form, "We count birds.")
    url = job_form.url
    job_form.goto("about:blank")
    job_form.goto(url)
    assert not job_form.input_value("#id_description")
    job_form.get_by_role("button", name="Restore text").click()
    assert job_form.input_value("#id_description") == "You build pipelines."
    assert job_form.locator("#id_category option:checked").inner_text() == "Developer"
    job_form.goto(url)
    job_form.get_by_role("button", name="Discard text").click()
    job_form.goto(url)
    expect(job_form.get_by_role("button", name="Restore text")).to_have_count(0)


def test_another_person_who_signs_in_does_not_save_the_form(job_form, log_in):
    log_in(UserFactory(username="eve"))
    job_form.get_by_role("button", name="Save and preview").click()
    dialog = dialog_of(job_form)
    assert dialog.get_by_text("Another person has signed in with this browser.").is_visible()
    dialog.get_by_role("button", name="Back to the form").click()
    assert (job_form.input_value("#id_title"), Job.objects.count()) == ("Data engineer", 0)


def test_rich_text_of_a_page_is_offered_after_a_crash(page, context, live_server, ada, about):
    about.body = [("text", "<p>Before.</p>")]
    about.save()
    # Without the network, Wagtail saves no draft.
    page.route("**/edit/", lambda route: route.abort() if route.request.method == "POST" else route.continue_())
    page.goto(f"{live_server.url}/admin/pages/{about.pk}/edit/")
    field = page.locator(".public-DraftEditor-content").first
    field.click()
    field.press_sequentially("Written before the crash. ")
    wait_for_copy(page, "before the crash")
    page.close()
    page = context.new_page()
    page.goto(f"{live_server.url}/admin/pages/{about.pk}/edit/")
    page.get_by_role("button", name="Restore text").click(timeout=10_000)
    expect(page.locator(".public-DraftEditor-content").first).to_contain_text("Written before the crash.")
