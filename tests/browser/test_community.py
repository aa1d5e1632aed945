"""A story from the public form to the front page in a real browser, with its emails."""

import re

import pytest
from django.utils import timezone
from wagtail.models import Page as WagtailPage

from cms.content import public_forms
from community.models import StoryPage
from home.models import HomePage
from tests.factories.community import BlogEntryFactory, StoryCategoryFactory, blogs_page, story_index
from tests.factories.users import UserFactory

# The server runs in another thread, so rows are committed.
pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def people(live_server, settings, monkeypatch):
    # This browser types faster than people.
    monkeypatch.setattr(public_forms, "FASTEST_SECONDS", 0)
    settings.BASE_URL = live_server.url
    story_index()
    StoryCategoryFactory()
    return {
        "author": UserFactory(username="ada", email="ada@example.org"),
        "editor": UserFactory(username="editor", role="Content editors"),
    }


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


def decide(page, words, comment=""):
    """Open the menu of the editor's form and choose what to do."""
    page.get_by_role("button", name="More actions").first.click()
    page.locator("[data-workflow-action-name]", has_text=words).first.click()
    if comment:
        page.fill("#id_comment", comment)
        with page.expect_navigation():
            page.locator(".modal form [type=submit], .modal-content [type=submit]").first.click()
    else:
        page.wait_for_load_state("networkidle")


@pytest.mark.nightly
def test_a_story_from_the_public_form_to_the_front_page(page, as_, mailoutbox):
    home = WagtailPage.objects.get(depth=2)
    block = ("featured_stories", {"heading": "Stories", "count": 1})
    front = home.add_child(instance=HomePage(title="Python", slug="front", promise="Read it.", body=[block]))
    as_("author", "/success-stories/create/")
    page.fill("#id_title", "Weather maps in ten minutes")
    page.select_option("#id_category", label="Science")
    page.fill("#id_pull_quote", "We stopped guessing.")
    page.fill("#id_text", "We **measure** now.")
    page.fill("#id_company_name", "Tidewater Maps")
    page.fill("#id_author", "Ada Byron, head of data")
    press(page, "Submit story")
    assert page.inner_text("h1") == "Thank you"
    assert {mail.subject for mail in mailoutbox} == {
        "We received your story: Weather maps in ten minutes",
        "To review: Weather maps in ten minutes",
    }

    review = next(mail for mail in mailoutbox if mail.subject.startswith("To review"))
    story = StoryPage.objects.get()
    as_("editor", re.search(r"/admin/moderation-queue/\S+", review.body)[0])
    assert page.inner_text(".queue__job h2") == "Weather maps in ten minutes"
    path = f"/admin/pages/{story.pk}/edit/"
    as_("editor", path)
    decide(page, "Request changes", "What did you build?")
    assert mailoutbox[-1].subject == "Changes requested: Weather maps in ten minutes"
    as_("author", "/success-stories/mine/")
    assert "What did you build?" in page.inner_text("main")
    page.get_by_role("link", name="Edit").first.click()
    page.fill("#id_text", "We **draw** maps now.")
    press(page, "Submit again")

    as_("editor", path)
    decide(page, "Approve and publish")
    page.wait_for_url("**/admin/**")
    assert mailoutbox[-1].subject == "Published: Weather maps in ten minutes"
    story.refresh_from_db()
    story.featured = True
    story.save_revision().publish()
    as_(None, "/success-stories/weather-maps-in-ten-minutes/")
    assert page.locator("article strong").inner_text() == "draw"
    as_(None, front.url)
    assert "We stopped guessing." in page.inner_text("main")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_no_page_breaks_the_policy_or_the_width(page, as_, people, live_server, scheme):
    blogs_page()
    BlogEntryFactory(published_at=timezone.now())
    complaints = []
    page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.emulate_media(color_scheme=scheme)
    page.set_viewport_size({"width": 320, "height": 700})
    for name, path in [
        (None, "/success-stories/"),
        ("author", "/success-stories/create/"),
        ("author", "/success-stories/mine/"),
        (None, "/blogs/"),
        ("editor", "/admin/community/stories/"),
        ("editor", "/admin/community/reading/"),
    ]:
        as_(name, path)
        page.wait_for_load_state("networkidle")
        assert name == "editor" or page.evaluate("document.documentElement.scrollWidth") <= 320, path
    assert complaints == []
