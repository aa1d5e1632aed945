"""Default menus: sections in the header, columns in the footer."""

from django.utils.translation import gettext_lazy as _

MAIN_MENU: list[dict] = [
    {
        "key": "downloads",
        "title": _("Downloads"),
        "url": "/downloads/",
        "panel": "supernav-python-downloads",
        "children": [
            {"title": _("All releases"), "url": "/downloads/#releases"},
            {"title": _("Windows"), "url": "/downloads/windows/"},
            {"title": _("Source code"), "url": "/downloads/source/"},
            {"title": _("macOS"), "url": "/downloads/macos/"},
            {"title": _("Supported versions"), "url": "/dev/branches/"},
            {"title": _("Pre-releases"), "url": "/dev/testing/"},
        ],
    },
    {
        "key": "doc",
        "title": _("Documentation"),
        "url": "/doc/",
        "children": [
            {"title": _("Python docs"), "url": "https://docs.python.org/3/"},
            {"title": _("By version"), "url": "/doc/versions/"},
            {"title": _("Installing packages"), "url": "/doc/pip/"},
            {"title": _("FAQ"), "url": "/doc/faq/"},
        ],
    },
    {
        "key": "community",
        "title": _("Community"),
        "url": "/community/",
        "panel": "supernav-python-blog supernav-python-success-stories",
        "children": [
            {"title": _("News"), "url": "/blogs/"},
            {"title": _("Success stories"), "url": "/success-stories/"},
            {"title": _("Forums"), "url": "/community/forums/"},
            {"title": _("Conferences"), "url": "/community/workshops/"},
            {"title": _("Mailing lists"), "url": "/community/lists/"},
            {"title": _("Diversity"), "url": "/community/diversity/"},
        ],
    },
    {
        "key": "about",
        "title": _("About"),
        "url": "/about/",
        "children": [
            {"title": _("Get started"), "url": "/about/gettingstarted/"},
            {"title": _("Applications"), "url": "/about/apps/"},
            {"title": _("Quotes"), "url": "/about/quotes/"},
            {"title": _("Help"), "url": "/about/help/"},
        ],
    },
    {
        "key": "psf",
        "title": _("PSF"),
        "url": "/psf/",
        "children": [
            {"title": _("Membership"), "url": "/psf/membership/"},
            {"title": _("Donations"), "url": "/psf/donations/"},
            {"title": _("Grants"), "url": "/psf/grants/"},
            {"title": _("Elections"), "url": "/nominations/elections/"},
            {"title": _("Minutes"), "url": "/psf/records/board/minutes/"},
            {"title": _("Sponsorship"), "url": "/psf/sponsorship/"},
        ],
    },
    {"key": "jobs", "title": _("Jobs"), "url": "/jobs/", "children": []},
    {
        "key": "events",
        "title": _("Events"),
        "url": "/events/",
        "children": [
            {"title": _("This month"), "url": "/events/month/"},
            {"title": _("Calendars"), "url": "/events/calendars/"},
            {"title": _("Add an event"), "url": "/events/submit/"},
        ],
    },
]

FOOTER_MENU: list[dict] = [
    *({**section, "panel": ""} for section in MAIN_MENU if section["key"] in {"about", "doc", "psf"}),
    {
        "key": "downloads",
        "title": _("Downloads"),
        "url": "/downloads/",
        "children": [
            {"title": _("All releases"), "url": "/downloads/#releases"},
            {"title": _("Source code"), "url": "/downloads/source/"},
            {"title": _("Release feed"), "url": "/downloads/feed.rss"},
            {"title": _("Release calendar"), "url": "/downloads/schedule.ics"},
            {"title": _("API"), "url": "/api/v3/docs/"},
        ],
    },
    {
        "key": "jobs",
        "title": _("Jobs"),
        "url": "/jobs/",
        "children": [
            {"title": _("Remote work"), "url": "/jobs/location/telecommute/"},
            {"title": _("Locations"), "url": "/jobs/locations/"},
            {"title": _("Post a job"), "url": "/jobs/create/"},
            {"title": _("Job feed"), "url": "/jobs/feed/rss/"},
        ],
    },
    {
        "key": "community",
        "title": _("Community"),
        "url": "/community/",
        "children": [
            {"title": _("News"), "url": "/blogs/"},
            {"title": _("Success stories"), "url": "/success-stories/"},
            {"title": _("Events"), "url": "/events/"},
            {"title": _("Add an event"), "url": "/events/submit/"},
            {"title": _("Forums"), "url": "/community/forums/"},
            {"title": _("Diversity"), "url": "/community/diversity/"},
        ],
    },
]

# Links at the bottom of each page.
BOTTOM_MENU = [
    {"title": _("Legal"), "url": "/about/legal/"},
    {"title": _("Privacy"), "url": "/privacy/"},
    {"title": _("Accessibility"), "url": "/accessibility/"},
    {"title": _("Release feed"), "url": "/downloads/feed.rss"},
    {"title": _("Report a problem"), "url": "/report-a-problem/"},
]


# Menus shown until staff publish a menu for a location (`cms.content.models.menus.Menu`).
def get_default_menu(place: str) -> list[dict]:
    """Return the default menu of a location, with its titles in the current language, for pages and for JSON."""

    def translate(entry: dict) -> dict:
        children = [translate(child) for child in entry.get("children", [])]
        return {**entry, "title": str(entry["title"])} | ({"children": children} if children else {})

    return [translate(entry) for entry in BUILT_IN[place]]


BUILT_IN: dict[str, list] = {"main": MAIN_MENU, "footer": FOOTER_MENU, "bottom": BOTTOM_MENU, "psf": []}


def panels() -> list[tuple[str, str]]:
    """Return the live content that sections offer for their menu panel: labels of generated boxes, and the name."""
    return [(str(section["panel"]), str(section["title"])) for section in MAIN_MENU if section.get("panel")]
