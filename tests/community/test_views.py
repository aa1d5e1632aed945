"""News, posts, blocks, the menu panel and search."""

from datetime import UTC, datetime, timedelta

import pytest
from django.template import Context, Template
from django.test import RequestFactory
from django.utils import timezone
from wagtail.rich_text import RichText

from cms.content.models.menus import Menu
from community.blocks import BlogEntriesBlock, FeaturedStoriesBlock, LatestPostsBlock, StoryBlock
from community.models import PostPage
from home.blocks import PageBodyBlock
from tests.factories.cms import MenuFactory, link
from tests.factories.community import (
    BlogEntryFactory,
    CompanyFactory,
    FeedAggregateFactory,
    FeedFactory,
    PostPageFactory,
    StoryPageFactory,
    blogs_page,
)

pytestmark = pytest.mark.django_db


class TestNews:
    @pytest.fixture(autouse=True)
    def page(self):
        return blogs_page()

    def test_entries_with_an_excerpt_in_plain_words(self, client):
        BlogEntryFactory(title="<b>Loud</b>", summary=f"<p>{'word ' * 60}</p>", url="https://blog.example.org/1/")
        BlogEntryFactory(title="Hidden", is_hidden=True)
        page = client.get("/blogs/").content.decode()
        assert "&lt;b&gt;Loud&lt;/b&gt;" in page
        assert 'href="https://blog.example.org/1/"' in page
        assert "word…" in page
        assert "Hidden" not in page

    def test_an_excerpt_runs_nothing(self, client):
        BlogEntryFactory(title="Tags", summary="<p>if a &lt;b&gt; c &amp;&amp; <img src=x onerror=alert(1)> &lt;script&gt;</p>")
        page = client.get("/blogs/").content.decode()
        assert "if a &lt;b&gt; c &amp;&amp;" in page
        assert "onerror" not in page
        assert "&amp;lt;" not in page

    def test_one_source(self, client):
        BlogEntryFactory(title="Mine", feed=FeedFactory(slug="mine"))
        BlogEntryFactory(title="Yours", feed=FeedFactory(slug="yours"))
        page = client.get("/blogs/?source=mine").content.decode()
        assert "Mine" in page
        assert "Yours" not in page
        assert "No entries from this source" in client.get("/blogs/?source=nobody").content.decode()

    def test_pages_keep_the_source(self, client):
        feed = FeedFactory(slug="mine")
        for _ in range(21):
            BlogEntryFactory(feed=feed)
        page = client.get("/blogs/?source=mine").content.decode()
        assert "?source=mine&amp;page=2" in page
        assert client.get("/blogs/?source=mine&page=2").content.decode().count("list-title") == 1

    def test_without_entries(self, client):
        assert "No news yet" in client.get("/blogs/").content.decode()

    @pytest.mark.django_db(transaction=True)
    @pytest.mark.parametrize("number", [10, pytest.param(1000, marks=pytest.mark.nightly)])
    def test_few_queries_however_many_entries(self, client, number, django_assert_max_num_queries):
        feed = FeedFactory()
        first = datetime(2026, 1, 1, tzinfo=UTC)
        for entry in BlogEntryFactory.build_batch(number, feed=feed, published_at=first):
            entry.save()
        client.get("/blogs/")
        with django_assert_max_num_queries(8):
            client.get("/blogs/")


class TestPosts:
    def test_a_post_has_the_address_of_its_number(self, client):
        section = PostPageFactory(title="Community", slug="community")
        section.add_child(
            instance=PostPage(
                title="A photo",
                slug="4",
                kind="photo",
                abstract="From the sprint.",
                source_url="https://example.org/p",
                body=[("text", RichText("<p>We met.</p>"))],
            )
        )
        section.add_child(instance=PostPage(title="Private", slug="5", live=False))
        page = client.get("/community/4/").content.decode()
        assert "We met." in page
        assert "https://example.org/p" in page
        assert client.get("/community/5/").status_code == 404


