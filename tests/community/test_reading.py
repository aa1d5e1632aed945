"""Reading blogs from a real server: all types of feeds, valid and broken."""

import time
from datetime import UTC, datetime, timedelta

import pytest
from django.utils import timezone

from cms.platform.schedules import SCHEDULES
from community.models import BlogEntry, Feed
from community.reading import read_feed
from community.tasks import read_feeds
from tests.community.feeds import ATOM, BOMB, CUT_OFF, FILE_ENTITY, HTML, RDF, rss, rss_item
from tests.factories.community import BlogEntryFactory, FeedFactory

pytestmark = pytest.mark.django_db
NO_FEED = "This is not an RSS, Atom or RDF feed."


def feed_of(server, content, **options):
    return FeedFactory(feed_url=server.serve("/feed.xml", content), **options)


def rows():
    return list(BlogEntry.objects.order_by("pk").values_list("pk", "title", "url", "summary", "published_at"))


def test_rss_is_taken_in_with_a_cleaned_summary(server):
    feed = read_feed(feed_of(server, rss(rss_item(1), rss_item(2))))
    entry = feed.entries.get(title="Release 1")
    assert entry.summary == "<p>Fast and small.</p>"
    assert entry.published_at == datetime(2026, 3, 3, 10, tzinfo=UTC)
    assert (feed.health, feed.error, feed.report["added"]) == (Feed.Health.OK, "", 2)


def test_atom_and_rdf_are_taken_in(server):
    read_feed(feed_of(server, ATOM, website_url="https://core.example.org/"))
    assert [(entry.title, entry.url, entry.published_at.hour) for entry in BlogEntry.objects.order_by("url")] == [
        ("What’s new", "https://core.example.org/1", 8),
        ("Second", "https://core.example.org/2", 10),
    ]
    read_feed(FeedFactory(feed_url=server.serve("/rdf", RDF)))
    assert BlogEntry.objects.get(title="From RDF").summary == "Old ways."


@pytest.mark.parametrize("content", [rss(rss_item(1), rss_item(2)), ATOM, RDF], ids=["rss", "atom", "rdf"])
def test_the_second_reading_changes_nothing(server, content):
    feed = feed_of(server, content)
    read_feed(feed)
    before = rows()
    assert before
    feed = read_feed(feed)
    assert rows() == before
    assert (feed.report["added"], feed.report["changed"], feed.report["unchanged"]) == (0, 0, len(before))


def test_what_a_blog_changes_changes_here_and_what_it_drops_stays(server):
    feed = feed_of(server, rss(rss_item(1), rss_item(2)))
    read_feed(feed)
    feed.entries.filter(title="Release 2").update(is_hidden=True)
    server.serve("/feed.xml", rss(rss_item(2, title="Better")))
    feed = read_feed(feed)
    assert {entry.title: entry.is_hidden for entry in BlogEntry.objects.all()} == {"Release 1": False, "Better 2": True}
    assert feed.report["changed"] == 1


def test_a_feed_without_news_is_not_sent_again(server):
    feed = FeedFactory(feed_url=server.serve("/feed.xml", rss(rss_item(1)), ETag='"1"'))
    read_feed(feed)
    feed.refresh_from_db()
    feed = read_feed(feed)
    assert server.asked[-1][1]["If-None-Match"] == '"1"'
    assert (feed.health, BlogEntry.objects.count()) == (Feed.Health.OK, 1)


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (HTML, NO_FEED),
        (b"", NO_FEED),
        (b"\x00\xff\xfe garbage", NO_FEED),
        (b"/etc/passwd", NO_FEED),
        (BOMB, "The feed declares XML entities"),
        (BOMB.decode().encode("utf-16"), "The feed declares XML entities"),
        (FILE_ENTITY, "The feed declares XML entities"),
        (rss("x" * 5_100_000), "The file is larger than 5 MB."),
    ],
    ids=["html", "empty", "garbage", "a path", "bomb", "wide bomb", "file", "large"],
)
@pytest.mark.proves("S2-48d")
def test_hostile_feeds_do_no_harm(server, content, sentence):
    started = time.monotonic()
    feed = read_feed(feed_of(server, content))
    assert sentence in feed.error
    assert (feed.failures, feed.health, BlogEntry.objects.count()) == (1, Feed.Health.SHAKY, 0)
    assert time.monotonic() - started < 10


def test_a_feed_that_is_cut_off_gives_what_can_be_read(server):
    read_feed(feed_of(server, CUT_OFF))
    assert BlogEntry.objects.filter(title="Release 1").exists()


