"""Import of blog feeds. A broken feed does not stop the others, and a broken entry does not stop its feed."""

import logging
import re
from calendar import timegm
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from io import BytesIO
from urllib.parse import parse_qsl, urlencode, urljoin, urlsplit

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
# Former hosts of blogs, which their old feeds and entries still contain.
MOVED_HOSTS = {"pythoninsider.blogspot.com": "blog.python.org"}
# Tracking parameters.
TRACKER = re.compile(r"utm_|fbclid$|gclid$|mc_cid$|mc_eid$|ref$", re.IGNORECASE)
CHARSET = re.compile(r"charset=[\"']?([\w.:-]{1,40})", re.IGNORECASE)
check_url = URLValidator(schemes=["http", "https"])


class UnreadableError(Exception):
    """Feed or entry that cannot be imported, with the reason as a sentence."""


@dataclass
class ParsedEntry:
    """Entry as parsed from a feed. Without a date, the first import sets one."""

    url: str
    guid: str
    title: str
    summary: str
    published_at: datetime | None


def read_feed(feed: Feed) -> Feed:
    """Read a feed and record the result. Errors at the source are recorded, not raised."""
    at = timezone.now()
    changes: dict = {"read_at": at}
    try:
        fetched = fetch(feed.feed_url, etag=feed.etag, last_modified=feed.last_modified, max_bytes=MAX_BYTES, seconds=MAX_SECONDS)
        report = feed.report
        if fetched.content is not None:
            report = import_entries(feed, fetched.content, at, content_type=fetched.content_type)
            # Only now, so that a feed that could not be imported is fetched again.
            changes |= {"etag": fetched.etag, "last_modified": fetched.last_modified}
            changes |= _moved_feed(feed, fetched.moved_to, at)
        changes |= {"succeeded_at": at, "failures": 0, "error": "", "report": report}
    except (FetchError, UnreadableError) as error:
        changes |= {"failures": F("failures") + 1, "error": str(error)[:500]}
    except Exception as error:
        logger.exception("The feed %s could not be imported.", feed.slug)
        changes |= {"failures": F("failures") + 1, "error": f"Unexpected error: {type(error).__name__}."}
    # Without `save()`, so that a run without news purges nothing.
    Feed.objects.filter(pk=feed.pk).update(**changes)
    feed.refresh_from_db()
    return feed


def _moved_feed(feed: Feed, url: str, at: datetime) -> dict[str, str]:
    """Return the new URL of a permanently moved feed, with a note. If another feed has this URL, staff must resolve it."""
    if not url or len(url) > URL_LENGTH or Feed.objects.filter(feed_url=url).exclude(pk=feed.pk).exists():
        return {}
    return {"feed_url": url, "note": f"Moved on {at:%b %-d, %Y} from {feed.feed_url}"[:500]}


def parse(content: bytes, *, content_type: str = "", url: str = "") -> feedparser.FeedParserDict:
    """Return a feed as parsed by feedparser. Raises UnreadableError if it is not a feed.

    The header gives the charset, and relative links are resolved against `url`.
    """
    # Ignore the zero bytes of UTF-16. No feed needs custom entities, and some expand to gigabytes.
    if re.search(rb"<!ENTITY", content.replace(b"\x00", b""), re.IGNORECASE):
        raise UnreadableError("The feed declares XML entities, which are not allowed.")
    headers = {"content-location": url}
    charset = CHARSET.search(content_type)
    if charset:
        # The content type itself is unreliable: many feeds are sent as text/html.
        headers["content-type"] = f"application/xml; charset={charset[1]}"
    try:
        # As a file object, because feedparser may treat bytes as a file name.
        parsed = feedparser.parse(BytesIO(content), response_headers=headers)
    except (ValueError, TypeError, LookupError, AttributeError, OverflowError, RecursionError, AssertionError) as error:
        raise UnreadableError(f"The feed cannot be read ({type(error).__name__}).") from error
    if not parsed.get("version"):
        raise UnreadableError("This is not an RSS, Atom or RDF feed.")
    return parsed


def parse_entries(content: bytes, website_url: str, problems: list[str], *, content_type: str = "") -> Iterator[ParsedEntry]:
    """Yield the entries of a feed, each once. Raises UnreadableError."""
    seen: set[str] = set()
    for facts in _entries(website_url, parse(content, content_type=content_type, url=website_url), problems):
        keys = {facts.guid and f"guid:{facts.guid}", f"url:{comparable(facts.url)}"} - {""}
        if not keys & seen:
            seen |= keys
            yield facts


