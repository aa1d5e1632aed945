"""Sections that are still edited on the previous site while both sites run in parallel.

Staff choose the date of each section in `ParallelRunning`. Until then no request can change the records of the section here,
neither in the admin nor by an API: the guard looks at each SQL statement of the request, at revisions and at moves of pages.
Imports, tasks of workers and commands are no requests, so they continue to write.
"""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import date
from functools import cache
from importlib import import_module
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import connection, models
from django.utils.translation import gettext as _
from wagtail.models import Page, Revision, get_page_models

from cms.content.models.legacy import LegacyPageID
from cms.platform.dates import show_date

from .core.comparison import checks
from .core.registry import importers
from .models import ImportedRow, ParallelRunning, Section

# Apps with the records of each section.
APPS = {
    Section.DOWNLOADS: {"downloads"},
    Section.EVENTS: {"events"},
    Section.JOBS: {"jobs"},
    Section.SPONSORS: {"sponsors"},
    Section.COMMUNITY: {"community"},
    Section.PSF: {"psf"},
    Section.PAGES: {"home", "cms", "wagtailredirects"},
}
# Uploads of all sections share these, and an import never overwrites them.
SHARED = {"cms.CustomImage", "cms.CustomDocument"}
STATEMENT = re.compile(r'\s*(?:INSERT(?: OR \w+)? INTO|UPDATE|DELETE FROM) "?(\w+)"?')


class EditedOnPreviousSiteError(PermissionDenied):
    """Rejected change of a section that is still edited on the previous site. The message names the section and the date."""


@dataclass
class Guard:
    """Locked sections of one request with their dates, and the first refusal: its sentence, and the URL to edit instead."""

    locks: dict[Section, date]
    refusal: str = ""
    url: str = ""

    def refuse(self, model: type[models.Model], instance: models.Model | None = None) -> None:
        """Raise EditedOnPreviousSiteError if the section of a model is locked."""
        section = section_of(model)
        if section in self.locks:
            if not self.refusal:
                self.refusal, self.url = sentence_of(section, self.locks[section]), old_url(model, instance)
            raise EditedOnPreviousSiteError(self.refusal)

    def watch(self, execute: Callable[..., Any], sql: str, *rest: Any) -> Any:
        """Refuse statements that write to a locked table, before they reach the database."""
        if (found := STATEMENT.match(sql)) and (model := tables().get(found[1])):
            self.refuse(model)
        return execute(sql, *rest)


_guard: ContextVar[Guard | None] = ContextVar("guard", default=None)


@contextmanager
def guarded(locks: dict[Section, date]) -> Iterator[Guard]:
    """Refuse changes of locked sections within the block."""
    guard = Guard(locks)
    token = _guard.set(guard)
    try:
        with connection.execute_wrapper(guard.watch):
            yield guard
    finally:
        _guard.reset(token)


def refuse_revision(sender: Any, instance: Revision, **kwargs: Any) -> None:
    """Reject drafts, because their table does not identify the section."""
    if (guard := _guard.get()) and (model := instance.content_type.model_class()):
        guard.refuse(model, instance.content_object if instance.object_id else None)


def refuse_move(sender: Any, instance: Page, **kwargs: Any) -> None:
    """Refuse moves of pages, which change only the table of all pages."""
    if guard := _guard.get():
        guard.refuse(instance.specific_class, instance)


@cache
def locked_models() -> dict[type[models.Model], Section]:
    """Return the models that an import writes, and all page types, with their section."""
    import_module("importer.checks")
    imported = {one.model for one in importers().values() if one.model}
    known = imported | {check.model for check in checks().values()} | set(get_page_models())
    sections = {app: section for section, apps in APPS.items() for app in apps}
    return {
        model: sections[model._meta.app_label]
        for model in known
        if model._meta.app_label in sections and model._meta.label not in SHARED
    }


@cache
def tables() -> dict[str, type[models.Model]]:
    """Return the models of all tables that can be locked, with those of their relations."""
    found: dict[str, type[models.Model]] = {}
    for model in locked_models():
        found |= {model._meta.db_table: model} | {field.m2m_db_table(): model for field in model._meta.local_many_to_many}
    return found


def section_of(model: type[models.Model]) -> Section | None:
    """Return the section that a model belongs to, or None if it is never locked."""
    return locked_models().get(model)


def sentence_of(section: Section, until: date) -> str:
    return _("%(section)s: this is still edited on the previous site, until %(date)s. Make your change there.") % {
        "section": section.label,
        "date": show_date(until, "LONG_DATE"),
    }


def old_url(model: type[models.Model], instance: models.Model | None = None) -> str:
    """Return the URL of an object in the admin of the previous site, or of the list of its model."""
    base = ParallelRunning.load().previous_site_url.rstrip("/")
    if not base:
        return ""
    import_module("importer.checks")
    models_of = {model, Page} if issubclass(model, Page) else {model}
    labels = [label for label, check in checks().items() if check.model in models_of]
    # The own model of a page before that of pages in general.
    labels.sort(key=lambda label: checks()[label].model is not model)
    for label in labels:
        if instance is not None and instance.pk and (pk := old_id(label, instance)):
            return f"{base}/admin/{label.replace('.', '/')}/{pk}/change/"
    return f"{base}/admin/{labels[0].replace('.', '/')}/" if labels else f"{base}/admin/"


def old_id(label: str, instance: models.Model) -> str:
    """Return the ID of an object on the previous site, or an empty string."""
    rows = ImportedRow.objects.filter(label=label)
    if found := rows.filter(target=str(instance.pk)).values_list("key", flat=True).first():
        return found
    if isinstance(instance, Page) and label == "pages.page":
        number = LegacyPageID.objects.filter(page=instance.pk).values_list("number", flat=True).first()
        return str(number or "")
    check = checks()[label]
    is_same = (check.key, check.ours) == ("pk", "pk") and rows.filter(key=str(instance.pk), target="").exists()
    return str(instance.pk) if is_same else ""
