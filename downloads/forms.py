"""Forms of the admin."""

from typing import Any, cast

from django import forms
from django.contrib.admin.utils import label_for_field
from django.utils.translation import gettext_lazy as _
from wagtail.admin.forms.models import WagtailAdminModelForm

from cms.content.forms import TrustedHTMLForm

from .file_sets import MAX_FILES, parse_checksums
from .models import OS, ReleaseFile
from .models.files import HOST, SHA256, SIDE_FILES
from .versions import parse_name, version_fields

MAX_CHECKSUMS = 100_000


def full_name(typed: str) -> str:
    """Return "Python 3.15.0rc1" for "3.15.0rc1", and any other text unchanged, because the model validates it."""
    typed = " ".join(typed.split())
    return f"Python {typed}" if parse_name(f"Python {typed}") else typed


class ReleaseForm(TrustedHTMLForm):
    """Form of a release. Empty fields of a draft are filled in from its name."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["slug"].error_messages["unique"] = "Another release already has this slug. Choose a different one."

    def clean_name(self) -> str:
        return full_name(self.cleaned_data["name"])

    def clean(self) -> dict[str, Any]:
        cleaned_data = super().clean()
        if not self.instance.live:
            self.set_version_fields(cleaned_data)
        # This includes scheduling, which would otherwise fail at the scheduled time.
        if cleaned_data.get("practice") and "action-publish" in self.data:
            self.add_error("practice", _("A practice release cannot be published."))
        return cleaned_data

    def set_version_fields(self, cleaned_data: dict[str, Any]) -> None:
        """Fill in the empty fields that follow from the version in the name."""
        for name, value in version_fields(cleaned_data.get("name", "")).items():
            cleaned_data[name] = cleaned_data.get(name) or value


class ReleaseFileForm(WagtailAdminModelForm):
    """Form of a release file. URLs of the selected signature files are derived from the URL of the file."""

    SIDE_FIELDS = tuple(SIDE_FILES)

    beside = forms.MultipleChoiceField(
        label=_("Signature files"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("Select the files that exist next to this file on the server. The URLs below are filled in automatically."),
        choices=[(name, f"{label_for_field(name, ReleaseFile)} ({suffix})") for name, suffix in SIDE_FILES.items()],
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["url"].error_messages["unique"] = "Another file already has this URL."
        self.fields["slug"].error_messages["unique"] = "Another file already has this slug. Choose a different one."

    def clean(self) -> dict[str, Any]:
        cleaned_data = super().clean()
        url = cleaned_data.get("url")
        for name in cleaned_data.get("beside", []):
            if url and not cleaned_data.get(name):
                cleaned_data[name] = url + SIDE_FILES[name]
        return cleaned_data


class ChecksumsForm(forms.Form):
    """Checksums of the files of a release, pasted or uploaded, and the folder with the files."""

    text = forms.CharField(
        label=_("Checksums"),
        required=False,
        max_length=100_000,
        widget=forms.Textarea(attrs={"rows": 8, "spellcheck": "false", "autocomplete": "off"}),
        help_text=_("Paste the content of SHA256SUMS: one line per file, with its SHA-256 checksum and name."),
    )
    upload = forms.FileField(label=_("Or upload SHA256SUMS"), required=False)
    folder = forms.URLField(
        label=_("Folder URL"),
        max_length=300,
        assume_scheme="https",
        help_text=_("Folder that contains the files. It must start with https://www.python.org/."),
    )

    def __init__(self, *args: Any, files_required: bool = True, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.files_required = files_required

    def clean_folder(self) -> str:
        folder = self.cleaned_data["folder"]
        if not folder.startswith(HOST):
            raise forms.ValidationError(_("The URL must start with %(host)s.") % {"host": HOST})
        return folder.rstrip("/") + "/"

    def clean_upload(self) -> str:
        upload = self.cleaned_data["upload"]
        if upload and upload.size > MAX_CHECKSUMS:
            raise forms.ValidationError(_("This file is too large to be a list of checksums."))
        try:
            return upload.read().decode() if upload else ""
        except UnicodeDecodeError as error:
            raise forms.ValidationError(
                _("This file is not text. Upload SHA256SUMS, not one of the files of the release.")
            ) from error

    def clean(self) -> dict[str, Any]:
        cleaned_data = super().clean() or {}
        if self.files_required and not self.errors:
            cleaned_data["checksums"] = parse_checksums(cleaned_data["upload"] or cleaned_data["text"])
        return cleaned_data


class FileRowForm(forms.Form):
    """File in the grid. A row that is not included is not validated."""

    include = forms.BooleanField(label=_("Include"), required=False)
    url = forms.URLField(label=_("URL"), max_length=500, assume_scheme="https", widget=forms.HiddenInput)
    description = forms.CharField(label=_("Description"), required=False, widget=forms.HiddenInput)
    name = forms.CharField(label=_("Name"), max_length=200)
    os = forms.ChoiceField(label=_("Operating system"))
    size = forms.IntegerField(label=_("Size in bytes"), required=False, min_value=0, max_value=2**40)
    sha256 = forms.RegexField(
        rf"^{SHA256.pattern}$",
        label=_("SHA-256"),
        required=False,
        error_messages={"invalid": _("Enter 64 hexadecimal digits.")},
    )
    side_files = forms.MultipleChoiceField(
        label=_("Signatures and SBOM"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        choices=[(name, suffix) for name, suffix in SIDE_FILES.items()],
    )
    download_button = forms.BooleanField(label=_("Download button"), required=False)

    def __init__(self, *args: Any, systems: list[OS], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices = [("", _("Choose")), *[(os.slug, os.name) for os in systems]]
        cast("forms.ChoiceField", self.fields["os"]).choices = choices

    @property
    def filename(self) -> str:
        return str(self["url"].value() or "").rsplit("/", 1)[-1]

    def clean(self) -> dict[str, Any]:
        cleaned_data = super().clean() or {}
        if not cleaned_data.get("include"):
            self.errors.clear()
        return cleaned_data


FileRowFormSet = forms.formset_factory(FileRowForm, extra=0, max_num=MAX_FILES, absolute_max=MAX_FILES, validate_max=True)


class StartForm(forms.Form):
    """Form with the name and date of the release to start."""

    name = forms.CharField(
        label=_("Name"),
        max_length=200,
        widget=forms.TextInput(attrs={"placeholder": "Python 3.15.0rc1", "autocomplete": "off"}),
        help_text=_("The version, for example 3.15.0rc1 or Python install manager 25.2."),
    )
    release_date = forms.DateTimeField(
        label=_("Release date"),
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
        help_text=_("Time in UTC. The due times of the checklist steps are calculated from it."),
    )
    practice = forms.BooleanField(
        label=_("Practice release"),
        required=False,
        help_text=_(
            "For training; never published. Only staff who can edit releases see it on the site, "
            "and they can remove it with one click."
        ),
    )
