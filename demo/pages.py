"""Demo pages: landing pages of the sections, general pages from `pages.txt`, and the guide from `steps.txt`."""

from collections.abc import Iterator
from pathlib import Path

from wagtail.models import Page

from home.first_content import make_first_content, make_page, read_pages
from home.models import GuidePage, HomePage, LandingPage, StandardPage

PAGES = Path(__file__).with_name("pages.txt")
LANDINGS = {
    "about": (
        "About Python",
        "Python is a programming language that is easy to learn, readable, and powerful enough for large projects.",
        [("Get started", "/about/gettingstarted/"), ("See applications", "/about/apps/")],
        [
            (
                "Easy to learn",
                "Clear syntax lets beginners write useful programs on the first day.",
                "Get started",
                "/about/gettingstarted/",
            ),
            (
                "Used everywhere",
                "Websites, data analysis, science, automation and education.",
                "Applications",
                "/about/apps/",
            ),
            (
                "Free and open source",
                "Free to use, change and share, including commercially.",
                "Legal notices",
                "/about/legal/",
            ),
            ("Community-driven", "Developed by volunteers around the world and supported by sponsors.", "Contribute", "/dev/"),
        ],
    ),
    "doc": (
        "Documentation",
        "Tutorial, library reference and language reference for every version of Python.",
        [("Read the documentation", "https://docs.python.org/3/"), ("Documentation by version", "/doc/versions/")],
        [
            (
                "New to programming",
                "Install Python and run your first program.",
                "Get started",
                "/about/gettingstarted/",
            ),
            (
                "Experienced programmers",
                "Learn the language in an afternoon.",
                "Read the tutorial",
                "https://docs.python.org/3/tutorial/",
            ),
            (
                "Library reference",
                "All modules and functions of the standard library, with examples.",
                "Open the reference",
                "https://docs.python.org/3/library/",
            ),
            ("Install packages", "Add third-party packages with pip.", "Install packages", "/doc/pip/"),
        ],
    ),
    "community": (
        "Community",
        "Meet Python users online and at events near you.",
        [("Ask a question", "/community/forums/"), ("Find an event", "/community/workshops/")],
        [
            ("Discuss", "Forums, mailing lists and chat for all levels.", "Open the forums", "/community/forums/"),
            ("Events", "Conferences, workshops and user groups on every continent.", "Find an event", "/community/workshops/"),
            ("Jobs", "Python jobs near you or remote.", "Read tips", "/community/jobs-advice/"),
            ("Diversity", "Everyone is welcome in the Python community.", "Learn more", "/community/diversity/"),
        ],
    ),
    "psf": (
        "Python Software Foundation",
        "The nonprofit organization behind Python. We promote, protect and advance the language and its community.",
        [("Donate", "/psf/donations/"), ("Become a member", "/psf/membership/")],
        [
            ("Membership", "Join the PSF and vote in its elections.", "Become a member", "/psf/membership/"),
            ("Grants", "Funding for conferences, workshops and projects.", "Apply for a grant", "/psf/grants/"),
            ("Sponsorship", "Companies that support Python.", "Become a sponsor", "/psf/sponsorship/"),
            ("Volunteer", "Help with or without code.", "See ways to help", "/psf/volunteer/"),
        ],
    ),
}
# Lists of the sections, as blocks of a body or of a column.
NEWS = ("blog_entries", {"heading": "News", "aggregate": "", "count": 4})
EVENTS = ("upcoming_events", {"heading": "Upcoming events", "calendar": "", "count": 4, "featured": False})
USES = [
    ("Web development", "Websites, APIs and services with Django, Flask or FastAPI.", "/about/apps/web/"),
    ("Science and data", "Analyze and plot data with NumPy, pandas and Matplotlib.", "/about/apps/science/"),
    ("Education", "A readable first language for schools and universities.", "/about/apps/education/"),
    ("Desktop applications", "Graphical programs for Windows, macOS and Linux.", "/about/apps/desktop/"),
    ("Automation", "Scripts for files, spreadsheets, servers and web APIs.", "/about/apps/automation/"),
    ("Microcontrollers", "MicroPython runs on small boards such as the micro:bit.", "/community/microbit/"),
]
READING = [
    ("Books", "Free books and lists of published books.", "Find a book", "/doc/books/"),
    ("Talks", "Recorded conference talks, and podcasts.", "Watch talks", "/doc/av/"),
    ("Essays", "Articles about the design of the language.", "Read essays", "/doc/essays/"),
    ("Teaching", "Materials for teachers and workshops.", "Find materials", "/doc/teaching/"),
]
FOUNDATION: list[tuple[str, dict | str]] = [
    ("heading", {"text": "The Python Software Foundation", "level": "2", "anchor": ""}),
    (
        "text",
        (
            "<p>The Python Software Foundation is the nonprofit organization behind Python. "
            "It runs the infrastructure, organizes PyCon US and funds community projects.</p>"
        ),
    ),
    ("button", {"text": "Become a member", "page": None, "url": "/psf/membership/", "style": "primary"}),
    ("button", {"text": "Donate", "page": None, "url": "/psf/donations/", "style": "secondary"}),
]
GUIDE = Path(__file__).with_name("steps.txt")


