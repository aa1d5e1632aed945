"""No request causes a server error, regardless of its sender and content."""

import logging
import os
from collections import Counter

import pytest
from django.test import Client

from tests.fuzz import Fuzzer, quantile
from tests.pydotorg.test_routes import EVERYONE, Demo, demo, enter, routes  # noqa: F401 -- a fixture.

pytestmark = pytest.mark.django_db
SEED = int(os.environ.get("FUZZ_SEED", "19"))


@pytest.fixture(autouse=True)
def _as_in_production(settings):
    settings.SECURE_SSL_REDIRECT = settings.SESSION_COOKIE_SECURE = settings.CSRF_COOKIE_SECURE = True
    settings.SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    settings.REQUIRE_SECOND_FACTOR = True
    logging.disable(logging.CRITICAL)
    yield
    logging.disable(logging.NOTSET)


def fuzz(demo: Demo, number: int) -> None:  # noqa: F811 -- the fixture's value.
    addresses = [demo.address(route) for route in routes()]
    statuses, seconds, failures = Counter(), [], {}
    for who in EVERYONE:
        client = Client()
        enter(client, who)
        with Fuzzer(client, who, SEED) as fuzzer:
            fuzzer.run(addresses, number // len(EVERYONE) + 1)
        statuses += fuzzer.statuses
        seconds += fuzzer.seconds
        failures |= fuzzer.failures
    p50, p99 = (quantile(seconds, share) for share in (0.5, 0.99))
    print(
        f"\n{len(seconds)} requests, p50 {p50:.3f} s, p99 {p99:.3f} s, slowest {max(seconds):.3f} s",
        dict(sorted(statuses.items())),
    )
    assert not failures, "\n\n".join(f"{sent}\n    {error}" for error, sent in failures.items())


@pytest.mark.full
def test_a_sample_of_hostile_requests_breaks_nothing(demo):  # noqa: F811
    fuzz(demo, 500)


@pytest.mark.nightly
def test_many_hostile_requests_break_nothing(demo):  # noqa: F811
    fuzz(demo, int(os.environ.get("FUZZ_REQUESTS", "20000")))
