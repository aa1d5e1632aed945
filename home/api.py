"""Content API for other front ends: pages with blocks as JSON and HTML, menus, banners, boxes, settings and images."""

from contextlib import AbstractContextManager
from http import HTTPStatus
from typing import Any

from django.conf import settings
from django.http import Http404, HttpRequest
from django.utils import translation
from ninja import Field, Query, Router, Schema
from ninja.decorators import decorate_view
from ninja.errors import HttpError
from wagtail.blocks import StreamValue
from wagtail.fields import RichTextField, StreamField
from wagtail.images import get_image_model
from wagtail.models import Page as WagtailPage
from wagtail.models import Site

from cms.api.base import share
from cms.api.routers import Reader, after, bad_parameter, refuse_unknown
from cms.content.languages import codes_in_use, in_current_language
from cms.content.models.banners import Banner
from cms.content.models.boxes import Box
from cms.content.models.menus import Menu
from cms.content.models.pages import BasePage
from cms.content.models.settings import SiteSettings
from cms.content.routing import get_public_page
from cms.delivery import surrogate_keys

content = Router(tags=["content"])
ROUTERS = {"/content/": content}
# Image sizes for other front ends.
RENDITIONS = {
    "small": "width-480",
    "medium": "width-960",
    "large": "width-1440",
    "card": "fill-480x270",
    "social": "fill-1200x630",
}
# Fields of pages that are not public.
INTERNAL = {"content_owner", "review_date", "page_ptr", "social_image", "noindex"}


class LocaleParameters(Schema):
    locale: str = Field(
        settings.LANGUAGE_CODE,
        max_length=10,
        description="Language code, for example es. Content without a translation is in English; pages have to be translated.",
    )


class BannerParameters(LocaleParameters):
    path: str = "/"


class PageParameters(LocaleParameters):
    path: str = Field("/", max_length=500, description="Path of the page, for example /about/.")
    draft: bool = Field(
        False,
        description="Return the latest draft instead of the published version. Requires a token of a user who can edit the page.",
    )


class BlockShape(Schema):
    type: str
    id: str | None
    value: Any = Field(description="Stored value of the block: text, number, list or object.")
    html: str = Field(description="Block as rendered on python.org.")


class PageDetail(Schema):
    id: int
    type: str
    title: str
    path: str
    url: str
    description: str
    locale: str
    breadcrumbs: list[dict[str, str]]
    social_image: str | None
    fields: dict[str, Any] = Field(description="Fields of the page by name. StreamFields are lists of blocks.")


class MenuLink(Schema):
    title: str
    url: str
    children: list["MenuLink"] = []


class BannerShape(Schema):
    key: str
    message: str
    url: str
    link_text: str
    kind: str
    dismissible: bool


class BoxShape(Schema):
    label: str
    body: list[BlockShape]


class Rendition(Schema):
    url: str
    width: int
    height: int


def in_locale(code: str) -> AbstractContextManager[None]:
    """Return a context in which content is in the language with a code. Raises a validation error for other languages."""
    known = {settings.LANGUAGE_CODE, *codes_in_use()}
    if code not in known:
        raise bad_parameter("locale", f"There is no content in this language. Available languages: {', '.join(sorted(known))}.")
    return translation.override(code)


def blocks_of(stream: StreamValue, request: HttpRequest) -> list[dict]:
    """Return the blocks of a field, each with type, stored value and HTML."""
    raw = stream.get_prep_value()
    return [
        {
            "type": block.block_type,
            "id": block.id,
            "value": stored["value"],
            "html": str(block.render(context={"request": request})),
        }
        for block, stored in zip(stream, raw, strict=True)
    ]


