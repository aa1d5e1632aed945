import json
import re
from datetime import date, datetime

import pytest
from wagtail.models import Page

from downloads.descriptions import describe_release
from tests.factories.downloads import OSFactory, ReleaseFactory, ReleaseSeriesFactory

from .pages import AGO, AHEAD, FTP, SHA256, add_file, get, main_of, text_of

pytestmark = pytest.mark.django_db


def test_a_draft_is_not_found(client, admin_client):
    draft = ReleaseFactory(live=False)
    for path in (f"/downloads/release/{draft.slug}/", f"/downloads/release/{draft.slug}/SHA256SUMS"):
        assert client.get(path).status_code == 404
        assert admin_client.get(path).status_code == 404


def test_a_release_without_slash_is_moved(client):
    ReleaseFactory(name="Python 3.14.2")
    assert client.get("/downloads/release/python-3142").headers["Location"] == "/downloads/release/python-3142/"


def test_the_page_of_a_release_names_date_support_and_notes(client):
    ReleaseSeriesFactory(first_release=AGO, end_of_bugfixes=AHEAD, release_manager="Ada Lovelace", pep=745)
    ReleaseFactory(
        name="Python 3.14.2",
        release_notes_url="https://docs.python.org/3.14/",
        body=[("text", "<p>Faster by a hair.</p>")],
    )
    words = text_of(get(client, "/downloads/release/python-3142/"))
    for part in ("Feb 3, 2026", "Bug fixes until Oct 1, 2999.", "Ada Lovelace", "PEP 745", "Faster by a hair.", "Latest"):
        assert part in words


def test_a_release_links_to_its_older_page(client):
    page = Page.objects.get(depth=2)
    ReleaseFactory(name="Python 2.3.7", release_page=page)
    assert f'href="{page.url}"' in main_of(get(client, "/downloads/release/python-237/"))


def test_a_superseded_release_shows_the_way_out(client):
    ReleaseFactory(name="Python 3.14.1")
    ReleaseFactory(name="Python 3.14.2")
    html = main_of(get(client, "/downloads/release/python-3141/"))
    assert "Superseded" in html
    assert 'href="/downloads/release/python-3142/"' in html
    assert "Superseded" not in get(client, "/downloads/release/python-3142/")


def test_a_release_of_python_2_is_not_called_superseded(client):
    ReleaseFactory(name="Python 2.7.17")
    ReleaseFactory(name="Python 2.7.18")
    html = get(client, "/downloads/release/python-2717/")
    assert "Superseded" not in html
    assert "This version has reached its end of life" in html


def test_the_end_of_life_is_announced_with_its_day(client):
    ReleaseSeriesFactory(minor=8, first_release=AGO, end_of_security=date(2024, 10, 7))
    ReleaseFactory(name="Python 3.8.20")
    assert "on Oct 7, 2024" in text_of(get(client, "/downloads/release/python-3820/"))


def test_a_supported_release_has_no_such_notice(client):
    ReleaseSeriesFactory(first_release=AGO, end_of_security=AHEAD)
    ReleaseFactory(name="Python 3.14.2")
    assert "end of life" not in text_of(get(client, "/downloads/release/python-3142/"))


def test_a_pre_release_says_so(client):
    ReleaseFactory(name="Python 3.15.0a1", pre_release=True)
    assert "Pre-release" in text_of(get(client, "/downloads/release/python-3150a1/"))


def test_the_files_are_in_the_order_of_demand(client, windows, macos, source):
    release = ReleaseFactory(name="Python 3.14.2")
    expected = [
        (source, "Python-3.14.2.tgz", "Gzipped source tarball"),
        (source, "Python-3.14.2.tar.xz", "XZ compressed source tarball"),
        (OSFactory(slug="android", name="Android", order=0), "a-android.tar.gz", "Android package"),
        (macos, "python-3.14.2-macos11.pkg", "macOS installer"),
        (windows, "python-3.14.2-amd64.exe", "Windows installer (64-bit)"),
        (windows, "python-3.14.2.exe", "Windows installer (32-bit)"),
        (windows, "python-3.14.2-arm64.exe", "Windows installer (ARM64)"),
        (windows, "python3142.chm", "Windows help file"),
        (windows, "python-3.14.2-embed-amd64.zip", "Windows embeddable package (64-bit)"),
        (windows, "python-3.14.2-embed-win32.zip", "Windows embeddable package (32-bit)"),
        (windows, "python-3.14.2-embed-arm64.zip", "Windows embeddable package (ARM64)"),
        (windows, "python-3.14.2-pdb.zip", "Windows debug information"),
    ]
    for os, filename, name in reversed(expected):
        add_file(release, os, "3.14.2/" + filename, name=name)
    html = main_of(get(client, "/downloads/release/python-3142/"))
    assert re.findall(r'<th scope="row">\s*<a [^>]+>([^<]+)', html) == [name for _, _, name in expected]


