import json
import re
from datetime import UTC, date, datetime

import pytest
from wagtail.models import Page, Site

from downloads.models import OS, DownloadsPage, PlannedRelease, Release, ReleaseSeries
from downloads.timeline import active_rows, chart
from downloads.views import landing_context
from tests.factories.downloads import OSFactory, ReleaseFactory, ReleaseFileFactory, ReleaseSeriesFactory
from tests.factories.users import UserFactory

pytestmark = pytest.mark.django_db
FTP = "https://www.python.org/ftp/python/"
AGO, AHEAD = date(2001, 1, 1), date(2999, 10, 1)
SHA256 = "ab" * 32


@pytest.fixture
def landing():
    home = Site.objects.get(is_default_site=True).root_page
    return home.add_child(instance=DownloadsPage(title="Download Python", slug="downloads"))


@pytest.fixture
def windows():
    return OSFactory(slug="windows", name="Windows", order=1, detection_hints="Windows NT")


@pytest.fixture
def macos():
    return OSFactory(slug="macos", name="macOS", order=2)


@pytest.fixture
def source():
    return OSFactory(slug="source", name="Source", order=3)


def add_file(release, os, filename, name="", **fields):
    return ReleaseFileFactory(release=release, os=os, url=FTP + filename, name=name or filename, **fields)


def get(client, path, status=200):
    response = client.get(path)
    assert response.status_code == status
    return response.content.decode()


def text_of(html):
    """The words of a page, without the frame around its content."""
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", main_of(html)))


def main_of(html):
    return html.split("<main", 1)[1].split("</main>", 1)[0]


# The landing page


def test_the_landing_page_works_without_releases(client, landing):
    assert "There are no releases yet" in get(client, "/downloads/")


def test_the_landing_page_is_a_page_of_the_tree(client, landing):
    landing.title = "Get Python"
    landing.save_revision().publish()
    assert "Get Python</h1>" in get(client, "/downloads/")
    landing.unpublish()
    get(client, "/downloads/", status=404)


def test_each_platform_with_a_file_has_a_tab_with_one_button(client, landing, windows, macos):
    release = ReleaseFactory(name="Python 3.14.1")
    add_file(release, windows, "3.14.1/python-3.14.1-amd64.exe", download_button=True)
    html = main_of(get(client, "/downloads/"))
    assert html.count('id="windows"') == 1
    assert f'href="{FTP}3.14.1/python-3.14.1-amd64.exe"' in html
    assert 'id="macos"' not in html
    assert html.count("button-primary") == 1


def test_the_install_manager_comes_first_where_there_is_one(client, landing, windows):
    add_file(ReleaseFactory(name="Python 3.14.1"), windows, "3.14.1/python-3.14.1-amd64.exe", download_button=True)
    add_file(ReleaseFactory(name="Python install manager 25.2"), windows, "pymanager/python-manager-25.2.msix")
    html = main_of(get(client, "/downloads/"))
    assert re.search(r'button-primary[^>]+href="[^"]+python-manager-25.2.msix"', html)
    assert "standalone installer of Python 3.14.1" in html


def test_a_pre_release_of_the_install_manager_waits_for_a_button(client, landing, windows):
    add_file(ReleaseFactory(name="Python 3.14.1"), windows, "3.14.1/python-3.14.1-amd64.exe", download_button=True)
    file = add_file(ReleaseFactory(name="Python install manager 25.0 beta 9", pre_release=True), windows, "pymanager/a.msix")
    assert "a.msix" not in get(client, "/downloads/")
    file.download_button = True
    file.save()
    assert re.search(r'button-primary[^>]+href="[^"]+a.msix"', get(client, "/downloads/"))


def test_a_platform_keeps_its_file_until_a_release_brings_a_new_one(client, landing, windows, macos):
    old, new = ReleaseFactory(name="Python 3.14.1"), ReleaseFactory(name="Python 3.14.2")
    for os in (windows, macos):
        add_file(old, os, f"3.14.1/{os.slug}", download_button=True)
    add_file(new, windows, "3.14.2/windows", download_button=True)
    html = get(client, "/downloads/")
    assert f'href="{FTP}3.14.2/windows"' in html
    assert f'href="{FTP}3.14.1/windows"' not in html
    assert f'href="{FTP}3.14.1/macos"' in html


