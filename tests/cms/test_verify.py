"""Verification of an import: it finds no difference after the import, and detects every later one."""

import json

import pytest
from django.contrib.auth.models import Group, Permission
from django.core.management import CommandError, call_command
from wagtail.contrib.redirects.models import Redirect

from cms.content.models.boxes import Box
from downloads.models import Release, ReleaseFile
from home.models import StandardPage
from importer.core.verifying import visible_words
from importer.core.walking import fill, read_patterns, read_reviewed
from jobs.models import JobType
from tests.cms.test_legacy_accounts import user
from users.models import User

pytestmark = pytest.mark.django_db
OLD = "https://www.python.org/api/v2/downloads"
DATES = {"created": "2019-03-01T10:00:00Z", "updated": "2019-04-01T10:00:00Z", "creator": None}


def release(pk, **changed):
    row = {
        "name": f"Python 3.7.{pk}",
        "slug": f"python-37{pk}",
        "version": 3,
        "is_published": True,
        "is_latest": False,
        "release_date": "2018-06-27T12:00:00Z",
        "pre_release": False,
        "release_page": None,
        "release_notes_url": "",
        "show_on_download_page": True,
        "resource_uri": f"{OLD}/release/{pk}/",
    }
    return row | changed


def file(pk, of):
    side_files = (
        "gpg_signature_file",
        "sigstore_signature_file",
        "sigstore_cert_file",
        "sigstore_bundle_file",
        "sbom_spdx2_file",
    )
    return dict.fromkeys([*side_files, "description", "md5_sum"], "") | {
        "name": "Source",
        "slug": f"source-{pk}",
        "os": f"{OLD}/os/3/",
        "release": f"{OLD}/release/{of}/",
        "is_source": True,
        "url": f"https://www.python.org/ftp/python/Python-3.7.{of}.tgz",
        "filesize": 1,
        "download_button": False,
        "resource_uri": f"{OLD}/release_file/{pk}/",
    }


def page(pk, path, html, **changed):
    fields = DATES | {
        "title": f"Page {pk}",
        "description": "",
        "path": path,
        "content": html,
        "content_markup_type": "html",
        "is_published": True,
        "template_name": "",
    }
    return {"model": "pages.page", "pk": pk, "fields": fields | changed}


ROWS = [
    release(1),
    release(2, is_published=False),
    file(11, 1),
    file(12, 2),
    page(1, "about/us", "<h1>Page 1</h1><p>Eggs <b>and</b> spam.</p><script>x()</script>"),
    page(2, "about/us/2.6", "<p>More.</p>"),
    page(3, "about/us/draft", "<p>Secret.</p>", is_published=False),
    page(4, "about/us", "<p>Twice.</p>"),
    {"model": "jobs.jobtype", "pk": 5, "fields": {"name": "Maps", "slug": "maps", "active": True}},
    {"model": "boxes.box", "pk": 1, "fields": {"label": "homepage-downloads", "content": "<p>x</p>"}},
    {"model": "admin.logentry", "pk": 1, "fields": {}},
]


@pytest.fixture
def few_urls(tmp_path):
    """Limit the check to a few patterns, because all of them take a minute."""
    file = tmp_path / "urls.tsv"
    file.write_text("/\thome\n/jobs/<int:pk>/\tjobs:job_detail\n/admin/jobs/job/<path:object_id>/change/\tx\n")
    return file


@pytest.fixture
def source(tmp_path, settings):
    settings.BASE_URL = "http://testserver"
    path = tmp_path / "rows.json"
    path.write_text(json.dumps(ROWS))
    return path


@pytest.mark.full
def test_nothing_differs_after_an_import_and_each_kind_of_change_is_found(source, tmp_path, capsys, few_urls):
    with pytest.raises(CommandError, match="differs from its source"):
        call_command("verify_pydotorg", source, urls=few_urls)
    call_command("import_pydotorg", source)
    capsys.readouterr()
    call_command("verify_pydotorg", source, report=tmp_path, urls=few_urls)
    assert ": 0 differences, and " in capsys.readouterr().out
    verdict = json.loads((tmp_path / "verify.json").read_text())
    reasons = {(one["what"], one["label"], one["key"]): one["reason"] for one in verdict["findings"]}
    assert all(reasons.values())
    assert reasons["rows", "pages.page", "4"].startswith("the import rejects it: another page")
    assert "draft" in reasons["API v1", "downloads/release_file", "12"]
    assert {"model": "pages.page", "state": "True", "there": 2, "here": 2} in verdict["counts"]
    assert all(one["there"] == one["here"] for one in verdict["checksums"])
    assert "Unexplained differences: 0." in (tmp_path / "verify.html").read_text()

    us = StandardPage.objects.get(slug="us")
    us.body = [("text", "<p>Eggs.</p>")]
    us.save()
    StandardPage.objects.filter(slug="2-6").update(live=False)
    JobType.objects.filter(pk=5).update(name="Charts")
    Release.objects.filter(pk=1).update(release_notes_url="https://docs.python.org/")
    ReleaseFile.objects.filter(pk=11).delete()
    with pytest.raises(CommandError):
        call_command("verify_pydotorg", source, report=tmp_path, urls=few_urls)
    printed = capsys.readouterr().out
    for line in (
        "text: pages.page 1: 2 words are missing: and spam",
        "address: pages.page 2: /about/us/2.6/ returns 404",
        "field: jobs.jobtype 5: name is 'Charts', and was 'Maps'.",
        "API v2: downloads/release 1: release_notes_url is 'https://docs.python.org/', and was ''.",
        "API v1: downloads/release_file 11: it does not respond.",
        "rows: jobs.jobtype : an import would create or change 1 rows.",
    ):
        assert line in printed


