"""API v2: lists without pagination and with absolute URLs, the format of most clients."""

import json
from datetime import UTC, datetime

import pytest
from wagtail.models import Page

from downloads.models import OS, Release, ReleaseFile
from tests.factories.downloads import OSFactory, ReleaseFactory, ReleaseFileFactory
from tests.factories.users import UserFactory, key_for

pytestmark = pytest.mark.django_db
ROOT = "/api/v2/downloads"
HOST = "http://testserver"
FTP = "https://www.python.org/ftp/python/3.14.0"
RELEASE_KEYS = [
    "name",
    "slug",
    "version",
    "is_published",
    "is_latest",
    "release_date",
    "pre_release",
    "release_page",
    "release_notes_url",
    "show_on_download_page",
    "resource_uri",
]
FILE_KEYS = [
    "name",
    "slug",
    "os",
    "release",
    "description",
    "is_source",
    "url",
    "gpg_signature_file",
    "md5_sum",
    "sha256_sum",
    "filesize",
    "download_button",
    "resource_uri",
    "sigstore_signature_file",
    "sigstore_cert_file",
    "sigstore_bundle_file",
    "sbom_spdx2_file",
]


def key_of(user):
    return {"Authorization": f"Token {key_for(user, 'v2')}"}


@pytest.fixture
def manager():
    return key_of(UserFactory(role="Release managers"))


@pytest.fixture
def nobody_special():
    return key_of(UserFactory(is_staff=True))


@pytest.fixture
def source():
    return OSFactory(slug="source", name="Source release")


def payload(release, os, /, **changes):
    url = f"{FTP}/Python-3.14.0.tgz"
    return {
        "name": "Gzipped source tarball",
        "slug": "3140-Gzipped-source-tarball",
        "os": f"{HOST}{ROOT}/os/{os.pk}/",
        "release": f"{ROOT}/release/{release.pk}/",
        "is_source": True,
        "url": url,
        "filesize": 29_000_000,
        "download_button": True,
        "sigstore_bundle_file": f"{url}.sigstore",
    } | changes


def send(client, method, path, data, key):
    return getattr(client, method)(f"{ROOT}/{path}", data, content_type="application/json", headers=key)


def names(response):
    assert response.status_code == 200, response.content
    return [row["name"] for row in response.json()]


@pytest.mark.proves("S1-01", "S3-33")
def test_the_list_of_releases_has_the_bytes_of_old(client):
    ReleaseFactory(name="Python 3.14.0", pk=617, release_date=datetime(2025, 10, 7, 14, 0, 1, tzinfo=UTC))
    response = client.get(f"{ROOT}/release/")
    assert response["Content-Type"] == "application/json"
    assert response.content.decode() == (
        '[{"name":"Python 3.14.0","slug":"python-3140","version":3,"is_published":true,"is_latest":true,'
        '"release_date":"2025-10-07T14:00:01Z","pre_release":false,"release_page":null,"release_notes_url":"",'
        '"show_on_download_page":true,"resource_uri":"http://testserver/api/v2/downloads/release/617/"}]'
    )


def test_a_row_is_the_same_in_the_list_and_by_itself(client):
    file = ReleaseFileFactory(release__release_date=datetime(2026, 1, 2, 3, 4, 5, 678, tzinfo=UTC))
    file.release.release_page = Page.objects.get(depth=2)
    file.release.save()
    for kind, row in (("release", file.release), ("release_file", file), ("os", file.os)):
        listed = client.get(f"{ROOT}/{kind}/").json()[0]
        alone = client.get(f"{ROOT}/{kind}/{row.pk}/").json()
        assert list(listed.items()) == list(alone.items())
    release = client.get(f"{ROOT}/release/").json()[0]
    assert list(release) == RELEASE_KEYS
    assert release["release_date"] == "2026-01-02T03:04:05.000678Z"
    assert release["release_page"] == f"{HOST}/api/v2/pages/page/{1_000_000 + file.release.release_page_id}/"
    assert list(client.get(f"{ROOT}/release_file/").json()[0]) == FILE_KEYS
    assert list(client.get(f"{ROOT}/os/").json()[0]) == ["name", "slug", "resource_uri"]