def columns(html):
    head = html.split("<thead>")[1].split("</thead>")[0]
    return [re.sub(r"<[^>]+>", "", cell).strip() for cell in re.findall(r"<th .*?</th>", head, re.DOTALL)]


def test_only_columns_with_data_are_shown(client, windows):
    file = add_file(ReleaseFactory(name="Python 3.14.2"), windows, "3.14.2/a.exe")
    path = "/downloads/release/python-3142/"
    assert columns(get(client, path)) == ["File", "Operating system"]
    file.filesize, file.md5_sum, file.description = 12_345_678, "0" * 32, "Recommended"
    file.save()
    assert columns(get(client, path)) == ["File", "Operating system", "Description", "Size", "MD5"]
    assert "11.8 MB" in get(client, path).replace("\xa0", " ")
    # An MD5 sum is shown only where no file has better.
    file.sha256_sum = SHA256
    file.gpg_signature_file, file.sigstore_bundle_file = file.url + ".asc", file.url + ".sigstore"
    file.sbom_spdx2_file = file.url + ".spdx.json"
    file.save()
    assert columns(get(client, path)) == [
        *("File", "Operating system", "Description", "Size", "Sigstore", "SBOM", "GPG", "SHA-256"),
    ]


def test_old_sigstore_files_are_a_certificate_and_a_signature(client, windows):
    file = add_file(ReleaseFactory(name="Python 3.10.7"), windows, "3.10.7/a.exe")
    file.sigstore_cert_file, file.sigstore_signature_file = file.url + ".crt", file.url + ".sig"
    file.save()
    words = text_of(get(client, "/downloads/release/python-3107/"))
    assert "CRT SIG" in words
    assert "--signature a.exe.sig --certificate a.exe.crt" in words


def test_an_unknown_size_is_left_out(client, windows):
    release = ReleaseFactory(name="Python 3.14.2")
    add_file(release, windows, "3.14.2/a.exe", filesize=0)
    add_file(release, windows, "3.14.2/b.exe", filesize=2048)
    html = get(client, "/downloads/release/python-3142/").replace("\xa0", " ")
    assert "0 bytes" not in html
    assert "2.0 KB" in html


def test_each_file_has_the_commands_that_verify_it(client, windows):
    ReleaseSeriesFactory(sigstore_identity="ada@python.org", sigstore_issuer="https://accounts.google.com")
    file = add_file(ReleaseFactory(name="Python 3.14.2"), windows, "3.14.2/python.exe", sha256_sum=SHA256)
    file.gpg_signature_file, file.sigstore_bundle_file = file.url + ".asc", file.url + ".sigstore"
    file.save()
    html = get(client, "/downloads/release/python-3142/").replace("&quot;", '"')
    for command in (
        f'echo "{SHA256}  python.exe" | sha256sum --check',
        f'echo "{SHA256}  python.exe" | shasum -a 256 --check',
        "certutil -hashfile python.exe SHA256",
        "gpg --verify python.exe.asc python.exe",
        "python -m sigstore verify identity --bundle python.exe.sigstore --cert-identity ada@python.org",
        "--cert-oidc-issuer https://accounts.google.com python.exe",
    ):
        assert command in html
    assert f'id="verify-{file.pk}"' in html
    assert f'href="#verify-{file.pk}"' in html


def test_a_file_with_an_md5_sum_alone_can_be_checked_for_damage(client, windows):
    add_file(ReleaseFactory(name="Python 3.4.1"), windows, "3.4.1/python.msi", md5_sum="0" * 32)
    html = get(client, "/downloads/release/python-341/")
    assert "certutil -hashfile python.msi MD5" in html
    assert "does not show who created the file" in html


def test_the_checksums_are_in_the_form_that_sha256sum_reads(client, windows):
    release = ReleaseFactory(name="Python 3.14.2")
    add_file(release, windows, "3.14.2/b.exe", sha256_sum="cd" * 32)
    add_file(release, windows, "3.14.2/a.exe", sha256_sum=SHA256)
    add_file(release, windows, "3.14.2/without.exe")
    response = client.get("/downloads/release/python-3142/SHA256SUMS")
    assert response.content.decode() == f"{SHA256}  a.exe\n{'cd' * 32}  b.exe\n"
    assert response.headers["Content-Type"] == "text/plain; charset=utf-8"
    assert 'href="/downloads/release/python-3142/SHA256SUMS"' in get(client, "/downloads/release/python-3142/")


