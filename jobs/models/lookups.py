from datetime import datetime
from typing import Self

from django.core.validators import MinValueValidator
from django.db import models
from django.urls import reverse
from django.utils import timezone
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
    slug = models.SlugField(max_length=200, unique=True, help_text="The last part of the address of its list. Do not change it.")
    active = models.BooleanField(default=True, help_text="Offered on the form. Adverts that have it keep it in any case.")

    objects = LookupQuerySet.as_manager()

    class Meta:
        abstract = True
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class JobType(Lookup):
    """Field of work, such as Machine learning. A job may have several."""

    class Meta(Lookup.Meta):
        verbose_name = "field of work"
        verbose_name_plural = "fields of work"

    def get_absolute_url(self) -> str:
        return reverse("jobs:job_list_type", args=[self.slug])


class JobCategory(Lookup):
    """Category of the position, such as Developer. A job has one."""

    class Meta(Lookup.Meta):
        verbose_name_plural = "categories"

    def get_absolute_url(self) -> str:
        return reverse("jobs:job_list_category", args=[self.slug])


class SavedReply(AbstractSavedReply):
    """Reply template for messages of moderators to posters."""


@register_setting(icon="job", order=300)
class JobBoardSettings(BaseGenericSetting):
    """Settings of the job board: durations, email address and posting rules."""

    days_live = models.PositiveSmallIntegerField(
        "days an advert runs",
        default=90,
        validators=[MinValueValidator(1)],
        help_text="Lists, feeds, mails and pages all go by it. Adverts that run keep their day.",
    )
    days_to_warn = models.PositiveSmallIntegerField(
        "days of warning", default=7, help_text="The poster gets a mail this long before the advert ends, and can renew it."
    )
    board_email = models.EmailField(
        "address of the board", default="jobs@python.org", help_text="Gets a mail for each advert to review."
    )
    rules = models.TextField(
        "posting rules",
        blank=True,
        default=(
            "- The work uses Python, and the advert says for what.\n"
            "- The work is paid.\n"
            "- One advert for one opening, without another one live for it.\n"
            "- Plain words: no capitals for whole lines, no decoration."
        ),
        help_text="Beside the form, as Markdown.",
    )

    panels = [FieldPanel("days_live"), FieldPanel("days_to_warn"), FieldPanel("board_email"), FieldPanel("rules")]

    class Meta:
        verbose_name = "job board"


purging.register(JobType, purges=lambda _: ["jobs"])
purging.register(JobCategory, purges=lambda _: ["jobs"])
purging.register(JobBoardSettings, purges=lambda _: ["jobs"])
