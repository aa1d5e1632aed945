"""Admin of bundles: the list, and the screen of a bundle with its contents, preview, schedule, publication and undo."""

from typing import Any

import django_filters as filters
from django import forms
from django.contrib import messages
from django.contrib.contenttypes.models import ContentType
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import Count, QuerySet
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.cache import patch_cache_control
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_safe
from wagtail.admin.admin_url_finder import AdminURLFinder
from wagtail.admin.filters import DateRangePickerWidget, WagtailFilterSet
from wagtail.admin.panels import FieldPanel
from wagtail.admin.ui.tables import Column
from wagtail.admin.views import generic
from wagtail.admin.viewsets.model import ModelViewSet
from wagtail.admin.widgets import AdminDateTimeInput
from wagtail.models import DraftStateMixin

from cms.delivery.live_checks import get_public_path, publication_steps
from cms.platform.dates import show_date
from cms.platform.text import parse_int
from users.requests import AuthenticatedRequest

from . import bundles
from .listings import ChipColumn, DayColumn
from .models import Bundle, BundleItem
from .permissions import may_publish

MAY_SEE, MAY_CHANGE = "cms.view_bundle", "cms.change_bundle"
COLORS = {
    Bundle.Status.SCHEDULED: "info",
    Bundle.Status.PUBLISHED: "ok",
    Bundle.Status.FAILED: "stop",
    Bundle.Status.UNDONE: "warn",
}


def bundle_status(bundle: Bundle) -> tuple[str, str]:
    return bundle.get_status_display(), COLORS.get(Bundle.Status(bundle.status), "quiet")


class BundleFilterSet(WagtailFilterSet):
    status = filters.MultipleChoiceFilter(choices=Bundle.Status.choices, widget=forms.CheckboxSelectMultiple)
    publish_at = filters.DateFromToRangeFilter(label=gettext_lazy("Scheduled for"), widget=DateRangePickerWidget)

    class Meta:
        model = Bundle
        fields: list[str] = []


class BundleIndexView(generic.IndexView):
    empty_note = gettext_lazy(
        "A bundle publishes several drafts at the same moment, for example a release with its news and banner."
    )

    def get_base_queryset(self) -> QuerySet:
        return Bundle.objects.select_related("decided_by").annotate(item_count=Count("items"))

    def get_edit_url(self, instance: Bundle) -> str | None:
        return reverse("cms_bundle", args=[instance.pk])


class ToBundleMixin:
    """Redirect to the screen of the bundle after its name was saved."""

    object: Bundle

    def get_success_url(self) -> str:
        return reverse("cms_bundle", args=[self.object.pk])


class BundleCreateView(ToBundleMixin, generic.CreateView):
    """Form of a new bundle."""


class BundleEditView(ToBundleMixin, generic.EditView):
    """Form of the name and the note."""


class BundleViewSet(ModelViewSet):
    model = Bundle
    name = "cms_bundles"
    url_prefix = "bundles"
    icon = "copy"
    menu_label = gettext_lazy("Bundles")
    menu_name = "bundles"
    menu_order = 145
    add_to_admin_menu = True
    index_view_class = BundleIndexView
    add_view_class = BundleCreateView
    edit_view_class = BundleEditView
    copy_view_enabled = False
    list_per_page = 50
    list_display = [
        "name",
        ChipColumn("status", accessor=bundle_status, sort_key="status"),
        Column("item_count", label=gettext_lazy("Contents"), sort_key="item_count"),
        DayColumn("publish_at", label=gettext_lazy("Scheduled for"), sort_key="publish_at"),
        DayColumn("published_at", label=gettext_lazy("Published"), sort_key="published_at"),
        Column("decided_by", label=gettext_lazy("By")),
    ]
    filterset_class = BundleFilterSet
    search_fields = ["name", "note", "items__title"]
    list_export = ["name", "note", "status", "publish_at", "published_at", "undone_at", "decided_by", "error", "item_count"]
    export_headings = {"item_count": "Contents"}
    export_filename = "bundles"
    panels = [FieldPanel("name"), FieldPanel("note")]


class ScheduleForm(forms.Form):
    publish_at = forms.DateTimeField(
        label=gettext_lazy("Publish at"),
        widget=AdminDateTimeInput(format="%Y-%m-%d %H:%M:%S"),
        help_text=gettext_lazy("To the second, for example 2026-11-30 16:00:00."),
    )