def describe_page(page: BasePage, request: HttpRequest) -> dict:
    fields: dict[str, Any] = {}
    for field in page._meta.concrete_fields:
        if field.model is WagtailPage or field.name in INTERNAL or field.is_relation:
            continue
        value = getattr(page, field.name)
        if isinstance(field, StreamField):
            fields[field.name] = blocks_of(value, request)
        else:
            fields[field.name] = str(value) if isinstance(field, RichTextField) else value
    above = page.get_ancestors(inclusive=True).filter(depth__gt=2, live=True)
    return {
        "id": page.pk,
        "type": page._meta.label,
        "title": page.title,
        "path": page.url,
        "url": page.full_url,
        "description": page.search_description,
        "locale": page.locale.language_code,
        "breadcrumbs": [{"title": each.title, "url": each.url} for each in above],
        "social_image": page.social_image.get_rendition(RENDITIONS["social"]).full_url if page.social_image else None,
        "fields": fields,
    }


@content.get("/page/", auth=Reader(), response=PageDetail, summary="Get a page by its path")
@decorate_view(after(share))
def get_page(request: HttpRequest, parameters: Query[PageParameters]) -> dict[str, Any]:
    refuse_unknown(request, parameters)
    with in_locale(parameters.locale):
        return find_page(request, parameters)


def find_page(request: HttpRequest, parameters: PageParameters) -> dict[str, Any]:
    page = get_public_page(request, parameters.path)
    found = page.specific if page else None
    if parameters.draft:
        if not request.user.is_authenticated:
            raise HttpError(HTTPStatus.UNAUTHORIZED, "Send a token to read a draft.")
        found = found or next(
            (row for row in WagtailPage.objects.filter(live=False).specific() if row.url == parameters.path), None
        )
        if found is None or not found.permissions_for_user(request.user).can_edit():
            raise Http404
        found = found.get_latest_revision_as_object()
    if not isinstance(found, BasePage):
        raise Http404
    surrogate_keys.add_keys(request, f"page-{found.pk}")
    return describe_page(found, request)


@content.get("/menus/", auth=Reader(), response=dict[str, list[MenuLink]], summary="List the menus of the header and footer")
@decorate_view(after(share))
def menus(request: HttpRequest, parameters: Query[LocaleParameters]) -> dict[str, list]:
    refuse_unknown(request, parameters)
    with in_locale(parameters.locale):
        return Menu.frame_context()


@content.get("/banner/", auth=Reader(), response=BannerShape | None, summary="Get the banner of a page")
@decorate_view(after(share))
def banner(request: HttpRequest, parameters: Query[BannerParameters]) -> dict[str, Any] | None:
    refuse_unknown(request, parameters)
    with in_locale(parameters.locale):
        banners = in_current_language(Banner.objects.current())
        return next((found.shown() for found in banners if found.is_shown_at(parameters.path)), None)


@content.get("/boxes/{label}/", auth=Reader(), response=BoxShape, summary="Get a box by its label")
@decorate_view(after(share))
def box(request: HttpRequest, label: str, parameters: Query[LocaleParameters]) -> dict[str, Any]:
    refuse_unknown(request, parameters)
    with in_locale(parameters.locale):
        found = Box.published(label)
        if found is None:
            raise Http404
        surrogate_keys.add_keys(request, f"box-{label}")
        return {"label": found.label, "body": blocks_of(found.body, request)}


@content.get("/settings/", auth=Reader(), response=dict[str, Any], summary="Get the public site settings")
@decorate_view(after(share))
def site_settings(request: HttpRequest) -> dict[str, Any]:
    chosen = SiteSettings.for_request(request)
    names = ("tagline", "donate_url", "webmaster_email", "security_email", "press_email", "footer_note")
    links = [{"label": str(link["label"]), "url": str(link["url"])} for link in chosen.links()]
    site = Site.find_for_request(request)
    return {"site_name": site.site_name if site else ""} | {name: getattr(chosen, name) for name in names} | {"links": links}


@content.get("/images/{int:pk}/", auth=Reader(), response=dict[str, Rendition], summary="Get an image in each size")
@decorate_view(after(share))
def image(request: HttpRequest, pk: int) -> dict[str, Any]:
    found = get_image_model().objects.filter(pk=pk).first()
    # Images of restricted collections are not public.
    if found is None or any(restriction for restriction in found.collection.get_view_restrictions()):
        raise Http404
    return {
        name: {"url": made.full_url, "width": made.width, "height": made.height}
        for name, made in ((name, found.get_rendition(spec)) for name, spec in RENDITIONS.items())
    }
