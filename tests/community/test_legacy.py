"""Import of stories, blogs and posts, which can run again."""

import pytest

from community.models import BlogEntry, Company, Feed, FeedAggregate, PostPage, StoryPage
from importer.core import import_rows
from tests.factories.community import PostPageFactory
from tests.factories.users import UserFactory

pytestmark = pytest.mark.django_db
DATES = {"created": "2019-03-01T10:00:00Z", "updated": "2019-04-01T10:00:00Z"}


def story(pk, **changed):
    fields = DATES | {
        "name": f"Tides {pk}",
        "slug": f"tides-{pk}",
        "company_name": "Tidewater",
        "company_url": "https://example.org",
        "company": None,
        "category": 3,
        "author": "Ada",
        "author_email": None,
        "pull_quote": "We know.",
        "content": "We **know**.",
        "_content_rendered": "<h2>How</h2><p>We <strong>know</strong>.</p>",
        "is_published": True,
        "featured": False,
        "image": "",
        "submitted_by": ["ada"],
    }
    return {"model": "successstories.story", "pk": pk, "fields": fields | changed}


def post(pk, status=2, **changed):
    fields = DATES | {
        "title": f"Post {pk}",
        "abstract": "Short.",
        "content": "<p>All.</p>",
        "_content_rendered": "<p>All.</p>",
        "media_type": 4,
        "source_url": "https://example.org/p",
        "status": status,
    }
    return {"model": "community.post", "pk": pk, "fields": fields | changed}


ROWS = [
    story(11, company=7, featured=True, image="gone.png"),
    story(12, is_published=False, submitted_by=None),
    story(13, slug="create"),
    {"model": "successstories.storycategory", "pk": 3, "fields": {"name": "Science", "slug": "science"}},
    {
        "model": "companies.company",
        "pk": 7,
        "fields": {
            "name": "Tidewater Maps",
            "slug": "tidewater-maps",
            "about": "Maps.",
            "_about_rendered": "<p>Maps.</p>",
            "contact": None,
            "email": None,
            "url": "https://example.org",
            "logo": "",
        },
    },
    {
        "model": "blogs.feed",
        "pk": 5,
        "fields": {
            "name": "PSF News",
            "website_url": "https://pyfound.example.org",
            "feed_url": "https://pyfound.example.org/rss",
            "last_import": "2026-01-01T00:00:00Z",
        },
    },
    *[
        {
            "model": "blogs.blogentry",
            "pk": pk,
            "fields": {
                "title": "Old",
                "summary": "<p>Fine</p><script>x</script>",
                "pub_date": "2019-01-01T00:00:00.003Z",
                "url": url,
                "feed": feed,
            },
        }
        for pk, url, feed in [
            (21, "http://pythoninsider.blogspot.com/a.html", 5),
            (22, "https://pyfound.example.org/b.html", 5),
            (23, "https://pyfound.example.org/b.html", 5),
            (24, "https://elsewhere.example.org/", 99),
        ]
    ],
    {"model": "blogs.feedaggregate", "pk": 2, "fields": {"name": "PSF", "slug": "psf-news", "description": "", "feeds": [5, 99]}},
    {"model": "blogs.relatedblog", "pk": 1, "fields": {}},
    post(4),
    post(5, status=1),
]


@pytest.fixture
def report():
    UserFactory(username="ada")
    PostPageFactory(title="Community", slug="community")
    return import_rows(ROWS)


def test_stories_keep_id_address_dates_and_people(client, report):
    story = StoryPage.objects.get(legacy_id=11)
    assert (story.slug, story.featured, story.company.pk, story.submitter.username) == ("tides-11", True, 7, "ada")
    assert story.first_published_at.isoformat() == "2019-03-01T10:00:00+00:00"
    assert "<b>know</b>" in client.get("/success-stories/tides-11/").content.decode()
    assert client.get("/success-stories/tides-12/").status_code == 404
    assert {(one["model"], one["id"]) for one in report.problems} >= {("successstories.story", 13)}
    assert any("gone.png" in note for note in report.notes)


def test_blogs_come_with_cleaned_entries_at_their_new_addresses(report):
    assert Feed.objects.get(pk=5).slug == "psf-news"
    assert list(BlogEntry.objects.order_by("pk").values_list("pk", "url", "summary")) == [
        (21, "https://blog.python.org/a.html", "<p>Fine</p>"),
        (22, "https://pyfound.example.org/b.html", "<p>Fine</p>"),
    ]
    assert [feed.pk for feed in FeedAggregate.objects.get(slug="psf-news").feeds.all()] == [5]
    assert report.counts["blogs.blogentry"] == {"created": 2, "unchanged": 1, "skipped": 1}


def test_public_posts_keep_their_number_as_their_address(client, report):
    assert "All." in client.get("/community/4/").content.decode()
    assert client.get("/community/5/").status_code == 404
    assert PostPage.objects.get(slug="4").kind == PostPage.Kind.LINK


def test_the_second_time_changes_nothing(report):
    before = [list(model.objects.order_by("pk").values()) for model in (StoryPage, PostPage, Company, Feed, BlogEntry)]
    again = import_rows(ROWS)
    assert [list(model.objects.order_by("pk").values()) for model in (StoryPage, PostPage, Company, Feed, BlogEntry)] == before
    assert not any(counts["created"] for counts in again.counts.values())


def test_posts_need_no_row_for_the_page_of_the_community(client):
    assert not import_rows([post(4)]).problems
    assert client.get("/community/4/").status_code == 200
