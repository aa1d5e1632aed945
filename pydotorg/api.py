"""URLs of the three APIs: v1 and v2 in the formats of existing clients, v3 as Wagtail's API with our routers."""

import json
from functools import lru_cache
from hashlib import sha256

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.urls import include, path
from django.views.decorators.http import etag, require_safe
from ninja.responses import NinjaJSONEncoder
from rest_framework.routers import DefaultRouter
from tastypie.api import Api
from wagtail.api.v3.urls import api as v3

from cms.api.base import share
from cms.api.routers import (
    record_acting_user,
    refuse_ended_tokens,
    refuse_high_offsets,
    refuse_root_page,
    register_sentences,
)
from cms.delivery.surrogate_keys import shared
from downloads.api import v1 as downloads_v1
from downloads.api import v2 as downloads_v2
from downloads.api import v3 as downloads_v3
from events import api as events_api
from home import api as home_api
from home import old_api as old_pages_api
from jobs import api as jobs_api
from sponsors import api as sponsors_api


class APIV1(Api):
    def top_level(self, request: HttpRequest, api_name: str | None = None) -> HttpResponse:
        """Return the URLs of the lists."""
        names = sorted(self._registry)
        response = JsonResponse(
            {name: {"list_endpoint": f"/api/v1/{name}/", "schema": f"/api/v1/{name}/schema/"} for name in names}
        )
        share(request, response)
        return response


v1 = APIV1("v1")
for resource in [*downloads_v1.RESOURCES, *old_pages_api.RESOURCES]:
    v1.register(resource())

v2 = DefaultRouter()
v2.registry.extend([*downloads_v2.router.registry, *old_pages_api.router.registry])

v3.title = "python.org"
v3.description = "Releases of Python and their files, events, jobs, sponsors, and the pages of python.org."
register_sentences(v3)
v3.add_decorator(refuse_high_offsets, mode="view")
v3.add_decorator(refuse_ended_tokens, mode="view")
v3.add_decorator(record_acting_user, mode="operation")
v3.add_decorator(refuse_root_page, mode="operation")
ROUTERS = downloads_v3.ROUTERS | events_api.ROUTERS | jobs_api.ROUTERS | sponsors_api.ROUTERS | home_api.ROUTERS
for prefix, router in ROUTERS.items():
    v3.add_router(prefix, router)


@lru_cache
def openapi_document() -> tuple[bytes, str]:
    """Return the description of API v3 and its ETag. It is the same until the next release, and takes a second to build."""
    content = json.dumps(v3.get_openapi_schema(path_params={}), cls=NinjaJSONEncoder, separators=(",", ":")).encode()
    return content, f'"{sha256(content).hexdigest()[:32]}"'


@require_safe
@etag(lambda _: openapi_document()[1])
@shared("api-schema", seconds=3600)
def openapi_json(request: HttpRequest) -> HttpResponse:
    return HttpResponse(openapi_document()[0], content_type="application/json")


urlpatterns = [
    path("v3/openapi.json", openapi_json),
    path("", include(v1.urls)),
    path("v2/sponsors/logo-placement/", sponsors_api.LogoPlacementView.as_view()),
    path("v2/sponsors/sponsorship-assets/", sponsors_api.SponsorshipAssetsView.as_view()),
    path("v2/", include(v2.urls)),
    path("v3/", v3.urls),
]
