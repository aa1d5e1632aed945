from decimal import Decimal

from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.urls import reverse
from django_countries.fields import CountryField

from cms.delivery import purging
from events import zones

# URLs below /events/ that are not calendars.
RESERVED_SLUGS = {"calendars", "submit", "mine", "month", "week", "list", "feed", "search", "country", "category"}


class Calendar(models.Model):
    """Calendar of events, edited here or imported."""

    class Colour(models.TextChoices):
        BLUE = "brand", "Blue"
        GREEN = "ok", "Green"
        YELLOW = "warn", "Yellow"
        RED = "stop", "Red"
        GREY = "neutral", "Grey"

    name = models.CharField(max_length=100, help_text="As visitors know it, such as Python Events.")
    slug = models.SlugField(
        max_length=100, unique=True, help_text="The part of the address, /events/…/. Links and scripts use it: do not change it."
    )
    description = models.CharField(max_length=255, blank=True, help_text="One sentence below the name.")
    colour = models.CharField(
        max_length=10, choices=Colour, default=Colour.BLUE, help_text="Of its mark in lists and in the month."
    )
    time_zone = models.CharField(
        max_length=50,
        default="UTC",
        validators=[zones.check],
        help_text="For events of the source that name no zone, such as Europe/Berlin.",
    )
    url = models.URLField(
        "source",
        max_length=500,
        blank=True,
        help_text="Address of an iCalendar file. It is read every hour; empty for a calendar that is kept here.",
    )
    rss = models.URLField("RSS of the source", max_length=500, blank=True)
    embed = models.URLField("page of the source", max_length=500, blank=True)
    twitter = models.URLField("social media", max_length=500, blank=True)
    order = models.PositiveSmallIntegerField(default=100, help_text="Small numbers come first.")
    # Validators of the last response, for conditional requests.
    etag = models.CharField(max_length=200, blank=True, editable=False)
    last_modified = models.CharField(max_length=100, blank=True, editable=False)

    class Meta:
        ordering = ["order", "name"]

    def __str__(self) -> str:
        return self.name

    def clean(self) -> None:
        if self.slug in RESERVED_SLUGS:
            raise ValidationError({"slug": "Another page of the events has this address. Choose another slug."})

    def get_absolute_url(self) -> str:
        return reverse("events:calendar", args=[self.slug])


class Category(models.Model):
    """Category of events, such as Conference. Without a calendar it applies to all."""

    calendar = models.ForeignKey(
        Calendar,
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="categories",
        help_text="For events of this calendar alone. Empty: for all.",
    )
    name = models.CharField(max_length=100)
    slug = models.SlugField(max_length=100, unique=True, help_text="The last part of the address.")

    class Meta:
        ordering = ["name"]
        verbose_name_plural = "categories"

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
        help_text="The calendar whose list of places shows it also without events. Empty: wherever an event takes place.",
    )
    name = models.CharField(max_length=255)
    address = models.CharField(max_length=255, blank=True, help_text="Street and number.")
    city = models.CharField(max_length=100, blank=True)
    country = CountryField(blank=True, db_index=True)
    latitude = models.DecimalField(
        max_digits=9, decimal_places=6, null=True, blank=True, validators=[MinValueValidator(-90), MaxValueValidator(90)]
    )
    longitude = models.DecimalField(
        max_digits=9, decimal_places=6, null=True, blank=True, validators=[MinValueValidator(-180), MaxValueValidator(180)]
    )
    time_zone = models.CharField(max_length=50, blank=True, validators=[zones.check], help_text="Such as Europe/Berlin.")
    url = models.URLField("website", max_length=500, blank=True)
    online = models.BooleanField(default=False, help_text="A place on the internet, such as a video call.")

    class Meta:
        ordering = ["name"]
        verbose_name = "place"

    def __str__(self) -> str:
        return self.name

    def clean(self) -> None:
        if (self.latitude is None) != (self.longitude is None):
            raise ValidationError("Give both latitude and longitude, or neither.")

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
