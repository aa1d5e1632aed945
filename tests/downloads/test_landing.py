import re
from datetime import UTC, date, datetime

import pytest

from downloads.models import PlannedRelease, Release, ReleaseSeries
from downloads.presentation import landing_context
from downloads.timeline import active_rows, chart
from tests.factories.downloads import ReleaseFactory, ReleaseSeriesFactory

from .pages import AGO, AHEAD, FTP, add_file, get, main_of, text_of

pytestmark = pytest.mark.django_db


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
    assert "standalone installer for Python 3.14.1" in html


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
    """Return the names of the releases in the list."""
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
        ("?q=feb+3.13", ["Python 3.13.5"]),
        ("?series=junk", []),
    ],
)
def test_the_list_can_be_filtered_without_script(client, three_releases, query, names):
    html = get(client, f"/downloads/{query}")
    assert shown(html) == names
    assert ("No releases match your filters" in html) is True
    assert ('data-filter-empty="release-list" hidden' in re.sub(r"\s+", " ", html)) is bool(names)


def test_the_filter_shows_the_query(client, three_releases):
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
    assert "Python 3.15.0b2 Oct 1, 2999" in words
    assert "3.15.0b1" not in words
    assert "3.15.0a1" not in words


# The table of supported series


@pytest.fixture
def four_series():
    days = {16: (AHEAD, AHEAD), 15: (date(2026, 10, 1), AHEAD), 10: (date(2021, 10, 4), date(2026, 10, 1)), 9: (AGO, AGO)}
    for minor, (first, end) in days.items():
        ReleaseSeriesFactory(minor=minor, first_release=first, end_of_security=end, pep=700 + minor)
    released = {"Python 3.15.0": (2026, 10, 1), "Python 3.15.1": (2026, 10, 20), "Python 3.10.19": (2021, 10, 4)}
    for name, day in (released | {"Python 3.9.25": (2001, 1, 1)}).items():
        ReleaseFactory(name=name, release_date=datetime(*day, tzinfo=UTC))


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
    assert "Oct 1, 2999 (planned)" in words
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
    assert 'aria-label="Python 3.15: bug fixes. Bug fixes until Oct 1, 2999."' in html


def test_the_bars_lie_within_the_chart(four_series):
    at = datetime(2026, 11, 1, tzinfo=UTC)
    series = ReleaseSeries.objects.with_published().newest_first()
    drawn = chart(active_rows(series, {}, at), at)
    assert 0 <= drawn["today"] <= 100
    for row in drawn["rows"]:
        assert all(span["x"] >= 0 and span["x"] + span["width"] <= 100.001 for span in row["spans"])
