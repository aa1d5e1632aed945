"""Public filters of event lists: GET parameters, so that every selection has a URL."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django_countries import countries

from .models import Calendar, Location
from .models.occurrences import OccurrenceQuerySet

DATE = {"type": "date"}


class EventFilter(forms.Form):
    """Form of `request.GET`. Invalid values are reported and otherwise ignored."""

    q = forms.CharField(
        label=_("Keywords"), required=False, max_length=100, widget=forms.TextInput({"type": "search", "autocomplete": "off"})
    )
    calendar = forms.ChoiceField(required=False)
    country = forms.ChoiceField(required=False)
    since = forms.DateField(label=_("From"), required=False, widget=forms.DateInput(DATE))
    until = forms.DateField(label=_("To"), required=False, widget=forms.DateInput(DATE))
    online = forms.BooleanField(label=_("Online only"), required=False)

    def __init__(self, data: Mapping[str, Any], *, with_calendar: bool = True) -> None:
        super().__init__(data, auto_id="filter-%s", use_required_attribute=False)
        if with_calendar:
            self.calendars = list(Calendar.objects.all())
            self.fields["calendar"].choices = [("", "All"), *((row.slug, row.name) for row in self.calendars)]  # type: ignore[attr-defined]
        else:
            del self.fields["calendar"]
        used = set(Location.objects.exclude(country="").order_by().values_list("country", flat=True).distinct())
        self.fields["country"].choices = [("", "All"), *((code, name) for code, name in countries if code in used)]  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if cleaned.get("since") and cleaned.get("until") and cleaned["until"] < cleaned["since"]:
            raise ValidationError(_("The end date is before the start date."))
        return cleaned

    @property
    def selected(self) -> dict:
        """Return the valid selections."""
        self.is_valid()
        return {name: value for name, value in self.cleaned_data.items() if value}

    @property
    def query(self) -> str:
        """Return the selections as a query string."""
        return urlencode({name: "on" if value is True else value for name, value in self.selected.items()})

    @property
    def page_query(self) -> str:
        return f"{self.query}&" if self.query else ""

    def narrow(self, occurrences: OccurrenceQuerySet) -> OccurrenceQuerySet:
        selected = self.selected
        if "calendar" in selected:
            occurrences = occurrences.filter(event__calendar__slug=selected["calendar"])
        if "country" in selected:
            occurrences = occurrences.filter(event__venue__country=selected["country"])
        if "online" in selected:
            occurrences = occurrences.filter(~Q(event__online_url="") | Q(event__venue__online=True))
        for word in selected.get("q", "").split():
            occurrences = occurrences.filter(
                Q(title__icontains=word)
                | Q(event__organiser__icontains=word)
                | Q(event__venue__name__icontains=word)
                | Q(event__venue__city__icontains=word)
            )
        return occurrences

    def in_range(self, occurrences: OccurrenceQuerySet) -> OccurrenceQuerySet:
        """Return the occurrences in the selected range, including past ones; without a range, those that are not over."""
        selected = self.selected
        if "since" not in selected and "until" not in selected:
            return occurrences.not_over()
        today = timezone.now().date()
        first = selected.get("since", today)
        return occurrences.between(first, selected.get("until", first + timedelta(days=3660)))
