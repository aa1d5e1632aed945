"""Downloads in a real browser: the file offered for each platform, and verification of a file in the page."""

from dataclasses import dataclass
from hashlib import sha256
from time import perf_counter

import pytest
from playwright.sync_api import Browser, Page

from tests.databases import fill
from tests.factories.downloads import OSFactory, ReleaseFactory, ReleaseFileFactory

pytestmark = pytest.mark.django_db(transaction=True)
SECONDS_FOR_300_MB = 10
CHROME = "AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36"
SAFARI = "AppleWebKit/605.1.15 (KHTML, like Gecko) Version/26.0 Safari/605.1.15"
FIREFOX = "Gecko/20100101 Firefox/145.0"
WINDOWS = f"Mozilla/5.0 (Windows NT 10.0; Win64; x64) {CHROME}"
MAC = f"Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) {SAFARI}"
FIREFOX_ON_MAC = f"Mozilla/5.0 (Macintosh; Intel Mac OS X 10.15; rv:145.0) {FIREFOX}"
# As userAgentData of Chromium answers.
HINTS = "{platform: 'Windows', getHighEntropyValues: async () => ({architecture: 'arm'})}"
ARM = f"Object.defineProperty(navigator, 'userAgentData', {{value: {HINTS}}})"
X86 = ARM.replace("'arm'", "'x86'")
NOT_CHROMIUM = "Object.defineProperty(navigator, 'userAgentData', {value: undefined})"
TOUCH = NOT_CHROMIUM + "; Object.defineProperty(navigator, 'maxTouchPoints', {value: 5})"


@dataclass(frozen=True)
class Visitor:
    """Visitor with the open tabs (operating system and way) and a part of the primary link, or "" without one."""

    name: str
    agent: str
    tabs: str
    primary: str
    script: str = NOT_CHROMIUM


VISITORS = [
    Visitor("Windows 11 x64", WINDOWS, "Windows, Install manager", ".msix", X86),
    Visitor("Windows on Arm", WINDOWS, "Windows, Install manager", "-arm64.exe", ARM),
    Visitor("macOS Apple silicon", MAC, "macOS, Installer", "-macos11.pkg"),
    Visitor("macOS Intel", FIREFOX_ON_MAC, "macOS, Installer", "-macos11.pkg"),
    Visitor("Ubuntu", f"Mozilla/5.0 (X11; Ubuntu; Linux x86_64; rv:145.0) {FIREFOX}", "Linux, Debian and Ubuntu", ""),
    Visitor("Fedora", f"Mozilla/5.0 (X11; Fedora; Linux x86_64; rv:145.0) {FIREFOX}", "Linux, Fedora", ""),
    Visitor("ChromeOS", f"Mozilla/5.0 (X11; CrOS x86_64 14541.0.0) {CHROME}", "Linux, ChromeOS", ""),
    Visitor("Raspberry Pi OS", f"Mozilla/5.0 (X11; Linux armv7l) {CHROME}", "Linux, Raspberry Pi OS", ""),
    Visitor("Android", f"Mozilla/5.0 (Linux; Android 16; K) {CHROME}", "Phone or tablet", ""),
    Visitor("iPhone", f"Mozilla/5.0 (iPhone; CPU iPhone OS 18_7 like Mac OS X) {SAFARI}", "Phone or tablet", ""),
    Visitor("iPad", MAC, "Phone or tablet", "", TOUCH),
]


@pytest.fixture
def demo(live_server, settings):
    settings.BASE_URL = live_server.url
    fill()


def visit(browser: Browser, visitor: Visitor, url: str) -> Page:
    context = browser.new_context(user_agent=visitor.agent, viewport={"width": 1280, "height": 900})
    context.add_init_script(visitor.script)
    page = context.new_page()
    page.goto(url)
    page.wait_for_function("document.documentElement.dataset.os")
    page.wait_for_timeout(100)
    return page


def test_each_visitor_is_offered_what_fits(browser, live_server, demo, tmp_path):
    wrong = []
    for visitor in VISITORS:
        page = visit(browser, visitor, f"{live_server.url}/downloads/")
        tabs = ", ".join(tab.inner_text().strip() for tab in page.locator('.tab[aria-selected="true"]:visible').all())
        primary = [link.get_attribute("href") for link in page.locator("main .button-primary:visible").all()]
        found = (tabs, primary)
        if tabs != visitor.tabs or len(primary) != bool(visitor.primary) or not "".join(primary).endswith(visitor.primary):
            wrong.append((visitor.name, found))
        if visitor.name == "Windows on Arm":
            assert page.get_by_text("On other computers, get").is_visible()
        page.goto(f"{live_server.url}/")
        button = page.locator(".hero-actions .button:visible")
        assert button.count() == 1, visitor.name
        href = button.get_attribute("href")
        assert not href.endswith((".gz", ".xz", ".tgz")), visitor.name
        page.context.close()
    assert wrong == []


