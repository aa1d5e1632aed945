"""Bulk edit of release files in the admin: description, operating system, download button, signatures and SBOM."""

from collections.abc import Iterable
from functools import partial
from typing import Any

from django import forms
from django.contrib.admin.utils import label_for_field
from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import HttpResponse
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _
from wagtail.admin.views.bulk_action import BulkAction

from cms.platform.text import parse_int
from cms.undo import snapshots, steps
from users.models import User

from . import workflows
from .models import OS, ReleaseFile
from .models.files import SIDE_FILES
from .tasks import check_release_files

MAY_EDIT = "downloads.change_releasefile"


class BulkEditForm(forms.Form):
    """Changes to several files. What is left empty stays as it is in each file."""

    description = forms.CharField(
        label=_("Description"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_("Replaces the descriptions."),
    )
    clear_description = forms.BooleanField(label=_("Delete the descriptions"), required=False)
    os = forms.ModelChoiceField(
        label=_("Operating system"), queryset=OS.objects.order_by("order", "name"), required=False, empty_label=_("Do not change")
    )
    download_button = forms.TypedChoiceField(
        label=_("Download button"),
        choices=[("", _("Do not change")), ("yes", _("Yes")), ("no", _("No"))],
        coerce=lambda value: value == "yes",
        empty_value=None,
        required=False,
        help_text=_("Only one file per operating system and release."),
    )
    add_side_files = forms.MultipleChoiceField(
        label=_("Signatures and SBOM to add"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("Select those that exist next to each file on the server. Their URLs are filled in."),
    )
    remove_side_files = forms.MultipleChoiceField(
        label=_("Signatures and SBOM to remove"), required=False, widget=forms.CheckboxSelectMultiple
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices = [(name, f"{label_for_field(name, ReleaseFile)} ({suffix})") for name, suffix in SIDE_FILES.items()]
        for name in ("add_side_files", "remove_side_files"):
            self.fields[name].choices = choices  # type: ignore[attr-defined]  # A field with choices.

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if data.get("description") and data.get("clear_description"):
            raise ValidationError(_("Enter a description or delete the descriptions, not both."))
        if set(data.get("add_side_files", ())) & set(data.get("remove_side_files", ())):
            raise ValidationError(_("A signature or SBOM cannot be added and removed at the same time."))
        is_changed = data.get("download_button") is not None or any(data.values())
        if not self.errors and not is_changed:
            raise ValidationError(_("Choose at least one change."))
        return data


def change_file(file: ReleaseFile, chosen: dict[str, Any]) -> None:
    """Set the chosen values of a file, without saving it."""
    if chosen["description"] or chosen["clear_description"]:
        file.description = chosen["description"]
    if chosen["os"]:
        file.os = chosen["os"]
    if chosen["download_button"] is not None:
        file.download_button = chosen["download_button"]
    for name in chosen["add_side_files"]:
        setattr(file, name, file.url + SIDE_FILES[name])
    for name in chosen["remove_side_files"]:
        setattr(file, name, "")


class EditFilesBulkAction(BulkAction):
    """Bulk action “Edit” of the register of release files."""

    display_name = _("Edit")
    action_type = "edit"
    aria_label = _("Edit selected release files")
    template_name = "downloads/admin/bulk_edit.html"
    form_class = BulkEditForm
    models = [ReleaseFile]

    @classmethod
    def get_queryset(cls, model: type[ReleaseFile], object_ids: list[str]) -> list[ReleaseFile]:
        pks = [parse_int(pk, 0) for pk in object_ids]
        return list(model.objects.filter(pk__in=pks).select_related("release", "os").order_by("release", "os__order", "name"))

    def check_perm(self, file: ReleaseFile) -> bool:
        return self.request.user.has_perm(MAY_EDIT)

    def get_execution_context(self) -> dict[str, Any]:
        return {"user": self.request.user, "chosen": self.cleaned_form.cleaned_data}

    def form_valid(self, form: BulkEditForm) -> HttpResponse:
        """Change the files, or show why one of them cannot be changed; then none is."""
        try:
            return super().form_valid(form)
        except ValidationError as error:
            form.add_error(None, error)
            return self.form_invalid(form)

    @classmethod
    def execute_action(cls, objects: Iterable[ReleaseFile], *, user: User, chosen: dict[str, Any]) -> tuple[int, int]:
        """Edit the files and check their URLs. Return their number, and 0 because nothing is below them."""
        files = list(objects)
        before = [(file, snapshots.take_snapshot([file])) for file in files]
        for file in files:
            change_file(file, chosen)
            try:
                workflows.write(file, by=user)
            except ValidationError as error:
                raise ValidationError([f"{file}: {message}" for message in error.messages]) from error
        # Nothing can be undone before all files are written.
        for file, snapshot in before:
            steps.record_change(file, snapshot, by=user, label=gettext("Edited"))
        for release_id in {file.release_id for file in files}:
            transaction.on_commit(partial(check_release_files.enqueue, release_id))
        return len(files), 0

    def get_success_message(self, number: int, _below: int) -> str:
        return ngettext("%(number)s file was changed.", "%(number)s files were changed.", number) % {"number": number}
