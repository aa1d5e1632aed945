"""/api/v2/downloads/: lists without pagination and single objects, in the format of existing clients.

The two long lists are built directly from columns, because clients fetch all 412 and 3,062 rows at once.
"""

from collections.abc import Iterable
from itertools import islice
from typing import Any, cast

from django.core.exceptions import NON_FIELD_ERRORS
from django.core.exceptions import ValidationError as DjangoValidationError
from django.db import transaction
from django.db.models import F, QuerySet
from django.db.models.functions import Coalesce
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.encoding import force_bytes
from django_filters import rest_framework as filters
from rest_framework import serializers, status
from rest_framework.decorators import action
from rest_framework.exceptions import NotFound, ValidationError
from rest_framework.parsers import JSONParser
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.routers import SimpleRouter
from rest_framework.serializers import BaseSerializer
from rest_framework.settings import api_settings
from rest_framework.viewsets import ModelViewSet

from cms.api.base import by_code_points, share
from cms.content.models.legacy import FIRST_NEW_ID, LegacyPageID
from cms.delivery import cached, surrogate_keys
from cms.platform.text import parse_int
from downloads import workflows
from downloads.models import OS, Release, ReleaseFile
from downloads.models.releases import ReleaseQuerySet
from users.models import User

from . import FILE_ORDER, changed_at_for

NO_VALIDATORS: dict = {"validators": []}
ROWS_AT_ONCE = 1000
RELEASE_PAGE = Coalesce(F("release_page__legacy__number"), F("release_page") + FIRST_NEW_ID)


class URIs:
    """Builder of absolute URLs of rows."""

    def __init__(self, request: HttpRequest) -> None:
        self.base = request.build_absolute_uri(reverse("v2-os-list").removesuffix("os/"))

    def __call__(self, resource: str, pk: int | None) -> str | None:
        return f"{self.base}{resource}/{pk}/" if pk else None

    def page(self, number: int | None) -> str | None:
        return f"{self.base.removesuffix('downloads/')}pages/page/{number}/" if number else None


class OSSerializer(serializers.HyperlinkedModelSerializer):
    class Meta:
        model = OS
        fields = ["name", "slug", "resource_uri"]
        extra_kwargs = {"resource_uri": {"view_name": "v2-os-detail"}, "slug": NO_VALIDATORS}


class ReleaseSerializer(serializers.HyperlinkedModelSerializer):
    is_published = serializers.BooleanField(source="live", required=False)
    is_latest = serializers.SerializerMethodField()
    release_page = serializers.SerializerMethodField()

    class Meta:
        model = Release
        fields = [
            "name",
            "slug",
            "version",
            "is_published",
            "is_latest",
            "release_date",
            "pre_release",
            "release_page",
            "release_notes_url",
            "show_on_download_page",
            "resource_uri",
        ]
        extra_kwargs = {"resource_uri": {"view_name": "v2-release-detail"}, "slug": NO_VALIDATORS}

    def get_is_latest(self, release: Release) -> bool:
        return release.pk in Release.objects.latest_ids()

    def get_release_page(self, release: Release) -> str | None:
        return URIs(self.context["request"]).page(LegacyPageID.of(release.release_page_id))


class ReleaseFileSerializer(serializers.HyperlinkedModelSerializer):
    class Meta:
        model = ReleaseFile
        fields = [
            "name",
            "slug",
            "os",
            "release",
            "description",
            "is_source",
            "url",
            "gpg_signature_file",
            "md5_sum",
            "sha256_sum",
            "filesize",
            "download_button",
            "resource_uri",
            "sigstore_signature_file",
            "sigstore_cert_file",
            "sigstore_bundle_file",
            "sbom_spdx2_file",
        ]
        extra_kwargs = {
            "resource_uri": {"view_name": "v2-release-file-detail"},
            "os": {"view_name": "v2-os-detail"},
            "release": {"view_name": "v2-release-detail"},
            "slug": NO_VALIDATORS,
            "url": NO_VALIDATORS,
        }
        # The model validates with its own messages.
        validators: list = []


