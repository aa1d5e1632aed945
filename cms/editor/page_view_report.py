"""Report of page views: views, searches, feedback and problem reports of each public page."""

from datetime import timedelta
from typing import Any

import django_filters
from django.conf import settings
from django.db.models import Count, IntegerField, OuterRef, Q, QuerySet, Subquery, Sum
from django.db.models.functions import Coalesce
from django.urls import URLPattern, reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from wagtail.admin.ui.tables import Column, NumberColumn
from wagtail.models import Page

from cms.content.models.page_views import DAYS_SHOWN, PageSearch, PageViews
from cms.moderation.models import PageFeedback, ProblemReport
from cms.platform.text import parse_int

from .reports import HealthReport, ReportMenuItem, contains, content_owner, filters, urls_of, with_path

PERIODS = [(7, _("7 days")), (DAYS_SHOWN, _("30 days")), (90, _("90 days")), (365, _("365 days"))]
SHOWN_QUERIES = 5


def _total(rows: QuerySet, expression: Any) -> Coalesce:
    """Return an expression for a number of rows that belong to a page, 0 without rows."""
    numbers = rows.filter(page=OuterRef("pk")).order_by().values("page").annotate(total=expression).values("total")
    return Coalesce(Subquery(numbers, output_field=IntegerField()), 0)


def with_numbers(pages: QuerySet, *, days: int = DAYS_SHOWN) -> QuerySet:
    """Return pages with the views, visits from the search and answers of the last days, and their open problem reports."""
    answers = PageFeedback.objects.filter(created_at__gt=timezone.now() - timedelta(days=days))
    return pages.annotate(
        views=_total(PageViews.objects.recent(days=days), Sum("views")),
        search_visits=_total(PageSearch.objects.recent(days=days), Sum("visits")),
        helpful_count=_total(answers.filter(helpful=True), Count("pk")),
        unhelpful_count=_total(answers.filter(helpful=False), Count("pk")),
        problem_count=_total(ProblemReport.objects.filter(status=ProblemReport.Status.OPEN), Count("pk")),
    )


def get_page_numbers(page: Page) -> dict[str, Any]:
    """Return the numbers of the side panel: views of the last days and of the days before, queries, and problem reports."""
    today = timezone.localdate()
    before = today - timedelta(days=DAYS_SHOWN)
    rows = PageViews.objects.filter(page_id=page.pk)
    is_recent = Q(day__gt=before)
    numbers = rows.recent(today, days=2 * DAYS_SHOWN).aggregate(
        recent=Coalesce(Sum("views", filter=is_recent), 0), previous=Coalesce(Sum("views", filter=~is_recent), 0)
    )
    return numbers | {
        "queries": list(PageSearch.objects.filter(page_id=page.pk).recent(today).by_query()[:SHOWN_QUERIES]),
        "problems": ProblemReport.objects.filter(page_id=page.pk, status=ProblemReport.Status.OPEN).count(),
    }


class PageViewReport(HealthReport):
    """List of the public pages with their numbers."""

    slug, icon, page_title, model = "page-views", "view", _("Page views"), Page
    template_name = "cms/admin/page_view_report.html"
    shown = [
        ("title", _("Page")),
        ("address", _("Path")),
        ("views", _("Views")),
        ("search_visits", _("From our search")),
        ("helpful_count", _("Helpful")),
        ("unhelpful_count", _("Not helpful")),
        ("problem_count", _("Open problem reports")),
        ("owner_name", _("Content owner")),
    ]
    default_ordering = "-views"
    filterset_class = filters(
        Page,
        # The numbers of the rows depend on it, not the rows.
        period=django_filters.ChoiceFilter(label=_("Period"), choices=PERIODS, method=lambda rows, _name, _value: rows),
        title=contains("title", _("Title")),
        address=contains("address", _("Path")),
        owner_name=contains("owner_name", _("Content owner")),
    )

    @property
    def sample(self) -> int:
        return settings.PAGE_VIEWS_SAMPLE

    @property
    def days(self) -> int:
        chosen = parse_int(self.request.GET.get("period", ""), DAYS_SHOWN)
        return chosen if chosen in dict(PERIODS) else DAYS_SHOWN

    def get_rows(self) -> QuerySet:
        pages = with_path(Page.objects.live().filter(depth__gt=1)).annotate(owner_name=content_owner())
        return with_numbers(pages, days=self.days)

    def column(self, name: str, label: Any) -> Column:
        if name in {"address", "owner_name"}:
            return super().column(name, label)
        return NumberColumn(name, label=label, sort_key=name)

    def edit_url(self, row: Page) -> str:
        return reverse("wagtailadmin_pages:edit", args=[row.pk])


def menu_item() -> ReportMenuItem:
    report = PageViewReport
    return ReportMenuItem(report.page_title, reverse("health_page-views"), name=report.slug, icon_name=report.icon, order=45)


def urls() -> list[URLPattern]:
    return urls_of(PageViewReport)