def test_without_script_every_way_is_on_the_page(browser, live_server, demo):
    page = browser.new_context(java_script_enabled=False).new_page()
    page.goto(f"{live_server.url}/downloads/")
    for text in ("sudo apt install", "brew install", "winget install", "uv python install", "Pythonista", "Termux"):
        assert page.get_by_text(text).first.is_visible(), text
    page.select_option("#picker-version", "3.13")
    page.get_by_role("button", name="Show", exact=True).click()
    assert "version=3.13" in page.url
    assert page.locator('main a.button-primary[href$=".pkg"]').get_attribute("href").endswith("python-3.13.5-macos11.pkg")
    for path, text in (("latest/python2/", "end of life"), ("latest/python3.9/", "end of life"), ("eol/", "Python 2.7")):
        page.goto(f"{live_server.url}/downloads/{path}")
        assert text in page.locator("main").inner_text()
    page.context.close()


def test_the_choice_is_remembered_and_in_the_address(browser, live_server, demo):
    page = visit(browser, VISITORS[4], f"{live_server.url}/downloads/")
    page.get_by_role("tab", name="pyenv").locator("visible=true").click()
    assert page.url.endswith("#source-pyenv")
    page.goto(f"{live_server.url}/downloads/")
    page.wait_for_timeout(200)
    assert page.get_by_role("tab", name="pyenv", selected=True).locator("visible=true").count() == 1
    page.goto(f"{live_server.url}/downloads/#source-fedora")
    page.reload()
    assert page.get_by_role("tab", name="Fedora", selected=True).is_visible()
    page.select_option("#picker-version", "3.13")
    page.wait_for_url("**/downloads/?version=3.13#source-fedora")
    assert page.get_by_text("sudo dnf install python3.13").is_visible()
    page.context.close()


@pytest.fixture
def drawer(page, live_server, settings, tmp_path, request):
    """Return the open verification drawer, the file, a changed copy and a truncated copy. Parameter: megabytes."""
    settings.BASE_URL = live_server.url
    right = tmp_path / "Python-3.14.0.tar.xz"
    digest = sha256()
    with right.open("wb") as file:
        for number in range(request.param):
            part = bytes([number % 251]) * 1_000_000
            digest.update(part)
            file.write(part)
    url = f"https://www.python.org/ftp/python/3.14.0/{right.name}"
    release = ReleaseFactory(name="Python 3.14.0")
    os = OSFactory(slug="source", name="Source release")
    stored = ReleaseFileFactory(release=release, os=os, url=url, sha256_sum=digest.hexdigest(), filesize=right.stat().st_size)
    wrong = tmp_path / "wrong" / right.name
    wrong.parent.mkdir()
    content = right.read_bytes()
    wrong.write_bytes(content[:-1] + b"x")
    truncated = tmp_path / "truncated" / right.name
    truncated.parent.mkdir()
    truncated.write_bytes(content[:1_000_063])
    page.goto(f"{live_server.url}/downloads/release/python-3140/#verify-{stored.pk}")
    return page, {"right": right, "wrong": wrong, "truncated": truncated}


def verdict_on(page, path):
    """Return the verdict on a file and the seconds that it took."""
    page.set_input_files("#verify-input", [])
    page.set_input_files("#verify-input", path)
    began = perf_counter()
    verdict = page.locator(".verify-right, .verify-wrong")
    verdict.wait_for(timeout=30_000)
    seconds = perf_counter() - began
    text = verdict.inner_text()
    page.evaluate("document.querySelector('.verify-verdict').className = 'verify-verdict'")
    return text, seconds


@pytest.mark.parametrize("drawer", [3], indirect=True)
def test_a_file_is_verified_in_the_page(drawer):
    page, files = drawer
    requests, violations = [], []
    page.on("request", lambda request: requests.append(request.method))
    page.on("console", lambda message: violations.append(message.text) if message.type == "error" else None)
    assert page.locator("[data-verify]").is_visible()
    right, _ = verdict_on(page, files["right"])
    assert right == "Python-3.14.0.tar.xz matches this release: the file is complete and unchanged."
    wrong, _ = verdict_on(page, files["wrong"])
    assert wrong.startswith("Python-3.14.0.tar.xz does not match any file of this release")
    truncated, _ = verdict_on(page, files["truncated"])
    assert truncated == "Python-3.14.0.tar.xz is incomplete: it has 1,000,063 of 3,000,000 bytes. Download it again."
    assert "POST" not in requests
    assert violations == []


@pytest.mark.nightly
@pytest.mark.parametrize("drawer", [300], indirect=True)
def test_a_large_file_is_verified_within_seconds(drawer):
    page, files = drawer
    # The faster of two, because other programs may share the processor.
    (verdict, first), (_, second) = verdict_on(page, files["right"]), verdict_on(page, files["right"])
    assert verdict == "Python-3.14.0.tar.xz matches this release: the file is complete and unchanged."
    print(f"300 MB were verified in {min(first, second):.1f} s.")
    assert min(first, second) <= SECONDS_FOR_300_MB
