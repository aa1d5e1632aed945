"""Shared behavior of the three APIs."""

from datetime import UTC, datetime

import pytest
from django.contrib.auth.models import AnonymousUser
from django.http import HttpResponse
from rest_framework.response import Response

from cms.api.base import CompactJSONRenderer, WriteThrottle, by_code_points, share
from downloads.models import OS
from tests.factories.downloads import OSFactory

CHANGED = datetime(2026, 1, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    ("headers", "status", "control", "changed"),
    [
        ({}, 200, {"public", "max-age=60", "s-maxage=9"}, "Thu, 01 Jan 2026 00:00:00 GMT"),
        ({"Authorization": "Token x"}, 200, {"private"}, "Thu, 01 Jan 2026 00:00:00 GMT"),
        ({}, 404, {""}, ""),
    ],
)
def test_only_answers_that_are_the_same_for_all_are_shared(rf, settings, headers, status, control, changed):
    settings.API_SHARED_CACHE_SECONDS = 9
    response = HttpResponse(status=status)
    share(rf.get("/", headers=headers), response, changed_at=CHANGED)
    assert set(response.headers.get("Cache-Control", "").split(", ")) == control
    assert response.headers.get("Last-Modified", "") == changed
    assert response["Vary"] == "Authorization"


def test_answers_to_writes_are_not_shared(rf):
    response = Response()
    share(rf.post("/"), response)
    assert "Cache-Control" not in response


def test_json_is_compact_and_keeps_its_letters():
    assert CompactJSONRenderer().render({"name": "Łukasz", "ids": [1, 2]}) == '{"name":"Łukasz","ids":[1,2]}'.encode()


@pytest.mark.django_db
def test_text_is_ordered_by_code_points():
    for name in ("b", "Z", "a", "É"):
        OSFactory(name=name, slug=f"os-{ord(name)}")
    assert list(OS.objects.order_by(by_code_points("name")).values_list("name", flat=True)) == ["Z", "a", "b", "É"]


def test_reading_is_never_counted(rf, monkeypatch):
    monkeypatch.setattr(WriteThrottle, "THROTTLE_RATES", {"writes": "1/day"})
    requests = {method: getattr(rf, method)("/") for method in ("get", "head", "options", "post")}
    for request in requests.values():
        request.user = AnonymousUser()
    assert all(WriteThrottle().allow_request(requests["get"]) for _ in range(5))
    assert all(WriteThrottle().allow_request(requests[method]) for method in ("head", "options", "post"))
    assert not WriteThrottle().allow_request(requests["post"])
