"""Demo stories, news and posts. The companies and people are made up."""

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
    StorySavedReply,
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
    "tidewater-maps": ("Tidewater Maps", "They chart rivers and harbours for those who sail them."),
    "lantern-health": ("Lantern Health", "They read scans, and tell doctors which to look at first."),
    "harbour-analytics": ("Harbour Analytics", "They find out which ship is late, and why."),
}
TEXT = """\
We began with a spreadsheet, and with a question that it could not answer.

## What we tried

A weekend was enough for a first script. It read the files of one year, drew a map, and was **wrong in two places**.

## What we have now

- One program of nine hundred lines, which everybody in the team has changed at least once.
- Tests that a new colleague reads in an afternoon.
- Maps each morning, before the boats leave.

## What we would do again

Start small, show it early, and write down why.
"""
# title, company, category, author, quote, featured
STORIES = [
    (
        "Weather maps for farmers in ten minutes",
        "tidewater-maps",
        "science",
        "Ada Okafor, head of data",
        "We stopped guessing. The map is there before the coffee is ready.",
        True,
    ),
    (
        "A reading room for a million scans",
        "lantern-health",
        "engineering",
        "Ines Novak, engineer",
        "Doctors see the urgent ones first now. That is all we wanted.",
        False,
    ),
    (
        "Which ship is late, and why",
        "harbour-analytics",
        "business",
        "Jonas Berg, founder",
        "A language that the whole office can read is worth more than a fast one.",
        False,
    ),
    (
        "A first program in every class",
        "",
        "education",
        "Mira Castellanos, teacher",
        "They ask for the next lesson before the bell rings.",
        False,
    ),
    (
        "Shadows that dance",
        "",
        "arts",
        "Theo Lund, stage designer",
        "The stage listens to the music.",
        False,
    ),
]
FEEDS = {
    "insider": ("Python Insider", "https://blog.python.org/", "https://blog.python.org/feeds/posts/default?alt=rss"),
    "psf": ("PSF News", "https://pyfound.blogspot.com/", "https://pyfound.blogspot.com/feeds/posts/default?alt=rss"),
}
ENTRIES = [
    ("insider", "A new release candidate is out", "Please test it with your own programs, and report what breaks.", 2),
    ("psf", "Grants of this quarter", "Workshops on four continents, and a travel fund for students.", 5),
    ("insider", "Security fixes for older versions", "Update soon: the notes say which programs are concerned.", 9),
    ("psf", "Meet the new fellows", "Seven people who have given years to the community.", 16),
    ("insider", "What changes in the next version", "Clearer messages, faster starts, and two old modules less.", 24),
    ("psf", "The yearly report", "What came in, what went out, and what it made possible.", 40),
]
POSTS = [
    ("A sprint by the lake", PostPage.Kind.PHOTO, "Thirty people, two days, forty changes to the documentation."),
    ("Talks of the spring to look at again", PostPage.Kind.VIDEO, "Recordings of the conference are there."),
    ("How to start a user group", PostPage.Kind.LINK, "A room, a date, and somebody who answers mail."),
]


def make_pages(home: Page) -> None:
    """Create the landing pages of stories and news below the front page."""
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
    StorySavedReply.objects.create(title="More about Python", text="What did Python do for you, and what came of it?")
    categories = {slug: StoryCategory.objects.create(name=name, slug=slug) for slug, name in CATEGORIES.items()}
    companies = {
        slug: Company.objects.create(name=name, slug=slug, about=about, url=f"https://{slug}.example.org/")
        for slug, (name, about) in COMPANIES.items()
    }
    index = StoryIndexPage.objects.get()
    for days, (title, company, category, author, quote, featured) in enumerate(STORIES):
        index.add_child(
            instance=StoryPage(
                title=title,
                category=categories[category],
                company=companies.get(company),
                company_name="" if company else author.partition(",")[0],
                author=author,
                pull_quote=quote,
                text=TEXT,
                featured=featured,
                first_published_at=now - timedelta(days=20 * days + 3),
            )
        )
    feeds = {
        slug: Feed.objects.create(slug=slug, name=name, website_url=website, feed_url=url)
        for slug, (name, website, url) in FEEDS.items()
    }
    FeedAggregate.objects.create(name="PSF News", slug="psf-news", description="On the Foundation’s pages.").feeds.add(
        feeds["psf"]
    )
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
