"""Page weight and layout shifts in a visitor's browser."""

import gzip
from http import HTTPStatus
from urllib.parse import urlsplit

import pytest

from tests.databases import fill

# The server runs in another thread, so rows are committed.
pytestmark = pytest.mark.django_db(transaction=True)
# Compressed size of the front page with styles and scripts, without images, in bytes.
LARGEST = 120 * 1024
PAGES = [
    "/",
    "/about/",
    "/about/gettingstarted/",
    "/downloads/",
    "/downloads/release/python-3151/",
    "/events/",
    "/jobs/",
    "/success-stories/",
    "/blogs/",
]
PHONE, DESK = {"width": 360, "height": 780}, {"width": 1280, "height": 900}
HELD = {"script", "image", "font"}
# Render-blocking scripts, once the document is parsed.
AWAITED = """() => new Promise(done => {
    const tell = () => done([...document.querySelectorAll("script[blocking=render]")].map(one => one.src));
    document.readyState === "loading" ? document.addEventListener("readystatechange", tell, {once: true}) : tell();
})"""
PAINTED = """() => new Promise(done => {
    const look = () => document.readyState !== "loading" && performance.getEntriesByName("first-contentful-paint").length
        ? done() : requestAnimationFrame(look);
    look();
})"""
# Layout shifts since the first paint, once pending changes are rendered.
SHIFTS = """() => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(() => {
    const observer = new PerformanceObserver(() => {});
    observer.observe({type: "layout-shift", buffered: true});
    done(observer.takeRecords().map(one => [one.value, one.sources.map(each => each.node?.outerHTML?.slice(0, 80))]));
})))"""
IMAGES = """() => [...document.images].map(one => ({
    source: one.currentSrc || one.src,
    isLazy: one.loading === "lazy",
    hasSize: one.hasAttribute("width") && one.hasAttribute("height"),
    hasSizes: !one.srcset.includes("w") || one.hasAttribute("sizes"),
    isSeen: one.checkVisibility() && one.getBoundingClientRect().top < innerHeight,
}))"""
BLOCKING = """() => performance.getEntriesByType("resource")
    .filter(one => one.renderBlockingStatus === "blocking").map(one => one.name)"""


def test_the_front_page_is_light(page, live_server):
    """Compressed size of all files except images. Nothing is loaded from other hosts, and only styles block the first paint."""
    fill()
    loaded = {}

    def weigh(response):
        if response.request.resource_type != "image":
            loaded[response.url] = len(gzip.compress(response.body()))

    page.on("response", weigh)
    page.goto(live_server.url + "/", wait_until="networkidle")
    assert len(loaded) > 3
    assert sum(loaded.values()) <= LARGEST, loaded
    own = urlsplit(live_server.url).netloc
    assert {urlsplit(url).netloc for url in loaded} == {own}
    blocking = page.evaluate(BLOCKING)
    assert blocking
    assert all(url.startswith(live_server.url) and urlsplit(url).path.endswith(".css") for url in blocking), blocking


@pytest.mark.parametrize("screen", [PHONE, DESK], ids=["phone", "desk"])
def test_nothing_moves_and_images_wait(page, live_server, screen):
    """Scripts, images and fonts come only after the first paint, as over a slow line."""
    fill()
    page.set_viewport_size(screen)
    waiting, found = [], []

    def hold(route):
        if is_held and route.request.resource_type in HELD and route.request.url not in awaited:
            waiting.append(route)
        else:
            route.continue_()

    page.route("**/*", hold)
    for address in PAGES:
        is_held, awaited = True, []
        assert page.goto(live_server.url + address, wait_until="commit").status == HTTPStatus.OK
        awaited = page.evaluate(AWAITED)
        for route in list(waiting):
            if route.request.url in awaited:
                waiting.remove(route)
                route.continue_()
        page.evaluate(PAINTED)
        is_held = False
        while waiting:
            waiting.pop().continue_()
        page.wait_for_load_state("load")
        found += [f"{address} moves by {value:.3f}: {nodes}" for value, nodes in page.evaluate(SHIFTS)]
        for number, image in enumerate(page.evaluate(IMAGES)):
            if not image["hasSize"] or not image["hasSizes"]:
                found.append(f"{address}: {image['source']} has no size")
            if image["isLazy"] == image["isSeen"] and (number == 0 or not image["isSeen"]):
                found.append(f"{address}: {image['source']} waits, or does not, against its place")
    assert found == []
