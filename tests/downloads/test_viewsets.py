"""The admin of releases, series, operating systems and files, as a release manager meets it."""

import csv
from datetime import UTC, datetime, timedelta
from io import BytesIO, StringIO

import pytest
from django.core.management import call_command
from django.urls import reverse
from django.utils import timezone
from openpyxl import load_workbook

from cms.models import Purge
from downloads.models import OS, PlannedRelease, Release, ReleaseFile, ReleaseSeries
from tests.factories.downloads import OSFactory, ReleaseFactory, ReleaseFileFactory, ReleaseSeriesFactory
from tests.factories.users import UserFactory
from tests.servers import RecordingServer

pytestmark = pytest.mark.django_db

RELEASES = "/admin/downloads/releases/"
FILES = "/admin/downloads/files/"
SERIES = "/admin/downloads/series/"
PLATFORMS = "/admin/downloads/operating-systems/"


@pytest.fixture
def manager(client):
    user = UserFactory(role="Release managers")
    client.force_login(user)
    return user


def release_form(**changed):
    return {
        "name": "Python 3.15.0",
        "slug": "",
        "release_date": "2026-10-01 16:00",
        "release_notes_url": "",
        "release_page": "",
        "show_on_download_page": "on",
        "go_live_at": "",
        "expire_at": "",
        "body-count": "0",
    } | changed


def file_form(release, os, **changed):
    return {
        "release": release.pk,
        "os": os.pk,
        "name": "Windows installer (64-bit)",
        "slug": "",
        "description": "",
        "url": "https://www.python.org/ftp/python/3.15.0/python-3.15.0-amd64.exe",
        "filesize": "0",
        "sha256_sum": "",
        "md5_sum": "",
    } | changed


def edit_address(release):
    return f"{RELEASES}edit/{release.pk}/"


