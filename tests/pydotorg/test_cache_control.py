"""Each public response states how long caches may store it, because each cache would guess differently otherwise."""

import re

import pytest
from django.http import HttpResponse

from cms.delivery.middleware import set_default_cache_control
from tests.pydotorg.test_routes import demo, routes  # noqa: F401 -- a fixture.

pytestmark = [pytest.mark.django_db, pytest.mark.full]
# Wagtail's own API depends on the key that a request carries; the others are documents for developers.
ASKED_EACH_TIME = re.compile(r"/api/v3/(docs|pages|redirects|documents|images)/|/api/v2/$")


def test_every_public_answer_says_how_long_it_may_be_kept(client, demo):  # noqa: F811
    """Pages, feeds and APIs may be cached. Forms, personal pages and errors have headers that prevent it."""
    wrong = []
    for route in routes():
        if route.in_admin:
            continue
        response = client.get(address := demo.address(route))
        said = response.get("Cache-Control", "")
        is_kept = re.search(r"max-age=[1-9]", said)
        if not said or (response.status_code == 200 and not (is_kept or "private" in said or ASKED_EACH_TIME.match(address))):
            wrong.append(f"{response.status_code} {address}: {said}")
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize(("status", "expected"), [(301, "max-age=3600"), (302, "no-cache"), (401, "no-cache")])
def test_a_view_that_says_nothing_gets_the_rule(status, expected):
    response = HttpResponse(status=status)
    set_default_cache_control(response)
    assert response["Cache-Control"] == expected