def test_drafts_and_pre_releases_are_not_offered(client, landing, windows):
    add_file(ReleaseFactory(name="Python 3.14.1"), windows, "3.14.1/a.exe", download_button=True)
    add_file(ReleaseFactory(name="Python 3.14.2", live=False), windows, "3.14.2/a.exe", download_button=True)
    add_file(ReleaseFactory(name="Python 3.15.0rc1", pre_release=True), windows, "3.15.0/a.exe", download_button=True)
    html = get(client, "/downloads/")
    assert "3.14.1/a.exe" in html
    assert "3.14.2" not in html
    assert "3.15.0/a.exe" not in html


def test_other_installers_and_commands_stand_beside_the_button(client, landing, windows):
    windows.other_ways = [("command", {"label": "uv", "command": "uv python install"})]
    windows.save()
    release = ReleaseFactory(name="Python 3.14.1")
    add_file(release, windows, "3.14.1/python-3.14.1-amd64.exe", download_button=True)
    add_file(release, windows, "3.14.1/python-3.14.1-arm64.exe", name="Windows installer (ARM64)")
    add_file(release, windows, "3.14.1/python-3.14.1-embed-amd64.zip", name="Windows embeddable package")
    html = main_of(get(client, "/downloads/"))
    assert "Windows installer (ARM64)" in html
    assert "embeddable" not in html
    assert "uv python install" in html


def test_releases_are_sorted_by_number_and_not_by_date(client, landing):
    for name, day in {"Python 3.8.20": 3, "Python 3.10.19": 1, "Python 3.10.2": 2}.items():
        ReleaseFactory(name=name, release_date=datetime(2026, 1, day, tzinfo=UTC))
    html = get(client, "/downloads/")
    assert re.findall(r'release-number"><a [^>]+>([^<]+)', html) == ["Python 3.10.19", "Python 3.10.2", "Python 3.8.20"]


def test_the_list_leaves_out_drafts_pre_releases_and_hidden_ones(client, landing):
    ReleaseFactory(name="Python 3.14.0")
    ReleaseFactory(name="Python 3.14.1", show_on_download_page=False)
    ReleaseFactory(name="Python 3.15.0a1", pre_release=True)
    ReleaseFactory(name="Python 3.14.2", live=False)
    assert re.findall(r'release-number"><a [^>]+>([^<]+)', get(client, "/downloads/")) == ["Python 3.14.0"]


def test_the_list_keeps_the_markup_that_scripts_read(client, landing):
    ReleaseFactory(name="Python 3.14.0")
    html = main_of(get(client, "/downloads/"))
    assert re.search(
        r'class="row download-list-widget".+<ol class="list-row-container menu">\s*<li.+?'
        r'<span class="release-number"><a href="/downloads/release/python-3140/">Python 3.14.0</a>',
        html,
        re.DOTALL,
    )


def test_a_release_links_to_its_notes_only_where_it_has_some(client, landing):
    ReleaseFactory(name="Python 3.14.0", release_notes_url="https://docs.python.org/3.14/")
    ReleaseFactory(name="Python 3.14.1")
    html = main_of(get(client, "/downloads/"))
    assert html.count(">Release notes<") == 1
    assert 'href=""' not in html


def shown(html):
    """The names of the releases that the list shows."""
    return re.findall(
        r'<li data-filter-row data-series="[^"]*" data-os="[^"]*">\s*<span class="release-number"><a [^>]+>([^<]+)', html
    )


@pytest.fixture
def three_releases(landing, windows, source):
    for name, os in {"Python 3.14.1": windows, "Python 3.14.0": source, "Python 3.13.5": windows}.items():
        add_file(ReleaseFactory(name=name), os, name.replace(" ", "-"))


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("", ["Python 3.14.1", "Python 3.14.0", "Python 3.13.5"]),
        ("?series=3.13&os=&q=", ["Python 3.13.5"]),
        ("?os=windows", ["Python 3.14.1", "Python 3.13.5"]),
        ("?series=3.14&os=windows", ["Python 3.14.1"]),
        ("?q=3.14.0", ["Python 3.14.0"]),
        ("?q=february+3.13", ["Python 3.13.5"]),
        ("?series=junk", []),
        ("?os=%00", []),
    ],
)
def test_the_list_can_be_filtered_without_script(client, three_releases, query, names):
    html = get(client, f"/downloads/{query}")
    assert shown(html) == names
    assert ("No release fits" in html) is True
    assert ('data-filter-empty="release-list" hidden' in re.sub(r"\s+", " ", html)) is bool(names)


