"""The Python console in Chromium, with the files of `make console`."""

import os
import re
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.conf import settings as django_settings
from playwright.sync_api import expect

from tests.databases import fill

FOLDER = Path(os.environ.get("CONSOLE_ROOT", django_settings.BASE_DIR / "var" / "console"))
pytestmark = [
    # The server runs in another thread, so rows are committed.
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(not (FOLDER / "package.json").exists(), reason=f"There is no Python console at {FOLDER}: `make console`."),
]
# Loading Python takes some seconds on a busy machine.
LOADING = 60_000
FIBONACCI = "0 1 1 2 3 5 8 13 21 34 55 89"
PARTS_OF_THE_CONSOLE = re.compile(r"^/shell/|console[^/]*\.js$")


@pytest.fixture(autouse=True)
def _console(settings):
    settings.CONSOLE_ROOT = FOLDER


@pytest.fixture
def requested(page):
    """Paths of the console's files that the browser has requested."""
    found = []

    def note(request):
        path = urlsplit(request.url).path
        if PARTS_OF_THE_CONSOLE.search(path) and request.resource_type != "document":
            found.append(path)

    page.context.on("request", note)
    return found


def start_shell(page, live_server):
    page.goto(live_server.url + "/shell/")
    page.get_by_role("button", name="Start Python").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("status").filter(has_text="Ready.")).to_be_visible(timeout=LOADING)
    expect(page.get_by_label("Python code")).to_be_focused()


def enter(page, *lines):
    for line in lines:
        expect(page.get_by_label("Python code")).to_be_focused()
        page.keyboard.type(line)
        page.keyboard.press("Enter")
        expect(page.locator("[data-shell] .console-status")).to_contain_text("Ready.", timeout=LOADING)


def test_the_sample_of_the_front_page_runs_and_nothing_is_loaded_before(page, live_server, requested):
    fill()
    page.goto(live_server.url + "/", wait_until="networkidle")
    assert requested == []
    sample = page.locator("[data-console]:visible")
    button = sample.get_by_role("button", name=re.compile(r"Run \(\d+\.\d\sMB download\)"))
    button.focus()
    page.keyboard.press("Enter")
    output = sample.get_by_role("log", name="Output of the program")
    expect(output).to_have_text(FIBONACCI, timeout=LOADING)
    expect(sample.get_by_role("status")).to_contain_text(re.compile(r"Finished\. Python 3\.\d+\.\d+, Pyodide \d"))
    assert any(path.endswith("/pyodide.asm.wasm") for path in requested)
    loaded = len(requested)
    sample.get_by_role("button", name="Run").click()
    expect(output).to_have_text(FIBONACCI)
    assert len(requested) == loaded


def test_the_shell_is_used_by_keyboard_alone(page, live_server, requested):
    page.goto(live_server.url + "/shell/", wait_until="networkidle")
    assert requested == []
    start_shell(page, live_server)
    enter(page, "for n in (1, 2):", "print('row', n)", "", "40 + 2", "1 / 0")
    output = page.get_by_role("log")
    expect(output).to_contain_text("row 1\nrow 2\n>>> 40 + 2\n42\n>>> 1 / 0\nTraceback")
    expect(output).to_contain_text("ZeroDivisionError: division by zero")
    page.keyboard.press("ArrowUp")
    page.keyboard.press("ArrowUp")
    expect(page.get_by_label("Python code")).to_have_value("40 + 2")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    expect(page.get_by_label("Python code")).to_have_value("")
    # Tab leaves the field.
    page.keyboard.press("Shift+Tab")
    expect(output).to_be_focused()


def test_a_program_asks_for_input(page, live_server):
    start_shell(page, live_server)
    page.keyboard.type("name = input('Name? ')")
    page.keyboard.press("Enter")
    expect(page.get_by_label("Name?")).to_be_focused()
    page.keyboard.type("Ada <b>")
    page.keyboard.press("Enter")
    enter(page, "name")
    expect(page.get_by_role("log")).to_contain_text("Name? Ada <b>\n>>> name\n'Ada <b>'")


def test_an_endless_loop_is_stopped_and_python_starts_again(page, live_server):
    start_shell(page, live_server)
    page.keyboard.type("while True: pass")
    page.keyboard.press("Enter")
    expect(page.get_by_role("status").filter(has_text="Running…")).to_be_visible()
    page.get_by_role("button", name="Stop").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("status").filter(has_text="Stopped.")).to_be_visible()
    expect(page.get_by_role("button", name="Start Python")).to_be_focused()
    page.keyboard.press("Enter")
    enter(page, "6 * 7")
    expect(page.get_by_role("log")).to_contain_text("42")


def test_a_program_ends_at_the_time_limit(page, live_server):
    page.clock.install()
    start_shell(page, live_server)
    page.keyboard.type("while True: pass")
    page.keyboard.press("Enter")
    expect(page.get_by_role("status").filter(has_text="Running…")).to_be_visible()
    # Time also passes by itself.
    page.clock.fast_forward(20_000)
    expect(page.get_by_role("button", name="Stop")).to_be_visible()
    page.clock.fast_forward(12_000)
    expect(page.get_by_role("status").filter(has_text="Stopped after 30 seconds.")).to_be_visible()


def test_a_program_that_prints_without_end_is_stopped(page, live_server):
    start_shell(page, live_server)
    page.keyboard.type("while True: print('again')")
    page.keyboard.press("Enter")
    expect(page.get_by_role("status").filter(has_text="printed too much")).to_be_visible(timeout=LOADING)


def test_code_cannot_send_requests_to_the_site(page, live_server):
    start_shell(page, live_server)
    enter(
        page,
        "import js; from pyodide.ffi import run_sync",
        "run_sync(js.fetch('/authenticated'))",
    )
    expect(page.get_by_role("log")).to_contain_text("Failed to fetch")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_console_has_no_barriers_on_a_phone(page, live_server, scheme):
    page.set_viewport_size({"width": 320, "height": 800})
    page.emulate_media(color_scheme=scheme)
    start_shell(page, live_server)
    enter(page, "1 / 0", "print('x' * 300)")
    assert page.evaluate("document.documentElement.scrollWidth") <= 320
    found = Axe().run(page).response["violations"]
    assert [(one["id"], [node["html"] for node in one["nodes"]]) for one in found] == []
