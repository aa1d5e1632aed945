"""Bundles: drafts of any type that are previewed, published and undone together.

A bundle is published in one transaction: visitors see all changes or none, and one purge follows the commit. Scheduling or
publishing a bundle requires permission to publish each of its items; the permission is checked again when a scheduled bundle
goes live.
"""

import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.contrib.contenttypes.models import ContentType
from django.core.exceptions import ValidationError
from django.core.handlers.base import BaseHandler
from django.core.handlers.wsgi import WSGIRequest
from django.db import transaction
from django.http import HttpRequest, HttpResponseBase
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django_tasks import task
from wagtail.log_actions import log
from wagtail.models import DraftStateMixin, Page, Revision
from wagtail.snippets.models import get_snippet_models

from cms.email.registry import declare
from cms.email.sending import send
from users.models import User

from .models import Bundle, BundleItem
from .permissions import may_publish

MAX_ITEMS, MAX_CANDIDATES = 50, 30
MINUTE = timedelta(minutes=1)
NOT_PUBLISHED = declare(
    "cms.bundle_not_published",
    example={
        "bundle": "Python 3.16.0",
        "reason": "“News” is locked.",
        "url": "https://www.python.org/admin/bundles/1/",
    },
)


def candidates(user: User, search: str = "") -> list[Any]:
    """Return pages and snippets with a draft that the user may publish, newest drafts first."""
    models = [model for model in get_snippet_models() if issubclass(model, DraftStateMixin)]
    found: list[Any] = []
    for model in [Page, *models]:
        rows = model._default_manager.filter(has_unpublished_changes=True, latest_revision__isnull=False)
        if search:
            rows = rows.filter(latest_revision__object_str__icontains=search)
        rows = rows.select_related("latest_revision").order_by("-latest_revision__created_at")[:MAX_CANDIDATES]
        if issubclass(model, Page):
            rows = rows.specific(defer=True)
        elif not may_publish(model, user):
            continue
        found += [row for row in rows if may_publish(row, user)]
    return sorted(found, key=lambda row: row.latest_revision.created_at, reverse=True)[:MAX_CANDIDATES]


def key_of(thing: Any) -> str:
    """Return the name of a page or snippet in a form."""
    return f"{ContentType.objects.get_for_model(thing, for_concrete_model=False).pk}-{thing.pk}"


@transaction.atomic
def add_items(bundle: Bundle, things: Iterable[Any], *, by: User) -> None:
    """Add pages and snippets. Raises ValidationError if the bundle is not open, is full, or `by` may not publish one."""
    bundle = _locked(bundle)
    if not bundle.is_open:
        raise ValidationError(
            _("This bundle is %(status)s and cannot be changed.") % {"status": bundle.get_status_display().lower()}
        )
    for thing in things:
        if not may_publish(thing, by):
            raise ValidationError(_("You do not have permission to publish “%(thing)s”.") % {"thing": thing})
        content_type = ContentType.objects.get_for_model(thing, for_concrete_model=False)
        title = str(thing.latest_revision.object_str or thing)[:255]
        BundleItem.objects.get_or_create(
            bundle=bundle, content_type=content_type, object_id=str(thing.pk), defaults={"title": title}
        )
        log(instance=bundle, action="wagtail.edit", user=by, data={"added": title})
    if bundle.items.count() > MAX_ITEMS:
        raise ValidationError(_("A bundle can contain at most 50 pages and snippets."))


@transaction.atomic
def remove_item(item: BundleItem, *, by: User) -> None:
    bundle = _locked(item.bundle)
    if not bundle.is_open:
        raise ValidationError(
            _("This bundle is %(status)s and cannot be changed.") % {"status": bundle.get_status_display().lower()}
        )
    item.delete()
    log(instance=bundle, action="wagtail.edit", user=by, data={"removed": item.title})


