"""Logo placements and assets in API v2, sponsors and placements in API v3."""

from datetime import date
from http import HTTPStatus
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from ninja import Field, Query, Router, Schema
from ninja.decorators import decorate_view
from rest_framework import serializers
from rest_framework.parsers import JSONParser
from rest_framework.permissions import BasePermission
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from cms.api.base import share
from cms.api.routers import Page, Reader, after, page, refuse_unknown
from cms.delivery import surrogate_keys
from users.models import ServiceKey

from . import placements
from .models import Place, Publisher, Sponsor, SponsorAsset, SponsorshipDeliverable, State
from .serving import asset_token

SHARED_CACHE_SECONDS = 600
ROLES = ("primary", "administrative", "accounting", "manager")


class PublisherPermission(BasePermission):
    message = "Must have publisher permission."

    def has_permission(self, request: Request, view: APIView) -> bool:
        in_scope = isinstance(request.auth, ServiceKey) and ServiceKey.Scope.PLACEMENTS in request.auth.scopes
        return in_scope and request.user.has_perm("sponsors.sponsor_publisher")


class PlacementQuery(serializers.Serializer):
    publisher = serializers.ChoiceField(Publisher.choices, required=False)
    flight = serializers.ChoiceField(Place.choices, required=False)
    year = serializers.IntegerField(required=False, min_value=0, max_value=32_000)


class AssetQuery(serializers.Serializer):
    internal_name = serializers.CharField(max_length=128)
    list_empty = serializers.BooleanField(required=False, default=False)
    # Not in the old API: only assets of sponsorships in a state.
    status = serializers.ChoiceField(State.choices, required=False)


class SponsorsAPIView(APIView):
    permission_classes = [PublisherPermission]
    parser_classes = [JSONParser]

    def get_params(self, serializer_class: type[serializers.Serializer]) -> dict[str, Any]:
        query = serializer_class(data=self.request.query_params)
        query.is_valid(raise_exception=True)
        return query.validated_data

    def finalize_response(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        response = super().finalize_response(request, *args, **kwargs)
        share(request, response)
        return response


class LogoPlacementView(SponsorsAPIView):
    """Logo placements of today."""

    def get(self, request: Request) -> Response:
        params = self.get_params(PlacementQuery)
        rows = placements.get_placements(publisher=params.get("publisher", ""), place=params.get("flight", ""))
        if "year" in params:
            rows = rows.filter(sponsorship_benefit__sponsorship__sponsorship_year__year=params["year"])
        rows = rows.prefetch_related("sponsorship_benefit__sponsorship__sponsor__contacts")
        return Response(
            [
                placements.serialize_placement(item)
                | {"contacts": serialize_contacts(item.sponsorship_benefit.sponsorship.sponsor)}
                for item in rows
                if placements.is_complete(item)
            ]
        )


def serialize_contacts(sponsor: Sponsor) -> list[dict[str, Any]]:
    return [
        {"name": contact.name, "email": contact.email} | {role: getattr(contact, role) for role in ROLES}
        for contact in sponsor.contacts.all()
    ]


class SponsorshipAssetsView(SponsorsAPIView):
    """Assets with a key, of all sponsors and sponsorships."""

    def get(self, request: Request) -> Response:
        params = self.get_params(AssetQuery)
        assets = (
            SponsorAsset.objects.filter(key=params["internal_name"])
            .select_related("sponsor", "sponsorship__sponsorship_year")
            .prefetch_related("deliverables", "versions")
            .order_by("pk")
        )
        if "status" in params:
            assets = assets.filter(sponsorship__state=params["status"])
        return Response([serialize_asset(asset) for asset in assets if asset.has_value or params["list_empty"]])


def serialize_asset(asset: SponsorAsset) -> dict[str, Any]:
    shown = asset.accepted
    value = shown.text or shown.answer
    if shown.file:
        link = reverse("sponsor_portal:asset_file", args=[asset_token(asset.uuid, shown.file.name or "")])
        value = settings.BASE_URL + link
    return {
        "internal_name": asset.key,
        "uuid": str(asset.uuid),
        "value": value,
        "content_type": "Sponsorship" if asset.sponsorship_id else "Sponsor",
        "sponsor": asset.sponsor.name,
        "sponsor_slug": asset.sponsor.slug,
        "season": asset.sponsorship.sponsorship_year.year if asset.sponsorship else None,
        "state": asset.sponsorship.state if asset.sponsorship else None,
    }


class PlacementFilters(Page):
    publisher: Publisher | None = Field(None, description="Site that shows the logo.")
    place: Place | None = Field(None, description="Place where the logo appears.")


class SponsorSchema(Schema):
    id: int
    name: str
    slug: str
    description: str
    url: str = Field(description="URL that the logo links to, for example https://example.com/.")
    page: str = Field(description="URL of the sponsor on the sponsors page.")
    logo: str | None
    white_logo: str | None
    level: str
    starts_on: date | None
    ends_on: date | None


class PlacementSchema(Schema):
    publisher: str
    place: str
    sponsor: SponsorSchema


class SponsorList(Schema):
    count: int
    items: list[SponsorSchema]


class PlacementList(Schema):
    count: int
    items: list[PlacementSchema]


sponsors = Router(tags=["sponsors"])
logo_placements = Router(tags=["sponsors"])
ROUTERS = {"/sponsors/": sponsors, "/placements/": logo_placements}


def cache_response(request: HttpRequest, response: HttpResponse) -> None:
    """Let caches share a response for ten minutes at most: sponsorships also end by date."""
    surrogate_keys.add_keys(request, "sponsors")
    share(request, response)
    if response.status_code == HTTPStatus.OK and "Authorization" not in request.headers:
        seconds = min(settings.API_SHARED_CACHE_SECONDS, SHARED_CACHE_SECONDS)
        response["Cache-Control"] = f"public, max-age=60, s-maxage={seconds}"


def serialize_sponsor(item: SponsorshipDeliverable) -> dict[str, Any]:
    row = placements.serialize_placement(item)
    sponsor = item.sponsorship_benefit.sponsorship.sponsor
    return {
        "id": sponsor.pk,
        "name": sponsor.name,
        "slug": sponsor.slug,
        "description": row["description"],
        "url": row["sponsor_url"],
        "page": sponsor.wall_url,
        "logo": row["logo"],
        "white_logo": row["white_logo"],
        "level": row["level_name"],
        "starts_on": row["start_date"],
        "ends_on": row["end_date"],
    }


@sponsors.get("/", response=SponsorList, auth=Reader(), summary="List current sponsors, highest level first")
@decorate_view(after(cache_response))
def list_sponsors(request: HttpRequest, filters: Query[Page]) -> dict:
    refuse_unknown(request, filters)
    once = {
        item.sponsorship_benefit.sponsorship.sponsor_id: item
        for item in reversed(placements.get_placements(place=Place.SPONSORS))
    }
    return page(request, list(reversed(once.values())), filters, serialize_sponsor)


@logo_placements.get("/", response=PlacementList, auth=Reader(), summary="List current logo placements")
@decorate_view(after(cache_response))
def list_placements(request: HttpRequest, filters: Query[PlacementFilters]) -> dict:
    refuse_unknown(request, filters)
    rows = placements.get_placements(publisher=filters.publisher or "", place=filters.place or "")
    return page(
        request,
        rows,
        filters,
        lambda item: {"publisher": item.publisher, "place": item.place, "sponsor": serialize_sponsor(item)},
    )