def test_addresses_are_equal_wherever_they_stand(client):
    ReleaseFileFactory()
    file = client.get(f"{ROOT}/release_file/", secure=True).json()[0]
    assert file["os"] == client.get(f"{ROOT}/os/", secure=True).json()[0]["resource_uri"]
    assert file["release"] == client.get(f"{ROOT}/release/", secure=True).json()[0]["resource_uri"]
    assert file["resource_uri"].startswith("https://testserver/api/v2/downloads/release_file/")


def test_rows_are_in_the_order_of_code_points(client):
    windows, macos = OSFactory(slug="windows", name="Windows"), OSFactory(slug="macos", name="macOS")
    source = OSFactory(slug="source", name="Source release")
    newer, older = ReleaseFactory(name="Python 3.10.0"), ReleaseFactory(name="Python 3.9.0")
    twin = ReleaseFactory(name="Python 3.9.0", slug="twin")
    draft = ReleaseFactory(name="Python 2.0.0", live=False)
    ReleaseFileFactory(release=older, os=windows, name="b")
    for os in (macos, windows, source):
        ReleaseFileFactory(release=newer, os=os, name="a")
    ReleaseFileFactory(release=newer, os=windows, name="Z")
    ReleaseFileFactory(release=draft, os=source, name="last")
    assert names(client.get(f"{ROOT}/os/")) == ["Source release", "Windows", "macOS"]
    releases = client.get(f"{ROOT}/release/").json()
    assert [row["slug"] for row in releases] == [newer.slug, twin.slug, older.slug]
    manager = key_of(UserFactory(role="Release managers"))
    files = client.get(f"{ROOT}/release_file/", headers=manager).json()
    assert [(row["os"].split("/")[-2], row["name"]) for row in files] == [
        (str(source.pk), "a"),
        (str(windows.pk), "Z"),
        (str(windows.pk), "a"),
        (str(macos.pk), "a"),
        (str(windows.pk), "b"),
        (str(source.pk), "last"),
    ]


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("name=Python+3.14.0", ["Python 3.14.0"]),
        ("slug=python-2718", ["Python 2.7.18"]),
        ("version=2", ["Python 2.7.18"]),
        ("pre_release=TRUE", ["Python 3.15.0a1"]),
        ("pre_release=0&version=3&is_published=1", ["Python 3.14.0"]),
        ("release_date=2026-10-20T00:00:00Z", ["Python 3.15.0a1"]),
        ("is_published=yes&version=2", ["Python 2.7.18"]),
        ("is_published=false", []),
        ("limit=1&page_size=20&order_by=-release_date&is_latest=true&is_prerelease=false", None),
        ("show_on_download_page=true&format=json", None),
    ],
)
def test_releases_can_be_filtered_and_what_is_unknown_is_ignored(client, query, found):
    ReleaseFactory(name="Python 2.7.18")
    ReleaseFactory(name="Python 3.14.0")
    ReleaseFactory(name="Python 3.15.0a1", pre_release=True, release_date=datetime(2026, 10, 20, tzinfo=UTC))
    everything = ["Python 2.7.18", "Python 3.14.0", "Python 3.15.0a1"]
    assert names(client.get(f"{ROOT}/release/?{query}")) == (everything if found is None else found)


def test_files_can_be_filtered(client, source):
    file = ReleaseFileFactory(name="installer", slug="i", description="for macOS 10.15 and later")
    ReleaseFileFactory(os=source, name="tarball")
    for query in (f"release={file.release.pk}", f"os={file.os.pk}", "name=installer", "slug=i", "description__contains=macOS"):
        assert names(client.get(f"{ROOT}/release_file/?{query}")) == ["installer"]


def test_systems_can_be_filtered(client, source):
    OSFactory()
    assert names(client.get(f"{ROOT}/os/?slug=source&limit=1&format=json")) == ["Source release"]


