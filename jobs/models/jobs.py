import re
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import MaxLengthValidator, RegexValidator, URLValidator
from django.db import models
from django.urls import reverse
from django.utils import timezone
from django.utils.text import slugify
from django_countries import countries
from django_countries.fields import CountryField
from modelcluster.fields import ParentalManyToManyField
from modelcluster.models import ClusterableModel
from wagtail.search import index
from wagtail.search.queryset import SearchableQuerySetMixin

from cms.delivery import purging
from users.models import User

from .acts import JobActs, Status
from .lookups import JobBoardSettings, JobCategory, JobType

DAYS_NEW = 30
DAYS_FILLED_PAGE = 90
LONGEST_TEXT = 20_000

is_not_too_long = MaxLengthValidator(LONGEST_TEXT, "Keep this below 20,000 characters; these are %(show_value)s.")
# Nothing of this would run or show; a person who pastes it should know.
holds_no_program = RegexValidator(
    re.compile(r"</?\s*(script|style|iframe|object|embed|svg|img|form|input|link|meta|base)\b", re.IGNORECASE),
    "Write plain words or Markdown. HTML such as <script> has no effect here.",
    inverse_match=True,
)
is_web_address = URLValidator(schemes=["http", "https"], message="Type a web address, such as https://example.org/careers.")


class JobQuerySet(SearchableQuerySetMixin, models.QuerySet):
    def visible(self, at: datetime | None = None):
        """Adverts a visitor may see at a given moment (now by default)."""
        return self.filter(status=Status.APPROVED, expires_at__gt=at or timezone.now())

    def in_queue(self):
        """All that waits for a moderator, the longest wait first: adverts in review, and changes of live ones."""
        waits = models.Q(status=Status.REVIEW) | models.Q(proposed_revision__isnull=False)
        return self.filter(waits).order_by("waits_since", "pk")

    def to_warn(self, at: datetime | None = None):
        """Adverts that end soon and whose posters do not know yet."""
        at = at or timezone.now()
        soon = at + timedelta(days=JobBoardSettings.load().days_to_warn)
        return self.visible(at).filter(expires_at__lte=soon, warned_at__isnull=True)

    def to_expire(self, at: datetime | None = None):
        return self.filter(status=Status.APPROVED, expires_at__lte=at or timezone.now(), proposed_revision__isnull=True)

    def of_former_accounts(self):
        """Adverts whose posters have ended their accounts."""
        return self.filter(submitted_by__forgotten_at__isnull=False)

    def refuse_blocked(self, user: User) -> None:
        """Raises ValidationError for an account that an advert was removed from as spam, until that one is restored."""
        if self.filter(submitted_by=user, is_spam=True).exists():
            raise ValidationError(
                "This account may not post adverts, since one of them was removed as spam. "
                f"Write to {JobBoardSettings.load().board_email} if that was a mistake."
            )

    def for_list(self):
        """With all that a card shows, featured ones on top, then the newest."""
        return self.select_related("category").defer(*TEXTS).order_by("-is_featured", "-approved_at", "-pk")