@pytest.mark.usefixtures("manager")
class TestReleaseList:
    def test_newest_version_comes_first_and_not_the_newest_date(self, client):
        ReleaseFactory(name="Python 3.9.20", release_date=datetime(2026, 5, 1, tzinfo=UTC))
        ReleaseFactory(name="Python 3.10.2", release_date=datetime(2022, 1, 1, tzinfo=UTC))
        html = client.get(RELEASES).content.decode()
        assert html.index("Python 3.10.2") < html.index("Python 3.9.20")

    def test_a_row_tells_status_series_stage_files_and_what_is_next(self, client):
        release = ReleaseFactory(name="Python 3.15.0rc1", live=False)
        ReleaseFileFactory.create_batch(2, release=release)
        ReleaseFileFactory(release=release, os=OSFactory(slug="macos", name="macOS"))
        html = client.get(RELEASES).content.decode()
        for text in ["Draft", "3.15", "Release candidate", "Windows 2, macOS 1", "Choose download buttons"]:
            assert text in html

    def test_a_draft_without_files_asks_for_files(self, client):
        ReleaseFactory(live=False)
        assert "Add files" in client.get(RELEASES).content.decode()

    def test_a_complete_draft_asks_to_be_published(self, client):
        release = ReleaseFactory(live=False)
        complete_file(release, download_button=True)
        assert ">Publish<" in client.get(RELEASES).content.decode()

    def test_a_scheduled_draft_says_so(self, client, manager):
        release = ReleaseFactory(live=False)
        schedule(release, manager)
        assert "Scheduled" in client.get(RELEASES).content.decode()

    @pytest.mark.parametrize(
        ("query", "found"),
        [
            ("live=True", {"Python 3.14.1"}),
            ("live=False", {"Python 3.13.0b1"}),
            ("stage=2", {"Python 3.13.0b1"}),
            ("version=3", {"Python 3.14.1", "Python 3.13.0b1"}),
            ("version=2", set()),
            ("os={os}", {"Python 3.14.1"}),
            ("missing_os={os}", {"Python 3.13.0b1"}),
            ("missing=hash", {"Python 3.14.1"}),
            ("missing=signature", {"Python 3.14.1"}),
            ("q=3.13", {"Python 3.13.0b1"}),
            ("q=python-3141", {"Python 3.14.1"}),
            ("stage=nonsense", {"Python 3.14.1", "Python 3.13.0b1"}),
        ],
    )
    def test_filters_and_search(self, client, query, found):
        file = ReleaseFileFactory(release=ReleaseFactory(name="Python 3.14.1"))
        ReleaseFactory(name="Python 3.13.0b1", live=False)
        html = client.get(f"{RELEASES}?{query.format(os=file.os_id)}").content.decode()
        assert {name for name in ("Python 3.14.1", "Python 3.13.0b1") if f"{name}\n" in html or f">{name}<" in html} == found

    def test_the_series_filter(self, client):
        ReleaseFactory(name="Python 3.14.1")
        ReleaseFactory(name="Python 3.13.1")
        html = client.get(f"{RELEASES}results/?series={ReleaseSeries.objects.get(minor=13).pk}").content.decode()
        assert "Python 3.13.1" in html
        assert "Python 3.14.1" not in html

    def test_an_empty_site_offers_to_add_a_release(self, client):
        assert f'href="{RELEASES}add/"' in client.get(RELEASES).content.decode()

    def test_export_as_csv(self, client):
        release = ReleaseFactory(name="Python 3.14.1")
        ReleaseFileFactory(release=release)
        ReleaseFactory(name="Python install manager 25.2")
        content = b"".join(client.get(f"{RELEASES}?export=csv").streaming_content).decode()
        manager_row, row = csv.DictReader(StringIO(content))
        assert row["Name"] == "Python 3.14.1"
        assert row["Status"] == "Published"
        assert row["Stage"] == "Stable"
        assert row["Files"] == "Windows 1"
        assert manager_row["Series"] == ""

    def test_export_as_xlsx(self, client):
        ReleaseFactory(name="Python 3.14.1")
        response = client.get(f"{RELEASES}?export=xlsx")
        rows = list(load_workbook(BytesIO(b"".join(response.streaming_content))).active.values)
        assert rows[1][0] == "Python 3.14.1"

    @pytest.mark.parametrize("address", [RELEASES, f"{RELEASES}?export=csv"])
    def test_queries_do_not_grow_with_the_rows(self, client, django_assert_max_num_queries, address):
        def read():
            response = client.get(address)
            return b"".join(response) if response.streaming else response.content

        add_releases(10)
        read()
        with django_assert_max_num_queries(25) as few:
            read()
        add_releases(90)
        with django_assert_max_num_queries(len(few)):
            read()


