"""Demo pages: the outline `outline.txt` becomes a page tree.

One line is `address | title | lead | text`.
"""

from collections.abc import Iterator
from pathlib import Path

from wagtail.models import Page

from home.models import GuidePage, LandingPage, StandardPage, VersionsPage

OUTLINE = Path(__file__).with_name("outline.txt")
LANDINGS = {
    "about": (
        "About Python",
        "Python is a language for getting things done: quick to learn, pleasant to read, and strong enough for the largest jobs.",
        [("Begin in ten minutes", "/about/gettingstarted/"), ("See what it is used for", "/about/apps/")],
        [
            (
                "Easy to begin",
                "Programs read almost like sentences.",
                "Get started",
                "/about/gettingstarted/",
            ),
            (
                "Useful everywhere",
                "Web sites, data, science, games: one language for all.",
                "What people build",
                "/about/apps/",
            ),
            (
                "Free for all",
                "Python is open source. Use it and change it.",
                "Legal notices",
                "/about/legal/",
            ),
            ("Made together", "Volunteers from all over the world write, test and document it.", "Take part", "/dev/"),
        ],
    ),
    "doc": (
        "Documentation",
        "The tutorial, the library, the language: everything that is known about Python, for every version.",
        [("Read the documentation", "https://docs.python.org/3/"), ("Documentation by version", "/doc/versions/")],
        [
            (
                "New to programming",
                "A path in small steps.",
                "Begin here",
                "/about/gettingstarted/",
            ),
            (
                "Know another language",
                "The tutorial shows in an afternoon what is different.",
                "The tutorial",
                "https://docs.python.org/3/tutorial/",
            ),
            (
                "Look something up",
                "Every module and function, with examples.",
                "The library",
                "https://docs.python.org/3/library/",
            ),
            ("Install packages", "How to use what others have made.", "pip", "/doc/pip/"),
        ],
    ),
    "community": (
        "Community",
        "People make Python what it is. Find those near you, or those who care for the same things.",
        [("Ask in the forum", "/community/forums/"), ("Find a conference", "/community/workshops/")],
        [
            ("Ask and answer", "Forums, lists and chat, for every level.", "Forums", "/community/forums/"),
            ("Meet", "Conferences, workshops and user groups on every continent.", "Conferences", "/community/workshops/"),
            ("Work", "Openings for beginners and experts.", "Advice", "/community/jobs-advice/"),
            ("Be welcome", "What we do so that everybody can take part.", "Diversity", "/community/diversity/"),
        ],
    ),
    "psf": (
        "Python Software Foundation",
        "The charity behind the language: it protects Python, supports its people and brings them together.",
        [("Donate", "/psf/donations/"), ("Become a member", "/psf/membership/")],
        [
            ("Membership", "Vote for the board and have a say.", "Join", "/psf/membership/"),
            ("Grants", "Money for conferences, courses and projects.", "Apply", "/psf/grants/"),
            ("Sponsorship", "Companies that give back.", "Sponsor", "/psf/sponsorship/"),
            ("Volunteer", "Help without writing code.", "Ways to help", "/psf/volunteer/"),
        ],
    ),
}
# Lists of the sections, as blocks of a body or of a column.
NEWS = ("blog_entries", {"heading": "News", "aggregate": "", "count": 4})
EVENTS = ("upcoming_events", {"heading": "Coming up", "calendar": "", "count": 4, "featured": False})
USES = [
    ("Web sites and services", "From a form on one page to a shop that never sleeps.", "/about/apps/web/"),
    ("Science and data", "Load a table, clean it and draw it in a dozen lines.", "/about/apps/science/"),
    ("Teaching", "A first program needs one line, and a child can read it aloud.", "/about/apps/education/"),
    ("Desktop programs", "Windows and buttons that run on every system.", "/about/apps/desktop/"),
    ("Automation", "Let a script do what you do every Monday.", "/about/apps/automation/"),
    ("Small boards", "MicroPython makes lights blink on a chip of the size of a coin.", "/community/microbit/"),
]
READING = [
    ("Books", "Printed and free, sorted by reader.", "Find a book", "/doc/books/"),
    ("Talks", "Recordings from conferences and courses.", "Watch", "/doc/av/"),
    ("Essays", "Why the language is as it is.", "Read", "/doc/essays/"),
    ("Teaching", "Plans and exercises for a class.", "Teach", "/doc/teaching/"),
]
FOUNDATION: list[tuple[str, dict | str]] = [
    ("heading", {"text": "The Python Software Foundation", "level": "2", "anchor": ""}),
    (
        "text",
        "<p>A charity keeps Python free: it holds the rights, pays for the servers, and helps those who teach and meet.</p>",
    ),
    ("button", {"text": "Become a member", "page": None, "url": "/psf/membership/", "style": "primary"}),
    ("button", {"text": "Donate", "page": None, "url": "/psf/donations/", "style": "secondary"}),
]
GUIDE = Path(__file__).with_name("steps.txt")