def side_by_side(*columns: tuple[str, dict]) -> tuple[str, dict]:
    return "columns", {"columns": [[{"type": name, "value": value}] for name, value in columns]}


def uses() -> list[dict]:
    return [_card(title, text, "Learn more", url) for title, text, url in USES]


def _bodies() -> dict[str, list]:
    """Return the bodies of the landing pages."""
    return {
        "about": [("featured_stories", {"heading": "Success stories", "count": 3})],
        "doc": [
            ("heading", {"text": "More resources", "level": "2", "anchor": ""}),
            ("cards", {"cards": [_card(*row) for row in READING]}),
            ("heading", {"text": "Found a mistake in the documentation?", "level": "2", "anchor": ""}),
            ("text", "<p>Volunteers write the documentation. Fixing a sentence is a good first contribution.</p>"),
            ("button", {"text": "Contribute", "page": None, "url": "/dev/", "style": "secondary"}),
        ],
        "community": [
            side_by_side(NEWS, EVENTS),
            ("latest_posts", {"heading": "From the community", "count": 3}),
        ],
        "psf": [
            side_by_side(
                ("minutes_list", {"heading": "Board minutes", "body": "", "count": 4}),
                ("blog_entries", {"heading": "PSF news", "aggregate": "psf-news", "count": 4}),
            ),
            ("sponsor_logos", {"heading": "Thank you to our sponsors", "place": "sponsors"}),
        ],
    }


def make_pages(home: HomePage) -> None:
    """Create the sections and the pages under them."""
    known: dict[str, Page] = {"": home}
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
    make_first_content(home)
    for text in read_pages(PAGES):
        above = text.path.rpartition("/")[0]
        if text.path == "about/apps":
            text.body.append(("cards", {"cards": uses()}))
        layout = StandardPage.Layout.FOUNDATION if above.startswith("psf") else StandardPage.Layout.SIDEBAR
        known[text.path] = make_page(text, known[above], layout=layout)


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
            body.append({"type": "code", "value": {"code": code.replace("⏎", "\n"), "language": language, "caption": ""}})
        steps.append({"type": "step", "value": {"title": title, "system": system, "minutes": int(minutes), "body": body}})
    return GuidePage(
        title="Get started",
        slug="gettingstarted",
        introduction="Install Python and run your first program.",
        search_description="Install Python and run your first program, step by step, on Windows, macOS or Linux.",
        audience="No programming experience needed.",
        steps=steps,
        next_steps=[
            ("door", {"title": title, "text": text, "link": _link(word, url)})
            for title, text, word, url in [
                ("The tutorial", "Learn the language step by step.", "Read the tutorial", "https://docs.python.org/3/tutorial/"),
                ("Packages", "Install third-party packages.", "Install packages", "/doc/pip/"),
                ("Help", "Ask questions in the forum.", "Get help", "/about/help/"),
            ]
        ],
    )


def doc_entries() -> Iterator[tuple[str, str, str]]:
    """Yield some names of the library as in its documentation inventory."""
    names = "json.dumps json.loads asyncio.run pathlib.Path collections.Counter datetime.datetime re.match os.path.join"
    for name in names.split():
        module = "os.path" if name.startswith("os.path") else name.partition(".")[0]
        yield name, "py:function", f"https://docs.python.org/3/library/{module}.html#{name}"
