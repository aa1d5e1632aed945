"""Import of releases and files. The rows are fictitious, in the format of the old site."""

import json

import pytest
from django.core.management import call_command
from wagtail.models import Page, Site

from downloads import workflows
from downloads.models import OS, DownloadsSettings, Release, ReleaseFile, ReleaseSeries
from importer.core import import_rows
from tests.factories.downloads import ReleaseFactory, ReleaseFileFactory
from tests.factories.users import UserFactory

pytestmark = pytest.mark.django_db
OLD = "https://www.python.org/api/v2/downloads"


def release_row(pk, name, **changes):
    return {
        "name": name,
        "slug": name.lower().replace(" ", "-").replace(".", ""),
        "version": 3,
        "is_published": True,
        "is_latest": False,
        "release_date": "2018-06-27T12:00:00Z",
        "pre_release": False,
        "release_page": None,
        "release_notes_url": "",
        "show_on_download_page": True,
        "resource_uri": f"{OLD}/release/{pk}/",
    } | changes


def file_row(pk, release, filename, *, os=3, **changes):
    return {
        "name": filename,
        "slug": filename.replace(".", "-"),
        "os": f"{OLD}/os/{os}/",
        "release": f"{OLD}/release/{release}/",
        "description": "",
        "is_source": os == 3,
        "url": f"https://www.python.org/ftp/python/{filename}",
        "gpg_signature_file": "",
        "md5_sum": "",
        "filesize": 1,
        "download_button": False,
        "resource_uri": f"{OLD}/release_file/{pk}/",
        "sigstore_signature_file": "",
        "sigstore_cert_file": "",
        "sigstore_bundle_file": "",
        "sbom_spdx2_file": "",
    } | changes


ROWS = [
    # Files first: the importers run in the order of what they need.
    file_row(70, 7, "Python-3.7.0.tgz"),
    file_row(71, 7, "python-3.7.0-amd64.exe", os=1, download_button=True),
    release_row(9, "Python install manager 25.0 beta 9", slug="pymanager-250b9", version=100, is_latest=True),
    release_row(7, "Python 3.7.0", is_latest=True),
]


def test_rows_keep_their_ids_slugs_dates_and_order(client):
    report = import_rows(ROWS)
    assert report.counts["downloads/release"]["created"] == report.counts["downloads/release_file"]["created"] == 2
    answer = client.get("/api/v2/downloads/release/").content.decode().replace("http://testserver", "https://www.python.org")
    assert json.loads(answer) == [ROWS[3], ROWS[2]]
    files = json.loads(
        client.get("/api/v2/downloads/release_file/").content.decode().replace("http://testserver", "https://www.python.org")
    )
    assert [{key: value for key, value in row.items() if key != "sha256_sum"} for row in files] == ROWS[:2]


def test_platforms_and_series_come_with_what_is_known_of_them():
    import_rows(ROWS)
    assert list(OS.objects.order_by("pk").values_list("pk", "slug", "name")) == [
        (1, "windows", "Windows"),
        (2, "macos", "macOS"),
        (3, "source", "Source release"),
    ]
    series = ReleaseSeries.objects.get()
    assert (series.name, series.pep, series.release_manager, str(series.end_of_security)) == (
        "3.7",
        537,
        "Ned Deily",
        "2023-06-27",
    )
    release = Release.objects.get(pk=7)
    assert (release.series, release.sort_key[:3], release.live) == (series, (3, 7, 0), True)
    assert ReleaseFile.objects.get(pk=71).kind == "installer"


def test_new_rows_get_ids_behind_the_imported_ones():
    import_rows([release_row(1013, "Python 3.13.3"), file_row(5149, 1013, "Python-3.13.3.tgz")])
    file = ReleaseFileFactory(os=OS.objects.create(name="WASI", slug="wasi"))
    assert (file.pk, file.release.pk, file.os.pk) == (5150, 1014, 4)


def test_the_second_time_changes_nothing(tmp_path, capsys):
    file = tmp_path / "rows.json"
    file.write_text(json.dumps(ROWS))
    call_command("import_pydotorg", file)
    capsys.readouterr()
    before = list(Release.objects.order_by("pk").values()) + list(ReleaseFile.objects.order_by("pk").values())
    call_command("import_pydotorg", file)
    printed = capsys.readouterr().out
    assert "downloads/release: 0 created, 0 changed, 2 unchanged, 0 kept, 0 skipped" in printed
    assert "downloads/release_file: 0 created, 0 changed, 2 unchanged, 0 kept, 0 skipped" in printed
    assert before == list(Release.objects.order_by("pk").values()) + list(ReleaseFile.objects.order_by("pk").values())


def test_what_has_changed_over_there_is_changed_here():
    import_rows(ROWS)
    report = import_rows([release_row(7, "Python 3.7.0", release_notes_url="https://docs.python.org/3.7/"), *ROWS[:2]])
    assert report.counts["downloads/release"]["changed"] == 1
    assert Release.objects.get(pk=7).release_notes_url == "https://docs.python.org/3.7/"


def test_what_was_changed_here_since_is_kept_and_named():
    import_rows(ROWS)
    here = "https://docs.python.org/3.7/whatsnew/"
    workflows.write_release(Release.objects.get(pk=7), {"release_notes_url": here}, by=UserFactory(role="Release managers"))
    report = import_rows(ROWS)
    assert report.counts["downloads/release"]["kept"] == 1
    assert report.notes == ["Kept this site’s version of python-370, which was changed here."]
    assert Release.objects.get(pk=7).release_notes_url == here


