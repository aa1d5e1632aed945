"""The menus of the frame: sections in the header, columns in the footer."""

MAIN_MENU = [
    {
        "key": "downloads",
        "title": "Downloads",
        "url": "/downloads/",
        "panel": "downloads/menu_panel.html",
        "children": [],
    },
    {"key": "jobs", "title": "Jobs", "url": "/jobs/", "children": []},
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
        "key": "jobs",
        "title": "Jobs",
        "url": "/jobs/",
        "children": [
            {"title": "All jobs", "url": "/jobs/"},
            {"title": "Remote work", "url": "/jobs/location/telecommute/"},
            {"title": "Places", "url": "/jobs/locations/"},
            {"title": "Post a job", "url": "/jobs/create/"},
            {"title": "Job feed", "url": "/jobs/feed/rss/"},
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
