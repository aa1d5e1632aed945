"""API v1: the frozen format of django-tastypie for existing scripts."""

import json
from datetime import UTC, datetime

import pytest
from defusedxml.ElementTree import fromstring
from yaml import safe_load

from downloads.models import OS, Release, ReleaseFile
from tests.factories.downloads import OSFactory, ReleaseFactory, ReleaseFileFactory
from tests.factories.users import UserFactory, key_for

pytestmark = pytest.mark.django_db
ROOT = "/api/v1/downloads"
FTP = "https://www.python.org/ftp/python/3.14.0"


def key_of(user):
    return {"Authorization": f"ApiKey {user.username}:{key_for(user, 'v1')}"}


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
        "os": f"{ROOT}/os/{os.pk}/",
        "release": f"{ROOT}/release/{release.pk}/",
        "description": "",
        "is_source": True,
        "url": url,
        "sha256_sum": "a" * 64,
        "filesize": 29_000_000,
        "download_button": True,
        "sigstore_bundle_file": f"{url}.sigstore",
    } | changes


def post(client, path, data, key):
    return client.post(f"{ROOT}/{path}/", data, content_type="application/json", headers=key)


def names(response):
    assert response.status_code == 200, response.content
    return [row["name"] for row in response.json()["objects"]]


@pytest.mark.proves("S3-33")
def test_a_list_has_the_bytes_of_old(client):
    release = ReleaseFactory(name="Python 3.14.0", pk=617, release_date=datetime(2025, 10, 7, 14, 0, 1, tzinfo=UTC))
    response = client.get(f"{ROOT}/release/")
    assert response["Content-Type"] == "application/json"
    assert response.content.decode() == (
        '{"meta": {"limit": 20, "next": null, "offset": 0, "previous": null, "total_count": 1}, "objects": ['
        '{"is_latest": true, "is_published": true, "name": "Python 3.14.0", "pre_release": false, '
        '"release_date": "2025-10-07T14:00:01", "release_notes_url": "", "release_page": null, '
        f'"resource_uri": "/api/v1/downloads/release/{release.pk}/", "show_on_download_page": true, '
        '"slug": "python-3140", "version": 3}]}'
    )


def test_a_file_names_its_release_and_system_by_path(client, source):
    file = ReleaseFileFactory(os=source, filesize=12, description="for all")
    row = client.get(f"{ROOT}/release_file/").json()["objects"][0]
    assert list(row) == sorted(row)
    assert row["os"] == f"{ROOT}/os/{source.pk}/"
    assert row["release"] == f"{ROOT}/release/{file.release.pk}/"
    assert row["resource_uri"] == f"{ROOT}/release_file/{file.pk}/"
    assert row["filesize"] == 12
    assert set(row) == {
        *["name", "slug", "os", "release", "description", "is_source", "url", "gpg_signature_file", "md5_sum", "sha256_sum"],
        *["filesize", "download_button", "resource_uri", "sigstore_signature_file", "sigstore_cert_file"],
        *["sigstore_bundle_file", "sbom_spdx2_file"],
    }


def test_next_is_a_path_that_keeps_the_question(client):
    for number in range(21):
        ReleaseFactory(name=f"Python 3.13.{number}")
    meta = client.get(f"{ROOT}/release/?is_published=True&pre_release=False").json()["meta"]
    assert meta == {
        "limit": 20,
        "next": f"{ROOT}/release/?is_published=True&pre_release=False&limit=20&offset=20",
        "offset": 0,
        "previous": None,
        "total_count": 21,
    }
    second = client.get(meta["next"]).json()
    assert len(second["objects"]) == 1
    assert second["meta"]["previous"] == f"{ROOT}/release/?is_published=True&pre_release=False&limit=20&offset=0"


@pytest.mark.parametrize(("asked", "given"), [("0", 1000), ("5000", 1000), ("7", 7)])
def test_a_page_has_at_most_a_thousand_rows(client, asked, given):
    assert client.get(f"{ROOT}/os/?limit={asked}").json()["meta"]["limit"] == given