@pytest.mark.nightly
def test_every_old_url_is_answered_after_an_import(source, capsys):
    call_command("import_pydotorg", source)
    capsys.readouterr()
    call_command("verify_pydotorg", source)
    assert ": 0 differences, and " in capsys.readouterr().out


def test_words_are_what_visitors_read():
    assert visible_words("<p>One<b>two</b></p><script>x</script><span class='prompt'>$</span><pre>three</pre>") == [
        "one",
        "two",
        "three",
    ]


RIGHTS = [
    {"model": "auth.group", "pk": 1, "fields": {"name": "Typists", "permissions": [["change_box", "boxes", "box"]]}},
    user(71, "ada", groups=[["Typists"]], user_permissions=[["change_release", "downloads", "release"]]),
    user(72, "sync", is_staff=True),
    user(73, "boss", is_staff=True, is_superuser=True),
    {"model": "authtoken.token", "pk": "b" * 40, "fields": {"user": ["sync"], "created": DATES["created"]}},
    {"model": "redirects.redirect", "pk": 1, "fields": {"site": ["x"], "old_path": "/gone/", "new_path": ""}},
    {"model": "redirects.redirect", "pk": 2, "fields": {"site": ["x"], "old_path": "/us/", "new_path": "/about/us/"}},
    {
        "model": "boxes.box",
        "pk": 2,
        "fields": {"label": "eggs", "content": "<p>Eggs and spam.</p>", "content_markup_type": "html"},
    },
    *ROWS,
]


@pytest.fixture
def imported(tmp_path, settings, capsys):
    settings.BASE_URL = "http://testserver"
    path = tmp_path / "rights.json"
    path.write_text(json.dumps(RIGHTS))
    call_command("import_pydotorg", path)
    capsys.readouterr()
    return path


def test_losses_of_rights_are_named_and_a_file_of_roles_is_proposed(imported, tmp_path, capsys, few_urls):
    call_command("verify_pydotorg", imported, report=tmp_path, urls=few_urls)
    printed = capsys.readouterr().out
    assert "rights: sync loses: Use the admin, Read draft releases" in printed
    table = (tmp_path / "rights.csv").read_text()
    assert "ada,member of a group,downloads.change_release,yes" in table
    assert 'boss,"superuser, staff",Use the admin,yes' in table
    assert 'sync,"staff, API v2 key",Read logo placements through API v2,no' in table
    roles = tmp_path / "roles.csv"
    assert "sync,Release managers; Sponsor publishers," in roles.read_text()
    call_command("import_pydotorg", imported, roles=roles)
    call_command("verify_pydotorg", imported, report=tmp_path, urls=few_urls)
    assert "loses" not in capsys.readouterr().out
    assert ",no\n" not in (tmp_path / "rights.csv").read_text()


def test_each_damage_of_an_import_is_named(imported, capsys, few_urls):
    ada = User.objects.get(username="ada")
    ada.groups.clear()
    ada.user_permissions.add(Permission.objects.get(codename="change_calendar", content_type__app_label="events"))
    Group.objects.get(name="Events").permissions.clear()
    User.objects.filter(username="sync").update(is_superuser=True)
    Redirect.objects.get(old_path="/gone").delete()
    Redirect.objects.filter(old_path="/us").update(redirect_page=None, redirect_link="/nowhere/")
    Box.objects.update(body=[])
    with pytest.raises(CommandError):
        call_command("verify_pydotorg", imported, urls=few_urls)
    printed = capsys.readouterr().out
    for line in (
        "ada lacks the group Typists",
        "ada has events.change_calendar, which neither the old site nor the roles file grants.",
        "Events lacks events.add_calendar",
        "sync has superuser",
        "redirects.redirect 1: it is missing.",
        "/us/ returns 404 after redirecting to /nowhere/",
        "text: boxes.box 2: 3 words are missing: eggs and spam",
    ):
        assert line in printed, line
    Group.objects.filter(name__in=["Typists", "Events"]).delete()
    with pytest.raises(CommandError):
        call_command("verify_pydotorg", imported, urls=few_urls)
    printed = capsys.readouterr().out
    assert "there is no group Typists." in printed
    assert "there is no role Events." in printed


def test_the_reviewed_reasons_are_few_and_of_real_patterns():
    reviewed = read_reviewed()
    assert reviewed.keys() <= {one.pattern for one in read_patterns()}
    assert len(reviewed) <= 15
    assert all(reason.endswith(".") for reason in reviewed.values())


@pytest.mark.parametrize(
    ("pattern", "values", "path"),
    [
        ("/getit/latest/python3\\.(?P<minor>\\d+)/?$", {"minor": 9}, "/getit/latest/python3.9/"),
        ("/api/^(?P<api_name>v1)/^(?P<resource_name>downloads/os)/(?P<pk>.*?)/$", {"pk": 3}, "/api/v1/downloads/os/3/"),
        ("/admin/sitetree/tree/^((?P<tree_id>\\d+)/)?change/item_add/$", {}, "/admin/sitetree/tree/change/item_add/"),
        ("/jobs/<int:pk>/", {}, None),
    ],
)
def test_a_pattern_is_filled_with_values(pattern, values, path):
    assert fill(pattern, values) == path
