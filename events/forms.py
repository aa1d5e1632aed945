from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _
from django_countries import countries

from cms.content.forms import TrustedHTMLForm
from cms.content.public_forms import PublicForm

from . import zones
from .models import Calendar, Category, Event, Location
from .models.events import LOCKABLE
from .rule_builder import CUSTOM, REPEATS, RuleForm, fields_of

DATE, TIME = {"type": "date"}, {"type": "time"}
PLACE_FIELDS = {"venue_name": "name", "address": "address", "city": "city", "country": "country"}


class EventForm(RuleForm, TrustedHTMLForm):
    """Form of the admin. The recurrence builder writes the rule."""

    locked_fields = forms.MultipleChoiceField(
        label=_("Locked fields"), required=False, choices=list(LOCKABLE.items()), widget=forms.CheckboxSelectMultiple
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["repeats"].choices = [*REPEATS, (CUSTOM, _("Custom (use the rule below)"))]  # type: ignore[attr-defined]
        for name, value in fields_of(self.instance).items():
            self.fields[name].initial = value
        if "time_zone" in self.fields:
            known = dict(zones.choices())
            current = self.instance.time_zone
            extra = [] if current in known else [(current, current)]
            self.fields["time_zone"].widget = forms.Select(choices=[*extra, *zones.choices()])

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        # A form without the builder, such as the form of a revision, does not change the rule.
        if "repeats" in self.data and cleaned.get("repeats") != CUSTOM:
            cleaned["rrule"] = self.build_rule(cleaned.get("start_date"))
        return cleaned


class SubmissionForm(RuleForm, PublicForm):
    """Public form of an event."""

    per_hour = 10
    title = forms.CharField(label=_("Event name"), max_length=200)
    calendar = forms.ModelChoiceField(
        label=_("Calendar"),
        queryset=Calendar.objects.filter(url=""),
        empty_label=None,
        help_text=_("Calendar that will list the event."),
    )
    description = forms.CharField(
        label=_("Description"),
        max_length=10_000,
        widget=forms.Textarea({"rows": 8}),
        help_text=_(
            "Describe the event, its audience and how it relates to Python. You can use Markdown: **bold**, lists, links."
        ),
    )
    start_date = forms.DateField(label=_("Start date"), widget=forms.DateInput(DATE))
    start_time = forms.TimeField(
        label=_("Start time"), required=False, widget=forms.TimeInput(TIME), help_text=_("Leave empty for an all-day event.")
    )
    end_date = forms.DateField(
        label=_("End date"), required=False, widget=forms.DateInput(DATE), help_text=_("Leave empty for a one-day event.")
    )
    end_time = forms.TimeField(label=_("End time"), required=False, widget=forms.TimeInput(TIME))
    time_zone = forms.ChoiceField(
        label=_("Time zone"), initial="UTC", help_text=_("Time zone of the event, for example Europe/Berlin.")
    )
    exdates = forms.CharField(
        label=_("Excluded dates"),
        required=False,
        max_length=2000,
        widget=forms.Textarea({"rows": 2}),
        help_text=_("Dates on which a recurring event does not take place, one per line, for example 2026-12-25."),
    )
    venue_name = forms.CharField(label=_("Venue"), required=False, max_length=255, help_text=_("For example Town Hall, room 3."))
    address = forms.CharField(label=_("Street address"), required=False, max_length=255)
    city = forms.CharField(required=False, max_length=100)
    country = forms.ChoiceField(required=False)
    online_url = forms.URLField(
        label=_("Online event URL"), required=False, max_length=500, assume_scheme="https", help_text=_("This link is public.")
    )
    url = forms.URLField(label=_("Website"), required=False, max_length=500, assume_scheme="https")
    organiser = forms.CharField(
        label=_("Organizer"), required=False, max_length=200, help_text=_("Group, company or person that runs the event.")
    )
    categories = forms.ModelMultipleChoiceField(
        required=False, queryset=Category.objects.filter(calendar=None), widget=forms.CheckboxSelectMultiple
    )

    def __init__(self, *args: Any, event: Event | None = None, **kwargs: Any) -> None:
        self.event = event or Event()
        super().__init__(*args, initial=initial_of(event) if event else None, **kwargs)
        self.fields["time_zone"].choices = zones.choices()  # type: ignore[attr-defined]
        self.fields["country"].choices = [("", "–"), *countries]  # type: ignore[attr-defined]
        if fields_of(self.event)["repeats"] == CUSTOM:
            self.fields["repeats"].choices = [*REPEATS, (CUSTOM, _("Keep the current rule"))]  # type: ignore[attr-defined]

    def clean_title(self) -> str:
        return " ".join(self.cleaned_data["title"].split())

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        if not any(cleaned.get(name) for name in ("venue_name", "city", "online_url")) and not self.errors:
            self.add_error("venue_name", _("Enter a venue or an online event URL."))
        if self.errors:
            return cleaned
        event = self.event
        for name in (
            "title",
            "calendar",
            "description",
            "start_date",
            "start_time",
            "end_date",
            "end_time",
            "time_zone",
            "exdates",
        ):
            setattr(event, name, cleaned[name])
        for name in ("online_url", "url", "organiser"):
            setattr(event, name, cleaned[name])
        if cleaned["repeats"] != CUSTOM:
            event.rrule = self.build_rule(cleaned["start_date"])
        if not self.errors:
            try:
                event.clean()
            except ValidationError as error:
                # Errors of the rule are shown at the fields that build it.
                for name, messages in error.message_dict.items():
                    self.add_error({"rrule": "repeats"}.get(name, name), messages)
        return cleaned

    def write(self) -> Event:
        """Return the event with the submitted values. A new location gets its own row, because existing rows may be shared."""
        place = {column: self.cleaned_data[name] for name, column in PLACE_FIELDS.items()}
        place["name"] = place["name"] or place["city"]
        self.event.venue = None
        if place["name"]:
            known = Location.objects.filter(**place).order_by("pk").first()
            self.event.venue = known or Location.objects.create(**place, time_zone=self.cleaned_data["time_zone"])
        self.event.categories = list(self.cleaned_data["categories"])
        return self.event


def initial_of(event: Event) -> dict:
    names = ["title", "description", "start_date", "start_time", "end_date", "end_time", "time_zone", "exdates"]
    initial = {name: getattr(event, name) for name in [*names, "online_url", "url", "organiser"]}
    initial["calendar"], initial["categories"] = event.calendar_id, [row.pk for row in event.categories.all()]
    if event.venue:
        initial |= {name: getattr(event.venue, column) for name, column in PLACE_FIELDS.items()}
        initial["country"] = event.venue.country.code
    return initial | fields_of(event)