def test_one_bad_entry_stops_no_other(server):
    items = [
        rss_item(1),
        rss_item(2, date=""),
        rss_item(3, date="Sometime in March"),
        rss_item(4, link="javascript:alert(1)"),
        rss_item(5, link=""),
        rss_item(6, link=f"https://a.example.org/{'x' * 600}"),
        rss_item(7, title="x" * 300),
        rss_item(1),
    ]
    feed = read_feed(feed_of(server, rss(*items)))
    assert feed.error == ""
    assert sorted(BlogEntry.objects.values_list("title", flat=True)) == ["Release 1", "Release 2", "Release 3", "x" * 200]
    assert feed.report["problems"] == [
        "“Release 4”: it has no valid link.",
        "“Release 5”: it has no valid link.",
        "“Release 6”: it has no valid link.",
    ]
    assert feed.health == Feed.Health.OK


def test_an_entry_of_the_future_does_not_stand_first_for_years(server):
    feed = feed_of(server, rss(rss_item(1, date="Tue, 03 Mar 2099 10:00:00 GMT")))
    read_feed(feed)
    before = rows()
    assert BlogEntry.objects.get().published_at <= timezone.now()
    read_feed(feed)
    assert rows() == before


def test_a_blog_that_moved_is_linked_where_it_is_now(server):
    read_feed(feed_of(server, rss(rss_item(1, link="http://pythoninsider.blogspot.com/2026/03/a.html"))))
    assert BlogEntry.objects.get().url == "https://blog.python.org/2026/03/a.html"


def test_health_goes_down_and_comes_back(server):
    feed = feed_of(server, HTML)
    for _ in range(4):
        read_feed(feed)
    feed.refresh_from_db()
    assert feed.health == Feed.Health.BROKEN
    server.serve("/feed.xml", rss(rss_item(1)))
    assert read_feed(feed).health == Feed.Health.OK
    assert FeedFactory(active=False).health_label == "Turned off"
    assert FeedFactory().health_label == "Not fetched yet"


def test_private_addresses_are_not_requested(server, settings):
    settings.FETCH_FROM_LOOPBACK = False
    feed = read_feed(feed_of(server, rss(rss_item(1))))
    assert "is not on the public internet" in feed.error
    assert server.asked == []


def test_one_broken_feed_never_stops_the_rest(server, django_capture_on_commit_callbacks):
    FeedFactory(feed_url=server.serve("/broken", b"", status=500))
    FeedFactory(feed_url=server.serve("/bomb", BOMB))
    FeedFactory(feed_url=server.serve("/off", rss(rss_item(9))), active=False)
    FeedFactory(feed_url=server.serve("/good", rss(rss_item(1))))
    with django_capture_on_commit_callbacks(execute=True):
        read_feeds.call()
    assert list(BlogEntry.objects.values_list("title", flat=True)) == ["Release 1"]
    assert Feed.objects.filter(failures=1).count() == 2


def test_feeds_are_read_every_quarter_of_an_hour():
    schedule = SCHEDULES[read_feeds.module_path]
    assert schedule.is_due(datetime(2026, 3, 1, 10, 45, tzinfo=UTC))
    assert not schedule.is_due(datetime(2026, 3, 1, 10, 50, tzinfo=UTC))


@pytest.mark.nightly
def test_fifty_feeds_of_twenty_entries_take_less_than_twenty_seconds(server, django_capture_on_commit_callbacks):
    for number in range(50):
        items = [rss_item(1000 * number + entry) for entry in range(20)]
        FeedFactory(feed_url=server.serve(f"/{number}", rss(*items)))
    started = time.monotonic()
    with django_capture_on_commit_callbacks(execute=True):
        read_feeds.call()
    assert BlogEntry.objects.count() == 1000
    assert time.monotonic() - started < 20


class TestQuerySets:
    def test_the_newest_entry_comes_first(self):
        older = BlogEntryFactory()
        newer = BlogEntryFactory(published_at=older.published_at + timedelta(days=1))
        assert list(BlogEntry.objects.visible()) == [newer, older]

    def test_hidden_ones_show_nowhere_and_pinned_ones_first(self):
        at = timezone.now()
        BlogEntryFactory(title="Hidden", is_hidden=True)
        BlogEntryFactory(title="Old", published_at=at - timedelta(days=9), pinned_until=at + timedelta(seconds=1))
        BlogEntryFactory(title="New", published_at=at - timedelta(days=1))
        assert [entry.title for entry in BlogEntry.objects.in_list(at=at)] == ["Old", "New"]
        assert [entry.title for entry in BlogEntry.objects.in_list(at=at + timedelta(seconds=2))] == ["New", "Old"]
