"""Hostile text through every door of the site, and every document that it sends out, read by strict parsers."""

import csv
import io
import json
import re
import time
from email import message_from_bytes, policy
from typing import Any

import pytest
from django.apps import apps
from django.core import mail, signing
from django.db import models
from django.forms import model_to_dict
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from icalendar import Calendar
from lxml import etree
from openpyxl import load_workbook
from wagtail.snippets.models import get_snippet_models

from cms.moderation.models import ProblemReport
from cms.platform.text import FORBIDDEN
from community import reading
from community.models import BlogEntry
from downloads.models import OS
from events.models import Event, SyncRun
from events.sync import import_events
from importer.core.sources import Spool
from jobs.models import Job, JobCategory
from tests.admin_forms import form_of
from tests.community.feeds import rss, rss_item
from tests.factories.community import FeedFactory
from tests.factories.events import CalendarFactory
from tests.factories.jobs import JobFactory
from tests.factories.users import UserFactory, key_for
from tests.pydotorg.test_every_admin import PAGES, row_of
from tests.pydotorg.test_routes import Demo, demo, enter, routes  # noqa: F401 -- a fixture.

pytestmark = pytest.mark.django_db
TEXT = "Evil \x0b\x1f\x7f\ufffe\U0010ffff ]]> <b>&amp;</b> \u2028 '\"\\ {{x}} =1+1 |a| \u202e😀 é"
# PostgreSQL stores neither; requests may hold both.
SENT = TEXT + "\x00\ud800"
# What no validator or link keeps from being text.
WRITABLE = (models.CharField, models.TextField)


# The same characters as JSON writes them.
ESCAPED = re.compile(r"\\u00(?:0[0-8bcef]|1[0-9a-f]|7f)|\\uff(?:fe|ff)")


def is_clean(value: str) -> bool:
    return not FORBIDDEN.search(value) and "Evil" in value


def opened() -> str:
    return signing.dumps(time.time() - 60, salt="opened")


def form(**fields: str) -> dict[str, str]:
    """Return form data in the encoding of a browser, with surrogates as some programs send them."""
    return {name: text.encode("utf-8", "surrogatepass").decode("utf-8", "replace") for name, text in fields.items()}


def test_public_forms_take_hostile_text(client, demo):  # noqa: F811
    client.force_login(UserFactory())
    text = SENT.replace("\ud800", "")
    client.post("/report-a-problem/", form(path="/about/", text=text, email="", opened=opened()))
    assert is_clean(ProblemReport.objects.latest("pk").text)
    job = {"title": "Evil \x0b job", "description": text, "requirements": text, "company_name": "Evil \x1f"}
    fixed = {"country": "DE", "city": "Evil \x7f", "remote": "no", "email": "a@example.org", "url": "https://example.org/"}
    client.post("/jobs/create/", form(**job, **fixed, opened=opened(), category=str(JobCategory.objects.first().pk)))
    saved = Job.objects.latest("pk")
    assert all(is_clean(value) for value in (saved.title, saved.description, saved.company_name, saved.city))
    event = {"title": "Evil \x0b event", "description": text, "start_date": "2027-01-12", "time_zone": "UTC"}
    where = {"venue_name": "Evil \x1f", "city": "Leipzig", "country": "DE"}
    client.post("/events/submit/", form(**event, **where, opened=opened(), calendar=str(CalendarFactory().pk)))
    saved_event = Event.objects.latest("pk")
    assert all(is_clean(value) for value in (saved_event.title, saved_event.description, saved_event.venue.name))


def test_the_three_apis_take_hostile_text(client, demo):  # noqa: F811
    user = UserFactory(role="Release managers")
    v1 = {"Authorization": f"ApiKey {user.username}:{key_for(user, 'v1')}"}
    v2 = {"Authorization": f"Token {key_for(user, 'v2')}"}
    for version, headers in (("v1", v1), ("v2", v2)):
        data = json.dumps({"name": f"{SENT} {version}", "slug": f"evil-{version}"})
        response = client.post(f"/api/{version}/downloads/os/", data, content_type="application/json", headers=headers)
        assert response.status_code == 201, response.content
        assert is_clean(OS.objects.get(slug=f"evil-{version}").name)
    key = {"X-API-Key": key_for(user, "v3")}
    data = json.dumps({"name": "Python 3.98.0", "release_notes_url": "", "content": SENT, "files": []})
    response = client.post("/api/v3/releases/", data, content_type="application/json", headers=key)
    assert response.status_code < 500, response.content


