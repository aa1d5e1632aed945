"""The menus of the frame: sections in the header, columns in the footer."""

MAIN_MENU = [
    {
        "key": "downloads",
        "title": "Downloads",
        "url": "/downloads/",
        "panel": "downloads/menu_panel.html",
        "children": [],
    },
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

FOOTER_MENU = [
    {
        "key": "downloads",
        "title": "Downloads",
        "url": "/downloads/",
        "children": [
            {"title": "All releases", "url": "/downloads/#releases"},
            {"title": "Windows", "url": "/downloads/windows/"},
            {"title": "macOS", "url": "/downloads/macos/"},
            {"title": "Source code", "url": "/downloads/source/"},
            {"title": "Release feed", "url": "/downloads/feed.rss"},
            {"title": "Release calendar", "url": "/downloads/schedule.ics"},
        ],
    },
    {
        "key": "api",
        "title": "For programs",
        "url": "/api/v3/docs/",
        "children": [
            {"title": "API", "url": "/api/v3/docs/"},
            {"title": "Release index (JSON)", "url": "/api/v3/releases/index.json"},
        ],
    },
]
