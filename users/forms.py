"""Forms of profiles, API keys and account deletion."""

from typing import Any

from allauth.account.adapter import get_adapter
from allauth.account.forms import SignupForm as AllauthSignupForm
from allauth.core import context, ratelimit
from django import forms
from django.contrib.auth.validators import ASCIIUsernameValidator
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from .models import ServiceKey, User
from .security import record

# A name in another script can look like someone else's.
USERNAME_VALIDATORS = [ASCIIUsernameValidator()]
HONEYPOT = {"autocomplete": "off", "tabindex": "-1", "class": "honeypot"}
DAYS = [(30, _("30 days")), (90, _("90 days")), (365, _("1 year"))]


class ProfileForm(forms.ModelForm):
    class Meta:
        model = User
        fields = ["username", "first_name", "last_name", "bio", "public_profile"]
        widgets = {"bio": forms.Textarea({"rows": 5})}
        labels = {"username": _("Username")}
        help_texts = {"username": _("Letters, digits and @ . + - _ only. It is part of the URL of your profile.")}

    def clean_username(self) -> str:
        username = self.cleaned_data["username"]
        if username == self.initial["username"]:
            return username
        # The response reveals which names are taken.
        if not ratelimit.consume(context.request, action="change_username"):
            raise ValidationError(_("You have tried too many usernames. Try again in an hour."))
        if User.objects.filter(username__iexact=username).exclude(pk=self.instance.pk).exists():
            record("username_taken", request=context.request, user=self.instance)
            raise ValidationError(_("This username is already taken."))
        return username


class SignupForm(AllauthSignupForm):
    """Add a honeypot field to allauth's form, and log each username that is reported as taken.

    The form has to reveal this, since the name is public and unique. ACCOUNT_RATE_LIMITS["signup"] limits the attempts of one
    client address.
    """

    website_two = forms.CharField(
        required=False,
        label=_("Leave this empty"),
        widget=forms.TextInput(HONEYPOT),
    )

    def clean_username(self) -> str:
        try:
            return super().clean_username()
        except ValidationError:
            typed = self.cleaned_data["username"]
            if User.objects.filter(username__iexact=typed).exists():
                record("username_taken", request=context.request)
            raise

    def clean_website_two(self) -> str:
        if self.cleaned_data["website_two"]:
            raise ValidationError(_("This looks like spam. Leave the hidden field empty."))
        return ""


class ServiceKeyForm(forms.Form):
    name = forms.CharField(max_length=100, help_text=_("Name of the program that uses the key, and where it runs."))
    scopes = forms.MultipleChoiceField(
        label=_("Permissions"), widget=forms.CheckboxSelectMultiple, initial=[ServiceKey.Scope.READ]
    )
    days = forms.TypedChoiceField(label=_("Expires after"), choices=DAYS, coerce=int, initial=90)

    def __init__(self, *args: Any, owner: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        scopes = ServiceKey.scopes_of(owner)
        self.fields["scopes"].choices = [(scope, ServiceKey.Scope(scope).label) for scope in scopes]  # type: ignore[attr-defined]


class DeletionForm(forms.Form):
    password = forms.CharField(label=_("Your password"), widget=forms.PasswordInput({"autocomplete": "current-password"}))
    sure = forms.BooleanField(label=_("I understand that this cannot be undone"))

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.user = user
        if not user.has_usable_password():
            del self.fields["password"]

    def clean_password(self) -> str:
        # The adapter counts wrong passwords, as at sign-in.
        if not get_adapter().reauthenticate(self.user, self.cleaned_data["password"]):
            raise ValidationError(_("The password is incorrect."))
        return self.cleaned_data["password"]