class Job(JobActs, index.Indexed, ClusterableModel):
    """An advert for a job, its text as Markdown."""

    Status = Status

    class Remote(models.TextChoices):
        NO = "no", "At the place of work"
        COUNTRY = "country", "Remote within the country"
        WORLDWIDE = "worldwide", "Remote from anywhere"

    class Period(models.TextChoices):
        HOUR = "hour", "an hour"
        DAY = "day", "a day"
        MONTH = "month", "a month"
        YEAR = "year", "a year"

    title = models.CharField("job title", max_length=100, validators=[holds_no_program])
    category = models.ForeignKey(JobCategory, on_delete=models.PROTECT, related_name="jobs")
    job_types = ParentalManyToManyField(JobType, verbose_name="fields of work", blank=True, related_name="jobs")
    company_name = models.CharField("company", max_length=100, validators=[holds_no_program])
    company_description = models.TextField("about the company", blank=True, validators=[is_not_too_long, holds_no_program])
    logo = models.ForeignKey(
        settings.WAGTAILIMAGES_IMAGE_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    country = CountryField()
    region = models.CharField("state or region", max_length=100, blank=True, validators=[holds_no_program])
    city = models.CharField(max_length=100, validators=[holds_no_program])
    location_slug = models.SlugField(max_length=350, editable=False, allow_unicode=True)
    remote = models.CharField("remote work", max_length=10, choices=Remote, default=Remote.NO)
    salary_min = models.PositiveIntegerField("salary from", null=True, blank=True)
    salary_max = models.PositiveIntegerField("salary to", null=True, blank=True)
    salary_currency = models.CharField(
        "currency",
        max_length=3,
        blank=True,
        validators=[RegexValidator(r"^[A-Z]{3}$", "Type three capital letters, such as EUR.")],
        help_text="Three letters, such as EUR.",
    )
    salary_period = models.CharField("salary for", max_length=10, choices=Period, blank=True)
    description = models.TextField("job description", validators=[is_not_too_long, holds_no_program])
    requirements = models.TextField(validators=[is_not_too_long, holds_no_program])
    contact = models.CharField("contact person", max_length=100, blank=True, validators=[holds_no_program])
    email = models.EmailField("contact address", help_text="Stands on the advert, and gets our mails about it.")
    url = models.URLField(
        "web address", max_length=500, validators=[is_web_address], help_text="Where people apply or read more."
    )
    agencies = models.BooleanField("agencies may contact us", default=False)
    is_featured = models.BooleanField("featured", default=False, help_text="On top of the list, with a badge.")
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    # What a poster writes, and a change of a live advert may therefore change.
    TEXT_FIELDS = (
        *("title", "category", "job_types", "company_name", "company_description", "logo", "country", "region", "city", "remote"),
        *("salary_min", "salary_max", "salary_currency", "salary_period", "description", "requirements", "contact", "email"),
        *("url", "agencies"),
    )

    objects = JobQuerySet.as_manager()

    search_fields = [
        index.SearchField("title", boost=5),
        index.AutocompleteField("title"),
        index.SearchField("company_name", boost=3),
        index.AutocompleteField("company_name"),
        index.SearchField("city"),
        index.SearchField("region"),
        index.SearchField("description"),
        index.SearchField("requirements"),
        index.FilterField("status"),
        index.FilterField("expires_at"),
    ]

    class Meta:
        ordering = ["-created_at"]
        permissions = [("moderate_job", "Can moderate jobs")]
        indexes = [models.Index(fields=["status", "is_featured", "approved_at"], name="jobs_list")]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(salary_max__gte=models.F("salary_min")) | models.Q(salary_max__isnull=True),
                name="jobs_salary_range",
                violation_error_message="The highest salary is below the lowest one.",
            )
        ]

    def __str__(self) -> str:
        return f"{self.title}, {self.company_name}"

    def clean(self):
        if self.salary_min and self.salary_max and self.salary_min > self.salary_max:
            raise ValidationError({"salary_max": "The highest salary is below the lowest one."})
        if (self.salary_min or self.salary_max) and not (self.salary_currency and self.salary_period):
            raise ValidationError({"salary_currency": "Say in which currency and for how long, such as EUR and a year."})

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.location_slug = slugify(f"{self.city} {self.region} {self.country_name}", allow_unicode=True)
        super().save(*args, **kwargs)

    def get_absolute_url(self):
        return reverse("jobs:job_detail", args=[self.pk])

    @property
    def full_url(self) -> str:
        return settings.BASE_URL + self.get_absolute_url()

    @property
    def country_name(self) -> str:
        return countries.name(str(self.country))

    @property
    def display_location(self) -> str:
        return ", ".join(filter(None, [self.city, self.region, self.country_name]))

    @property
    def display_salary(self) -> str:
        """ "60,000–80,000 EUR a year", or nothing."""
        ends = {f"{amount:,}": None for amount in (self.salary_min, self.salary_max) if amount}
        if not ends:
            return ""
        range_words = "–".join(ends)
        if len(ends) == 1 and self.salary_min != self.salary_max:
            range_words = f"{'from' if self.salary_min else 'up to'} {range_words}"
        return f"{range_words} {self.salary_currency} {self.get_salary_period_display()}"

    @property
    def is_remote(self) -> bool:
        return self.remote != self.Remote.NO

    def is_new(self, at: datetime | None = None) -> bool:
        return bool(self.approved_at and self.approved_at > (at or timezone.now()) - timedelta(days=DAYS_NEW))

    def is_live(self, at: datetime | None = None) -> bool:
        return self.status == Status.APPROVED and bool(self.expires_at and self.expires_at > (at or timezone.now()))

    def shows_as_filled(self, at: datetime | None = None) -> bool:
        """Whether the page says that the job is filled; later it says that the advert is gone."""
        since = (at or timezone.now()) - timedelta(days=DAYS_FILLED_PAGE)
        return self.status == Status.ARCHIVED and bool(self.filled_at and self.filled_at > since)

    def was_public(self) -> bool:
        return bool(self.approved_at) and self.status not in {Status.DRAFT, Status.REVIEW, Status.REJECTED}

    def similar(self, at: datetime | None = None):
        """Live adverts of the same category, those of the same country first."""
        same_country = models.Case(models.When(country=self.country, then=0), default=1)
        others = Job.objects.visible(at).filter(category=self.category_id).exclude(pk=self.pk)
        return others.for_list().order_by(same_country, "-approved_at", "-pk")

    def with_content_json(self, content):
        """The text of a revision, and everything else as it is now."""
        content = {name: content[name] for name in self.TEXT_FIELDS if name in content}
        if not JobCategory.objects.filter(pk=content.get("category")).exists():
            content.pop("category", None)
        return super().with_content_json(self.serializable_data() | content)

    def take_text_of(self, other: "Job") -> None:
        """Make another version's text this advert's own, and save it."""
        for name in self.TEXT_FIELDS:
            if name != "job_types":
                setattr(self, name, getattr(other, name))
        self.job_types.set(other.job_types.all())
        self.save()

    def text_before(self) -> "Job | None":
        """What the moderators knew before this version: the live text, or that of their last answer."""
        if self.proposed_revision_id:
            return self
        known = (
            self.answered_at and self.revisions.filter(created_at__lte=self.answered_at).order_by("-created_at", "-pk").first()
        )
        return known.as_object() if known else None

    def text_now(self) -> "Job":
        """The newest version: the change of a live advert, or the advert itself."""
        return self.proposed_revision.as_object() if self.proposed_revision else self


TEXTS = ("description", "requirements", "company_description")
purging.register(Job, purges=lambda _: ["jobs"])
