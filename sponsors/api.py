"""Placements and assets: API v2 for the programs that read them today, API v3 for everybody."""

from datetime import date
from http import HTTPStatus
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse
from ninja import Field, Query, Router, Schema
from ninja.decorators import decorate_view
from rest_framework import serializers
from rest_framework.permissions import BasePermission
from rest_framework.response import Response
from rest_framework.views import APIView

from cms.api.base import share
from cms.api.routers import Page, Reader, after, page, refuse_unknown
from cms.delivery import surrogate_keys
from users.models import ServiceKey

from . import placements
from .models import Answer, Place, Publisher, State
from .serving import asset_token

SHARED_CACHE_SECONDS = 600
ROLES = ("primary", "administrative", "accounting", "manager")


class PublisherPermission(BasePermission):
    message = "Must have publisher permission."

    def has_permission(self, request: HttpRequest, view):
        in_scope = request.auth is not None and ServiceKey.Scope.PLACEMENTS in request.auth.scopes
        return in_scope and request.user.has_perm("sponsors.sponsor_publisher")


class PlacementQuery(serializers.Serializer):
    publisher = serializers.ChoiceField(Publisher.choices, required=False)
    flight = serializers.ChoiceField(Place.choices, required=False)
    year = serializers.IntegerField(required=False, min_value=0, max_value=32_000)


class AssetQuery(serializers.Serializer):
    internal_name = serializers.CharField(max_length=128)
    list_empty = serializers.BooleanField(required=False, default=False)
    # Not in the predecessor: only what the deals of a state have sent.
    status = serializers.ChoiceField(State.choices, required=False)


class SponsorsAPIView(APIView):
    permission_classes = [PublisherPermission]

    def asked(self, serializer_class) -> dict:
        query = serializer_class(data=self.request.query_params)
        query.is_valid(raise_exception=True)
        return query.validated_data

    def finalize_response(self, request: HttpRequest, *args: Any, **kwargs: Any):
        response = super().finalize_response(request, *args, **kwargs)
        share(request, response)
        return response


class LogoPlacementView(SponsorsAPIView):
    """The logos that are live today, with what programs need to show them."""

    def get(self, request: HttpRequest):
        asked = self.asked(PlacementQuery)
        rows = placements.placements(publisher=asked.get("publisher", ""), place=asked.get("flight", ""))
        if "year" in asked:
            rows = rows.filter(line__deal__season__year=asked["year"])
        rows = rows.prefetch_related("line__deal__sponsor__contacts")
        return Response(
            [
                placements.described(item) | {"contacts": contacts_of(item.line.deal.sponsor)}
                for item in rows
                if placements.has_what_it_needs(item)
            ]
        )


def contacts_of(sponsor) -> list[dict]:
    return [
        {"name": contact.name, "email": contact.email} | {role: getattr(contact, role) for role in ROLES}
        for contact in sponsor.contacts.all()
    ]


class SponsorshipAssetsView(SponsorsAPIView):
    """The values of one key, of all sponsors and deals that have it."""

    def get(self, request: HttpRequest):
        asked = self.asked(AssetQuery)
        answers = (
            Answer.objects.filter(key=asked["internal_name"])
            .select_related("sponsor", "deal__season")
            .prefetch_related("items", "versions")
            .order_by("pk")
        )
        if "status" in asked:
            answers = answers.filter(deal__state=asked["status"])
        return Response([asset(answer) for answer in answers if answer.has_value or asked["list_empty"]])


def asset(answer):
    shown = answer.accepted
    value = shown.text or shown.answer
    if shown.file:
        link = reverse("sponsor_portal:asset_file", args=[asset_token(answer.uuid, shown.file.name)])
        value = settings.BASE_URL + link
    return {
        "internal_name": answer.key,
        "uuid": str(answer.uuid),
        "value": value,
        "content_type": "Sponsorship" if answer.deal_id else "Sponsor",
        "sponsor": answer.sponsor.name,
        "sponsor_slug": answer.sponsor.slug,
        "season": answer.deal.season.year if answer.deal else None,
        "state": answer.deal.state if answer.deal else None,
    }


class PlacementFilters(Page):
    publisher: Publisher | None = Field(None, description="Who shows the logo.")
    place: Place | None = Field(None, description="Where it stands.")


class SponsorSchema(Schema):
    id: int
    name: str
    slug: str
    description: str
    url: str = Field(description="Where the logo leads.")
    page: str = Field(description="The sponsor on the sponsors page.")
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


def keep(request: HttpRequest, response) -> None:
    """Deals also end by the clock, so that no cache keeps them for long."""
    surrogate_keys.add_keys(request, "sponsors")
    share(request, response)
    if response.status_code == HTTPStatus.OK and "Authorization" not in request.headers:
        seconds = min(settings.API_SHARED_CACHE_SECONDS, SHARED_CACHE_SECONDS)
        response["Cache-Control"] = f"public, max-age=60, s-maxage={seconds}"


def sponsor_of(item) -> dict:
    row = placements.described(item)
    sponsor = item.line.deal.sponsor
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


@sponsors.get("/", response=SponsorList, auth=Reader(), summary="List the sponsors of today, the highest level first")
@decorate_view(after(keep))
def list_sponsors(request: HttpRequest, filters: Query[Page]):
    refuse_unknown(request, filters)
    once = {item.line.deal.sponsor_id: item for item in reversed(placements.placements(place=Place.SPONSORS))}
    return page(request, list(reversed(once.values())), filters, sponsor_of)


@logo_placements.get("/", response=PlacementList, auth=Reader(), summary="List which logo stands where today")
@decorate_view(after(keep))
def list_placements(request: HttpRequest, filters: Query[PlacementFilters]):
    refuse_unknown(request, filters)
    rows = placements.placements(publisher=filters.publisher or "", place=filters.place or "")
    return page(
        request, rows, filters, lambda item: {"publisher": item.publisher, "place": item.place, "sponsor": sponsor_of(item)}
    )
