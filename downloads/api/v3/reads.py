"""Read operations of API v3."""

import json
from functools import partial
from http import HTTPStatus
from typing import Any

from django.core.serializers.json import DjangoJSONEncoder
from django.db.models import Prefetch
from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone
from ninja import Field, Query, Router
from ninja.decorators import decorate_view

from cms.api.base import share
from cms.api.routers import Page, Reader, after, bad_parameter, page, refuse_unknown
from cms.delivery import cached, surrogate_keys
from downloads.advisories import security_facts
from downloads.api import changed_at_for
from downloads.artifacts import Architecture, Kind
from downloads.indexes import file_table
from downloads.listings import planned_releases
from downloads.models import OS, Release, ReleaseFile, ReleaseSeries
from downloads.models.series import prefetch_series
from downloads.versions import STAGE_NAMES, StageName

from . import schemas
from .schemas import describe_file, describe_os, describe_release, describe_series

releases = Router(tags=["releases"])
files = Router(tags=["files"])
series = Router(tags=["series"])
operating_systems = Router(tags=["operating systems"])
ROUTERS = {"/releases/": releases, "/files/": files, "/series/": series, "/os/": operating_systems}
NOT_FOUND = "There is no such {}."


def set_cache_headers(request: HttpRequest, response: HttpResponse) -> None:
    surrogate_keys.add_keys(request, "downloads")
    if response.status_code != HTTPStatus.OK:
        share(request, response)
        return
    # The support status of a release series changes at midnight, without a change of rows.
    midnight = timezone.now().replace(hour=0, minute=0, second=0, microsecond=0)
    share(request, response, changed_at=max(changed_at_for(request.user) or midnight, midnight))


class ReleaseFilters(Page):
    series: str | None = Field(None, pattern=schemas.SERIES, description="Release series, for example 3.14.")
    version: str | None = Field(None, max_length=50, description="Exact version, for example 3.14.0 or 3.15.0rc1.")
    line: Release.Line | None = Field(None, description="Major version of Python (1, 2 or 3), or 100 for the install manager.")
    stage: StageName | None = None
    pre_release: bool | None = None
    latest: bool = Field(False, description="Only the latest stable release of each version line.")


class FileFilters(Page):
    release: str | None = Field(None, max_length=200, description="Slug of a release, for example python-3142.")
    series: str | None = Field(None, pattern=schemas.SERIES, description="Release series, for example 3.14.")
    os: str | None = Field(None, max_length=200, description="Slug of an operating system, for example windows.")
    arch: Architecture | None = None
    kind: Kind | None = None
    latest: bool = Field(
        False,
        description="Only the files of the latest stable Python 3, or of the latest release of `series` if given.",
    )


class SeriesFilters(Page):
    status: ReleaseSeries.Status | None = None


def release_detail(release: Release, request: HttpRequest) -> dict:
    stored = release.files.prefetch_related("os").order_by("os__order", "os__name", "name", "pk")
    described = describe_release(release, request, Release.objects.latest_ids(), security_facts())
    return described | {"files": [describe_file(file) for file in stored]}


def find_release(request: HttpRequest, slug: str) -> Release:
    releases = Release.objects.visible_to(request.user).select_related("release_page").prefetch_related(prefetch_series())
    release = releases.filter(slug=slug).first()
    if release is None:
        raise Http404(NOT_FOUND.format("release"))
    return release


def of_series(name: str) -> dict[str, int]:
    major, minor = name.split(".")
    return {"series__major": int(major), "series__minor": int(minor)}


@releases.get("/", response=schemas.Releases, auth=Reader(), summary="List releases, newest version first")
@decorate_view(after(set_cache_headers))
def list_releases(request: HttpRequest, filters: Query[ReleaseFilters]) -> dict[str, Any]:
    refuse_unknown(request, filters)
    rows = (
        Release.objects.visible_to(request.user).select_related("release_page").prefetch_related(prefetch_series()).by_version()
    )
    latest, security = cached.cached("latest-ids", Release.objects.latest_ids, ["downloads"]), security_facts()
    if filters.series:
        rows = rows.filter(**of_series(filters.series))
    if filters.version:
        rows = rows.filter(name__in=[f"Python {filters.version}", f"Python install manager {filters.version}"])
    if filters.line:
        rows = rows.filter(version=filters.line)
    if filters.stage:
        rows = rows.filter(stage=next(stage for stage, name in STAGE_NAMES.items() if name == filters.stage))
    if filters.pre_release is not None:
        rows = rows.pre_releases() if filters.pre_release else rows.stable()
    if filters.latest:
        rows = rows.filter(pk__in=latest)
    listed = partial(page, request, rows, filters, lambda release: describe_release(release, request, latest, security))
    # Most clients request the newest public releases, without a filter.
    return (
        listed()
        if request.GET or request.user.is_authenticated
        else cached.cached(request.build_absolute_uri(), listed, ["downloads"])
    )