@pytest.mark.parametrize(
    "path",
    [
        "release/?version=7",
        "release/?version=three",
        "release_file/?colour=red",
        "release_file/?format=json",
        "release_file/?limit=10",
        "release_file/?release=999999",
        "release_file/?os=windows",
    ],
)
def test_a_bad_question_is_refused(client, path):
    response = client.get(f"{ROOT}/{path}")
    assert response.status_code == 400
    assert all(isinstance(sentences, list) for sentences in response.json().values())


def test_the_latest_is_what_the_rows_say(client):
    ReleaseFactory(name="Python 3.13.9")
    ReleaseFactory(name="Python 3.14.0")
    ReleaseFactory(name="Python 3.15.0rc1", pre_release=True)
    ReleaseFactory(name="Python 3.16.0", live=False)
    ReleaseFactory(name="Python 2.7.18")
    ReleaseFactory(name="Python install manager 25.0 beta 9")
    latest = {row["name"] for row in client.get(f"{ROOT}/release/").json() if row["is_latest"]}
    assert latest == {"Python 2.7.18", "Python 3.14.0", "Python install manager 25.0 beta 9"}


def test_the_install_manager_is_distinguished_by_line_and_slug(client):
    ReleaseFactory(name="Python install manager 25.0 beta 9")
    row = client.get(f"{ROOT}/release/?version=100").json()[0]
    assert (row["version"], row["slug"]) == (100, "pymanager-2500b9")
    assert client.get(f"{ROOT}/release/?version=3").json() == []


def test_a_missing_slash_is_added_and_the_question_kept(client):
    response = client.get(f"{ROOT}/release?version=3")
    assert (response.status_code, response["Location"]) == (301, f"{ROOT}/release/?version=3")


@pytest.mark.parametrize(
    ("accept", "status"),
    [
        ("*/*", 200),
        ("application/json", 200),
        ("text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", 200),
        ("text/csv", 406),
    ],
)
def test_who_takes_json_gets_it(client, accept, status):
    assert client.get(f"{ROOT}/release/", headers={"Accept": accept}).status_code == status


def test_head_and_options_are_answered(client):
    ReleaseFactory()
    for path in ("os", "release", "release_file"):
        assert client.head(f"{ROOT}/{path}/").status_code == 200
        assert client.options(f"{ROOT}/{path}/").status_code == 200


def test_drafts_and_their_files_are_for_those_who_write_releases(client, manager, nobody_special):
    file = ReleaseFileFactory(release=ReleaseFactory(name="Python 3.15.0rc1", live=False))
    for path in ("release/", "release_file/"):
        assert names(client.get(f"{ROOT}/{path}")) == []
        assert names(client.get(f"{ROOT}/{path}", headers=nobody_special)) == []
        assert len(names(client.get(f"{ROOT}/{path}", headers=manager))) == 1
    for path in (f"release/{file.release.pk}/", f"release_file/{file.pk}/"):
        assert client.get(f"{ROOT}/{path}").status_code == 404
        assert client.get(f"{ROOT}/{path}", headers=manager).status_code == 200
    assert client.get(f"{ROOT}/release_file/?release={file.release.pk}").status_code == 400
    assert len(names(client.get(f"{ROOT}/release_file/?release={file.release.pk}", headers=manager))) == 1


def test_a_wrong_token_is_refused_also_for_reading(client):
    response = client.get(f"{ROOT}/os/", headers={"Authorization": "Token wrong"})
    assert response.status_code == 401
    inactive = key_of(UserFactory(is_active=False))
    assert client.get(f"{ROOT}/os/", headers=inactive).status_code == 401


def test_bearer_is_no_credential_here(client, manager):
    draft = ReleaseFactory(live=False)
    bearer = {"Authorization": manager["Authorization"].replace("Token", "Bearer")}
    assert client.get(f"{ROOT}/os/", headers=bearer).status_code == 200
    assert client.get(f"{ROOT}/release/{draft.pk}/", headers=bearer).status_code == 404


def test_a_session_opens_nothing(client, admin_user):
    draft = ReleaseFactory(live=False)
    client.force_login(admin_user)
    assert client.get(f"{ROOT}/release/{draft.pk}/").status_code == 404
    assert send(client, "post", "os/", {"name": "Amiga", "slug": "amiga"}, {}).status_code == 401


