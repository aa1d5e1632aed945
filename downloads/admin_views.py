"""Views of the admin: lists, forms and the prefilling of a new release."""

from functools import cached_property
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db.models import PROTECT, Count, QuerySet
from django.forms import BaseForm
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect
from django.utils.html import format_html
from django.utils.safestring import mark_safe
from django.utils.text import get_text_list
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.generic import View
from wagtail.admin.views import generic
from wagtail.admin.views.generic.permissions import PermissionCheckedMixin
from wagtail.coreutils import multigetattr
from wagtail.snippets.views import snippets
from wagtail_modeladmin import views
from wagtail_modeladmin.helpers import ButtonHelper

from cms.editor.live_status import live_status_url
from cms.platform.text import parse_int
from downloads.models.releases import ReleaseQuerySet

from .columns import files_for_each_os, status
from .forms import full_name
from .models import OS, Release, ReleaseFile, ReleaseSeries
from .readiness import Workbench, edit_url, next_action
from .tasks import check_release_files
from .versions import version_fields


class ReleaseIndexView(snippets.IndexView):
    columns_export = {
        "status": lambda release: status(release)[0],
        "files": files_for_each_os,
        "next_action": lambda release: next_action(release)[0],
    }

    def order_queryset(self, queryset: ReleaseQuerySet) -> ReleaseQuerySet:
        if self.ordering:
            return super().order_queryset(queryset)
        return queryset.by_version()

    def to_row_dict(self, release: Release) -> dict[str, Any]:
        return {
            name: self.columns_export[name](release) if name in self.columns_export else multigetattr(release, name)
            for name in self.list_export
        }


class LiveStatusMixin:
    """Redirect to the live status after a publication, so that the publisher can watch the release go live."""

    object: Release
    action: str

    def get_success_url(self) -> str:
        if self.action == "publish" and self.object.live:
            return live_status_url(self.object)
        return super().get_success_url()  # type: ignore[misc]


class ReleaseCreateView(LiveStatusMixin, snippets.CreateView):
    def setup(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        super().setup(request, *args, **kwargs)
        # A half-typed name is a valid name of another release and would be saved as such.
        self.autosave_enabled = False


class ReleaseEditView(LiveStatusMixin, snippets.EditView):
    def publish_action(self) -> HttpResponse:
        response = super().publish_action()
        self.object.refresh_from_db()
        warnings = Workbench(self.object).warnings if self.object.live else []
        if warnings:
            texts = mark_safe(" ").join(check.text for check in warnings)
            messages.warning(self.request, format_html(gettext("Published. Remaining checks: {}"), texts))
        return response


class PrefillView(PermissionCheckedMixin, View):
    """Return values for the form of a new release from its name, or 422 with a sentence for a name without a version."""

    model = Release
    permission_required = "add"

    def get(self, request: HttpRequest) -> HttpResponse:
        release = Release(name=full_name(request.GET.get("name", "")))
        try:
            release.clean()
        except ValidationError as error:
            return JsonResponse({"error": " ".join(error.messages)}, status=422)
        series = (
            _("Install manager")
            if release.is_install_manager
            else _("Release series %(version)s") % {"version": f"{release.major}.{release.minor}"}
        )
        summary = f"{series}, {release.get_stage_display().lower()}, /downloads/release/{release.slug}/"
        return JsonResponse({"name": release.name, "slug": release.slug, "summary": summary} | version_fields(release.name))


class ProtectedDeleteView(generic.DeleteView):
    """Delete view that deletes nothing while protected objects refer to the object, and lists them."""

    def form_valid(self, form: BaseForm) -> HttpResponse:
        relations = [one for one in self.model._meta.related_objects if one.on_delete is PROTECT]
        blocking = [one for one in relations if getattr(self.object, one.get_accessor_name()).exists()]
        if blocking:
            names = get_text_list([str(one.related_model._meta.verbose_name_plural) for one in blocking], "and")
            messages.error(
                self.request,
                _("“%(object)s” cannot be deleted because it still has %(names)s. Delete or move them first.")
                % {"object": self.object, "names": names},
            )
            return redirect(self.get_success_url())
        return super().form_valid(form)


class SeriesIndexView(generic.IndexView):
    def get_base_queryset(self) -> QuerySet:
        return ReleaseSeries.objects.with_published().annotate(release_count=Count("releases")).newest_first()


class OSIndexView(generic.IndexView):
    def get_base_queryset(self) -> QuerySet:
        return OS.objects.defer("install_notes", "other_ways").annotate(file_count=Count("files")).order_by("order", "name")


class SavedFileMixin(views.ModelFormView):
    """Return to the files of the release after a file was saved, and check its URLs."""

    def get_success_url(self) -> str:
        return edit_url(self.instance.release, "files")

    def form_valid(self, form: BaseForm) -> HttpResponse:
        response = super().form_valid(form)
        check_release_files.enqueue(self.instance.release_id)
        return response


class ReleaseFileCreateView(SavedFileMixin, views.CreateView):
    def get_initial(self) -> dict[str, Any]:
        """Return the release and operating system from the URL, as linked from a cell of the files panel."""
        given = {name: parse_int(self.request.GET.get(name)) for name in ("release", "os")}
        return super().get_initial() | {name: value for name, value in given.items() if value is not None}


class ReleaseFileEditView(SavedFileMixin, views.EditView):
    """Form of a file, which redirects to its release."""


class ReleaseFileDeleteView(views.DeleteView):
    """Confirmation of a deletion, which redirects to the release."""

    @cached_property
    def index_url(self) -> str:
        return edit_url(self.instance.release, "files")


class ReleaseFileButtonHelper(ButtonHelper):
    """Buttons of a row without "Edit", because the name of the row links to the form."""

    def get_buttons_for_obj(
        self,
        obj: ReleaseFile,
        exclude: list[str] | None = None,
        classnames_add: list[str] | None = None,
        classnames_exclude: list[str] | None = None,
    ) -> list[dict[str, Any]]:
        return super().get_buttons_for_obj(obj, [*(exclude or []), "edit"], classnames_add, classnames_exclude)
