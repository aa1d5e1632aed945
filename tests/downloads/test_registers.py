"""Admin of files, release series and operating systems."""

import csv
from io import StringIO

import pytest

from downloads.models import OS, PlannedRelease, ReleaseFile, ReleaseSeries
from tests.factories.downloads import OSFactory, ReleaseFactory, ReleaseFileFactory, ReleaseSeriesFactory
from tests.factories.users import UserFactory

from .admin_forms import FILES, PLATFORMS, RELEASES, SERIES, add_releases, complete_file, edit_address, file_form

pytestmark = pytest.mark.django_db


@pytest.mark.usefixtures("manager")
class TestFileRegister:
    def test_a_row(self, client):
        complete_file(ReleaseFactory(name="Python 3.14.1"), filesize=11_800_000)
        html = client.get(FILES).content.decode()
        for text in ["Python 3.14.1", "Windows", "Windows installer (64-bit)", "Installer", "x86-64 (64-bit)", "11.3", "Yes"]:
            assert text in html

    @pytest.mark.parametrize(
        ("query", "count"),
        [
            ("", 2),
            ("os={os}", 1),
            ("os=99", 2),
            ("os=x", 2),
            ("kind__exact=source", 1),
            ("series={series}", 1),
            ("missing=hash", 1),
            ("missing=signature", 1),
            ("missing=size", 2),
            ("missing=spam", 2),
            ("q=tarball", 1),
            ("q=3.13", 1),
        ],
    )
    def test_filters_and_search(self, client, query, count):
        complete_file(ReleaseFactory(name="Python 3.14.1"))
        source = ReleaseFileFactory(
            release=ReleaseFactory(name="Python 3.13.1"),
            os=OSFactory(slug="source", name="Source"),
            name="Gzipped source tarball",
            url="https://www.python.org/ftp/python/3.13.1/Python-3.13.1.tgz",
        )
        address = f"{FILES}?{query.format(os=source.os_id, series=source.release.series_id)}"
        assert len(client.get(address).context["object_list"]) == count

    def test_a_mistyped_filter_leads_to_the_whole_list(self, client):
        assert client.get(f"{FILES}?spam=1").url == FILES

    def test_an_empty_register_offers_to_add_a_file(self, client):
        assert f"{FILES}create/" in client.get(FILES).content.decode()

    def test_export(self, client):
        complete_file(ReleaseFactory(name="Python 3.14.1"))
        content = b"".join(client.get(f"{FILES}?export=csv").streaming_content).decode()
        (row,) = csv.DictReader(StringIO(content))
        assert row["Release"] == "Python 3.14.1"
        assert client.get(f"{FILES}?export=xlsx").status_code == 200

    def test_queries_do_not_grow_with_the_rows(self, client, django_assert_max_num_queries):
        add_releases(3)
        client.get(FILES)
        with django_assert_max_num_queries(25) as few:
            client.get(FILES)
        add_releases(20)
        with django_assert_max_num_queries(len(few)):
            client.get(FILES)

    def test_the_form_comes_with_the_release_and_platform_of_the_cell(self, client):
        file = ReleaseFileFactory()
        form = client.get(f"{FILES}create/?release={file.release_id}&os={file.os_id}").context["form"]
        assert form["release"].value() == file.release_id
        assert form["os"].value() == file.os_id

    @pytest.mark.parametrize("query", ["release=x&os=", "release=99999&os=99999"])
    def test_the_form_opens_whatever_the_address_says(self, client, query):
        assert client.get(f"{FILES}create/?{query}").status_code == 200

    def test_adding_a_file_fills_in_what_follows(self, client):
        release, os = ReleaseFactory(name="Python 3.15.0"), OSFactory()
        form = file_form(release, os, beside=["gpg_signature_file", "sigstore_bundle_file"], sha256_sum="A" * 64)
        assert client.post(f"{FILES}create/", form).status_code == 302
        file = ReleaseFile.objects.get()
        assert file.slug == "python-3150-windows-installer-64-bit"
        assert file.gpg_signature_file == f"{file.url}.asc"
        assert file.sigstore_bundle_file == f"{file.url}.sigstore"
        assert file.sha256_sum == "a" * 64
        assert (file.kind, file.architecture) == ("installer", "x86_64")
        assert not file.is_source

    def test_a_file_of_the_source_platform_is_source(self, client):
        client.post(f"{FILES}create/", file_form(ReleaseFactory(), OSFactory(slug="source", name="Source")))
        assert ReleaseFile.objects.get().is_source

    @pytest.mark.parametrize(
        ("changed", "field", "sentence"),
        [
            ({"url": "https://example.org/x.exe"}, "url", "The URL must start with https://www.python.org/."),
            ({"url": "http://www.python.org/x.exe"}, "url", "The URL must start with https://www.python.org/."),
            (
                {"gpg_signature_file": "https://www.python.org/other.asc"},
                "gpg_signature_file",
                "This must be the URL of the file followed by .asc.",
            ),
            ({"sha256_sum": "abc"}, "sha256_sum", "Enter a SHA-256 checksum of 64 hexadecimal digits (0–9 and a–f)."),
            ({"url": "{taken}"}, "url", "Another file already has this URL."),
            ({"slug": "taken"}, "slug", "Another file already has this slug. Choose a different one."),
        ],
    )
    def test_a_file_that_breaks_a_rule_is_refused_with_a_sentence(self, client, changed, field, sentence):
        taken = ReleaseFileFactory(slug="taken")
        changed = {name: value.format(taken=taken.url) for name, value in changed.items()}
        response = client.post(f"{FILES}create/", file_form(taken.release, taken.os, **changed))
        assert response.context["form"].errors[field] == [sentence]
        assert ReleaseFile.objects.count() == 1

    def test_a_second_button_for_a_platform_is_refused(self, client):
        first = ReleaseFileFactory(download_button=True)
        response = client.post(f"{FILES}create/", file_form(first.release, first.os, download_button="on"))
        assert response.context["form"].non_field_errors() == [
            "Another file of this release is already the download button for this operating system."
        ]

    def test_an_old_address_stays_when_something_else_changes(self, client):
        file = ReleaseFileFactory(url="http://www.python.org/ftp/python/2.0/python-2.0.tgz", name="Old")
        form = file_form(file.release, file.os, url=file.url, name="Older", slug=file.slug)
        assert client.post(f"{FILES}edit/{file.pk}/", form).status_code == 302
        file.refresh_from_db()
        assert file.name == "Older"

    def test_inspecting_and_deleting_a_file(self, client):
        file = ReleaseFileFactory()
        assert file.url in client.get(f"{FILES}inspect/{file.pk}/").content.decode()
        assert client.get(f"{FILES}delete/{file.pk}/").status_code == 200
        client.post(f"{FILES}delete/{file.pk}/")
        assert not ReleaseFile.objects.exists()


