"""Each variable in a template of this site has a value on at least one page. Django prints nothing for unknown names."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.template import engines
from django.template.base import FilterExpression, Node, NodeList, Variable, VariableDoesNotExist
from django.urls import reverse
from wagtail.models import Page

from sponsors.models import Sponsorship
from tests.pydotorg.test_routes import BROKEN_ON_PURPOSE, Demo, enter, routes

pytestmark = [pytest.mark.django_db, pytest.mark.nightly]
FOLDER = Path(settings.BASE_DIR, "templates")
# Written in the first comment of a template: its arguments, of which some are optional.
ARGUMENTS = re.compile(r"\{#.*?#\}", re.DOTALL)
# Filters that nobody has chosen, people that have left, and forms that nobody has sent.
UNSET_ON_THE_DEMO = {
    "allauth/elements/button.html: attrs.value": "an attribute that allauth sets on some buttons",
    "cms/admin/redirect_import.html: rows": "after an upload",
    "community/admin/feeds.html: feed.report.problems": "a feed with wrong entries",
    "downloads/admin/release_files.html: grid": "after checksums were sent",
    "downloads/release_detail.html: series.pep": "a release without a series",
    "downloads/release_detail.html: series.release_manager": "a release without a series",
    "home/blocks/code_sample.html: code_id": "a number that some pages give",
    "jobs/admin/job.html: job.submitted_by.username": "a deleted account",
    "jobs/admin/queue.html: decided": "a job that somebody has decided",
    "jobs/job_form.html: job": "a new job",
    "jobs/job_form.html: job.status": "a new job",
    "jobs/list.html: scope.location": "jobs of a place",
    "sponsors/admin/board.html: card.sponsorship.owner.username": "no owner",
    "sponsors/admin/list.html: row.sponsorship.owner.username": "no owner",
    "sponsors/admin/sponsorship_base.html: sponsorship.owner.username": "no owner",
    "sponsors/admin/reports.html: cell.year": "a report with dates",
    **dict.fromkeys(
        (
            f"sponsors/admin/dashboard_filter.html: selected.{name}"
            for name in ("benefit", "missing", "package", "payment", "q.0", "sponsorship_year", "stage")
        ),
        "a filter",
    ),
    **dict.fromkeys(
        (
            f"sponsors/admin/deliverables.html: selected.{name}"
            for name in ("benefit", "direction", "key", "overdue", "program", "q.0", "sponsorship_year", "state")
        ),
        "a filter",
    ),
    **dict.fromkeys(
        (
            f"sponsors/admin/form.html: {name}"
            for name in ("changes", "explanation", "full", "is_customized", "missing", "name", "previous", "subtitle")
        ),
        "a part of some forms",
    ),
    "sponsors/application.html: is_closed": "applications that are closed",
    "sponsors/offer_choice.html: is_closed": "applications that are closed",
    "sponsors/sponsor_list.html: is_closed": "applications that are closed",
}
MIN_VARIABLES = 2000
TABS = ("overview", "benefits", "deliverables", "contract", "messages", "history")


def find_variables(value: Any, seen: set[int]) -> Iterator[Variable]:
    """Return the variables within a node of a template."""
    if id(value) in seen:
        return
    seen.add(id(value))
    if isinstance(value, Variable):
        if value.lookups:
            yield value
    elif isinstance(value, dict):
        for one in value.values():
            yield from find_variables(one, seen)
    elif isinstance(value, (list, tuple, NodeList)):
        for one in value:
            yield from find_variables(one, seen)
    elif isinstance(value, (Node, FilterExpression)) or type(value).__module__.startswith("django.template"):
        names = getattr(type(value), "__slots__", None) or vars(value)
        for one in [getattr(value, name) for name in names]:
            yield from find_variables(one, seen)


@pytest.fixture
def unset(monkeypatch):
    """Return a function that lists the variables that were looked up and never found, in the format “template: variable”."""
    engine = engines["django"].engine
    templates = []
    places: dict[int, tuple[str, str]] = {}
    for path in sorted(FOLDER.rglob("*.html")):
        name = str(path.relative_to(FOLDER))
        declared = ARGUMENTS.match(path.read_text(encoding="utf-8"))
        optional = set(re.findall(r"\w+", declared[0])) if declared else set()
        # Keeps the nodes, so that no other variable gets the id of one of them.
        templates.append(engine.get_template(name))
        found_here = find_variables(templates[-1].nodelist, set())
        places |= {id(one): (name, one.var) for one in found_here if one.lookups[0] not in optional}
    assert len(places) > MIN_VARIABLES
    found, missed = set(), set()
    resolve = Variable._resolve_lookup

    def watch(self, context):
        place = places.get(id(self))
        try:
            value = resolve(self, context)
        except VariableDoesNotExist:
            missed.add(place)
            raise
        found.add(place)
        return value

    monkeypatch.setattr(Variable, "_resolve_lookup", watch)
    return lambda: sorted(f"{name}: {variable}" for name, variable in (missed - found - {None}))


def test_no_template_uses_a_variable_that_is_never_set(client, demo_site, unset):
    demo = Demo()
    addresses = [demo.address(route) for route in routes() if route.pattern != BROKEN_ON_PURPOSE]
    addresses += [page.url for page in Page.objects.live().filter(depth__gt=1)]
    for sponsorship in Sponsorship.objects.all():
        addresses += [f"{sponsorship.get_absolute_url()}?tab={tab}" for tab in TABS]
        addresses.append(reverse("sponsor_portal:sponsorship", args=[sponsorship.pk]))
    client.raise_request_exception = False
    for address in addresses:
        client.get(address)
    enter(client, "superuser")
    for address in addresses:
        client.get(address)
    assert sorted(set(unset()) - set(UNSET_ON_THE_DEMO)) == []
