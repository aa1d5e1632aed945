"""Selection of the banner by dates and priority."""

from datetime import UTC, datetime, timedelta

import pytest
from django.core.exceptions import ValidationError
from django.utils import timezone

from cms.content.models.banners import Banner
from cms.content.tasks import purge_banners
from cms.delivery.models import Purge
from tests.factories.cms import BannerFactory

pytestmark = pytest.mark.django_db
NOON = datetime(2026, 5, 1, 12, tzinfo=UTC)


def first(path, at=NOON):
    return next((banner.message for banner in Banner.objects.current(at) if banner.is_shown_at(path)), None)


@pytest.mark.parametrize(
    ("fields", "shown", "hidden"),
    [
        ({}, ["/", "/psf/", "/jobs/1/"], []),
        ({"audience": "section", "section": "jobs"}, ["/jobs/", "/jobs/1/"], ["/", "/jobsearch/"]),
        ({"audience": "psf"}, ["/psf/", "/psf/about/"], ["/", "/psf-landing/"]),
        ({"audience": "api"}, [], ["/", "/api/v2/"]),
        ({"live": False}, [], ["/"]),
        ({"starts_at": NOON, "ends_at": NOON + timedelta(hours=1)}, ["/"], []),
        ({"starts_at": NOON + timedelta(seconds=1)}, [], ["/"]),
        ({"ends_at": NOON}, [], ["/"]),
    ],
)
def test_a_banner_shows_to_its_audience_in_its_time(fields, shown, hidden):
    BannerFactory(message="Here", **fields)
    assert [first(path) for path in shown] == ["Here"] * len(shown)
    assert [first(path) for path in hidden] == [None] * len(hidden)


def test_the_highest_priority_shows():
    BannerFactory(message="Ordinary")
    BannerFactory(message="Important", priority=50)
    BannerFactory(message="Later")
    assert first("/") == "Important"


def test_pages_show_the_banner_and_its_link(client):
    BannerFactory(message="Vote now.", url="/psf/elections/", tone="stop")
    html = client.get("/nothing/").content.decode()
    assert "Vote now." not in html  # Error pages stand without a database.
    html = client.get("/accounts/login/").content.decode()
    assert "Vote now." in html
    assert "banner-stop" in html
    assert 'href="/psf/elections/"' in html


@pytest.mark.proves("S3-44")
def test_programs_read_their_notices_in_a_header(client, django_capture_on_commit_callbacks):
    assert "X-API-Notice" not in client.get("/api/v2/downloads/os/")
    with django_capture_on_commit_callbacks(execute=True):
        Banner.objects.create(message="v1 goes in May –\r\nmove on", audience="api")
    assert client.get("/api/v2/downloads/os/")["X-API-Notice"] == "v1 goes in May ? move on"
    assert "X-API-Notice" not in client.get("/robots.txt")


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"url": "javascript:alert(1)"}, "starts with https"),
        ({"audience": "section"}, "only if the banner is for one section"),
        ({"section": "jobs"}, "only if the banner is for one section"),
        ({"starts_at": NOON, "ends_at": NOON}, "must be after the start"),
    ],
)
def test_what_makes_no_sense_is_refused(fields, sentence):
    with pytest.raises(ValidationError, match=sentence):
        Banner(message="x", **fields).full_clean()


def test_a_banner_that_starts_by_the_clock_purges_its_pages(settings, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        BannerFactory(audience="section", section="jobs", starts_at=timezone.now() - timedelta(seconds=30))
        BannerFactory(starts_at=timezone.now() + timedelta(hours=1))
    settings.CDN_BACKEND, settings.CDN_URL = "http", "http://127.0.0.1:9/"
    with django_capture_on_commit_callbacks(execute=True):
        purge_banners.enqueue()
    assert Purge.objects.get().keys == ["banners", "jobs"]