def test_the_filter_shows_what_was_asked(client, three_releases):
    html = get(client, "/downloads/?series=3.14&q=%22%3Cb%3E")
    assert re.search(r'<option value="3.14"\s+selected', html)
    assert 'value="&quot;&lt;b&gt;"' in html


def test_ended_series_are_folded(client, landing):
    ReleaseSeriesFactory(minor=14, first_release=AGO, end_of_security=AHEAD)
    ReleaseSeriesFactory(minor=8, first_release=AGO, end_of_security=AGO)
    ReleaseFactory(name="Python 3.14.0")
    ReleaseFactory(name="Python 3.8.20")
    html = re.sub(r"\s+", " ", get(client, "/downloads/"))
    assert [" open" in tag for tag in re.findall(r"<details class=\"release-group\"[^>]*>", html)] == [True, False]


def test_planned_releases_are_shown_until_they_come(client, landing):
    series = ReleaseSeriesFactory(minor=15)
    for name, day in {"3.15.0b1": AHEAD, "3.15.0b2": AHEAD, "3.15.0a1": AGO}.items():
        PlannedRelease.objects.create(series=series, name=name, date=day)
    ReleaseFactory(name="Python 3.15.0b1", pre_release=True)
    words = text_of(get(client, "/downloads/"))
    assert "Python 3.15.0b2 1 October 2999" in words
    assert "3.15.0b1" not in words
    assert "3.15.0a1" not in words


# The table of supported series


@pytest.fixture
def four_series():
    days = {16: (AHEAD, AHEAD), 15: (date(2026, 10, 1), AHEAD), 10: (date(2021, 10, 4), date(2026, 10, 1)), 9: (AGO, AGO)}
    for minor, (first, end) in days.items():
        ReleaseSeriesFactory(minor=minor, first_release=first, end_of_security=end, pep=700 + minor)
    for name in ("Python 3.15.0", "Python 3.15.1", "Python 3.10.19", "Python 3.9.25"):
        ReleaseFactory(name=name)


def rows_of(at=datetime(2026, 11, 1, tzinfo=UTC)):
    return [(row.name, str(row.status)) for row in landing_context(at=at)["series_rows"]]


def test_the_table_shows_supported_series_and_the_last_that_ended(four_series):
    assert rows_of() == [("3.15", "bugfix"), ("3.10", "end-of-life")]


def test_a_series_appears_with_its_first_release_of_any_stage(four_series):
    ReleaseFactory(name="Python 3.16.0a1", pre_release=True, live=False)
    assert "3.16" not in dict(rows_of())
    Release.objects.filter(name="Python 3.16.0a1").update(live=True)
    assert rows_of()[0] == ("3.16", "pre-release")


def test_the_table_turns_on_the_day_without_an_edit(four_series):
    before, after = datetime(2026, 9, 30, tzinfo=UTC), datetime(2026, 10, 1, tzinfo=UTC)
    assert rows_of(before)[:2] == [("3.15", "pre-release"), ("3.10", "bugfix")]
    assert rows_of(after)[:2] == [("3.15", "bugfix"), ("3.10", "end-of-life")]


def test_the_table_names_dates_schedule_and_downloads(client, landing, four_series):
    ReleaseFactory(name="Python 3.16.0a1", pre_release=True)
    words = text_of(get(client, "/downloads/"))
    assert "1 October 2999 (planned)" in words
    assert "PEP 716" in words
    assert "Last release: Python 3.10.19" in words
    html = get(client, "/downloads/")
    assert 'href="/downloads/latest/python3.15/"' in html
    assert 'href="https://peps.python.org/pep-0716/"' in html


def test_without_series_there_is_no_table(client, landing):
    ReleaseFactory(name="Python install manager 25.2")
    assert "Supported versions" not in text_of(get(client, "/downloads/"))


def test_the_chart_says_the_same_in_words(client, landing, four_series):
    html = get(client, "/downloads/")
    assert 'aria-label="Python 3.15: bug fixes. Bug fixes until 1 October 2999."' in html


def test_the_bars_lie_within_the_chart(four_series):
    at = datetime(2026, 11, 1, tzinfo=UTC)
    series = ReleaseSeries.objects.with_first_published().newest_first()
    drawn = chart(active_rows(series, {}, at), at)
    assert 0 <= drawn["today"] <= 100
    for row in drawn["rows"]:
        assert all(span["x"] >= 0 and span["x"] + span["width"] <= 100.001 for span in row["spans"])


