import re
from datetime import date
from typing import Any, cast

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import Q
from django.forms.models import model_to_dict
from django.utils.translation import gettext, gettext_lazy
from django.utils.translation import gettext_lazy as _

from cms.content.public_forms import PublicForm
from users.models import User

from .models import Election, Membership, Nomination, Nominee
from .models.elections import free_slug

YEAR = re.compile(r"\b(?:19|20)\d\d\b")
PLAIN = ("name", "email", "employer", "other_affiliations", "statement")
MAX_STATEMENT = 50_000


class NominationForm(PublicForm):
    """Nomination of oneself or another person. The election type determines the wording, years and acknowledgements."""

    per_hour = 10
    is_self = forms.BooleanField(label=_("I nominate myself"), required=False)
    name = forms.CharField(label=_("Name"), max_length=300, help_text=_("Shown publicly, for example Ada Byron."))
    email = forms.EmailField(label=_("Email address"), help_text=_("Email address of the nominee. It is not shown publicly."))
    has_served = forms.ChoiceField(
        label="", choices=[("no", "No"), ("yes", gettext_lazy("Yes, in these years:"))], widget=forms.RadioSelect, initial="no"
    )
    years = forms.MultipleChoiceField(label=_("Years"), required=False, widget=forms.CheckboxSelectMultiple)
    employer = forms.CharField(label=_("Employer"), max_length=1024, help_text=_("Or “independent”, “student” or “retired”."))
    other_affiliations = forms.CharField(
        label=_("Other affiliations"),
        required=False,
        max_length=2048,
        help_text=_("Organizations and projects that are relevant to this position."),
    )
    statement = forms.CharField(label=_("Statement"), max_length=MAX_STATEMENT, widget=forms.Textarea({"rows": 12}))

    def __init__(self, *args: Any, election: Election, nomination: Nomination | None = None, **kwargs: Any) -> None:
        self.election = election
        self.nomination = nomination or Nomination(election=election)
        super().__init__(*args, **kwargs)
        kind = election.kind
        self.acknowledgements = kind.acknowledgement_list if kind else []
        for one in self.acknowledgements:
            self.fields[f"ack_{one.key}"] = forms.BooleanField(label=one.label, help_text=one.help_text, required=False)
        self.fields["statement"].help_text = kind.statement_help if kind else gettext("You can use Markdown.")
        self.asks_for_service = not election.hide_previous_service
        if self.asks_for_service:
            first = kind.first_year if kind else 2001
            self.fields["has_served"].label = kind.service_label if kind else gettext("Previous service")
            years = [(str(year), str(year)) for year in range(date.today().year, first - 1, -1)]  # noqa: DTZ011 -- years alone.
            self.fields["years"].choices = years  # type: ignore[attr-defined]
        else:
            del self.fields["has_served"], self.fields["years"]
        if nomination:
            del self.fields["is_self"]
            self.initial = self.initial_of(nomination)

    def initial_of(self, nomination: Nomination) -> dict:
        initial = {name: getattr(nomination, name) for name in PLAIN}
        if self.asks_for_service:
            offered = {value for value, _ in self.fields["years"].choices}  # type: ignore[attr-defined]
            years = [year for year in YEAR.findall(nomination.previous_service) if year in offered]
            initial |= {"years": years, "has_served": "yes" if years else "no"}
        return initial | {f"ack_{key}": True for key in nomination.acknowledged}

    @property
    def fields_of_acknowledgements(self) -> Any:
        return [self[f"ack_{one.key}"] for one in self.acknowledgements]

    @property
    def nominates_self(self) -> bool:
        return self.nomination.is_self if self.nomination.pk else bool(self.cleaned_data.get("is_self"))

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        if self.asks_for_service and cleaned.get("has_served") == "yes" and not cleaned.get("years"):
            self.add_error("years", gettext("Choose at least one year."))
        for one in self.acknowledgements:
            name = f"ack_{one.key}"
            if not self.nominates_self:
                # Only the nominees themselves can accept.
                cleaned[name] = False
            elif one.required and not cleaned.get(name):
                self.add_error(name, gettext("Required when you nominate yourself."))
        user = cast("User", self.request.user)
        if cleaned.get("is_self") and not (user.first_name and user.last_name):
            self.add_error(
                None,
                gettext("Add your first and last name to your account first. They are used in the URL of your candidate page."),
            )
        return cleaned

    def write(self) -> Nomination:
        """Return the unsaved nomination with the submitted values."""
        nomination, typed = self.nomination, self.cleaned_data
        for name in PLAIN:
            setattr(nomination, name, typed[name])
        if not nomination.pk:
            nomination.is_self = typed["is_self"]
        nomination.previous_service = self.service()
        nomination.acknowledged = [one.key for one in self.acknowledgements if typed[f"ack_{one.key}"]]
        return nomination

    def service(self) -> str:
        if not self.asks_for_service:
            return ""
        if self.cleaned_data["has_served"] == "yes":
            return ", ".join(sorted(self.cleaned_data["years"]))
        return self.election.kind.new_member_label if self.election.kind else gettext("New member")