def test_rows_are_in_the_order_of_code_points(client):
    OSFactory(slug="macos", name="macOS")
    OSFactory(slug="windows", name="Windows")
    OSFactory(slug="source", name="Source release")
    assert names(client.get(f"{ROOT}/os/")) == ["Source release", "Windows", "macOS"]


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("name=Python+3.14.0", ["Python 3.14.0"]),
        ("name=Python+9.9.9", []),
        ("slug=python-2718", ["Python 2.7.18"]),
        ("version=2", ["Python 2.7.18"]),
        ("version__startswith=3", ["Python 3.14.0", "Python 3.15.0a1"]),
        ("pre_release=true", ["Python 3.15.0a1"]),
        ("is_published=true&version=3", ["Python 3.14.0", "Python 3.15.0a1"]),
        ("release_date=2026-02-03T16:00:00", ["Python 2.7.18", "Python 3.14.0"]),
        ("release_date=2020-01-01", []),
        ("nonsense=1&page_size=3&format=json", ["Python 2.7.18", "Python 3.14.0", "Python 3.15.0a1"]),
    ],
)
def test_releases_can_be_filtered(client, query, found):
    ReleaseFactory(name="Python 2.7.18")
    ReleaseFactory(name="Python 3.14.0")
    ReleaseFactory(name="Python 3.15.0a1", pre_release=True, release_date=datetime(2026, 10, 20, tzinfo=UTC))
    assert names(client.get(f"{ROOT}/release/?{query}")) == found


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("os={os}&format=json&release__slug=python-3140", ["installer"]),
        ("release={release}", ["installer"]),
        ("os__slug=source", ["tarball"]),
        ("os__name=Windows", ["installer"]),
        ("release__name=Python+3.13.9", ["tarball"]),
        ("release__version=3", ["tarball", "installer"]),
        ("release__is_published=true&slug=t", ["tarball"]),
        ("description__contains=all", ["installer"]),
        ("release=999999", []),
        ("colour=red", ["tarball", "installer"]),
    ],
)
def test_files_can_be_filtered_also_by_their_release_and_system(client, source, query, found):
    windows = OSFactory()
    release = ReleaseFactory(name="Python 3.14.0")
    ReleaseFileFactory(release=release, os=windows, name="installer", description="for all")
    ReleaseFileFactory(release=ReleaseFactory(name="Python 3.13.9"), os=source, name="tarball", slug="t")
    assert names(client.get(f"{ROOT}/release_file/?{query.format(os=windows.pk, release=release.pk)}")) == found


@pytest.mark.parametrize(
    "path",
    [
        "release/?limit=x",
        "release/?limit=-1",
        "release/?offset=x",
        "release/?offset=99999999999999999999",
        "release/?order_by=name",
        "release/?name__contains=3",
        "release/?is_latest=true",
        "release/?release_date=yesterday",
        "release_file/?release=abc",
        "release_file/?os__colour=red",
        "release_file/?slug__startswith=a",
    ],
)
def test_a_bad_question_is_refused_with_a_sentence(client, path):
    response = client.get(f"{ROOT}/{path}")
    assert response.status_code == 400
    assert response.json()["error_message"]


@pytest.mark.parametrize("path", ["/api/v1/", f"{ROOT}/release/schema/", f"{ROOT}/release_file/schema/"])
def test_the_format_describes_itself(client, path):
    assert client.get(path).status_code == 200


def test_several_rows_can_be_requested_at_once(client):
    first, second = ReleaseFactory(), ReleaseFactory()
    response = client.get(f"{ROOT}/release/set/{first.pk};{second.pk}/")
    assert names(response) == [first.name, second.name]


