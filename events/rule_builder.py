"""Recurrence builder: plain form fields that represent an iCalendar rule."""

from datetime import date, time
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.formats import time_format
from django.utils.translation import gettext_lazy as _

from cms.platform.dates import show_date

from .models import Event
from .recurrence import Span, parts_of, spans, until_of
from .rule_text import DAYS, describe_rule

NEVER, DAILY, WEEKLY, MONTHLY, MONTHLY_NTH, YEARLY, CUSTOM = "", "daily", "weekly", "monthly", "nth", "yearly", "custom"
REPEATS = [
    (NEVER, _("Does not repeat")),
    (DAILY, "Daily"),
    (WEEKLY, "Weekly"),
    (MONTHLY, _("Monthly, on the same date")),
    (MONTHLY_NTH, _("Monthly, on a weekday such as the second Thursday")),
    (YEARLY, "Yearly"),
]
FREQUENCY = {DAILY: "DAILY", WEEKLY: "WEEKLY", MONTHLY: "MONTHLY", MONTHLY_NTH: "MONTHLY", YEARLY: "YEARLY"}
SHOWN_DATES = 8


class RuleForm(forms.Form):
    """Fields of the recurrence builder. Forms of events inherit them and call `build_rule` in `clean`."""

    repeats = forms.ChoiceField(required=False, choices=REPEATS)
    interval = forms.IntegerField(
        label=_("Interval"),
        required=False,
        min_value=1,
        max_value=99,
        help_text=_(
            "Days, weeks, months or years between occurrences. For example, weekly with 2 is every other week. Defaults to 1."
        ),
    )
    weekdays = forms.MultipleChoiceField(
        label=_("Days of the week"),
        required=False,
        choices=list(DAYS.items()),
        widget=forms.CheckboxSelectMultiple,
        help_text=_("For weekly events. Defaults to the weekday of the first occurrence."),
    )
    nth = forms.TypedChoiceField(
        label=_("Week of the month"),
        required=False,
        coerce=int,
        empty_value=None,
        choices=[("", "–"), (1, _("First")), (2, _("Second")), (3, _("Third")), (4, _("Fourth")), (-1, _("Last"))],
        help_text=_("For monthly events. Defaults to the week of the first occurrence."),
    )
    nth_day = forms.ChoiceField(label=_("Day of the week"), required=False, choices=[("", "–"), *DAYS.items()])
    until = forms.DateField(
        label=_("Until"),
        required=False,
        widget=forms.DateInput({"type": "date"}),
        help_text=_("Last possible day of an occurrence."),
    )
    count = forms.IntegerField(
        label=_("Number of occurrences"), required=False, min_value=1, max_value=1000, help_text=_("Including the first one.")
    )

    def build_rule(self, start: date | None) -> str:
        """Return the rule built from the fields. Errors are added to the fields."""
        data = self.cleaned_data
        repeats = data.get("repeats")
        if not repeats or repeats == CUSTOM or start is None:
            return ""
        parts = {"FREQ": FREQUENCY[repeats]}
        if (data.get("interval") or 1) > 1:
            parts["INTERVAL"] = str(data["interval"])
        day_of_start = list(DAYS)[start.weekday()]
        if repeats == WEEKLY:
            chosen = data.get("weekdays") or [day_of_start]
            parts["BYDAY"] = ",".join(day for day in DAYS if day in chosen)
        elif repeats == MONTHLY_NTH:
            number = data.get("nth") or (start.day - 1) // 7 + 1
            parts["BYDAY"] = f"{min(number, 4)}{data.get('nth_day') or day_of_start}"
        elif repeats == MONTHLY:
            parts["BYMONTHDAY"] = str(start.day)
        if data.get("until") and data.get("count"):
            self.add_error("count", _("Enter either an end date or a number of dates, not both."))
        elif data.get("until"):
            parts["UNTIL"] = f"{data['until']:%Y%m%d}"
            if data["until"] < start:
                self.add_error("until", _("The end date is before the first date."))
        elif data.get("count"):
            parts["COUNT"] = str(data["count"])
        return ";".join(f"{name}={value}" for name, value in parts.items())