def test_feeds_calendars_and_imports_take_hostile_text(demo):  # noqa: F811
    feed = FeedFactory()
    item = rss_item(title="Evil &#x202e; title &lt;script&gt;", description="Evil \x7f \ufffd text")
    reading.import_entries(feed, rss(item), timezone.now())
    assert is_clean(BlogEntry.objects.get(feed=feed).title)
    run = SyncRun(calendar=CalendarFactory())
    entry = f"BEGIN:VEVENT\r\nUID:1\r\nDTSTART:20270105T180000Z\r\nSUMMARY:{TEXT}\r\nDESCRIPTION:{TEXT}\r\nEND:VEVENT\r\n"
    content = f"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:x\r\n{entry}END:VCALENDAR\r\n"
    import_events(run.calendar, content.encode(), run)
    assert is_clean(run.calendar.events.get(uid="1").title)
    (row,) = Spool([{"model": "jobs.job", "pk": 1, "fields": {"title": SENT, "nested": [{"a": SENT}]}}]).rows("jobs.job")
    assert is_clean(row["fields"]["title"])
    assert is_clean(row["fields"]["nested"][0]["a"])


def is_free_text(field: models.Field) -> bool:
    """Return whether a column takes any text: no choices, no pattern, no link to others."""
    plain = type(field) in WRITABLE and field.editable and not (field.choices or field.unique or field._validators)
    return plain and field.name not in {"time_zone", "rrule", "rdates", "exdates", "version", "label", "slug", "key"}


def with_hostile_text(model: type[models.Model], data: dict[str, Any]) -> dict[str, Any]:
    """Return form data with hostile text in each free column, in rich text and in the text of blocks."""
    hostile, limits = SENT.replace("\ud800", ""), {}
    for field in model._meta.concrete_fields:
        if is_free_text(field):
            limits[field.name] = field.max_length or 1000
    changed = dict(data)
    for name, value in data.items():
        if isinstance(value, str) and value.startswith("{") and '"blocks"' in value:
            content = json.loads(value)
            for block in content["blocks"]:
                block["text"] += hostile
            changed[name] = json.dumps(content)
        elif limits.get(name, 0) >= 40:
            changed[name] = (f"Evil {hostile}")[: limits[name]]
        elif "-value" in name and isinstance(value, str) and " " in value and not value.startswith(("{", "[")):
            changed[name] = value + hostile[:20]
    return changed


def test_admin_forms_take_hostile_text(demo, client):  # noqa: F811
    """Pages and snippets, published and in their revisions; the middleware that cleans is the same for all other forms."""
    enter(client, "superuser")
    saved = 0
    for model in [*PAGES, *get_snippet_models()]:
        row, is_page = row_of(model), model in PAGES
        handler = model.get_edit_handler() if is_page else model.snippet_viewset.get_edit_handler()
        url = "wagtailadmin_pages:edit" if is_page else model.snippet_viewset.get_url_name("edit")
        data = with_hostile_text(model, form_of(row, handler, client)) | {"action-publish": "yes"}
        response = client.post(reverse(url, args=[row.pk]), data)
        assert response.status_code in {200, 302}, (model, response.content[:500])
        if response.status_code == 302:
            row.refresh_from_db()
            latest = getattr(row, "latest_revision", None)
            stored = [str(value) for value in model_to_dict(row).values()] + [json.dumps(latest.content) if latest else ""]
            assert not [text for text in stored if FORBIDDEN.search(text) or ESCAPED.search(text)], model
            saved += 1
    assert saved >= len(PAGES), saved


