"""The first page of a section, created by one editor and approved by another, in a real browser."""

from contextlib import contextmanager
from datetime import timedelta

import pytest
from django.utils import timezone
from freezegun import freeze_time
from wagtail.models import Page as WagtailPage
from wagtail.models import Site

from cms.content.tasks import publish_scheduled
from home.models import HomePage, LandingPage
from tests.factories.cms import BoxFactory
from tests.factories.users import UserFactory

# The server runs in another thread, so rows are committed.
pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def home():
    root = WagtailPage.get_first_root_node()
    home = root.add_child(instance=HomePage(title="Python", slug="front", promise="A language you can read."))
    Site.objects.update(root_page=home)
    BoxFactory(label="usermessage-helplink", body=[("text", "<p>New here? Somebody helps you.</p>")])
    return home


class Editor:
    """Driver for the edit form of a page."""

    def __init__(self, page):
        self.page = page

    def area(self, name):
        return self.page.locator(f"#panel-child-content-{name}-section")

    def add(self, area, block=None):
        """Add a block at the end of an area and return it."""
        self.area(area).get_by_role("button", name="Insert a block").last.click()
        if block:
            self.page.get_by_role("option", name=block).first.click()
        return self.area(area).locator("[data-streamfield-child]").last

    def write(self, block, text):
        """Type into the rich text of a block."""
        field = block.locator(".public-DraftEditor-content").first
        field.click()
        field.press_sequentially(text)

    def choose_box(self, block, label):
        block.get_by_role("button", name="Choose").first.click()
        self.page.get_by_role("link", name=label).click()
        block.get_by_text(label).wait_for()

    def choose(self, name):
        """Press one of the buttons at the bottom of the form."""
        footer = self.page.locator("footer")
        if not footer.get_by_role("button", name=name).is_visible():
            footer.locator("[data-w-dropdown-target=toggle]").click()
        with self.sends():
            self.page.get_by_role("button", name=name).locator("visible=true").click()

    @contextmanager
    def sends(self):
        """Wait until the form is submitted and the next page is loaded. Autosave also sends it, and changes the URL."""
        with self.page.expect_response(
            lambda response: response.request.method == "POST" and response.request.is_navigation_request()
        ):
            yield
        self.page.wait_for_load_state("networkidle")


def test_an_editor_builds_a_landing_page_and_a_second_person_approves(page, context, live_server, log_in, home):
    writer = UserFactory(username="writer", role="Content editors")
    second = UserFactory(username="second", role="Content editors")
    log_in(writer)
    page.set_viewport_size({"width": 1400, "height": 1000})
    page.goto(f"{live_server.url}/admin/pages/add/home/landingpage/{home.pk}/")
    editor = Editor(page)
    page.fill("#id_title", "About Python")
    page.fill("#id_introduction", "Quick to learn, pleasant to read.")
    link = editor.add("actions")
    link.get_by_label("Text").fill("Begin")
    link.get_by_label("URL").fill("/about/gettingstarted/")
    for title in ["Getting started", "Applications"]:
        card = editor.add("highlights")
        card.get_by_label("Title").first.fill(title)
        editor.write(card, f"All about {title.lower()}.")
    editor.write(editor.add("body", "Text"), "Python is free for all.")
    editor.choose_box(editor.add("aside", "Box"), "usermessage-helplink")
    page.get_by_role("button", name="Toggle preview").click()
    preview = page.frame_locator("#w-preview-iframe, iframe[title=Preview]").first
    preview.get_by_role("heading", name="Applications").wait_for()
    # A form sent while its first autosave is under way would make the page a second time.
    page.wait_for_url("**/edit/")
    page.get_by_role("button", name="Toggle status").click()
    page.get_by_role("button", name="Set schedule").click()
    tomorrow = timezone.now() + timedelta(days=1)
    page.fill("#id_go_live_at", f"{tomorrow:%Y-%m-%d %H:%M}")
    with editor.sends():
        # The calendar of the field lies over the button.
        page.get_by_role("button", name="Save schedule").press("Enter")
    editor.choose("Submit to Editorial review")
    about = LandingPage.objects.get(title="About Python")
    assert (about.live, about.workflow_in_progress) == (False, True)
    assert page.request.get(f"{live_server.url}/about-python/").status == 404

    context.clear_cookies()
    log_in(second)
    page.goto(f"{live_server.url}/admin/")
    page.get_by_role("link", name="About Python").first.click()
    editor.choose("Approve")
    about.refresh_from_db()
    assert (about.live, about.workflow_in_progress, about.approved_schedule) == (False, False, True)
    with freeze_time(tomorrow + timedelta(minutes=2)):
        publish_scheduled.enqueue()
    page.goto(f"{live_server.url}/about-python/")
    assert page.locator("h1").inner_text() == "About Python"
    for text in ["All about applications.", "Python is free for all.", "New here? Somebody helps you."]:
        assert page.get_by_text(text).is_visible()
