"""Release script over real HTTP: it finds the release, deletes its files and posts each file."""

from contextlib import suppress

import pytest
import requests

from downloads.models import Release, ReleaseFile
from tests.factories.downloads import OSFactory, ReleaseFactory, ReleaseFileFactory
from tests.factories.users import UserFactory, key_for

FTP = "https://www.python.org/ftp/python/3.14.0"
# file name: name of the row, slug of the system, whether it is the button, description
FILES = {
    "Python-3.14.0rc2.tar.xz": ("XZ compressed source tarball", "source", True, ""),
    "Python-3.14.0rc2.tgz": ("Gzipped source tarball", "source", False, ""),
    "python-3.14.0rc2-amd64.exe": ("Windows installer (64-bit)", "windows", True, "Recommended"),
    "python-3.14.0rc2-arm64.exe": ("Windows installer (ARM64)", "windows", False, "Experimental"),
    "python-3.14.0rc2-iOS-XCframework.tar.gz": ("iOS XCframework", "ios", True, ""),
    "python-3.14.0rc2-macos11.pkg": ("macOS installer", "macos", True, "for macOS 10.15 and later"),
}
SIDE_FILES = {"sigstore_bundle_file": ".sigstore", "sbom_spdx2_file": ".spdx.json"}


class PublishingError(Exception):
    """Failure that ends the script."""


class ReleaseScript:
    """API client of the release script: sends the key and a content type with every request, and follows redirects."""

    def __init__(self, base_url, credentials):
        self.base_url = base_url
        self.session = requests.Session()
        self.session.headers.update({"Authorization": f"ApiKey {credentials}", "Content-Type": "application/json"})
        self.keys = {}

    def find(self, kind, **query):
        """Return the id of the only row that matches the query: the last part of its URL."""
        response = self.session.get(f"{self.base_url}{kind}/", params=query, timeout=10)
        if response.status_code != 200 or not response.json()["objects"]:
            raise PublishingError(f"{kind} not found: {query}")
        return int(response.json()["objects"][0]["resource_uri"].strip("/").rpartition("/")[2])

    def run(self, version, files):
        release = self.find("downloads/release", name=f"Python {version}")
        systems = {slug: self.find("downloads/os", slug=slug) for slug in dict.fromkeys(row[1] for row in files.values())}
        deleted = self.session.delete(f"{self.base_url}downloads/release_file/", params={"release": release}, timeout=10)
        assert deleted.status_code == 204
        made = []
        try:
            made.extend(self.post(release, systems, filename, files[filename]) for filename in sorted(files))
        except PublishingError:
            for pk in reversed(made):
                gone = self.session.delete(f"{self.base_url}downloads/release_file/{pk}/", timeout=10)
                assert gone.status_code == 204
            raise
        return made

    def post(self, release, systems, filename, about):
        name, system, button, description = about
        url = f"{FTP}/{filename}"
        row = {
            "name": name,
            "slug": f"3140-rc2-{name}".replace(" ", "-").replace("(", "").replace(")", ""),
            "os": f"/api/v1/downloads/os/{systems[system]}/",
            "release": f"/api/v1/downloads/release/{release}/",
            "description": description,
            "is_source": systems[system] == 3,
            "url": url,
            "sha256_sum": "c" * 64,
            "filesize": 12_345_678,
            "download_button": button,
        } | {field: url + suffix for field, suffix in SIDE_FILES.items()}
        response = self.session.post(f"{self.base_url}downloads/release_file/", json=row, timeout=10)
        if response.status_code != 201:
            told = {}
            with suppress(requests.JSONDecodeError):
                told = response.json()
            raise PublishingError(told.get("error_message"))
        return int(response.headers["Location"].strip("/").rpartition("/")[2])


@pytest.fixture
def script(live_server):
    for pk, slug, name in [
        (1, "windows", "Windows"),
        (2, "macos", "macOS"),
        (3, "source", "Source release"),
        (5, "ios", "iOS"),
    ]:
        OSFactory(pk=pk, slug=slug, name=name)
    manager = UserFactory(role="Release managers", username="hugo")
    key = key_for(manager, "v1")
    script = ReleaseScript(f"{live_server.url}/api/v1/", f"hugo:{key}")
    with script.session:
        yield script


@pytest.mark.parametrize("live", [False, True])
def test_the_files_of_a_release_are_published(script, live):
    release = ReleaseFactory(name="Python 3.14.0rc2", live=live)
    ReleaseFileFactory(release=release, slug="3140-rc2-XZ-compressed-source-tarball", url=f"{FTP}/Python-3.14.0rc2.tar.xz")
    other = ReleaseFileFactory(release=ReleaseFactory(name="Python 3.14.0rc1"))
    made = script.run("3.14.0rc2", FILES)
    files = Release.objects.get(name="Python 3.14.0rc2").files.all()
    assert set(files.values_list("pk", flat=True)) == set(made)
    assert {file.filename: file.os.slug for file in files} == {filename: row[1] for filename, row in FILES.items()}
    assert {file.filename for file in files if file.is_source} == {"Python-3.14.0rc2.tar.xz", "Python-3.14.0rc2.tgz"}
    assert all(file.sbom_spdx2_file == f"{file.url}.spdx.json" for file in files)
    assert ReleaseFile.objects.filter(pk=other.pk).exists()
    public = requests.get(f"{script.base_url}downloads/release_file/?release={release.pk}", timeout=10).json()
    assert public["meta"]["total_count"] == (len(FILES) if live else 0)
    assert script.run("3.14.0rc2", FILES) != made
    assert ReleaseFile.objects.count() == len(FILES) + 1


def test_a_failed_run_says_why_and_cleans_up_after_itself(script):
    release = ReleaseFactory(name="Python 3.14.0rc2")
    two_buttons = FILES | {"python-3.14.0rc2-arm64.exe": ("Windows installer (ARM64)", "windows", True, "Experimental")}
    with pytest.raises(PublishingError, match="already the download button for this operating system"):
        script.run("3.14.0rc2", two_buttons)
    assert release.files.count() == 0
    assert len(script.run("3.14.0rc2", FILES)) == len(FILES)


def test_a_release_that_is_not_there_loses_nobody_a_file(script):
    file = ReleaseFileFactory(release=ReleaseFactory(name="Python 3.14.0rc1"))
    with pytest.raises(PublishingError, match="not found"):
        script.run("3.14.0rc2", FILES)
    assert list(ReleaseFile.objects.all()) == [file]