def fields_of(event: Event) -> dict:  # noqa: PLR0911 -- one for each kind of rule.
    """Return the builder fields of an event, with "custom" for a rule that they cannot represent."""
    if not event.rrule:
        return {"repeats": NEVER}
    try:
        parts = parts_of(event.rrule)
        until = until_of(parts.pop("UNTIL"), event.time_zone).date() if "UNTIL" in parts else None
    except (ValidationError, ValueError):
        return {"repeats": CUSTOM}
    parts.pop("WKST", None)
    frequency = parts.pop("FREQ")
    shown: dict = {"until": until, "interval": parts.pop("INTERVAL", None), "count": parts.pop("COUNT", None)}
    days = [day for day in parts.pop("BYDAY", "").split(",") if day]
    month_day = parts.pop("BYMONTHDAY", None)
    if parts:
        return {"repeats": CUSTOM}
    if frequency == "WEEKLY" and set(days) <= set(DAYS) and month_day is None:
        return shown | {"repeats": WEEKLY, "weekdays": days}
    if frequency == "MONTHLY" and len(days) == 1 and days[0][:-2] in {"1", "2", "3", "4", "-1"} and month_day is None:
        return shown | {"repeats": MONTHLY_NTH, "nth": int(days[0][:-2]), "nth_day": days[0][-2:]}
    same_day = event.start_date is None or month_day in {None, str(event.start_date.day)}
    plain = {"DAILY": DAILY, "MONTHLY": MONTHLY, "YEARLY": YEARLY}.get(frequency)
    if plain and not days and (month_day is None if plain != MONTHLY else same_day):
        return shown | {"repeats": plain}
    return {"repeats": CUSTOM}


class DatesForm(RuleForm):
    """Date fields of an event, as sent by a form while it is edited."""

    start_date = forms.DateField()
    start_time = forms.TimeField(required=False)
    end_date = forms.DateField(required=False)
    end_time = forms.TimeField(required=False)
    time_zone = forms.CharField(required=False)
    rrule = forms.CharField(required=False)
    rdates = forms.CharField(required=False)
    exdates = forms.CharField(required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["repeats"].choices = [*REPEATS, (CUSTOM, _("Custom (use the rule below)"))]  # type: ignore[attr-defined]

    def answer(self) -> dict:
        """Return the next dates and the description of the rule, or error messages."""
        if not self.is_valid():
            return {"errors": [message for messages in self.errors.values() for message in messages]}
        data = self.cleaned_data
        rule = self.build_rule(data["start_date"])
        if self.errors:
            return {"errors": [message for messages in self.errors.values() for message in messages]}
        event = Event(
            start_date=data["start_date"],
            start_time=data["start_time"],
            end_date=data["end_date"],
            end_time=data["end_time"],
            time_zone=data["time_zone"] or "UTC",
            rrule=data["rrule"] if data["repeats"] == CUSTOM else rule,
            rdates=data["rdates"],
            exdates=data["exdates"],
        )
        try:
            Event._meta.get_field("time_zone").run_validators(event.time_zone)
            event.clean()
            found = spans(event)
        except ValidationError as error:
            return {"errors": error.messages}
        return {
            "rule": event.rrule,
            "description": describe_rule(event),
            "dates": [_line(event, span) for span in found[:SHOWN_DATES]],
            "more": len(found) > SHOWN_DATES,
        }


def _line(event: Event, span: Span) -> str:
    line = show_date(span.starts_on, "WEEKDAY_DATE")
    if span.ends_on != span.starts_on:
        line += _(" to %s") % show_date(span.ends_on, "WEEKDAY_DATE")
    return line if event.all_day else f"{line}, {time_format(time.fromisoformat(span.key[11:]), 'TIME_FORMAT')}"
