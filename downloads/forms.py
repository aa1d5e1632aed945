"""Forms of the admin."""

from typing import Any

from django import forms
from django.contrib.admin.utils import label_for_field
from django.utils.translation import gettext_lazy as _
from wagtail.admin.forms.models import WagtailAdminModelForm

from cms.content.forms import TrustedHTMLForm

from .models import ReleaseFile
from .models.files import SIDE_FILES
from .versions import parse_name, version_fields


def full_name(typed: str) -> str:
    """Return "Python 3.15.0rc1" for "3.15.0rc1", and any other text unchanged: the model validates it."""
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
        return cleaned_data

    def set_version_fields(self, cleaned_data: dict[str, Any]) -> None:
        """Fill in the empty fields that follow from the version in the name."""
        for name, value in version_fields(cleaned_data.get("name", "")).items():
            cleaned_data[name] = cleaned_data.get(name) or value


class ReleaseFileForm(WagtailAdminModelForm):
    """Form of a release file. URLs of the side files that are ticked follow from the URL of the file."""

    SIDE_FIELDS = tuple(SIDE_FILES)

    beside = forms.MultipleChoiceField(
        label=_("Signature files"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("Select the files that exist next to this file on the server. The URLs below are filled in."),
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