def test_drafts_and_their_files_are_for_those_who_write_releases(client, manager, nobody_special):
    file = ReleaseFileFactory(release=ReleaseFactory(name="Python 3.15.0rc1", live=False))
    for path in (f"release/?name={file.release.name}", "release_file/"):
        assert names(client.get(f"{ROOT}/{path}")) == []
        assert names(client.get(f"{ROOT}/{path}", headers=nobody_special)) == []
        assert len(names(client.get(f"{ROOT}/{path}", headers=manager))) == 1
    for path in (f"release/{file.release.pk}/", f"release_file/{file.pk}/"):
        assert client.get(f"{ROOT}/{path}").status_code == 401
        assert client.get(f"{ROOT}/{path}", headers=nobody_special).status_code == 401
        assert client.get(f"{ROOT}/{path}", headers=manager).status_code == 200


@pytest.mark.parametrize(
    "credentials",
    ["ApiKey {name}:wrong", "ApiKey {name}", "ApiKey :", "ApiKey nobody:{key}", "Token {key}", "Basic abc", "{name}:{key}"],
)
def test_a_wrong_key_is_refused_also_for_reading(client, credentials):
    user = UserFactory()
    key = key_for(user, "v1")
    response = client.get(f"{ROOT}/os/", headers={"Authorization": credentials.format(name=user.username, key=key)})
    assert response.status_code == 401
    assert response.content == b""
    assert response["Content-Type"].startswith("text/html")


def test_the_key_of_somebody_inactive_opens_nothing(client):
    assert client.get(f"{ROOT}/os/", headers=key_of(UserFactory(is_active=False))).status_code == 401


def test_somebody_without_a_key_cannot_use_an_empty_one(client):
    user = UserFactory()
    assert client.get(f"{ROOT}/os/", headers={"Authorization": f"ApiKey {user.username}:None"}).status_code == 401


def test_keys_are_not_taken_from_the_query_or_a_form(client):
    user = UserFactory(role="Release managers")
    key = key_for(user, "v1")
    credentials = f"username={user.username}&api_key={key}"
    assert client.get(f"{ROOT}/os/?{credentials}").status_code == 401
    form = client.post(f"{ROOT}/os/", credentials, content_type="application/x-www-form-urlencoded")
    assert form.status_code == 401


def test_a_session_opens_nothing(client, admin_user):
    draft = ReleaseFactory(live=False)
    client.force_login(admin_user)
    assert client.get(f"{ROOT}/release/{draft.pk}/").status_code == 401
    assert post(client, "os", {"name": "Amiga", "slug": "amiga"}, {}).status_code == 401


@pytest.mark.parametrize("name", ["name", "release_date", "is_published", "release_page", "content"])
@pytest.mark.parametrize("value", [[], [1, [2]], {"a": None}, 1e308, -1])
def test_a_value_of_another_type_is_no_error_of_the_server(client, manager, name, value):
    response = post(client, "release", {"name": "Python 3.15.0", name: value}, manager)
    assert response.status_code in {201, 400}


def test_writing_needs_the_permission_and_not_just_a_place_on_the_staff(client, nobody_special, source):
    release = ReleaseFactory()
    file = ReleaseFileFactory()
    for response in (
        post(client, "release_file", payload(release, source), nobody_special),
        post(client, "release_file", payload(release, source), {}),
        post(client, "release", {"name": "Python 3.15.0"}, nobody_special),
        client.delete(f"{ROOT}/release_file/{file.pk}/", headers=nobody_special),
        client.delete(f"{ROOT}/release_file/?release={file.release.pk}", headers=nobody_special),
        client.delete(f"{ROOT}/release_file/?release={file.release.pk}"),
    ):
        assert response.status_code == 401
        assert response.content == b""
    assert list(ReleaseFile.objects.all()) == [file]


