"""The forms of the desk."""

from datetime import date, timedelta
from typing import Any

from dateutil.relativedelta import relativedelta
from django import forms
from django.contrib.auth import get_user_model
from django.core.exceptions import ValidationError
from django.db.models import Q
from django.utils import timezone
from wagtail.admin.widgets import AdminDateInput

from .models import AgreementTemplate, Benefit, Deal, MessageTemplate, Package, Season, Sponsor
from .models.acts import ACTS
from .models.messages import check_words

ACCESS = "access_admin"


def staff():
    users = get_user_model().objects.filter(is_active=True)
    may_enter = Q(is_superuser=True) | Q(groups__permissions__codename=ACCESS)
    return users.filter(may_enter).distinct().order_by("username")


def first_day(deal: Deal) -> date:
    """A proposal: the day after the sponsor's last deal, or today."""
    previous = deal.previous_signed()
    today = timezone.localdate()
    return max(today, previous.ends_on + timedelta(days=1)) if previous and previous.ends_on else today


class ActForm(forms.Form):
    """What an act of a deal asks for."""

    package = forms.ModelChoiceField(Package.objects.none(), required=False)
    fee = forms.IntegerField(min_value=0, max_value=2_000_000_000, required=False, help_text="0 is a fee too.")
    starts_on = forms.DateField(label="First day", required=False, widget=AdminDateInput)
    ends_on = forms.DateField(label="Last day", required=False, widget=AdminDateInput)
    signed_file = forms.FileField(
        label="Signed copy", required=False, help_text="Leave empty to take the copy that the sponsor has sent."
    )
    reason = forms.CharField(required=False, widget=forms.Textarea({"rows": 3}), help_text="Kept with the deal.")
    oversell = forms.BooleanField(required=False, label="Approve it although benefits are sold out")

    def __init__(self, *args: Any, deal, act, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in set(self.fields) - set(ACTS[act].asks) - ({"oversell"} if act == "approve" else set()):
            del self.fields[name]
        if "package" in self.fields:
            self.fields["package"].queryset = Package.objects.filter(season=deal.season).select_related("season")
            starts_on = deal.starts_on or first_day(deal)
            ends_on = deal.ends_on or starts_on + relativedelta(years=1, days=-1)
            self.initial |= {"package": deal.package, "fee": deal.fee, "starts_on": starts_on, "ends_on": ends_on}
        if "oversell" in self.fields and not deal.full_lines():
            del self.fields["oversell"]


class TermsForm(forms.ModelForm):
    """Terms of a deal that staff set, whatever its state."""

    class Meta:
        model = Deal
        fields = ["package", "fee", "starts_on", "ends_on", "owner", "renewal_of", "notes"]
        widgets = {"starts_on": AdminDateInput, "ends_on": AdminDateInput, "notes": forms.Textarea({"rows": 3})}

    OPEN_ONLY = ("package", "fee", "starts_on", "ends_on", "renewal_of")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        deal = self.instance
        self.fields["package"].queryset = Package.objects.filter(season=deal.season).select_related("season")
        others = Deal.objects.filter(sponsor=deal.sponsor_id).exclude(pk=deal.pk).select_related("sponsor", "season")
        self.fields["renewal_of"].queryset = others
        self.fields["owner"].queryset = staff()
        for name in self.OPEN_ONLY if not deal.may_be_edited else ():
            self.fields[name].disabled = True

    def clean(self):
        cleaned = super().clean()
        starts_on, ends_on = cleaned.get("starts_on"), cleaned.get("ends_on")
        if starts_on and ends_on and ends_on <= starts_on:
            raise ValidationError({"ends_on": "The last day comes after the first one."})
        return cleaned


class LineForm(forms.Form):
    benefit = forms.ModelChoiceField(Benefit.objects.none(), help_text="It is copied with its items, as it is now.")

    def __init__(self, *args: Any, deal, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        held = deal.kept_lines().exclude(benefit=None).values("benefit")
        self.fields["benefit"].queryset = Benefit.objects.filter(season=deal.season).exclude(pk__in=held)


class NewDealForm(forms.Form):
    """A deal that staff enter themselves. It starts as an application, with a reason for whoever wonders."""

    sponsor = forms.ModelChoiceField(Sponsor.objects.all())
    season = forms.ModelChoiceField(Season.objects.all())
    package = forms.ModelChoiceField(Package.objects.select_related("season"), required=False)
    renew = forms.BooleanField(
        label="Renewal of the sponsor’s last signed deal", required=False, help_text="The agreement then is one for renewals."
    )
    reason = forms.CharField(max_length=300, help_text="Such as: agreed by phone.")

    def clean(self):
        cleaned = super().clean()
        package, season = cleaned.get("package"), cleaned.get("season")
        if package and season and package.season_id != season.pk:
            raise ValidationError({"package": "This package belongs to another season."})
        return cleaned


class AgreementForm(forms.Form):
    template = forms.ModelChoiceField(AgreementTemplate.objects.all(), empty_label=None)

    def __init__(self, *args: Any, deal, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        kinds = ["amendment"] if deal.amending_since else ["renewal", "new"] if deal.is_renewal else ["new", "renewal"]
        self.fields["template"].queryset = AgreementTemplate.objects.filter(kind__in=kinds)
        season = deal.season
        self.initial["template"] = season.renewal_template_id if deal.is_renewal else season.agreement_template_id


class MessageForm(forms.Form):
    """Words for one deal or for many: a template, or words typed here."""

    ROLES = [
        ("primary", "Primary"),
        ("administrative", "Administrative"),
        ("accounting", "Accounting"),
        ("manager", "Manager"),
    ]
    roles = forms.MultipleChoiceField(
        label="To contacts who are", choices=ROLES, widget=forms.CheckboxSelectMultiple, initial=["primary"]
    )
    template = forms.ModelChoiceField(MessageTemplate.objects.all(), required=False, empty_label="My own words")
    subject = forms.CharField(max_length=140, required=False)
    body = forms.CharField(
        required=False,
        widget=forms.Textarea({"rows": 8}),
        help_text="Variables: {{ sponsor_name }}, {{ sponsorship_level }}, {{ portal_url }} and others.",
    )

    def clean(self):
        cleaned = super().clean()
        template = cleaned.get("template")
        words = {name: cleaned.get(name, "").strip() for name in ("subject", "body")}
        if template and any(words.values()):
            raise ValidationError("Choose a template or type your own words, not both.")
        if template:
            words = {"subject": template.subject, "body": template.body}
        elif not all(words.values()):
            raise ValidationError("A message needs a subject and a text.")
        check_words(**words)
        return cleaned | {"words": words}
