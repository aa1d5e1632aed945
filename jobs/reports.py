"""Monthly report: jobs by status, category and country, with the time to the first response."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import django_filters as filters
from django.contrib.contenttypes.models import ContentType
from django.db.models import Avg, CharField, Count, DurationField, ExpressionWrapper, F, OuterRef, QuerySet, Subquery
from django.db.models.functions import Cast, TruncMonth
from django.urls import URLPattern, path
from django.utils.translation import gettext_lazy as _
from django_countries import countries
from wagtail.admin.filters import DateRangePickerWidget, WagtailFilterSet
from wagtail.admin.ui.tables import Column
from wagtail.admin.views.reports import ReportView
from wagtail.admin.viewsets.base import ViewSet
from wagtail.coreutils import multigetattr
from wagtail.models import ModelLogEntry

from .models import Job, JobCategory, Status
from .queue import QueueMenuItem, moderator_required

HOUR = timedelta(hours=1)


@dataclass(frozen=True)
class ReportRow:
    """Jobs of a month with the same status, category and country."""

    month: date
    state: str
    category: str
    country: str
    number: int
    # From the first submission to the first log entry of a moderator; empty if there is none.
    hours: float | str


class ReportFilterSet(WagtailFilterSet):
    submitted_at = filters.DateFromToRangeFilter(label=_("Submitted"), widget=DateRangePickerWidget)
    status = filters.ChoiceFilter(label=_("Status"), choices=Status.choices)
    category = filters.ModelChoiceFilter(queryset=JobCategory.objects.all())

    class Meta:
        model = Job
        fields = ["submitted_at", "status", "category", "country"]


class MonthlyReportView(ReportView):
    model = Job
    permission_required = "moderate"
    page_title = _("Monthly jobs report")
    header_icon = "doc-full-inverse"
    index_url_name = "job_report:index"
    index_results_url_name = "job_report:index_results"
    filterset_class = ReportFilterSet
    default_ordering = "-submitted_at"
    columns = [
        Column("month", accessor=lambda row: f"{row.month:%B %Y}"),
        Column("state", label=_("Status")),
        Column("category"),
        Column("country"),
        Column("number", label=_("Jobs")),
        Column("hours", label=_("Hours to first reply")),
    ]
    list_export = ["month", "state", "category", "country", "number", "hours"]
    export_headings = {"state": _("Status"), "number": "Jobs", "hours": _("Hours to first reply")}
    export_filename = "jobs-monthly-report"

    def get_queryset(self) -> QuerySet[Job]:
        return Job.objects.filter(submitted_at__isnull=False)

    def get_filtered_queryset(self) -> list[ReportRow]:
        jobs = super().get_filtered_queryset().order_by()
        answers = ModelLogEntry.objects.filter(
            content_type=ContentType.objects.get_for_model(Job),
            object_id=Cast(OuterRef("pk"), CharField()),
            action__in=["jobs.approve", "jobs.reject", "jobs.ask"],
        ).order_by("timestamp")
        wait = ExpressionWrapper(F("answer") - F("submitted_at"), output_field=DurationField())
        grouped = (
            jobs.annotate(month=TruncMonth("submitted_at"), answer=Subquery(answers.values("timestamp")[:1]))
            .values("month", "status", "category__name", "country")
            .annotate(number=Count("pk"), wait=Avg(wait))
            .order_by("-month", "status", "category__name", "country")
        )
        return [
            ReportRow(
                row["month"].date(),
                str(Status(row["status"]).label),
                row["category__name"],
                countries.name(row["country"]),
                row["number"],
                round(row["wait"] / HOUR, 1) if row["wait"] is not None else "",
            )
            for row in grouped
        ]

    def to_row_dict(self, row: ReportRow) -> dict[str, Any]:
        return {name: multigetattr(row, name) for name in self.list_export}


class ReportViewSet(ViewSet):
    name = "job_report"
    url_prefix = "jobs/report"
    icon = "doc-full-inverse"
    menu_label = _("Monthly jobs report")
    menu_item_class = QueueMenuItem

    def get_urlpatterns(self) -> list[URLPattern]:
        return [
            path("", moderator_required(MonthlyReportView.as_view()), name="index"),
            path("results/", moderator_required(MonthlyReportView.as_view(results_only=True)), name="index_results"),
        ]
