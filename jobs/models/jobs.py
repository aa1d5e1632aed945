import re
from datetime import datetime, timedelta
from typing import Any, Self

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import MaxLengthValidator, RegexValidator, URLValidator
from django.db import models
from django.urls import reverse
from django.utils import timezone
from django.utils.text import slugify
from django.utils.translation import gettext, gettext_lazy
from django.utils.translation import gettext_lazy as _
from django_countries import countries
from django_countries.fields import CountryField
from modelcluster.fields import ParentalManyToManyField
from modelcluster.models import ClusterableModel
from wagtail.search import index
from wagtail.search.queryset import SearchableQuerySetMixin

from cms.content.money import CURRENCY_SIGNS
from cms.delivery import purging
from users import identities
from users.models import User

from .lookups import JobBoardSettings, JobCategory, JobType
from .states import JobStates, Status

DAYS_NEW = 30
DAYS_FILLED_PAGE = 90
MAX_TEXT_LENGTH = 20_000

is_not_too_long = MaxLengthValidator(MAX_TEXT_LENGTH, _("Enter at most %(limit_value)s characters (currently %(show_value)s)."))
# Markdown rendering escapes this HTML, so posters who paste it get an error.
has_no_html = RegexValidator(
    re.compile(r"</?\s*(script|style|iframe|object|embed|svg|img|form|input|link|meta|base)\b", re.IGNORECASE),
    _("Use plain text or Markdown. HTML tags are not supported."),
    inverse_match=True,
)
is_web_url = URLValidator(
    schemes=["http", "https"], message=_("Enter a URL that starts with https://, for example https://example.org/careers.")
)


class JobQuerySet(SearchableQuerySetMixin, models.QuerySet):
    def visible(self, at: datetime | None = None) -> Self:
        """Return jobs that visitors can see at `at` (default: now)."""
        return self.filter(status=Status.APPROVED, expires_at__gt=at or timezone.now())

    def in_queue(self) -> Self:
        """Return jobs in review and live jobs with a change in review, the longest-waiting first."""
        waits = models.Q(status=Status.REVIEW) | models.Q(proposed_revision__isnull=False)
        return self.filter(waits).order_by("queued_at", "pk")

    def waiting_for_poster(self) -> Self:
        """Return jobs in the queue whose posters have not answered a question yet."""
        return self.in_queue().filter(question_pending_since__isnull=False)

    def expiring_soon(self, at: datetime | None = None) -> Self:
        """Return jobs that end soon and whose posters were not reminded yet."""
        at = at or timezone.now()
        soon = at + timedelta(days=JobBoardSettings.load().days_to_warn)
        return self.visible(at).filter(expires_at__lte=soon, warned_at__isnull=True)

    def past_end(self, at: datetime | None = None) -> Self:
        return self.filter(status=Status.APPROVED, expires_at__lte=at or timezone.now(), proposed_revision__isnull=True)

    def of_former_accounts(self) -> Self:
        """Return jobs whose posters deleted their accounts."""
        return self.filter(submitted_by__forgotten_at__isnull=False)

    def refuse_blocked(self, user: User) -> None:
        """Refuse an account that has a job removed as spam, until the job is restored. Raises ValidationError."""
        if self.filter(submitted_by=user, is_spam=True).exists():
            raise ValidationError(
                gettext_lazy(
                    "This account cannot post jobs because one of its jobs was removed as spam. "
                    "If this is a mistake, contact %(board_email)s."
                )
                % {"board_email": JobBoardSettings.load().board_email}
            )

    def for_list(self) -> Self:
        """Select the fields of a card, featured jobs first, then the newest."""
        return self.select_related("category").defer(*TEXTS).order_by("-is_featured", "-approved_at", "-pk")


