"""Upgrade safety: after an import, the edit form of every row of every model opens, previews and saves.

Run it with the next version of Wagtail or Django installed. The demo has one row of each type (test_every_admin.py); here are
the rows of the old site that the tests of the importer use, with their odd content, missing values and old page bodies.
"""

from importlib import import_module

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db.models import Model
from django.urls import reverse
from wagtail.models import Page, PreviewableMixin
from wagtail_modeladmin.options import ModelAdmin

from importer.core import import_rows
from tests.admin_forms import form_of
from tests.factories.users import UserFactory
from tests.pydotorg.test_routes import routes
from tests.sponsors.test_legacy import sample_rows as sponsor_rows

pytestmark = [pytest.mark.django_db, pytest.mark.nightly]
SAMPLES = [
    *["cms.test_legacy_accounts", "home.test_legacy", "home.test_legacy_pages", "downloads.test_legacy", "events.test_legacy"],
    *["jobs.test_legacy", "community.test_legacy", "psf.test_legacy"],
]
OURS = ("cms", "community", "downloads", "events", "home", "jobs", "psf", "sponsors")
MIN_MODELS = 25
# Required fields that rows of the old site lack: whoever edits such a row fills them in.
MISSING = {"jobs.Job": {"country"}}


def sample_rows() -> list[dict]:
    found = []
    for name in SAMPLES:
        module = import_module(f"tests.{name}")
        found += getattr(module, "ROWS", None) or [*module.BOXES, *module.MENU]
    return found + sponsor_rows()


@pytest.fixture
def admin(client, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    default_storage.save("files/a.pdf", ContentFile(b"%PDF-1.4"))
    import_rows(sample_rows())
    client.force_login(UserFactory(is_superuser=True, is_staff=True, role="Site admins"))
    return client


def edit_routes() -> dict[type[Model], str]:
    """Return the name of the edit route of each model of ours with one."""
    found = {
        route.model: route.name
        for route in routes()
        if route.in_admin and route.name.endswith(":edit") and route.model and route.model._meta.app_label in OURS
    }
    superuser, waiting = UserFactory(is_superuser=True), [ModelAdmin]
    while waiting:
        subclasses = waiting.pop().__subclasses__()
        waiting += subclasses
        for each in (subclass() for subclass in subclasses if subclass.model and subclass.model._meta.app_label in OURS):
            if each.model not in found and each.permission_helper.user_can_edit_obj(superuser, each.model()):
                found[each.model] = each.url_helper.get_action_url_name("edit")
    return found


def save(client, url: str, row: Model) -> str:
    """Open an edit form and save it unchanged. Return what went wrong."""
    opened = client.get(url)
    if opened.status_code != 200:
        return f"{row!r}: {url} answers {opened.status_code}"
    data = form_of(row, None, client, form=opened.context["form"])
    saved = client.post(url, data)
    if saved.status_code == 302:
        return ""
    errors = saved.context["form"].errors
    return "" if errors.keys() <= MISSING.get(row._meta.label, set()) and errors else f"{row!r}: {errors}"


def test_every_imported_page_opens_previews_and_saves(admin):
    pages = [page.specific for page in Page.objects.filter(depth__gt=1)]
    assert len({type(page) for page in pages}) > 6
    problems = []
    for page in pages:
        problems.append(save(admin, reverse("wagtailadmin_pages:edit", args=[page.pk]), page))
        if page.make_preview_request().status_code != 200:
            problems.append(f"{page!r} has no preview")
    assert [problem for problem in problems if problem] == []


def test_every_imported_row_opens_previews_and_saves(admin):
    problems, seen = [], set()
    for model, name in edit_routes().items():
        for row in model._default_manager.all():
            seen.add(model)
            problems.append(save(admin, reverse(name, args=[row.pk]), row))
            if isinstance(row, PreviewableMixin) and row.is_previewable() and row.make_preview_request().status_code != 200:
                problems.append(f"{row!r} has no preview")
    assert [problem for problem in problems if problem] == []
    assert len(seen) >= MIN_MODELS, sorted(model._meta.label for model in seen)
