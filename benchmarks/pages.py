"""Measured pages, each with its cost on the previous site, which the new page must stay below."""

from typing import NamedTuple

# CPU milliseconds of a Django "hello" on the machine where the previous site was measured.
HELLO = 0.7
# How many times cheaper than the previous site a page must be.
CACHED, PURGED, NEW_PROCESS = 6, 2, 1


class MeasuredPage(NamedTuple):
    """Page to measure: label, and CPU milliseconds of the same page on the previous site if known."""

    label: str
    previous: float = 0

    def limit(self, times: int) -> float | None:
        """Return the limit of the page's cost in multiples of a "hello"."""
        return self.previous / HELLO / times if self.previous else None


PAGES = {
    "/": MeasuredPage("Front page", 88),
    "/downloads/": MeasuredPage("Downloads", 161),
    "/downloads/release/python-3146/": MeasuredPage("A release", 88),
    "/downloads/windows/": MeasuredPage("Downloads for Windows", 297),
    "/downloads/source/": MeasuredPage("Source releases"),
    "/downloads/feed.rss": MeasuredPage("Release feed"),
    "/box/supernav-python-downloads/": MeasuredPage("Menu panel"),
    "/events/": MeasuredPage("Events", 2407),
    "/jobs/": MeasuredPage("Jobs", 144),
    "/success-stories/": MeasuredPage("Success stories", 80),
    "/psf/about/": MeasuredPage("About the PSF", 98),
    "/blogs/": MeasuredPage("News", 56),
    "/psf/grants/faq/": MeasuredPage("A general page"),
    "/api/v1/downloads/release/": MeasuredPage("API v1, 20 releases", 11),
    "/api/v2/downloads/release/": MeasuredPage("API v2, all releases", 58),
    "/api/v2/downloads/release_file/": MeasuredPage("API v2, all files", 585),
    "/api/v3/releases/": MeasuredPage("API v3, 20 releases"),
}
