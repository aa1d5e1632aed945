"""Live checks: is a publication saved, published, purged and visible, or gone after unpublishing?

Visibility is checked by requesting the public URL, which goes through the cache in front if there is one. The `Age` header says
for how many seconds a cache has stored the response (RFC 9111, section 5.1), so a response older than the publication is
outdated.

Sections register further places where an object must be visible (`register_places`): pages, feeds and APIs of this site, and
external outlets.
"""

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from http import HTTPStatus
from typing import Any
from urllib.parse import urlsplit

import requests
from django.conf import settings
from django.contrib.contenttypes.models import ContentType
from django.db import models, transaction
from django.utils import timezone
from django.utils.translation import gettext, gettext_noop, ngettext
from django_tasks import task
from wagtail.log_actions import log
from wagtail.models import DraftStateMixin, Page

from cms.platform.fetching import MEGABYTE, FetchError, fetch
from cms.platform.text import parse_int
from users.models import User

from . import purging, surrogate_keys
from .backends import request_page
from .models import RETENTION_DAYS, LiveCheck, PlaceCheck, Purge

MAX_PURGES_READ = 200
MAX_BYTES = 20 * MEGABYTE
# The combined step for all other places of an object.
EVERYWHERE = gettext_noop("Everywhere")
# The step for the public URL of an object.
VISIBLE = gettext_noop("Visible")
STATES: dict[str, str] = {Purge.Status.DONE: "ok", Purge.Status.FAILED: "stop"}
STATES |= {LiveCheck.Status.LIVE: "ok", LiveCheck.Status.GONE: "ok", LiveCheck.Status.FAILED: "stop"}
# The URL no longer exists, or redirects elsewhere.
GONE = {
    HTTPStatus.NOT_FOUND,
    HTTPStatus.GONE,
    HTTPStatus.MOVED_PERMANENTLY,
    HTTPStatus.FOUND,
    HTTPStatus.TEMPORARY_REDIRECT,
    HTTPStatus.PERMANENT_REDIRECT,
}


@dataclass(frozen=True)
class PublicationStep:
    """Step of a publication on its way to visitors. `state` is "ok", "wait", "stop" or "off"."""

    name: str
    state: str
    at: datetime | None = None
    note: str = ""


@dataclass(frozen=True)
class Place:
    """Place where an object must be visible: a path of this site or an external URL, and the expected text.

    A place is late, and shown in red, after `wait_minutes`.
    """

    name: str
    url: str
    expected: str
    is_outside: bool = False
    wait_minutes: int = 0


# Function that returns the places of a published object, by model.
_places: dict[type[models.Model], Callable[[Any], Iterable[Place]]] = {}


def register_places(model: type[models.Model], places: Callable[[Any], Iterable[Place]]) -> None:
    _places[model] = places


def get_public_path(thing: models.Model) -> str:
    """Return the public path of an object, or an empty string if it has none."""
    if isinstance(thing, Page):
        return "" if thing.get_view_restrictions().exists() else urlsplit(thing.get_url() or "").path
    find = getattr(thing, "get_absolute_url", None)
    return find() or "" if find else ""


def keys_of(thing: models.Model) -> set[str]:
    return purging.keys_of(thing) | ({f"page-{thing.pk}"} if isinstance(thing, Page) else set())


def schedule_live_check(thing: DraftStateMixin) -> None:
    """Schedule a live check after the commit: the new version must be visible, or the unpublished object gone.

    If a cache is purged, the check follows the purge.
    """
    path = get_public_path(thing)
    if not path or purging.is_gathering():
        if not thing.live:
            LiveCheck.objects.of(thing).delete()
        return
    live_check, _ = LiveCheck.objects.update_or_create(
        content_type=ContentType.objects.get_for_model(thing),
        object_id=str(thing.pk),
        defaults={
            "title": str(thing)[:255],
            "path": path,
            "published_at": (thing.last_published_at if thing.live else None) or timezone.now(),
            "status": LiveCheck.Status.WAITING,
            "error": "",
            "checked_at": None,
            "alarmed_at": None,
        },
    )
    set_places(live_check)
    if settings.CDN_BACKEND == "none":
        transaction.on_commit(partial(check_live_url_task.enqueue, live_check.pk))