@pytest.mark.usefixtures("manager")
class TestSeries:
    def form(self, **changed):
        return {
            "major": "3",
            "minor": "15",
            "first_release": "2026-10-01",
            "end_of_bugfixes": "2028-10-01",
            "end_of_security": "2031-10-01",
            "pep": "790",
            "release_manager": "Ada",
            "planned_releases-TOTAL_FORMS": "1",
            "planned_releases-INITIAL_FORMS": "0",
            "planned_releases-MIN_NUM_FORMS": "0",
            "planned_releases-MAX_NUM_FORMS": "1000",
            "planned_releases-0-name": "3.15.0rc1",
            "planned_releases-0-date": "2026-07-28",
            "planned_releases-0-id": "",
        } | changed

    def test_adding_a_series_with_a_planned_release(self, client):
        assert client.get(f"{SERIES}new/").status_code == 200
        client.post(f"{SERIES}new/", self.form())
        assert PlannedRelease.objects.get().series.name == "3.15"

    def test_dates_in_the_wrong_order_are_refused(self, client):
        response = client.post(f"{SERIES}new/", self.form(end_of_security="2027-01-01"))
        assert "The dates must be in this order" in response.content.decode()
        assert not ReleaseSeries.objects.exists()

    def test_the_list_is_newest_first_and_tells_the_status(self, client):
        ReleaseSeriesFactory(minor=9, first_release="2020-10-05", end_of_security="2025-10-31")
        ReleaseFactory(name="Python 3.9.0")
        ReleaseSeriesFactory(minor=15)
        response = client.get(SERIES)
        assert [series.name for series in response.context["object_list"]] == ["3.15", "3.9"]
        html = response.content.decode()
        assert 'chip--info">Pre-release' in html
        assert 'chip--quiet">End of life' in html

    def test_editing_and_exporting(self, client):
        series = ReleaseSeriesFactory(minor=15)
        assert client.get(f"{SERIES}edit/{series.pk}/").status_code == 200
        client.post(f"{SERIES}edit/{series.pk}/", self.form(release_manager="Grace"))
        assert b"Grace" in b"".join(client.get(f"{SERIES}?export=csv").streaming_content)

    def test_queries_do_not_grow_with_the_rows(self, client, django_assert_max_num_queries):
        for minor in range(10):
            ReleaseSeriesFactory(minor=minor)
        client.get(SERIES)
        with django_assert_max_num_queries(20) as few:
            client.get(SERIES)
        for minor in range(10, 100):
            ReleaseSeriesFactory(minor=minor)
        with django_assert_max_num_queries(len(few)):
            client.get(SERIES)

    def test_a_series_with_releases_is_not_deleted(self, client):
        release = ReleaseFactory()
        response = client.post(f"{SERIES}delete/{release.series_id}/", follow=True)
        assert "“3.14” cannot be deleted because it still has releases. Delete or move them first." in response.content.decode()
        assert ReleaseSeries.objects.exists()


