"""Hostile text: control characters, invalid numbers, and formulas, in requests and in the documents of this site."""

import csv
import io
import json

import pytest
from django.core.cache import cache
from django.core.exceptions import BadRequest
from django.http import HttpResponse, QueryDict
from django.test import Client, RequestFactory
from django.urls import reverse
from django.utils.datastructures import MultiValueDictKeyError
from lxml import etree
from openpyxl import load_workbook
from wagtail.admin.rich_text import get_rich_text_editor_widget
from wagtail.blocks import StreamBlock
from wagtail.contrib.table_block.blocks import TableBlock

from cms.content.feeds import AtomFeed, RSSFeed
from cms.platform import counting
from cms.platform.cache import JSONSerializer
from cms.platform.middleware import InputMiddleware
from cms.platform.text import clean_json, clean_text, parse_int, safe_cell
from downloads.models import Release
from sponsors.models import Contact
from tests.factories.events import CalendarFactory, EventFactory
from tests.factories.sponsors import SponsorFactory
from tests.factories.users import UserFactory

FORBIDDEN = ["\x00", "\x0b", "\x1f", "\x7f", "\x9f", "\ud800", "\udfff", "\ufdd0", "\ufffe", "\uffff", "\U0010ffff"]


@pytest.mark.parametrize("character", FORBIDDEN)
def test_forbidden_characters_are_removed_and_others_stay(character):
    assert clean_text(f"a{character}b\t\r\né😀") == "ab\t\r\né😀"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('{"a": "x\\u000by\\ud83d\\ude00\\ud800"}', {"a": "xy😀"}),
        ('[{"\\u0000k": ["\\uFFFF"]}]', [{"k": [""]}]),
        ('{"a": "C:\\\\u000b"}', {"a": "C:\\u000b"}),
    ],
)
def test_escapes_in_json_are_removed_too(text, expected):
    assert json.loads(clean_json(text)) == expected


@pytest.mark.parametrize("text", ["{not json \\u000b", "\\u000b", "[" * 100_000 + "\\u000b"])
def test_other_text_keeps_its_backslashes(text):
    assert clean_json(text) == text


@pytest.mark.parametrize("text", ["", "abc", "9" * 5000, "٣", "²", "1.5", "1e3", "0x1", None, "-1", str(2**31), "\x00"])
def test_text_that_is_no_number_in_bounds_is_the_default(text):
    assert parse_int(text, 7) == 7
    assert parse_int(" 12 ") == 12


@pytest.mark.parametrize("text", ["=1+1", "+49 30", "-2", "@SUM(1)", "\t=1", " =1", "\n=1", "|cmd", "%0a"])
def test_no_cell_is_a_formula(text):
    assert safe_cell(text) == f"'{text}"
    assert [safe_cell(value) for value in ("-", "a=b", "x\x0by", -3, None)] == ["-", "a=b", "xy", -3, None]


@pytest.mark.parametrize("path", ["/%00", "/%0a", "/%7f", "/index.md%00", "/a%0d%0ab/", "/x%09/", "/%c2%85/", "/%ef%bf%be/"])
@pytest.mark.django_db
def test_a_path_with_control_characters_is_refused(path):
    assert Client().get(path).status_code in {400, 404}


def received(**request):
    """Return the request as a view receives it."""
    found = []
    InputMiddleware(lambda request: found.append(request) or HttpResponse())(RequestFactory().post("/", **request))
    return found[0]


def test_a_view_receives_clean_fields_and_json():
    form = received(QUERY_STRING="q=a%0Bb", data={"a\x0b": ["x\x0by", '{"t": "\\u000b"}'], "b": "\t"})
    assert (form.GET["q"], form.POST.getlist("a"), form.POST["b"]) == ("ab", ["xy", '{"t": ""}'], "\t")
    body = received(data='{"name": "x\\ud800y"}', content_type="application/json")
    assert json.loads(body.body) == {"name": "xy"}
    assert json.loads(body.read()) == {"name": "xy"}


@pytest.mark.parametrize("data", [{"body-count": "abc"}, {"body-count": "9" * 5000}, {"x-0-order": "-1", "x-0-deleted": ""}])
def test_counts_of_blocks_that_are_no_numbers_are_a_bad_request(data):
    with pytest.raises(BadRequest):
        received(data=data)


BLOCK = {"key": "a", "text": "x", "type": "unstyled", "depth": 0, "inlineStyleRanges": [], "entityRanges": []}
RANGE = {"offset": 0, "length": 1, "key": 0}


