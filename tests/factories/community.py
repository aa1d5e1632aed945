from datetime import UTC, datetime

import factory
import wagtail_factories
from factory.django import DjangoModelFactory
from wagtail.models import Site

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


def home():
    return Site.objects.get(is_default_site=True).root_page


def story_index() -> StoryIndexPage:
    """Get or create the index page of success stories."""
    known = StoryIndexPage.objects.first()
    return known or home().add_child(instance=StoryIndexPage(title="Success stories", slug="success-stories"))


def blogs_page() -> BlogsPage:
    return home().add_child(instance=BlogsPage(title="News", slug="blogs"))


class StoryCategoryFactory(DjangoModelFactory):
    name = "Science"
    slug = "science"

    class Meta:
        model = StoryCategory
        django_get_or_create = ["slug"]


class CompanyFactory(DjangoModelFactory):
    name = "Harbor Analytics"
    slug = "harbor-analytics"
    url = "https://harbour.example.org/"

    class Meta:
        model = Company
        django_get_or_create = ["slug"]


class StoryPageFactory(wagtail_factories.PageFactory):
    """Published story. Pass `live=False` for a draft."""

    title = factory.Sequence(lambda n: f"Tides in Python {n}")
    parent = factory.LazyFunction(story_index)
    category = factory.SubFactory(StoryCategoryFactory)
    company_name = "Tidewater Maps"
    author = "Ada Byron, head of data"
    author_email = "ada@example.org"
    pull_quote = "We stopped guessing."
    text = "We **measure** now."
    first_published_at = datetime(2026, 3, 1, tzinfo=UTC)

    class Meta:
        model = StoryPage


class FeedFactory(DjangoModelFactory):
    name = "Python Insider"
    slug = factory.Sequence(lambda n: f"insider-{n}")
    website_url = "https://blog.example.org/"
    feed_url = factory.Sequence(lambda n: f"https://blog.example.org/{n}/feed.xml")

    class Meta:
        model = Feed


class BlogEntryFactory(DjangoModelFactory):
    feed = factory.SubFactory(FeedFactory)
    title = factory.Sequence(lambda n: f"Entry {n}")
    summary = "<p>What is new.</p>"
    url = factory.Sequence(lambda n: f"https://blog.example.org/entries/{n}/")
    published_at = datetime(2026, 3, 1, 12, tzinfo=UTC)

    class Meta:
        model = BlogEntry


class FeedAggregateFactory(DjangoModelFactory):
    name = "PSF News"
    slug = "psf-news"

    class Meta:
        model = FeedAggregate


class PostPageFactory(wagtail_factories.PageFactory):
    title = factory.Sequence(lambda n: f"Post {n}")
    parent = factory.LazyFunction(home)

    class Meta:
        model = PostPage