@pytest.mark.usefixtures("manager")
class TestOperatingSystems:
    def form(self, **changed):
        return {
            "name": "WASI",
            "slug": "wasi",
            "icon": OS.Icon.TERMINAL,
            "order": "60",
            "show_in_menu": "on",
            "audience": "computers",
            "detection_hints": "",
            "page_title": "",
            "intro": "",
            "other_ways-count": "0",
            "install_notes-count": "0",
        } | changed

    def test_adding_wasi_in_the_admin_alone_gives_it_a_page_and_a_place_everywhere(self, client):
        assert client.get(f"{PLATFORMS}new/").status_code == 200
        client.post(f"{PLATFORMS}new/", self.form())
        os = OS.objects.get(slug="wasi")
        release = ReleaseFileFactory().release
        admin = [RELEASES, FILES, edit_address(release), f"{FILES}create/"]
        public = ["/downloads/wasi/", "/downloads/operating-systems/", "/box/supernav-python-downloads/"]
        apis = ["/api/v1/downloads/os/", "/api/v2/downloads/os/", "/api/v3/os/"]
        for address in [*admin, *public, *apis]:
            assert "WASI" in client.get(address).content.decode(), address
        assert client.get(f"{PLATFORMS}edit/{os.pk}/").status_code == 200

    def test_a_slug_that_is_taken_is_refused(self, client):
        OSFactory(slug="wasi")
        assert client.post(f"{PLATFORMS}new/", self.form()).context["form"].errors["slug"]

    def test_list_and_export(self, client):
        ReleaseFileFactory()
        assert "windows" in client.get(PLATFORMS).content.decode()
        assert b"windows" in b"".join(client.get(f"{PLATFORMS}?export=csv").streaming_content)

    def test_a_platform_with_files_is_not_deleted(self, client):
        file = ReleaseFileFactory()
        response = client.post(f"{PLATFORMS}delete/{file.os_id}/", follow=True)
        assert OS.objects.exists()
        assert (
            "“Windows” cannot be deleted because it still has release files. Delete or move them first."
            in response.content.decode()
        )

    def test_a_platform_without_files_is_deleted(self, client):
        client.post(f"{PLATFORMS}delete/{OSFactory().pk}/")
        assert not OS.objects.exists()

    def test_html_in_its_notes_is_for_site_admins(self, client):
        html = {
            "install_notes-count": "1",
            "install_notes-0-type": "html",
            "install_notes-0-value": "<script>",
            "install_notes-0-order": "0",
            "install_notes-0-deleted": "",
            "install_notes-0-id": "",
        }
        response = client.post(f"{PLATFORMS}new/", self.form(**html))
        assert "Only Site admins can add or change an HTML block." in str(response.context["form"].errors["install_notes"])
        client.force_login(UserFactory(role="Site admins"))
        assert client.post(f"{PLATFORMS}new/", self.form(**html)).status_code == 302
