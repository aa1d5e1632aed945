"""Write operations of API v3: a release and its files in one atomic and idempotent request."""

from collections.abc import Iterable
from functools import partial
from http import HTTPStatus
from typing import Any, cast

from django.core.exceptions import PermissionDenied
from django.core.exceptions import ValidationError as DjangoValidationError
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from ninja import Query, Schema, Status
from ninja.errors import HttpError, ValidationError

from cms.api.routers import Writer, refusals, refuse_unknown
from cms.delivery.live_checks import EVERYWHERE, publication_steps
from cms.delivery.models import LiveCheck, PlaceCheck
from downloads import workflows
from downloads.file_sets import FileSet, parse_checksums, slug_of_file
from downloads.file_sets import file_columns as columns_of_set
from downloads.models import OS, Release
from downloads.preparation import Checklist
from downloads.readiness import Workbench
from downloads.tasks import check_release_files
from downloads.versions import version_fields
from users.models import User

from .reads import find_release, release_detail, releases
from .schemas import FILE_COLUMNS, ChecksumsIn, FileIn, Outcome, ReleaseIn, ReleaseStatus


class WriteParameters(Schema):
    dry_run: bool = False


def require(request: HttpRequest, *permissions: str) -> User:
    """Return the user of a request that may write. Raises PermissionDenied if a permission is missing."""
    missing = [permission for permission in permissions if not request.user.has_perm(f"downloads.{permission}")]
    if missing:
        raise PermissionDenied(f"The owner of the token lacks these permissions: {', '.join(missing)}.")
    return cast("User", request.user)


def file_columns(files: Iterable[FileIn]) -> list[dict]:
    systems = {system.slug: system for system in OS.objects.all()}
    rows = []
    for number, file in enumerate(files):
        if file.os not in systems:
            sentence = f"There is no operating system “{file.os}”. Available: {', '.join(systems)}."
            raise ValidationError([{"type": "reference", "loc": ["body", "files", number, "os"], "msg": sentence}])
        rows.append(
            {column: getattr(file, name) for name, column in FILE_COLUMNS.items()}
            | {
                "slug": file.slug or slug_of_file(file.url),
                "name": file.name,
                "os": systems[file.os],
                "url": file.url,
                "description": file.description,
                "is_source": file.os == "source" or bool(file.is_source),
                "download_button": file.download_button,
            }
        )
    return rows


def release_columns(body: ReleaseIn) -> dict:
    """Return the columns that the request names."""
    columns = {
        "name": body.name,
        "slug": body.slug,
        "release_date": body.release_date,
        "pre_release": body.pre_release,
        "release_notes_url": body.notes_url,
        "show_on_download_page": body.show_on_download_page,
    }
    if body.release_date and timezone.is_naive(body.release_date):
        columns["release_date"] = timezone.make_aware(body.release_date)
    return {column: value for column, value in columns.items() if value is not None}


def known_release(body: ReleaseIn) -> Release | None:
    if body.slug:
        return Release.objects.filter(slug=body.slug).first()
    found = list(Release.objects.filter(name=body.name))
    if len(found) > 1:
        slugs = ", ".join(release.slug for release in found)
        raise HttpError(
            HTTPStatus.CONFLICT, f"Several releases have the name {body.name}. Send the slug of one of them: {slugs}."
        )
    return found[0] if found else None


def write(body: ReleaseIn, *, by: User) -> tuple[Release, str]:
    """Write a release as requested. Return it with the outcome."""
    columns, rows = release_columns(body), file_columns(body.files)
    release = known_release(body)
    if release is None:
        release = workflows.create_release(version_fields(body.name) | columns, by=by)
        workflows.write_files(release, rows, by=by)
        return release, "created"
    draft = release.get_latest_revision_as_object()
    differs = any(getattr(draft, column) != value for column, value in columns.items())
    if not differs and not workflows.differing_files(release, rows):
        return release, "unchanged"
    if release.live:
        raise HttpError(
            HTTPStatus.CONFLICT,
            f"{release} is already published. Change it in the admin, or replace its files.",
        )
    release = workflows.write_release(release, columns, by=by)
    workflows.write_files(release, rows, by=by)
    return release, "changed"


def answer(release: Release, outcome: str, request: HttpRequest, parameters: WriteParameters) -> dict:
    """Return the outcome of a write. With `dry_run`, roll back the transaction."""
    described = release_detail(Release.objects.select_related("series", "release_page").get(pk=release.pk), request)
    if parameters.dry_run:
        transaction.set_rollback(True)
    return {"outcome": outcome, "dry_run": parameters.dry_run, "release": described}