@pytest.mark.usefixtures("manager")
class TestAddingARelease:
    @pytest.mark.parametrize(
        ("typed", "name", "slug", "notes", "pre_release"),
        [
            (
                "3.15.0rc1",
                "Python 3.15.0rc1",
                "python-3150rc1",
                "https://docs.python.org/3.15/whatsnew/3.15.html",
                True,
            ),
            (
                " Python  3.15.1 ",
                "Python 3.15.1",
                "python-3151",
                "https://docs.python.org/release/3.15.1/whatsnew/changelog.html",
                False,
            ),
            ("Python install manager 25.2", "Python install manager 25.2", "pymanager-2520", "", False),
        ],
    )
    def test_the_version_typed_fills_the_rest(self, client, typed, name, slug, notes, pre_release):
        response = client.post(f"{RELEASES}add/", release_form(name=typed))
        release = Release.objects.get()
        assert response.url == edit_address(release)
        assert (release.name, release.slug, release.release_notes_url, release.pre_release) == (name, slug, notes, pre_release)
        assert not release.live
        assert (release.series.name if release.series else None) == (None if "manager" in name else "3.15")

    def test_what_somebody_typed_stays(self, client):
        notes = "https://docs.python.org/3.15/whatsnew/changelog.html"
        client.post(f"{RELEASES}add/", release_form(slug="python-three-fifteen", release_notes_url=notes))
        release = Release.objects.get()
        assert (release.slug, release.release_notes_url) == ("python-three-fifteen", notes)

    @pytest.mark.parametrize("name", ["", "Spam", "3.x", "Python3.15.0", "Python 3.15.0 rc1", "Python 3.15.0c1"])
    @pytest.mark.parametrize("action", ["", "action-publish"])
    def test_a_malformed_name_is_refused_also_for_a_draft(self, client, name, action):
        response = client.post(f"{RELEASES}add/", release_form(name=name) | ({action: "1"} if action else {}))
        assert response.status_code == 200
        expected = "Python 3.15.0rc1" if name else "This field is required."
        assert expected in " ".join(response.context["form"].errors["name"])
        assert not Release.objects.exists()
        assert not ReleaseSeries.objects.exists()

    def test_a_second_release_of_the_same_version_is_refused(self, client):
        ReleaseFactory(name="Python 3.15.0")
        response = client.post(f"{RELEASES}add/", release_form())
        assert response.context["form"].errors["slug"] == ["Another release has this address already."]
        assert Release.objects.count() == 1

    def test_the_script_of_the_form_asks_what_a_version_tells(self, client):
        ReleaseSeriesFactory(minor=15)
        assert client.get(f"{RELEASES}prefill/?name=3.15.0rc1").json() == {
            "name": "Python 3.15.0rc1",
            "slug": "python-3150rc1",
            "summary": "Series 3.15, release candidate, /downloads/release/python-3150rc1/",
            "pre_release": True,
            "release_notes_url": "https://docs.python.org/3.15/whatsnew/3.15.html",
        }

    def test_the_script_gets_a_sentence_for_a_malformed_version_and_leaves_no_series_behind(self, client):
        response = client.get(f"{RELEASES}prefill/?name=3.15")
        assert response.json()["slug"] == "python-315"
        assert not ReleaseSeries.objects.exists()
        response = client.get(f"{RELEASES}prefill/?name=spam")
        assert response.status_code == 422
        assert "Python 3.15.0rc1" in response.json()["error"]

    def test_a_half_typed_form_is_not_saved_by_itself(self, client):
        html = client.get(f"{RELEASES}add/").content.decode()
        assert "data-prefill-url" in html
        assert "data-w-autosave-interval-value" not in html


