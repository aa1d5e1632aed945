"""Forms of the dashboard."""

from datetime import date, timedelta
from typing import Any, cast

from dateutil.relativedelta import relativedelta
from django import forms
from django.core.exceptions import ValidationError
from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from wagtail.admin.widgets import AdminDateInput

from users.models import User

from .files import CONTRACTS, accept, check_contract
from .models import Benefit, ContractTemplate, MessageTemplate, Package, Sponsor, Sponsorship, SponsorshipYear
from .models.messages import validate_message
from .models.transitions import TRANSITIONS

ACCESS = "access_admin"


def model_choice(form: forms.BaseForm, name: str) -> forms.ModelChoiceField:
    """Return a form field, typed as a model choice field."""
    return cast(forms.ModelChoiceField, form.fields[name])


def get_staff() -> QuerySet[User]:
    users = User.objects.filter(is_active=True)
    may_enter = Q(is_superuser=True) | Q(groups__permissions__codename=ACCESS)
    return users.filter(may_enter).distinct().order_by("username")


def first_day(sponsorship: Sponsorship) -> date:
    """Return the default first day: the day after the last sponsorship of the sponsor, or today."""
    previous = sponsorship.previous_signed()
    today = timezone.localdate()
    return max(today, previous.ends_on + timedelta(days=1)) if previous and previous.ends_on else today