@pytest.mark.parametrize(
    "value",
    [
        *("1 2", "[" * 5000, "3", '{"blocks": null}', "9" * 5000),
        json.dumps({"blocks": [BLOCK | {"entityRanges": [RANGE]}], "entityMap": {}}),
        json.dumps({"blocks": [BLOCK | {"entityRanges": [RANGE]}], "entityMap": {"0": {"type": "LINK", "data": None}}}),
        json.dumps({"blocks": [BLOCK | {"inlineStyleRanges": [RANGE | {"offset": "a", "style": "BOLD"}]}], "entityMap": {}}),
    ],
)
def test_rich_text_that_the_editor_does_not_send_is_a_bad_request(value):
    with pytest.raises(BadRequest):
        get_rich_text_editor_widget().value_from_datadict({"body": value}, {}, "body")


@pytest.mark.parametrize("format_", [RSSFeed, AtomFeed])
def test_a_feed_stays_well_formed(format_):
    feed = format_("Title \x0b", "https://example.org/", "Text \uffff")
    feed.add_item("A\x0bB \ud800", "https://example.org/1", "x\x00y", categories=["\x1f"], author_name="\x0b")
    root = etree.fromstring(feed.writeString("utf-8").encode())
    assert "AB" in "".join(root.itertext())


@pytest.mark.django_db
def test_a_vertical_tab_in_the_database_breaks_no_feed_and_no_calendar(client):
    calendar = CalendarFactory(slug="meetups")
    EventFactory(calendar=calendar, title="Meet\x0bup", organiser="A\x1fB")
    for name in ("feed.rss", "feed.atom"):
        etree.fromstring(client.get(f"/events/{name}").content)
    assert b"Meetup" in client.get("/events/feed.ics").content


@pytest.mark.django_db
@pytest.mark.parametrize("name", ["package=" + "9" * 30, "package=abc&benefit=" + "9" * 5000])
def test_the_choice_of_a_sponsor_takes_any_number(client, name):
    client.force_login(UserFactory())
    assert client.get(f"/sponsors/application/new/?{name}").status_code in {302, 404}


@pytest.mark.django_db
@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_an_export_of_wagtail_holds_no_formula(client, kind):
    hostile = {"name": '=HYPERLINK("https://evil.example","x")', "phone": "+1\x0b", "email": "-2@example.org"}
    Contact.objects.create(sponsor=SponsorFactory(name="=1+1"), **hostile)
    client.force_login(UserFactory(is_superuser=True))
    response = client.get(reverse("sponsors_contact:index"), {"export": kind})
    content = b"".join(response.streaming_content)
    if kind == "csv":
        rows = list(csv.reader(io.StringIO(content.decode())))[1:]
    else:
        rows = list(load_workbook(io.BytesIO(content)).active.iter_rows(min_row=2, values_only=True))
    cells = [str(cell) for row in rows for cell in row if cell]
    assert any("HYPERLINK" in cell for cell in cells)
    assert not [cell for cell in cells if cell[0] in "=+-@" or "\x0b" in cell]


@pytest.mark.parametrize("value", [0, 7, -1, "text", "7", 1.5, True, None, ["a", 1], {"a": [None]}])
def test_the_shared_cache_holds_json(value):
    serializer = JSONSerializer()
    stored = serializer.dumps(value)
    assert serializer.loads(stored if isinstance(stored, bytes) else str(stored).encode()) == value
    with pytest.raises(TypeError):
        serializer.dumps(object())


def test_counters_have_the_same_name_in_each_process():
    counting.due("missing", "/a/")
    assert cache.get("missing:a41ee21438c2d429e80f52db52a57c39:written") == "yes"


def raised(function, *args) -> Exception:
    with pytest.raises(Exception) as caught:  # noqa: PT011 -- any exception is returned.
        function(*args)
    return caught.value


def test_what_a_library_does_not_catch_is_a_bad_request_and_logged(caplog):
    error = raised(StreamBlock().value_from_datadict, QueryDict("x=1"), {}, "body")
    assert isinstance(error, MultiValueDictKeyError)
    with pytest.raises(BadRequest):
        InputMiddleware(HttpResponse).process_exception(RequestFactory().post("/admin/"), error)
    assert [record.levelname for record in caplog.records] == ["WARNING"]
    assert caplog.records[0].exc_info[1] is error


def test_json_that_wagtail_does_not_expect_is_a_bad_request():
    error = raised(TableBlock().value_from_form, "1 2")
    assert isinstance(error, json.JSONDecodeError)
    with pytest.raises(BadRequest):
        InputMiddleware(HttpResponse).process_exception(RequestFactory().post("/admin/"), error)


def read_missing_field() -> str:
    return QueryDict("x=1")["body"]


def look_up_text_as_number() -> Release:
    return Release.objects.get(pk="text")


@pytest.mark.parametrize("function", [read_missing_field, look_up_text_as_number])
def test_the_same_exceptions_from_our_own_code_stay_errors_of_the_server(function):
    error = raised(function)
    assert InputMiddleware(HttpResponse).process_exception(RequestFactory().post("/admin/"), error) is None
