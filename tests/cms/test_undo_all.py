"""Every model that staff edit: edit, history, restore; delete, trash, restore. Nothing is lost, relations included."""

import re

import pytest
from bs4 import BeautifulSoup
from django.contrib.auth.models import Group
from django.core.files.base import ContentFile
from django.db.models import ProtectedError, RestrictedError
from django.forms import CharField, Textarea, TextInput
from django.urls import reverse
from django.utils import timezone
from django.utils.html import escape
from wagtail.admin.viewsets import viewsets
from wagtail.admin.viewsets.model import ModelViewSet
from wagtail.contrib.redirects.models import Redirect
from wagtail.contrib.settings.registry import registry as settings_registry
from wagtail.log_actions import LogContext
from wagtail.models import Page, Site
from wagtail_modeladmin.options import ModelAdmin

from cms.content.models.media import CustomDocument, CustomImage
from cms.editor.undo_models import EXCEPTIONS, find_registered_models, find_restorable_models
from cms.editor.version_views import versions_url
from cms.undo import snapshots
from cms.undo.models import RecordVersion, UndoStep
from cms.undo.versions import has_versions
from community.models import BlogEntry
from downloads.models import Advisory, Release
from jobs.models import Job
from tests.admin_forms import form_of
from tests.factories import cms, community, downloads, events, factory_of, jobs, psf, sponsors  # noqa: F401 -- makers of rows.
from tests.factories.users import UserFactory

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("demo_site")]
reverse("wagtailadmin_home")
MODELS = find_restorable_models()
# Settings exist once; they cannot be deleted.
DELETABLE = [model for model in MODELS if model not in settings_registry]
# Records that have no button to delete them in the admin: jobs and entries come from outside, advisories from imports.
NEVER_DELETED = {Job, BlogEntry, Advisory}
# Values of a form that is changed, where a text field does not accept any text.
CHANGES = {
    "cms.Box": {"description": "Renamed"},
    "cms.CustomImage": {"title": "Renamed", "description": "A logo"},
    "cms.Menu": {"place": "bottom"},
    "community.BlogEntry": {"pinned_until": "2030-01-01 12:00"},
    "downloads.Advisory": {"fixed_in": "3.13.4"},
    "downloads.DownloadsSettings": {"advisories_url": "https://example.org/advisories.json"},
    "downloads.Release": {"release_notes_url": "https://docs.python.org/3/whatsnew/"},
    "jobs.Job": {"title": "Renamed"},
    "psf.MembershipSettings": {"service_url": "https://members.example.org/"},
    "wagtailredirects.Redirect": {"old_path": "/renamed", "redirect_link": "https://example.org/"},
}
# Fields that Wagtail writes with each revision.
OF_REVISIONS = {
    *("latest_revision", "live_revision", "latest_revision_created_at", "last_published_at", "first_published_at"),
    *("has_unpublished_changes", "draft_title", "updated_at", "live", "revision"),
}


IDS = re.compile(r'(, )?"id": "[^"]*"')


def by_label(model):
    return model._meta.label


@pytest.fixture
def admin(client):
    client.force_login(superuser())
    return client


def find_register(model):
    waiting = [ModelAdmin]
    while waiting:
        subclasses = waiting.pop().__subclasses__()
        waiting += subclasses
        for subclass in subclasses:
            if subclass.model is model:
                return subclass()
    return None


def url_of(name, record):
    """Return the URL of a view of the admin for a record."""
    model = type(record)
    if isinstance(record, Page):
        return reverse(f"wagtailadmin_pages:{name}", args=[record.pk])
    if model in settings_registry:
        site = [Site.objects.get().pk] if hasattr(model, "for_site") else []
        return reverse("wagtailsettings:edit", args=[model._meta.app_label, model._meta.model_name, *(site or [record.pk])])
    others = {Redirect: "wagtailredirects", CustomImage: "wagtailimages", CustomDocument: "wagtaildocs"}
    if model in others:
        return reverse(f"{others[model]}:{name}", args=[record.pk])
    for viewset in viewsets.viewsets:
        if isinstance(viewset, ModelViewSet) and viewset.model is model:
            return reverse(viewset.get_url_name(name), args=[record.pk])
    return find_register(model).url_helper.get_action_url(name, record.pk)