class TestPublishing:
    def test_publishing_puts_the_release_on_the_site_and_says_what_is_missing(self, client, manager):
        release = ReleaseFactory(name="Python 3.15.0", live=False)
        response = client.post(edit_address(release), release_form(slug="python-3150") | {"action-publish": "1"}, follow=True)
        release.refresh_from_db()
        assert release.live
        texts = [str(message) for message in response.context["messages"]]
        assert any("The release has no files yet." in text for text in texts)

    def test_a_complete_release_is_published_without_a_warning(self, client, manager):
        release = ReleaseFactory(name="Python 3.15.0", live=False)
        complete_file(release, download_button=True)
        form = release_form(slug="python-3150") | {
            "action-publish": "1",
            "body-count": "1",
            "body-0-type": "quote",
            "body-0-value-text": "New and better.",
            "body-0-value-by": "",
            "body-0-value-source": "",
            "body-0-order": "0",
            "body-0-deleted": "",
            "body-0-id": "",
        }
        response = client.post(edit_address(release), form, follow=True)
        assert [message.level_tag for message in response.context["messages"]] == ["success"]

    def test_publishing_purges_the_section_once(self, client, manager, settings, django_capture_on_commit_callbacks):
        release = ReleaseFactory(name="Python 3.15.0", live=False)
        with RecordingServer() as edge, django_capture_on_commit_callbacks(execute=True):
            settings.CDN_BACKEND, settings.CDN_URL = "http", f"{edge.url}/"
            client.post(edit_address(release), release_form(slug="python-3150") | {"action-publish": "1"})
            assert not edge.requests
        assert [purge.keys for purge in Purge.objects.all()] == [["downloads"]]

    def test_unpublishing(self, client, manager):
        release = ReleaseFactory()
        client.post(f"{RELEASES}unpublish/{release.pk}/")
        release.refresh_from_db()
        assert not release.live

    def test_scheduling(self, client, manager):
        release = ReleaseFactory(name="Python 3.15.0", live=False)
        later = timezone.now() + timedelta(days=1)
        form = release_form(slug="python-3150", go_live_at=f"{later:%Y-%m-%d %H:%M}") | {"action-publish": "1"}
        response = client.post(edit_address(release), form, follow=True)
        release.refresh_from_db()
        assert not release.live
        assert any("scheduled" in str(message) for message in response.context["messages"])
        past = timezone.now() - timedelta(minutes=1)
        revision = release.revisions.get(approved_go_live_at__isnull=False)
        revision.approved_go_live_at, revision.content["go_live_at"] = past, past.isoformat()
        revision.save()
        call_command("publish_scheduled", verbosity=0)
        release.refresh_from_db()
        assert release.live

    def test_a_draft_of_a_published_release_changes_nothing_for_visitors(self, client, manager):
        release = ReleaseFactory(name="Python 3.14.0", release_notes_url="https://docs.python.org/3.14/")
        form = release_form(name="Python 3.14.0", slug="python-3140", release_notes_url="https://docs.python.org/new/")
        client.post(edit_address(release), form)
        release.refresh_from_db()
        assert release.release_notes_url == "https://docs.python.org/3.14/"
        assert release.has_unpublished_changes
        assert "Published, new draft" in client.get(RELEASES).content.decode()

    def test_an_older_draft_drops_no_file_that_a_script_added_since(self, client, manager):
        release = ReleaseFactory(name="Python 3.15.0", live=False)
        client.post(edit_address(release), release_form(slug="python-3150"))
        ReleaseFileFactory(release=release)
        client.post(edit_address(release), release_form(slug="python-3150") | {"action-publish": "1"})
        assert release.files.count() == 1

    def test_locking(self, client, manager):
        release = ReleaseFactory()
        client.post(f"{RELEASES}lock/{release.pk}/")
        release.refresh_from_db()
        assert release.locked


class TestHistory:
    @pytest.fixture
    def release(self, client, manager):
        release = ReleaseFactory(name="Python 3.14.0", live=False)
        for notes in ("first", "second"):
            url = f"https://docs.python.org/{notes}/"
            client.post(edit_address(release), release_form(name="Python 3.14.0", slug="python-3140", release_notes_url=url))
        return release

    def test_comparing_two_versions(self, client, release):
        first, second = release.revisions.order_by("created_at")
        html = client.get(f"{RELEASES}history/{release.pk}/revisions/compare/{first.pk}...{second.pk}/").content.decode()
        assert "first" in html
        assert "second" in html

    def test_restoring_the_older_version(self, client, release):
        first = release.revisions.order_by("created_at").first()
        response = client.get(f"{RELEASES}history/{release.pk}/revisions/{first.pk}/revert/")
        assert response.context["form"]["release_notes_url"].value() == "https://docs.python.org/first/"
        form = release_form(
            name="Python 3.14.0", slug="python-3140", release_notes_url="https://docs.python.org/first/", revision=first.pk
        )
        client.post(edit_address(release), form)
        assert release.revisions.latest("created_at").as_object().release_notes_url == "https://docs.python.org/first/"

    def test_previewing_an_older_version(self, client, release):
        first = release.revisions.order_by("created_at").first()
        assert "Python 3.14.0" in client.get(f"{RELEASES}history/{release.pk}/revisions/{first.pk}/view/").content.decode()

    @pytest.mark.parametrize("page", ["history", "usage", "inspect"])
    def test_its_history_usage_and_inspection(self, client, release, page):
        assert "Python 3.14.0" in client.get(f"{RELEASES}{page}/{release.pk}/").content.decode()


