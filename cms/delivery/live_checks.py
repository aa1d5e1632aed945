"""Live checks: whether a publication is saved, published, purged and visible, or gone after unpublishing.

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
from django.utils.translation import gettext
from django_tasks import task
from wagtail.log_actions import log
from wagtail.models import DraftStateMixin, Page

from cms.platform.text import parse_int
from users.models import User

from . import purging, surrogate_keys
from .models import RETENTION_DAYS, LiveCheck, Purge

MAX_PURGES_READ = 200
STATES: dict[str, str] = {Purge.Status.DONE: "ok", Purge.Status.FAILED: "stop"}
STATES |= {LiveCheck.Status.LIVE: "ok", LiveCheck.Status.GONE: "ok"}
# Nothing is left at an address, or it leads elsewhere.
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

    Where a cache is purged, its purge comes first.
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
        },
    )
    if settings.CDN_BACKEND == "none":
        transaction.on_commit(partial(check_live_url_task.enqueue, live_check.pk))


def check_live_url(live_check: LiveCheck) -> None:
    """Request the public URL and record the result."""
    is_published = live_check.is_published()
    reason = find_problem(live_check, is_published=is_published)
    found = LiveCheck.Status.LIVE if is_published else LiveCheck.Status.GONE
    # Whoever published it once more in the meantime waits for another look.
    LiveCheck.objects.filter(pk=live_check.pk, published_at=live_check.published_at).update(
        status=LiveCheck.Status.FAILED if reason else found, error=reason[:500], checked_at=timezone.now()
    )


def find_problem(live_check: LiveCheck, *, is_published: bool) -> str:
    """Return why the public URL does not show the last publication or unpublication, or an empty string."""
    try:
        url = f"{settings.BASE_URL}{live_check.path}"
        with requests.get(url, timeout=settings.CDN_TIMEOUT, allow_redirects=False, stream=True) as answer:
            status, age = answer.status_code, answer.headers.get("Age", "0")
    except requests.RequestException as error:
        return gettext("%(url)s does not respond: %(error)s") % {"url": url, "error": error}
    if not is_published and not getattr(live_check.content_type.model_class(), "is_part_of_pages", False):
        return "" if status in GONE else gettext("%(url)s still returns %(status)s.") % {"url": url, "status": status}
    if status != HTTPStatus.OK:
        return gettext("%(url)s returns %(status)s.") % {"url": url, "status": status}
    seconds = parse_int(age, 0)
    if timezone.now() - timedelta(seconds=seconds) < live_check.published_at:
        return gettext("%(url)s still serves a copy that is %(seconds)s seconds old.") % {"url": url, "seconds": seconds}
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
    """Return the publication steps of the last change. Takes one query each for revision, purge and live check."""
    revision = thing.latest_revision
    saved = PublicationStep("Saved", "ok", revision.created_at if revision else thing.last_published_at)
    if not thing.live:
        taken_off = LiveCheck.objects.of(thing).exists()
        return [
            saved,
            PublicationStep("Published", "off", note=gettext("Visitors do not see it.")),
            *(_on_the_way(thing) if taken_off else ()),
        ]
    newer = gettext("The draft has newer changes.") if thing.has_unpublished_changes else ""
    published = PublicationStep("Published", "ok", thing.last_published_at, newer)
    if thing.last_published_at is None or thing.last_published_at < (at or timezone.now()) - timedelta(days=RETENTION_DAYS):
        return [
            saved,
            published,
            PublicationStep("Seen", "ok", note=gettext("It was published so long ago that no cache still has an older version.")),
        ]
    return [saved, published, *_on_the_way(thing)]


def _on_the_way(thing: DraftStateMixin) -> Iterator[PublicationStep]:
    if settings.CDN_BACKEND == "none":
        yield PublicationStep("Purged", "off", note=gettext("No CDN is configured."))
    elif purge := purge_of(thing):
        yield PublicationStep("Purged", STATES.get(purge.status, "wait"), purge.finished_at, purge.error)
    else:
        yield PublicationStep("Purged", "off", note=gettext("No separate purges."))
    name = "Seen" if thing.live else "Gone"
    live_check = LiveCheck.objects.of(thing).first()
    if live_check is None:
        yield PublicationStep(name, "off", note=gettext("Not checked yet."))
    else:
        yield PublicationStep(name, STATES.get(live_check.status, "wait"), live_check.checked_at, live_check.error)


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
    """Check the public URL of an object after a publication."""
    check_live_url(LiveCheck.objects.get(pk=pk))
