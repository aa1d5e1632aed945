"""The requests in docs/api.md get the documented responses."""

import json
import re
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from django.conf import settings
from wagtail.models import APIToken

from downloads.models import PlannedRelease, Release
from tests.factories.cms import BoxFactory
from tests.factories.downloads import OSFactory, ReleaseFactory, ReleaseFileFactory, ReleaseSeriesFactory
from tests.factories.events import EventFactory, LocationFactory
from tests.factories.jobs import JobFactory
from tests.factories.sponsors import BenefitFactory, PackageFactory, PlacementFactory, SponsorFactory, SponsorshipFactory
from tests.factories.users import UserFactory, key_for

GUIDE = Path(settings.BASE_DIR, "docs/api.md").read_text(encoding="utf-8")
REQUEST = re.compile(
    r"```http\n(?P<method>[A-Z]+) (?P<path>\S+)\n(?P<headers>(?:[\w-]+: .+\n)*)\n?(?P<body>[^`]*)```"
    r"(?:\n+```json\n(?P<answer>[^`]*)```)?"
)
BLOCK_ID = "6f9619ff-8b86-4d01-b42d-00cf4fc964ff"
EXAMPLES = list(REQUEST.finditer(GUIDE))


@pytest.fixture
def keys(db, settings):
    settings.ALLOWED_HOSTS = ["www.python.org"]
    settings.BASE_URL = "https://www.python.org"
    OSFactory(pk=1)
    OSFactory(pk=3, slug="source", name="Source release")
    series = ReleaseSeriesFactory(
        first_release=date(2025, 10, 7),
        end_of_bugfixes=date(2099, 10, 7),
        end_of_security=date(2099, 10, 31),
        pep=745,
        release_manager="Hugo van Kemenade",
    )
    PlannedRelease.objects.create(series=series, name="3.14.3", date=date(2026, 2, 3))
    release = ReleaseFactory(pk=7, name="Python 3.14.2", release_date=datetime(2025, 12, 5, 12, tzinfo=UTC))
    url = "https://www.python.org/ftp/python/3.14.2/python-3.14.2-amd64.exe"
    ReleaseFileFactory(
        release=release,
        slug="3142-Windows-installer-64-bit",
        url=url,
        description="Recommended",
        filesize=29876543,
        sha256_sum="1" * 64,
        sigstore_bundle_file=f"{url}.sigstore",
        download_button=True,
    )
    EventFactory(pk=12, title="Python Meetup Leipzig", venue=LocationFactory())
    JobFactory(
        pk=34,
        title="Data engineer",
        salary_min=60_000,
        salary_max=80_000,
        salary_currency="EUR",
        salary_period="year",
        approved_at=datetime(2025, 12, 1, 12, tzinfo=UTC),
        expires_at=datetime(2099, 12, 31, 12, tzinfo=UTC),
    )
    package = PackageFactory()
    PlacementFactory(benefit=BenefitFactory(sponsorship_year=package.sponsorship_year, packages=[package]))
    sponsor = SponsorFactory(pk=5, name="Harbor Analytics")
    SponsorshipFactory(sponsor=sponsor, package=package, starts_on=date(2025, 1, 1), ends_on=date(2099, 12, 31))
    BoxFactory(label="downloads-note", body=[{"type": "text", "value": "<p>Python 3.14 is here.</p>", "id": BLOCK_ID}])
    manager = UserFactory(role="Release managers")
    key = key_for(manager, "v1")
    return {"NAME:KEY": f"{manager.username}:{key}", "TOKEN": APIToken.create_token(user=manager, name="guide")[1]}


def without_ids(node):
    """The database assigns the IDs of new objects."""
    if isinstance(node, dict):
        return {key: None if key == "id" else without_ids(value) for key, value in node.items()}
    return [without_ids(child) for child in node] if isinstance(node, list) else node


def test_the_guide_has_an_example_for_each_version_and_area():
    assert {example["path"].split("/")[2] for example in EXAMPLES} == {"v1", "v2", "v3"}
    areas = {example["path"].split("/")[3] for example in EXAMPLES}
    assert {"releases", "files", "series", "events", "calendars", "jobs", "sponsors", "content"} <= areas
    assert len(EXAMPLES) == GUIDE.count("```http")


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: f"{example['method']} {example['path']}")
@pytest.mark.proves("S3-35")
def test_an_example_is_answered_as_the_guide_says(client, keys, example):
    if "/python-3150rc1/" in example["path"]:
        ReleaseFactory(name="Python 3.15.0rc1", live=False)
    headers = dict(line.split(": ", 1) for line in example["headers"].splitlines())
    for placeholder, key in keys.items():
        headers = {name: value.replace(placeholder, key) for name, value in headers.items()}
    response = client.generic(
        example["method"],
        example["path"],
        example["body"],
        content_type="application/json",
        headers=headers | {"Host": "www.python.org"},
        secure=True,
    )
    assert response.status_code < 500
    if example["answer"]:
        assert without_ids(response.json()) == without_ids(json.loads(example["answer"]))
    else:
        assert response.status_code == 200
        assert not Release.objects.get(name="Python 3.15.0rc1").live
