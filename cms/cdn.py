"""The cache in front of the site: which keys an answer carries, and what a change purges.

An answer carries `Surrogate-Key` with the site's key, its section (the first part of the path), and what its view or
templates add with `add_keys`. A model says once, beside itself, which keys a change of a row purges (`register`). All keys of
a transaction leave in one purge after the commit, from a task, on a row (`cms.models.Purge`) that staff can see and send again.
"""

import time
from collections.abc import Callable, Iterable
from functools import partial, wraps
from typing import Any

import requests
from django.conf import settings
from django.core.cache import cache
from django.db import connection, models, transaction
from django.db.models.signals import post_delete, post_save
from django.http import HttpRequest, HttpResponse
from django.utils.cache import patch_cache_control

SITE_KEY = "pydotorg-app"
# What Wagtail writes on the row when somebody saves a draft. Visitors see nothing new.
DRAFT_FIELDS = frozenset({"latest_revision", "latest_revision_created_at", "has_unpublished_changes", "draft_title"})
# A bound for a process whose cache is its own memory and who therefore misses the purge of another process.
KEPT_SECONDS = 60


def add_keys(request: HttpRequest, *keys: str) -> None:
    """Say that the answer to this request shows what these keys stand for."""
    request.__dict__.setdefault("surrogate_keys", {}).update(dict.fromkeys(keys))


def shared(*keys: str, seconds: int = 300) -> Callable:
    """Decorate a view whose answer is the same for everybody. Browsers keep it for a minute, our cache until the purge of a key.

    What also changes by the clock says so with `seconds`.
    """

    def decorate(view):
        @wraps(view)
        def inner(request, *args, **kwargs):
            add_keys(request, *keys)
            response = view(request, *args, **kwargs)
            if not response.has_header("Cache-Control"):
                patch_cache_control(response, public=True, max_age=min(60, seconds), s_maxage=seconds)
            return response

        return inner

    return decorate


def surrogate_key_header(request: HttpRequest, response: HttpResponse) -> str:
    keys = [SITE_KEY]
    section = request.path.strip("/").split("/")[0]
    if section:
        keys.append(section)
    keys += getattr(request, "surrogate_keys", {})
    if response.has_header("Surrogate-Key"):
        keys += response["Surrogate-Key"].split()
    return " ".join(dict.fromkeys(keys))


def register(model: type[models.Model], purges: Callable[[Any], Iterable[str]]) -> None:
    """Purge the keys that `purges(instance)` names whenever a row of the model is written or deleted."""

    def purge_instance(instance, *, raw=False, update_fields=None, **_):
        if not raw and (update_fields is None or not DRAFT_FIELDS.issuperset(update_fields)):
            purge(*purges(instance))

    dispatch_uid = f"cdn-{model._meta.label}"
    post_save.connect(purge_instance, sender=model, weak=False, dispatch_uid=dispatch_uid)
    post_delete.connect(purge_instance, sender=model, weak=False, dispatch_uid=dispatch_uid)


def keep(key: str, name: str, compute: Callable[[], Any]) -> Any:
    """What `compute()` answers, read from the shared cache until `key` is purged.

    Each purge starts a new generation, so that what somebody read before a commit is never kept after it. Inside a transaction
    nothing is kept: it may see rows that others do not.
    """
    if connection.in_atomic_block:
        return compute()
    generation = cache.get(f"generation:{key}")
    if generation is None:
        cache.add(f"generation:{key}", time.time_ns(), None)
        generation = cache.get(f"generation:{key}")
    slot = f"kept:{key}:{generation}:{name}"
    value = cache.get(slot)
    if value is None:
        value = compute()
        cache.set(slot, value, KEPT_SECONDS)
    return value


def purge(*keys: str) -> None:
    """Purge keys after the commit, together with all other keys of the transaction."""
    if not keys:
        return
    waiting = connection.__dict__.setdefault("keys_to_purge", {})
    waiting.update(dict.fromkeys(keys))
    transaction.on_commit(partial(_flush, waiting))


def _flush(waiting: dict[str, None]) -> None:
    from .models import Purge  # noqa: PLC0415 -- models declare their keys with this module.
    from .tasks import send_purge  # noqa: PLC0415

    if not waiting:
        return
    keys = sorted(waiting)
    waiting.clear()
    cache.set_many({f"generation:{key}": time.time_ns() for key in keys}, None)
    if settings.CDN_BACKEND == "none":
        return
    send_purge.enqueue(Purge.objects.create(keys=keys).pk)


def send(keys: list[str]) -> None:
    """Tell the cache to forget all answers that carry one of these keys.

    Raises requests.RequestException when the cache does not answer, refuses, or takes longer than CDN_TIMEOUT seconds.
    """
    headers = {"Surrogate-Key": " ".join(keys)}
    if settings.CDN_BACKEND == "fastly":
        # Soft: the old answer stays at hand, should the origin be down. https://www.fastly.com/documentation/reference/api/purging/
        headers |= {"Fastly-Key": settings.CDN_API_TOKEN, "Fastly-Soft-Purge": "1", "Accept": "application/json"}
        method, url = "POST", f"{settings.CDN_URL or 'https://api.fastly.com'}/service/{settings.CDN_SERVICE_ID}/purge"
    else:
        headers["X-Purge-Token"] = settings.CDN_API_TOKEN
        method, url = "PURGE", settings.CDN_URL
    requests.request(method, url, headers=headers, timeout=settings.CDN_TIMEOUT).raise_for_status()
