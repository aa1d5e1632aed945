"""The cache in front of the site: which keys an answer carries, and what a change purges.

An answer carries `Surrogate-Key` with the site's key, its section (the first part of the path), and what its view or
templates add with `add_keys`. A model says once, beside itself, which keys a change of a row purges (`register`). All keys of
a transaction leave in one purge after the commit, from a task, on a row (`cms.models.Purge`) that staff can see and send again.
"""

import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import partial, wraps
from typing import Any, NamedTuple

import requests
from django.conf import settings
from django.core.cache import cache
from django.db import connection, models, transaction
from django.db.models.signals import post_delete, post_save
from django.http import HttpRequest, HttpResponse
from django.utils.cache import patch_cache_control

from .logs import request_id

SITE_KEY = "pydotorg-app"
# What Wagtail writes on the row when somebody saves a draft. Visitors see nothing new.
DRAFT_FIELDS = frozenset({"latest_revision", "latest_revision_created_at", "has_unpublished_changes", "draft_title"})
# What is kept is at most this old: days pass without a purge, and a process whose cache is its own misses those of others.
KEPT_SECONDS = 60
MOST_KEPT = 1000
GENERATION = "generation"
# Which keys each of the last purges named, for so many purges and seconds.
PURGED, PURGES_KNOWN, PURGED_SECONDS = "purged-", 100, 3600
# What one purge may name: so many keys at Fastly, and so many characters in a header that Varnish takes.
MOST_KEYS, LONGEST_KEYS = 256, 7000


class Kept(NamedTuple):
    generation: int
    until: float
    value: Any


_kept: dict[str, Kept] = {}
# Which keys a change of a row purges, by model.
_purges: dict[type[models.Model], Callable[[Any], Iterable[str]]] = {}
# The number that this request has read.
_read: ContextVar[dict[str, int | None] | None] = ContextVar("generation", default=None)
_gathered: ContextVar[set[str] | None] = ContextVar("gathered", default=None)


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

    _purges[model] = purges
    dispatch_uid = f"cdn-{model._meta.label}"
    post_save.connect(purge_instance, sender=model, weak=False, dispatch_uid=dispatch_uid)
    post_delete.connect(purge_instance, sender=model, weak=False, dispatch_uid=dispatch_uid)


def keys_of(instance: models.Model) -> set[str]:
    """The keys that a change of this row purges."""
    return {key for model in type(instance).__mro__ if model in _purges for key in _purges[model](instance)}


@contextmanager
def one_generation() -> Iterator[None]:
    """Ask the shared cache once for all that is kept, instead of once for each part of a page."""
    token = _read.set({})
    try:
        yield
    finally:
        _read.reset(token)


def generation() -> int | None:
    """The number of the last purge, or None while the shared cache is out of reach."""
    read = _read.get()
    if read is not None and GENERATION in read:
        return read[GENERATION]
    number = cache.get(GENERATION)
    if number is None:
        cache.add(GENERATION, time.time_ns(), None)
        number = cache.get(GENERATION)
    if read is not None:
        read[GENERATION] = number
    return number


def _next_generation() -> int:
    # A cache that was emptied begins with a number that was never used.
    cache.add(GENERATION, time.time_ns(), None)
    return cache.incr(GENERATION)


def purged_between(number: int, last: int) -> set[str] | None:
    """The keys that were purged after one number and up to another, or None when nobody knows them any more."""
    if not 0 < last - number <= PURGES_KNOWN:
        return None
    names = [f"{PURGED}{each}" for each in range(number + 1, last + 1)]
    found = cache.get_many(names)
    return {key for keys in found.values() for key in keys} if len(found) == len(names) else None


def has_purged_since(number: int | None) -> bool:
    """Whether something was purged after this number, in whatever process; not while the shared cache is out of reach.

    The cache in front is needed most of all then, and the purges that wait will reach what it keeps.
    """
    return number is not None and cache.get(GENERATION, number) != number