def test_writing_needs_the_permission_and_not_just_a_place_on_the_staff(client, nobody_special, source):
    file = ReleaseFileFactory()
    attempts = [
        ("post", "release/", {"name": "Python 3.15.0"}),
        ("post", "release_file/", payload(file.release, source)),
        ("put", f"release_file/{file.pk}/", payload(file.release, source)),
        ("patch", f"release/{file.release.pk}/", {"is_published": False}),
        ("delete", f"release_file/{file.pk}/", {}),
        ("delete", f"release_file/delete_by_release/?release={file.release.pk}", {}),
    ]
    for method, path, data in attempts:
        assert send(client, method, path, data, nobody_special).status_code == 403
        assert send(client, method, path, data, {}).status_code == 401
    assert list(ReleaseFile.objects.all()) == [file]
    assert Release.objects.get().live


def test_a_file_is_written_changed_and_deleted(client, manager, source):
    release = ReleaseFactory(live=False)
    created = send(client, "post", "release_file/", payload(release, source), manager)
    assert created.status_code == 201, created.content
    assert created["Location"] == created.json()["resource_uri"]
    assert list(created.json()) == FILE_KEYS
    path = created["Location"].removeprefix(HOST + ROOT + "/")
    assert send(client, "patch", path, {"description": "New"}, manager).json()["description"] == "New"
    changed = send(client, "put", path, payload(release, source, filesize=1), manager)
    assert (changed.status_code, changed.json()["filesize"]) == (200, 1)
    assert send(client, "delete", path, {}, manager).status_code == 204
    assert send(client, "delete", path, {}, manager).status_code == 404


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"url": "http://www.python.org/ftp/x.tgz", "sigstore_bundle_file": ""}, "url"),
        ({"url": "https://example.org/x.tgz", "sigstore_bundle_file": ""}, "url"),
        ({"sigstore_bundle_file": f"{FTP}/other.sigstore"}, "sigstore_bundle_file"),
        ({"os": 3}, "os"),
        ({"os": "/api/v1/downloads/os/3/"}, "os"),
        ({"os": f"{ROOT}/os/999/"}, "os"),
        ({"release": None}, "release"),
        ({"filesize": "big"}, "filesize"),
    ],
)
@pytest.mark.proves("S3-37")
def test_a_file_that_breaks_a_rule_is_refused_field_by_field(client, manager, source, changes, field):
    response = send(client, "post", "release_file/", payload(ReleaseFactory(), source, **changes), manager)
    assert response.status_code == 400
    assert response.json()[field]
    assert not ReleaseFile.objects.exists()


@pytest.mark.parametrize(
    ("same", "field"),
    [
        ({"slug": "3140-Gzipped-source-tarball"}, "slug"),
        ({"url": f"{FTP}/Python-3.14.0.tgz"}, "url"),
        ({"download_button": True}, "non_field_errors"),
    ],
)
def test_a_second_file_with_the_same_slug_address_or_button_is_refused(client, manager, source, same, field):
    release = ReleaseFactory()
    ReleaseFileFactory(release=release, os=source, **same)
    response = send(client, "post", "release_file/", payload(release, source), manager)
    assert response.status_code == 400
    assert response.json()[field][0].endswith(".")
    assert ReleaseFile.objects.count() == 1


def test_a_file_without_a_button_may_stand_beside_the_button(client, manager, source):
    release = ReleaseFactory()
    ReleaseFileFactory(release=release, os=source, download_button=True)
    response = send(client, "post", "release_file/", payload(release, source, download_button=False), manager)
    assert response.status_code == 201


def test_an_old_http_address_stays_editable_until_it_is_changed(client, manager):
    file = ReleaseFileFactory(url="http://www.python.org/ftp/python/2.2/old.tgz")
    path = f"release_file/{file.pk}/"
    assert send(client, "patch", path, {"description": "Old"}, manager).status_code == 200
    assert send(client, "patch", path, {"url": "http://www.python.org/ftp/python/2.2/other.tgz"}, manager).status_code == 400