class TransitionForm(forms.Form):
    """Form of a sponsorship transition, with the fields that the transition declares."""

    package = forms.ModelChoiceField(Package.objects.none(), required=False)
    fee = forms.IntegerField(
        min_value=0,
        max_value=2_000_000_000,
        required=False,
        help_text=_("In whole units of the sponsorship’s currency. Enter 0 for a sponsorship without a fee."),
    )
    starts_on = forms.DateField(label=_("First day"), required=False, widget=AdminDateInput)
    ends_on = forms.DateField(label=_("Last day"), required=False, widget=AdminDateInput)
    signed_file = forms.FileField(
        label=_("Signed copy"),
        required=False,
        validators=[check_contract],
        widget=forms.FileInput(accept(CONTRACTS)),
        help_text=_("PDF, up to 20 MB. Leave empty to use the copy that the sponsor has submitted."),
    )
    reason = forms.CharField(
        required=False, widget=forms.Textarea({"rows": 3}), help_text=_("Saved in the sponsorship’s history.")
    )
    oversell = forms.BooleanField(required=False, label=_("Approve even though some benefits are sold out"))

    def __init__(self, *args: Any, sponsorship: Sponsorship, name: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        declared = {*TRANSITIONS[name].form_fields, *(["oversell"] if name == "approve" else [])}
        for field in self.fields.keys() - declared:
            del self.fields[field]
        if "package" in self.fields:
            model_choice(self, "package").queryset = Package.objects.filter(
                sponsorship_year=sponsorship.sponsorship_year
            ).select_related("sponsorship_year")
            starts_on = sponsorship.starts_on or first_day(sponsorship)
            ends_on = sponsorship.ends_on or starts_on + relativedelta(years=1, days=-1)
            self.initial.update(package=sponsorship.package, fee=sponsorship.fee, starts_on=starts_on, ends_on=ends_on)
        if "oversell" in self.fields and not sponsorship.sold_out_benefits():
            del self.fields["oversell"]


class TermsForm(forms.ModelForm):
    """Terms of a sponsorship, for staff."""

    class Meta:
        model = Sponsorship
        fields = ["package", "fee", "starts_on", "ends_on", "owner", "renewal_of", "notes"]
        widgets = {"starts_on": AdminDateInput, "ends_on": AdminDateInput, "notes": forms.Textarea({"rows": 3})}

    OPEN_ONLY = ("package", "fee", "starts_on", "ends_on", "renewal_of")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        sponsorship = self.instance
        model_choice(self, "package").queryset = Package.objects.filter(
            sponsorship_year=sponsorship.sponsorship_year
        ).select_related("sponsorship_year")
        others = (
            Sponsorship.objects.filter(sponsor=sponsorship.sponsor_id)
            .exclude(pk=sponsorship.pk)
            .select_related("sponsor", "sponsorship_year")
        )
        model_choice(self, "renewal_of").queryset = others
        model_choice(self, "owner").queryset = get_staff()
        for name in self.OPEN_ONLY if not sponsorship.is_editable else ():
            self.fields[name].disabled = True

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        starts_on, ends_on = cleaned.get("starts_on"), cleaned.get("ends_on")
        if starts_on and ends_on and ends_on <= starts_on:
            raise ValidationError({"ends_on": gettext("The last day must be after the first day.")})
        return cleaned


class BillingForm(forms.ModelForm):
    """Invoice and payment of a sponsorship."""

    class Meta:
        model = Sponsorship
        fields = ["po_number", "invoice_number", "invoiced_on", "paid_on"]
        widgets = {"invoiced_on": AdminDateInput, "paid_on": AdminDateInput}


class SponsorshipBenefitForm(forms.Form):
    benefit = forms.ModelChoiceField(
        Benefit.objects.none(), help_text=_("The current version of the benefit and its deliverables is copied.")
    )

    def __init__(self, *args: Any, sponsorship: Sponsorship, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        held = sponsorship.active_benefits().exclude(benefit=None).values("benefit")
        model_choice(self, "benefit").queryset = Benefit.objects.filter(sponsorship_year=sponsorship.sponsorship_year).exclude(
            pk__in=held
        )


class NewSponsorshipForm(forms.Form):
    """Sponsorship that staff create. It starts as an application, with the reason."""

    sponsor = forms.ModelChoiceField(Sponsor.objects.all())
    sponsorship_year = forms.ModelChoiceField(SponsorshipYear.objects.all())
    package = forms.ModelChoiceField(Package.objects.select_related("sponsorship_year"), required=False)
    renew = forms.BooleanField(
        label=_("Renewal of the sponsor’s last signed sponsorship"),
        required=False,
        help_text=_("Uses the contract template for renewals."),
    )
    reason = forms.CharField(max_length=300, help_text=_("For example: Agreed to by phone."))

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        package, sponsorship_year = cleaned.get("package"), cleaned.get("sponsorship_year")
        if package and sponsorship_year and package.sponsorship_year_id != sponsorship_year.pk:
            raise ValidationError(
                {"package": gettext("This package belongs to another sponsorship year. Choose a package of the selected year.")}
            )
        return cleaned


class ContractForm(forms.Form):
    template = forms.ModelChoiceField(ContractTemplate.objects.all(), empty_label=None)

    def __init__(self, *args: Any, sponsorship: Sponsorship, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        kinds = (
            ["amendment"] if sponsorship.amending_since else ["renewal", "new"] if sponsorship.is_renewal else ["new", "renewal"]
        )
        model_choice(self, "template").queryset = ContractTemplate.objects.filter(kind__in=kinds)
        sponsorship_year = sponsorship.sponsorship_year
        self.initial["template"] = (
            sponsorship_year.renewal_template_id if sponsorship.is_renewal else sponsorship_year.contract_template_id
        )


class MessageForm(forms.Form):
    """Message to one or several sponsors, from a template or written in the form."""

    ROLES = [
        ("primary", "Primary"),
        ("administrative", "Administrative"),
        ("accounting", "Accounting"),
        ("manager", "Manager"),
    ]
    roles = forms.MultipleChoiceField(
        label=_("Contacts with these roles"), choices=ROLES, widget=forms.CheckboxSelectMultiple, initial=["primary"]
    )
    template = forms.ModelChoiceField(MessageTemplate.objects.all(), required=False, empty_label=_("No template"))
    subject = forms.CharField(max_length=140, required=False)
    body = forms.CharField(
        required=False,
        widget=forms.Textarea({"rows": 8}),
        help_text=_("Variables: {{ sponsor_name }}, {{ sponsorship_package }}, {{ portal_url }} and the others listed below."),
    )

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        template = cleaned.get("template")
        content = {name: cleaned.get(name, "").strip() for name in ("subject", "body")}
        if template and any(content.values()):
            raise ValidationError(gettext("Choose a template or enter a subject and a message, not both."))
        if template:
            content = {"subject": template.subject, "body": template.body}
        elif not all(content.values()):
            raise ValidationError(gettext("Enter a subject and a message, or choose a template."))
        validate_message(**content)
        return cleaned | {"content": content}
