"""pages/page of APIs v1 and v2: the pages of the tree, read-only, in the format of the previous site."""

from collections.abc import Iterator
from typing import Any

from django.db.models import F, Q, QuerySet
from django.db.models.functions import Coalesce
from django.http import HttpRequest
from rest_framework.exceptions import NotFound, ValidationError
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.routers import SimpleRouter
from rest_framework.viewsets import ViewSet
from tastypie import fields
from tastypie.bundle import Bundle
from wagtail.models import Page, PageQuerySet

from cms.api.base import by_code_points, share
from cms.content.models.legacy import FIRST_NEW_ID
from cms.content.public_pages import without_private
from cms.delivery import cached, purging, surrogate_keys
from cms.platform.text import parse_int
from downloads.api.v1 import DownloadsResource, Options

from .models import HomePage, StandardPage

FIELDS = ("title", "path", "keywords", "description", "content", "is_published", "template_name")
TEMPLATES: dict[str, str] = {
    StandardPage.Layout.FOUNDATION: "psf/default.html",
    StandardPage.Layout.FULL: "psf/full-width.html",
    StandardPage.Layout.BARE: "pages/raw.html",
}
FILTERS = {"title", "path", "keywords", "keywords__icontains", "is_published"}
# Surrogate key of the lists. Each page adds its own.
KEY = "api-pages"


def public_pages() -> PageQuerySet:
    """Return the public general pages, with their IDs in the old API as `number`."""
    chosen = without_private(Page.objects.live()).filter(Q(standardpage__isnull=False) | Q(legacy__isnull=False))
    chosen = chosen.annotate(number=Coalesce(F("legacy__number"), F("pk") + FIRST_NEW_ID))
    return chosen.order_by(by_code_points("title"), "pk")


def filtered(pages: PageQuerySet, query: dict[str, str]) -> PageQuerySet:
    """Return the pages that match the filters of the old API. Pages have no keywords here."""
    if "title" in query:
        pages = pages.filter(title=query["title"])
    if "path" in query:
        home = HomePage.objects.first()
        pages = pages.filter(url_path=f"{home.url_path}{query['path'].strip('/')}/") if home else pages.none()
    is_hidden = query.get("is_published", "true").lower() in {"false", "0"}
    if is_hidden or query.get("keywords") or query.get("keywords__icontains"):
        pages = pages.none()
    return pages


def describe(page: Page, prefix: str) -> dict[str, Any]:
    """Return the fields of a page with rendered content. `prefix` is the URL of the list."""
    specific = page.specific
    body = getattr(specific, "body", "")
    return {
        "title": page.title,
        "path": page.url_path.strip("/").partition("/")[2],
        "keywords": "",
        "description": page.search_description,
        "content": str(body),
        "is_published": page.live,
        "template_name": TEMPLATES.get(getattr(specific, "layout", ""), ""),
        "resource_uri": f"{prefix}{page.number}/",
    }


def find_page(number: Any) -> Page | None:
    pk = parse_int(number)
    return public_pages().filter(number=pk).first() if pk is not None else None


class PageResource(DownloadsResource):
    """pages/page of API v1."""

    surrogate_key = KEY
    title = fields.CharField(readonly=True)
    path = fields.CharField(readonly=True)
    keywords = fields.CharField(readonly=True)
    description = fields.CharField(readonly=True)
    content = fields.CharField(readonly=True)
    is_published = fields.BooleanField(readonly=True)
    template_name = fields.CharField(readonly=True)

    class Meta(Options):
        queryset = Page.objects.none()
        resource_name = "pages/page"
        detail_uri_name = "number"
        fields = ["title"]
        list_allowed_methods = ["get"]
        detail_allowed_methods = ["get"]

    def get_object_list(self, request: HttpRequest) -> QuerySet:
        return public_pages()

    def obj_get_list(self, bundle: Bundle, **kwargs: Any) -> QuerySet:
        return filtered(public_pages(), bundle.request.GET.dict())

    def apply_sorting(self, obj_list: QuerySet, options: Any = None) -> QuerySet:
        return obj_list

    def obj_get(self, bundle: Bundle, **kwargs: Any) -> Page:
        page = find_page(kwargs["number"])
        if page is None:
            raise Page.DoesNotExist
        return page

    def full_dehydrate(self, bundle: Bundle, **kwargs: Any) -> Bundle:
        surrogate_keys.add_keys(bundle.request, f"page-{bundle.obj.pk}")
        bundle.data = describe(bundle.obj, "/api/v1/pages/page/")
        return bundle


class PageViewSet(ViewSet):
    """pages/page of API v2."""

    permission_classes = [AllowAny]

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        surrogate_keys.add_keys(request._request, KEY)
        super().initial(request, *args, **kwargs)

    def finalize_response(self, request: Request, response: Response, *args: Any, **kwargs: Any) -> Response:
        response = super().finalize_response(request, response, *args, **kwargs)
        share(request, response)
        return response

    def prefix(self) -> str:
        return self.request.build_absolute_uri("/api/v2/pages/page/")

    def list(self, request: Request, **kwargs: Any) -> Response:
        unknown = sorted(set(request.query_params) - FILTERS)
        if unknown:
            raise ValidationError({name: ["Unknown filter."] for name in unknown})
        if request.query_params:
            return Response(list(self.rows(filtered(public_pages(), request.query_params.dict()))))
        return Response(cached.cached(f"api-pages {self.prefix()}", lambda: list(self.rows(public_pages()))))

    def rows(self, pages: PageQuerySet) -> Iterator[dict[str, Any]]:
        return (describe(page, self.prefix()) for page in pages.iterator(chunk_size=100))

    def retrieve(self, request: Request, pk: str, **kwargs: Any) -> Response:
        page = find_page(pk)
        if page is None:
            raise NotFound
        surrogate_keys.add_keys(request._request, f"page-{page.pk}")
        return Response(describe(page, self.prefix()))


purging.register(StandardPage, purges=lambda _: [KEY])
router = SimpleRouter()
router.register("pages/page", PageViewSet, basename="v2-page")
RESOURCES = [PageResource]