@transaction.atomic
def import_entries(feed: Feed, content: bytes, at: datetime, *, content_type: str = "") -> dict:
    """Add and change the entries of a feed. Entries that it no longer contains are kept. Raises UnreadableError."""
    problems: list[str] = []
    found = list(parse_entries(content, feed.website_url, problems, content_type=content_type))
    entries = list(feed.entries.all())
    by_guid = {entry.guid: entry for entry in entries if entry.guid}
    by_url = {comparable(entry.url): entry for entry in entries}
    new, changed = [], []
    for facts in found:
        entry = by_guid.get(facts.guid) if facts.guid else None
        if entry is None:
            # An entry from before its identifier was stored, or of a feed that has none.
            same = by_url.get(comparable(facts.url))
            entry = same if same and (not same.guid or not facts.guid) else None
            if entry is None and same is not None:
                problems.append(f"“{facts.title[:80]}”: another entry has the same link.")
                continue
        if facts.published_at is None or facts.published_at > at + timedelta(days=1):
            # Without a date, the day of the first import is used. A date in the future would keep an entry at the top for
            # years.
            facts.published_at = entry.published_at if entry else at
        if entry is None:
            new.append(BlogEntry(feed=feed, **vars(facts)))
            continue
        facts.guid = facts.guid or entry.guid
        taken = by_url.get(comparable(facts.url))
        if taken is not None and taken is not entry:
            facts.url = entry.url
        if any(getattr(entry, name) != value for name, value in vars(facts).items()):
            for name, value in vars(facts).items():
                setattr(entry, name, value)
            changed.append(entry)
    BlogEntry.objects.bulk_create(new)
    BlogEntry.objects.bulk_update(changed, ["url", "guid", "title", "summary", "published_at"])
    if new or changed:
        purging.purge("blogs")
    return {
        "added": len(new),
        "changed": len(changed),
        "unchanged": len(found) - len(new) - len(changed),
        "problems": problems[:MAX_PROBLEMS],
    }


def _entries(website_url: str, parsed: feedparser.FeedParserDict, problems: list[str]) -> Iterator[ParsedEntry]:
    for number, entry in enumerate(parsed.entries[:MAX_ENTRIES], 1):
        name = f"“{markup.plain_html(entry.get('title', ''))[:80]}”" if entry.get("title") else f"Entry {number}"
        try:
            yield _facts(website_url, entry)
        except UnreadableError as error:
            problems.append(f"{name}: {error}")
        except (ValueError, TypeError, OverflowError, AttributeError) as error:
            problems.append(f"{name} cannot be read ({type(error).__name__}).")


def _facts(website_url: str, entry: feedparser.FeedParserDict) -> ParsedEntry:
    url = moved(urljoin(website_url, clean_text(entry.get("link", "")).strip()))
    if not entry.get("link") or len(url) > URL_LENGTH:
        raise UnreadableError("it has no valid link.")
    try:
        check_url(url)
    except ValidationError as error:
        raise UnreadableError("it has no valid link.") from error
    # Bypasses feedparser's own lookup, which replaces one date with the other and warns.
    moment = dict.get(entry, "published_parsed") or dict.get(entry, "updated_parsed")
    text = entry.get("summary") or next((part.get("value", "") for part in entry.get("content", [])), "")
    title = markup.plain_html(entry.get("title", ""))
    return ParsedEntry(
        url=url,
        guid=identifier(clean_text(entry.get("id", ""))),
        title=(title or "Untitled")[:TITLE_LENGTH],
        summary=str(markup.clean(text[:MAX_SUMMARY])).strip(),
        published_at=datetime.fromtimestamp(timegm(moment), tz=UTC) if moment else None,
    )


def identifier(guid: str) -> str:
    """Return a GUID as stored. A URL is normalized to be independent of scheme and host prefix."""
    guid = guid.strip()
    if re.match(r"https?://", guid, re.IGNORECASE):
        guid = comparable(guid)
    return guid if len(guid) <= URL_LENGTH else f"sha256:{sha256(guid.encode()).hexdigest()}"


def comparable(url: str) -> str:
    """Return a URL without irrelevant parts: scheme, www, tracking parameters and the trailing slash."""
    parts = urlsplit(url)
    query = urlencode([(key, value) for key, value in parse_qsl(parts.query, keep_blank_values=True) if not TRACKER.match(key)])
    host = parts.netloc.lower().removeprefix("www.").removesuffix(":80").removesuffix(":443")
    return f"{host}{parts.path.rstrip('/')}{'?' if query else ''}{query}"


def moved(url: str) -> str:
    """Return a URL at the current host of the blog."""
    parts = urlsplit(url)
    new = MOVED_HOSTS.get(parts.netloc.lower())
    return parts._replace(scheme="https", netloc=new).geturl() if new else url
