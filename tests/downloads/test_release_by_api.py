"""docs/release.py, run as a program against the site: from SHA256SUMS to a published release."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from django.conf import settings
from wagtail.models import APIToken

from downloads.models import Release
from tests.databases import fill
from tests.downloads.test_file_sets import FILES, NEW, OS_NAMES, SUMS
from tests.factories.downloads import OSFactory, ReleaseFactory
from tests.factories.users import UserFactory

pytestmark = pytest.mark.django_db
SCRIPT = Path(settings.BASE_DIR, "docs/release.py")


@pytest.fixture
def systems():
    for slug, name in OS_NAMES.items():
        OSFactory(slug=slug, name=name)


def headers():
    return {"Authorization": f"Bearer {APIToken.create_token(user=UserFactory(role='Release managers'), name='x')[1]}"}


def run(live_server, tmp_path, checksums=SUMS):
    sums = tmp_path / "SHA256SUMS"
    sums.write_text(checksums)
    environment = os.environ | {"PYTHON_ORG": live_server.url, "PYTHON_ORG_TOKEN": headers()["Authorization"].split()[1]}
    command = [sys.executable, str(SCRIPT), NEW, str(sums)]
    return subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60, check=False)


def test_the_script_publishes_twelve_files_and_can_be_repeated(live_server, settings, tmp_path, systems):
    settings.BASE_URL = live_server.url
    settings.CDN_BACKEND = "none"
    # The places where a release is shown.
    fill(pages_only=True)
    first = run(live_server, tmp_path)
    assert first.returncode == 0, first.stderr
    assert first.stdout.startswith("Draft: created, python-3160rc1\nFiles: changed, 12\n")
    assert first.stdout.endswith("Publication: published\nLive.\n")
    release = Release.objects.get(name=f"Python {NEW}")
    assert release.live
    assert {file.filename: file.os.slug for file in release.files.select_related("os")} == {
        name.format(NEW): os for name, (os, *_) in FILES.items()
    }
    again = run(live_server, tmp_path)
    assert "Draft: unchanged" in again.stdout
    assert again.stdout.endswith("Publication: unchanged\nLive.\n")


def test_the_script_ends_with_the_error_of_the_site(live_server, tmp_path, systems):
    failed = run(live_server, tmp_path, f"{'a' * 64}  python-{NEW}.unknown\n")
    assert failed.returncode == 1
    assert f"These files belong to no operating system: python-{NEW}.unknown." in failed.stderr
    assert not Release.objects.get().files.exists()


def test_the_script_is_short():
    assert len(SCRIPT.read_text().splitlines()) <= 60


def test_status_is_for_release_managers(client):
    release = ReleaseFactory(name=f"Python {NEW}", live=False)
    url = f"/api/v3/releases/{release.slug}/status/"
    assert client.get(url).status_code in {401, 403}
    status = client.get(url, headers=headers()).json()
    assert (status["published"], status["is_live"], status["checklist"]) == (False, False, [])
    assert {"text": "The release has no files yet. Add them on the Files tab.", "passed": False} in status["checks"]
