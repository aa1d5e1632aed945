"""Files of a release in one step: checksums or the previous release, the grid, and the check on the server."""

from hashlib import sha256

import pytest
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from downloads import file_checks
from downloads.file_sets import FileSet, parse_checksums, version_in_names
from downloads.models import DownloadsSettings, FileCheck, ReleaseFile
from downloads.models.files import SIDE_FILES
from downloads.readiness import Workbench
from downloads.tasks import check_release_files
from tests.community.feeds import FeedServer
from tests.factories.downloads import OSFactory, ReleaseFactory, ReleaseFileFactory
from tests.factories.users import UserFactory

pytestmark = pytest.mark.django_db

OLD, NEW = "3.15.0rc2", "3.16.0rc1"
# name on the server with the version left out: operating system, name, download button
FILES = {
    "Python-{}.tgz": ("source", "Gzipped source tarball", True),
    "Python-{}.tar.xz": ("source", "XZ compressed source tarball", False),
    "python-{}-macos11.pkg": ("macos", "macOS installer", True),
    "python-{}-amd64.exe": ("windows", "Windows installer (64-bit)", True),
    "python-{}.exe": ("windows", "Windows installer (32-bit)", False),
    "python-{}-arm64.exe": ("windows", "Windows installer (ARM64)", False),
    "python-{}-embed-amd64.zip": ("windows", "Windows embeddable package (64-bit)", False),
    "python-{}-embed-win32.zip": ("windows", "Windows embeddable package (32-bit)", False),
    "python-{}-embed-arm64.zip": ("windows", "Windows embeddable package (ARM64)", False),
    "windows-{}.json": ("windows", "Windows release manifest", False),
    "python-{}-aarch64-linux-android.tar.gz": ("android", "Android embeddable package (aarch64)", True),
    "python-{}-iOS-XCframework.tar.gz": ("ios", "iOS XCframework", True),
}
SUMS = "".join(f"{number:064x}  {name.format(NEW)}\n" for number, name in enumerate(FILES, 1))


@pytest.fixture
def systems():
    return {slug: OSFactory(slug=slug, name=name) for slug, name in OS_NAMES.items()}


OS_NAMES = {"windows": "Windows", "macos": "macOS", "source": "Source", "android": "Android", "ios": "iOS"}


@pytest.fixture
def previous(systems):
    release = ReleaseFactory(name=f"Python {OLD}", pre_release=True)
    for name, (os, label, button) in FILES.items():
        url = f"https://www.python.org/ftp/python/3.15.0/{name.format(OLD)}"
        sides = {"sigstore_bundle_file": url + ".sigstore"}
        if os == "source":
            sides["sbom_spdx2_file"] = url + ".spdx.json"
        ReleaseFileFactory(release=release, os=systems[os], name=label, url=url, download_button=button, filesize=9, **sides)
    return release


@pytest.fixture
def release(systems):
    return ReleaseFactory(name=f"Python {NEW}", pre_release=True, live=False)


@pytest.fixture
def url(release):
    return reverse("downloads_release_files", args=[release.pk])


def posted(grid, **changed):
    """Fields of the grid as a browser posts them."""
    sent = {"step": "save", "form-TOTAL_FORMS": len(grid.forms), "form-INITIAL_FORMS": len(grid.forms)}
    for form in grid:
        for field in form:
            value = field.value()
            if value not in (None, False, ""):
                sent[field.html_name] = "on" if value is True else value
    return sent | changed


