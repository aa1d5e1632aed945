from datetime import date, timedelta
from typing import Self

from django.db import models
from django.db.models import Sum
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

# Months that daily numbers are kept, so that a month can be compared with the same month of the previous year.
MONTHS_KEPT = 13
DAYS_SHOWN = 30
MAX_QUERY = 100


def first_day_kept(on: date | None = None) -> date:
    """Return the first day of the month from which daily numbers are kept."""
    months = (on or timezone.localdate()).year * 12 + (on or timezone.localdate()).month - 1 - MONTHS_KEPT
    return date(months // 12, months % 12 + 1, 1)


class DailyQuerySet(models.QuerySet):
    """Rows with a day."""

    def recent(self, on: date | None = None, *, days: int = DAYS_SHOWN) -> Self:
        """Return the rows of the last days, including today."""
        return self.filter(day__gt=(on or timezone.localdate()) - timedelta(days=days))

    def forgettable(self, on: date | None = None) -> Self:
        return self.filter(day__lt=first_day_kept(on))


class PageViews(models.Model):
    """Number of times that browsers with scripts showed a page on one day (`cms.content.page_views`)."""

    page = models.ForeignKey("wagtailcore.Page", on_delete=models.CASCADE, related_name="+")
    day = models.DateField(db_index=True)
    views = models.PositiveIntegerField(_("views"), default=0)

    objects = DailyQuerySet.as_manager()

    class Meta:
        ordering = ["-day"]
        constraints = [models.UniqueConstraint(fields=["page", "day"], name="one_row_of_views_for_each_day")]

    def __str__(self) -> str:
        return f"{self.page_id}, {self.day}: {self.views}"


class PageSearchQuerySet(DailyQuerySet):
    def by_query(self) -> models.QuerySet:
        """Return each query with the number of visits, the most frequent first."""
        return self.order_by().values("query").annotate(total=Sum("visits")).order_by("-total", "query")


class PageSearch(models.Model):
    """Query of the site search whose results led to a page, with the number of visits on one day."""

    page = models.ForeignKey("wagtailcore.Page", on_delete=models.CASCADE, related_name="+")
    day = models.DateField(db_index=True)
    query = models.CharField(_("query"), max_length=MAX_QUERY)
    visits = models.PositiveIntegerField(_("visits"), default=0)

    objects = PageSearchQuerySet.as_manager()

    class Meta:
        ordering = ["-day"]
        constraints = [models.UniqueConstraint(fields=["page", "day", "query"], name="one_row_for_each_query_and_day")]

    def __str__(self) -> str:
        return f"{self.query}: {self.page_id}, {self.day}"
