"""Public forms: applications, assets, and the data of a sponsor."""

from collections.abc import Iterable
from typing import Any, cast

from django import forms
from django.core.exceptions import ValidationError
from django.forms.formsets import BaseFormSet
from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from cms.content.public_forms import PublicForm

from .files import (
    ASSETS,
    CONTRACTS,
    PICTURES,
    PRINT_FORMATS,
    SCREEN_FORMATS,
    accept,
    check_contract,
    check_logo,
    check_print_logo,
    describe_types,
)
from .models import Contact, Kind, Sponsor, SponsorAsset, SponsorshipDeliverable
from .workflows import MAX_CONTACTS

REQUIRED = ("name", "primary_phone", "mailing_address_line_1", "city", "postal_code", "country")
ORGANIZATION = (
    *("name", "description", "landing_page_url", "linked_in_page_url", "twitter_handle"),
    *Sponsor.PRIVATE_FIELDS,
)


class OrganizationFields(forms.ModelForm):
    """Form of a sponsor. `existing` are the names of uploaded logos."""

    STEPS = (
        (_("Organization"), ("name", "description", "landing_page_url", "linked_in_page_url", "twitter_handle")),
        (_("Logos"), ("web_logo", "white_logo", "print_logo")),
        (
            _("Address"),
            Sponsor.PRIVATE_FIELDS,
        ),
    )
    HALVES = {"city", "state", "postal_code", "country", "country_of_incorporation", "state_of_incorporation"}
    landing_page_url = forms.URLField(
        label=_("Website URL"),
        required=False,
        assume_scheme="https",
        help_text=_("Your logo links to this page. Example: https://example.com/"),
    )
    linked_in_page_url = forms.URLField(label=_("LinkedIn URL"), required=False, assume_scheme="https")
    web_logo = forms.FileField(
        label=_("Logo"),
        required=False,
        validators=[check_logo],
        widget=forms.FileInput(accept(SCREEN_FORMATS)),
        help_text=_("For light backgrounds. SVG, PNG, JPEG or WebP, up to 2 MB."),
    )
    white_logo = forms.FileField(
        label=_("Logo for dark backgrounds"),
        required=False,
        validators=[check_logo],
        widget=forms.FileInput(accept(SCREEN_FORMATS)),
        help_text=_("A white or light version with a transparent background. SVG, PNG, JPEG or WebP, up to 2 MB."),
    )
    print_logo = forms.FileField(
        label=_("Print logo"),
        required=False,
        validators=[check_print_logo],
        widget=forms.FileInput(accept(PRINT_FORMATS)),
        help_text=_("EPS, AI, PDF, SVG or PNG, up to 20 MB."),
    )

    class Meta:
        model = Sponsor
        fields = ORGANIZATION
        widgets = {"description": forms.Textarea({"rows": 4})}
        labels = {
            "name": _("Name"),
            "description": _("Description"),
            "city": _("City"),
            "postal_code": _("Postal code"),
            "country": _("Country"),
            "country_of_incorporation": _("Country of incorporation"),
            "state_of_incorporation": _("State of incorporation"),
        }

    def __init__(self, *args: Any, existing: Iterable[str] = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.existing = set(existing)
        for name in REQUIRED:
            self.fields[name].required = True
        for name in self.existing:
            field = self.fields[name]
            field.help_text = gettext("You have already uploaded one. Choose a file to replace it. %(help)s") % {
                "help": field.help_text
            }
        self.fields["web_logo"].required = "web_logo" not in self.existing

    def steps(self) -> list[tuple[str | Promise, list[forms.BoundField]]]:
        return [(title, [self[name] for name in names if name in self.fields]) for title, names in self.STEPS]


class OrganizationForm(PublicForm, OrganizationFields):
    """Form for the sponsor in an application. Contacts of an existing sponsor can select it instead."""

    sponsor = forms.ModelChoiceField(
        queryset=Sponsor.objects.none(),
        required=False,
        empty_label=_("A new organization"),
        label=_("Organization"),
        widget=forms.RadioSelect,
        error_messages={"invalid_choice": _("Choose an organization that lists you as a contact.")},
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        sponsors = Sponsor.objects.of(self.request.user)
        cast(forms.ModelChoiceField, self.fields["sponsor"]).queryset = sponsors
        if not sponsors.exists():
            del self.fields["sponsor"]
        elif self.data.get("sponsor"):
            for field in self.fields.values():
                field.required = False


class ContactForm(forms.Form):
    name = forms.CharField(label=_("Name"), max_length=100)
    email = forms.EmailField(label=_("Email"), max_length=254)
    phone = forms.CharField(label=_("Phone"), max_length=32, required=False)
    primary = forms.BooleanField(
        label=_("Primary"), required=False, help_text=_("Receives all emails and can manage every part of the sponsorship.")
    )
    administrative = forms.BooleanField(
        label=_("Administrative"), required=False, help_text=_("Receives the contract and can submit the signed copy.")
    )
    accounting = forms.BooleanField(label=_("Accounting"), required=False, help_text=_("Can see the fee."))


class BaseContacts(BaseFormSet):
    def clean(self) -> None:
        if any(self.errors):
            return
        is_deleted = self._should_delete_form  # type: ignore[attr-defined]  # Missing in django-stubs.
        people = [form.cleaned_data for form in self.forms if form.cleaned_data and not is_deleted(form)]
        if not people:
            raise ValidationError(gettext("Add at least one contact."))
        if not any(person["primary"] for person in people):
            raise ValidationError(gettext("Mark one of the contacts as primary."))


Contacts = forms.formset_factory(
    ContactForm, formset=BaseContacts, extra=0, min_num=1, max_num=MAX_CONTACTS, absolute_max=MAX_CONTACTS, validate_max=True
)


class BaseSponsorContacts(forms.BaseInlineFormSet):
    def clean(self) -> None:
        super().clean()
        if any(self.errors):
            return
        remaining = [form for form in self.forms if form.cleaned_data and not form.cleaned_data.get("DELETE")]
        if not any(form.cleaned_data["primary"] for form in remaining):
            raise ValidationError(gettext("Keep at least one contact, and mark it as primary."))


SponsorContacts = forms.inlineformset_factory(
    Sponsor,
    Contact,
    formset=BaseSponsorContacts,
    # Only staff can assign the manager role.
    fields=["name", "email", "phone", "primary", "administrative", "accounting"],
    extra=1,
    max_num=MAX_CONTACTS,
    absolute_max=MAX_CONTACTS + 1,
    validate_max=True,
)


class SubmitForm(forms.Form):
    """Form of one asset."""

    def __init__(self, *args: Any, item: SponsorshipDeliverable, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.item = item
        limits = item.limits()
        help_text = ". ".join(filter(None, [item.help_text.rstrip("."), limits[:1].upper() + limits[1:]]))
        # Only markers have no asset, and they have no form.
        asset = cast(SponsorAsset, item.asset)
        common: dict[str, Any] = {"label": item.title(), "help_text": help_text + "." if help_text else ""}
        if item.kind == Kind.ANSWER:
            choices = [("YES", gettext("Yes")), ("NO", gettext("No"))]
            self.fields["answer"] = forms.ChoiceField(choices=choices, widget=forms.RadioSelect, initial=asset.answer, **common)
        elif item.kind == Kind.TEXT:
            short = item.max_length is not None and item.max_length <= 256  # noqa: PLR2004 -- fits in one line.
            widget = forms.TextInput() if short else forms.Textarea({"rows": 5})
            self.fields["text"] = forms.CharField(widget=widget, initial=asset.text, **common)
        else:
            types = PICTURES if item.kind == Kind.IMAGE else ASSETS
            named = gettext("File types: %(types)s.") % {"types": describe_types(types)}
            common["help_text"] = " ".join(filter(None, [common["help_text"], named]))
            self.fields["file"] = forms.FileField(widget=forms.FileInput(accept(types)), max_length=200, **common)
        self.prefix = f"item{item.pk}"

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        name = next(iter(self.fields))
        if name in cleaned:
            try:
                self.item.check_limits(**({name: cleaned[name]} if name != "answer" else {}))
            except ValidationError as error:
                self.add_error(name, error)
        return cleaned


class SignedCopyForm(forms.Form):
    signed_file = forms.FileField(
        label=_("Signed copy"),
        validators=[check_contract],
        widget=forms.FileInput(accept(CONTRACTS)),
        help_text=_("PDF, up to 20 MB."),
    )


class ReasonForm(forms.Form):
    reason = forms.CharField(
        label=_("Reason"),
        widget=forms.Textarea({"rows": 3}),
        error_messages={"required": _("Enter a reason. It is saved in the history of the sponsorship.")},
    )