def test_a_sum_that_came_later_is_not_forgotten():
    import_rows(ROWS)
    ReleaseFile.objects.filter(pk=70).update(sha256_sum="a" * 64)
    assert import_rows(ROWS).counts["downloads/release_file"]["unchanged"] == 2
    import_rows([file_row(70, 7, "Python-3.7.0.tgz", sha256_sum="b" * 64)])
    assert ReleaseFile.objects.get(pk=70).sha256_sum == "b" * 64


def test_files_of_unpublished_releases_get_a_draft_again(client):
    report = import_rows([file_row(2012, 265, "Python-3.7.0b3.tgz"), file_row(2013, 265, "python370b3.chm", os=1)])
    draft = Release.objects.get()
    assert (draft.pk, draft.name, draft.slug, draft.live, draft.pre_release) == (
        265,
        "Python 3.7.0b3",
        "python-370b3",
        False,
        True,
    )
    assert draft.files.count() == 2
    assert "Release 265 is missing: created the draft Python 3.7.0b3 for its files." in report.notes
    assert client.get("/api/v2/downloads/release_file/").json() == []


def test_a_bad_row_is_named_and_stops_nothing():
    broken = [
        release_row(1, "Python 3.7.1", release_date="soon"),
        release_row(2, "Python 3.7.2", release_notes_url="no address"),
        {"resource_uri": f"{OLD}/release/3/"},
        release_row(4, "Python 3.7.0", slug="python-370"),
        file_row(72, 7, "Python-3.7.0.tgz"),
        file_row(73, 7, "elsewhere.tgz", url="https://example.org/elsewhere.tgz"),
        file_row(74, 7, "amiga.lha", os=9),
        file_row(75, 99, "unknown"),
        file_row(76, 4, "Python-3.7.4.tgz"),
    ]
    report = import_rows([*ROWS, *broken])
    assert report.counts["downloads/release"] == {"created": 2, "skipped": 4}
    assert report.counts["downloads/release_file"] == {"created": 2, "skipped": 5}
    assert sum(note.startswith("Skipped ") for note in report.notes) == len(broken)
    assert set(Release.objects.values_list("pk", flat=True)) == {7, 9}
    assert set(ReleaseFile.objects.values_list("pk", flat=True)) == {70, 71}


def test_signatures_that_stand_elsewhere_are_taken_over_and_counted():
    url = "https://www.python.org/ftp/python/2.4.2/python24.chm"
    rows = [
        *ROWS,
        file_row(80, 7, "python24.chm", url=url, gpg_signature_file="https://www.python.org/ftp/python/2.4.4/python24.chm.asc"),
    ]
    assert "1 signatures are not at the URL of their file plus a suffix. They were imported unchanged." in import_rows(rows).notes
    assert ReleaseFile.objects.get(pk=80).gpg_signature_file.endswith("2.4.4/python24.chm.asc")


def test_an_id_that_belongs_to_another_release_is_refused_with_its_files():
    ReleaseFactory(pk=7, name="Python 3.14.0")
    report = import_rows(ROWS)
    assert "Skipped python-370: its ID 7 belongs to python-3140 on this site." in report.notes
    assert Release.objects.get(pk=7).files.count() == 0


def test_demo_content_can_make_room():
    ReleaseFileFactory(release=ReleaseFactory(pk=7, name="Python 3.14.0"))
    report = import_rows(ROWS, fresh=True)
    assert report.notes[0].startswith("Deleted existing rows of downloads/release_file: ")
    assert sorted(Release.objects.values_list("pk", "name")) == [(7, "Python 3.7.0"), (9, "Python install manager 25.0 beta 9")]


def test_imported_releases_can_be_searched():
    import_rows(ROWS)
    assert [release.pk for release in search("3.7.0")] == [7]


def search(words):
    from wagtail.search.backends import get_search_backend  # noqa: PLC0415

    return get_search_backend().search(words, Release)


def test_queries_do_not_grow_with_the_rows(django_assert_max_num_queries):
    rows = [release_row(pk, f"Python 3.7.{pk}") for pk in range(1, 60)]
    rows += [file_row(pk, pk, f"Python-3.7.{pk}.tgz") for pk in range(1, 60)]
    import_rows(rows[:1])
    with django_assert_max_num_queries(60):
        import_rows(rows)
    assert ReleaseFile.objects.count() == 59


def test_ways_to_install_are_filled_in_once_and_staff_keep_theirs():
    import_rows(ROWS)
    source = OS.objects.get(slug="source")
    assert (source.name, source.tab_name) == ("Source release", "Linux")
    assert "Fedora" in [block.value["label"] for block in source.other_ways]
    source.other_ways = [("command", {"label": "Nix", "command": "nix-shell -p python3"})]
    source.save()
    import_rows(ROWS)
    source.refresh_from_db()
    assert [block.value["label"] for block in source.other_ways] == ["Nix"]


def test_the_pages_about_verification_are_chosen_by_their_slugs():
    home = Site.objects.get(is_default_site=True).root_page
    downloads = home.add_child(instance=Page(title="Download", slug="download"))
    sigstore = downloads.add_child(instance=Page(title="Sigstore", slug="sigstore"))
    home.add_child(instance=Page(title="GPG", slug="gpg"))
    import_rows(ROWS)
    chosen = DownloadsSettings.load()
    assert (chosen.sigstore_page, chosen.identities_page, chosen.gpg_page) == (sigstore, sigstore, None)