def forget_kept() -> None:
    _kept.clear()


def keep(name: str, compute: Callable[[], Any]) -> Any:
    """What `compute()` answers, kept in this process until the next purge, whatever it purges.

    The number of the purge is read first, so that what somebody read before a commit is never kept after it. Inside a
    transaction nothing is kept: it may see rows that others do not. All requests share the answer: nobody may change it.
    """
    number = None if connection.in_atomic_block else generation()
    if number is None:
        return compute()
    kept = _kept.get(name)
    if kept is None or kept.generation != number or kept.until < time.monotonic():
        if len(_kept) >= MOST_KEPT:
            _kept.clear()
        kept = _kept[name] = Kept(number, time.monotonic() + KEPT_SECONDS, compute())
    return kept.value


def purge(*keys: str) -> None:
    """Purge keys after the commit, together with all other keys of the transaction."""
    if not keys:
        return
    waiting = connection.__dict__.setdefault("keys_to_purge", {})
    waiting.update(dict.fromkeys(keys))
    transaction.on_commit(partial(_flush, waiting))


def _flush(waiting: dict[str, None]) -> None:
    if not waiting:
        return
    keys = sorted(waiting)
    waiting.clear()
    # Others see the new number before they see what it stands for, and take it that everything was purged.
    cache.set(f"{PURGED}{_next_generation()}", keys, PURGED_SECONDS)
    if (read := _read.get()) is not None:
        read.clear()
    if (gathered := _gathered.get()) is not None:
        gathered.update(keys)
    else:
        _order(keys)


def _order(keys: list[str]) -> None:
    from .models import Purge  # noqa: PLC0415 -- models declare their keys with this module.
    from .tasks import send_purge  # noqa: PLC0415

    if keys and settings.CDN_BACKEND != "none":
        send_purge.enqueue(Purge.objects.create(keys=keys).pk)


@contextmanager
def one_purge() -> Iterator[None]:
    """Gather what many transactions purge, as those of an import, and purge it once at the end."""
    gathered: set[str] = set()
    token = _gathered.set(gathered)
    try:
        yield
    finally:
        _gathered.reset(token)
        _order(sorted(gathered))


def is_gathering() -> bool:
    """Whether many things change at once, and nobody waits for each of them."""
    return _gathered.get() is not None


def send(keys: list[str]) -> None:
    """Tell the cache to forget all answers that carry one of these keys.

    Raises requests.RequestException when the cache does not answer, refuses, or takes longer than CDN_TIMEOUT seconds.
    """
    with requests.Session() as session:
        for some in batches(keys):
            send_some(session, some)


def batches(keys: list[str]) -> Iterator[list[str]]:
    """As many keys as the cache takes with one purge."""
    some: list[str] = []
    length = 0
    for key in keys:
        if some and (len(some) == MOST_KEYS or length + len(key) > LONGEST_KEYS):
            yield some
            some, length = [], 0
        some.append(key)
        length += len(key) + 1
    if some:
        yield some


def send_some(session: requests.Session, keys: list[str]) -> None:
    headers = {"Surrogate-Key": " ".join(keys), "X-Request-ID": request_id.get()}
    if settings.CDN_BACKEND == "fastly":
        # Soft: the old answer stays at hand, should the origin be down. https://www.fastly.com/documentation/reference/api/purging/
        headers |= {"Fastly-Key": settings.CDN_API_TOKEN, "Fastly-Soft-Purge": "1", "Accept": "application/json"}
        method, url = "POST", f"{settings.CDN_URL or 'https://api.fastly.com'}/service/{settings.CDN_SERVICE_ID}/purge"
    else:
        headers["X-Purge-Token"] = settings.CDN_API_TOKEN
        method, url = "PURGE", settings.CDN_URL
    session.request(method, url, headers=headers, timeout=settings.CDN_TIMEOUT).raise_for_status()
