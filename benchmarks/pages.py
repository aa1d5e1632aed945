"""Measured pages, each with its limit: CPU milliseconds of an uncached request."""

PAGES = {
    "/": ("Front page", 10),
    "/downloads/": ("Downloads", 15),
    "/downloads/release/python-3146/": ("A release", 10),
    "/downloads/windows/": ("Downloads for Windows", 25),
    "/downloads/source/": ("Source releases", 25),
    "/downloads/feed.rss": ("Release feed", 10),
    "/box/supernav-python-downloads/": ("Menu panel", 10),
    "/events/": ("Events", 20),
    "/jobs/": ("Jobs", 12),
    "/success-stories/": ("Success stories", 9),
    "/blogs/": ("News", 7),
    "/psf/grants/faq/": ("A general page", 9),
    "/api/v1/downloads/release/": ("API v1, 20 releases", 10),
    "/api/v2/downloads/release/": ("API v2, all releases", 6),
    "/api/v2/downloads/release_file/": ("API v2, all files", 60),
    "/api/v3/releases/": ("API v3, 20 releases", 15),
}