@releases.post(
    "/",
    response={200: Outcome, 201: Outcome},
    auth=Writer("releases"),
    summary="Create or update the draft of a release",
    description="Files that the request does not list stay unchanged. A published release is never changed: the response is 409.",
)
def write_release(request: HttpRequest, body: ReleaseIn, parameters: Query[WriteParameters], response: HttpResponse) -> Status:
    refuse_unknown(request, parameters)
    user = require(request, "add_release", "change_release", "add_releasefile", "change_releasefile")
    with refusals(), transaction.atomic():
        release, outcome = write(body, by=user)
        described = answer(release, outcome, request, parameters)
    if outcome == "created" and not parameters.dry_run:
        response["Location"] = f"{request.path}{described['release']['slug']}/"
        return Status(201, described)
    return Status(200, described)


@releases.put(
    "/{slug}/files/",
    response=Outcome,
    auth=Writer("releases"),
    summary="Replace the files of a release",
    description="All files are replaced in one transaction. Files whose slugs stay the same keep their IDs.",
)
def replace_files(request: HttpRequest, slug: str, body: list[FileIn], parameters: Query[WriteParameters]) -> dict[str, Any]:
    refuse_unknown(request, parameters)
    user = require(request, "add_releasefile", "change_releasefile", "delete_releasefile")
    release = find_release(request, slug)
    with refusals(), transaction.atomic():
        changed = workflows.write_files(release, file_columns(body), by=user, replace=True)
        return answer(release, "changed" if changed else "unchanged", request, parameters)


@releases.put(
    "/{slug}/checksums/",
    response=Outcome,
    auth=Writer("releases"),
    summary="Add the files of a list of checksums",
    description=(
        "Names, operating systems, signatures and download buttons follow from the previous release and from the file names. "
        "Files that the list does not name stay unchanged. The URLs are checked afterwards."
    ),
)
def add_checksums(request: HttpRequest, slug: str, body: ChecksumsIn, parameters: Query[WriteParameters]) -> dict[str, Any]:
    refuse_unknown(request, parameters)
    user = require(request, "add_releasefile", "change_releasefile")
    release = find_release(request, slug)
    with refusals(), transaction.atomic():
        folder = f"{body.folder.rstrip('/')}/" if body.folder else ""
        files = FileSet(release).from_checksums(parse_checksums(body.checksums), folder)
        unknown = [file.filename for file in files if file.os is None]
        if unknown:
            raise DjangoValidationError(f"These files belong to no operating system: {', '.join(unknown)}.")
        changed = workflows.write_files(release, columns_of_set(release, [file.initial() for file in files]), by=user)
        if changed and not parameters.dry_run:
            transaction.on_commit(partial(check_release_files.enqueue, release.pk))
        return answer(release, "changed" if changed else "unchanged", request, parameters)


@releases.get(
    "/{slug}/status/",
    response=ReleaseStatus,
    auth=Writer("releases"),
    summary="Get the status of a release for its release manager",
    description="Repeat the request until `is_live` is true to wait until a published release is visible.",
)
def get_status(request: HttpRequest, slug: str) -> dict[str, Any]:
    require(request, "change_release")
    release = find_release(request, slug)
    publication = publication_steps(release)
    places = list(PlaceCheck.objects.filter(live_check__in=LiveCheck.objects.of(release))) if release.live else []
    is_everywhere = release.live and all(step.state in {"ok", "off"} for step in publication)
    missing = [place for place in places if place.status != LiveCheck.Status.LIVE and not place.is_outside]
    own_steps = [step for step in publication if step.name != EVERYWHERE]
    return {
        "published": release.live,
        "is_live": release.live and not missing and all(step.state in {"ok", "off"} for step in own_steps),
        "is_live_everywhere": is_everywhere,
        "publication": publication,
        "places": places,
        "checks": Workbench(release).checks,
        "checklist": [
            {
                "title": item.task.title,
                "owner": item.task.owner,
                "due": item.task.due_at,
                "done": item.is_done,
                "overdue": item.is_overdue,
            }
            for item in Checklist(release).items
        ],
    }


@releases.post(
    "/{slug}/publish/",
    response=Outcome,
    auth=Writer("releases"),
    summary="Publish a release",
    description="Publishes the latest draft, including changes by staff. With `dry_run`, only the checks run.",
)
def publish(request: HttpRequest, slug: str, parameters: Query[WriteParameters]) -> dict[str, Any]:
    refuse_unknown(request, parameters)
    user = require(request, "change_release", "publish_release")
    release = find_release(request, slug)
    is_news = not release.live or release.has_unpublished_changes
    with refusals(), transaction.atomic():
        published = workflows.publish_release(release, by=user)
        return answer(published, "published" if is_news else "unchanged", request, parameters)