def set_places(live_check: LiveCheck) -> None:
    """Store the places where the object of a live check must now be visible, each as not yet checked."""
    live_check.places.all().delete()
    thing = live_check.get_object()
    find = _places.get(type(thing)) if thing is not None and thing.live else None
    places = {(place.name, place.url): place for place in (find(thing) if find else ())}
    PlaceCheck.objects.bulk_create(PlaceCheck(live_check=live_check, **vars(place)) for place in places.values())


def check_place(place: PlaceCheck, at: datetime | None = None) -> None:
    """Look for the expected text of a place, and record the result and the age of the copy."""
    published_at = place.live_check.published_at
    is_late = (at or timezone.now()) >= published_at + timedelta(minutes=place.wait_minutes)
    age = None
    try:
        if place.is_outside:
            text = (fetch(place.url, max_bytes=MAX_BYTES, seconds=settings.CDN_TIMEOUT * 3).content or b"").decode(
                errors="replace"
            )
            reason = ""
        else:
            text, age = _read_place(place.url)
            drawn_at = timezone.now() - timedelta(seconds=age)
            reason = f"It still serves a copy that was made {_ago(age)}." if drawn_at < published_at else ""
        if not contains(text, place.expected):
            reason = f"“{place.expected}” was not found." + (f" {reason}" if reason else "")
    except (FetchError, requests.RequestException) as error:
        reason = str(error)
    if reason and not place.is_outside and not is_expected(place):
        # A newer publication has taken this place since.
        place.delete()
        return
    found = LiveCheck.Status.FAILED if is_late else LiveCheck.Status.WAITING
    PlaceCheck.objects.filter(pk=place.pk).update(
        status=found if reason else LiveCheck.Status.LIVE, error=reason[:500], age=age, checked_at=timezone.now()
    )


def is_expected(place: PlaceCheck) -> bool:
    """Return whether the object of a place must still be visible there, with the same text."""
    thing = place.live_check.get_object()
    find = _places.get(type(thing)) if thing is not None else None
    return find is None or any((found.url, found.expected) == (place.url, place.expected) for found in find(thing))


def _read_place(path: str) -> tuple[str, int]:
    """Return the text and age of a path of this site, or its redirect target. Raises RequestException."""
    with request_page(path) as answer:
        if answer.is_redirect:
            return answer.headers["Location"], parse_int(answer.headers.get("Age"), 0)
        answer.raise_for_status()
        content = answer.raw.read(MAX_BYTES, decode_content=True)
        return content.decode(errors="replace"), parse_int(answer.headers.get("Age"), 0)


def contains(text: str, expected: str) -> bool:
    """Return whether a string contains the expected words: “3.16.0” is not found in “3.16.0rc1” or “13.16.0”."""
    before = r"(?<![\w.])" if expected[:1].isalnum() else ""
    return re.search(rf"{before}{re.escape(expected)}(?!\w|\.\w)", text) is not None


def check_live_url(live_check: LiveCheck) -> None:
    """Request the public URL and record the result."""
    is_published = live_check.is_published()
    reason = find_problem(live_check, is_published=is_published)
    found = LiveCheck.Status.LIVE if is_published else LiveCheck.Status.GONE
    # If it was published again in the meantime, another check follows.
    LiveCheck.objects.filter(pk=live_check.pk, published_at=live_check.published_at).update(
        status=LiveCheck.Status.FAILED if reason else found, error=reason[:500], checked_at=timezone.now()
    )


def find_problem(live_check: LiveCheck, *, is_published: bool) -> str:
    """Return why the public URL does not show the last publication or unpublication, or an empty string."""
    url = f"{settings.BASE_URL}{live_check.path}"
    try:
        with request_page(live_check.path) as answer:
            status, age = answer.status_code, answer.headers.get("Age", "0")
    except requests.RequestException as error:
        return gettext("%(url)s does not respond: %(error)s") % {"url": url, "error": error}
    if not is_published and not getattr(live_check.content_type.model_class(), "is_part_of_pages", False):
        return "" if status in GONE else gettext("%(url)s still returns %(status)s.") % {"url": url, "status": status}
    if status != HTTPStatus.OK:
        return gettext("%(url)s returns %(status)s.") % {"url": url, "status": status}
    seconds = parse_int(age, 0)
    if timezone.now() - timedelta(seconds=seconds) < live_check.published_at:
        return gettext("%(url)s still serves a copy that was made %(ago)s.") % {"url": url, "ago": _ago(seconds)}
    return ""