class TestPreview:
    def test_a_new_release_before_it_is_saved(self, client, manager):
        address = f"{RELEASES}preview/"
        assert client.post(address, release_form(name="3.15.0rc1")).json() == {"is_valid": True, "is_available": True}
        response = client.get(address)
        assert response.status_code == 200
        assert "Python 3.15.0rc1" in response.content.decode()
        assert not Release.objects.exists()
        assert not ReleaseSeries.objects.exists()

    @pytest.mark.parametrize("mode", ["", "landing"])
    def test_a_draft_as_it_will_be(self, client, manager, mode):
        release = ReleaseFactory(name="Python 3.15.0", live=False)
        complete_file(release, download_button=True)
        address = f"{RELEASES}preview/{release.pk}/"
        client.post(address, release_form(slug="python-3150"))
        response = client.get(f"{address}?mode={mode}")
        assert response.status_code == 200
        assert "Python 3.15.0" in response.content.decode()
        assert "private" in response["Cache-Control"]
        release.refresh_from_db()
        assert not release.live


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
            ({"url": "https://example.org/x.exe"}, "url", "The address must start with https://www.python.org/."),
            ({"url": "http://www.python.org/x.exe"}, "url", "The address must start with https://www.python.org/."),
            (
                {"gpg_signature_file": "https://www.python.org/other.asc"},
                "gpg_signature_file",
                "This must be the file’s own address followed by .asc.",
            ),
            ({"sha256_sum": "abc"}, "sha256_sum", "A SHA-256 sum has 64 digits, each 0 to 9 or a to f."),
            ({"url": "{taken}"}, "url", "Another file has this address already."),
            ({"slug": "taken"}, "slug", "Another file has this slug already."),
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
        assert "The dates must follow each other" in response.content.decode()
        assert not ReleaseSeries.objects.exists()

    def test_the_list_is_newest_first_and_tells_the_status(self, client):
        ReleaseSeriesFactory(minor=9, first_release="2020-10-05", end_of_security="2025-10-31")
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
        assert "3.14 still has releases. Delete or move them first." in response.content.decode()
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
            "detection_hints": "",
            "page_title": "",
            "intro": "",
            "other_ways-count": "0",
            "install_notes-count": "0",
        } | changed

    def test_adding_wasi_in_the_admin_alone_gives_it_its_place_in_the_filters(self, client):
        assert client.get(f"{PLATFORMS}new/").status_code == 200
        client.post(f"{PLATFORMS}new/", self.form())
        os = OS.objects.get(slug="wasi")
        release = ReleaseFileFactory().release
        for address in [RELEASES, FILES, edit_address(release), f"{FILES}create/"]:
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
        assert "Windows still has release files. Delete or move them first." in response.content.decode()

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
        assert "Only Site admins may add or change an HTML block." in str(response.context["form"].errors["install_notes"])
        client.force_login(UserFactory(role="Site admins"))
        assert client.post(f"{PLATFORMS}new/", self.form(**html)).status_code == 302


def complete_file(release, **changed):
    """A file with everything a visitor needs to check it."""
    file = ReleaseFileFactory.build(release=release, os=OSFactory(), sha256_sum="a" * 64, **changed)
    file.gpg_signature_file = f"{file.url}.asc"
    file.save()
    return file


def schedule(release, user):
    release.go_live_at = timezone.now() + timedelta(days=1)
    release.save_revision(user=user).publish(user=user)


def add_releases(count):
    existing = Release.objects.count()
    for number in range(existing, existing + count):
        release = ReleaseFactory(name=f"Python 3.{number}.0", live=number % 2 == 0)
        ReleaseFileFactory(release=release)
        ReleaseFileFactory(release=release, os=OSFactory(slug="macos", name="macOS"))


def test_the_edit_form_opens_with_few_queries_however_many_files_and_releases_there_are(
    client, manager, django_assert_max_num_queries
):
    add_releases(3)
    release = Release.objects.first()
    client.get(edit_address(release))
    with django_assert_max_num_queries(45) as few:
        client.get(edit_address(release))
    add_releases(20)
    ReleaseFileFactory.create_batch(30, release=release)
    with django_assert_max_num_queries(len(few)):
        assert client.get(edit_address(release)).status_code == 200


def test_the_names_of_the_admin_addresses_stay(client):
    assert reverse("wagtailsnippets_downloads_release:list") == RELEASES
    assert reverse("downloads_files_modeladmin_index") == FILES
