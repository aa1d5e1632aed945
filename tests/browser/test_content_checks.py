"""Content checks of the editor, which need the userbar in the preview."""

import json
import re

import pytest
from django.urls import reverse
from playwright.sync_api import expect
from wagtail.images.tests.utils import get_test_image_file
from wagtail.models import Page

from cms.content.models.media import CustomImage
from cms.editor.models import BrokenLink
from home.models import StandardPage
from tests.factories.cms import BoxFactory
from tests.factories.downloads import ReleaseFactory
from tests.factories.users import UserFactory

pytestmark = pytest.mark.django_db(transaction=True)
FINDINGS = [
    "Incorrect heading hierarchy",
    "Image alt text has inappropriate pattern",
    "Term to avoid",
    "Dead link",
    "Dead link",
    "Missing alternative text",
    "Latest version written by hand",
]


@pytest.fixture
def editor(log_in):
    user = UserFactory(is_superuser=True, is_staff=True)
    log_in(user)
    return user


@pytest.fixture
def complaints(page):
    found = []
    # The browser reports the dead link of the page, and Wagtail writes its findings to the console.
    page.on(
        "console",
        lambda message: (
            found.append(message.text) if message.type == "error" and not re.search("404|axe.run results", message.text) else None
        ),
    )
    page.on("pageerror", lambda error: found.append(str(error)))
    return found


def make_page(*body):
    body = [{"type": name, "value": value} for name, value in body]
    page = StandardPage(title="Snakes", slug="snakes", body=json.dumps(body))
    Page.objects.get(depth=2).add_child(instance=page)
    return page


def open_checks(page, url):
    page.goto(url)
    page.get_by_role("button", name="Toggle checks").click()
    panel = page.locator("[data-side-panel=checks]")
    # The number of words comes with the results.
    expect(page.locator("[data-content-word-count]")).to_have_text(re.compile(r"\d"))
    return panel


def test_the_panel_names_the_problems_of_a_bad_page(page, live_server, editor, complaints, tmp_path):
    bare = CustomImage.objects.create(title="Bare", file=get_test_image_file())
    picture = CustomImage.objects.create(title="Snake", file=get_test_image_file(), description="A snake")
    bad = make_page(
        ("text", "<h2>Snakes</h2><h4>Small snakes</h4><p>Send us an e-mail about them.</p>"),
        (
            "text",
            '<p>The latest version is Python 3.4.1. <a href="/no/such/page/">Read about it</a>.</p>',
        ),
        ("text", '<p>See <a href="https://gone.example/">another site</a>.</p>'),
        ("image", {"image": {"image": picture.pk, "alt_text": "IMG_0001.png", "decorative": False}, "caption": ""}),
        ("image", {"image": {"image": bare.pk, "alt_text": "", "decorative": False}, "caption": ""}),
        ("image", {"image": {"image": picture.pk, "alt_text": "", "decorative": True}, "caption": ""}),
    )
    BrokenLink.objects.create(page=bad, url="https://gone.example/", reason="404", internal=False)
    panel = open_checks(page, f"{live_server.url}/admin/pages/{bad.pk}/edit/")
    panel.get_by_text("Dead link").first.wait_for()
    names = panel.locator("[data-content-checker-name]").all_inner_texts()
    assert sorted(names) == sorted(FINDINGS)
    count = page.locator(
        "[data-side-panel-toggle-counter]:visible, [data-side-panel-toggle=checks] [data-side-panel-toggle-counter]"
    )
    assert str(len(FINDINGS)) in "".join(count.all_inner_texts())
    page.screenshot(path=tmp_path / "checks.png")
    page.goto("about:blank")
    assert complaints == []


GOOD = {
    "page": lambda: make_page(("text", "<p>Snakes have no legs.</p>")),
    "box": BoxFactory,
    "release": lambda: ReleaseFactory(name="Python 3.14.2"),
}


@pytest.mark.parametrize("make", GOOD.values(), ids=GOOD)
def test_good_content_has_no_findings_and_is_counted(page, live_server, editor, complaints, make):
    row = make()
    viewset = getattr(row, "snippet_viewset", None)
    url = reverse(viewset.get_url_name("edit") if viewset else "wagtailadmin_pages:edit", args=[row.pk])
    panel = open_checks(page, live_server.url + url)
    page.wait_for_timeout(500)
    assert panel.locator("[data-content-checker-name]").all_inner_texts() == []
    page.goto("about:blank")
    assert complaints == []


def test_the_block_chooser_inserts_a_heading_by_its_first_letters(page, live_server, editor):
    row = make_page(("text", "<p>Snakes have no legs.</p>"))
    page.goto(f"{live_server.url}/admin/pages/{row.pk}/edit/")
    page.get_by_role("button", name="Insert a block").first.click()
    expect(page.locator(".w-combobox__field input")).to_be_focused()
    page.keyboard.type("head")
    page.keyboard.press("Enter")
    expect(page.locator("[name='body-1-type'][value=heading]")).to_have_count(1)
    page.goto("about:blank")