class TestBlocks:
    def test_each_says_what_it_is(self):
        for name in ("featured_stories", "story", "blog_entries", "latest_posts"):
            block = PageBodyBlock().child_blocks[name]
            assert block.meta.icon != "placeholder"
            assert block.meta.group == "Community"
            assert block.meta.description

    def test_featured_stories(self):
        block = FeaturedStoriesBlock()
        assert block.render(block.to_python({"heading": "Stories", "count": 2})).strip() == ""
        StoryPageFactory(title="Tides", featured=True)
        assert "We stopped guessing." in block.render(block.to_python({"heading": "Stories", "count": 2}))
        StoryPageFactory(title="Winds", featured=True)
        assert block.render(block.to_python({"heading": "", "count": 2})).count("<article") == 2

    def test_a_chosen_story_shows_while_it_is_published(self):
        story = StoryPageFactory(title="Tides")
        block = StoryBlock()
        value = block.to_python({"story": story.pk})
        assert "Tides" in block.render(value)
        story.unpublish()
        assert "Tides" not in block.render(value)

    def test_entries_of_all_blogs_or_of_an_aggregate(self):
        aggregate = FeedAggregateFactory()
        aggregate.feeds.add(BlogEntryFactory(title="Of the Foundation").feed)
        BlogEntryFactory(title="Of others")
        block = BlogEntriesBlock()
        assert "Of others" in block.render(block.to_python({"heading": "News", "aggregate": "", "count": 5}))
        html = block.render(block.to_python({"heading": "News", "aggregate": "psf-news", "count": 5}))
        assert "Of the Foundation" in html
        assert "Of others" not in html
        BlogEntryFactory(title="Older", feed=aggregate.feeds.get(), published_at=datetime(2020, 1, 1, tzinfo=UTC))
        html = block.render(block.to_python({"heading": "News", "aggregate": "psf-news", "count": 5}))
        assert html.index("Of the Foundation") < html.index("Older")

    def test_posts(self):
        PostPageFactory(title="We met", abstract="In Leipzig.")
        block = LatestPostsBlock()
        PostPageFactory(title="Before", first_published_at=datetime(2020, 1, 1, tzinfo=UTC))
        PostPageFactory(title="After", first_published_at=datetime(2021, 1, 1, tzinfo=UTC))
        html = block.render(block.to_python({"heading": "Posts", "count": 3}))
        assert "In Leipzig." in html
        assert html.index("After") < html.index("Before")


class TestEverywhere:
    def test_the_menu_names_the_boxes_with_the_newest_entry_and_the_featured_story(self, client):
        labels = "supernav-python-blog supernav-python-success-stories"
        MenuFactory(place=Menu.Place.MAIN, entries=[("entry", link("Community", "/community/", links=[], panel=labels))])
        blogs_page()
        BlogEntryFactory(title="Stale", published_at=timezone.now() - timedelta(days=200))
        assert "Stale" not in client.get("/success-stories/").content.decode()
        BlogEntryFactory(title="Fresh", published_at=timezone.now())
        StoryPageFactory(title="Tides", featured=True)
        page = client.get("/psf/sponsors/")
        assert f'data-boxes="{labels}"' in page.content.decode()
        # A new entry does not purge the pages that have a menu.
        assert {"blogs", "stories"}.isdisjoint(page["Surrogate-Key"].split())
        for label, text in zip(labels.split(), ("Fresh", "Tides"), strict=True):
            box = client.get(f"/box/{label}/")
            assert text in box.content.decode()
            assert {"blogs", "stories"} <= set(box["Surrogate-Key"].split())

    def test_other_sections_name_the_stories_of_a_company(self):
        StoryPageFactory(company=CompanyFactory())
        request = RequestFactory().get("/")
        note = Template("{% load community %}{% company_note name %}")
        assert "How Harbor Analytics uses Python" in note.render(Context({"name": "harbor analytics", "request": request}))
        assert note.render(Context({"name": "Nobody", "request": request})).strip() == ""
        assert note.render(Context({"name": "", "request": request})).strip() == ""

    def test_news_can_be_found(self, client):
        BlogEntryFactory(title="The walrus operator", url="https://blog.example.org/walrus/")
        page = client.get("/search/?q=walrus").content.decode()
        assert "https://blog.example.org/walrus/" in page