@releases.get("/index.json", response=schemas.ReleaseIndex, auth=Reader(), summary="Get all published releases with all files")
@decorate_view(after(set_cache_headers))
def release_index(request: HttpRequest) -> HttpResponse:
    latest, security = Release.objects.latest_ids(), security_facts()
    stored = Prefetch("files", ReleaseFile.objects.prefetch_related("os").order_by("os__order", "os__name", "name", "pk"))
    rows = Release.objects.visible().select_related("release_page").prefetch_related(stored, prefetch_series()).by_version()
    index = [
        describe_release(release, request, latest, security) | {"files": [describe_file(file) for file in release.files.all()]}
        for release in rows
    ]
    # Not validated against the schema: for thousands of rows that takes longer than building them.
    body = json.dumps({"releases": index}, cls=DjangoJSONEncoder, ensure_ascii=False)
    return HttpResponse(body, content_type="application/json")


@releases.get("/index.schema.json", auth=Reader(), summary="Get the JSON Schema of the index")
@decorate_view(after(set_cache_headers))
def release_index_schema(request: HttpRequest) -> HttpResponse:
    schema = {"$schema": "https://json-schema.org/draft/2020-12/schema", "$id": request.build_absolute_uri(request.path)}
    body = json.dumps(schema | schemas.ReleaseIndex.model_json_schema(), ensure_ascii=False, indent=2)
    return HttpResponse(body, content_type="application/schema+json")


@releases.get("/index.tab", auth=Reader(), summary="Get all files of published releases as tab-separated values")
@decorate_view(after(set_cache_headers))
def release_table(request: HttpRequest) -> HttpResponse:
    return HttpResponse(file_table(), content_type="text/tab-separated-values; charset=utf-8")


@releases.get("/{slug}/", response=schemas.ReleaseDetail, auth=Reader(), summary="Get a release with its files")
@decorate_view(after(set_cache_headers))
def get_release(request: HttpRequest, slug: str) -> dict[str, Any]:
    return release_detail(find_release(request, slug), request)


@files.get("/", response=schemas.Files, auth=Reader(), summary="List files, newest version first")
@decorate_view(after(set_cache_headers))
def list_files(request: HttpRequest, filters: Query[FileFilters]) -> dict[str, Any]:
    refuse_unknown(request, filters)
    newest = ["-release__major", "-release__minor", "-release__patch", "-release__stage", "-release__serial", "-release__pk"]
    rows = ReleaseFile.objects.visible_to(request.user).prefetch_related("os", "release")
    rows = rows.order_by(*newest, "os__order", "os__name", "name", "pk")
    if filters.release:
        rows = rows.filter(release__slug=filters.release)
    if filters.os:
        known = list(OS.objects.values_list("slug", flat=True))
        if filters.os not in known:
            raise bad_parameter("os", f"There is no operating system “{filters.os}”. Available: {', '.join(known)}.")
        rows = rows.filter(os__slug=filters.os)
    if filters.arch:
        rows = rows.filter(architecture=filters.arch)
    if filters.kind:
        rows = rows.filter(kind=filters.kind)
    if filters.series:
        rows = rows.filter(**{f"release__{field}": number for field, number in of_series(filters.series).items()})
    if filters.latest:
        wanted = of_series(filters.series) if filters.series else {"version": Release.Line.PYTHON_3}
        newest_release = Release.objects.visible().filter(**wanted).stable_first().first()
        rows = rows.filter(release=newest_release) if newest_release else rows.none()
    return page(request, rows, filters, describe_file)


@series.get(
    "/", response=schemas.SeriesList, auth=Reader(), summary="List release series, newest first, with their support status"
)
@decorate_view(after(set_cache_headers))
def list_series(request: HttpRequest, filters: Query[SeriesFilters]) -> dict[str, Any]:
    refuse_unknown(request, filters)
    latest = dict(Release.objects.newest_of_each("series").values_list("series", "slug"))
    stored = list(ReleaseSeries.objects.with_published().newest_first())
    plans = planned_releases(stored)
    rows = [row for row in stored if filters.status in {None, row.status()}]
    return page(request, rows, filters, lambda row: describe_series(row, latest, plans))


@series.get("/{name}/", response=schemas.Series, auth=Reader(), summary="Get a release series")
@decorate_view(after(set_cache_headers))
def get_series(request: HttpRequest, name: str) -> dict[str, Any]:
    stored = list(ReleaseSeries.objects.with_published())
    row = next((row for row in stored if row.name == name), None)
    if row is None:
        raise Http404(NOT_FOUND.format("series"))
    newest_release = Release.objects.current_of_series(row.major, row.minor)
    return describe_series(row, {row.pk: newest_release.slug} if newest_release else {}, planned_releases(stored))


@operating_systems.get("/", response=schemas.OperatingSystems, auth=Reader(), summary="List operating systems")
@decorate_view(after(set_cache_headers))
def list_operating_systems(request: HttpRequest, filters: Query[Page]) -> dict[str, Any]:
    refuse_unknown(request, filters)
    return page(request, OS.objects.order_by("order", "name"), filters, lambda row: describe_os(row, request))
