"""API v3: paged, filtered, described by OpenAPI, and writable in one request."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.utils import timezone
from django.utils.http import http_date
from wagtail.models import APIToken

from downloads.models import PlannedRelease, Release, ReleaseFile
from tests.factories.downloads import OSFactory, ReleaseFactory, ReleaseFileFactory, ReleaseSeriesFactory
from tests.factories.users import UserFactory

pytestmark = pytest.mark.django_db
ROOT = "/api/v3"
FTP = "https://www.python.org/ftp/python/3.15.0"


def token_of(user):
    return {"Authorization": f"Bearer {APIToken.create_token(user=user, name='test')[1]}"}


@pytest.fixture
def manager():
    return token_of(UserFactory(role="Release managers"))


@pytest.fixture
def systems():
    return OSFactory(), OSFactory(slug="source", name="Source release", order=30)


def get(client, path, **headers):
    response = client.get(f"{ROOT}{path}", headers=headers)
    assert response.status_code == 200, response.content
    return response.json()


def send(client, method, path, data, key):
    return getattr(client, method)(f"{ROOT}{path}", data, content_type="application/json", headers=key)


def file_in(**changes):
    url = f"{FTP}/Python-3.15.0.tar.xz"
    return {
        "name": "XZ compressed source tarball",
        "os": "source",
        "url": url,
        "size": 23_000_000,
        "sha256": "a" * 64,
        "sigstore_bundle": f"{url}.sigstore",
        "download_button": True,
    } | changes


def release_in(**changes):
    return {"name": "Python 3.15.0", "release_date": "2026-10-01T15:00:00Z", "files": [file_in()]} | changes


def detail_of(response, status):
    assert response.status_code == status, response.content
    assert response["Content-Type"] == "application/problem+json"
    detail = response.json()["detail"]
    assert detail.endswith(".")
    return detail


class TestReading:
    def test_a_release_tells_what_it_is_and_how_long_it_lives(self, client):
        ReleaseSeriesFactory(
            first_release=date(2025, 10, 7), end_of_bugfixes=date(2099, 1, 1), end_of_security=date(2099, 12, 31)
        )
        ReleaseFactory(pk=5, name="Python 3.14.2", release_notes_url="https://docs.python.org/3.14/")
        assert get(client, "/releases/") == {
            "count": 1,
            "items": [
                {
                    "id": 5,
                    "slug": "python-3142",
                    "name": "Python 3.14.2",
                    "version": "3.14.2",
                    "line": 3,
                    "series": "3.14",
                    "stage": "stable",
                    "pre_release": False,
                    "published": True,
                    "is_latest": True,
                    "release_date": "2026-02-03T16:00:00Z",
                    "phase": "bugfix",
                    "end_of_life": "2099-12-31",
                    "notes_url": "https://docs.python.org/3.14/",
                    "url": "http://testserver/downloads/release/python-3142/",
                    "fixes": [],
                    "affected_by": [],
                    "upgrade_to": None,
                    "warning": None,
                }
            ],
        }

    def test_a_release_by_itself_has_its_files(self, client):
        file = ReleaseFileFactory(release__name="Python 3.14.0", filesize=7, sha256_sum="b" * 64)
        row = get(client, "/releases/python-3140/")["files"][0]
        assert (row["id"], row["release"], row["os"], row["size"], row["sha256"]) == (
            file.pk,
            "python-3140",
            "windows",
            7,
            "b" * 64,
        )
        assert (row["arch"], row["kind"], row["filename"], row["md5"]) == ("x86_64", "installer", file.filename, None)

    @pytest.mark.parametrize(
        ("query", "found"),
        [
            ("", ["3.15.0a1", "3.14.0", "3.9.0", "2.7.18"]),
            ("?series=3.9", ["3.9.0"]),
            ("?version=3.14.0", ["3.14.0"]),
            ("?line=2", ["2.7.18"]),
            ("?stage=alpha", ["3.15.0a1"]),
            ("?pre_release=false", ["3.14.0", "3.9.0", "2.7.18"]),
            ("?latest=true", ["3.14.0", "2.7.18"]),
            ("?limit=1&offset=1", ["3.14.0"]),
            ("?series=3.99", []),
        ],
    )
    def test_releases_are_listed_newest_first_and_filtered(self, client, query, found):
        for version in ("3.9.0", "3.14.0", "3.15.0a1", "2.7.18"):
            ReleaseFactory(name=f"Python {version}", pre_release="a" in version)
        answer = get(client, f"/releases/{query}")
        assert [row["version"] for row in answer["items"]] == found
        assert answer["count"] >= len(found)

    @pytest.mark.parametrize(
        ("query", "found"),
        [
            ("", ["python-3.15.0a1.exe", "Python-3.14.0.tgz", "python-3.14.0-arm64.exe", "Python-3.13.9.tgz"]),
            ("?os=source", ["Python-3.14.0.tgz", "Python-3.13.9.tgz"]),
            ("?series=3.13", ["Python-3.13.9.tgz"]),
            ("?release=python-3150a1", ["python-3.15.0a1.exe"]),
            ("?arch=arm64&kind=installer", ["python-3.14.0-arm64.exe"]),
            ("?latest=true", ["Python-3.14.0.tgz", "python-3.14.0-arm64.exe"]),
            ("?latest=true&series=3.13", ["Python-3.13.9.tgz"]),
            ("?latest=true&series=3.1", []),
        ],
    )
    def test_files_are_filtered(self, client, systems, query, found):
        windows, source = systems
        for name, os, filename in (
            ("Python 3.13.9", source, "Python-3.13.9.tgz"),
            ("Python 3.14.0", source, "Python-3.14.0.tgz"),
            ("Python 3.14.0", windows, "python-3.14.0-arm64.exe"),
            ("Python 3.15.0a1", windows, "python-3.15.0a1.exe"),
        ):
            release = Release.objects.filter(name=name).first() or ReleaseFactory(name=name)
            ReleaseFileFactory(release=release, os=os, url=f"https://www.python.org/ftp/{filename}")
        assert [row["filename"] for row in get(client, f"/files/{query}")["items"]] == found

    def test_the_status_of_a_series_follows_from_its_dates(self, client):
        today = timezone.now().date()
        day = timedelta(days=1)
        for minor, dates in {
            16: (today + day, None, None),
            15: (today, today + day, today + day),
            14: (today - day, today, today + day),
            13: (today - day, today - day, today),
        }.items():
            names = ("first_release", "end_of_bugfixes", "end_of_security")
            ReleaseSeriesFactory(minor=minor, **dict(zip(names, dates, strict=True)))
            if minor != 16:
                ReleaseFactory(name=f"Python 3.{minor}.0")
        rows = get(client, "/series/")["items"]
        assert {row["name"]: row["status"] for row in rows} == {
            "3.16": "pre-release",
            "3.15": "bugfix",
            "3.14": "security",
            "3.13": "end-of-life",
        }
        assert [row["name"] for row in get(client, "/series/?status=security")["items"]] == ["3.14"]

    def test_a_series_names_its_release_and_its_plans(self, client):
        series = ReleaseSeriesFactory(pep=745, release_manager="Hugo van Kemenade")
        PlannedRelease.objects.create(series=series, name="3.14.9", date=date(2027, 1, 5))
        ReleaseFactory(name="Python 3.14.1")
        ReleaseFactory(name="Python 3.14.2rc1", pre_release=True)
        row = get(client, "/series/3.14/")
        assert row == get(client, "/series/")["items"][0]
        assert (row["latest_release"], row["pep"], row["release_manager"]) == ("python-3141", 745, "Hugo van Kemenade")
        assert row["planned_releases"] == [{"name": "3.14.9", "date": "2027-01-05", "is_overdue": False}]

    def test_systems_are_listed_in_the_order_of_the_menu(self, client, systems):
        rows = get(client, "/os/")["items"]
        assert [row["slug"] for row in rows] == ["source", "windows"]
        assert rows[1]["url"] == "http://testserver/downloads/windows/"

    def test_the_index_holds_every_release_with_every_file(self, client, manager):
        file = ReleaseFileFactory(release__name="Python 3.14.0")
        ReleaseFileFactory(release__name="Python 3.13.0")
        ReleaseFileFactory(release__live=False)
        releases = get(client, "/releases/index.json")["releases"]
        assert [release["version"] for release in releases] == ["3.14.0", "3.13.0"]
        assert releases[0] == get(client, "/releases/python-3140/")
        assert releases[0]["files"][0]["id"] == file.pk
        assert get(client, "/releases/index.json", **manager)["releases"] == releases

    def test_drafts_and_their_files_are_for_those_who_write_releases(self, client, manager):
        draft = ReleaseFileFactory(release__live=False).release
        assert get(client, "/releases/")["count"] == get(client, "/files/")["count"] == 0
        assert detail_of(client.get(f"{ROOT}/releases/{draft.slug}/"), 404) == "There is no such release."
        stranger = token_of(UserFactory(role="Job board"))
        assert get(client, "/releases/", **stranger)["count"] == 0
        assert get(client, "/releases/", **manager)["count"] == get(client, "/files/", **manager)["count"] == 1
        assert get(client, f"/releases/{draft.slug}/", **manager)["published"] is False

    @pytest.mark.parametrize(
        "path",
        [
            "/releases/?offset=33581849250715731492864",
            "/releases/?offset=-1",
            "/releases/?limit=0",
            "/releases/?limit=101",
            "/releases/?limit=many",
            "/releases/?series=three",
            "/releases/?line=4",
            "/releases/?stage=gold",
            "/releases/?colour=red",
            "/files/?arch=vax",
            "/files/?kind=poem",
            "/files/?os=amiga",
            "/files/?latest=perhaps",
            "/series/?status=asleep",
            "/os/?name=Windows",
            "/pages/?offset=33581849250715731492864",
        ],
    )
    def test_a_bad_question_is_refused_with_a_sentence(self, client, systems, path):
        assert detail_of(client.get(f"{ROOT}{path}"), 422)

    @pytest.mark.parametrize("path", ["/releases/python-9/", "/series/9.9/"])
    def test_what_is_not_there_is_not_found(self, client, path):
        assert detail_of(client.get(f"{ROOT}{path}"), 404)

    @pytest.mark.parametrize("credentials", ["Bearer wagtail_wrong", "Bearer", "Token abc"])
    @pytest.mark.parametrize("path", ["/releases/", "/files/", "/series/", "/os/", "/releases/index.json"])
    def test_a_wrong_token_is_refused_also_for_reading(self, client, path, credentials):
        response = client.get(f"{ROOT}{path}", headers={"Authorization": credentials})
        assert detail_of(response, 401)
        assert response["WWW-Authenticate"] == "Bearer"

    def test_a_session_opens_nothing(self, client, admin_user):
        draft = ReleaseFactory(live=False)
        client.force_login(admin_user)
        assert client.get(f"{ROOT}/releases/{draft.slug}/").status_code == 404

    @pytest.mark.parametrize(
        "path", ["/releases/", "/files/", "/series/", "/os/", "/releases/index.json", "/releases/python-3140/"]
    )
    def test_everybody_shares_the_answers_to_strangers(self, client, manager, path):
        ReleaseFileFactory(release__name="Python 3.14.0")
        response = client.get(f"{ROOT}{path}")
        assert "public" in response["Cache-Control"]
        assert "s-maxage" in response["Cache-Control"]
        assert response["Vary"] == "Authorization, X-API-Key, Accept-Encoding"
        assert "downloads" in response["Surrogate-Key"].split()
        assert "Set-Cookie" not in response
        assert client.get(f"{ROOT}{path}", headers={"If-None-Match": response["ETag"]}).status_code == 304
        assert client.get(f"{ROOT}{path}", headers={"If-Modified-Since": response["Last-Modified"]}).status_code == 304
        assert "private" in client.get(f"{ROOT}{path}", headers=manager)["Cache-Control"]

    @pytest.mark.parametrize(
        ("path", "queries"),
        [
            ("/releases/", 6),
            ("/files/", 5),
            ("/series/", 5),
            ("/os/", 3),
            ("/releases/index.json", 7),
            ("/releases/python-3140/", 7),
        ],
    )
    def test_queries_do_not_grow_with_the_rows(self, client, django_assert_num_queries, path, queries):
        release = ReleaseFileFactory(release__name="Python 3.14.0").release
        with django_assert_num_queries(queries):
            get(client, path)
        for minor in range(5):
            ReleaseFileFactory(release__name=f"Python 3.{minor}.0")
            ReleaseFileFactory(release=release)
            OSFactory(slug=f"os-{minor}")
        with django_assert_num_queries(queries):
            get(client, path)

    def test_a_new_day_may_bring_a_new_phase(self, client):
        ReleaseFactory()
        Release.objects.update(updated_at=datetime(2020, 1, 1, tzinfo=UTC))
        yesterday = http_date((timezone.now() - timedelta(days=1)).timestamp())
        assert client.get(f"{ROOT}/releases/", headers={"If-Modified-Since": yesterday}).status_code == 200

    @pytest.mark.proves("S2-20", "S4-19")
    def test_the_documentation_comes_from_this_host(self, client):
        html = client.get(f"{ROOT}/docs/").content.decode()
        assert "/static/ninja/" in html
        assert "https://" not in html


@pytest.mark.usefixtures("systems")
class TestWriting:
    def test_a_draft_is_made_with_its_files_in_one_request(self, client, manager):
        response = send(client, "post", "/releases/", release_in(), manager)
        assert response.status_code == 201, response.content
        assert response["Location"] == f"{ROOT}/releases/python-3150/"
        answer = response.json()
        assert (answer["outcome"], answer["dry_run"], answer["release"]["published"]) == ("created", False, False)
        release = Release.objects.get()
        assert release.release_date == datetime(2026, 10, 1, 15, tzinfo=UTC)
        assert release.release_notes_url == "https://docs.python.org/release/3.15.0/whatsnew/changelog.html"
        file = release.files.get()
        assert (file.slug, file.is_source, file.download_button) == ("python-3-15-0-tar-xz", True, True)
        assert answer["release"] == get(client, "/releases/python-3150/", **manager)
        assert get(client, "/releases/")["count"] == 0

    def test_a_file_for_the_system_source_is_source_code_whatever_the_request_says(self, client, manager):
        body = release_in()
        body["files"][0]["is_source"] = False
        send(client, "post", "/releases/", body, manager)
        assert Release.objects.get().files.get().is_source
        assert send(client, "post", "/releases/", body, manager).json()["outcome"] == "unchanged"

    def test_a_pre_release_is_known_by_its_name(self, client, manager):
        release = send(client, "post", "/releases/", {"name": "Python 3.15.0rc1"}, manager).json()["release"]
        assert (release["pre_release"], release["stage"]) == (True, "candidate")
        assert release["notes_url"] == "https://docs.python.org/3.15/whatsnew/3.15.html"

    def test_the_same_request_again_changes_nothing(self, client, manager):
        send(client, "post", "/releases/", release_in(), manager)
        before = get(client, "/releases/python-3150/", **manager)
        again = send(client, "post", "/releases/", release_in(), manager)
        assert (again.status_code, again.json()["outcome"]) == (200, "unchanged")
        assert again.json()["release"] == before
        assert Release.objects.get().revisions.count() == 1

    def test_a_second_request_brings_the_draft_up_to_date_and_drops_nothing(self, client, manager):
        send(client, "post", "/releases/", release_in(), manager)
        by_hand = ReleaseFileFactory(release=Release.objects.get())
        other = file_in(name="Gzipped", url=f"{FTP}/Python-3.15.0.tgz", sigstore_bundle="", download_button=False)
        response = send(
            client,
            "post",
            "/releases/",
            release_in(notes_url="https://docs.python.org/", files=[file_in(size=1), other]),
            manager,
        )
        assert (response.status_code, response.json()["outcome"]) == (200, "changed")
        assert response.json()["release"]["notes_url"] == "https://docs.python.org/"
        assert {file["size"] for file in response.json()["release"]["files"]} == {0, 1, 23_000_000}
        assert Release.objects.get().files.filter(pk=by_hand.pk).exists()

    def test_a_published_release_is_not_changed(self, client, manager):
        send(client, "post", "/releases/", release_in(), manager)
        send(client, "post", "/releases/python-3150/publish/", {}, manager)
        assert send(client, "post", "/releases/", release_in(), manager).json()["outcome"] == "unchanged"
        for change in ({"notes_url": "https://docs.python.org/"}, {"files": [file_in(size=1)]}):
            response = send(client, "post", "/releases/", release_in(**change), manager)
            assert detail_of(response, 409).startswith("Python 3.15.0 is already published.")
        assert ReleaseFile.objects.get().filesize == 23_000_000

    def test_two_releases_of_one_name_must_be_distinguished(self, client, manager):
        ReleaseFactory(name="Python 3.3.5rc1")
        ReleaseFactory(name="Python 3.3.5rc1", slug="twin", live=False)
        assert "twin" in detail_of(send(client, "post", "/releases/", {"name": "Python 3.3.5rc1"}, manager), 409)
        response = send(client, "post", "/releases/", {"name": "Python 3.3.5rc1", "slug": "twin"}, manager)
        assert response.json()["outcome"] == "unchanged"

    @pytest.mark.parametrize(
        ("path", "data"), [("/releases/?dry_run=true", release_in()), ("/releases/python-3140/publish/?dry_run=true", {})]
    )
    def test_a_dry_run_tells_what_would_happen(self, client, manager, path, data):
        draft = ReleaseFactory(name="Python 3.14.0", live=False)
        response = send(client, "post", path, data, manager)
        assert response.status_code == 200, response.content
        assert (response.json()["dry_run"], response.json()["outcome"] in {"created", "published"}) == (True, True)
        assert list(Release.objects.values_list("pk", "live")) == [(draft.pk, False)]
        assert not ReleaseFile.objects.exists()

    @pytest.mark.parametrize(
        ("changes", "sentence"),
        [
            ({"name": "Python three"}, "Enter a name such as"),
            ({"colour": "red"}, "Extra inputs are not permitted"),
            (
                {"files": [file_in(), file_in(url="https://example.org/x", slug="x", sigstore_bundle="")]},
                "must start with https://www.python.org/",
            ),
            ({"files": [file_in(sigstore_bundle=f"{FTP}/other.sigstore")]}, "followed by .sigstore"),
            ({"files": [file_in(os="amiga")]}, "There is no operating system “amiga”"),
            ({"files": [file_in(sha256="short")]}, "sha256"),
            ({"files": [file_in(size=10**30)]}, "size"),
            ({"files": [file_in(), file_in(slug="b", url=f"{FTP}/b", sigstore_bundle="")]}, "already the download button"),
            ({"release_date": "soon"}, "release_date"),
            ({"slug": "not a slug"}, "slug"),
        ],
    )
    def test_a_request_that_breaks_a_rule_leaves_nothing_behind(self, client, manager, changes, sentence):
        assert sentence in detail_of(send(client, "post", "/releases/", release_in(**changes), manager), 422)
        assert not Release.objects.exists()
        assert not ReleaseFile.objects.exists()

    @pytest.mark.parametrize("body", ["{", "[]", ""])
    @pytest.mark.proves("S0-07")
    def test_a_body_that_is_no_release_is_refused(self, client, manager, body):
        response = client.post(f"{ROOT}/releases/", body, content_type="application/json", headers=manager)
        assert response.status_code in {400, 422}
        assert response["Content-Type"] == "application/problem+json"

    def test_files_are_replaced_at_once(self, client, manager):
        release = send(client, "post", "/releases/", release_in(), manager).json()["release"]
        ReleaseFileFactory(release=Release.objects.get())
        path = "/releases/python-3150/files/"
        response = send(client, "put", path, [file_in(size=5)], manager)
        assert (response.status_code, response.json()["outcome"]) == (200, "changed")
        assert [(file["id"], file["size"]) for file in response.json()["release"]["files"]] == [(release["files"][0]["id"], 5)]
        assert send(client, "put", path, [file_in(size=5)], manager).json()["outcome"] == "unchanged"
        assert send(client, "put", path, [file_in(url="http://www.python.org/x")], manager).status_code == 422
        assert ReleaseFile.objects.get().filesize == 5

    def test_a_release_is_published_once(self, client, manager):
        send(client, "post", "/releases/", release_in(), manager)
        response = send(client, "post", "/releases/python-3150/publish/", {}, manager)
        assert (response.status_code, response.json()["outcome"]) == (200, "published")
        assert get(client, "/releases/python-3150/")["is_latest"]
        assert send(client, "post", "/releases/python-3150/publish/", {}, manager).json()["outcome"] == "unchanged"

    def test_a_release_that_is_locked_is_left_alone(self, client, manager):
        ReleaseFactory(name="Python 3.15.0", live=False, locked=True, locked_by=UserFactory())
        for path, data in (("/releases/", release_in()), ("/releases/python-3150/publish/", {})):
            assert "Resolve this in the admin first" in detail_of(send(client, "post", path, data, manager), 422)
        assert not ReleaseFile.objects.exists()

    def test_unknown_parameters_and_releases_are_refused(self, client, manager):
        assert detail_of(send(client, "post", "/releases/?dryrun=true", release_in(), manager), 422)
        assert detail_of(send(client, "post", "/releases/python-9/publish/", {}, manager), 404)
        assert not Release.objects.exists()

    @pytest.mark.parametrize(
        ("method", "path", "data"),
        [
            ("post", "/releases/", release_in()),
            ("put", "/releases/python-3140/files/", [file_in()]),
            ("post", "/releases/python-3140/publish/", {}),
        ],
    )
    def test_writing_needs_a_token_and_the_permission(self, client, method, path, data):
        release = ReleaseFactory(name="Python 3.14.0")
        assert detail_of(send(client, method, path, data, {}), 401)
        assert detail_of(send(client, method, path, data, {"Authorization": "Bearer wrong"}), 401)
        staff = token_of(UserFactory(role="Job board"))
        assert "The owner of the token lacks these permissions" in detail_of(send(client, method, path, data, staff), 403)
        assert list(Release.objects.all()) == [release]
        assert not ReleaseFile.objects.exists()

    def test_writing_is_limited_and_reading_is_not(self, client, manager, monkeypatch):
        monkeypatch.setattr("cms.api.base.WriteThrottle.THROTTLE_RATES", {"writes": "1/hour"})
        assert send(client, "post", "/releases/", release_in(), manager).status_code == 201
        response = send(client, "post", "/releases/", release_in(), manager)
        assert detail_of(response, 429) == f"Too many writes. Try again in {response['Retry-After']} seconds."
        for _ in range(3):
            get(client, "/releases/", **manager)
