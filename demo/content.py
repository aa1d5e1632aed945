"""Demo content of the whole site."""

from allauth.account.models import EmailAddress
from django.conf import settings

from cms.search import inventories
from cms.search.models import DocEntry
from home.models import HomePage
from users.models import User

from . import community, downloads, events, jobs, pages, psf, sponsors

SAMPLES = [
    {
        "title": "Functions",
        "text": "Define a function once and use it anywhere.",
        "code": """\
def fibonacci(limit):
    a, b = 0, 1
    while a < limit:
        yield a
        a, b = b, a + b

print(*fibonacci(100))""",
        "output": "0 1 1 2 3 5 8 13 21 34 55 89",
        "caption": "fibonacci.py",
        "language": "python",
    },
    {
        "title": "Lists",
        "text": "List comprehensions filter and transform data in one line.",
        "code": """\
planets = ["Mercury", "Venus", "Earth", "Mars"]
short = [name.upper() for name in planets if len(name) < 6]
print(short)""",
        "output": "['VENUS', 'EARTH', 'MARS']",
        "caption": "planets.py",
        "language": "python",
    },
    {
        "title": "Files",
        "text": "The standard library is large. This example counts words.",
        "code": """\
from collections import Counter
from pathlib import Path

words = Path("letter.txt").read_text().split()
print(Counter(words).most_common(2))""",
        "output": "[('the', 12), ('and', 9)]",
        "caption": "words.py",
        "language": "python",
    },
]
DOORS = [
    ("Get started", "Install Python and run your first program. No experience needed.", "Get started", "/about/gettingstarted/"),
    (
        "Documentation",
        "Tutorial, library reference and language reference for every version.",
        "Read the documentation",
        "https://docs.python.org/3/",
    ),
    ("Jobs", "Python jobs near you or remote.", "See jobs", "/jobs/"),
]


def fill(*, pages_only: bool = False) -> bool:
    """Create the front page and everything under it, unless it exists. Return whether anything was created."""
    if settings.DEBUG and not User.objects.filter(username="admin").exists():
        admin = User.objects.create_superuser("admin", "admin@example.org", "admin")
        EmailAddress.objects.create(user=admin, email=admin.email, verified=True, primary=True)
    if HomePage.objects.exists():
        return False
    home = HomePage(
        title="Python",
        slug="home",
        promise="Readable code for the web, data, automation and learning.",
        introduction=(
            "Python is a free programming language for beginners and professionals. "
            "It runs on Windows, macOS, Linux and many other platforms."
        ),
        code_samples=[("sample", sample) for sample in SAMPLES],
        doors=[
            ("door", {"title": title, "text": text, "link": {"text": link, "page": None, "url": url}})
            for title, text, link, url in DOORS
        ],
        body=[
            pages.side_by_side(pages.NEWS, pages.EVENTS),
            ("featured_stories", {"heading": "How people use Python", "count": 1}),
            ("heading", {"text": "Use Python for…", "level": "2", "anchor": ""}),
            ("cards", {"cards": pages.uses()}),
            *pages.FOUNDATION,
        ],
    )
    home.become_root()
    pages.make_pages(home)
    downloads.make_pages(home)
    inventories.replace(DocEntry(name=name, kind=kind, url=url) for name, kind, url in pages.doc_entries())
    jobs.make_pages(home)
    events.make_pages(home)
    community.make_pages(home)
    psf.make_pages(home)
    if not pages_only:
        downloads.fill()
        jobs.fill()
        events.fill()
        community.fill(home)
        psf.fill()
        sponsors.fill()
    return True
