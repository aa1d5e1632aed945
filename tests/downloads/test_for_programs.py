"""Indexes, checksums, the roadmap and images of releases."""

import json
from datetime import UTC, date, datetime
from io import BytesIO
from xml.etree import ElementTree as ET

import pytest
from jsonschema import Draft202012Validator
from PIL import Image

from downloads.models import PlannedRelease
from downloads.presentation import roadmap_context
from tests.factories.downloads import OSFactory, ReleaseFactory, ReleaseFileFactory, ReleaseSeriesFactory

from .pages import AHEAD, SHA256, get, main_of

pytestmark = pytest.mark.django_db
AT = datetime(2026, 11, 30, tzinfo=UTC)


@pytest.fixture
def releases():
    series = ReleaseSeriesFactory(first_release=date(2025, 10, 7), end_of_bugfixes=date(2027, 10, 7), end_of_security=AHEAD)
    for name in ("3.14.0", "3.14.1", "3.15.0a1"):
        release = ReleaseFactory(name=f"Python {name}", pre_release="a" in name)
        url = f"https://www.python.org/ftp/python/{name}/python-{name}-amd64.exe"
        ReleaseFileFactory(release=release, os=OSFactory(), url=url, sha256_sum=SHA256, filesize=7)
    ReleaseFileFactory(release__name="Python 3.14.2", release__live=False)
    return series


def test_the_index_follows_its_published_schema(client, releases):
    schema = json.loads(get(client, "/api/v3/releases/index.schema.json"))
    Draft202012Validator.check_schema(schema)
    index = json.loads(get(client, "/api/v3/releases/index.json"))
    assert [release["version"] for release in index["releases"]] == ["3.15.0a1", "3.14.1", "3.14.0"]
    validator = Draft202012Validator(schema)
    assert list(validator.iter_errors(index)) == []
    del index["releases"][0]["files"][0]["sha256"]
    assert [error.message for error in validator.iter_errors(index)] == ["'sha256' is a required property"]


def test_the_table_is_for_shell_scripts(client, releases):
    head, *rows = [line.split("\t") for line in get(client, "/api/v3/releases/index.tab").splitlines()]
    assert head == ["version", "stage", "date", "os", "arch", "kind", "filename", "url", "size", "sha256"]
    assert [row[0] for row in rows] == ["3.15.0a1", "3.14.1", "3.14.0"]
    assert rows[0][1:7] == ["alpha", "2026-02-03", "windows", "x86_64", "installer", "python-3.15.0a1-amd64.exe"]
    assert {len(row) for row in rows} == {len(head)}


def test_the_checksums_of_the_latest_release_of_a_series(client, releases):
    assert get(client, "/downloads/latest/python3.14/SHA256SUMS") == f"{SHA256}  python-3.14.1-amd64.exe\n"
    get(client, "/downloads/latest/python3.15/SHA256SUMS", status=404)
    get(client, "/downloads/latest/python3.99/SHA256SUMS", status=404)


def test_the_roadmap_has_a_page_and_feeds(client, releases):
    for name, day in {"3.14.1": date(2026, 1, 1), "3.14.2": date(2026, 2, 1), "3.14.3": AHEAD}.items():
        PlannedRelease.objects.create(series=releases, name=name, date=day)
    context = roadmap_context(AT)
    assert [plan.name for plan in context["overdue"]] == ["3.14.2"]
    assert [plan.name for plan in context["planned"]] == ["3.14.3"]
    assert [(str(day), ends) for day, _series, ends in context["changes"]] == [("2027-10-07", False), ("2999-10-01", True)]
    page = main_of(get(client, "/downloads/roadmap/"))
    assert "Their planned dates have passed" in page
    assert "3.14.1" not in page
    channel = ET.fromstring(get(client, "/downloads/roadmap/feed.rss"))  # noqa: S314 -- our own response.
    assert [item.findtext("title") for item in channel.iter("item")] == ["Python 3.14.2, expected", "Python 3.14.3, planned"]
    for name in ("atom", "json"):
        assert "Python 3.14.3, planned" in get(client, f"/downloads/roadmap/feed.{name}")


@pytest.mark.parametrize("slug", ["python-3141", "python-3150a1"])
def test_a_release_has_an_image_of_its_own(client, releases, slug):
    url = f"/downloads/release/{slug}/image.png"
    response = client.get(url)
    assert response["Content-Type"] == "image/png"
    assert Image.open(BytesIO(response.content)).size == (1200, 630)
    page = get(client, f"/downloads/release/{slug}/")
    assert f'<meta property="og:image" content="http://127.0.0.1:8000{url}">' in page
    get(client, "/downloads/release/python-3142/image.png", status=404)


def test_search_engines_read_a_free_application(client, releases):
    page = get(client, "/downloads/release/python-3150a1/")
    data = json.loads(page.split('<script type="application/ld+json">')[1].split("</script>")[0])
    assert (data["@type"], data["softwareVersion"], data["creativeWorkStatus"]) == (
        "SoftwareApplication",
        "3.15.0a1",
        "Pre-release",
    )
    assert data["offers"]["price"] == "0"
