"""Write releases and their files on behalf of APIs.

Writing a release creates a revision, so that the admin form shows it; changes in a staff draft are preserved. Files are not
part of revisions, so no draft can remove them.

These functions raise ValidationError with sentences if a rule is broken, and PermissionDenied if the user may not publish. In
both cases nothing is written.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, transaction
from django.db.models import ProtectedError
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from wagtail.log_actions import log

from users.models import User

from .models import OS, Release, ReleaseFile

PRACTICE = "A practice release cannot be published. Its practice page shows it to staff on all pages."
# Set from the URL of the file by save().
DERIVED = {"kind", "architecture"}


@transaction.atomic
def create_release(values: Mapping[str, Any], *, by: User | None, publish: bool = False) -> Release:
    release = Release(**values)
    _check(release)
    _save(release)
    release.save_revision(user=by, clean=False)
    log(instance=release, action="wagtail.create", user=by, content_changed=True)
    return publish_release(release, by=by) if publish else release


@transaction.atomic
def write_release(release: Release, changes: Mapping[str, Any], *, by: User | None) -> Release:
    """Change the published release and its draft."""
    row = _row_to_write(release, by)
    draft = row.get_latest_revision_as_object()
    changes = {field: value for field, value in changes.items() if {getattr(row, field), getattr(draft, field)} != {value}}
    if not changes:
        return row
    for version in [row, draft] if row.live else [draft]:
        for field, value in changes.items():
            setattr(version, field, value)
    if not row.live:
        _check(draft)
        _save(draft)
        draft.save_revision(user=by, log_action=True, clean=False)
        return draft
    _require_publish_permission(by)
    _check(row)
    _save(row)
    row.live_revision = row.save_revision(user=by, changed=False, log_action=True, clean=False)
    row.last_published_at = timezone.now()
    row.save(update_fields=["live_revision", "last_published_at"])
    if draft is not row:
        draft.save_revision(user=by, clean=False)
        row.refresh_from_db()
    return row


@transaction.atomic
def publish_release(release: Release, *, by: User | None) -> Release:
    """Publish the newest draft immediately. Do nothing if it is already published."""
    _require_publish_permission(by)
    row = _row_to_write(release, by)
    draft = row.get_latest_revision_as_object()
    if row.live and draft is row:
        return row
    if draft.practice:
        raise ValidationError(PRACTICE)
    draft.go_live_at = None
    draft.read_name()
    draft.save_revision(user=by).publish(user=by)
    return Release.objects.get(pk=row.pk)


@transaction.atomic
def unpublish_release(release: Release, *, by: User | None) -> Release:
    _require_publish_permission(by)
    row = _row_to_write(release, by)
    row.unpublish(user=by)
    return row


@transaction.atomic
def write(row: OS | ReleaseFile, *, by: User | None) -> None:
    """Save a new or changed instance of a model without drafts."""
    is_new = row._state.adding
    row.full_clean(exclude=DERIVED)
    _save(row)
    log(instance=row, action="wagtail.create" if is_new else "wagtail.edit", user=by, content_changed=True)


@transaction.atomic
def delete(row: OS | Release | ReleaseFile, *, by: User | None) -> None:
    if isinstance(row, Release):
        row = _row_to_write(row, by)
    log(instance=row, action="wagtail.delete", user=by, deleted=True)
    try:
        row.delete()
    except ProtectedError as error:
        raise ValidationError(_("%(row)s still has files. Delete them first.") % {"row": row}) from error


@transaction.atomic
def delete_files(release: Release, *, by: User | None) -> None:
    for file in release.files.select_related("release"):
        delete(file, by=by)


def differing_files(release: Release, files: Iterable[Mapping[str, Any]]) -> list[ReleaseFile]:
    """Return the files, found by slug, that are missing or have other values; with the new values set, not saved."""
    stored = {file.slug: file for file in release.files.select_related("os")}
    differing = []
    for values in files:
        file = stored.get(values["slug"]) or ReleaseFile(release=release)
        if file._state.adding or any(getattr(file, field) != value for field, value in values.items()):
            for field, value in values.items():
                setattr(file, field, value)
            differing.append(file)
    return differing


@transaction.atomic
def write_files(release: Release, files: Iterable[Mapping[str, Any]], *, by: User | None, replace: bool = False) -> bool:
    """Add and change files of a release; `replace` deletes all others. Return whether anything changed."""
    files = list(files)
    differing = differing_files(release, files)
    others = release.files.exclude(slug__in=[values["slug"] for values in files]) if replace else []
    superfluous = list(others)
    for file in superfluous:
        delete(file, by=by)
    # Files that lose the download button are saved before the one that gets it.
    for file in sorted(differing, key=lambda file: file.download_button):
        try:
            write(file, by=by)
        except ValidationError as error:
            raise ValidationError([f"{file.name}: {message}" for message in error.messages]) from error
    return bool(superfluous or differing)


def _row_to_write(release: Release, by: User | None) -> Release:
    """Return the row, locked until the transaction ends. Raises ValidationError if staff have locked it."""
    row = Release.objects.select_for_update(of=("self",)).get(pk=release.pk)
    lock = row.get_lock()
    if lock and (by is None or lock.for_user(by)):
        raise ValidationError(_("%(row)s is locked, scheduled or in moderation. Resolve this in the admin first.") % {"row": row})
    return row


def _require_publish_permission(by: User | None) -> None:
    if by is not None and not by.has_perm("downloads.publish_release"):
        raise PermissionDenied("You do not have permission to publish releases or to change published ones.")


def _check(release: Release) -> None:
    release.read_name()
    release.full_clean()


def _save(row: OS | Release | ReleaseFile) -> None:
    try:
        with transaction.atomic():
            row.save()
    except IntegrityError as error:
        # The earlier validation succeeded, so another request was faster.
        raise ValidationError(
            _("Another request has just saved a row with this slug, URL or download button. Check it and try again.")
        ) from error