def test_a_file_is_posted(client, manager, source):
    release = ReleaseFactory(live=False)
    response = post(client, "release_file", payload(release, source) | {"unknown": 1, "md5_sum": None}, manager)
    file = ReleaseFile.objects.get()
    assert response.status_code == 201
    assert response.content == b""
    assert response["Location"] == f"{ROOT}/release_file/{file.pk}/"
    assert response["Content-Type"].startswith("text/html")
    assert (file.release, file.os, file.filesize, file.download_button) == (release, source, 29_000_000, True)
    assert file.kind == "source"


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"url": "http://www.python.org/ftp/x.tgz", "sigstore_bundle_file": ""}, "must start with https://www.python.org/"),
        ({"url": "https://example.org/x.tgz", "sigstore_bundle_file": ""}, "must start with https://www.python.org/"),
        ({"sigstore_bundle_file": f"{FTP}/other.sigstore"}, "followed by .sigstore"),
        ({"os": f"{ROOT}/os/999/"}, "There is nothing at"),
        ({"os": 3}, "There is nothing at"),
        ({"release": "/api/v2/downloads/release/1/"}, "There is nothing at"),
        ({"release": None}, "cannot be null"),
        ({"name": None}, "cannot be blank"),
        ({"filesize": "big"}, "must be an integer"),
        ({"filesize": 10**30}, "less than or equal"),
        ({"is_source": "perhaps"}, "must be either True or False"),
    ],
)
def test_a_file_that_breaks_a_rule_is_refused_with_a_sentence(client, manager, source, changes, sentence):
    response = post(client, "release_file", payload(ReleaseFactory(), source, **changes), manager)
    assert response.status_code == 400
    assert sentence in response.json()["error_message"]
    assert not ReleaseFile.objects.exists()


@pytest.mark.parametrize(
    ("same", "sentence"),
    [
        ({"slug": "3140-Gzipped-source-tarball"}, "slug: Release file with this Slug already exists."),
        ({"url": f"{FTP}/Python-3.14.0.tgz"}, "url: Release file with this URL already exists."),
        ({"download_button": True}, "Another file of this release is already the download button for this operating system."),
    ],
)
def test_a_second_file_with_the_same_slug_address_or_button_is_refused(client, manager, source, same, sentence):
    release = ReleaseFactory()
    ReleaseFileFactory(release=release, os=source, **same)
    response = post(client, "release_file", payload(release, source), manager)
    assert response.status_code == 400
    assert response.json()["error_message"] == sentence
    assert ReleaseFile.objects.count() == 1


@pytest.mark.parametrize(
    ("body", "kind", "status"), [("{", "application/json", 400), ("[]", "application/json", 400), ("{}", "text/plain", 415)]
)
def test_a_body_that_is_no_json_object_is_refused(client, manager, body, kind, status):
    assert client.post(f"{ROOT}/release_file/", body, content_type=kind, headers=manager).status_code == status


@pytest.mark.parametrize("start", ["http://testserver", "https://www.python.org"])
def test_rows_may_be_named_by_whole_urls(client, manager, source, start):
    release = ReleaseFactory(name="Python 3.14.0")
    data = payload(release, source, os=f"{start}{ROOT}/os/{source.pk}/", release=f"{start}{ROOT}/release/{release.pk}/")
    assert post(client, "release_file", data, manager).status_code == 201
    wrong = data | {"slug": "other", "os": f"{start}{ROOT}/release/{source.pk}/"}
    assert post(client, "release_file", wrong, manager).status_code == 400


def test_a_release_is_posted_as_a_draft_or_published(client, manager):
    response = post(
        client, "release", {"name": "Python 3.15.0rc1", "release_date": "2026-07-28T12:00:00", "is_latest": True}, manager
    )
    draft = Release.objects.get()
    assert response.status_code == 201
    assert response["Location"] == f"{ROOT}/release/{draft.pk}/"
    assert (draft.slug, draft.live, draft.release_date) == ("python-3150rc1", False, datetime(2026, 7, 28, 12, tzinfo=UTC))
    published = {"name": "Python 3.15.0", "slug": "python-3150", "version": 3, "is_published": True, "pre_release": False}
    assert post(client, "release", published, manager).status_code == 201
    assert names(client.get(f"{ROOT}/release/")) == ["Python 3.15.0"]


@pytest.mark.parametrize("changes", [{"name": "Python3"}, {"name": 3}, {"slug": "python-3140"}, {"release_date": "soon"}])
def test_a_release_that_breaks_a_rule_is_refused(client, manager, changes):
    ReleaseFactory(name="Python 3.14.0")
    response = post(client, "release", {"name": "Python 3.15.0"} | changes, manager)
    assert response.status_code == 400
    assert response.json()["error_message"].endswith(".") or "“" in response.json()["error_message"]
    assert Release.objects.count() == 1