class Job(JobStates, index.Indexed, ClusterableModel):
    """Job posting, with its text as Markdown."""

    Status = Status

    class Remote(models.TextChoices):
        NO = "no", _("On site")
        COUNTRY = "country", _("Remote within the country")
        WORLDWIDE = "worldwide", _("Remote from anywhere")

    class Period(models.TextChoices):
        HOUR = "hour", _("per hour")
        DAY = "day", _("per day")
        MONTH = "month", _("per month")
        YEAR = "year", _("per year")

    title = models.CharField(_("job title"), max_length=100, validators=[has_no_html])
    category = models.ForeignKey(JobCategory, on_delete=models.PROTECT, related_name="jobs")
    job_types = ParentalManyToManyField(JobType, verbose_name=_("job types"), blank=True, related_name="jobs")
    company_name = models.CharField(_("company"), max_length=100, validators=[has_no_html])
    company_description = models.TextField(_("about the company"), blank=True, validators=[is_not_too_long, has_no_html])
    logo = models.ForeignKey(
        settings.WAGTAILIMAGES_IMAGE_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    country = CountryField()
    region = models.CharField(_("state or region"), max_length=100, blank=True, validators=[has_no_html])
    city = models.CharField(max_length=100, validators=[has_no_html])
    location_slug = models.SlugField(max_length=350, editable=False, allow_unicode=True)
    remote = models.CharField(_("remote work"), max_length=10, choices=Remote, default=Remote.NO)
    salary_min = models.PositiveIntegerField(_("salary from"), null=True, blank=True)
    salary_max = models.PositiveIntegerField(_("salary to"), null=True, blank=True)
    salary_currency = models.CharField(
        _("currency"),
        max_length=3,
        blank=True,
        validators=[RegexValidator(r"^[A-Z]{3}$", _("Enter a three-letter currency code in capital letters, for example USD."))],
        help_text=_("Three-letter currency code, for example USD."),
    )
    salary_period = models.CharField(_("salary period"), max_length=10, choices=Period, blank=True)
    description = models.TextField(_("job description"), validators=[is_not_too_long, has_no_html])
    requirements = models.TextField(validators=[is_not_too_long, has_no_html])
    contact = models.CharField(_("contact person"), max_length=100, blank=True, validators=[has_no_html])
    email = models.EmailField(
        _("contact email"), help_text=_("Shown on the job page. Emails about the job are also sent to this address.")
    )
    url = models.URLField(
        _("application URL"),
        max_length=500,
        validators=[is_web_url],
        help_text=_("Page where candidates apply or learn more, for example https://example.org/careers."),
    )
    agencies = models.BooleanField(_("recruiters may contact us"), default=False)
    is_featured = models.BooleanField(_("featured"), default=False, help_text=_("Shown at the top of the list with a badge."))
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    # Fields written by the poster, which are part of a change to a live job.
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
                violation_error_message=_("The maximum salary is lower than the minimum salary."),
            )
        ]

    def __str__(self) -> str:
        return f"{self.title}, {self.company_name}"

    def clean(self) -> None:
        if self.salary_min and self.salary_max and self.salary_min > self.salary_max:
            raise ValidationError({"salary_max": _("The maximum salary is lower than the minimum salary.")})
        if (self.salary_min or self.salary_max) and not (self.salary_currency and self.salary_period):
            raise ValidationError(
                {"salary_currency": _("Enter the currency and the period of the salary, for example USD and per year.")}
            )

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.location_slug = slugify(f"{self.city} {self.region} {self.country_name}", allow_unicode=True)
        super().save(*args, **kwargs)

    def get_absolute_url(self) -> str:
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
        """Return the salary, such as "€60,000–80,000 per year", or an empty string."""
        ends = {f"{amount:,}": None for amount in (self.salary_min, self.salary_max) if amount}
        if not ends:
            return ""
        text = CURRENCY_SIGNS.get(self.salary_currency, f"{self.salary_currency} ") + "–".join(ends)
        if len(ends) == 1 and self.salary_min != self.salary_max:
            text = (gettext("from %s") if self.salary_min else gettext("up to %s")) % text
        return f"{text} {self.get_salary_period_display()}"

    @property
    def is_remote(self) -> bool:
        return self.remote != self.Remote.NO

    def is_new(self, at: datetime | None = None) -> bool:
        return bool(self.approved_at and self.approved_at > (at or timezone.now()) - timedelta(days=DAYS_NEW))

    def is_live(self, at: datetime | None = None) -> bool:
        return self.status == Status.APPROVED and bool(self.expires_at and self.expires_at > (at or timezone.now()))

    def shows_as_filled(self, at: datetime | None = None) -> bool:
        """Return whether the page says that the job is filled. After 90 days, it says that the job is gone."""
        since = (at or timezone.now()) - timedelta(days=DAYS_FILLED_PAGE)
        return self.status == Status.ARCHIVED and bool(self.filled_at and self.filled_at > since)

    def was_public(self) -> bool:
        return bool(self.approved_at) and self.status not in {Status.DRAFT, Status.REVIEW, Status.REJECTED}

    def similar(self, at: datetime | None = None) -> JobQuerySet:
        """Return other live jobs of the category, those of the same country first."""
        same_country = models.Case(models.When(country=self.country, then=0), default=1)
        others = Job.objects.visible(at).filter(category=self.category_id).exclude(pk=self.pk)
        return others.for_list().order_by(same_country, "-approved_at", "-pk")

    def with_content_json(self, content: dict[str, Any]) -> "Job":
        """Return the job with the text of a revision and its current state."""
        content = {name: content[name] for name in self.TEXT_FIELDS if name in content}
        if not JobCategory.objects.filter(pk=content.get("category", 0)).exists():
            content.pop("category", None)
        return super().with_content_json(self.serializable_data() | content)

    def copy_text_from(self, other: "Job") -> None:
        """Copy the text of another version and save it."""
        for name in self.TEXT_FIELDS:
            if name != "job_types":
                setattr(self, name, getattr(other, name))
        self.job_types.set(other.job_types.all())
        self.save()

    def get_reviewed_text(self) -> "Job | None":
        """Return the version that moderators last read: the live text, or the one they last responded to."""
        if self.proposed_revision_id:
            return self
        reviewed = (
            self.answered_at and self.revisions.filter(created_at__lte=self.answered_at).order_by("-created_at", "-pk").first()
        )
        return reviewed.as_object() if reviewed else None

    def get_latest_text(self) -> "Job":
        """Return the newest version: the proposed change to a live job, or the job itself."""
        return self.proposed_revision.as_object() if self.proposed_revision else self


TEXTS = ("description", "requirements", "company_description")
identities.register(
    Job,
    key="poster",
    email="email",
    account="submitted_by",
    role=lambda job: gettext("You are the poster of the job “%(job)s”.") % {"job": job},
)
purging.register(Job, purges=lambda _: ["jobs"])