def purge_of(thing: DraftStateMixin) -> Purge | None:
    """Return the first purge since the last publication; for an unpublished object, the last purge."""
    keys = keys_of(thing) | {surrogate_keys.SITE_KEY}
    if thing.live:
        purges = Purge.objects.filter(created_at__gte=thing.last_published_at).order_by("created_at", "pk")
    else:
        purges = Purge.objects.order_by("-created_at", "-pk")
    return next((purge for purge in purges[:MAX_PURGES_READ] if keys.intersection(purge.keys)), None)


def publication_steps(thing: DraftStateMixin, at: datetime | None = None) -> list[PublicationStep]:
    """Return the publication steps of the last change. Takes one query each for revision, purge, live check and places."""
    revision = thing.latest_revision
    saved = PublicationStep(gettext_noop("Saved"), "ok", revision.created_at if revision else thing.last_published_at)
    if not thing.live:
        taken_off = LiveCheck.objects.of(thing).exists()
        return [
            saved,
            PublicationStep(gettext_noop("Published"), "off", note=gettext("Visitors do not see it.")),
            *(_on_the_way(thing) if taken_off else ()),
        ]
    newer = gettext("The draft has newer changes.") if thing.has_unpublished_changes else ""
    published = PublicationStep(gettext_noop("Published"), "ok", thing.last_published_at, newer)
    if thing.last_published_at is None or thing.last_published_at < (at or timezone.now()) - timedelta(days=RETENTION_DAYS):
        return [
            saved,
            published,
            PublicationStep(VISIBLE, "ok", note=gettext("All caches are up to date.")),
        ]
    return [saved, published, *_on_the_way(thing)]


def is_unchecked(steps: list[PublicationStep]) -> bool:
    """Return whether nobody has looked at the public URL since the publication."""
    return any(step.name == VISIBLE and step.state == "off" for step in steps)


def _on_the_way(thing: DraftStateMixin) -> Iterator[PublicationStep]:
    if settings.CDN_BACKEND == "none":
        yield PublicationStep(gettext_noop("Purged"), "off", note=gettext("Not needed: no CDN is configured."))
    elif purge := purge_of(thing):
        yield PublicationStep(gettext_noop("Purged"), STATES.get(purge.status, "wait"), purge.finished_at, purge.error)
    else:
        yield PublicationStep(gettext_noop("Purged"), "off", note=gettext("No separate purges."))
    name = VISIBLE if thing.live else gettext_noop("Gone")
    live_check = LiveCheck.objects.of(thing).first()
    if live_check is None:
        yield PublicationStep(name, "off", note=gettext("Not checked yet."))
        return
    yield PublicationStep(name, STATES.get(live_check.status, "wait"), live_check.checked_at, live_check.error)
    if type(thing) in _places and (places := list(live_check.places.all())):
        live = sum(place.status == LiveCheck.Status.LIVE for place in places)
        states = {STATES.get(place.status, "wait") for place in places}
        state = next(state for state in ("stop", "wait", "ok") if state in states)
        checked = max((place.checked_at for place in places if place.checked_at), default=None)
        note = gettext("%(live)s of %(total)s places.") % {"live": live, "total": len(places)}
        yield PublicationStep(EVERYWHERE, state, checked, note)


def _ago(seconds: int) -> str:
    return ngettext("%(seconds)s second ago", "%(seconds)s seconds ago", seconds) % {"seconds": seconds}


def try_again(thing: DraftStateMixin, *, by: User) -> None:
    """Purge the keys of an object again and schedule another live check."""
    purge = purge_of(thing) if thing.last_published_at else None
    if settings.CDN_BACKEND != "none" and purge:
        purging.send_again(purge)
    else:
        purging.purge(*keys_of(thing))
    if thing.last_published_at:
        schedule_live_check(thing)
    log(instance=thing, action="cms.purge_again", user=by)


@task(queue_name="purge", backend="aside")
def check_live_url_task(pk: int) -> None:
    """Check the public URL of an object, and its other places, after a publication."""
    live_check = LiveCheck.objects.get(pk=pk)
    check_live_url(live_check)
    for place in PlaceCheck.objects.due().filter(live_check=live_check):
        check_place(place)