class ReleaseFilter(filters.FilterSet):
    is_published = filters.BooleanFilter(field_name="live")
    release_date = filters.IsoDateTimeFilter()

    class Meta:
        model = Release
        fields = ["name", "slug", "is_published", "pre_release", "version", "release_date"]


def releases_seen_by(request: HttpRequest) -> ReleaseQuerySet:
    return Release.objects.visible_to(request.user)


class ReleaseFileFilter(filters.FilterSet):
    release = filters.ModelChoiceFilter(queryset=releases_seen_by)

    class Meta:
        model = ReleaseFile
        fields = {"name": ["exact"], "slug": ["exact"], "os": ["exact"], "release": ["exact"], "description": ["contains"]}

    def filter_queryset(self, queryset: QuerySet) -> QuerySet:
        unknown = sorted(set(self.data) - set(self.filters))
        if unknown:
            raise ValidationError({name: ["Unknown filter."] for name in unknown})
        return super().filter_queryset(queryset)


class DownloadsAPIViewSet(ModelViewSet):
    """Base viewset: lists are built from columns, details and writes go through the serializer and `downloads.workflows`."""

    parser_classes = [JSONParser]
    # Non-numeric IDs also get a JSON response.
    lookup_value_regex = "[^/.]+"

    @property
    def user(self) -> User:
        """Return the user of a request that writes. Permissions have been checked before."""
        return cast("User", self.request.user)

    def get_rows(self, queryset: QuerySet) -> Iterable[dict]:
        raise NotImplementedError

    def get_object(self) -> Any:
        if parse_int(self.kwargs["pk"]) is None:
            raise NotFound
        return super().get_object()

    def get_serializer_context(self) -> dict[str, Any]:
        # URIs of objects have no suffix, even if the request has one.
        return {**super().get_serializer_context(), "format": None}

    def list(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        if request.query_params or request.user.is_authenticated:
            return Response([*self.get_rows(self.filter_queryset(self.get_queryset()))])
        # Most clients request all public rows.
        json = cached.cached(request.build_absolute_uri(request.path), self.get_public_json, ["downloads"])
        response = HttpResponse(json, content_type=request.accepted_renderer.media_type)
        return cast("Response", response)

    def get_public_json(self) -> bytes:
        """Return the JSON of all public rows, rendered in parts, because rendering it at once takes several times the memory."""
        render = self.request.accepted_renderer.render
        rows = iter(self.get_rows(self.get_queryset()))
        parts = iter(lambda: force_bytes(render([*islice(rows, ROWS_AT_ONCE)]))[1:-1], b"")
        return b"[" + b",".join(parts) + b"]"

    def filter_queryset(self, queryset: QuerySet) -> QuerySet:
        # Building a form without filters would take as long as the response.
        return super().filter_queryset(queryset) if self.request.query_params else queryset

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        surrogate_keys.add_keys(request._request, "downloads")
        super().initial(request, *args, **kwargs)

    def finalize_response(self, request: Request, response: Response, *args: Any, **kwargs: Any) -> Response:
        response = super().finalize_response(request, response, *args, **kwargs)
        share(request, response, changed_at=changed_at_for(request.user) if request.method in {"GET", "HEAD"} else None)
        return response

    def handle_exception(self, exc: Exception) -> Response:
        if isinstance(exc, DjangoValidationError):
            detail = dict(serializers.as_serializer_error(exc))
            if NON_FIELD_ERRORS in detail:
                detail[api_settings.NON_FIELD_ERRORS_KEY] = detail.pop(NON_FIELD_ERRORS)
            exc = ValidationError(detail)
        return super().handle_exception(exc)

    def perform_create(self, serializer: BaseSerializer) -> None:
        row = self.get_queryset().model(**serializer.validated_data)
        workflows.write(row, by=self.user)
        serializer.instance = row

    def perform_update(self, serializer: BaseSerializer) -> None:
        row = cast("OS | ReleaseFile", serializer.instance)
        for field, value in serializer.validated_data.items():
            setattr(row, field, value)
        workflows.write(row, by=self.user)

    def perform_destroy(self, instance: OS | Release | ReleaseFile) -> None:
        workflows.delete(instance, by=self.user)


class OSAPIViewSet(DownloadsAPIViewSet):
    serializer_class = OSSerializer
    queryset = OS.objects.all()
    filterset_fields = ["name", "slug"]

    def get_queryset(self) -> QuerySet:
        return OS.objects.order_by(by_code_points("name"), "pk")

    def get_rows(self, queryset: QuerySet) -> Iterable[dict[str, Any]]:
        uri = URIs(self.request)
        return [
            {"name": name, "slug": slug, "resource_uri": uri("os", pk)}
            for pk, name, slug in queryset.values_list("pk", "name", "slug")
        ]


class ReleaseAPIViewSet(DownloadsAPIViewSet):
    serializer_class = ReleaseSerializer
    queryset = Release.objects.all()
    filterset_class = ReleaseFilter

    def get_queryset(self) -> QuerySet:
        return Release.objects.visible_to(self.request.user).order_by(by_code_points("name"), "-pk")

    def get_rows(self, queryset: QuerySet) -> Iterable[dict[str, Any]]:
        uri = URIs(self.request)
        latest = Release.objects.latest_ids()
        columns = queryset.values_list(
            "pk",
            "name",
            "slug",
            "version",
            "live",
            "release_date",
            "pre_release",
            RELEASE_PAGE,
            "release_notes_url",
            "show_on_download_page",
        )
        return [
            {
                "name": name,
                "slug": slug,
                "version": version,
                "is_published": live,
                "is_latest": pk in latest,
                "release_date": release_date.isoformat().replace("+00:00", "Z"),
                "pre_release": pre_release,
                "release_page": uri.page(release_page),
                "release_notes_url": release_notes_url,
                "show_on_download_page": shown,
                "resource_uri": uri("release", pk),
            }
            for pk, name, slug, version, live, release_date, pre_release, release_page, release_notes_url, shown in columns
        ]

    def perform_create(self, serializer: BaseSerializer) -> None:
        values = dict(serializer.validated_data)
        publish = values.pop("live", False)
        serializer.instance = workflows.create_release(values, by=self.user, publish=publish)

    @transaction.atomic
    def perform_update(self, serializer: BaseSerializer) -> None:
        changes = dict(serializer.validated_data)
        release = cast("Release", serializer.instance)
        live = changes.pop("live", release.live)
        release = workflows.write_release(release, changes, by=self.user)
        if live != release.live:
            change_state = workflows.publish_release if live else workflows.unpublish_release
            release = change_state(release, by=self.user)
        serializer.instance = release


class ReleaseFileAPIViewSet(DownloadsAPIViewSet):
    serializer_class = ReleaseFileSerializer
    queryset = ReleaseFile.objects.all()
    filterset_class = ReleaseFileFilter

    def get_queryset(self) -> QuerySet:
        return ReleaseFile.objects.visible_to(self.request.user).order_by(*FILE_ORDER)

    def get_rows(self, queryset: QuerySet) -> Iterable[dict[str, Any]]:
        uri = URIs(self.request)
        names = ReleaseFileSerializer.Meta.fields
        columns = queryset.values_list(*("pk" if name == "resource_uri" else name for name in names))
        for values in columns.iterator(chunk_size=ROWS_AT_ONCE):
            row = dict(zip(names, values, strict=True))
            row["os"] = uri("os", row["os"])
            row["release"] = uri("release", row["release"])
            row["resource_uri"] = uri("release_file", row["resource_uri"])
            yield row

    @action(detail=False, methods=["delete"])
    def delete_by_release(self, request: Request) -> Response:
        pk = parse_int(request.query_params.get("release"))
        if pk is None:
            raise ValidationError({"release": ["Add the parameter ?release= with the ID of a release."]})
        release = Release.objects.filter(pk=pk).first()
        if release:
            workflows.delete_files(release, by=self.user)
        return Response(status=status.HTTP_204_NO_CONTENT)


router = SimpleRouter()
router.register("downloads/os", OSAPIViewSet, basename="v2-os")
router.register("downloads/release", ReleaseAPIViewSet, basename="v2-release")
router.register("downloads/release_file", ReleaseFileAPIViewSet, basename="v2-release-file")