@pytest.mark.parametrize(
    "line",
    [
        "{sum}  ./python.exe",
        "{sum} *python.exe",
        "\ufeff{sum}  python.exe\r",
        "SHA256 (python.exe) = {sum}",
        "# by a tool\n{sum}  python.exe",
    ],
)
def test_lists_of_checksums_as_programs_write_them(line):
    assert parse_checksums(line.format(sum="AB" * 32)) == {"python.exe": "ab" * 32}


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "There are no checksums"),
        (f"{'a' * 63}  python.exe", "is not a line of SHA256SUMS"),
        (f"{'a' * 64}  ../python.exe", "is not a line of SHA256SUMS"),
        (f"{'a' * 64}  https://example.org/python.exe", "is not a line of SHA256SUMS"),
        (f"{'a' * 64}  python.exe\n{'b' * 64}  python.exe", "two different checksums"),
        ("\n".join(f"{'a' * 64}  python-{n}.exe" for n in range(201)), "more than 200 files"),
    ],
)
def test_a_list_that_cannot_be_trusted_is_refused(text, sentence):
    with pytest.raises(ValidationError, match=sentence):
        parse_checksums(text)


@pytest.mark.parametrize(
    ("name", "version"),
    [("Python 3.16.0rc1", NEW), ("Python install manager 25.2", "25.2"), ("Python install manager 25.0 beta 9", "25.0b9")],
)
def test_the_version_in_names_of_files(name, version):
    assert version_in_names(ReleaseFactory.build(name=name, version=100 if "manager" in name else 3)) == version


def test_names_and_systems_follow_from_the_previous_release(previous, release):
    files = FileSet(release).from_checksums(parse_checksums(SUMS))
    assert {file.filename: (file.os.slug, file.name, file.download_button) for file in files} == {
        name.format(NEW): about for name, about in FILES.items()
    }
    assert {file.url.rpartition("/")[0] for file in files} == {"https://www.python.org/ftp/python/3.16.0"}
    assert files[0].side_files == ["sigstore_bundle_file", "sbom_spdx2_file"]
    assert files[3].side_files == ["sigstore_bundle_file"]


def test_without_a_previous_release_the_file_names_tell(release):
    files = FileSet(release).from_checksums(parse_checksums(SUMS))
    assert {file.filename: file.os.slug for file in files} == {name.format(NEW): os for name, (os, *_) in FILES.items()}
    names = {file.filename: file.name for file in files}
    assert names[f"python-{NEW}-arm64.exe"] == "Windows installer (ARM64)"
    assert names[f"Python-{NEW}.tar.xz"] == "XZ compressed source tarball"


def test_signatures_in_the_list_belong_to_their_files(previous, release):
    tarball = f"Python-{NEW}.tgz"
    names = [tarball, f"{tarball}.sigstore", f"{tarball}.asc", f"python-{NEW}-amd64.exe", "SHA256SUMS"]
    files = FileSet(release).from_checksums(dict.fromkeys(names, "a" * 64))
    assert {file.filename: file.side_files for file in files} == {
        tarball: ["gpg_signature_file", "sigstore_bundle_file"],
        f"python-{NEW}-amd64.exe": [],
    }
    assert len(FileSet(release).missing(files)) == 10


def test_a_pattern_of_an_operating_system_recognizes_a_new_name(release):
    os = OSFactory(slug="haiku", name="Haiku", file_patterns="*.hpkg = package")
    file = FileSet(release).from_checksums({f"python-{NEW}.hpkg": "a" * 64})[0]
    assert (file.os, file.name) == (os, "Haiku binary package")


def test_only_the_version_is_replaced(systems):
    old = ReleaseFactory(name="Python 3.14.1")
    ReleaseFileFactory(release=old, url="https://www.python.org/ftp/python/3.14.1/amd64/python-3.14.1-3.14.10.exe")
    file = FileSet(ReleaseFactory(name="Python 3.14.2", live=False)).copied()[0]
    assert file.url == "https://www.python.org/ftp/python/3.14.2/amd64/python-3.14.2-3.14.10.exe"


def test_twelve_files_from_the_list_to_the_release_in_two_requests(client, manager, previous, release, url):
    assert "Copy the files of Python 3.15.0rc2" in client.get(url).content.decode()
    upload = SimpleUploadedFile("SHA256SUMS", SUMS.encode())
    folder = "https://www.python.org/ftp/python/3.16.0"
    shown = client.post(url, {"step": "checksums", "upload": upload, "folder": folder})
    response = client.post(url, posted(shown.context["grid"]))
    assert response.url == f"/admin/downloads/releases/edit/{release.pk}/#tab-files"
    files = {file.filename: file for file in release.files.select_related("os")}
    assert {name: (file.os.slug, file.name, file.download_button) for name, file in files.items()} == {
        name.format(NEW): about for name, about in FILES.items()
    }
    assert all(file.is_verifiable for file in files.values())
    assert files[f"Python-{NEW}.tgz"].sbom_spdx2_file.endswith(f"Python-{NEW}.tgz.spdx.json")


