import re
from datetime import UTC, datetime

import pytest

from downloads.models import OS
from tests.factories.downloads import OSFactory, ReleaseFactory, ReleaseSeriesFactory
from tests.factories.users import UserFactory

from .pages import AGO, AHEAD, FTP, SHA256, add_file, get, main_of, text_of

pytestmark = pytest.mark.django_db


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
    assert "There is no stable release for this operating system yet" in html
    assert "Latest Python 3 Release - Python 3.14.2" in html


def test_the_page_of_a_platform_has_one_primary_action(client, windows):
    release = ReleaseFactory(name="Python 3.14.2")
    add_file(release, windows, "3.14.2/python-3.14.2-amd64.exe", download_button=True)
    add_file(release, windows, "3.14.2/python-3.14.2-arm64.exe")
    html = main_of(get(client, "/downloads/windows/"))
    html = re.sub(r'<div data-detect="windows-arm64"\s+hidden>.*?</div>', "", html, flags=re.DOTALL)
    assert html.count("button-primary") == 1


def test_stable_releases_and_pre_releases_stand_apart_newest_first(client, windows):
    for name in ("Python 3.8.20", "Python 3.10.2", "Python 3.15.0a1"):
        add_file(ReleaseFactory(name=name, pre_release="a" in name[8:]), windows, name.replace(" ", "-"))
    ReleaseFactory(name="Python 3.14.0")
    stable, pre_releases = main_of(get(client, "/downloads/windows/")).split('id="pre-releases"')
    assert re.findall(r"<h4>\s*<a [^>]+>([^<]+)", stable) == ["Python 3.10.2", "Python 3.8.20"]
    assert re.findall(r"<h4>\s*<a [^>]+>([^<]+)", pre_releases) == ["Python 3.15.0a1"]


def test_old_releases_stand_on_further_pages(client, windows, monkeypatch, django_assert_max_num_queries):
    monkeypatch.setattr("downloads.listings.PLATFORM_PAGE", 2)
    for name in ("Python 3.8.20", "Python 3.10.2", "Python 3.15.0a1"):
        add_file(ReleaseFactory(name=name, pre_release="a" in name[8:]), windows, name.replace(" ", "-"))
    first = main_of(get(client, "/downloads/windows/"))
    assert re.findall(r"<h4>\s*<a [^>]+>([^<]+)", first) == ["Python 3.10.2", "Python 3.15.0a1"]
    assert 'href="?page=2"' in first
    second = main_of(get(client, "/downloads/windows/?page=2"))
    assert re.findall(r"<h4>\s*<a [^>]+>([^<]+)", second) == ["Python 3.8.20"]
    assert 'id="pre-releases"' not in second
    with django_assert_max_num_queries(20) as few:
        get(client, "/downloads/windows/")
    for patch in range(5):
        add_file(ReleaseFactory(name=f"Python 3.14.{patch}"), windows, f"3.14.{patch}/a.exe")
    with django_assert_max_num_queries(len(few)):
        get(client, "/downloads/windows/")


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
    windows.save()
    html = get(client, "/downloads/windows/")
    for part in ("Python for the PC</h1>", "For any computer with Windows.", 'id="install"'):
        assert part in html


def test_commands_name_the_current_python(client, windows):
    windows.other_ways = [
        ("command", {"label": "uv", "command": "uv python install {series}"}),
        ("command", {"label": "pyenv", "command": "pyenv install {version}"}),
        ("command", {"label": "winget", "command": "winget install python"}),
    ]
    windows.save()
    html = get(client, "/downloads/windows/")
    assert "winget install python" in html
    assert "pyenv" not in html
    for name in ("Python 3.14.2", "Python 3.15.0"):
        add_file(ReleaseFactory(name=name), windows, f"{name}/a.exe", download_button=True)
        html = get(client, "/downloads/windows/")
        assert f"pyenv install {name.removeprefix('Python ')}" in html
        assert f"uv python install {name[7:11]}" in html


def test_a_new_platform_needs_the_admin_only(client, landing):
    OS.objects.create(name="WASI", slug="wasi", detection_hints="Wasmtime", order=9)
    add_file(ReleaseFactory(name="Python 3.14.2"), OS.objects.get(slug="wasi"), "3.14.2/python.wasm", download_button=True)
    html = get(client, "/downloads/")
    assert "python.wasm" in main_of(html)
    assert '<option value="wasi">WASI</option>' in html
    assert "python.wasm" in get(client, "/box/supernav-python-downloads/")
    assert 'data-hints="Wasmtime"' in html
    get(client, "/downloads/wasi/")


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


def test_the_box_of_the_menu_holds_the_current_downloads(client, windows, macos):
    add_file(ReleaseFactory(name="Python 3.14.2"), windows, "3.14.2/a.exe", download_button=True)
    assert 'data-boxes="supernav-python-downloads"' in get(client, "/downloads/operating-systems/").split("<main", 1)[0]
    box = get(client, "/box/supernav-python-downloads/")
    assert f'href="{FTP}3.14.2/a.exe"' in box
    assert 'href="/downloads/macos/"' in box


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


@pytest.mark.parametrize("path", ["/downloads/operating-systems/", "/downloads/windows/", "/downloads/release/python-3142/"])
def test_scripts_find_links_by_their_whole_text(client, windows, path):
    """XPath such as //a[.='Download Python 3.14.2'] compares the text with its white space."""
    add_file(ReleaseFactory(name="Python 3.14.2"), windows, "3.14.2/python-3.14.2-amd64.exe", download_button=True)
    main = get(client, path).partition("<main")[2].partition("<footer")[0]
    texts = [re.sub("<[^>]+>", "", text) for text in re.findall(r"<a\b[^>]*>(.*?)</a>", main, flags=re.DOTALL)]
    assert texts
    assert [text for text in texts if text != text.strip()] == []
    if path == "/downloads/windows/":
        assert "Download Python 3.14.2" in texts


def test_another_box_is_not_found(client):
    get(client, "/box/spam/", status=404)


def test_the_edit_link_is_for_those_who_may_edit(client):
    release = ReleaseFactory()
    path = f"/release-edit-button/{release.pk}"
    assert not client.get(path).content.strip()
    client.force_login(UserFactory(role="Events"))
    assert not client.get(path).content.strip()
    client.force_login(UserFactory(role="Release managers"))
    response = client.get(path)
    assert "Edit this release" in response.content.decode()
    assert "/admin/" in response.content.decode()
    assert "no-store" in response.headers["Cache-Control"]


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


@pytest.mark.nightly
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("path", [page for page in PAGES if "feed" not in page and "SUMS" not in page] + ["/downloads/os0/"])
def test_queries_are_few_and_do_not_grow_with_the_rows(client, landing, windows, django_assert_max_num_queries, path):
    fill(minors=range(2), patches=range(2))
    ReleaseFactory(name="Python 3.14.2")
    client.get(path)
    client.get(path)
    with django_assert_max_num_queries(12) as few:
        client.get(path)
    fill(minors=range(2, 6), patches=range(4))
    client.get(path)
    with django_assert_max_num_queries(12) as many:
        client.get(path)
    assert len(few) == len(many)


def test_publishing_changes_every_page_at_once(client, landing, windows, source):
    """After a release, the site must not offer the old one anywhere."""
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
