"""Take the pictures of the documentation from a running demo site, and write them into docs/images/.

    BASE_URL=http://127.0.0.1:8000 python -m docs.pictures

Needs `make serve` with REQUIRE_SECOND_FACTOR=false, a new database with the draft of a release, and Chromium.
"""

import io
import os
from collections.abc import Callable
from pathlib import Path

from PIL import Image
from playwright.sync_api import Page, sync_playwright

BASE = os.environ.get("BASE_URL", "http://127.0.0.1:8000")
FOLDER = Path(__file__).with_name("images")
WIDTH, HEIGHT = 1280, 900
COLORS = 128


def open_draft(page: Page, tab: str) -> None:
    """Open a tab of the draft release of the demo."""
    page.goto(f"{BASE}/admin/downloads/releases/?live=False")
    page.locator("main td a[href*='/edit/']").first.click()
    page.get_by_role("tab", name=tab).click()


def add_release(page: Page) -> None:
    page.goto(f"{BASE}/admin/downloads/releases/add/")
    page.fill("[name=name]", "3.16.0rc1")
    page.locator("[name=name]").blur()


def open_palette(page: Page) -> None:
    page.goto(f"{BASE}/admin/")
    page.keyboard.press("Control+k")
    page.wait_for_timeout(500)
    page.keyboard.type("python")


def open_live_page(page: Page) -> None:
    """Open the status panel of a published release."""
    page.goto(f"{BASE}/admin/downloads/releases/?live=True")
    page.locator("main td a[href*='/edit/']").first.click()
    page.get_by_role("button", name="Toggle status").click()


def open_path(path: str) -> Callable[[Page], object]:
    return lambda page: page.goto(BASE + path)


PICTURES: dict[str, Callable[[Page], object]] = {
    "front-page": open_path("/"),
    "dashboard": open_path("/admin/"),
    "queue": open_path("/admin/moderation-queue/"),
    "tasks": open_path("/admin/tasks/"),
    "keys": open_path("/users/keys/"),
    "second-factor": open_path("/accounts/2fa/"),
    "quick-jump": open_palette,
    "add-release": add_release,
    "workbench": lambda page: open_draft(page, "Files"),
    "before-publishing": lambda page: open_draft(page, "Before publishing"),
    "live-everywhere": open_live_page,
}


def main() -> None:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=["--no-sandbox", "--disable-gpu"])
        page = browser.new_page(viewport={"width": WIDTH, "height": HEIGHT})
        page.goto(f"{BASE}/accounts/login/")
        page.fill("[name=login]", "admin")
        page.fill("[name=password]", "admin")
        page.press("[name=password]", "Enter")
        page.wait_for_load_state()
        for name, take in PICTURES.items():
            take(page)
            page.wait_for_timeout(1500)
            picture = Image.open(io.BytesIO(page.screenshot())).convert("RGB").quantize(COLORS)
            picture.save(FOLDER / f"{name}.png", optimize=True)
            print(name, page.url)
        browser.close()


if __name__ == "__main__":
    main()