def find_problems(bundle: Bundle, *, by: User | None) -> list[str]:
    """Return why `by` cannot publish the bundle now, as sentences."""
    items = list(bundle.items.select_related("content_type"))
    if not items:
        return [_("The bundle is empty. Add pages or snippets with a draft.")]
    problems = []
    for item in items:
        thing = item.thing
        if thing is None:
            problems.append(_("“%(title)s” was deleted. Remove it from the bundle.") % {"title": item.title})
            continue
        revision = item.revision or thing.latest_revision
        lock = thing.get_lock() if hasattr(thing, "get_lock") else None
        if by is None or not by.is_active or not may_publish(thing, by):
            problems.append(
                _("%(user)s does not have permission to publish “%(title)s”.")
                % {"user": by or _("A deleted account"), "title": item.title}
            )
        elif lock and lock.for_user(by):
            problems.append(_("“%(title)s” is locked, scheduled or in moderation.") % {"title": item.title})
        elif revision is None:
            problems.append(_("“%(title)s” has no saved version.") % {"title": item.title})
        elif (go_live_at := revision.as_object().go_live_at) and go_live_at > timezone.now():
            problems.append(_("“%(title)s” has its own schedule. Cancel it there first.") % {"title": item.title})
    return problems


def _locked(bundle: Bundle) -> Bundle:
    return Bundle.objects.select_for_update().get(pk=bundle.pk)


def _refuse_problems(bundle: Bundle, by: User | None) -> None:
    if problems := find_problems(bundle, by=by):
        raise ValidationError(problems)


@transaction.atomic
def schedule(bundle: Bundle, publish_at: datetime, *, by: User) -> None:
    """Schedule publication of the current drafts, to the second. Later drafts are excluded. Raises ValidationError."""
    bundle = _locked(bundle)
    if not bundle.is_open:
        raise ValidationError(_("This bundle is already scheduled or published."))
    if publish_at <= timezone.now():
        raise ValidationError(_("Enter a time in the future."))
    bundle.items.update(revision=None)
    _refuse_problems(bundle, by)
    for item in bundle.items.all():
        item.revision = item.thing.latest_revision
        item.save(update_fields=["revision"])
    bundle.status, bundle.publish_at, bundle.decided_by, bundle.error = Bundle.Status.SCHEDULED, publish_at, by, ""
    bundle.save()
    log(instance=bundle, action="cms.bundle.schedule", user=by, data={"publish_at": publish_at.isoformat()})
    # The scheduled task of this minute has already run.
    transaction.on_commit(publish_due_bundles.enqueue)


@transaction.atomic
def unschedule(bundle: Bundle, *, by: User) -> None:
    bundle = _locked(bundle)
    if bundle.status != Bundle.Status.SCHEDULED:
        raise ValidationError(_("This bundle is not scheduled."))
    bundle.status, bundle.publish_at = Bundle.Status.DRAFT, None
    bundle.save()
    bundle.items.update(revision=None)
    log(instance=bundle, action="cms.bundle.unschedule", user=by)


@transaction.atomic
def publish(bundle: Bundle, *, by: User) -> None:
    """Publish the newest drafts of an open bundle now. Raises ValidationError with all problems without changing anything."""
    bundle = _locked(bundle)
    if not bundle.is_open:
        raise ValidationError(_("This bundle is already scheduled or published."))
    bundle.items.update(revision=None)
    _publish(bundle, by=by)


def _publish(bundle: Bundle, *, by: User | None) -> None:
    _refuse_problems(bundle, by)
    for item in bundle.items.select_related("content_type", "revision"):
        thing = item.thing
        revision = item.revision = item.revision or thing.latest_revision
        item.was_live, item.previous_revision = thing.live, _live_version(thing, revision) if thing.live else None
        item.save()
        revision.publish(user=by)
    bundle.status, bundle.decided_by, bundle.published_at, bundle.error = Bundle.Status.PUBLISHED, by, timezone.now(), ""
    bundle.save()
    log(instance=bundle, action="cms.bundle.publish", user=by)


def _live_version(thing: Any, revision: Revision) -> Revision:
    """Return the live version. Content published by a program may have none, and gets one that is older than the draft."""
    if thing.live_revision:
        return thing.live_revision
    return Revision.objects.create(
        content_object=thing,
        base_content_type=thing.get_base_content_type(),
        object_id=str(thing.pk),
        created_at=revision.created_at - timedelta(microseconds=1),
        object_str=str(thing),
        content=thing.serializable_data(),
    )


