"""Import of blog feeds. A broken feed does not stop the others, and a broken entry does not stop its feed."""

import logging
import re
from calendar import timegm
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from io import BytesIO
from urllib.parse import urljoin, urlsplit

import feedparser
from django.core.exceptions import ValidationError
from django.core.validators import URLValidator
from django.db import transaction
from django.db.models import F
from django.utils import timezone

from cms.content import markup
from cms.delivery import purging
from cms.platform.fetching import MEGABYTE, FetchError, fetch
from cms.platform.text import clean_text

from .models import BlogEntry, Feed

logger = logging.getLogger(__name__)
MAX_BYTES = 5 * MEGABYTE
MAX_SECONDS = 20
MAX_ENTRIES = 200
MAX_PROBLEMS = 20
MAX_SUMMARY = 20_000
TITLE_LENGTH, URL_LENGTH = 200, 500
# Hosts that blogs have left, whose old feeds and entries still name them.
MOVED_HOSTS = {"pythoninsider.blogspot.com": "blog.python.org"}
check_url = URLValidator(schemes=["http", "https"])


class UnreadableError(Exception):
    """Feed or entry that cannot be imported, with the reason as a sentence."""


@dataclass
class ParsedEntry:
    """Entry as parsed from a feed."""

    url: str
    title: str
    summary: str
    published_at: datetime


def read_feed(feed: Feed) -> Feed:
    """Read a feed and write down how it went. Never raises for what the other side does."""
    at = timezone.now()
    changes: dict = {"read_at": at}
    try:
        fetched = fetch(feed.feed_url, etag=feed.etag, last_modified=feed.last_modified, max_bytes=MAX_BYTES, seconds=MAX_SECONDS)
        report = feed.report
        if fetched.content is not None:
            report = import_entries(feed, fetched.content, at)
            # Only now, so that a feed that could not be imported is fetched again.
            changes |= {"etag": fetched.etag, "last_modified": fetched.last_modified}
        changes |= {"succeeded_at": at, "failures": 0, "error": "", "report": report}
    except (FetchError, UnreadableError) as error:
        changes |= {"failures": F("failures") + 1, "error": str(error)[:500]}
    except Exception as error:
        logger.exception("The feed %s could not be taken in.", feed.slug)
        changes |= {"failures": F("failures") + 1, "error": f"Something unexpected happened: {type(error).__name__}."}
    # Past the model, so that a reading without news purges nothing.
    Feed.objects.filter(pk=feed.pk).update(**changes)
    feed.refresh_from_db()
    return feed


def parse(content: bytes) -> feedparser.FeedParserDict:
    """Return a feed as feedparser understands it. Raises UnreadableError for what is none."""
    # Without the zeros of a text in two-byte letters. No feed needs entities of its own, and some blow up to gigabytes.
    if re.search(rb"<!ENTITY", content.replace(b"\x00", b""), re.IGNORECASE):
        raise UnreadableError("The feed declares entities of its own, which we do not read.")
    # As a file: feedparser takes bytes for the name of one.
    parsed = feedparser.parse(BytesIO(content))
    if not parsed.get("version"):
        raise UnreadableError("This is not a feed: neither RSS nor Atom nor RDF.")
    return parsed


@transaction.atomic
def import_entries(feed: Feed, content: bytes, at: datetime) -> dict:
    """Add and change entries as a feed says; those that it has no more stay. Raises UnreadableError."""
    problems: list[str] = []
    wanted: dict[str, ParsedEntry] = {}
    for facts in _entries(feed, parse(content), problems):
        wanted.setdefault(facts.url, facts)
    known = {entry.url: entry for entry in feed.entries.filter(url__in=wanted)}
    new, changed = [], []
    for url, facts in wanted.items():
        entry = known.get(url)
        if facts.published_at > at + timedelta(days=1):
            # It would stand first for years.
            facts.published_at = entry.published_at if entry else at
        if entry is None:
            new.append(BlogEntry(feed=feed, **vars(facts)))
        elif (entry.title, entry.summary, entry.published_at) != (facts.title, facts.summary, facts.published_at):
            entry.title, entry.summary, entry.published_at = facts.title, facts.summary, facts.published_at
            changed.append(entry)
    BlogEntry.objects.bulk_create(new)
    BlogEntry.objects.bulk_update(changed, ["title", "summary", "published_at"])
    if new or changed:
        purging.purge("blogs")
    return {
        "added": len(new),
        "changed": len(changed),
        "unchanged": len(wanted) - len(new) - len(changed),
        "problems": problems[:MAX_PROBLEMS],
    }


def _entries(feed: Feed, parsed: feedparser.FeedParserDict, problems: list[str]) -> Iterator[ParsedEntry]:
    for number, entry in enumerate(parsed.entries[:MAX_ENTRIES], 1):
        name = f"“{markup.plain_html(entry.get('title', ''))[:80]}”" if entry.get("title") else f"Entry {number}"
        try:
            yield _facts(feed, entry)
        except UnreadableError as error:
            problems.append(f"{name}: {error}")
        except (ValueError, TypeError, OverflowError, AttributeError) as error:
            problems.append(f"{name} cannot be read ({type(error).__name__}).")


def _facts(feed: Feed, entry: feedparser.FeedParserDict) -> ParsedEntry:
    url = moved(urljoin(feed.website_url, clean_text(entry.get("link", "")).strip()))
    if not entry.get("link") or len(url) > URL_LENGTH:
        raise UnreadableError("it has no address that we can link to.")
    try:
        check_url(url)
    except ValidationError as error:
        raise UnreadableError("it has no address that we can link to.") from error
    # Past feedparser's own look-up, which takes one date for the other, and warns.
    moment = dict.get(entry, "published_parsed") or dict.get(entry, "updated_parsed")
    if not moment:
        raise UnreadableError("it has no date that can be read.")
    text = entry.get("summary") or next((part.get("value", "") for part in entry.get("content", [])), "")
    title = markup.plain_html(entry.get("title", ""))
    return ParsedEntry(
        url=url,
        title=(title or "Untitled")[:TITLE_LENGTH],
        summary=str(markup.clean(text[:MAX_SUMMARY])).strip(),
        published_at=datetime.fromtimestamp(timegm(moment), tz=UTC),
    )


def moved(url: str) -> str:
    """Return a URL at the current host of the blog."""
    parts = urlsplit(url)
    new = MOVED_HOSTS.get(parts.netloc.lower())
    return parts._replace(scheme="https", netloc=new).geturl() if new else url