def test_a_second_list_changes_the_checksums_and_nothing_else(client, manager, previous, release, url):
    client.post(
        url, posted(client.post(url, {"step": "checksums", "text": SUMS, "folder": FileSet(release).folder}).context["grid"])
    )
    file = release.files.get(name="macOS installer")
    ReleaseFile.objects.filter(pk=file.pk).update(description="For macOS 12", filesize=7)
    shown = client.post(url, {"step": "checksums", "text": f"{'f' * 64}  {file.filename}", "folder": FileSet(release).folder})
    assert "but the list does not" not in shown.content.decode()
    client.post(url, posted(shown.context["grid"]))
    again = release.files.get(pk=file.pk)
    assert (again.sha256_sum, again.description, again.slug, again.filesize) == ("f" * 64, "For macOS 12", file.slug, 0)
    assert release.files.count() == 12


def test_the_previous_files_are_copied_without_checksums(client, manager, previous, release, url):
    shown = client.post(url, {"step": "copy"})
    client.post(url, posted(shown.context["grid"]))
    assert set(release.files.values_list("filesize", "sha256_sum")) == {(0, "")}
    assert release.files.count() == 12


def test_a_row_with_an_error_saves_nothing_and_one_left_out_is_not_read(client, manager, previous, release, url):
    grid = client.post(url, {"step": "copy"}).context["grid"]
    wrong = posted(grid, **{"form-3-sha256": "abc"})
    html = client.post(url, wrong).content.decode()
    assert "Enter 64 hexadecimal digits." in html
    assert "Nothing was saved." in html
    assert not release.files.exists()
    del wrong["form-3-include"]
    assert client.post(url, wrong).status_code == 302
    assert release.files.count() == 11


def test_rules_of_files_apply_in_the_grid(client, manager, previous, release, url):
    grid = client.post(url, {"step": "copy"}).context["grid"]
    html = client.post(url, posted(grid, **{"form-0-url": "https://example.org/python.exe"})).content.decode()
    assert "The URL must start with https://www.python.org/." in html
    assert not release.files.exists()


@pytest.mark.parametrize(
    ("sent", "sentence"),
    [
        ({"text": "hello"}, "is not a line of SHA256SUMS"),
        ({"text": SUMS, "folder": "https://example.org/"}, "The URL must start with https://www.python.org/."),
        ({"upload": SimpleUploadedFile("python.exe", b"\xff\xfe\x00")}, "This file is not text."),
    ],
)
def test_a_wrong_list_is_explained(client, manager, url, sent, sentence):
    html = client.post(url, {"step": "checksums", "folder": "https://www.python.org/ftp/"} | sent).content.decode()
    assert sentence in html


def test_only_release_managers_add_files(client, url):
    client.force_login(UserFactory(role="Job board"))
    assert client.post(url, {"step": "copy"}).status_code in {302, 403}


# On the server


CONTENT = b"MZ" * 500


@pytest.fixture
def server(settings, monkeypatch):
    """Start a server that replaces www.python.org/ftp/."""
    settings.FETCH_FROM_LOOPBACK = True
    with FeedServer() as running:
        monkeypatch.setattr(file_checks, "ORIGIN", f"{running.url}/")
        yield running


@pytest.fixture
def file(release):
    file = ReleaseFileFactory.build(release=release, os=OSFactory(slug="windows"), sha256_sum=sha256(CONTENT).hexdigest())
    file.sigstore_bundle_file = file.url + ".sigstore"
    file.save()
    return file