@require_http_methods(["GET", "HEAD", "POST"])
def bundle_screen(request: AuthenticatedRequest, pk: int) -> HttpResponse:
    """Show a bundle. A POST changes its contents or schedule, publishes it, or undoes its publication."""
    if not request.user.has_perm(MAY_SEE) and not request.user.has_perm(MAY_CHANGE):
        raise PermissionDenied
    bundle = get_object_or_404(Bundle.objects.select_related("decided_by"), pk=pk)
    form = ScheduleForm(request.POST if request.POST.get("action") == "schedule" else None)
    if request.method == "POST":
        if not request.user.has_perm(MAY_CHANGE):
            raise PermissionDenied
        if not form.is_bound or form.is_valid():
            _run_action(request, bundle, form)
            return redirect("cms_bundle", pk=bundle.pk)
    search = request.GET.get("q", "").strip()[:100]
    may_change = request.user.has_perm(MAY_CHANGE)
    items = list(bundle.items.select_related("content_type", "revision"))
    taken = {f"{item.content_type_id}-{item.object_id}" for item in items}
    found = bundles.candidates(request.user, search) if bundle.is_open and may_change else []
    context = {
        "bundle": bundle,
        "status": bundle_status(bundle),
        "rows": [_describe(item, request) for item in items],
        "candidates": [
            (bundles.key_of(row), row.latest_revision.object_str, row._meta.verbose_name, row.latest_revision)
            for row in found
            if bundles.key_of(row) not in taken
        ],
        "problems": bundles.find_problems(bundle, by=request.user) if bundle.is_open and items else [],
        "search": search,
        "form": form,
        "may_change": may_change,
    }
    return TemplateResponse(request, "cms/admin/bundle.html", context, status=422 if form.errors else 200)


def _describe(item: BundleItem, request: AuthenticatedRequest) -> dict[str, Any]:
    """Return an item with its links and, once it is published, its live status."""
    thing = item.thing
    if thing is None:
        return {"item": item}
    revision = item.revision or thing.latest_revision
    path = get_public_path(thing)
    return {
        "item": item,
        "type": thing._meta.verbose_name,
        "edit_url": AdminURLFinder(request.user).get_edit_url(thing),
        "path": path,
        "preview_url": f"{reverse('cms_bundle_preview', args=[item.bundle_id])}?path={path}" if path else "",
        "is_new": not (item.was_live if item.bundle.status == Bundle.Status.PUBLISHED else thing.live),
        "revision": revision,
        "is_older": bool(item.revision_id and item.revision_id != thing.latest_revision_id),
        "steps": publication_steps(thing) if item.bundle.status == Bundle.Status.PUBLISHED else [],
    }


def _run_action(request: AuthenticatedRequest, bundle: Bundle, form: ScheduleForm) -> None:
    action, user = request.POST.get("action", ""), request.user
    try:
        if action == "add":
            bundles.add_items(bundle, _chosen(request), by=user)
        elif action == "remove":
            bundles.remove_item(get_object_or_404(BundleItem, bundle=bundle, pk=parse_int(request.POST.get("item"), 0)), by=user)
        elif action == "schedule":
            bundles.schedule(bundle, form.cleaned_data["publish_at"], by=user)
            when = show_date(form.cleaned_data["publish_at"], "DATETIME_SECONDS")
            messages.success(request, _("“%(bundle)s” will be published on %(when)s.") % {"bundle": bundle, "when": when})
        elif action == "unschedule":
            bundles.unschedule(bundle, by=user)
            messages.success(request, _("The schedule was removed."))
        elif action == "publish":
            bundles.publish(bundle, by=user)
            messages.success(request, _("“%(bundle)s” was published.") % {"bundle": bundle})
        elif action == "undo":
            bundles.undo(bundle, by=user)
            messages.success(request, _("The publication of “%(bundle)s” was undone. Drafts are kept.") % {"bundle": bundle})
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))


def _chosen(request: AuthenticatedRequest) -> list[Any]:
    """Return the pages and snippets with drafts selected in a form. Names of other models are ignored."""
    things = []
    for name in request.POST.getlist("thing"):
        content_type_id, _dash, pk = name.partition("-")
        content_type = ContentType.objects.filter(pk=parse_int(content_type_id, 0)).first()
        model = content_type.model_class() if content_type else None
        if model is not None and issubclass(model, DraftStateMixin):
            things.append(get_object_or_404(model._default_manager.filter(latest_revision__isnull=False), pk=parse_int(pk, 0)))
    return things


@require_safe
def bundle_preview(request: AuthenticatedRequest, pk: int) -> HttpResponseBase:
    """Show a page of the site as it will be once the bundle is published."""
    if not request.user.has_perm(MAY_SEE) and not request.user.has_perm(MAY_CHANGE):
        raise PermissionDenied
    bundle = get_object_or_404(Bundle, pk=pk)
    things = [item.thing for item in bundle.items.select_related("content_type")]
    if not all(thing is not None and may_publish(thing, request.user) for thing in things):
        raise PermissionDenied
    path = request.GET.get("path", "/")
    if not path.startswith("/") or path.startswith(("//", reverse("wagtailadmin_home"))):
        raise PermissionDenied
    try:
        response = bundles.preview(bundle, path, request, by=request.user)
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
        return redirect("cms_bundle", pk=pk)
    patch_cache_control(response, private=True, no_store=True)
    return response
