"""Every URL of the site, requested by everyone: who gets in, nothing breaks, and reading changes nothing.

A snapshot records the status of each route for an anonymous visitor and a member, and the routes that open for each role, so
that a route without an entry for its permissions fails here. Each session is tested: none, a password alone, and a second factor.
`make matrix` requests each route as each role; without it, the suite requests the screens in the menu of each role.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from allauth.account.internal.flows.login import record_authentication
from allauth.mfa.models import Authenticator
from django.conf import settings
from django.db import connection
from django.db.models import Model
from django.db.models.base import ModelBase
from django.test import RequestFactory
from django.urls import URLPattern, get_resolver
from wagtail.models import Page, Site, Task, Workflow

from cms.content.models.boxes import Box
from cms.content.models.settings import SiteSettings
from community.models import Company, StoryCategory
from downloads.models import OS, Release
from events.models import Category, Event, Location
from home.models import HomePage
from jobs.models import Job, JobCategory, JobType
from psf.models import MembershipSettings, Nominee
from sponsors.models import Sponsorship
from tests.factories import cms, community, downloads, events, factory_of, jobs, psf, sponsors  # noqa: F401 -- makers of rows.
from tests.factories.users import UserFactory
from users.groups import ROLES
from users.second_factor import KEY_VIEWS

pytestmark = pytest.mark.django_db
EVERYONE = ["signed out", "member", *ROLES, "superuser"]
ADMIN_ROLES = [*(role for role in ROLES if "wagtailadmin.admin" in ROLES[role]), "superuser"]
# Screens that lead into the admin, and its script: they hold nothing of the site.
OPEN_IN_ADMIN = {"admin/login/", "admin/logout/", "admin/jsi18n/", "admin/sprite/"}
OPEN_PREFIXES = ("admin/password_reset/",)
# What opening a page writes: an address that nobody has, who edits where, which avatar and which subscriptions one has.
MAY_WRITE = {
    "cms_missingurl",
    "account_emailaddress",
    "django_session",
    "wagtailadmin_editingsession",
    "wagtailcore_pagesubscription",
    "wagtailusers_userprofile",
}
# Wagtail shows here, on purpose, how an error looks.
BROKEN_ON_PURPOSE = "admin/failwhale/"
ARGUMENT = re.compile(r"\(\?P<(?P<group>\w+)>(?:[^()]|\((?:[^()]|\([^()]*\))*\))*\)|<(?:\w+:)?(?P<converter>\w+)>|\([^()]*\)")
WRITES = re.compile(r'^\s*(?:INSERT INTO|UPDATE|DELETE FROM)\s+"?(\w+)', re.IGNORECASE)


@dataclass(frozen=True)
class Route:
    pattern: str
    name: str
    model: type[Model] | None

    @property
    def in_admin(self) -> bool:
        return self.pattern.startswith("admin/")

    @property
    def open_to_all(self) -> bool:
        return not self.in_admin or self.pattern in OPEN_IN_ADMIN or self.pattern.startswith(OPEN_PREFIXES)


def routes(resolver=None, prefix: str = "", namespace: str = "") -> Iterator[Route]:
    for each in (resolver or get_resolver()).url_patterns:
        path = prefix + str(each.pattern)
        if isinstance(each, URLPattern):
            view = getattr(each.callback, "view_class", None)
            model = getattr(each.callback, "view_initkwargs", {}).get("model") or getattr(view, "model", None)
            yield Route(path, f"{namespace}{each.name or ''}", model if isinstance(model, ModelBase) else None)
        else:
            yield from routes(each, path, f"{namespace}{each.namespace}:" if each.namespace else namespace)


class Demo:
    """Site with an instance of nearly every model, and the URL arguments that lead to each."""

    def __init__(self):
        # Wagtail creates a settings object when it is first requested.
        SiteSettings.for_site(Site.objects.get())
        MembershipSettings.load()
        self.rows: dict[type[Model], object] = {}
        page = HomePage.objects.get()
        nominee, event, job, sponsorship = (self.row(model) for model in (Nominee, Event, Job, Sponsorship))
        release, calendar = self.row(Release), event.calendar
        task, workflow = Task.objects.first(), Workflow.objects.first()
        self.by_argument = {
            "page_id": page.pk, "parent_page_id": page.pk, "page_to_move_id": page.pk, "destination_id": page.pk,
            "page_pk": page.pk, "content_type_app_name": "home", "content_type_model_name": "standardpage", "app_label": "home",
            "app_name": "cms", "model_name": "standardpage", "username": UserFactory().username,
            "task_id": task.pk, "workflow_id": workflow.pk, "version": "3.1.0", "which": "python3", "major": 3, "minor": 1,
            "label": self.row(Box).label, "calendar": calendar.slug, "category": self.row(Category).slug,
            "year": 2026, "month": 5, "day": 4, "week": 20, "action": "submit", "kind": "csv", "api_name": "v1", "path": "about/",
            "nominee_slug": nominee.slug, "type": "cms.Box", "type_name": "home.HomePage", "site_id": Site.objects.get().pk,
            "old_model": "boxes/box", "rest": "1/change/", "old_app": "waffle",
            "action_name": "approve", "name": release.series.name if release.series else "3.1",
        }  # fmt: skip
        self.by_prefix = {
            "downloads/release/": {"slug": release.slug, "pk": release.pk},
            "downloads/<slug": {"slug": self.row(OS).slug},
            "api/v3/releases/": {"slug": release.slug},
            "api/v3/calendars/": {"slug": calendar.slug},
            "api/v3/jobs/": {"pk": job.pk},
            "jobs/type/": {"slug": self.row(JobType).slug},
            "jobs/category/": {"slug": self.row(JobCategory).slug},
            "jobs/": {"pk": job.pk},
            "admin/jobs/queue/": {"pk": job.pk},
            "events/<slug:slug>/locations/": {"slug": calendar.slug, "pk": self.row(Location).pk},
            "events/": {"slug": calendar.slug, "pk": event.pk},
            "success-stories/category/": {"slug": self.row(StoryCategory).slug},
            "success-stories/company/": {"slug": self.row(Company).slug},
            "nominations/": {"slug": nominee.election.slug},
            "users/sponsorships/": {"pk": sponsorship.pk},
            "admin/sponsors/sponsorships/": {"pk": sponsorship.pk, "name": "approve"},
            "admin/settings/": {"model_name": "sitesettings", "pk": SiteSettings.for_site(Site.objects.get()).pk},
        }

    def row(self, model: type[Model]):
        """Return an instance of a model, created by its factory if the demo has none, or None without a factory."""
        if model not in self.rows:
            found = HomePage.objects.get() if model is Page else model._default_manager.order_by("pk").last()
            make = None if found else factory_of(model)
            self.rows[model] = make() if make else found
        return self.rows[model]

    def address(self, route: Route) -> str:
        found = next((values for start, values in self.by_prefix.items() if route.pattern.startswith(start)), {})

        def fill_in(match: re.Match) -> str:
            name = match["group"] or match["converter"] or ""
            if name in found:
                return str(found[name])
            if name in self.by_argument:
                return str(self.by_argument[name])
            row = self.row(route.model) if route.model and name.endswith("pk") else None
            return str(row.pk) if row else "1"

        return "/" + re.sub(r"[\^$?\\]", "", ARGUMENT.sub(fill_in, route.pattern.replace(r"\.", ".")).replace("/?$", "/"))


@pytest.fixture
def demo(demo_site) -> Demo:
    return Demo()


def ask(client, address: str) -> int:
    """Return the status of a URL. Fails if a GET request changes data."""
    written = set()

    def watch(execute, sql, params, many, context):
        if (match := WRITES.match(sql)) and match[1] not in MAY_WRITE:
            written.add(sql[:120])
        return execute(sql, params, many, context)

    client.raise_request_exception = False
    with connection.execute_wrapper(watch):
        status = client.get(address).status_code
    assert not written, f"Reading {address} writes: {written}"
    return status


def enter(client, who: str, *, has_second_factor: bool = True):
    """Sign in as a user with a role, using a second factor or only a password."""
    if who == "signed out":
        return
    is_superuser = who == "superuser"
    user = UserFactory(role=who if who in ROLES else None, is_superuser=is_superuser, is_staff=is_superuser)
    client.force_login(user)
    if has_second_factor:
        factor = Authenticator.objects.create(user=user, type=Authenticator.Type.TOTP, data={"secret": "A" * 32})
        request = RequestFactory().get("/")
        request.session = client.session
        record_authentication(request, user, method="mfa", id=factor.pk, type=factor.type)
        request.session.save()


def ask_all(client, who: str, demo: Demo, chosen: list[Route]) -> dict[str, int]:
    """Return the status of each route, keyed by pattern."""
    enter(client, who)
    answers = {route.pattern: ask(client, demo.address(route)) for route in chosen if route.pattern != BROKEN_ON_PURPOSE}
    broken = {address: status for address, status in answers.items() if status >= 500}
    assert not broken, f"{who}: {broken}"
    assert who == "signed out" or client.cookies[settings.SESSION_COOKIE_NAME].value, "Reading an address logged them out."
    return answers


def test_every_address_is_looked_at():
    found = list(routes())
    assert len({route.pattern for route in found}) > 800
    assert {route.name for route in found} >= {"wagtailadmin_home", "downloads:release_detail", "jobs:job_detail", "ready"}


@pytest.mark.proves("S2-48e")
@pytest.mark.parametrize("who", ["signed out", "member"])
def test_the_public_gets_what_the_snapshot_says(client, demo, who, snapshot):
    chosen = list(routes())
    answers = ask_all(client, who, demo, chosen)
    inside = [route.pattern for route in chosen if not route.open_to_all and route.pattern != BROKEN_ON_PURPOSE]
    seen = {pattern: answers[pattern] for pattern in inside if answers[pattern] not in {302, 403, 404, 405}}
    assert not seen
    assert answers == snapshot


def refuse_a_password_alone(client, demo: Demo, who: str, chosen: list[Route]) -> None:
    """Fail for each route that a session without a second factor reaches, by GET or POST."""
    enter(client, who, has_second_factor=False)
    for route in chosen:
        for send in (client.get, client.post):
            answer = send(demo.address(route))
            place = answer.get("Location", "")
            assert (answer.status_code, place.startswith("/accounts/2fa/")) == (302, True), (route.pattern, place)


def routes_behind_a_second_factor() -> list[Route]:
    """Return all routes of the admin and those of keys, the home of the admin and the keys first."""
    found = [
        route
        for route in routes()
        if (route.in_admin and not route.open_to_all and route.pattern != BROKEN_ON_PURPOSE) or route.name in KEY_VIEWS
    ]
    return sorted(found, key=lambda route: route.name not in {"wagtailadmin_home", *KEY_VIEWS})


@pytest.mark.parametrize(
    "who",
    [pytest.param(who, marks=[] if who in {"Release managers", "superuser"} else pytest.mark.full) for who in ADMIN_ROLES],
)
def test_a_password_alone_opens_no_screen_of_the_admin_and_no_key(client, demo, settings, who):
    """Each role requests the admin home, the keys and its share of the other routes: together they request all of them."""
    settings.REQUIRE_SECOND_FACTOR = True
    chosen = routes_behind_a_second_factor()
    number = 1 + len(KEY_VIEWS)
    share = chosen[number + ADMIN_ROLES.index(who) :: len(ADMIN_ROLES)]
    refuse_a_password_alone(client, demo, who, chosen[:number] + share)


@pytest.mark.matrix
@pytest.mark.parametrize("who", ADMIN_ROLES)
def test_a_password_alone_opens_no_route_for_any_role(client, demo, settings, who):
    settings.REQUIRE_SECOND_FACTOR = True
    refuse_a_password_alone(client, demo, who, routes_behind_a_second_factor())


def first_screens() -> list[Route]:
    """Return the admin screens whose URLs take no arguments and that are not parts, results or forms of other screens."""
    parts = re.compile(
        r"results|choose|export|/add/|/new/|/create|preview(?!-links)|usage|history|filters|api/|password_reset|jsi18n|sprite|login|logout"
        r"|test404|dismissibles|autocomplete"
    )
    return [each for each in routes() if each.in_admin and not ARGUMENT.search(each.pattern) and not parts.search(each.pattern)]


@pytest.mark.full
@pytest.mark.parametrize("role", ROLES)
def test_each_role_opens_its_own_screens(client, demo, settings, role, snapshot):
    settings.REQUIRE_SECOND_FACTOR = True
    answers = ask_all(client, role, demo, first_screens())
    assert ("wagtailadmin.admin" in ROLES[role]) == (answers["admin/"] == 200)
    assert sorted(pattern for pattern, status in answers.items() if status == 200) == snapshot


@pytest.mark.matrix
@pytest.mark.parametrize("who", EVERYONE)
def test_every_route_for_every_role(client, demo, settings, who, snapshot):
    """Requests each route; no role meets an error, and none changes anything by reading. Prints the count of each status."""
    settings.REQUIRE_SECOND_FACTOR = True
    answers = ask_all(client, who, demo, list(routes()))
    counted = {status: list(answers.values()).count(status) for status in sorted(set(answers.values()))}
    print(f"\n{who:28}", *(f"{status}: {count:4}" for status, count in counted.items()), sep="  ")
    has_access = who == "superuser" or "wagtailadmin.admin" in ROLES.get(who, {})
    assert has_access == (answers["admin/"] == 200)
    assert sorted(pattern for pattern, status in answers.items() if status == 200) == snapshot


@pytest.mark.parametrize("model", ["sponsors/contracttemplate", "cms/emailtemplate", "downloads/release"])
def test_a_dialog_lists_rows_only_to_those_who_may_read_them(client, model):
    address = f"/admin/snippets/choose/{model}/"
    enter(client, "Job board")
    assert client.get(address).status_code == 302
    enter(client, "Site admins")
    assert client.get(address).status_code == 200
