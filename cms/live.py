"""Is what somebody published live everywhere? Four lights: saved, published, purged, seen; after unpublishing, gone.

The last one comes from asking the site's public address, which is the cache in front where there is one. An answer says in
`Age` for how many seconds a cache has held it (RFC 9111, section 5.1): one that was drawn before the publication is an old copy.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from http import HTTPStatus
from urllib.parse import urlsplit

import requests
from django.conf import settings
from django.contrib.contenttypes.models import ContentType
from django.db import models, transaction
from django.utils import timezone
from wagtail.log_actions import log
from wagtail.models import DraftStateMixin, Page

from . import cdn
from .models import Banner, Menu, Purge, Sighting
from .models.sightings import DAYS_KEPT

MOST_PURGES_READ = 200
STATES: dict[str, str] = {Purge.Status.DONE: "ok", Purge.Status.FAILED: "stop"}
STATES |= {Sighting.Status.SEEN: "ok", Sighting.Status.GONE: "ok"}
# Nothing is left at an address, or it leads elsewhere.
GONE = {
    HTTPStatus.NOT_FOUND,
    HTTPStatus.GONE,
    HTTPStatus.MOVED_PERMANENTLY,
    HTTPStatus.FOUND,
    HTTPStatus.TEMPORARY_REDIRECT,
    HTTPStatus.PERMANENT_REDIRECT,
}
# They stand on pages of others, which stay.
PARTS_OF_PAGES = (Banner, Menu)


@dataclass(frozen=True)
class Light:
    """One step on the way to the visitor. `state` is "ok", "wait", "stop" or "off"."""

    name: str
    state: str
    at: datetime | None = None
    note: str = ""


def address_of(thing: models.Model) -> str:
    """The path where visitors find something first; nothing for what has no public address."""
    if isinstance(thing, Page):
        return "" if thing.get_view_restrictions().exists() else urlsplit(thing.get_url() or "").path
    find = getattr(thing, "get_absolute_url", None)
    return find() or "" if find else ""


def keys_of(thing: models.Model) -> set[str]:
    return cdn.keys_of(thing) | ({f"page-{thing.pk}"} if isinstance(thing, Page) else set())


def look_for(thing: DraftStateMixin) -> None:
    """After the commit, look whether visitors get what was just published, or do not get any more what was just taken off.

    Where a cache is purged, its purge comes first.
    """
    address = address_of(thing)
    if not address or cdn.is_gathering():
        if not thing.live:
            Sighting.objects.of(thing).delete()
        return
    sighting, _ = Sighting.objects.update_or_create(
        content_type=ContentType.objects.get_for_model(thing),
        object_id=str(thing.pk),
        defaults={
            "title": str(thing)[:255],
            "address": address,
            "published_at": (thing.last_published_at if thing.live else None) or timezone.now(),
            "status": Sighting.Status.WAITING,
            "error": "",
            "looked_at": None,
        },
    )
    if settings.CDN_BACKEND == "none":
        from .tasks import look as look_now  # noqa: PLC0415 -- tasks look with this module.

        transaction.on_commit(partial(look_now.enqueue, sighting.pk))


def look(sighting: Sighting) -> None:
    """Ask the public address and write down what it shows."""
    is_published = sighting.is_published()
    reason = what_is_wrong(sighting, is_published=is_published)
    found = Sighting.Status.SEEN if is_published else Sighting.Status.GONE
    # Whoever published it once more in the meantime waits for another look.
    Sighting.objects.filter(pk=sighting.pk, published_at=sighting.published_at).update(
        status=Sighting.Status.FAILED if reason else found, error=reason[:500], looked_at=timezone.now()
    )


def what_is_wrong(sighting: Sighting, *, is_published: bool) -> str:
    """Why visitors do not get what was published, or still get what was taken off; or nothing."""
    try:
        url = f"{settings.BASE_URL}{sighting.address}"
        with requests.get(url, timeout=settings.CDN_TIMEOUT, allow_redirects=False, stream=True) as answer:
            status, age = answer.status_code, answer.headers.get("Age", "0")
    except requests.RequestException as error:
        return f"{url} does not answer: {error}"
    if not is_published and not issubclass(sighting.content_type.model_class() or models.Model, PARTS_OF_PAGES):
        return "" if status in GONE else f"{url} still answers {status}."
    if status != HTTPStatus.OK:
        return f"{url} answers {status}."
    seconds = int(age) if age.isdecimal() else 0
    if timezone.now() - timedelta(seconds=seconds) < sighting.published_at:
        return f"{url} still shows a copy that is {seconds} seconds old."
    return ""


def purge_of(thing: DraftStateMixin) -> Purge | None:
    """The purge that the last publication ordered, the first one since; of what was taken off, the last one."""
    keys = keys_of(thing) | {cdn.SITE_KEY}
    if thing.live:
        purges = Purge.objects.filter(created_at__gte=thing.last_published_at).order_by("created_at", "pk")
    else:
        purges = Purge.objects.order_by("-created_at", "-pk")
    return next((purge for purge in purges[:MOST_PURGES_READ] if keys.intersection(purge.keys)), None)


def lights(thing: DraftStateMixin, at: datetime | None = None) -> list[Light]:
    """How far the last change has come: a query each for the revision, the purge and the look."""
    revision = thing.latest_revision
    saved = Light("Saved", "ok", revision.created_at if revision else thing.last_published_at)
    if not thing.live:
        taken_off = Sighting.objects.of(thing).exists()
        return [saved, Light("Published", "off", note="Visitors do not see it."), *(_on_the_way(thing) if taken_off else ())]
    newer = "The draft has newer changes." if thing.has_unpublished_changes else ""
    published = Light("Published", "ok", thing.last_published_at, newer)
    if thing.last_published_at is None or thing.last_published_at < (at or timezone.now()) - timedelta(days=DAYS_KEPT):
        return [saved, published, Light("Seen", "ok", note="It is older than what any cache keeps.")]
    return [saved, published, *_on_the_way(thing)]


def _on_the_way(thing: DraftStateMixin) -> Iterator[Light]:
    if settings.CDN_BACKEND == "none":
        yield Light("Purged", "off", note="There is no cache in front.")
    elif purge := purge_of(thing):
        yield Light("Purged", STATES.get(purge.status, "wait"), purge.finished_at, purge.error)
    else:
        yield Light("Purged", "off", note="Nothing was purged one by one.")
    name = "Seen" if thing.live else "Gone"
    sighting = Sighting.objects.of(thing).first()
    if sighting is None:
        yield Light(name, "off", note="Nobody has looked.")
    else:
        yield Light(name, STATES.get(sighting.status, "wait"), sighting.looked_at, sighting.error)


def try_again(thing: DraftStateMixin, *, by) -> None:
    """Purge what shows something once more, and look at it again."""
    purge = purge_of(thing) if thing.last_published_at else None
    if settings.CDN_BACKEND != "none" and purge:
        purge.send_again()
    else:
        cdn.purge(*keys_of(thing))
    if thing.last_published_at:
        look_for(thing)
    log(instance=thing, action="cms.purge_again", user=by)