def test_a_release_is_written_published_and_deleted(client, manager):
    created = send(client, "post", "release/", {"name": "Python 3.15.0", "is_latest": True}, manager)
    assert created.status_code == 201, created.content
    assert (created.json()["slug"], created.json()["is_published"]) == ("python-3150", False)
    path = created["Location"].removeprefix(HOST + ROOT + "/")
    assert names(client.get(f"{ROOT}/release/")) == []
    published = send(client, "patch", path, {"is_published": True, "release_date": "2026-10-01T12:00:00Z"}, manager)
    assert (published.status_code, published.json()["is_published"]) == (200, True)
    assert client.get(f"{ROOT}/release/").json() == [published.json()]
    assert published.json()["release_date"] == "2026-10-01T12:00:00Z"
    assert published.json()["is_latest"]
    hidden = send(client, "put", path, {"name": "Python 3.15.0", "is_published": False}, manager)
    assert (hidden.status_code, names(client.get(f"{ROOT}/release/"))) == (200, [])
    assert send(client, "delete", path, {}, manager).status_code == 204
    assert not Release.objects.exists()


def test_a_release_whose_name_names_no_version_is_refused(client, manager):
    response = send(client, "post", "release/", {"name": "Python three"}, manager)
    assert response.status_code == 400
    assert "Python 3.14.0" in response.json()["name"][0]


def test_publishing_needs_its_own_permission(client):
    author = UserFactory()
    author.user_permissions.add(*permissions("add_release", "change_release"))
    key = key_of(author)
    assert send(client, "post", "release/", {"name": "Python 3.15.0", "is_published": True}, key).status_code == 403
    assert not Release.objects.exists()
    live = ReleaseFactory(name="Python 3.14.0")
    assert send(client, "patch", f"release/{live.pk}/", {"release_notes_url": "https://docs.python.org/"}, key).status_code == 403
    assert send(client, "post", "release/", {"name": "Python 3.15.0"}, key).status_code == 201


def permissions(*codenames):
    from django.contrib.auth.models import Permission  # noqa: PLC0415

    return Permission.objects.filter(content_type__app_label="downloads", codename__in=codenames)


def test_lists_cannot_be_deleted_nor_replaced(client, manager):
    ReleaseFileFactory()
    for path in ("os/", "release/", "release_file/"):
        assert send(client, "delete", path, {}, manager).status_code == 405
        assert send(client, "put", path, {}, manager).status_code == 405


def test_the_files_of_one_release_are_deleted_at_once(client, manager):
    file, other = ReleaseFileFactory(), ReleaseFileFactory()
    path = "release_file/delete_by_release/"
    assert send(client, "delete", f"{path}?release={file.release.pk}&os=7", {}, manager).status_code == 204
    assert list(ReleaseFile.objects.all()) == [other]
    for bad in ("", "?release=", "?release=abc"):
        assert send(client, "delete", path + bad, {}, manager).status_code == 400
    assert client.get(f"{ROOT}/{path}", headers=manager).status_code == 405


def test_a_system_that_has_files_stays(client, manager):
    system = ReleaseFileFactory().os
    response = send(client, "delete", f"os/{system.pk}/", {}, manager)
    assert response.status_code == 400
    assert response.json() == {"non_field_errors": ["Windows still has files. Delete them first."]}
    assert OS.objects.filter(pk=system.pk).exists()


def test_a_new_system_is_in_every_list_at_once(client, manager):
    assert send(client, "post", "os/", {"name": "WASI", "slug": "wasi"}, manager).status_code == 201
    assert names(client.get(f"{ROOT}/os/?slug=wasi")) == ["WASI"]
    assert client.get("/api/v1/downloads/os/?slug=wasi").json()["meta"]["total_count"] == 1
    assert client.get("/api/v3/files/?os=wasi").json() == {"count": 0, "items": []}


@pytest.mark.parametrize(
    ("body", "kind", "status"), [("{", "application/json", 400), ("a=b", "application/x-www-form-urlencoded", 415)]
)
def test_a_body_that_is_no_json_is_refused(client, manager, body, kind, status):
    assert client.post(f"{ROOT}/release/", body, content_type=kind, headers=manager).status_code == status


