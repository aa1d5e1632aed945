"""Boxes in the admin: list with their use, chooser, archive."""

from typing import Any

import django_filters as filters
from django.contrib import messages
from django.contrib.contenttypes.models import ContentType
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import CharField, Count, OuterRef, Subquery, Value
from django.db.models.functions import Cast, Coalesce, Concat
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods
from wagtail.admin import messages as admin_messages
from wagtail.admin.filters import WagtailFilterSet
from wagtail.admin.panels import ObjectList
from wagtail.admin.ui.tables import BooleanColumn, Column, UpdatedAtColumn
from wagtail.models import ReferenceIndex
from wagtail.snippets.views import chooser, snippets
from wagtail.snippets.views.snippets import SnippetViewSet

from cms.content import box_usage
from cms.content.forms import TrustedHTMLForm
from cms.content.models.boxes import Box
from users.requests import AuthenticatedRequest


def in_use_sentence(thing: Any) -> str:
    """Return why a box that is in use cannot be deleted, or an empty string."""
    users = thing.places()
    return (
        _("%(thing)s is used on %(users)s. Remove it there first.") % {"thing": thing, "users": ", ".join(users)} if users else ""
    )


class BoxDeleteView(snippets.DeleteView):
    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        sentence = in_use_sentence(self.get_object())
        if sentence:
            messages.error(request, sentence)
            return redirect(reverse(self.usage_url_name, args=[kwargs["pk"]]))
        return super().dispatch(request, *args, **kwargs)


class PlacesColumn(Column):
    """Number of records, templates and modules that use a box."""

    def get_value(self, instance: Any) -> Any:
        count = super().get_value(instance) + len(box_usage.find_files().get(instance.label, []))
        return ngettext("%(count)s place", "%(count)s places", count) % {"count": count} if count else _("not used")


class BoxFilterSet(WagtailFilterSet):
    shown = filters.ChoiceFilter(
        label=_("Show"),
        choices=[("unused", _("Unused boxes")), ("archived", _("Archived boxes"))],
        method="show",
        empty_label=_("Current boxes"),
    )

    class Meta:
        model = Box
        fields = ["shown", "live"]

    def show(self, boxes: Any, name: str, value: str) -> Any:
        return boxes.filter(pk__in=Box.objects.unused().values("pk")) if value == "unused" else boxes

    def filter_queryset(self, queryset: Any) -> Any:
        is_archive = self.form.cleaned_data.get("shown") == "archived"
        return super().filter_queryset(queryset.filter(archived_at__isnull=not is_archive))


class BoxIndexView(snippets.IndexView):
    empty_note = _(
        "A box is content that several pages share, for example contact details. "
        "Create it here, then add it to the body of each page."
    )

    def get_base_queryset(self) -> Any:
        places = (
            ReferenceIndex.objects.filter(
                to_content_type=ContentType.objects.get_for_model(Box), to_object_id=Cast(OuterRef("pk"), CharField())
            )
            .order_by()
            .values("to_object_id")
            .annotate(
                count=Count(Concat("base_content_type_id", Value(":"), "object_id", output_field=CharField()), distinct=True)
            )
            .values("count")
        )
        return super().get_base_queryset().annotate(places=Coalesce(Subquery(places), 0))


class CurrentBoxesMixin:
    def get_object_list(self) -> Any:
        return super().get_object_list().filter(archived_at=None)  # type: ignore[misc]  # The chooser's views have it.


class BoxChooseView(CurrentBoxesMixin, chooser.ChooseView):
    """Chooser of boxes without the archived ones."""


class BoxChooseResultsView(CurrentBoxesMixin, chooser.ChooseResultsView):
    """Results of the chooser of boxes without the archived ones."""


class BoxChooserViewSet(chooser.SnippetChooserViewSet):
    choose_view_class = BoxChooseView
    choose_results_view_class = BoxChooseResultsView


@require_http_methods(["GET", "HEAD", "POST"])
def archive_unused_boxes(request: AuthenticatedRequest) -> HttpResponse:
    """Confirm, then archive all boxes that nothing uses."""
    if not request.user.has_perm("cms.publish_box"):
        raise PermissionDenied
    boxes = list(Box.objects.unused())
    index_url = reverse("health_unused-boxes")
    if request.method != "POST":
        labels = ", ".join(box.label for box in boxes)
        question = ngettext(
            "Archive %(count)s box that no page, template or module uses: %(labels)s? Other sites can no longer load it.",
            "Archive %(count)s boxes that no page, template or module uses: %(labels)s? Other sites can no longer load them.",
            len(boxes),
        ) % {"count": len(boxes), "labels": labels}
        context = {
            "title": _("Archive unused boxes"),
            "question": question,
            "action": _("Archive"),
            "index_url": index_url,
        }
        return TemplateResponse(request, "cms/admin/confirm.html", context)
    with transaction.atomic():
        for box in boxes:
            box.archive(by=request.user)
    text = ngettext("%(count)s box was archived.", "%(count)s boxes were archived.", len(boxes)) % {"count": len(boxes)}
    archive = f"{reverse(Box.snippet_viewset.get_url_name('list'))}?shown=archived"
    admin_messages.success(request, text, buttons=[admin_messages.button(archive, _("Show the archive"))])
    return redirect(index_url)


class BoxViewSet(SnippetViewSet):
    model = Box
    icon = "copy"
    menu_label = _("Boxes")
    menu_name = "boxes"
    index_view_class = BoxIndexView
    list_display = [
        "label",
        "description",
        PlacesColumn("places", label=_("Used on"), sort_key="places"),
        UpdatedAtColumn(),
        BooleanColumn("live", label=_("Published")),
    ]
    filterset_class = BoxFilterSet
    chooser_viewset_class = BoxChooserViewSet
    list_export = ["label", "description", "live", "archived_at"]
    delete_view_class = BoxDeleteView
    inspect_view_enabled = True
    copy_view_enabled = False
    edit_handler = ObjectList(Box.panels, base_form_class=TrustedHTMLForm)
