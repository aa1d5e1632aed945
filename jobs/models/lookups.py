from datetime import datetime
from typing import Self

from django.core.validators import MinValueValidator
from django.db import models
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from wagtail.admin.panels import FieldPanel
from wagtail.contrib.settings.models import BaseGenericSetting, register_setting

from cms.delivery import purging
from cms.moderation.models import AbstractSavedReply


class LookupQuerySet(models.QuerySet):
    def offered(self) -> Self:
        """Return active rows, which posters can choose."""
        return self.filter(active=True)

    def in_use(self, at: datetime | None = None) -> Self:
        """Return rows that live jobs use, annotated with the number of these jobs as `live_count`."""
        live = models.Q(jobs__status="approved", jobs__expires_at__gt=at or timezone.now())
        return self.annotate(live_count=models.Count("jobs", filter=live)).filter(live_count__gt=0)


class Lookup(models.Model):
    name = models.CharField(max_length=200)
    slug = models.SlugField(
        max_length=200, unique=True, help_text=_("Last part of the URL of its list. Changing it breaks links.")
    )
    active = models.BooleanField(
        default=True, help_text=_("Posters can choose it. Existing jobs keep it even if it is inactive.")
    )

    objects = LookupQuerySet.as_manager()

    class Meta:
        abstract = True
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class JobType(Lookup):
    """Type of the work, such as Machine learning. A job may have several."""

    class Meta(Lookup.Meta):
        verbose_name = _("job type")
        verbose_name_plural = _("job types")

    def get_absolute_url(self) -> str:
        return reverse("jobs:job_list_type", args=[self.slug])


class JobCategory(Lookup):
    """Category of the position, such as Developer. A job has one."""

    class Meta(Lookup.Meta):
        verbose_name = _("job category")
        verbose_name_plural = _("job categories")

    def get_absolute_url(self) -> str:
        return reverse("jobs:job_list_category", args=[self.slug])


class SavedReply(AbstractSavedReply):
    """Reply template for messages of moderators to posters."""


@register_setting(icon="job", order=300)
class JobBoardSettings(BaseGenericSetting):
    """Settings of the job board: durations, email address and posting rules."""

    days_live = models.PositiveSmallIntegerField(
        _("days a job stays live"),
        default=90,
        validators=[MinValueValidator(1)],
        help_text=_("Applies to new and renewed jobs. Jobs that are already live keep their expiration date."),
    )
    days_to_warn = models.PositiveSmallIntegerField(
        _("days of notice"),
        default=7,
        help_text=_("How many days before a job expires its poster is emailed a link to renew it."),
    )
    board_email = models.EmailField(
        _("job board email"), default="jobs@python.org", help_text=_("Receives an email for each job to review.")
    )
    rules = models.TextField(
        _("posting guidelines"),
        blank=True,
        default=(
            "- The job involves Python, and the posting says how.\n"
            "- The job is paid.\n"
            "- Post each opening only once.\n"
            "- Do not use all capitals or decorative characters."
        ),
        help_text=_("Shown next to the form. You can use Markdown."),
    )

    panels = [FieldPanel("days_live"), FieldPanel("days_to_warn"), FieldPanel("board_email"), FieldPanel("rules")]

    class Meta:
        verbose_name = _("job board settings")


purging.register(JobType, purges=lambda _: ["jobs"])
purging.register(JobCategory, purges=lambda _: ["jobs"])
purging.register(JobBoardSettings, purges=lambda _: ["jobs"])
