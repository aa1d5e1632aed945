"""Admin view that adds the files of a release in one step, from checksums or the previous release."""

from typing import cast

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods

from users.models import User

from . import workflows
from .file_sets import FileSet, ProposedFile, file_columns
from .forms import ChecksumsForm, FileRowFormSet
from .models import DownloadsSettings, Release
from .readiness import Workbench, edit_url
from .tasks import check_release_files


@require_http_methods(["GET", "HEAD", "POST"])
def release_files(request: HttpRequest, pk: int) -> HttpResponse:
    """Ask for checksums; a POST shows the grid, saves it, or starts a check of the files."""
    if not request.user.has_perms(["downloads.add_releasefile", "downloads.change_releasefile"]):
        raise PermissionDenied
    release = get_object_or_404(Release.objects.select_related("series"), pk=pk)
    step = request.POST.get("step", "")
    if step == "save":
        return _save(request, release)
    if step == "check":
        return _check(request, release)
    file_set = FileSet(release)
    form = ChecksumsForm(
        request.POST or None, request.FILES or None, initial={"folder": file_set.folder}, files_required=step != "copy"
    )
    context: dict = {"form": form}
    if step == "copy":
        context |= _grid(file_set, file_set.copied())
    elif step == "checksums" and form.is_valid():
        context |= _grid(file_set, file_set.from_checksums(form.cleaned_data["checksums"], form.cleaned_data["folder"]))
    return _show(request, file_set, context)


def _grid(file_set: FileSet, files: list[ProposedFile]) -> dict:
    rows = [file.initial() for file in files]
    return {"grid": FileRowFormSet(initial=rows, form_kwargs={"systems": file_set.systems}), "missing": file_set.missing(files)}


def _show(request: HttpRequest, file_set: FileSet, context: dict) -> HttpResponse:
    context |= {
        "release": file_set.release,
        "model": file_set.model,
        "back_url": edit_url(file_set.release, "files"),
        "bench": Workbench(file_set.release),
        "may_check": DownloadsSettings.load().check_files,
    }
    return TemplateResponse(request, "downloads/admin/release_files.html", context)


def _save(request: HttpRequest, release: Release) -> HttpResponse:
    file_set = FileSet(release)
    grid = FileRowFormSet(request.POST, form_kwargs={"systems": file_set.systems})
    if grid.is_valid():
        rows = [row for row in grid.cleaned_data if row.get("include")]
        try:
            workflows.write_files(release, file_columns(release, rows), by=cast("User", request.user))
        except ValidationError as error:
            messages.error(request, " ".join(error.messages))
        else:
            sentence = ngettext("%(count)d file was saved.", "%(count)d files were saved.", len(rows)) % {"count": len(rows)}
            if DownloadsSettings.load().check_files:
                check_release_files.enqueue(release.pk)
                sentence = f"{sentence} {_('Their URLs are being checked.')}"
            messages.success(request, sentence)
            return redirect(edit_url(release, "files"))
    else:
        messages.error(request, _("Some files have errors. Nothing was saved."))
    return _show(request, file_set, {"form": ChecksumsForm(initial={"folder": file_set.folder}), "grid": grid})


def _check(request: HttpRequest, release: Release) -> HttpResponse:
    if DownloadsSettings.load().check_files:
        check_release_files.enqueue(release.pk, with_checksums="with_checksums" in request.POST)
        messages.success(request, _("The check of the files has started. Reload this page to see the results."))
    else:
        messages.error(request, _("Checks of files are switched off in the downloads settings."))
    return redirect("downloads_release_files", pk=release.pk)