@pytest.mark.parametrize("method", ["put", "patch", "head"])
def test_rows_cannot_be_changed(client, manager, method):
    release = ReleaseFactory()
    for path in ("release/", f"release/{release.pk}/"):
        response = getattr(client, method)(f"{ROOT}/{path}", headers=manager, content_type="application/json")
        assert response.status_code == 405
        assert response.content == b""


def test_a_method_cannot_hide_in_a_header(client, manager):
    release = ReleaseFactory()
    client.get(f"{ROOT}/release/{release.pk}/", headers=manager | {"X-HTTP-Method-Override": "DELETE"})
    assert Release.objects.filter(pk=release.pk).exists()


def test_the_files_of_one_release_are_deleted_at_once(client, manager):
    release, other = ReleaseFactory(), ReleaseFactory()
    ReleaseFileFactory(release=release)
    ReleaseFileFactory(release=release)
    kept = ReleaseFileFactory(release=other)
    response = client.delete(f"{ROOT}/release_file/?release={release.pk}", headers=manager, content_type="application/json")
    assert response.status_code == 204
    assert list(ReleaseFile.objects.all()) == [kept]


@pytest.mark.parametrize(
    "query", ["", "?os=1", "?release=", "?release=abc", "?release={0}&os=1", "?release={0}&release={1}", "?release__slug=x"]
)
def test_deleting_more_than_one_release_was_meant_for_is_refused(client, manager, query):
    file, other = ReleaseFileFactory(), ReleaseFileFactory()
    response = client.delete(f"{ROOT}/release_file/{query.format(file.release.pk, other.release.pk)}", headers=manager)
    assert response.status_code == 400
    assert ReleaseFile.objects.count() == 2


def test_other_collections_cannot_be_deleted(client, manager):
    ReleaseFactory()
    assert client.delete(f"{ROOT}/release/?name=x", headers=manager).status_code == 405
    assert client.delete(f"{ROOT}/os/?slug=x", headers=manager).status_code == 405


def test_a_row_is_deleted_once(client, manager):
    file = ReleaseFileFactory()
    path = f"{ROOT}/release_file/{file.pk}/"
    assert client.delete(path, headers=manager).status_code == 204
    again = client.delete(path, headers=manager)
    assert (again.status_code, again.content) == (404, b"")
    assert client.get(path).status_code == 404


def test_a_system_that_has_files_stays(client, manager):
    system = ReleaseFileFactory().os
    response = client.delete(f"{ROOT}/os/{system.pk}/", headers=manager)
    assert response.status_code == 400
    assert response.json()["error_message"] == "Windows still has files. Delete them first."
    assert OS.objects.filter(pk=system.pk).exists()


def test_writing_is_limited_and_reading_is_not(client, manager, settings, monkeypatch):
    monkeypatch.setattr("cms.api.base.WriteThrottle.THROTTLE_RATES", {"writes": "1/hour"})
    assert post(client, "os", {"name": "Amiga", "slug": "amiga"}, manager).status_code == 201
    response = post(client, "os", {"name": "Atari", "slug": "atari"}, manager)
    assert response.status_code == 429
    assert int(response["Retry-After"]) <= 3600
    assert response.json()["detail"].startswith("Request was throttled. Expected available in ")
    for _ in range(3):
        assert client.get(f"{ROOT}/os/", headers=manager).status_code == 200


@pytest.mark.proves("S3-24")
def test_clients_behind_the_same_proxy_have_limits_of_their_own(client, settings, monkeypatch):
    settings.REST_FRAMEWORK = settings.REST_FRAMEWORK | {"NUM_PROXIES": 1}
    monkeypatch.setattr("cms.api.base.WriteThrottle.THROTTLE_RATES", {"writes": "1/hour"})

    def attempt(address):
        return post(client, "os", {}, {"X-Forwarded-For": f"203.0.113.9, {address}"}).status_code

    assert [attempt("192.0.2.1"), attempt("192.0.2.1"), attempt("192.0.2.2")] == [401, 429, 401]


