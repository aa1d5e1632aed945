import re
from decimal import Decimal
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django_countries.fields import CountryField

from cms.delivery import purging
from events import zones

# Number of consecutive failures after which a source is shown as broken.
FAILURES_OF_BROKEN = 3
# Slugs under /events/ that are not calendars.
RESERVED_SLUGS = {"calendars", "submit", "mine", "month", "week", "list", "feed", "search", "country", "category"}


class SourceURLField(models.URLField):
    """URL of a calendar. Accepts webcal://, which calendar apps use instead of https://."""

    def to_python(self, value: Any) -> Any:
        return secure_scheme(super().to_python(value))

    def formfield(self, **kwargs: Any) -> Any:
        return super().formfield(**{"form_class": SourceURLFormField} | kwargs)

    def deconstruct(self) -> Any:
        name, _, args, kwargs = super().deconstruct()
        return name, "django.db.models.URLField", args, kwargs


class SourceURLFormField(forms.URLField):
    def to_python(self, value: Any) -> Any:
        return super().to_python(secure_scheme(value))


def secure_scheme(value: Any) -> Any:
    return re.sub(r"^\s*webcals?://", "https://", value, flags=re.IGNORECASE) if isinstance(value, str) else value


class Calendar(models.Model):
    """Calendar of events, edited here or imported."""

    class Colour(models.TextChoices):
        BLUE = "brand", _("Blue")
        GREEN = "ok", _("Green")
        YELLOW = "warn", _("Yellow")
        RED = "stop", _("Red")
        GREY = "neutral", _("Gray")

    name = models.CharField(max_length=100, help_text=_("Name shown to visitors, for example Python Events."))
    slug = models.SlugField(
        max_length=100, unique=True, help_text=_("Part of the URL /events/…/. Links and scripts use it, so do not change it.")
    )
    description = models.CharField(max_length=255, blank=True, help_text=_("One sentence shown below the name."))
    colour = models.CharField(
        _("color"),
        max_length=10,
        choices=Colour,
        default=Colour.BLUE,
        help_text=_("Color of the calendar in lists and in the month view."),
    )
    time_zone = models.CharField(
        max_length=50,
        default="UTC",
        validators=[zones.check],
        help_text=_("For imported events without a time zone, for example Europe/Berlin."),
    )
    url = SourceURLField(
        _("source"),
        max_length=500,
        blank=True,
        help_text=_(
            "URL of an iCalendar file, which is imported every hour. https:// and webcal:// are accepted. "
            "Leave empty for a calendar whose events are edited here."
        ),
    )
    review_imports = models.BooleanField(
        _("review each import"),
        default=False,
        db_default=False,
        help_text=_("Hold back every change in the source until someone confirms it under Events → Calendar sync."),
    )
    rss = models.URLField(_("source RSS feed"), max_length=500, blank=True)
    embed = models.URLField(_("web page of the calendar"), max_length=500, blank=True)
    twitter = models.URLField(_("social media"), max_length=500, blank=True)
    order = models.PositiveSmallIntegerField(default=100, help_text=_("Lower numbers come first."))
    # Validators of the last response, for conditional requests.
    etag = models.CharField(max_length=200, blank=True, editable=False)
    last_modified = models.CharField(max_length=100, blank=True, editable=False)
    failures = models.PositiveIntegerField(_("consecutive failures"), default=0, db_default=0, editable=False)
    succeeded_at = models.DateTimeField(_("last good import"), null=True, blank=True, editable=False)

    class Meta:
        ordering = ["order", "name"]

    def __str__(self) -> str:
        return self.name

    def clean(self) -> None:
        if self.slug in RESERVED_SLUGS:
            raise ValidationError({"slug": _("Another page under /events/ has this URL. Choose a different slug.")})

    def get_absolute_url(self) -> str:
        return reverse("events:calendar", args=[self.slug])

    @property
    def is_broken(self) -> bool:
        return self.failures >= FAILURES_OF_BROKEN


class Category(models.Model):
    """Category of events, such as Conference. Without a calendar it applies to all."""

    calendar = models.ForeignKey(
        Calendar,
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="categories",
        help_text=_("Limit the category to one calendar. Leave empty for all calendars."),
    )
    name = models.CharField(max_length=100)
    slug = models.SlugField(max_length=100, unique=True, help_text=_("Last part of the URL."))

    class Meta:
        ordering = ["name"]
        verbose_name_plural = _("categories")

    def __str__(self) -> str:
        return self.name


class Location(models.Model):
    """Location of events."""

    calendar = models.ForeignKey(
        Calendar,
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="locations",
        help_text=_("This calendar lists the location even without events. Otherwise it is listed where events take place."),
    )
    name = models.CharField(max_length=255)
    address = models.CharField(max_length=255, blank=True, help_text=_("Street address."))
    city = models.CharField(max_length=100, blank=True)
    country = CountryField(blank=True, db_index=True)
    latitude = models.DecimalField(
        max_digits=9, decimal_places=6, null=True, blank=True, validators=[MinValueValidator(-90), MaxValueValidator(90)]
    )
    longitude = models.DecimalField(
        max_digits=9, decimal_places=6, null=True, blank=True, validators=[MinValueValidator(-180), MaxValueValidator(180)]
    )
    time_zone = models.CharField(max_length=50, blank=True, validators=[zones.check], help_text=_("For example Europe/Berlin."))
    url = models.URLField(_("website"), max_length=500, blank=True)
    online = models.BooleanField(default=False, help_text=_("An online location such as a video call."))

    class Meta:
        ordering = ["name"]
        verbose_name = _("location")

    def __str__(self) -> str:
        return self.name

    def clean(self) -> None:
        if (self.latitude is None) != (self.longitude is None):
            raise ValidationError(_("Enter both latitude and longitude, or neither."))

    @property
    def lines(self) -> list[str]:
        """Return the lines of the address."""
        return [line for line in (self.address, self.city, self.country.name) if line]  # type: ignore[attr-defined]

    @property
    def text(self) -> str:
        """Return name and address on one line, without repetitions."""
        return ", ".join(dict.fromkeys([self.name, *self.lines]))

    @property
    def position(self) -> tuple[Decimal, Decimal] | None:
        if self.latitude is None or self.longitude is None:
            return None
        return self.latitude.normalize(), self.longitude.normalize()

    @property
    def geo_uri(self) -> str:
        """Return the geo URI of RFC 5870, which opens a map application."""
        return f"geo:{self.position[0]:f},{self.position[1]:f}" if self.position else ""


for model in (Calendar, Category, Location):
    purging.register(model, purges=lambda _: ["events"])