OLD_VERSIONS = [
    ("Python 1.5.2", "30 April 1999", "https://docs.python.org/release/1.5.2/"),
    ("Python 1.4", "25 October 1996", "https://docs.python.org/release/1.4/"),
]


def side_by_side(*columns: tuple[str, dict]) -> tuple[str, dict]:
    return "columns", {"columns": [[{"type": name, "value": value}] for name, value in columns]}


def uses() -> list[dict]:
    return [_card(title, text, "See how", url) for title, text, url in USES]


def _bodies() -> dict[str, list]:
    """Return the bodies of the landing pages."""
    return {
        "about": [("featured_stories", {"heading": "Told by those who use it", "count": 3})],
        "doc": [
            ("heading", {"text": "More to read", "level": "2", "anchor": ""}),
            ("cards", {"cards": [_card(*row) for row in READING]}),
            ("heading", {"text": "Something missing or wrong?", "level": "2", "anchor": ""}),
            ("text", "<p>The documentation is written by its readers. Mending one sentence is a good first contribution.</p>"),
            ("button", {"text": "Help to write it", "page": None, "url": "/dev/", "style": "secondary"}),
        ],
        "community": [
            side_by_side(NEWS, EVENTS),
            ("latest_posts", {"heading": "From the community", "count": 3}),
        ],
        "psf": [
            side_by_side(
                ("minutes_list", {"heading": "Minutes of the board", "body": "", "count": 4}),
                ("blog_entries", {"heading": "News of the Foundation", "aggregate": "psf-news", "count": 4}),
            ),
            ("sponsor_logos", {"heading": "Thank you to our sponsors", "place": "sponsors"}),
        ],
    }


def make_pages(home: Page) -> None:
    """Create the sections and the pages below them."""
    known = {"": home}
    bodies = _bodies()
    for slug, (title, lead, actions, cards) in LANDINGS.items():
        known[slug] = home.add_child(
            instance=LandingPage(
                title=title,
                slug=slug,
                introduction=lead,
                search_description=lead,
                actions=[("link", _link(text, url)) for text, url in actions],
                highlights=[("card", _card(*row)) for row in cards],
                body=bodies[slug],
            )
        )
    known["about"].add_child(instance=_guide())
    known["doc"].add_child(
        instance=VersionsPage(
            title="Documentation by version",
            slug="versions",
            search_description="Where the documentation of each version of Python is.",
            introduction="Each release keeps its own documentation for good.",
            old_versions=[("row", {"version": name, "released": day, "url": url}) for name, day, url in OLD_VERSIONS],
        )
    )
    for line in OUTLINE.read_text(encoding="utf-8").splitlines():
        path, title, lead, text = line.split(" | ")
        above, _, slug = path.rpartition("/")
        known[path] = known[above].add_child(
            instance=StandardPage(
                title=title,
                slug=slug,
                introduction=lead,
                search_description=lead,
                body=[("text", f"<p>{text}</p>"), *([("cards", {"cards": uses()})] if path == "about/apps" else [])],
                layout=StandardPage.Layout.FOUNDATION if above.startswith("psf") else StandardPage.Layout.SIDEBAR,
            )
        )


def _link(text: str, url: str) -> dict:
    return {"text": text, "page": None, "url": url}


def _card(title: str, text: str, word: str, url: str) -> dict:
    return {"title": title, "text": f"<p>{text}</p>", "image": None, "links": [_link(word, url)]}


def _guide() -> GuidePage:
    steps: list[dict] = []
    for line in GUIDE.read_text(encoding="utf-8").splitlines():
        title, system, minutes, text, code = line.split(" | ")
        body: list[dict] = [{"type": "text", "value": text}]
        if code.strip():
            language = "python" if code.startswith("print") else "bash"
            body.append({"type": "code", "value": {"code": code, "language": language, "caption": ""}})
        steps.append({"type": "step", "value": {"title": title, "system": system, "minutes": int(minutes), "body": body}})
    return GuidePage(
        title="Get started",
        slug="gettingstarted",
        introduction="From nothing to a running program.",
        search_description="Install Python and run your first program, step by step, on Windows, macOS or Linux.",
        audience="You have never programmed.",
        steps=steps,
        next_steps=[
            ("door", {"title": title, "text": text, "link": _link(word, url)})
            for title, text, word, url in [
                ("The tutorial", "Go on where this guide ends.", "Read it", "https://docs.python.org/3/tutorial/"),
                ("Packages", "Use what others have made.", "Install packages", "/doc/pip/"),
                ("People", "Ask when you are stuck.", "Get help", "/about/help/"),
            ]
        ],
    )


def doc_entries() -> Iterator[tuple[str, str, str]]:
    """Yield some names of the library as in its documentation inventory."""
    names = "json.dumps json.loads asyncio.run pathlib.Path collections.Counter datetime.datetime re.match os.path.join"
    for name in names.split():
        module = "os.path" if name.startswith("os.path") else name.partition(".")[0]
        yield name, "py:function", f"https://docs.python.org/3/library/{module}.html#{name}"
