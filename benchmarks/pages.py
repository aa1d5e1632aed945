"""Measured pages, each with the cost of the previous site: what a new page has to stay below."""

from typing import NamedTuple

# Milliseconds of CPU of a "hello" from Django on the machine where the previous site was measured.
HELLO = 0.7
# How many times cheaper than the previous site a page must be.
CACHED, PURGED, NEW_PROCESS = 6, 2, 1


class MeasuredPage(NamedTuple):
    """Label, and milliseconds of CPU of the same page of the previous site, if it was measured."""

    label: str
    previous: float = 0

    def limit(self, times: int) -> float | None:
        """Return how many times a "hello" the page may cost."""
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
