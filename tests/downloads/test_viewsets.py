"""Admin of releases."""

import csv
from datetime import UTC, datetime, timedelta
from io import BytesIO, StringIO

import pytest
from django.core.management import call_command
from django.utils import timezone
from openpyxl import load_workbook
from wagtail.models import Site

from cms.delivery.models import Purge
from downloads.models import DownloadsPage, Release, ReleaseSeries
from tests.factories.downloads import OSFactory, ReleaseFactory, ReleaseFileFactory, ReleaseSeriesFactory
from tests.servers import RecordingServer

from .admin_forms import RELEASES, add_releases, complete_file, edit_address, release_form, schedule

pytestmark = pytest.mark.django_db


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

    def test_a_draft_whose_files_lack_something_asks_for_it(self, client):
        ReleaseFileFactory(release=ReleaseFactory(live=False), download_button=True)
        assert "Add checksums and signatures" in client.get(RELEASES).content.decode()

    def test_nobody_goes_back_to_a_release_that_has_been_out_for_long(self, client):
        ReleaseFileFactory(release=ReleaseFactory(release_date=timezone.now() - timedelta(days=400)))
        assert "Choose download buttons" not in client.get(RELEASES).content.decode()

    def test_a_column_sorts_the_list(self, client):
        ReleaseFactory(name="Python 3.9.20", release_date=datetime(2026, 5, 1, tzinfo=UTC))
        ReleaseFactory(name="Python 3.10.2", release_date=datetime(2022, 1, 1, tzinfo=UTC))
        response = client.get(f"{RELEASES}?ordering=-release_date")
        assert [release.name for release in response.context["object_list"]] == ["Python 3.9.20", "Python 3.10.2"]

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
        assert response.context["form"].errors["slug"] == ["Another release already has this slug. Choose a different one."]
        assert Release.objects.count() == 1

    def test_the_script_of_the_form_asks_what_a_version_tells(self, client):
        ReleaseSeriesFactory(minor=15)
        assert client.get(f"{RELEASES}prefill/?name=3.15.0rc1").json() == {
            "name": "Python 3.15.0rc1",
            "slug": "python-3150rc1",
            "summary": "Release series 3.15, release candidate, /downloads/release/python-3150rc1/",
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
        complete_file(release, download_button=True)
        html = client.get(RELEASES).content.decode()
        assert "Published, new draft" in html
        assert "Publish the draft" in html

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
        Site.objects.get().root_page.add_child(instance=DownloadsPage(title="Downloads", slug="downloads"))
        address = f"{RELEASES}preview/{release.pk}/"
        client.post(address, release_form(slug="python-3150"))
        response = client.get(f"{address}?mode={mode}")
        assert response.status_code == 200
        assert "Python 3.15.0" in response.content.decode()
        assert "private" in response["Cache-Control"]
        release.refresh_from_db()
        assert not release.live
        assert "Python 3.15.0" not in client.get("/downloads/").content.decode()


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
