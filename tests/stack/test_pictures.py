"""Front page, admin and email catcher in Chromium, through Varnish. The pictures are written to var/stack (STACK_PICTURES)."""

import os
from pathlib import Path

import pytest
from playwright.sync_api import sync_playwright

from tests.browser.conftest import CHROMIUM, FLAGS

FOLDER = Path(os.environ.get("STACK_PICTURES", "var/stack"))


@pytest.fixture(scope="module")
def page(stack):
    if not CHROMIUM.exists():
        pytest.skip(f"There is no Chromium at {CHROMIUM}.")
    FOLDER.mkdir(parents=True, exist_ok=True)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        page = browser.new_page(viewport={"width": 1280, "height": 900})
        page.failed = []
        page.on("response", lambda response: page.failed.append(response.url) if response.status >= 400 else None)
        page.on("requestfailed", lambda request: page.failed.append(request.url))
        page.on("console", lambda message: page.failed.append(message.text) if message.type == "error" else None)
        yield page
        browser.close()


def test_the_front_page_loads_everything(page, stack):
    page.goto(stack.url("/"), wait_until="networkidle")
    page.screenshot(path=FOLDER / "front-page.png")
    assert page.failed == []


def test_the_admin_loads_everything(page, stack):
    page.goto(stack.url("/admin/"))
    page.fill("input[name=login]", "admin")
    page.fill("input[name=password]", stack.settings()["ADMIN_PASSWORD"])
    page.press("input[name=password]", "Enter")
    page.wait_for_url("**/admin/")
    page.wait_for_load_state("networkidle")
    page.screenshot(path=FOLDER / "admin.png")
    page.goto(stack.url("/admin/images/"), wait_until="networkidle")
    page.screenshot(path=FOLDER / "admin-images.png")
    assert page.failed == []


def test_the_email_catcher_shows_emails(page, stack):
    page.goto(f"http://127.0.0.1:{os.environ.get('MAIL_PORT', '8081')}/", wait_until="load")
    page.wait_for_timeout(2000)
    page.screenshot(path=FOLDER / "emails.png")