def test_a_release_without_checksums_has_no_such_file(client, windows):
    add_file(ReleaseFactory(name="Python 3.4.1"), windows, "3.4.1/python.msi")
    get(client, "/downloads/release/python-341/SHA256SUMS", status=404)
    assert "SHA256SUMS" not in get(client, "/downloads/release/python-341/")


def test_a_release_for_windows_points_to_the_install_manager(client, windows):
    add_file(ReleaseFactory(name="Python install manager 25.2"), windows, "pymanager/a.msix", download_button=True)
    for name in ("Python 3.14.2", "Python 3.13.9"):
        add_file(ReleaseFactory(name=name), windows, name.replace(" ", "-"), download_button=True)
    assert "install this release with the Python install manager" in text_of(get(client, "/downloads/release/python-3142/"))
    assert "install this release with the Python install manager" not in text_of(get(client, "/downloads/release/python-3139/"))
    assert "install this release with the Python install manager" not in text_of(
        get(client, "/downloads/release/pymanager-2520/")
    )


def test_the_notes_have_a_table_of_contents(client):
    headings = [("heading", {"text": text, "level": "2", "anchor": ""}) for text in ("New features", "Windows", "Thanks to all")]
    ReleaseFactory(name="Python 3.14.2", body=headings)
    html = get(client, "/downloads/release/python-3142/")
    assert '<a href="#thanks-to-all">Thanks to all</a>' in html
    assert 'id="thanks-to-all"' in html


def test_search_engines_read_what_a_release_is(client, windows):
    add_file(ReleaseFactory(name="Python 3.14.2"), windows, "3.14.2/a.exe", download_button=True)
    html = get(client, "/downloads/release/python-3142/")
    data = json.loads(re.search(r'<script type="application/ld\+json">(.+?)</script>', html, re.DOTALL)[1])
    assert data["@type"] == "SoftwareApplication"
    assert data["softwareVersion"] == "3.14.2"
    assert data["downloadUrl"] == [FTP + "3.14.2/a.exe"]
    assert '<link rel="canonical" href="http://127.0.0.1:8000/downloads/release/python-3142/">' in html
    assert '<meta name="description"' in html


def test_hostile_names_stay_text(client, landing, windows):
    release = ReleaseFactory(name="Python <script>alert(1)</script>", slug="hostile", series=None)
    add_file(release, windows, "a.exe", name="<b>file</b>", description="<i>for</i>", sha256_sum='"><b>', download_button=True)
    for path in ("/downloads/", "/downloads/release/hostile/", "/downloads/windows/"):
        html = get(client, path)
        for tag in ("<script>alert", "<b>file", "<i>for", '"><b>'):
            assert tag not in html


@pytest.mark.parametrize(
    ("version", "day", "sentence"),
    [
        ("3.15.0a1", "2025-10-14", "Python 3.15.0a1 is an early developer preview."),
        ("3.15.0b1", "2026-05-05", "No new features will be added before the final release."),
        ("3.15.0rc1", "2026-07-28", "Only clear bug fixes are made before the final release."),
        ("3.15.0", "2026-10-01", "Python 3.15.0 is the first stable release of Python 3.15."),
        ("3.15.1", "2026-12-01", "It fixes bugs found since the previous release of Python 3.15."),
        ("3.15.9", "2028-11-01", "Python 3.15 no longer receives other bug fixes."),
    ],
)
def test_a_release_is_described_by_its_kind(db, version, day, sentence):
    ReleaseSeriesFactory(
        minor=15, first_release=date(2026, 10, 1), end_of_bugfixes=date(2028, 10, 1), end_of_security=date(2031, 10, 1)
    )
    release = ReleaseFactory(name=f"Python {version}", release_date=datetime.fromisoformat(f"{day}T12:00:00+00:00"))
    assert sentence in describe_release(release)


@pytest.mark.parametrize(("version", "shown"), [("3.15.0rc1", True), ("3.15.0", False)])
def test_only_a_pre_release_warns_against_production(client, version, shown):
    release = ReleaseFactory(name=f"Python {version}")
    html = get(client, release.get_absolute_url())
    assert ("This is a pre-release for testing. Do not use it in production." in html) is shown
