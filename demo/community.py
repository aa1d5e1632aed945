"""Demo stories, news and posts. The companies and people are invented."""

from datetime import timedelta

from django.utils import timezone
from wagtail.models import Page

from community.models import (
    BlogEntry,
    BlogsPage,
    Company,
    Feed,
    FeedAggregate,
    PostPage,
    StoryCategory,
    StoryIndexPage,
    StoryPage,
)

CATEGORIES = {
    "arts": "Arts",
    "business": "Business",
    "education": "Education",
    "engineering": "Engineering",
    "science": "Science",
    "software-development": "Software development",
}
COMPANIES = {
    "tidewater-maps": ("Tidewater Maps", "Tidewater Maps publishes weather maps and nautical charts."),
    "lantern-health": ("Lantern Health", "Lantern Health builds software that prioritizes medical scans for radiologists."),
    "harbor-analytics": ("Harbor Analytics", "Harbor Analytics predicts ship arrivals for ports and shippers."),
}
TEXTS = [
    """\
Farmers plan their day before sunrise. Our forecasts used to arrive at nine, because three people copied numbers between
spreadsheets.

## What we built

A program with [pandas](https://pandas.pydata.org/) and [xarray](https://xarray.dev/) reads the measurements taken overnight,
draws the maps and sends them to subscribers. The first version took a weekend and found **two errors** in our spreadsheets.

## Results

- The maps are ready in ten minutes, at 5:00 AM.
- Everyone on the team can change the program, which has 900 lines.
- Automated tests run in two minutes.
""",
    """\
Radiologists received scans in the order in which they were taken. Urgent cases waited behind routine ones.

## What we built

A [PyTorch](https://pytorch.org/) model estimates how urgent each scan is, and a [Django](https://www.djangoproject.com/)
application sorts the list. Doctors see the reason for each estimate and **can override it**.

## Results

- Urgent scans are read 40 minutes earlier on average.
- Doctors changed the order of fewer than 3 in 100 scans.
- Each release is tested on a million anonymized scans.
""",
    """\
Ports want to know when a ship arrives, but schedules are often days off. Our analysts had good models that nobody could run
in production.

## What we built

The analysts’ notebooks became a Python package with tests. [FastAPI](https://fastapi.tiangolo.com/) serves the predictions,
and a nightly job retrains the models with the positions of **12,000 ships**.

## Results

- Half of all arrivals are predicted to within one hour.
- Analysts release a new model in a day. It used to take a month.
- The package is documented and used by all three teams.
""",
    """\
Our school had one computer lab and no programming teacher. Students wanted to write games, not fill in worksheets.

## What we did

Two teachers learned Python over the summer. Students start with
[turtle graphics](https://docs.python.org/3/library/turtle.html) and write their first game **in the third lesson**.

## Results

- All classes from grade 6 on now have a programming lesson each week.
- Twelve students maintain the school’s scheduling program.
- Four neighboring schools use our lesson plans.
""",
    """\
Stage lighting follows a fixed list of cues. Our dancers improvise, so the cues were always too early or too late.

## What we built

A Python program analyzes the music with [NumPy](https://numpy.org/), finds the beat and controls 60 lights. The lighting
designer mixes moods on a tablet **during the show**.

## Results

- The lights react within 20 milliseconds.
- A new show is prepared in two days. It used to take two weeks.
- The program runs on a Raspberry Pi under the stage.
""",
]
# title, company, category, author, quote, featured
STORIES = [
    (
        "Weather maps for farmers in ten minutes",
        "tidewater-maps",
        "science",
        "Ada Okafor, head of data",
        "We stopped guessing. The map is ready before our first meeting.",
        True,
    ),
    (
        "Prioritizing a million medical scans",
        "lantern-health",
        "engineering",
        "Ines Novak, engineer",
        "Doctors now see the most urgent scans first.",
        False,
    ),
    (
        "Predicting ship arrivals",
        "harbor-analytics",
        "business",
        "Jonas Berg, founder",
        "Our analysts read and change the code themselves. That matters more than raw speed.",
        False,
    ),
    (
        "Programming in every classroom",
        "",
        "education",
        "Mira Castellanos, teacher",
        "Students ask for the next exercise before the lesson ends.",
        False,
    ),
    (
        "Interactive stage lighting",
        "",
        "arts",
        "Theo Lund, stage designer",
        "The lights follow the music in real time.",
        False,
    ),
]
FEEDS = {
    "insider": ("Python Insider", "https://blog.python.org/", "https://blog.python.org/feeds/posts/default?alt=rss"),
    "psf": ("PSF News", "https://pyfound.blogspot.com/", "https://pyfound.blogspot.com/feeds/posts/default?alt=rss"),
}
ENTRIES = [
    ("insider", "New release candidate available for testing", "Please test your projects with it and report problems.", 2),
    ("psf", "Grants awarded this quarter", "Grants for workshops on four continents and travel support for students.", 5),
    (
        "insider",
        "Security releases for older versions",
        "We recommend upgrading. The release notes list the fixed vulnerabilities.",
        9,
    ),
    ("psf", "New PSF fellows", "Seven members were honored for their contributions to the community.", 16),
    ("insider", "New features in the next version", "Clearer error messages, faster startup and two removed modules.", 24),
    ("psf", "Annual report", "Income, expenses and results of the past year.", 40),
]
POSTS = [
    (
        "Documentation sprint",
        PostPage.Kind.PHOTO,
        "Thirty contributors made forty improvements to the documentation in two days.",
    ),
    ("Spring talks to rewatch", PostPage.Kind.VIDEO, "The conference recordings are online."),
    ("How to start a user group", PostPage.Kind.LINK, "Find a venue, set a date and announce the meeting."),
]


