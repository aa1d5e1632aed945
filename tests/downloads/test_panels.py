"""Panels of the release form: files, checks and places on the site."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.utils import timezone
from wagtail.models import Site

from downloads.appearances import Appearances
from downloads.artifacts import Kind
from downloads.models import DownloadsPage, Release
from downloads.readiness import Workbench
from tests.factories.downloads import OSFactory, ReleaseFactory, ReleaseFileFactory, ReleaseSeriesFactory
from tests.factories.users import UserFactory

pytestmark = pytest.mark.django_db

FTP = "https://www.python.org/ftp/python"


def add_file(release, slug="windows", suffix="-amd64.exe", *, complete=False, **changed):
    file = ReleaseFileFactory.build(release=release, os=OSFactory(slug=slug, name=slug.title()), **changed)
    file.slug = f"{release.slug}-{slug}{suffix.replace('.', '-')}"
    file.url = f"{FTP}/{release.version_string}/python-{release.version_string}{suffix}"
    if complete:
        file.sha256_sum, file.sigstore_bundle_file = "a" * 64, f"{file.url}.sigstore"
    file.save()
    return file


def draft(name="Python 3.14.2", **changed):
    return ReleaseFactory(name=name, live=False, **changed)


def warnings(release):
    return [check.text for check in Workbench(release).warnings]


def states(release):
    return {(os.slug, cell.kind): cell.state for os, cells in Workbench(release).rows for cell in cells if cell.state != "empty"}


class TestFiles:
    def test_a_cell_is_complete_when_each_file_has_a_sum_and_a_signature(self):
        release = draft()
        add_file(release, complete=True)
        add_file(release, "source", ".tgz")
        assert states(release) == {("windows", Kind.INSTALLER): "complete", ("source", Kind.SOURCE): "incomplete"}

    @pytest.mark.parametrize(
        "changed",
        [
            {"sha256_sum": "a" * 64},
            {"sha256_sum": "a" * 63, "gpg_signature_file": "x"},
            {"sha256_sum": "a" * 64, "sigstore_cert_file": "x"},
        ],
    )
    def test_half_of_it_is_not_complete(self, changed):
        release = draft()
        file = add_file(release)
        for name, value in changed.items():
            setattr(file, name, value if value != "x" else f"{file.url}.x")
        file.save()
        assert states(release) == {("windows", Kind.INSTALLER): "incomplete"}

    def test_a_signature_and_a_certificate_are_a_signature(self):
        release = draft()
        file = add_file(release)
        file.sha256_sum = "a" * 64
        file.sigstore_signature_file, file.sigstore_cert_file = f"{file.url}.sig", f"{file.url}.crt"
        file.save()
        assert states(release) == {("windows", Kind.INSTALLER): "complete"}

    def test_files_of_the_previous_release_are_expected(self):
        before = ReleaseFactory(name="Python 3.14.1")
        add_file(before, suffix="-embed-amd64.zip")
        ReleaseFactory(name="Python 3.14.3")
        ReleaseFactory(name="Python 3.13.9")
        release = draft()
        assert Workbench(release).previous == before
        assert states(release) == {("windows", Kind.EMBEDDABLE): "expected"}

    def test_the_install_manager_looks_at_the_one_before_it(self):
        before = ReleaseFactory(name="Python install manager 25.1")
        ReleaseFactory(name="Python 3.14.1")
        assert Workbench(draft("Python install manager 25.2")).previous == before

    def test_every_platform_has_a_row_and_cells_that_add_a_file(self, client):
        release = draft()
        os = OSFactory(slug="wasi", name="WASI")
        client.force_login(UserFactory(role="Release managers"))
        html = client.get(f"/admin/downloads/releases/edit/{release.pk}/").content.decode()
        assert "WASI" in html
        assert f"/admin/downloads/files/create/?release={release.pk}&amp;os={os.pk}" in html

    def test_a_file_leads_to_its_form(self, client):
        file = add_file(draft())
        client.force_login(UserFactory(role="Release managers"))
        html = client.get(f"/admin/downloads/releases/edit/{file.release_id}/").content.decode()
        assert f"/admin/downloads/files/edit/{file.pk}/" in html
        assert "no SHA-256" in html

    def test_a_release_that_was_never_saved_says_what_to_do_first(self, client):
        client.force_login(UserFactory(role="Release managers"))
        html = client.get("/admin/downloads/releases/add/").content.decode()
        assert html.count("Save the release as a draft first.") == 4


class TestChecks:
    def test_a_release_without_files(self):
        assert "The release has no files yet. Add them on the Files tab." in warnings(draft())

    def test_a_platform_that_had_a_button_in_the_last_release(self):
        before = ReleaseFactory(name="Python 3.14.1")
        add_file(before, download_button=True)
        add_file(before, "macos", "-macos11.pkg", download_button=True)
        release = draft()
        add_file(release, download_button=True)
        assert "No file is the download button for Macos. Python 3.14.1 has one." in warnings(release)

    def test_no_button_at_all(self):
        release = draft()
        add_file(release)
        assert "No file is a download button. Select one file for each operating system." in warnings(release)

    def test_the_buttons_that_are_there(self):
        release = draft()
        add_file(release, download_button=True)
        add_file(release, "macos", "-macos11.pkg", download_button=True)
        assert "Download buttons are set for Macos and Windows." in [check.text for check in Workbench(release).checks]

    def test_checksums_and_signatures(self):
        release = draft()
        add_file(release)
        assert {"1 file has no SHA-256 checksum.", "1 file has no signature."} <= set(warnings(release))
        add_file(release, "source", ".tgz")
        assert {"2 files have no SHA-256 checksum.", "2 files have no signature."} <= set(warnings(release))

    def test_notes(self):
        assert {"The release notes URL is empty.", "The release has no notes yet."} <= set(warnings(draft()))

    def test_a_box_that_contradicts_the_name(self):
        assert "The version is a stable release, but “pre-release” is selected." in warnings(draft(pre_release=True))
        assert "The version is a pre-release, but “pre-release” is not selected." in warnings(draft("Python 3.15.0b1"))

    def test_a_series_that_has_ended(self):
        ReleaseSeriesFactory(minor=8, first_release=date(2019, 10, 14), end_of_security=date(2024, 10, 7))
        assert "Python 3.8 has reached its end of life. The page shows a notice." in warnings(draft("Python 3.8.21"))

    def test_a_date_ahead_without_a_schedule(self):
        later = timezone.now() + timedelta(days=3)
        sentence = "The release date is in the future, but no publication is scheduled."
        assert sentence in warnings(draft(release_date=later))
        assert sentence not in warnings(draft("Python 3.14.3", release_date=later, go_live_at=later))

    def test_a_complete_release_passes_every_check(self):
        release = draft(
            release_notes_url="https://docs.python.org/release/3.14.2/whatsnew/changelog.html",
            body=[("quote", {"text": "New.", "by": "", "source": ""})],
        )
        add_file(release, complete=True, download_button=True)
        assert warnings(release) == []


class TestAppearances:
    @pytest.mark.parametrize(
        ("name", "summary", "latest"),
        [
            (
                "Python 3.14.2",
                "When published, Python 3.14.2 becomes the latest Python 3 release, replacing Python 3.14.1.",
                {"python3", "python3.14"},
            ),
            (
                "Python 3.13.9",
                (
                    "When published, Python 3.13.9 becomes the latest release of 3.13. "
                    "Python 3.14.1 remains the latest Python 3 release."
                ),
                {"python3.13"},
            ),
            (
                "Python 3.13.7",
                "Python 3.13.8 is newer. The page says that this release has been superseded.",
                set(),
            ),
            (
                "Python 3.15.0a1",
                "Python 3.15.0a1 is a pre-release. Python 3.14.1 remains the latest Python 3 release.",
                {"python3.15", "prerelease"},
            ),
            (
                "Python 3.14.2rc1",
                "Python 3.14.2rc1 is a pre-release. Python 3.14.1 remains the latest Python 3 release.",
                {"prerelease"},
            ),
            ("Python 2.7.19", "When published, Python 2.7.19 becomes the latest Python 2 release.", {"python2", "python2.7"}),
            (
                "Python install manager 25.2",
                "When published, Python install manager 25.2 becomes the latest Python install manager release.",
                {"pymanager"},
            ),
        ],
    )
    def test_what_it_means_for_visitors(self, name, summary, latest):
        ReleaseFactory(name="Python 3.14.1")
        ReleaseFactory(name="Python 3.13.8")
        appearances = Appearances(draft(name, pre_release="a1" in name or "rc" in name))
        assert appearances.summary == summary
        shown = {place.url.split("/")[3] for place in appearances.latest_links() if place.shown}
        assert shown == latest

    def test_the_very_first_release(self):
        assert Appearances(draft()).summary == "When published, Python 3.14.2 becomes the latest Python 3 release."

    def test_buttons_only_for_platforms_with_a_button_file(self):
        old = ReleaseFactory(name="Python 3.14.1")
        add_file(old, "macos", "-macos11.pkg", download_button=True)
        release = draft()
        add_file(release, download_button=True)
        appearances = Appearances(release)
        assert [os.slug for os in appearances.offering] == ["windows"]
        assert [(place.name, place.note) for place in appearances.platform_pages()] == [
            ("Windows", "As the recommended download.")
        ]

    def test_without_files(self):
        places = {place.name: place for place in Appearances(draft()).pages()}
        assert not places["Home page: download button"].shown
        assert places["Home page: download button"].note == "It is not the recommended download for any operating system."

    def test_hidden_and_pre_releases_are_not_in_the_list(self):
        def in_list(release):
            return next(place for place in Appearances(release).pages() if "list of releases" in place.name)

        assert in_list(draft()).shown
        assert in_list(draft("Python 3.15.0a1", pre_release=True)).note == (
            "Only stable releases are listed, whatever “Show on the download page” says."
        )
        assert in_list(draft("Python 3.14.3", show_on_download_page=False)).note == "“Show on the download page” is not selected."

    def test_notices_of_its_page(self):
        ReleaseSeriesFactory(minor=8, first_release=date(2019, 10, 14), end_of_security=date(2024, 10, 7))
        assert Appearances(draft("Python 3.8.21")).notice() == "With a notice that Python 3.8 has reached its end of life."
        ReleaseFactory(name="Python 3.14.3")
        assert Appearances(draft()).notice() == "With a notice that it has been superseded by Python 3.14.3."

    def test_the_security_feed_takes_releases_of_the_security_phase(self):
        ReleaseSeriesFactory(minor=12, first_release=date(2023, 10, 2), end_of_bugfixes=date(2025, 4, 2))
        names = [place.name for place in Appearances(draft("Python 3.12.11")).machines()]
        assert "Feed of security releases" in names

    @pytest.mark.parametrize(
        "name", ["Python 3.14.2", "Python 3.12.11", "Python 3.15.0a1", "Python 2.7.19", "Python install manager 25.2"]
    )
    def test_every_place_it_names_shows_the_release_once_it_is_published(self, client, name):
        Site.objects.get().root_page.add_child(instance=DownloadsPage(title="Downloads", slug="downloads"))
        ReleaseFactory(name="Python 3.14.1", release_date=datetime(2025, 12, 2, tzinfo=UTC))
        ReleaseSeriesFactory(minor=12, first_release=date(2023, 10, 2), end_of_bugfixes=date(2025, 4, 2))
        release = draft(name, pre_release="a1" in name)
        add_file(release, complete=True, download_button=True)
        groups = Appearances(release).groups
        release.save_revision().publish()
        assert Release.objects.get(pk=release.pk).live
        places = [place for group in groups for place in group.places if place.url and place.shown]
        # The home page is in the page tree and is tested with it.
        for place in [place for place in places if place.url != "/"]:
            response = client.get(place.url, follow=True)
            assert response.status_code == 200, place
            text = (b"".join(response) if response.streaming else response.content).decode()
            assert name in text or release.version_string in text, place


def test_the_workbench_needs_few_queries(django_assert_num_queries):
    before = ReleaseFactory(name="Python 3.14.1")
    release = draft()
    for slug in ("windows", "macos", "source"):
        add_file(before, slug, f"-{slug}.tgz")
        add_file(release, slug, f"-{slug}.tgz")
    bench = Workbench(Release.objects.select_related("series").get(pk=release.pk))
    with django_assert_num_queries(5):
        assert bench.rows
        assert bench.checks


def test_the_latest_pre_release_is_the_one_with_the_latest_date():
    day = timezone.now()
    for name, days in (("Python 3.16.0a1", 3), ("Python 3.15.0rc1", 1)):
        ReleaseFactory(name=name, pre_release=True, release_date=day - timedelta(days=days))
    release = draft("Python 3.17.0a1", pre_release=True, release_date=day - timedelta(days=2))
    assert Appearances(release).latest_pre_release.name == "Python 3.15.0rc1"