def serve(server, file, content=CONTENT):
    path = file.url.removeprefix("https://www.python.org")
    server.serve(path, content)
    for name, suffix in SIDE_FILES.items():
        if getattr(file, name):
            server.serve(path + suffix, b"{}")


def problems(release):
    return Workbench(release).url_problems


def test_a_check_fills_in_the_size(server, file, release):
    serve(server, file)
    check_release_files.call(release.pk)
    file.refresh_from_db()
    assert file.filesize == len(CONTENT)
    assert problems(release) == []
    assert [check.text for check in Workbench(release).check_urls()] == ["Every file is on the server with its signatures."]


def test_a_missing_file_and_a_missing_signature_are_named(client, manager, server, file, release):
    check_release_files.call(release.pk)
    found = problems(release)
    assert [problem.partition(":")[0] for problem in found] == [file.filename, f"{file.filename}.sigstore"]
    assert all("404" in problem for problem in found)
    html = client.get(f"/admin/downloads/releases/edit/{release.pk}/").content.decode()
    assert f"{file.filename}.sigstore: The server responds with 404." in html


def test_many_problems_are_counted(client, manager, server, file, release, url):
    for number in range(2):
        name = f"https://www.python.org/ftp/python/3.16.0/python-{number}.exe"
        ReleaseFileFactory(release=release, os=file.os, url=name, sigstore_bundle_file=f"{name}.sigstore")
    check_release_files.call(release.pk)
    checks = [check.text for check in Workbench(release).check_urls()]
    assert (len(checks), checks[-1]) == (4, "3 more problems with files on the server.")
    html = client.get(f"/admin/downloads/releases/edit/{release.pk}/").content.decode()
    assert "The last check on the server found 6 problems." in html
    assert client.get(url).content.decode().count("The server responds with 404.") == 6


def test_a_size_that_differs_is_reported_and_kept(server, file, release):
    file.filesize = 5
    file.save()
    serve(server, file)
    check_release_files.call(release.pk)
    assert problems(release) == [f"{file.filename}: the server has 1000 bytes, but 5 are entered."]
    file.refresh_from_db()
    assert file.filesize == 5


def test_the_content_is_compared_on_request(client, manager, server, file, release, url):
    serve(server, file)
    check_release_files.call(release.pk, with_checksums=True)
    assert FileCheck.objects.get().is_hashed
    assert [check.text for check in Workbench(release).check_urls()] == [
        "Every file is on the server with its signatures and the correct checksum."
    ]
    serve(server, file, CONTENT[::-1])
    check_release_files.call(release.pk)
    assert problems(release) == []
    check_release_files.call(release.pk, with_checksums=True)
    assert "the SHA-256 checksum on the server is" in problems(release)[0]
    assert "the SHA-256 checksum on the server is" in client.get(url).content.decode()


def test_a_changed_file_was_not_checked(server, file, release):
    check_release_files.call(release.pk)
    file.save()
    assert problems(release) == []
    assert Workbench(release).check_urls() == []


def test_nothing_is_requested_when_checks_are_switched_off(client, manager, server, file, release, url):
    chosen = DownloadsSettings.load()
    chosen.check_files = False
    chosen.save()
    check_release_files.call(release.pk)
    assert not FileCheck.objects.exists()
    html = client.post(url, {"step": "check"}, follow=True).content.decode()
    assert "Checks of files are switched off" in html
    assert "Checks are switched off" in html


def test_the_button_starts_a_check(client, manager, server, file, release, url):
    serve(server, file)
    assert "The check of the files has started." in client.post(url, {"step": "check"}, follow=True).content.decode()


@pytest.mark.parametrize("action", ["edit", "delete"])
def test_a_form_of_a_file_returns_to_its_release(client, manager, file, release, action):
    form = {"release": release.pk, "os": file.os_id, "name": "New name", "url": file.url, "slug": file.slug, "filesize": 0}
    response = client.post(f"/admin/downloads/files/{action}/{file.pk}/", form)
    assert response.url == f"/admin/downloads/releases/edit/{release.pk}/#tab-files"