class MembershipForm(PublicForm):
    """Basic membership form. Given consent is not requested again."""

    per_hour = 10
    legal_name = forms.CharField(
        label=_("Legal name"),
        max_length=100,
        help_text=_("Your name as it appears on official documents. Visible to PSF staff only."),
    )
    preferred_name = forms.CharField(label=_("Preferred name"), max_length=100, help_text=_("What should we call you?"))
    email = forms.EmailField(label=_("Email address"), max_length=100)
    city = forms.CharField(label=_("City"), max_length=100)
    region = forms.CharField(label=_("State, province or region"), max_length=100, required=False)
    country = forms.CharField(label=_("Country"), max_length=100)
    postal_code = forms.CharField(label=_("Postal code"), max_length=20, required=False)
    announcements = forms.BooleanField(label=_("Send me PSF announcements by email"), required=False)
    code_of_conduct = forms.BooleanField(
        label=_("I agree to the PSF code of conduct"),
        error_messages={"required": _("To become a member, agree to the code of conduct.")},
    )

    def __init__(self, *args: Any, membership: Membership | None = None, **kwargs: Any) -> None:
        user = kwargs["request"].user
        new = {"legal_name": user.get_full_name(), "preferred_name": user.first_name, "email": user.email}
        super().__init__(*args, initial=model_to_dict(membership) if membership else new, **kwargs)
        if membership and membership.code_of_conduct:
            del self.fields["code_of_conduct"]

    @property
    def typed(self) -> dict:
        return {name: value for name, value in self.cleaned_data.items() if name not in PublicForm.base_fields}


class AnswerForm(forms.Form):
    answer = forms.ChoiceField(choices=[("yes", "yes"), ("no", "no")])
    comment = forms.CharField(
        label=_("Message to PSF staff"),
        required=False,
        max_length=2000,
        widget=forms.Textarea({"rows": 3}),
        help_text=_("Optional. Not shown publicly."),
    )


class NomineeForm(forms.ModelForm):
    """Staff form for the identity of a nominee."""

    account = forms.CharField(required=False, max_length=254, help_text=_("Username or email address of the nominee’s account."))

    class Meta:
        model = Nominee
        fields = ["name", "slug", "email"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["slug"].required = False
        nominee = self.instance
        self.fields["account"].initial = nominee.user.get_username() if nominee.user else ""
        alike = User.objects.filter(email__iexact=nominee.email).exclude(email="").first() if not nominee.user else None
        if alike:
            self.fields["account"].help_text += f" The account “{alike}” has the email address of this nomination."

    def clean_account(self) -> Any:
        typed = self.cleaned_data["account"].strip()
        if not typed:
            return None
        user = User.objects.filter(Q(username__iexact=typed) | Q(email__iexact=typed)).first()
        if user is None:
            raise ValidationError(
                gettext("No account has this username or email address. Check the spelling, or leave the field empty.")
            )
        if self.instance.election.nominees.filter(user=user).exclude(pk=self.instance.pk).exists():
            raise ValidationError(gettext("This account is already a candidate in this election."))
        return user

    def clean_slug(self) -> str:
        slug, election = self.cleaned_data["slug"], self.instance.election
        others = Nominee.objects.filter(election=election).exclude(pk=self.instance.pk)
        if slug != self.initial["slug"] and election.is_published():
            raise ValidationError(gettext("The slug cannot be changed after the candidates are published."))
        if slug and others.filter(slug=slug).exists():
            raise ValidationError(gettext("Another candidate in this election has this slug. Choose another one."))
        return slug or free_slug(self.cleaned_data.get("name", ""), others)

    def save(self, commit: bool = True) -> Any:  # noqa: FBT001, FBT002 -- Django's signature.
        self.instance.user = self.cleaned_data["account"]
        return super().save(commit)