def poison(text: str = TEXT) -> int:
    """Write hostile text directly into each text column that accepts it, and return the number of columns."""
    count = 0
    for model in apps.get_models():
        if model._meta.app_label not in {"cms", "community", "downloads", "events", "home", "jobs", "psf", "sponsors"}:
            continue
        rules = [*model._meta.total_unique_constraints, *model._meta.constraints]
        unique = {name for rule in rules for name in getattr(rule, "fields", ())}
        for field in model._meta.local_concrete_fields:
            if field.name in unique:
                continue
            if is_free_text(field):
                limit = field.max_length or 10_000
                if limit >= 40:
                    count += bool(model._base_manager.update(**{field.name: text[:limit]}))
    return count


def check_document(path: str, response) -> None:
    """Raise an error if the body is not what its content type promises."""
    content = b"".join(response.streaming_content) if response.streaming else response.content
    kind = response["Content-Type"].partition(";")[0]
    if kind.endswith("xml"):
        etree.fromstring(content, etree.XMLParser(resolve_entities=False))
    elif kind.endswith("json"):
        text = content.decode()
        assert text, path
        json.loads(text, parse_constant=lambda name: pytest.fail(f"{path}: {name}"))
        assert not re.search(r"\\u[dD][89a-fA-F]", json.dumps(json.loads(text), ensure_ascii=False)), path
    elif kind == "text/calendar":
        calendar = Calendar.from_ical(content)
        assert not [component.errors for component in calendar.walk() if component.errors], path
        assert not FORBIDDEN.search(content.decode()), path
    elif kind == "text/csv":
        for row in csv.reader(io.StringIO(content.decode(), newline=""), strict=True):
            assert not [cell for cell in row if cell[:1] in {"=", "+", "@"} or FORBIDDEN.search(cell)], path
    elif "spreadsheet" in kind:
        load_workbook(io.BytesIO(content))
    else:
        content.decode()


EXPORTED = {"csv", "xlsx"}


@pytest.mark.parametrize("step", [4, pytest.param(1, marks=pytest.mark.nightly)])
def test_every_document_of_a_poisoned_site_is_well_formed(demo, django_capture_on_commit_callbacks, step):  # noqa: F811
    """The nightly run reads every document and export, `make test-full` one in four."""
    assert poison() > 60
    addresses = {demo.address(route) for route in routes()}
    kinds = re.compile(r"feed|\.ics|\.xml|\.json|/api/v[123]/|\.md|\.csv|\.txt|export|rss|atom")
    documents = sorted(address for address in addresses if kinds.search(address) and "failwhale" not in address)
    pages = ["index.md", "about/index.md", "downloads/index.md", "psf/index.md", "jobs/index.md", "events/index.md"]
    client = Client()
    enter(client, "superuser")
    checked = 0
    for path in [*documents, *(f"/{page}" for page in pages), "/sitemap.xml?p=1"][::step]:
        for someone in (Client(), client):
            response = someone.get(path)
            assert response.status_code < 500, path
            if response.status_code == 200:
                check_document(path, response)
                checked += 1
    lists = sorted(
        address for address in addresses if re.fullmatch(r"/admin/(?:[\w-]+/){1,4}", address) and "failwhale" not in address
    )
    for path in lists[::step]:
        for kind in EXPORTED:
            response = client.get(path, {"export": kind})
            assert response.status_code < 500, path
            if response.status_code == 200 and ("csv" in response["Content-Type"] or "spreadsheet" in response["Content-Type"]):
                check_document(path, response)
                checked += 1
    assert checked > 100 / step, checked


def test_emails_with_hostile_text_are_well_formed(demo, django_capture_on_commit_callbacks):  # noqa: F811
    poison()
    poster = UserFactory(email="poster@example.org")
    with django_capture_on_commit_callbacks(execute=True):
        job = JobFactory(status="draft", submitted_by=poster, title=TEXT[:100], company_name=TEXT[:100], city=TEXT[:50])
        job.submit(by=poster)
    assert mail.outbox
    for each in mail.outbox:
        message = message_from_bytes(each.message().as_bytes(), policy=policy.strict)
        assert "Evil" in message["Subject"]
        assert not [value for value in message.values() if FORBIDDEN.search(value)]
        for part in message.walk():
            if part.get_content_maintype() == "text":
                assert not FORBIDDEN.search(part.get_content())