def test_everybody_shares_the_answers_to_strangers(client, manager):
    ReleaseFactory()
    response = client.get(f"{ROOT}/release/")
    assert "public" in response["Cache-Control"]
    assert "s-maxage" in response["Cache-Control"]
    assert "no-cache" not in response["Cache-Control"]
    assert response["Vary"] == "Authorization, Accept, Accept-Encoding"
    assert "downloads" in response["Surrogate-Key"].split()
    assert "Set-Cookie" not in response
    assert client.get(f"{ROOT}/release/", headers={"If-None-Match": response["ETag"]}).status_code == 304
    assert client.get(f"{ROOT}/release/", headers={"If-Modified-Since": response["Last-Modified"]}).status_code == 304
    assert "private" in client.get(f"{ROOT}/release/", headers=manager)["Cache-Control"]


def test_queries_do_not_grow_with_the_rows(client, django_assert_num_queries):
    ReleaseFileFactory()
    with django_assert_num_queries(5):
        client.get(f"{ROOT}/release_file/")
    for _ in range(5):
        ReleaseFileFactory()
    with django_assert_num_queries(5):
        assert len(json.loads(client.get(f"{ROOT}/release_file/").content)["objects"]) == 6


def test_a_file_obeys_the_rules_that_the_admin_obeys(client, manager, source):
    release = ReleaseFactory(name="Python 3.14.0")
    data = payload(release, source, slug=None, is_source=False, sha256_sum="A" * 64)
    assert post(client, "release_file", data, manager).status_code == 201
    file = ReleaseFile.objects.get()
    assert (file.slug, file.is_source, file.sha256_sum) == ("python-3140-gzipped-source-tarball", True, "a" * 64)
    wrong = payload(release, source, url=f"{FTP}/other.tgz", sha256_sum="abc", download_button=False, sigstore_bundle_file="")
    response = post(client, "release_file", wrong, manager)
    assert response.status_code == 400
    assert "Enter a SHA-256 checksum" in response.json()["error_message"]


@pytest.mark.parametrize(
    ("query", "accept", "content_type"),
    [
        ("", "*/*", "application/json"),
        ("?format=json", "*/*", "application/json"),
        ("?format=xml", "*/*", "application/xml; charset=utf-8"),
        ("?format=yaml", "*/*", "text/yaml; charset=utf-8"),
        ("?format=spam", "*/*", "application/json"),
        ("", "application/xml", "application/xml; charset=utf-8"),
        ("", "text/xml", "application/xml; charset=utf-8"),
        ("", "application/yaml", "text/yaml; charset=utf-8"),
        ("", "text/html,application/xml;q=0.9,*/*;q=0.8", "application/json"),
    ],
)
def test_xml_and_yaml_are_for_those_who_ask_for_them(client, query, accept, content_type):
    OSFactory(slug="source", name="Source")
    answer = client.get(f"{ROOT}/os/{query}", headers={"Accept": accept})
    assert (answer.status_code, answer["Content-Type"]) == (200, content_type)
    assert "Accept" in answer["Vary"]
    if "xml" in content_type:
        root = fromstring(answer.content)
        assert (root.tag, root.findtext("objects/object/slug"), root.findtext("meta/total_count")) == ("response", "source", "1")
    else:
        assert safe_load(answer.content)["objects"][0]["slug"] == "source"


def test_an_empty_authorization_header_is_anonymous(client):
    assert client.get(f"{ROOT}/release/", headers={"Authorization": ""}).status_code == 200
    assert client.get(f"{ROOT}/release/", headers={"Authorization": "ApiKey"}).status_code == 401


@pytest.mark.parametrize("path", ["release/abc/", "os/1.5/", "release_file/99999999999999999999/"])
def test_an_id_that_is_no_number_is_missing_without_a_page(client, path):
    answer = client.get(f"{ROOT}/{path}")
    assert (answer.status_code, answer.content) == (404, b"")