# Platforms


def test_all_platforms_are_listed(client, windows, macos):
    html = get(client, "/downloads/operating-systems/")
    assert 'href="/downloads/windows/"' in html
    assert 'href="/downloads/macos/"' in html


def test_an_unknown_platform_is_not_found(client):
    get(client, "/downloads/amiga/", status=404)


def test_the_page_of_a_platform_names_the_latest_release_as_scripts_read_it(client, windows):
    add_file(ReleaseFactory(name="Python 3.14.2"), windows, "3.14.2/a.exe", download_button=True)
    add_file(ReleaseFactory(name="Python install manager 25.2"), windows, "pymanager/a.msix", download_button=True)
    html = get(client, "/downloads/windows/")
    assert re.search(r"Latest Python 3 Release - Python ([\d.]+)", html)[1] == "3.14.2"
    assert "Latest Python install manager - Python install manager 25.2" in html


def test_a_platform_without_files_says_so_and_names_the_latest_release(client, macos):
    ReleaseFactory(name="Python 3.14.2")
    html = get(client, "/downloads/macos/")
    assert "There is no stable release for macOS yet" in html
    assert "Latest Python 3 Release - Python 3.14.2" in html


def test_the_page_of_a_platform_has_one_primary_action(client, windows):
    release = ReleaseFactory(name="Python 3.14.2")
    add_file(release, windows, "3.14.2/python-3.14.2-amd64.exe", download_button=True)
    add_file(release, windows, "3.14.2/python-3.14.2-arm64.exe")
    assert main_of(get(client, "/downloads/windows/")).count("button-primary") == 1


def test_stable_releases_and_pre_releases_stand_apart_newest_first(client, windows):
    for name in ("Python 3.8.20", "Python 3.10.2", "Python 3.15.0a1"):
        add_file(ReleaseFactory(name=name, pre_release="a" in name[8:]), windows, name.replace(" ", "-"))
    ReleaseFactory(name="Python 3.14.0")
    stable, pre_releases = main_of(get(client, "/downloads/windows/")).split('id="pre-releases"')
    assert re.findall(r"<h4>\s*<a [^>]+>([^<]+)", stable) == ["Python 3.10.2", "Python 3.8.20"]
    assert re.findall(r"<h4>\s*<a [^>]+>([^<]+)", pre_releases) == ["Python 3.15.0a1"]


def test_without_pre_releases_there_is_no_such_list(client, windows):
    assert 'id="pre-releases"' not in get(client, "/downloads/windows/")


def test_releases_for_windows_carry_their_note(client, windows):
    for name in ("Python 3.14.0", "Python 3.9.1", "Python 3.5.1", "Python 3.4.1"):
        add_file(ReleaseFactory(name=name), windows, name.replace(" ", "-"))
    words = text_of(get(client, "/downloads/windows/"))
    assert words.count("Cannot be used on Windows 7 or earlier.") == 2
    assert words.count("Cannot be used on Windows XP or earlier.") == 1
    assert "Use the Python install manager." not in words
    add_file(ReleaseFactory(name="Python install manager 25.2"), windows, "pymanager/a.msix", download_button=True)
    assert text_of(get(client, "/downloads/windows/")).count("Use the Python install manager.") == 1


def test_the_source_page_links_to_every_archive_as_homebrew_reads_it(client, source):
    for patch in (1, 2):
        release = ReleaseFactory(name=f"Python 3.13.{patch}")
        add_file(release, source, f"3.13.{patch}/Python-3.13.{patch}.tgz")
        add_file(release, source, f"3.13.{patch}/Python-3.13.{patch}.tar.xz", download_button=True)
    html = get(client, "/downloads/source/")
    assert set(re.findall(r"href=.*?/Python[._-]v?(3\.13(?:\.\d+)*)\.t", html)) == {"3.13.1", "3.13.2"}


def test_the_guide_of_a_platform_is_what_staff_wrote(client, windows):
    windows.page_title = "Python for the PC"
    windows.intro = "For any computer with Windows."
    windows.install_notes = [("heading", {"text": "Install it", "level": "2", "anchor": "install"})]
    windows.other_ways = [("command", {"label": "uv", "command": "uv python install"})]
    windows.save()
    html = get(client, "/downloads/windows/")
    for part in ("Python for the PC</h1>", "For any computer with Windows.", 'id="install"', "uv python install"):
        assert part in html