def test_writing_is_limited_for_each_client_and_reading_is_not(client, manager, monkeypatch):
    monkeypatch.setattr("cms.api.base.WriteThrottle.THROTTLE_RATES", {"writes": "1/hour"})
    assert send(client, "post", "os/", {"name": "Amiga", "slug": "amiga"}, manager).status_code == 201
    response = send(client, "post", "os/", {"name": "Atari", "slug": "atari"}, manager)
    assert response.status_code == 429
    assert 0 < int(response["Retry-After"]) <= 3600
    assert response.json()["detail"] == f"Request was throttled. Expected available in {response['Retry-After']} seconds."
    other = key_of(UserFactory(role="Release managers"))
    assert send(client, "post", "os/", {"name": "Atari", "slug": "atari"}, other).status_code == 201
    for _ in range(3):
        assert client.get(f"{ROOT}/os/", headers=manager).status_code == 200


def test_everybody_shares_the_answers_to_strangers(client, manager):
    ReleaseFactory()
    response = client.get(f"{ROOT}/release/")
    assert "public" in response["Cache-Control"]
    assert "s-maxage" in response["Cache-Control"]
    assert response["Vary"] == "Authorization, Accept-Encoding"
    assert "downloads" in response["Surrogate-Key"].split()
    assert "Set-Cookie" not in response
    assert client.get(f"{ROOT}/release/", headers={"If-None-Match": response["ETag"]}).status_code == 304
    assert client.get(f"{ROOT}/release/", headers={"If-Modified-Since": response["Last-Modified"]}).status_code == 304
    assert "private" in client.get(f"{ROOT}/release/", headers=manager)["Cache-Control"]


def test_a_deleted_file_is_news_too(client, manager):
    file = ReleaseFileFactory()
    long_ago = datetime(2020, 1, 1, tzinfo=UTC)
    ReleaseFile.objects.update(updated_at=long_ago)
    Release.objects.update(updated_at=long_ago)
    before = client.get(f"{ROOT}/release_file/")["Last-Modified"]
    assert before == "Wed, 01 Jan 2020 00:00:00 GMT"
    send(client, "delete", f"release_file/{file.pk}/", {}, manager)
    assert client.get(f"{ROOT}/release_file/", headers={"If-Modified-Since": before}).status_code == 200


@pytest.mark.parametrize(("path", "queries"), [("release", 3), ("release_file", 2), ("os", 2)])
def test_queries_do_not_grow_with_the_rows(client, django_assert_num_queries, path, queries):
    ReleaseFileFactory()
    with django_assert_num_queries(queries):
        client.get(f"{ROOT}/{path}/")
    for _ in range(5):
        ReleaseFileFactory()
    with django_assert_num_queries(queries):
        assert json.loads(client.get(f"{ROOT}/{path}/").content)


def test_a_file_obeys_the_rules_that_the_admin_obeys(client, manager, source):
    data = payload(ReleaseFactory(name="Python 3.14.0"), source, is_source=False, sha256_sum="A" * 64)
    del data["slug"]
    assert send(client, "post", "release_file/", data, manager).status_code == 201
    file = ReleaseFile.objects.get()
    assert (file.slug, file.is_source, file.sha256_sum) == ("python-3140-gzipped-source-tarball", True, "a" * 64)
    response = send(client, "patch", f"release_file/{file.pk}/", {"sha256_sum": "abc"}, manager)
    assert (response.status_code, list(response.json())) == (400, ["sha256_sum"])


@pytest.mark.parametrize("path", ["release/abc/", "os/1a/", "release_file/99999999999999999999/"])
def test_an_id_that_is_no_number_is_missing_as_json(client, path):
    answer = client.get(f"{ROOT}/{path}")
    assert (answer.status_code, answer["Content-Type"], answer.content) == (404, "application/json", b'{"detail":"Not found."}')


def test_the_suffix_json_changes_nothing_but_the_url(client):
    release = ReleaseFactory()
    for path in ("release", f"release/{release.pk}"):
        assert client.get(f"{ROOT}/{path}.json").content == client.get(f"{ROOT}/{path}/").content
    assert client.get(f"{ROOT}/release.xml").status_code == 404
    assert client.get("/api/v2/.json").status_code == 200
