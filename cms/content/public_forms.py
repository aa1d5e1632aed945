"""Base class of the public forms: spam protection and rate limits."""

import time
from typing import Any
from urllib.parse import urlsplit

from django import forms
from django.core import signing
from django.core.cache import cache
from django.core.exceptions import ValidationError
from django.http import HttpRequest, QueryDict
from django.utils.translation import gettext_lazy as _

FASTEST_SECONDS = 2


def is_from_this_site(request: HttpRequest) -> bool:
    """Return whether the browser says that a page of this site sent the form.

    It replaces the CSRF token in forms of cached pages, which set no cookie.
    """
    if origin := request.headers.get("Sec-Fetch-Site"):
        return origin in {"same-origin", "none"}
    sender = request.headers.get("Origin")
    return sender is None or urlsplit(sender).netloc == request.get_host()


class LimitedForm(forms.Form):
    """Public form. Give the request as `request=`. `per_hour` limits what one client address may send."""

    per_hour = 20

    def __init__(self, *args: Any, request: HttpRequest, **kwargs: Any) -> None:
        self.request = request
        super().__init__(*args, **kwargs)

    def spend(self) -> None:
        """Count a submission for the client address. Raises ValidationError if it has sent too many in the last hour."""
        key = f"public-form:{type(self).__name__}:{self.request.META.get('REMOTE_ADDR', '')}"
        cache.add(key, 0, 3600)
        if cache.incr(key) > self.per_hour:
            raise ValidationError(_("We received too many submissions from your network in the last hour. Try again later."))


class PublicForm(LimitedForm):
    """Public form with a honeypot field and a signed timestamp against spam."""

    website_two = forms.CharField(
        required=False, label=_("Leave this empty"), widget=forms.TextInput(attrs={"autocomplete": "off", "tabindex": "-1"})
    )
    opened = forms.CharField(widget=forms.HiddenInput, required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["opened"].initial = signing.dumps(time.time(), salt="opened")
        self.fields["website_two"].widget.attrs["class"] = "honeypot"

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if self.data.get(self.add_prefix("website_two")):
            raise ValidationError(_("This looks like spam. Leave the hidden field empty."))
        try:
            opened = signing.loads(self.data.get(self.add_prefix("opened"), ""), salt="opened", max_age=86_400)
        except signing.BadSignature as error:
            # A submitted form takes its values from the data.
            data = QueryDict(mutable=True)
            data.update(self.data)  # type: ignore[arg-type]  # A bound form holds a QueryDict.
            data[self.add_prefix("opened")] = self.fields["opened"].initial
            self.data = data
            raise ValidationError(_("The form was open for too long. Your text is still here. Send it again.")) from error
        if time.time() - opened < FASTEST_SECONDS:
            raise ValidationError(_("The form was sent too quickly. Send it again."))
        return cleaned