def test_a_new_platform_needs_the_admin_only(client, landing):
    OS.objects.create(name="WASI", slug="wasi", detection_hints="Wasmtime", order=9)
    add_file(ReleaseFactory(name="Python 3.14.2"), OS.objects.get(slug="wasi"), "3.14.2/python.wasm", download_button=True)
    html = get(client, "/downloads/")
    assert "python.wasm" in main_of(html)
    assert '<option value="wasi">WASI</option>' in html
    assert "python.wasm" in html.split("<main", 1)[0]
    assert 'data-hints="Wasmtime"' in html
    get(client, "/downloads/wasi/")


# A release


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
    for part in ("3 February 2026", "Bug fixes until 1 October 2999.", "Ada Lovelace", "PEP 745", "Faster by a hair.", "Latest"):
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
    assert "since 7 October 2024" in text_of(get(client, "/downloads/release/python-3820/"))


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
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", head)).split()


def test_only_columns_with_data_are_shown(client, windows):
    file = add_file(ReleaseFactory(name="Python 3.14.2"), windows, "3.14.2/a.exe")
    path = "/downloads/release/python-3142/"
    assert columns(get(client, path)) == ["File", "System", "Verify"]
    file.filesize, file.md5_sum, file.description = 12_345_678, "0" * 32, "Recommended"
    file.save()
    assert columns(get(client, path)) == ["File", "System", "Description", "Size", "MD5", "Verify"]
    assert "11.8 MB" in get(client, path).replace("\xa0", " ")
    # An MD5 sum is shown only where no file has better.
    file.sha256_sum = SHA256
    file.gpg_signature_file, file.sigstore_bundle_file = file.url + ".asc", file.url + ".sigstore"
    file.sbom_spdx2_file = file.url + ".spdx.json"
    file.save()
    assert columns(get(client, path)) == [
        *("File", "System", "Description", "Size", "Sigstore", "SBOM", "GPG", "SHA-256", "Verify"),
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
    assert "does not prove who made the file" in html


def test_the_sums_are_in_the_form_that_sha256sum_reads(client, windows):
    release = ReleaseFactory(name="Python 3.14.2")
    add_file(release, windows, "3.14.2/b.exe", sha256_sum="cd" * 32)
    add_file(release, windows, "3.14.2/a.exe", sha256_sum=SHA256)
    add_file(release, windows, "3.14.2/without.exe")
    response = client.get("/downloads/release/python-3142/SHA256SUMS")
    assert response.content.decode() == f"{SHA256}  a.exe\n{'cd' * 32}  b.exe\n"
    assert response.headers["Content-Type"] == "text/plain; charset=utf-8"
    assert 'href="/downloads/release/python-3142/SHA256SUMS"' in get(client, "/downloads/release/python-3142/")


def test_a_release_without_sums_has_no_such_file(client, windows):
    add_file(ReleaseFactory(name="Python 3.4.1"), windows, "3.4.1/python.msi")
    get(client, "/downloads/release/python-341/SHA256SUMS", status=404)
    assert "SHA256SUMS" not in get(client, "/downloads/release/python-341/")


def test_a_release_for_windows_points_to_the_install_manager(client, windows):
    add_file(ReleaseFactory(name="Python install manager 25.2"), windows, "pymanager/a.msix", download_button=True)
    for name in ("Python 3.14.2", "Python 3.13.9"):
        add_file(ReleaseFactory(name=name), windows, name.replace(" ", "-"), download_button=True)
    assert "installs this release" in text_of(get(client, "/downloads/release/python-3142/"))
    assert "installs this release" not in text_of(get(client, "/downloads/release/python-3139/"))
    assert "installs this release" not in text_of(get(client, "/downloads/release/pymanager-2520/"))


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


# Redirects


@pytest.fixture
def lines():
    for name in ("Python 3.14.2", "Python 3.13.5", "Python 2.7.18", "Python install manager 25.2"):
        ReleaseFactory(name=name)
    ReleaseFactory(name="Python 3.15.0a1", pre_release=True)


@pytest.mark.parametrize("slash", ["/", ""])
@pytest.mark.parametrize(
    ("name", "slug"),
    [
        ("", "python-3142"),
        ("/python3", "python-3142"),
        ("/python3.13", "python-3135"),
        ("/python3.15", "python-3150a1"),
        ("/python2", "python-2718"),
        ("/prerelease", "python-3150a1"),
        ("/pymanager", "pymanager-2520"),
    ],
)
def test_latest_leads_to_the_newest_release(client, lines, name, slug, slash):
    response = client.get(f"/downloads/latest{name}{slash}")
    assert response.status_code == 302
    assert response.headers["Location"] == f"/downloads/release/{slug}/"


@pytest.mark.parametrize("name", ["", "/python3", "/python2", "/python3.14", "/python3.99", "/prerelease", "/pymanager"])
def test_latest_leads_to_the_landing_page_where_there_is_none(client, name):
    response = client.get(f"/downloads/latest{name}/")
    assert (response.status_code, response.headers["Location"]) == (302, "/downloads/")


@pytest.mark.parametrize("name", ["python4", "spam", "python3.1234"])
def test_latest_of_something_unknown_is_not_found(client, lines, name):
    get(client, f"/downloads/latest/{name}/", status=404)


def test_the_addresses_of_before_2014_lead_to_the_release(client):
    ReleaseFactory(name="Python 2.7.3")
    response = client.get("/download/releases/2.7.3/")
    assert (response.status_code, response.headers["Location"]) == (301, "/downloads/release/python-273/")


def test_an_old_address_of_no_release_is_not_found(client):
    ReleaseFactory(name="Python 2.7.4", live=False)
    get(client, "/download/releases/2.7.3/", status=404)
    get(client, "/download/releases/2.7.4/", status=404)


def test_of_two_rows_with_one_name_the_newer_is_meant(client):
    ReleaseFactory(name="Python 3.3.5", slug="python-335-first")
    ReleaseFactory(name="Python 3.3.5", slug="python-335")
    assert client.get("/download/releases/3.3.5/").headers["Location"] == "/downloads/release/python-335/"


def test_getit_is_the_twin_of_downloads(client):
    response = client.get("/getit/windows/")
    assert (response.status_code, response.headers["Location"]) == (301, "/downloads/windows/")


# The menu, its box, and the edit link


def test_the_menu_of_every_page_holds_the_current_downloads(client, windows, macos):
    add_file(ReleaseFactory(name="Python 3.14.2"), windows, "3.14.2/a.exe", download_button=True)
    header = get(client, "/downloads/operating-systems/").split("<main", 1)[0]
    assert f'href="{FTP}3.14.2/a.exe"' in header
    assert 'href="/downloads/macos/"' in header


def test_the_menu_leaves_out_platforms_that_are_not_in_it(client, windows):
    OSFactory(slug="amiga", name="Amiga", show_in_menu=False)
    assert "Amiga" not in get(client, "/box/supernav-python-downloads/")


def test_the_box_is_a_fragment_with_the_archive_that_scripts_look_for(client, windows, source):
    release = ReleaseFactory(name="Python 3.14.2")
    add_file(release, windows, "3.14.2/a.exe", download_button=True)
    add_file(release, source, "3.14.2/Python-3.14.2.tar.xz", download_button=True)
    html = get(client, "/box/supernav-python-downloads/")
    assert "<html" not in html
    found = [match for line in html.splitlines() for match in re.findall(r"https://.+?.tar.xz", line)]
    assert found == [FTP + "3.14.2/Python-3.14.2.tar.xz"]
    assert "csrf" not in html


def test_the_box_follows_files_that_are_added_and_deleted(client, windows):
    release = ReleaseFactory(name="Python 3.14.2")
    file = add_file(release, windows, "3.14.2/a.exe", download_button=True)
    assert "3.14.2/a.exe" in get(client, "/box/supernav-python-downloads/")
    file.delete()
    assert "a.exe" not in get(client, "/box/supernav-python-downloads/")


def test_another_box_is_not_found(client):
    get(client, "/box/spam/", status=404)


def test_the_edit_link_is_for_those_who_may_edit(client):
    release = ReleaseFactory()
    path = f"/downloads/release/{release.pk}/edit-link/"
    assert client.get(path).content == b""
    client.force_login(UserFactory(role="Events"))
    assert client.get(path).content == b""
    client.force_login(UserFactory(role="Release managers"))
    response = client.get(path)
    assert "Edit this release" in response.content.decode()
    assert "/admin/" in response.content.decode()
    assert "no-store" in response.headers["Cache-Control"]


def test_the_page_of_a_release_fetches_the_edit_link_apart(client, admin_client):
    release = ReleaseFactory(name="Python 3.14.2")
    for each in (client, admin_client):
        html = get(each, "/downloads/release/python-3142/")
        assert f'data-edit-link="/downloads/release/{release.pk}/edit-link/"' in html
        assert "Edit this release" not in html


# What all pages have in common

PAGES = [
    *("/downloads/", "/downloads/operating-systems/", "/downloads/windows/", "/downloads/release/python-3142/"),
    *("/downloads/release/python-3142/SHA256SUMS", "/downloads/latest/", "/downloads/schedule.ics"),
    *("/downloads/feed.rss", "/downloads/feed.atom", "/downloads/feed.json", "/downloads/security/feed.rss"),
    *("/downloads/series/3.14/feed.json", "/box/supernav-python-downloads/", "/download/releases/3.14.2/"),
]


@pytest.mark.parametrize("path", PAGES)
def test_pages_can_be_kept_by_every_cache_and_purged(client, landing, windows, path):
    release = ReleaseFactory(name="Python 3.14.2")
    add_file(release, windows, "3.14.2/a.exe", sha256_sum=SHA256, download_button=True)
    response = client.get(path)
    assert response.status_code in {200, 301, 302}
    assert "public" in response.headers["Cache-Control"]
    assert "max-age=60" in response.headers["Cache-Control"]
    assert "downloads" in response.headers["Surrogate-Key"].split()
    assert "Cookie" not in response.headers.get("Vary", "")
    assert not response.cookies


@pytest.mark.parametrize("path", PAGES)
def test_pages_are_for_reading_only(client, landing, windows, path):
    assert client.post(path).status_code in {403, 405}


def fill(minors, patches):
    platforms = [OSFactory(slug=f"os{number}", name=f"OS {number}") for number in range(3)]
    for minor in minors:
        ReleaseSeriesFactory(minor=minor, first_release=AGO, end_of_security=AHEAD)
        for patch in patches:
            release = ReleaseFactory(name=f"Python 3.{minor}.{patch}", live=True)
            for os in platforms:
                for part in ("amd64.exe", "arm64.exe"):
                    add_file(release, os, f"3.{minor}.{patch}/{os.slug}-{part}", download_button=part == "amd64.exe")


@pytest.mark.parametrize("path", [page for page in PAGES if "feed" not in page and "SUMS" not in page] + ["/downloads/os0/"])
def test_queries_are_few_and_do_not_grow_with_the_rows(client, landing, windows, django_assert_max_num_queries, path):
    fill(minors=range(2), patches=range(2))
    ReleaseFactory(name="Python 3.14.2")
    client.get(path)
    with django_assert_max_num_queries(12) as few:
        client.get(path)
    fill(minors=range(2, 6), patches=range(4))
    with django_assert_max_num_queries(12) as many:
        client.get(path)
    assert len(few) == len(many)


def test_publishing_changes_every_page_at_once(client, landing, windows, source):
    """Row 1 of what users ask for: a release is out, and the site must not offer the old one anywhere."""
    old = ReleaseFactory(name="Python 3.14.1", release_date=datetime(2026, 1, 1, tzinfo=UTC))
    new = ReleaseFactory(name="Python 3.14.2", live=False)
    for release in (old, new):
        for os in (windows, source):
            add_file(release, os, f"{release.slug}/{os.slug}", download_button=True)
    assert "python-3142" not in get(client, "/downloads/")
    new.live = True
    new.save()
    for path in ("/downloads/", "/downloads/windows/", "/downloads/source/", "/box/supernav-python-downloads/"):
        html = get(client, path)
        assert f"{FTP}python-3142/" in html
        assert f"{FTP}python-3141/windows" not in html.split('id="stable"')[0]
    assert client.get("/downloads/latest/").headers["Location"] == "/downloads/release/python-3142/"
    assert "Python 3.14.2" in get(client, "/downloads/feed.rss")


def test_a_draft_can_be_previewed_as_release_and_on_the_landing_page(landing, windows):
    draft = ReleaseFactory(name="Python 3.14.2", live=False)
    add_file(draft, windows, "3.14.2/a.exe", download_button=True)
    assert [mode for mode, _ in draft.preview_modes] == ["", "landing"]
    release_page = draft.make_preview_request(preview_mode="").render().content.decode()
    assert "Python 3.14.2</h1>" in release_page
    landing_page = draft.make_preview_request(preview_mode="landing").render().content.decode()
    assert "3.14.2/a.exe" in main_of(landing_page)
