"""Import of redirects from spreadsheets: encodings, delimiters, loops, and a preview before anything is saved."""

from io import BytesIO

import pytest
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from openpyxl import Workbook
from wagtail.contrib.redirects.models import Redirect
from wagtail.models import ModelLogEntry

from cms.content.redirect_import import MAX_ROWS, plan_import
from tests.factories.users import UserFactory

pytestmark = pytest.mark.django_db
LINES = [
    ("from", "to", "is_permanent"),
    ("/r-old/url/", "https://www.python.org/downloads/", "true"),
    ("r-old/no-slash", "/downloads/", "true"),
    ("https://www.python.org/r-old/host/?b=1&a=2", "/downloads/", "TRUE"),
    ("/r-old/grün/", "/downloads/", "1"),
    ("/r-old/temporary.html", "/jobs/?x=1", "false"),
    ("/r-old/self/", "/r-old/self", "true"),
    ("/r-old/self-url/", "https://www.python.org/r-old/self-url/", "true"),
    ("/r-old/first/", "/r-old/second/", "true"),
    ("/r-old/second/", "/downloads/", "true"),
    ("/r-old/circle-a/", "/r-old/circle-b/", "true"),
    ("/r-old/circle-b/", "/r-old/circle-a/", "true"),
    ("https://elsewhere.example.org/x", "/downloads/", "true"),
    ("/r-old/script/", "javascript:alert(1)", "true"),
    ("/r-old/url/", "/jobs/", "true"),
    ("/r-old/empty/", "", "true"),
]
REFUSED = {
    "/r-old/self": "points to itself",
    "/r-old/self-url": "points to itself",
    "/r-old/circle-a": "form a loop",
    "/r-old/circle-b": "form a loop",
    "https://elsewhere.example.org/x": "not a host of this site",
    "/r-old/script": "Enter a target",
    "/r-old/url": "already redirects this path",
    "/r-old/empty/": "Enter both",
}


def table(delimiter):
    return "\r\n".join(delimiter.join(line) for line in LINES)


def workbook(rows):
    book, content = Workbook(), BytesIO()
    for row in rows:
        # Excel stores what looks like a number or a truth value as such.
        book.active.append([{"true": True, "false": False, "1": 1}.get(cell, cell) for cell in row])
    book.save(content)
    return content.getvalue()


FILES = {
    "commas": table(",").encode(),
    "commas with BOM": b"\xef\xbb\xbf" + table(",").encode(),
    "semicolons of Excel in Europe": table(";").encode("cp1252"),
    "Unicode text of Excel": table("\t").encode("utf-16"),
    "tabs": table("\t").encode(),
    "UTF-16 without BOM": table(",").encode("utf-16-le"),
    "old Macintosh line ends": table(",").replace("\r\n", "\r").encode(),
    "Excel workbook": workbook(LINES),
    "Excel workbook with empty rows": workbook([LINES[0], [], *LINES[1:], [None, ""]]),
}


@pytest.mark.parametrize("content", FILES.values(), ids=list(FILES))
def test_each_spreadsheet_gives_the_same_plan(content):
    rows = plan_import(content)
    assert {row.old_path for row in rows if row.action == "add"} == {
        "/r-old/url",
        "/r-old/no-slash",
        "/r-old/host?a=2&b=1",
        "/r-old/grün",
        "/r-old/temporary.html",
        "/r-old/first",
        "/r-old/second",
    }
    refused = {row.old_path: row.reason for row in rows if row.action == "refuse"}
    assert refused.keys() == REFUSED.keys()
    assert all(REFUSED[path] in reason for path, reason in refused.items())
    assert [row.old_path for row in rows if not row.is_permanent] == ["/r-old/temporary.html"]
    assert not Redirect.objects.exists()


def test_existing_redirects_are_kept_and_take_part_in_circles():
    Redirect.objects.create(old_path="/r-old/kept", redirect_link="/r-old/back/")
    kept, circle = plan_import(b"from,to\n/r-old/kept/,/jobs/\n/r-old/back/,/r-old/kept/\n")
    assert (kept.action, circle.action) == ("keep", "refuse")
    assert "/r-old/back → /r-old/kept → /r-old/back" in circle.reason


def test_a_file_without_names_of_columns_and_other_files():
    assert [row.action for row in plan_import(b"/r-old/a/,/jobs/\n/r-old/b/,/jobs/\n")] == ["add", "add"]
    for content, reason in (
        (b"", "is empty"),
        (b"name,age\nx,1\n", "Name the columns"),
        (b"from,to\n" + b"/a,/b\n" * (MAX_ROWS + 1), "5,000 rows"),
        (b"x" * 2_000_001, "2 MB"),
        (bytes(range(256)), "Name the columns"),
        (workbook([]), "is empty"),
        (workbook([("from", "to"), *[("/a", "/b")] * MAX_ROWS]), "5,000 rows"),
        (workbook(LINES)[:2000], "damaged"),
        (b"PK\x03\x04 and no workbook", "damaged"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "old Excel workbook"),
    ):
        with pytest.raises(ValidationError, match=reason):
            plan_import(content)


def test_the_screen_shows_a_preview_and_saves_only_after_the_confirmation(client):
    url = reverse("wagtailredirects:start_import")
    client.force_login(UserFactory(role="Content editors"))
    assert "semicolons" in client.get(url).content.decode()
    response = client.post(url, {"file": SimpleUploadedFile("r.csv", FILES["semicolons of Excel in Europe"])})
    html = response.content.decode()
    assert "7 redirects would be added, 0 exist and are kept, 8 cannot be imported." in html
    assert not Redirect.objects.exists()
    html = client.post(url, {"plan": response.context["plan"]}, follow=True).content.decode()
    assert "7 redirects were imported." in html
    assert Redirect.objects.get(old_path="/r-old/temporary.html").is_permanent is False
    assert ModelLogEntry.objects.filter(action="wagtail.create").count() == 7
    for path in ("/r-old/url/", "/r-old/gr%C3%BCn/", "/r-old/host/?a=2&b=1"):
        assert client.get(path)["Location"].endswith("/downloads/")
    assert "0 redirects were imported." in client.post(url, {"plan": response.context["plan"]}, follow=True).content.decode()


def test_a_changed_plan_and_other_roles_are_refused(client):
    url = reverse("wagtailredirects:start_import")
    client.force_login(UserFactory(role="Content editors"))
    assert "too old" in client.post(url, {"plan": "forged"}, follow=True).content.decode()
    client.force_login(UserFactory(role="Job board"))
    assert client.get(url).status_code in {302, 403}
    assert not Redirect.objects.exists()
