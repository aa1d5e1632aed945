"""Each feed file of `feed_files/` has the entries of its row in `table.json`; entries are recognized again by their GUID."""

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from community.models import BlogEntry, Feed
from community.reading import import_entries, parse_entries, read_feed
from tests.community.feeds import rss
from tests.community.test_reading import feed_of
from tests.factories.community import FeedFactory

FOLDER = Path(__file__).parent / "feed_files"
TABLE = json.loads((FOLDER / "table.json").read_text(encoding="utf-8"))
AT = datetime(2026, 11, 30, 12, tzinfo=UTC)
ITEM = "<item><title>Post 4</title><link>{}</link>{}<pubDate>Mon, 02 Nov 2026 10:00:00 +0000</pubDate></item>"
GUID = '<guid isPermaLink="false">tag:blog,4</guid>'


@pytest.mark.parametrize("name", TABLE)
def test_a_feed_has_the_entries_that_a_person_reads(name):
    row = TABLE[name]
    problems = []
    content = (FOLDER / f"{name}.xml").read_bytes()
    found = list(parse_entries(content, "https://blog.example.org/", problems, content_type=row.get("content_type", "")))
    entries = [[one.title, one.url, f"{one.published_at:%Y-%m-%d}" if one.published_at else None] for one in found]
    assert entries == row["entries"]
    assert [row["problem"] in problem for problem in problems] == [True] if "problem" in row else problems == []
    if "text" in row:
        assert row["text"] in found[0].summary
    if "no_text" in row:
        assert row["no_text"] not in found[0].summary


def test_the_corpus_is_large_enough_and_complete():
    assert {path.stem for path in FOLDER.glob("*.xml")} == set(TABLE)
    assert len(TABLE) >= 40


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("first", "second"),
    [
        (("http://blog.example.org/4", GUID), ("https://www.blog.example.org/posts/4?utm_source=rss", GUID)),
        (
            ("http://blog.example.org/4", "<guid>http://blog.example.org/4</guid>"),
            ("https://blog.example.org/4", "<guid>https://blog.example.org/4</guid>"),
        ),
        (("http://blog.example.org/4", ""), ("https://blog.example.org/4/", "")),
        (("https://blog.example.org/4", ""), ("https://blog.example.org/4", GUID)),
    ],
)
def test_an_entry_keeps_its_row_when_its_link_changes(first, second):
    feed = FeedFactory(website_url="https://blog.example.org/")
    import_entries(feed, rss(ITEM.format(*first)), AT)
    row = BlogEntry.objects.get()
    report = import_entries(feed, rss(ITEM.format(*second)), AT)
    entry = BlogEntry.objects.get()
    assert (entry.pk, entry.url, report["added"]) == (row.pk, second[0], 0)


@pytest.mark.django_db
def test_two_guids_are_two_entries_and_a_swap_of_links_fails_softly():
    feed = FeedFactory()
    items = [ITEM.format(f"https://blog.example.org/{number}", f'<guid isPermaLink="false">{number}</guid>') for number in (1, 2)]
    assert import_entries(feed, rss(*items), AT)["added"] == 2
    swapped = [
        ITEM.format(f"https://blog.example.org/{3 - number}", f'<guid isPermaLink="false">{number}</guid>') for number in (1, 2)
    ]
    import_entries(feed, rss(*swapped), AT)
    assert BlogEntry.objects.count() == 2


@pytest.mark.django_db
def test_an_entry_without_a_date_keeps_that_of_its_first_import():
    feed = FeedFactory()
    content = rss("<item><title>Post</title><link>https://blog.example.org/1</link></item>")
    import_entries(feed, content, AT)
    assert import_entries(feed, content, AT.replace(day=1, month=12))["changed"] == 0
    assert BlogEntry.objects.get().published_at == AT


@pytest.mark.django_db
@pytest.mark.parametrize(("status", "is_moved"), [(301, True), (308, True), (302, False), (307, False)])
def test_a_feed_that_moved_for_good_gets_its_new_url_and_a_note(server, status, is_moved):
    feed = feed_of(server, rss(ITEM.format("https://blog.example.org/4", GUID)))
    new = feed.feed_url
    server.answers["/old"] = (status, {"Location": new}, b"")
    Feed.objects.filter(pk=feed.pk).update(feed_url=new.rpartition("/")[0] + "/old")
    feed.refresh_from_db()
    old = feed.feed_url
    read_feed(feed)
    assert feed.error == ""
    assert (feed.feed_url, old in feed.note) == ((new, True) if is_moved else (old, False))