@transaction.atomic
def undo(bundle: Bundle, *, by: User) -> None:
    """Restore the previous live versions. Drafts are kept. Raises ValidationError without changing anything."""
    bundle = _locked(bundle)
    if bundle.status != Bundle.Status.PUBLISHED:
        raise ValidationError(_("This bundle is not published."))
    items = list(bundle.items.select_related("content_type", "previous_revision").order_by("-pk"))
    problems = []
    for item in items:
        thing = item.thing
        if thing is None:
            problems.append(_("“%(title)s” was deleted.") % {"title": item.title})
        elif not may_publish(thing, by):
            problems.append(_("%(user)s does not have permission to publish “%(title)s”.") % {"user": by, "title": item.title})
        elif thing.live_revision_id != item.revision_id:
            problems.append(_("“%(title)s” has been published or unpublished since. Restore it there.") % {"title": item.title})
        elif item.was_live and item.previous_revision is None:
            problems.append(_("The previous version of “%(title)s” no longer exists.") % {"title": item.title})
    if problems:
        raise ValidationError(problems)
    for item in items:
        if item.was_live and item.previous_revision:
            item.previous_revision.publish(user=by, previous_revision=item.revision)
        else:
            item.thing.unpublish(user=by)
    bundle.status, bundle.undone_at, bundle.decided_by, bundle.publish_at = Bundle.Status.UNDONE, timezone.now(), by, None
    bundle.save()
    log(instance=bundle, action="cms.bundle.undo", user=by)


@task(backend="aside")
def publish_on_time(pk: int) -> None:
    """Wait for the second at which a bundle is scheduled, and publish it. If that fails, email the user who scheduled it."""
    bundle = Bundle.objects.filter(pk=pk, status=Bundle.Status.SCHEDULED).first()
    if bundle is None or bundle.publish_at is None:
        return
    time.sleep(max(0, (bundle.publish_at - timezone.now()).total_seconds()))
    try:
        with transaction.atomic():
            row = _locked(bundle)
            # Another worker may have published it, or someone may have rescheduled it.
            if (row.status, row.publish_at) == (Bundle.Status.SCHEDULED, bundle.publish_at):
                _publish(row, by=row.decided_by)
    except ValidationError as error:
        _refuse(bundle, " ".join(error.messages))


def _refuse(bundle: Bundle, reason: str) -> None:
    Bundle.objects.filter(pk=bundle.pk).update(status=Bundle.Status.FAILED, error=reason[:1000])
    if bundle.decided_by and bundle.decided_by.email:
        url = settings.BASE_URL + reverse("cms_bundle", args=[bundle.pk])
        send(
            NOT_PUBLISHED,
            to=[bundle.decided_by.email],
            about=bundle,
            variables={"bundle": bundle.name, "reason": reason, "url": url},
        )


@task(backend="aside")
def publish_due_bundles() -> None:
    """Publish bundles scheduled within the next minute, each at its exact second."""
    for pk in Bundle.objects.due(MINUTE).values_list("pk", flat=True):
        publish_on_time.enqueue(pk)


# Preview


@contextmanager
def rolled_back() -> Iterator[None]:
    """Run a block in a transaction that is always rolled back. Nothing is cached inside, and nothing follows a commit."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


def render_path(path: str, request: HttpRequest) -> HttpResponseBase:
    """Return a visitor's response for a path of the public site, within the current transaction."""
    handler = BaseHandler()
    handler.load_middleware()
    where, _separator, query = path.partition("?")
    names = ("SERVER_NAME", "SERVER_PORT", "HTTP_HOST", "wsgi.url_scheme", "wsgi.input", "HTTP_X_FORWARDED_PROTO", "REMOTE_ADDR")
    environ = {name: request.META[name] for name in names if name in request.META}
    visit = WSGIRequest(environ | {"REQUEST_METHOD": "GET", "PATH_INFO": where, "QUERY_STRING": query, "HTTP_ACCEPT": "*/*"})
    # Bypass the page cache.
    visit.is_preview = True  # type: ignore[attr-defined]
    response = handler.get_response(visit)
    if hasattr(response, "render"):
        response.render()
    return response


def preview(bundle: Bundle, path: str, request: HttpRequest, *, by: User) -> HttpResponseBase:
    """Return a public page as visitors will see it once the bundle is published. Raises ValidationError."""
    with rolled_back():
        bundle = _locked(bundle)
        if bundle.status != Bundle.Status.PUBLISHED:
            _publish(bundle, by=by)
        return render_path(path, request)
