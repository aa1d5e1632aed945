"""/api/v1/downloads/: the frozen format of the release managers' script, served by django-tastypie.

Tastypie handles reads. Writes go through `downloads.workflows`, and errors become a sentence in `error_message`, which the
script prints.
"""

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from http import HTTPStatus
from typing import Any

from django import forms
from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import NON_FIELD_ERRORS, PermissionDenied, ValidationError
from django.db import models
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.urls import URLPattern, re_path
from django.utils import timezone
from django.utils.cache import patch_vary_headers
from rest_framework.permissions import SAFE_METHODS
from tastypie import fields, http
from tastypie.authentication import ApiKeyAuthentication
from tastypie.authorization import Authorization
from tastypie.bundle import Bundle
from tastypie.cache import NoCache
from tastypie.constants import ALL_WITH_RELATIONS
from tastypie.exceptions import BadRequest, ImmediateHttpResponse, Unauthorized
from tastypie.paginator import Paginator
from tastypie.resources import ModelResource
from tastypie.serializers import Serializer
from tastypie.utils.mime import build_content_type

from cms.api.base import WriteThrottle, by_code_points, share
from cms.content.models.legacy import LegacyPageID
from cms.delivery import cached, surrogate_keys
from cms.platform.outages import status_of
from cms.platform.text import parse_int
from downloads import workflows
from downloads.models import OS, Release, ReleaseFile
from users.models import KeyRefusedError, ServiceKey, User
from users.security import record

from . import FILE_ORDER, changed_at_for

HIGHEST_OFFSET = 10**6
# Maximum number of digits of a database integer.
ID = "[0-9]{1,18}"
# Media types by the format names that clients use.
FORMATS = {
    "application/xml": "application/xml",
    "text/xml": "application/xml",
    "text/yaml": "text/yaml",
    "application/yaml": "text/yaml",
}


def no_such_row(request: HttpRequest, **kwargs: Any) -> HttpResponse:
    """Treat an ID that is not a number like an unknown ID: return an empty body."""
    return http.HttpNotFound()


class HeaderKeyAuthentication(ApiKeyAuthentication):
    """Authentication by `Authorization: ApiKey user:key`. Requests without a key are anonymous; a wrong key is rejected."""

    def is_authenticated(self, request: HttpRequest, **kwargs: Any) -> bool | HttpResponse:
        request.user = AnonymousUser()
        if not request.headers.get("Authorization", "").strip() and not {"username", "api_key"} & set(request.GET):
            return True
        try:
            username, text = self.extract_credentials(request)
            key = ServiceKey.of(text, api=ServiceKey.API.V1)
        except (ValueError, KeyRefusedError) as error:
            record("key_refused", request=request, reason=str(error))
            return self._unauthorized()
        in_scope = request.method in SAFE_METHODS or ServiceKey.Scope.RELEASES in key.scopes
        if key.owner.username != username or not in_scope:
            return self._unauthorized()
        request.user = key.owner
        return True

    def extract_credentials(self, request: HttpRequest) -> tuple[str, str]:
        username, key = self.get_authorization_data(request).split(":", 1)
        return username, key


class ModelAuthorization(Authorization):
    """Authorization that reads rows visible to the user, and writes with the model permission."""

    def read_list(self, object_list: QuerySet, bundle: Bundle) -> QuerySet:
        return object_list.visible_to(bundle.request.user) if hasattr(object_list, "visible_to") else object_list

    def read_detail(self, object_list: QuerySet, bundle: Bundle) -> bool:
        # Without a primary key, this is the empty row of the schema view.
        if bundle.obj.pk and not self.read_list(object_list, bundle).filter(pk=bundle.obj.pk).exists():
            raise Unauthorized
        return True

    def create_detail(self, object_list: QuerySet | None, bundle: Bundle) -> bool:
        return self._require("add", bundle)

    def delete_detail(self, object_list: QuerySet | None, bundle: Bundle) -> bool:
        return self._require("delete", bundle)

    def delete_list(self, object_list: QuerySet, bundle: Bundle) -> QuerySet:
        return object_list if self._require("delete", bundle) else object_list.none()

    def _require(self, action: str, bundle: Bundle) -> bool:
        opts = bundle.obj._meta
        if not bundle.request.user.has_perm(f"{opts.app_label}.{action}_{opts.model_name}"):
            raise Unauthorized
        return True


