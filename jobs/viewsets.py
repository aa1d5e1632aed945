"""Admin of the job board. The queue is in `queue.py`, the report in `reports.py`, types and categories in `registers.py`."""

import django_filters as filters
from django.db.models import QuerySet
from django.forms import RadioSelect, Textarea
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from wagtail.admin.filters import DateRangePickerWidget, WagtailFilterSet
from wagtail.admin.menu import MenuItem
from wagtail.admin.panels import FieldPanel, FieldRowPanel, MultiFieldPanel, ObjectList
from wagtail.admin.ui.tables import Column, DateColumn, TitleColumn
from wagtail.admin.views import generic
from wagtail.admin.viewsets.model import ModelViewSet, ModelViewSetGroup
from wagtail.contrib.settings.registry import SettingMenuItem

from cms.editor.listings import ChipColumn
from cms.editor.saved_replies import SavedReplyViewSet
from cms.platform.dates import show_date

from .models import CHANGE, Job, JobBoardSettings, JobCategory, SavedReply, Status
from .models.jobs import TEXTS
from .queue import QueueViewSet
from .registers import JobCategoryAdmin, JobTypeAdmin
from .reports import ReportViewSet

STATE_COLORS = {Status.APPROVED: "ok", CHANGE: "warn", Status.REVIEW: "warn", Status.REJECTED: "info"}


def state_chip(job: Job) -> tuple[str, str]:
    return job.state_label, STATE_COLORS.get(job.machine_state, "quiet")


def last_day(job: Job) -> str:
    return show_date(job.expires_at, "DATE_FORMAT") if job.expires_at else ""


class JobFilterSet(WagtailFilterSet):
    status = filters.MultipleChoiceFilter(choices=Status.choices)
    category = filters.ModelChoiceFilter(queryset=JobCategory.objects.all())
    remote = filters.ChoiceFilter(choices=Job.Remote.choices, widget=RadioSelect, empty_label=_("All"))
    shown = filters.ChoiceFilter(
        label=_("Show"),
        choices=[("live", _("Live jobs")), ("question", _("Waiting for a reply from the poster"))],
        method="show",
        widget=RadioSelect,
        empty_label=_("All"),
    )
    submitted_at = filters.DateFromToRangeFilter(label=_("Submitted"), widget=DateRangePickerWidget)

    class Meta:
        model = Job
        fields = ["status", "shown", "category", "country", "remote", "is_featured", "is_spam", "submitted_at"]

    def show(self, jobs: QuerySet[Job], name: str, value: str) -> QuerySet[Job]:
        chosen = Job.objects.visible() if value == "live" else Job.objects.waiting_for_poster()
        return jobs.filter(pk__in=chosen.order_by().values("pk"))


class JobIndexView(generic.IndexView):
    def get_base_queryset(self) -> QuerySet[Job]:
        return Job.objects.select_related("category", "submitted_by").defer(*TEXTS)


class JobViewSet(ModelViewSet):
    """All jobs in all states, for corrections by editors. States change on the page of the job in the queue."""

    model = Job
    name = "jobs_job"
    url_prefix = "jobs/all"
    icon = "job"
    menu_label = _("All jobs")
    index_view_class = JobIndexView
    filterset_class = JobFilterSet
    copy_view_enabled = False
    list_per_page = 50
    search_backend_name = None
    search_fields = ["title", "company_name", "city", "submitted_by__username", "email"]
    list_display = [
        TitleColumn("title", get_url=lambda job: reverse("job_queue:job", args=[job.pk]), sort_key="title"),
        Column("company_name", sort_key="company_name"),
        ChipColumn("status", label=_("Status"), accessor=state_chip, sort_key="status"),
        Column("category", sort_key="category__name"),
        Column("country", accessor="country.name", sort_key="country"),
        DateColumn("submitted_at", label=_("Submitted"), sort_key="submitted_at"),
        Column("expires_at", label=_("Expires"), accessor=last_day, sort_key="expires_at", classname="nowrap"),
    ]
    list_export = [
        *("pk", "title", "company_name", "status", "category", "country.code", "region", "city", "remote", "submitted_by"),
        *("email", "created_at", "submitted_at", "answered_at", "approved_at", "expires_at", "is_featured", "is_spam"),
    ]
    export_filename = "jobs"
    edit_handler = ObjectList(
        [
            MultiFieldPanel(
                [FieldPanel("is_featured"), FieldPanel("expires_at")],
                heading=_("Publication"),
                help_text=_(
                    "If the job is live, changes that you save here go live immediately. "
                    "To change its status, open the job in the job queue."
                ),
            ),
            MultiFieldPanel(
                [
                    FieldPanel("title"),
                    FieldPanel("category"),
                    FieldPanel("job_types"),
                    FieldPanel("description", widget=Textarea({"rows": 12})),
                    FieldPanel("requirements", widget=Textarea({"rows": 8})),
                ],
                heading=_("Job"),
                help_text=_("You can use Markdown in the text fields."),
            ),
            MultiFieldPanel(
                [
                    FieldRowPanel([FieldPanel("country"), FieldPanel("city"), FieldPanel("region")]),
                    FieldPanel("remote"),
                    FieldRowPanel([FieldPanel("salary_min"), FieldPanel("salary_max")]),
                    FieldRowPanel([FieldPanel("salary_currency"), FieldPanel("salary_period")]),
                ],
                heading=_("Location and salary"),
            ),
            MultiFieldPanel(
                [
                    FieldPanel("company_name"),
                    FieldPanel("company_description"),
                    FieldPanel("contact"),
                    FieldPanel("email"),
                    FieldPanel("url"),
                    FieldPanel("agencies"),
                ],
                heading=_("Company and contact"),
            ),
        ]
    )


class JobReplyViewSet(SavedReplyViewSet):
    model = SavedReply
    url_prefix = "jobs/replies"


class JobsViewSetGroup(ModelViewSetGroup):
    items = (QueueViewSet, JobViewSet, JobReplyViewSet, ReportViewSet)
    menu_label = _("Jobs")
    menu_icon = "job"
    menu_order = 170

    def get_submenu_items(self) -> list[MenuItem]:
        items = super().get_submenu_items()
        registers = [JobTypeAdmin(), JobCategoryAdmin()]
        return [
            *items,
            *[register.get_menu_item(order=len(items) + position) for position, register in enumerate(registers, 1)],
            SettingMenuItem(JobBoardSettings, icon="cog", order=100),
        ]