def make_pages(home: Page) -> None:
    """Create the landing pages of stories and news under the front page."""
    home.add_child(
        instance=StoryIndexPage(
            title="Success stories",
            slug="success-stories",
            show_in_menus=True,
            introduction="How companies, schools, laboratories and studios use Python.",
        )
    )
    home.add_child(instance=BlogsPage(title="News", slug="blogs", show_in_menus=True))


def fill(home: Page) -> None:
    """Create stories, companies, blogs with entries, and posts, unless stories exist."""
    if StoryPage.objects.exists():
        return
    now = timezone.now()
    categories = {slug: StoryCategory.objects.create(name=name, slug=slug) for slug, name in CATEGORIES.items()}
    companies = {
        slug: Company.objects.create(name=name, slug=slug, about=about, url=f"https://{slug}.example.org/")
        for slug, (name, about) in COMPANIES.items()
    }
    index = StoryIndexPage.objects.get()
    for days, ((title, company, category, author, quote, featured), text) in enumerate(zip(STORIES, TEXTS, strict=True)):
        index.add_child(
            instance=StoryPage(
                title=title,
                category=categories[category],
                company=companies.get(company),
                company_name="" if company else author.partition(",")[0],
                author=author,
                pull_quote=quote,
                text=text,
                featured=featured,
                first_published_at=now - timedelta(days=20 * days + 3),
            )
        )
    feeds = {
        slug: Feed.objects.create(slug=slug, name=name, website_url=website, feed_url=url)
        for slug, (name, website, url) in FEEDS.items()
    }
    FeedAggregate.objects.create(name="PSF News", slug="psf-news", description="Shown on PSF pages.").feeds.add(feeds["psf"])
    for number, (feed, title, summary, days) in enumerate(ENTRIES):
        BlogEntry.objects.create(
            feed=feeds[feed],
            title=title,
            summary=f"<p>{summary}</p>",
            url=f"{feeds[feed].website_url}demo/{number}.html",
            published_at=now - timedelta(days=days),
        )
    community = home.get_children().filter(slug="community").first()
    for number, (title, kind, abstract) in enumerate(POSTS, 1):
        if community:
            community.add_child(
                instance=PostPage(
                    title=title,
                    slug=str(number),
                    kind=kind,
                    abstract=abstract,
                    first_published_at=now - timedelta(days=9 * number),
                )
            )
