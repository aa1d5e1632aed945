"""The forms of the admin."""

from typing import Any

from django import forms
from django.contrib.admin.utils import label_for_field
from django.core.exceptions import ValidationError
from django.utils.text import slugify
from wagtail.admin.forms.models import WagtailAdminModelForm

from cms.content.forms import TrustedHTMLForm

from .models import Release, ReleaseFile
from .models.files import SIDE_FILES
from .versions import is_install_manager, parse_name


def full_name(typed: str) -> str:
    """ "Python 3.15.0rc1" for "3.15.0rc1"; anything else stays as it was typed, for the model to judge."""
    typed = " ".join(typed.split())
    return f"Python {typed}" if parse_name(f"Python {typed}") else typed


def told_by_name(name: str) -> dict:
    """What the rest of the form can be filled with, once the name is known."""
    version = parse_name(name)
    if version is None:
        return {}
    told = {"pre_release": version.is_pre_release, "release_notes_url": ""}
    if not is_install_manager(name) and version.major == Release.Line.PYTHON_3:
        told["release_notes_url"] = version.notes_url
    return told


class ReleaseForm(TrustedHTMLForm):
    """A release. Empty fields of a draft are filled with what its name tells."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["slug"].error_messages["unique"] = "Another release has this address already."

    def clean_name(self):
        return full_name(self.cleaned_data["name"])

    def clean(self):
        cleaned_data = super().clean()
        told = told_by_name(cleaned_data.get("name", ""))
        if told and not self.instance.live:
            cleaned_data["release_notes_url"] = cleaned_data.get("release_notes_url") or told["release_notes_url"]
            cleaned_data["pre_release"] = cleaned_data.get("pre_release") or told["pre_release"]
        return cleaned_data


class ReleaseFileForm(WagtailAdminModelForm):
    """A file. Files that lie beside it need a tick, no address: theirs follows from the file’s own."""

    SIDE_FIELDS = tuple(SIDE_FILES)

    beside = forms.MultipleChoiceField(
        label="Files beside it",
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text="Tick what lies beside the file on the server. The addresses below are filled in.",
        choices=[(name, f"{label_for_field(name, ReleaseFile)} ({suffix})") for name, suffix in SIDE_FILES.items()],
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["slug"].required = False
        self.fields["url"].error_messages["unique"] = "Another file has this address already."
        self.fields["slug"].error_messages["unique"] = "Another file has this slug already."

    def clean_sha256_sum(self):
        value = self.cleaned_data["sha256_sum"].strip().lower()
        if value and value != self.instance.sha256_sum and not is_sha256(value):
            raise ValidationError("A SHA-256 sum has 64 digits, each 0 to 9 or a to f.")
        return value

    def clean(self):
        cleaned_data = super().clean()
        release, url = cleaned_data.get("release"), cleaned_data.get("url")
        for name in cleaned_data.get("beside", []):
            if url and not cleaned_data.get(name):
                cleaned_data[name] = url + SIDE_FILES[name]
        if release and not cleaned_data.get("slug"):
            cleaned_data["slug"] = f"{release.slug}-{slugify(cleaned_data.get('name', ''))}"
        if cleaned_data.get("os") and cleaned_data["os"].slug == "source":
            cleaned_data["is_source"] = True
        return cleaned_data


def is_sha256(value: str) -> bool:
    return len(value) == 64 and set(value) <= set("0123456789abcdef")  # noqa: PLR2004 -- 256 bits in hexadecimal.
