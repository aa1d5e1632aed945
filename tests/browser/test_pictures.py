"""Reduced screenshots of the page types: detect changes to CSS or templates that move or recolor a page.

`pictures.txt` has a line for each page: its height, and an image of 12 by 18 cells with 16 levels of red, green and blue. A full
screenshot would change with each date and font. After an intended change, check the pages, then write the file again:

    PICTURES=write .venv/bin/python -m pytest -m nightly tests/browser/test_pictures.py
"""

import os
from io import BytesIO
from pathlib import Path
from typing import NamedTuple

import pytest
from PIL import Image

from tests.browser.test_accessibility import VIEWS, one_of_each_type
from tests.browser.test_public_pages import PAGES, SETTLED
from tests.databases import fill

# The server runs in another thread, so rows are committed.
pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.nightly]
FILE = Path(__file__).with_name("pictures.txt")
COLUMNS, ROWS, LEVELS = 12, 18, 16
SIZE = {"width": 1280, "height": 900}
# The demo counts from today: dates are longer or shorter, and rows of lists come and go.
MAX_TALLER, MAX_DIFFERENCE = 0.08, 2.0
MIN_PAGES = 30


class Picture(NamedTuple):
    height: int
    cells: str

    def difference(self, other: "Picture") -> float:
        """Return the mean difference of the cells in the row that differs most, in levels."""
        pairs = zip(self.cells, other.cells, strict=True)
        steps = [abs(int(one, LEVELS) - int(two, LEVELS)) for one, two in pairs]
        width = COLUMNS * 3
        return max(sum(steps[start : start + width]) / width for start in range(0, len(steps), width))

    def is_like(self, other: "Picture") -> bool:
        is_as_tall = abs(self.height - other.height) <= MAX_TALLER * other.height
        return is_as_tall and self.difference(other) <= MAX_DIFFERENCE


def shrink(png: bytes) -> Picture:
    image = Image.open(BytesIO(png)).convert("RGB")
    small = image.resize((COLUMNS, ROWS), Image.Resampling.BOX)
    return Picture(image.height, "".join(f"{value * LEVELS // 256:x}" for value in small.tobytes()))


def read() -> dict[str, Picture]:
    rows = [line.split() for line in FILE.read_text().splitlines()]
    return {url: Picture(int(height), cells) for url, height, cells in rows}


def take(page, live_server) -> dict[str, Picture]:
    """Return the pictures of all page types in light and dark."""
    page.set_viewport_size(SIZE)
    pictures = {}
    for url in dict.fromkeys([*one_of_each_type(), *VIEWS, *PAGES]):
        page.emulate_media(color_scheme="light", reduced_motion="reduce")
        page.goto(live_server.url + url)
        page.wait_for_load_state("networkidle")
        page.evaluate(SETTLED)
        pictures[url] = shrink(page.screenshot(full_page=True))
    for url in ("/", "/downloads/", "/doc/pip/"):
        page.emulate_media(color_scheme="dark", reduced_motion="reduce")
        page.goto(live_server.url + url)
        page.wait_for_load_state("networkidle")
        page.evaluate(SETTLED)
        pictures[f"{url}#dark"] = shrink(page.screenshot(full_page=True))
    return pictures


def test_pages_look_as_before(page, live_server):
    fill()
    taken = take(page, live_server)
    assert len(taken) >= MIN_PAGES
    if os.environ.get("PICTURES") == "write":
        FILE.write_text("".join(f"{url} {height} {cells}\n" for url, (height, cells) in sorted(taken.items())))
    known = read()
    assert set(taken) == set(known), "A page is new or gone. Write the file again."
    changed = [
        f"{url}: {known[url].height} px, now {picture.height} px; cells differ by {picture.difference(known[url]):.1f} levels"
        for url, picture in sorted(taken.items())
        if not picture.is_like(known[url])
    ]
    assert changed == []


@pytest.mark.parametrize(
    "css",
    [
        ":root { --brand-strong: #8a1538; }",
        ".site-header { display: none; }",
        "main h1 { font-size: 9rem; }",
        ".site-footer { background: #000; }",
    ],
)
def test_a_change_of_css_is_seen(page, live_server, css):
    fill(pages_only=True)
    page.set_viewport_size(SIZE)
    page.goto(f"{live_server.url}/doc/pip/")
    before = shrink(page.screenshot(full_page=True))
    assert shrink(page.screenshot(full_page=True)).is_like(before)
    # The content security policy blocks style elements.
    page.evaluate(
        "css => { const sheet = new CSSStyleSheet(); sheet.replaceSync(css); document.adoptedStyleSheets = [sheet] }", css
    )
    assert not shrink(page.screenshot(full_page=True)).is_like(before)
