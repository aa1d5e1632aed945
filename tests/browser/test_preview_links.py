"""Preview links by keyboard: an editor creates one, a reader without an account comments, and the editor revokes it."""

import pytest
from django.urls import reverse
from wagtail.models import Page as WagtailPage
from wagtail.models import Site

from cms.content import public_forms
from cms.editor.models import PreviewComment, PreviewLink
from home.models import HomePage, StandardPage
from tests.factories.users import UserFactory

# The server runs in another thread, so rows are committed.
pytestmark = pytest.mark.django_db(transaction=True)
MAX_STEPS = 150


@pytest.fixture
def draft(live_server, settings, monkeypatch):
    monkeypatch.setattr(public_forms, "FASTEST_SECONDS", 0)
    settings.BASE_URL = live_server.url
    root = WagtailPage.get_first_root_node()
    home = root.add_child(instance=HomePage(title="Python", slug="front", promise="A language you can read."))
    Site.objects.update(root_page=home)
    page = home.add_child(instance=StandardPage(title="Annual plan", slug="plan", live=False))
    page.save_revision()
    return page


def walk_to(page, name, *, key="Tab"):
    """Press a key until the element with this accessible name has the focus, and return it. It must be visible."""
    for _ in range(MAX_STEPS):
        page.keyboard.press(key)
        focused = page.locator(":focus")
        if not focused.count():
            continue
        label = focused.evaluate("element => [...element.labels ?? []].map((label) => label.innerText).join()").strip()
        if name == label or name in (focused.get_attribute("aria-label") or focused.inner_text() or ""):
            assert focused.is_visible()
            return focused
    raise AssertionError(f"The keyboard does not reach “{name}”.")


def test_a_preview_link_by_keyboard(page, browser, draft, live_server, log_in):
    # The headless browser has nobody to ask.
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    log_in(UserFactory(role="Content editors"))
    page.goto(live_server.url + reverse("wagtailadmin_pages:edit", args=[draft.pk]))
    walk_to(page, "Toggle status")
    page.keyboard.press("Enter")
    walk_to(page, "Create or manage preview links")
    page.keyboard.press("Enter")
    page.wait_for_url("**/admin/preview-links/**")

    walk_to(page, "7 days")
    page.keyboard.press("ArrowRight")
    assert page.locator(":focus").get_attribute("value") == "30"
    walk_to(page, "Recipient")
    page.keyboard.type("Board")
    walk_to(page, "Create link")
    page.keyboard.press("Enter")
    page.get_by_text("The link was created.").wait_for()
    url = page.get_by_label("Link", exact=True).input_value()
    copy = walk_to(page, "Copy link")
    page.keyboard.press("Enter")
    copy.get_by_text("Copied").wait_for()

    reader = browser.new_context()
    preview = reader.new_page()
    assert preview.goto(url).status == 200
    assert "Annual plan" in preview.get_by_role("heading", level=1).inner_text()
    walk_to(preview, "Comment on this version")
    preview.keyboard.press("Enter")
    preview.wait_for_url("**/comment/")
    walk_to(preview, "Your name")
    preview.keyboard.type("Grace")
    walk_to(preview, "Comment")
    preview.keyboard.type("Wrong year.")
    walk_to(preview, "Send comment")
    preview.keyboard.press("Enter")
    preview.get_by_text("We have received your comment.").wait_for()
    assert PreviewComment.objects.get().text == "Wrong year."
    assert not reader.cookies()

    page.reload()
    page.get_by_text("Wrong year.").wait_for()
    walk_to(page, "Revoke")
    page.keyboard.press("Enter")
    page.get_by_text("was revoked.").wait_for()
    assert PreviewLink.objects.get().revoked_at
    assert preview.goto(url).status == 410
    reader.close()
