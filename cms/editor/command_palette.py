"""Command palette (Ctrl+K or ⌘K), which finds records and admin screens by a few letters of their names.

Everything that has an edit page or an inspect page in the admin takes part, for whoever may see it there. What has a screen of
its own joins in a section's `waiting.py`::

    command_palette.register(Sponsorship, Concat("sponsor__name", Value(" "), "year__label"), url_name="sponsorships:sponsorship")
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any

from django.contrib.auth import get_permission_codename
from django.db import models
from django.db.models import Case, CharField, F, Q, TextField, Value, When, Window
from django.db.models.expressions import Combinable
from django.db.models.functions import Cast, Coalesce, RowNumber
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.text import capfirst
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe
from wagtail.admin.menu import Menu, admin_menu
from wagtail.admin.viewsets import viewsets
from wagtail.admin.viewsets.model import ModelViewSet
from wagtail.documents import get_document_model
from wagtail.images import get_image_model
from wagtail.models import Page
from wagtail.permissions import policy_registry

from cms.content.checks import model_admins
from users.models import User
from users.requests import AuthenticatedRequest

from .dashboard import actions_of

# The first of these fields that a model has is the name of its records; the others are searched too.
NAMES = ["title", "name", "label", "subject", "username", "message", "key", "hostname", "path", "place", "term"]
ALSO = ["slug", "email", "first_name", "last_name", "company_name", "description", "url"]
CHANGE_OR_PUBLISH = {"change", "publish"}
ANY = {"add", "change", "delete", "view"}
# The first of these fields that a model has says what a record belongs to.
CONTEXTS = [
    *("release", "company_name", "sponsor", "sponsorship_year", "calendar", "election", "feed", "series", "page", "organisation"),
    *("place", "email"),
]
STATUSES = ["status", "state"]
LIVE, CHANGED, DRAFT = "live", "live + draft", "draft"
STATUS_LABELS = {LIVE: _("Live"), CHANGED: _("Live, with changes"), DRAFT: _("Draft")}
MAX_PER_MODEL = 5
MAX_SHOWN = 20
MAX_TERMS = 6


@dataclass(frozen=True)
class Source:
    """Source of records of one model. `rows` returns those that a user may see, and `url` the admin URL of one."""

    model: type[models.Model]
    name: Combinable
    also: list[str]
    rows: Callable[[Any], models.QuerySet]
    url: Callable[[Any], Callable[[str], str] | None]

    def found(self, user: User, number: int, terms: list[str]) -> models.QuerySet:
        """Return COLUMNS of the best records whose name, context and other searched fields contain all words."""
        question = " ".join(terms)
        rank = Case(
            When(jump_name__iexact=question, then=Value(0)),
            # The name, followed by its context.
            When(~Q(jump_name="") & Q(jump_question__istartswith=F("jump_name")), then=Value(0)),
            When(jump_name__istartswith=question, then=Value(1)),
            When(jump_name__icontains=f" {question}", then=Value(2)),
            default=Value(3),
        )
        rows = (
            self.rows(user)
            .order_by()
            .annotate(
                jump_name=Cast(self.name, TextField()),
                jump_question=Value(question, TextField()),
                jump_context=Coalesce(Cast(context_of(self.model), TextField()), Value("", TextField())),
                jump_status=Cast(status_of(self.model), TextField()),
            )
        )
        rows = rows.filter(contains_all(terms, ["jump_name", "jump_context", *self.also]))
        rows = rows.annotate(jump_rank=rank, jump_kind=Value(number), jump_key=Cast("pk", CharField(max_length=255)))
        place = Window(RowNumber(), order_by=["jump_rank", "jump_name", "pk"])
        return rows.annotate(jump_place=place).filter(jump_place__lte=MAX_PER_MODEL).values_list(*COLUMNS)


COLUMNS = ["jump_rank", "jump_kind", "jump_name", "jump_key", "jump_context", "jump_status"]
EXTRA: list[Source] = []


@dataclass(frozen=True)
class Found:
    """Entry of the palette: name, type, URL, what the record belongs to, and its status."""

    name: str
    kind: str
    url: str
    context: str = ""
    status: str = ""


def contains_all(terms: list[str], names: list[str]) -> Q:
    """Return the condition that each term is in one of the fields."""
    return Q(*(Q(*((f"{name}__icontains", term) for name in names), _connector=Q.OR) for term in terms))


@cache
def context_of(model: type[models.Model]) -> Combinable:
    """Return what a record of a model belongs to, such as the release of a file or the company of a job."""
    if issubclass(model, Page):
        return F("url_path")
    fields = {field.name: field for field in model._meta.concrete_fields}
    for name in CONTEXTS:
        related = fields[name].related_model if name in fields else None
        if isinstance(related, type) and (names := names_of(related)):
            return F(f"{name}__{names[0]}")
        if name in fields and related is None:
            return F(name)
    return Value("")


@cache
def status_of(model: type[models.Model]) -> Combinable:
    """Return the status of a record: its draft status, or the value of its status field."""
    names = {field.name for field in model._meta.concrete_fields}
    if "has_unpublished_changes" in names:
        changed = When(live=True, has_unpublished_changes=True, then=Value(CHANGED))
        return Case(changed, When(live=True, then=Value(LIVE)), default=Value(DRAFT))
    return F(next((name for name in STATUSES if name in names), "")) if names & set(STATUSES) else Value("")


def describe_status(model: type[models.Model], value: str) -> str:
    """Return the label of a status."""
    if value in STATUS_LABELS:
        return str(STATUS_LABELS[value])
    fields = [field for field in model._meta.concrete_fields if field.name in STATUSES]
    return str(dict(fields[0].flatchoices).get(value, "")) if fields else ""


def register(model: type[models.Model], name: Combinable, *, url_name: str) -> None:
    """Register a model with its own admin screen, for users with permission to view it."""
    permission = f"{model._meta.app_label}.{get_permission_codename('view', model._meta)}"

    def rows(user: User) -> Any:
        return model._default_manager.all() if user.has_perm(permission) else model._default_manager.none()

    EXTRA.append(Source(model, name, [], rows, lambda _user: lambda key: reverse(url_name, args=[key])))


def names_of(model: type[models.Model]) -> list[str]:
    """Return the searched fields of a model, its name first, or None for a model without a name."""
    names = {field.name for field in model._meta.concrete_fields if isinstance(field, models.CharField | models.TextField)}
    found = [name for name in NAMES if name in names]
    return [*found, *(name for name in ALSO if name in names)] if found else []


@cache
def sources() -> list[Source]:
    """Return all sources. They are computed once, because the lists of the admin do not change while the site runs."""
    reverse("wagtailadmin_home")
    found = [_of_pages(), *(_of_files(model) for model in (get_image_model(), get_document_model()))]
    known = {source.model for source in [*found, *EXTRA]}
    for viewset in viewsets.viewsets:
        if isinstance(viewset, ModelViewSet) and viewset.model not in known and names_of(viewset.model):
            known.add(viewset.model)
            found.append(_of_viewset(viewset))
    for admin_class in model_admins():
        if admin_class.model not in known and names_of(admin_class.model):
            known.add(admin_class.model)
            found.append(_of_register(admin_class))
    return [*found, *EXTRA]


def _of_pages() -> Source:
    policy = policy_registry.get_by_type(Page)

    def rows(user: User) -> Any:
        return policy.instances_user_has_any_permission_for(user, CHANGE_OR_PUBLISH).filter(depth__gt=1)

    return Source(Page, F("draft_title"), ["slug", "url_path"], rows, lambda _user: _reverse("wagtailadmin_pages:edit"))


def _of_files(model: type[models.Model]) -> Source:
    policy = policy_registry.get_by_type(model)
    namespace = "wagtailimages" if model is get_image_model() else "wagtaildocs"

    def rows(user: User) -> Any:
        return policy.instances_user_has_any_permission_for(user, {"change"})

    return Source(model, F("title"), [], rows, lambda _user: _reverse(f"{namespace}:edit"))


def _of_viewset(viewset: ModelViewSet) -> Source:
    policy = policy_registry.get_by_type(viewset.model)

    def url(user: User) -> Any:
        if policy.user_has_permission(user, "change"):
            return _reverse(viewset.get_url_name("edit"))
        return _reverse(viewset.get_url_name("inspect")) if viewset.inspect_view_enabled else None

    def rows(user: User) -> Any:
        return policy.instances_user_has_any_permission_for(user, ANY)

    name, *also = names_of(viewset.model)
    return Source(viewset.model, F(name), also, rows, url)


def _of_register(admin_class: Any) -> Source:
    admin = admin_class()

    def url(user: User) -> Any:
        if admin.permission_helper.user_can_edit_obj(user, None):
            return lambda key: admin.url_helper.get_action_url("edit", key)
        return (lambda key: admin.url_helper.get_action_url("inspect", key)) if admin.inspect_view_enabled else None

    def rows(user: User) -> Any:
        all_rows = admin.model._default_manager.all()
        return all_rows if admin.permission_helper.user_can_list(user) else all_rows.none()

    name, *also = names_of(admin.model)
    return Source(admin.model, F(name), also, rows, url)


def _reverse(url_name: str) -> Callable[[str], str]:
    return lambda key: reverse(url_name, args=[key])


def records(user: User, terms: list[str]) -> list[Found]:
    """Return records by name, in one query in addition to those for permissions."""
    available = [(source, source.url(user)) for source in sources()]
    arms = [source.found(user, number, terms) for number, (source, url) in enumerate(available) if url]
    if not arms:
        return []
    rows = arms[0].union(*arms[1:], all=True).order_by(*COLUMNS)[:MAX_SHOWN]
    found = []
    for _rank, number, name, key, context, status in rows:
        source, url = available[number]
        if url:
            kind, label = capfirst(source.model._meta.verbose_name), describe_status(source.model, status or "")
            found.append(Found(name or gettext("Without a name"), kind, url(key), context if context != name else "", label))
    return found


def screens(request: HttpRequest, terms: list[str]) -> list[Found]:
    """Return the menu's screens by name."""
    found = [Found(name, "Screen", url) for name, url in _entries(admin_menu, request)]
    return [entry for entry in found if all(term in entry.name.lower() for term in terms)][:MAX_PER_MODEL]


def actions(user: User, terms: list[str]) -> list[Found]:
    """Return the user's main actions, all of them without terms."""
    found = [Found(str(action.label), gettext("Action"), action.url) for action in actions_of(user)]
    return [entry for entry in found if all(term in entry.name.lower() for term in terms)]


def _entries(menu: Menu, request: HttpRequest, above: str = "") -> Iterator[tuple[str, str]]:
    for item in menu.menu_items_for_request(request):
        name = f"{above} → {item.label}" if above else str(item.label)
        if inner := getattr(item, "menu", None):
            yield from _entries(inner, request, name)
        elif item.url and item.url != "#":
            yield name, item.url


@require_safe
def jump(request: AuthenticatedRequest) -> HttpResponse:
    """Show a page with a form, or only the results for the dialog of `admin-jump.js`."""
    # PostgreSQL rejects NUL in a query.
    question = " ".join(request.GET.get("q", "").replace("\0", "").split())[:100]
    terms = question.lower().split()[:MAX_TERMS]
    found = actions(request.user, terms)
    if terms:
        found += [*screens(request, terms), *records(request.user, terms)]
    template = "cms/admin/jump_found.html" if "part" in request.GET else "cms/admin/jump.html"
    return render(request, template, {"question": question, "found": found})