class BoundedPaginator(Paginator):
    """Paginator that rejects offsets beyond the range of the database."""

    def get_offset(self) -> int:
        offset = super().get_offset()
        if offset > HIGHEST_OFFSET:
            raise BadRequest(f"Invalid offset '{offset}' provided. There are no {HIGHEST_OFFSET} rows.")
        return offset


class DownloadsResource(ModelResource):
    """Base of the three resources. `references` names the fields that contain URLs of other objects."""

    references: dict[str, type["DownloadsResource"]] = {}
    surrogate_key = "downloads"

    def base_urls(self) -> list[URLPattern]:
        name, key = self._meta.resource_name, self._meta.detail_uri_name
        start = rf"^(?P<resource_name>{name})"
        return [
            re_path(rf"{start}/$", self.wrap_view("dispatch_list"), name="api_dispatch_list"),
            re_path(rf"{start}/schema/$", self.wrap_view("get_schema"), name="api_get_schema"),
            re_path(rf"{start}/set/(?P<{key}_list>{ID}(?:;{ID})*)/$", self.wrap_view("get_multiple"), name="api_get_multiple"),
            re_path(rf"{start}/(?P<{key}>{ID})/$", self.wrap_view("dispatch_detail"), name="api_dispatch_detail"),
            re_path(rf"^{name}/.*$", no_such_row),
        ]

    def dispatch(self, request_type: str, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        # A cache in front of the site ignores a method override in a header.
        request.META.pop("HTTP_X_HTTP_METHOD_OVERRIDE", None)
        surrogate_keys.add_keys(request, self.surrogate_key)
        try:
            response = super().dispatch(request_type, request, **kwargs)
        except ImmediateHttpResponse as answer:
            response = answer.response
        share(request, response, changed_at=changed_at_for(request.user) if request.method == "GET" else None)
        patch_vary_headers(response, ["Accept"])
        return response

    def get_list(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        if request.GET or request.user.is_authenticated or self.determine_format(request) != self._meta.default_format:
            return super().get_list(request, **kwargs)
        # Most clients request the first rows of all public ones.
        json = cached.cached(
            request.path, lambda: super(DownloadsResource, self).get_list(request, **kwargs).content, ["downloads"]
        )
        return HttpResponse(json, content_type=build_content_type(self._meta.default_format))

    def method_check(self, request: HttpRequest, allowed: list[str] | None = None) -> str:
        try:
            return super().method_check(request, allowed)
        except ImmediateHttpResponse as answer:
            if answer.response.status_code == HTTPStatus.METHOD_NOT_ALLOWED:
                answer.response.content = b""
            raise

    def throttle_check(self, request: HttpRequest) -> None:
        throttle = WriteThrottle()
        if not throttle.allow_request(request):
            wait = int(throttle.wait() or 0) + 1
            response = JsonResponse(
                {"detail": f"Request was throttled. Expected available in {wait} seconds."},
                status=HTTPStatus.TOO_MANY_REQUESTS,
                headers={"Retry-After": str(wait)},
            )
            raise ImmediateHttpResponse(response)

    def determine_format(self, request: HttpRequest) -> str:
        """Return the media type of ?format=, or that of the Accept header if the client accepts no JSON."""
        serializer = self._meta.serializer
        named = serializer.content_types.get(request.GET.get("format", ""))
        if named in serializer.supported_formats:
            return named
        accepted = request.headers.get("Accept", "*/*")
        if "json" in accepted or "*/*" in accepted or "html" in accepted:
            return self._meta.default_format
        return FORMATS.get(request.get_preferred_type(list(FORMATS)) or "", self._meta.default_format)

    def error_response(
        self, request: HttpRequest, errors: dict[str, Any], response_class: type[HttpResponse] | None = None
    ) -> HttpResponse:
        sentence = errors.get("error_message") or errors.get("error")
        return super().error_response(request, errors | {"error_message": sentence} if sentence else errors, response_class)

    def _handle_500(self, request: HttpRequest, exception: Exception) -> HttpResponse:
        """Respond to outages like the other APIs, so that scripts can retry later (`pydotorg.views.server_error`)."""
        status = status_of(exception)
        if status == HTTPStatus.REQUEST_ENTITY_TOO_LARGE:
            response: HttpResponse = self.error_response(request, {"error": "The request body is too large."})
            response.status_code = status
            return response
        if status != HTTPStatus.INTERNAL_SERVER_ERROR:
            raise exception
        return super()._handle_500(request, exception)

    def filter_value_to_python(
        self, value: str, field_name: str, filters: dict[str, Any], filter_expr: str, filter_type: str
    ) -> Any:
        if filter_expr.endswith("release_date"):
            try:
                return forms.DateTimeField().clean(value)
            except ValidationError as error:
                raise BadRequest(error.messages[0]) from error
        return super().filter_value_to_python(value, field_name, filters, filter_expr, filter_type)

    def deserialize(self, request: HttpRequest, data: bytes, format: str = "application/json") -> dict[str, Any]:  # noqa: A002 -- the parent's signature.
        if not (request.content_type or "").endswith("json"):
            raise ImmediateHttpResponse(HttpResponse(status=HTTPStatus.UNSUPPORTED_MEDIA_TYPE))
        try:
            deserialized = json.loads(data)
        except (ValueError, RecursionError) as error:
            raise BadRequest(f"The request body is not valid JSON: {error}.") from error
        if not isinstance(deserialized, dict):
            raise BadRequest("Send a single JSON object.")
        return deserialized

    def values_of(self, bundle: Bundle) -> dict:
        """Return the columns to write. Unknown, null and read-only fields are ignored."""
        values = {}
        for name, field in self.fields.items():
            given = bundle.data.get(name)
            if given is None or field.readonly:
                continue
            try:
                values[field.attribute] = self.to_python(name, given)
            except ValidationError as error:
                raise ValidationError({name: error.messages}) from error
            except (TypeError, ValueError, OverflowError) as error:
                # Django's fields expect text or numbers, and JSON may hold lists and objects.
                raise ValidationError({name: "This value has the wrong type."}) from error
        return values

    def to_python(self, name: str, given: Any) -> Any:
        model = self._meta.object_class
        if name not in self.references:
            return model._meta.get_field(self.fields[name].attribute).to_python(given)
        resource = self.references[name]
        match = re.fullmatch(rf"(?:https?://[^/?#]+)?/api/v1/{resource._meta.resource_name}/({ID})/", str(given))
        row = resource._meta.object_class.objects.filter(pk=match[1]).first() if match else None
        if row is None:
            raise ValidationError(f"There is nothing at {given}.")
        return row

    def write(self, values: dict, *, by: User) -> models.Model:
        row = self._meta.object_class(**values)
        workflows.write(row, by=by)
        return row

    def post_list(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        # Before the body is parsed: an unauthorized client learns nothing about the format.
        self.authorized_create_detail(None, self.build_bundle(request=request))
        return super().post_list(request, **kwargs)

    def obj_create(self, bundle: Bundle, **kwargs: Any) -> Bundle:
        with self.refusals(bundle.request):
            bundle.obj = self.write(self.values_of(bundle), by=bundle.request.user)
        return bundle

    def obj_delete(self, bundle: Bundle, **kwargs: Any) -> None:
        bundle.obj = self._meta.object_class()
        self.authorized_delete_detail(None, bundle)
        row = self._meta.object_class.objects.filter(pk=kwargs["pk"]).first()
        if row is None:
            raise ImmediateHttpResponse(http.HttpNotFound())
        with self.refusals(bundle.request):
            workflows.delete(row, by=bundle.request.user)

    @contextmanager
    def refusals(self, request: HttpRequest) -> Iterator[None]:
        """Turn exceptions of the rules into responses: 400 with sentences, 401 for a missing permission."""
        try:
            yield
        except PermissionDenied as error:
            raise ImmediateHttpResponse(http.HttpUnauthorized()) from error
        except ValidationError as error:
            errors = error.message_dict if hasattr(error, "error_dict") else {NON_FIELD_ERRORS: error.messages}
            sentences = [
                message if field == NON_FIELD_ERRORS else f"{field}: {message}"
                for field, messages in errors.items()
                for message in messages
            ]
            data = {self._meta.resource_name: errors, "error_message": " ".join(sentences)}
            raise ImmediateHttpResponse(self.error_response(request, data)) from error


class SharedCache(NoCache):
    """Cache that stores nothing: `share` alone sets how long other caches may keep a response."""

    def cache_control(self) -> dict[str, Any]:
        return {}


class Formats(Serializer):
    """JSON, XML and YAML. Every JSON document is a YAML document as well."""

    formats = ["json", "xml", "yaml"]

    def to_yaml(self, data: Any, options: dict[str, Any] | None = None) -> str:
        return self.to_json(data, options)


class Options:
    """Options of all three resources."""

    list_allowed_methods = ["get", "post"]
    detail_allowed_methods = ["get", "delete"]
    authentication = HeaderKeyAuthentication()
    authorization = ModelAuthorization()
    paginator_class = BoundedPaginator
    cache = SharedCache(varies=[])
    serializer = Formats()


class OSResource(DownloadsResource):
    class Meta(Options):
        queryset = OS.objects.all()
        resource_name = "downloads/os"
        fields = ["name", "slug"]
        filtering = {"name": ("exact",), "slug": ("exact",)}

    def get_object_list(self, request: HttpRequest) -> QuerySet:
        return OS.objects.order_by(by_code_points("name"), "pk")


class ReleaseResource(DownloadsResource):
    is_published = fields.BooleanField("live", default=False)
    is_latest = fields.BooleanField(readonly=True)
    release_page = fields.CharField(readonly=True, null=True)

    class Meta(Options):
        queryset = Release.objects.all()
        resource_name = "downloads/release"
        fields = ["name", "slug", "version", "release_date", "pre_release", "release_notes_url", "show_on_download_page"]
        filtering = {
            "name": ("exact",),
            "slug": ("exact",),
            "is_published": ("exact",),
            "pre_release": ("exact",),
            "version": ("exact", "startswith"),
            "release_date": ("exact",),
        }

    def get_object_list(self, request: HttpRequest) -> QuerySet:
        return Release.objects.only(*self._meta.fields, "live", "release_page").order_by(by_code_points("name"), "-pk")

    def dehydrate_is_latest(self, bundle: Bundle) -> bool:
        known = bundle.request.__dict__
        if "latest_releases" not in known:
            known["latest_releases"] = cached.cached("latest-ids", Release.objects.latest_ids, ["downloads"])
        return bundle.obj.pk in known["latest_releases"]

    def dehydrate_release_page(self, bundle: Bundle) -> str | None:
        number = LegacyPageID.of(bundle.obj.release_page_id)
        return f"/api/v1/pages/page/{number}/" if number else None

    def to_python(self, name: str, given: Any) -> Any:
        value = super().to_python(name, given)
        return timezone.make_aware(value) if name == "release_date" and timezone.is_naive(value) else value

    def write(self, values: dict[str, Any], *, by: User) -> models.Model:
        publish = values.pop("live", False)
        return workflows.create_release(values, by=by, publish=publish)


class ReleaseFileResource(DownloadsResource):
    os = fields.ForeignKey(OSResource, "os")
    release = fields.ForeignKey(ReleaseResource, "release")
    filesize = fields.IntegerField("filesize", default=0)  # tastypie would describe a big integer as text.
    slug = fields.CharField("slug", unique=True, verbose_name="slug")  # The frozen schema says that it is required.
    references = {"os": OSResource, "release": ReleaseResource}

    class Meta(Options):
        queryset = ReleaseFile.objects.all()
        resource_name = "downloads/release_file"
        fields = [
            "name",
            "slug",
            "description",
            "is_source",
            "url",
            "gpg_signature_file",
            "sigstore_signature_file",
            "sigstore_cert_file",
            "sigstore_bundle_file",
            "sbom_spdx2_file",
            "md5_sum",
            "sha256_sum",
            "download_button",
        ]
        filtering = {
            "name": ("exact",),
            "slug": ("exact",),
            "description": ("contains",),
            "os": ALL_WITH_RELATIONS,
            "release": ALL_WITH_RELATIONS,
        }
        list_allowed_methods = ["get", "post", "delete"]

    def get_object_list(self, request: HttpRequest) -> QuerySet:
        return ReleaseFile.objects.prefetch_related("os", "release").order_by(*FILE_ORDER)

    def obj_delete_list(self, bundle: Bundle, **kwargs: Any) -> None:
        """Delete the files of one release. Other queries are rejected, because they could delete more than intended."""
        self.authorized_delete_list(ReleaseFile.objects.all(), bundle)
        query = bundle.request.GET
        if list(query) != ["release"] or len(query.getlist("release")) != 1 or parse_int(query["release"]) is None:
            raise BadRequest("Add the parameter ?release= with the ID of a release, and no other parameter.")
        release = Release.objects.filter(pk=parse_int(query["release"], 0)).first()
        if release:
            workflows.delete_files(release, by=bundle.request.user)


RESOURCES = [OSResource, ReleaseResource, ReleaseFileResource]