def make(model):
    """Return a new record of a model."""
    if model is CustomImage:
        return cms_image()
    if model is CustomDocument:
        return CustomDocument.objects.create(title="Bylaws", file=ContentFile(b"text", name="bylaws.txt"))
    if model in settings_registry:
        return model.for_site(Site.objects.get()) if hasattr(model, "for_site") else model.load()
    if factory := factory_of(model):
        return factory(**NEW.get(model._meta.label, {}))
    return model.objects.create(**ROWS[model._meta.label]())


# Values that make the row of a factory a new one.
NEW = {
    "downloads.OS": {"name": "Haiku", "slug": "haiku"},
    "events.Calendar": {"name": "Sprints", "slug": "sprints-only"},
    "jobs.JobCategory": {"name": "Unused", "slug": "unused"},
    "jobs.JobType": {"name": "Unused", "slug": "unused"},
    "psf.MeetingBody": {"name": "Unused", "slug": "unused"},
    "sponsors.SponsorshipProgram": {"name": "Unused"},
    "sponsors.SponsorshipYear": {"year": 2050},
}


def cms_image():
    from wagtail.images.tests.utils import get_test_image_file  # noqa: PLC0415 -- creates a picture.

    return CustomImage.objects.create(title="Logo", file=get_test_image_file())


# Rows of models without a factory of which the demo has none.
ROWS = {
    "auth.Group": lambda: {"name": "Reporters"},
    "cms.EmailTemplate": lambda: {"key": "jobs.approved", "subject": "Approved", "body": "Your job is live."},
    "downloads.Outlet": lambda: {"name": "Docker Hub", "url": "https://hub.docker.com/_/python", "expected": "{version}"},
    "downloads.ReleaseTask": lambda: {"release": Release.objects.first(), "title": "Write the notes", "due_at": timezone.now()},
    "cms.Bundle": lambda: {"name": "Python 3.16.0"},
    "cms.SynonymGroup": lambda: {"terms": "venv, virtual environment"},
    "sponsors.LegalClause": lambda: {"internal_name": "Unused", "clause": "Nothing."},
    "wagtailcore.Site": lambda: {"hostname": "docs.example.org", "root_page": Page.objects.get(depth=2)},
    "wagtailredirects.Redirect": lambda: {"old_path": "/old-page", "redirect_link": "https://example.org/about/"},
}


def is_deletable(record):
    try:
        snapshots.take_deletion_snapshot(record)
    except (ProtectedError, RestrictedError):
        return False
    return True


def may_delete(record):
    register = find_register(type(record))
    return type(record) in NEVER_DELETED or not register or register.permission_helper.user_can_delete_obj(superuser(), record)


def superuser():
    return UserFactory(is_superuser=True, is_staff=True)


def delete(admin, record):
    """Delete a record in the admin, or as an API would."""
    if type(record) in NEVER_DELETED:
        with LogContext(user=superuser()):
            record.delete()
        return
    response = admin.post(url_of("delete", record))
    assert response.status_code == 302, response.content.decode()[:500]


def find_deletable(model):
    """Return the demo's record of a model with the most dependent rows, or a new one."""
    if issubclass(model, Page):
        return model.objects.order_by("-depth").first() or make(model)
    rows = [row for row in model._base_manager.all()[:20] if is_deletable(row) and may_delete(row)]
    found = sorted(rows, key=lambda row: len(snapshots.take_deletion_snapshot(row)["rows"]))
    return found[-1] if found else make(model)


def differences(before, after, ignored=()):
    """Return the rows and fields that differ between two snapshots."""
    old, new = ({(row["model"], row["pk"]): row["fields"] for row in one["rows"]} for one in (before, after))
    missing = [key for key in {**old, **new} if key not in old or key not in new]
    changed = [
        (key, name, value, new[key].get(name))
        for key, fields in old.items()
        if key in new
        for name, value in fields.items()
        if str(new[key].get(name)) != str(value) and name not in ignored
    ]
    return missing + changed


def content_of(record):
    data = record.serializable_data() if hasattr(record, "serializable_data") else {}
    # Forms give an ID to each block of old content.
    return {name: IDS.sub("", str(value)) for name, value in data.items() if name not in OF_REVISIONS}


def test_every_registered_model_is_restorable_or_an_exception():
    assert {model._meta.label for model in find_registered_models()} == {by_label(model) for model in MODELS} | EXCEPTIONS.keys()


