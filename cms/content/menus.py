"""Default menus: sections in the header, columns in the footer."""

MAIN_MENU: list[dict] = [
    {
        "key": "downloads",
        "title": "Downloads",
        "url": "/downloads/",
        "panel": "downloads/menu_panel.html",
        "children": [
            {"title": "All releases", "url": "/downloads/#releases"},
            {"title": "Windows", "url": "/downloads/windows/"},
            {"title": "Source code", "url": "/downloads/source/"},
            {"title": "macOS", "url": "/downloads/macos/"},
            {"title": "Supported versions", "url": "/dev/branches/"},
            {"title": "Pre-releases", "url": "/dev/testing/"},
        ],
    },
    {
        "key": "doc",
        "title": "Documentation",
        "url": "/doc/",
        "children": [
            {"title": "The documentation", "url": "https://docs.python.org/3/"},
            {"title": "By version", "url": "/doc/versions/"},
            {"title": "Installing packages", "url": "/doc/pip/"},
            {"title": "Questions", "url": "/doc/faq/"},
        ],
    },
    {
        "key": "community",
        "title": "Community",
        "url": "/community/",
        "panel": "community/menu_panel.html",
        "children": [
            {"title": "News", "url": "/blogs/"},
            {"title": "Success stories", "url": "/success-stories/"},
            {"title": "Forums", "url": "/community/forums/"},
            {"title": "Conferences", "url": "/community/workshops/"},
            {"title": "Mailing lists", "url": "/community/lists/"},
            {"title": "Diversity", "url": "/community/diversity/"},
        ],
    },
    {
        "key": "about",
        "title": "About",
        "url": "/about/",
        "children": [
            {"title": "Get started", "url": "/about/gettingstarted/"},
            {"title": "Applications", "url": "/about/apps/"},
            {"title": "Quotes", "url": "/about/quotes/"},
            {"title": "Help", "url": "/about/help/"},
        ],
    },
    {
        "key": "psf",
        "title": "PSF",
        "url": "/psf/",
        "children": [
            {"title": "Membership", "url": "/psf/membership/"},
            {"title": "Donations", "url": "/psf/donations/"},
            {"title": "Grants", "url": "/psf/grants/"},
            {"title": "Elections", "url": "/nominations/elections/"},
            {"title": "Minutes", "url": "/psf/records/board/minutes/"},
            {"title": "Sponsorship", "url": "/psf/sponsorship/"},
        ],
    },
    {"key": "jobs", "title": "Jobs", "url": "/jobs/", "children": []},
    {
        "key": "events",
        "title": "Events",
        "url": "/events/",
        "children": [
            {"title": "This month", "url": "/events/month/"},
            {"title": "Calendars", "url": "/events/calendars/"},
            {"title": "Add an event", "url": "/events/submit/"},
        ],
    },
]

FOOTER_MENU: list[dict] = [
    *({**section, "panel": ""} for section in MAIN_MENU if section["key"] in {"about", "doc", "psf"}),
    {
        "key": "downloads",
        "title": "Downloads",
        "url": "/downloads/",
        "children": [
            {"title": "All releases", "url": "/downloads/#releases"},
            {"title": "Source code", "url": "/downloads/source/"},
            {"title": "Release feed", "url": "/downloads/feed.rss"},
            {"title": "Release calendar", "url": "/downloads/schedule.ics"},
            {"title": "API for programs", "url": "/api/v3/docs/"},
        ],
    },
    {
        "key": "jobs",
        "title": "Jobs",
        "url": "/jobs/",
        "children": [
            {"title": "Remote work", "url": "/jobs/location/telecommute/"},
            {"title": "Places", "url": "/jobs/locations/"},
            {"title": "Post a job", "url": "/jobs/create/"},
            {"title": "Job feed", "url": "/jobs/feed/rss/"},
        ],
    },
    {
        "key": "community",
        "title": "Community",
        "url": "/community/",
        "children": [
            {"title": "News", "url": "/blogs/"},
            {"title": "Success stories", "url": "/success-stories/"},
            {"title": "Events", "url": "/events/"},
            {"title": "Add an event", "url": "/events/submit/"},
            {"title": "Forums", "url": "/community/forums/"},
            {"title": "Diversity", "url": "/community/diversity/"},
        ],
    },
]

# At the very bottom of each page.
BOTTOM_MENU = [
    {"title": "Legal", "url": "/about/legal/"},
    {"title": "Privacy", "url": "/privacy/"},
    {"title": "Accessibility", "url": "/accessibility/"},
    {"title": "Release feed", "url": "/downloads/feed.rss"},
    {"title": "Report a problem", "url": "/report-a-problem/"},
]

# What shows as long as staff have published no menu of their own in this place (`cms.content.models.menus.Menu`).
BUILT_IN: dict[str, list] = {"main": MAIN_MENU, "footer": FOOTER_MENU, "bottom": BOTTOM_MENU, "psf": []}


def panels() -> list[tuple[str, str]]:
    """Return the live parts that sections offer for their panel in the header: template and name."""
    return [(str(section["panel"]), str(section["title"])) for section in MAIN_MENU if section.get("panel")]