@pytest.mark.sampled(4)
@pytest.mark.parametrize("model", DELETABLE, ids=by_label)
def test_a_deleted_record_is_restored_from_the_bin_with_everything_that_went_with_it(admin, model):
    record = find_deletable(model)
    before = snapshots.take_deletion_snapshot(record)
    pk = record.pk
    delete(admin, record)
    assert not model._base_manager.filter(pk=pk).exists()
    step = UndoStep.objects.in_trash().get()
    assert escape(step.title) in admin.get(reverse("trash")).content.decode()
    assert admin.get(reverse("trash_item", args=[step.pk])).status_code == 200
    undone = admin.post(reverse("undo", args=[step.batch]), {"next": reverse("trash")}, follow=True)
    assert not [str(one) for one in undone.context["messages"] if one.level_tag == "error"]
    again = model._base_manager.get(pk=pk)
    assert differences(before, snapshots.take_deletion_snapshot(again)) == []
    assert not UndoStep.objects.in_trash().exists()
    assert admin.get(url_of("edit", again), follow=True).status_code == 200


def change(form, data, model):
    """Change a text field of a form. Return the form data and the name of the field."""
    if model._meta.label in CHANGES:
        return data | CHANGES[model._meta.label]
    for bound in form:
        widget = bound.field.widget
        is_text = type(bound.field) is CharField and isinstance(widget, TextInput | Textarea)
        if is_text and not bound.field.disabled and bound.name not in {"slug", "key"}:
            return data | {bound.html_name: f"{bound.value() or ''} x"}
    return None


def hidden_fields(response):
    """Return the hidden fields of a page, such as those of form sets."""
    page = BeautifulSoup(response.content, "html.parser")
    return {
        field["name"]: field.get("value", "")
        for field in page.select("input[type=hidden][name]")
        if field["name"].endswith("_FORMS")
    }


@pytest.mark.sampled(4)
@pytest.mark.parametrize("model", MODELS, ids=by_label)
def test_an_edited_record_is_restored_from_its_history(admin, model):
    record = None if model in settings_registry or model is Group else model._base_manager.first()
    record = record or make(model)
    before = snapshots.take_snapshot([record])
    if not has_versions(model):
        # Forms normalize old content: spaces, default values of blocks.
        opened = admin.get(url_of("edit", record))
        unchanged = form_of(record, None, admin, form=opened.context["form"]) | {"action-publish": "yes"}
        assert admin.post(url_of("edit", record), unchanged).status_code == 302
        record = model._base_manager.get(pk=record.pk)
    content = content_of(record)
    opened = admin.get(url_of("edit", record), follow=True)
    form = opened.context["form"]
    url = opened.request["PATH_INFO"]
    data = change(form, hidden_fields(opened) | form_of(record, None, admin, form=form), model)
    assert data, f"{model._meta.label} has no text field: add a line to CHANGES."
    saved = admin.post(url, data | {"action-publish": "yes"})
    assert saved.status_code == 302, (saved.context["form"].errors, data)
    record.refresh_from_db()
    if has_versions(model):
        assert differences(before, snapshots.take_snapshot([record]))
        oldest = RecordVersion.objects.of(record).last()
        page = admin.get(versions_url(record))
        assert page.status_code == 200
        assert page.context["rows"][0]["changes"], "The change is listed."
        assert admin.post(reverse("restore_version", args=[oldest.pk])).status_code == 302
        # The state of a job changes by its transitions only, and its revisions are what its poster submitted.
        assert differences(before, snapshots.take_snapshot([record]), {"latest_revision"} if model is Job else ()) == []
        return
    assert content_of(record) != content
    first = record.revisions.order_by("-created_at", "-pk")[1]
    if isinstance(record, Page):
        revert = reverse("wagtailadmin_pages:revisions_revert", args=[record.pk, first.pk])
    else:
        revert = reverse(model.snippet_viewset.get_url_name("revisions_revert"), args=[record.pk, first.pk])
    reverted = admin.get(revert)
    assert reverted.status_code == 200
    data = form_of(record, None, admin, form=reverted.context["form"])
    assert admin.post(url, data | {"revision": first.pk, "action-publish": "yes"}).status_code == 302
    again = content_of(model._base_manager.get(pk=record.pk))
    assert {name: (value, again[name]) for name, value in content.items() if again[name] != value} == {}
