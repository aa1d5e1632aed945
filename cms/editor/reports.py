"""Site health reports: broken, missing or overdue content, with filters, sorting and export."""

from datetime import timedelta
from typing import Any

import django_filters
from django.db import models
from django.db.models import Case, Count, F, Model, OuterRef, QuerySet, Subquery, Value, When
from django.db.models.functions import Coalesce, Concat, Substr
from django.http import HttpRequest
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from wagtail.admin.filters import WagtailFilterSet
from wagtail.admin.menu import MenuItem
from wagtail.admin.ui.components import Component
from wagtail.admin.ui.tables import BooleanColumn, Column, TitleColumn
from wagtail.admin.views.reports import ReportView
from wagtail.admin.widgets.button import HeaderButton
from wagtail.images import get_image_model
from wagtail.models import Page, Site

from cms.content.languages import is_default
from cms.content.models.boxes import Box
from cms.content.models.missing_urls import MissingURL
from cms.delivery import cached
from cms.moderation.models import PageFeedback, ProblemReport
from cms.search.models import EmptySearch

from .listings import DayColumn
from .models import BrokenLink
from .reviews import page_types

MAY_READ = "cms.view_brokenlink"
RECENT_FEEDBACK = timedelta(days=30)


def edit_page_url(pk: int) -> str:
    return reverse("wagtailadmin_pages:edit", args=[pk])


class HealthReport(ReportView):
    """Report. `problems()` returns the rows that staff should fix."""

    slug = ""
    icon = "warning"
    model: type[Model]
    permission_required = MAY_READ
    permission_policy = None
    # Name of the attribute, heading, and whether the list can be sorted by it.
    shown: list[tuple[str, str | Promise]] = []
    is_searchable = False
    default_ordering = "pk"

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.header_icon = self.icon
        self.index_url_name = f"health_{self.slug}"
        self.index_results_url_name = f"health_{self.slug}_results"
        self.list_export = [name for name, _label in self.shown]
        self.export_headings = dict(self.shown)
        self.export_filename = self.slug

    def user_has_permission(self, permission: str) -> bool:
        return self.request.user.has_perm(permission)

    @classmethod
    def problems(cls) -> QuerySet:
        raise NotImplementedError

    @classmethod
    def count(cls) -> int:
        return cls.problems().count()

    @classmethod
    def url(cls) -> str:
        """Return the URL of the counted rows."""
        return reverse(f"health_{cls.slug}")

    def edit_url(self, row: Any) -> str | None:
        return None

    def get_rows(self) -> QuerySet:
        """Return the rows that the user may see."""
        return self.problems()

    def get_queryset(self) -> models.QuerySet:
        self.queryset = self.get_rows()
        return super().get_queryset()

    @property
    def columns(self) -> list[Column]:
        (first, heading), *others = self.shown
        return [
            TitleColumn(first, label=heading, get_url=self.edit_url, sort_key=first),
            *[self.column(name, label) for name, label in others],
        ]

    def column(self, name: str, label: str | Promise) -> Column:
        if name.endswith(("_at", "_date")):
            return DayColumn(name, label=label, sort_key=name)
        field = next((known for known in self.model._meta.concrete_fields if known.name == name), None)
        if isinstance(field, models.BooleanField):
            return BooleanColumn(name, label=label, sort_key=name)
        has_choices = hasattr(self.model, f"get_{name}_display")
        return Column(name, label=label, accessor=f"get_{name}_display" if has_choices else name, sort_key=name)


def filters(of: type[Model], *names: str, **declared: Any) -> type[WagtailFilterSet]:
    """Return a FilterSet class with filters for fields of a model and additional declared filters."""
    meta = type("Meta", (), {"model": of, "fields": list(names)})
    return type(f"{of.__name__}Filters", (WagtailFilterSet,), {"Meta": meta, **declared})


def contains(field: str, label: str | Promise) -> django_filters.Filter:
    return django_filters.CharFilter(field_name=field, lookup_expr="icontains", label=label)


class BrokenLinks(HealthReport):
    slug, icon, page_title, model = "broken-links", "link", _("Broken links"), BrokenLink
    shown = [
        ("page_title", _("Page")),
        ("url", _("URL")),
        ("text", _("Link text")),
        ("reason", _("Problem")),
        ("first_seen_at", _("Since")),
    ]
    default_ordering = "-first_seen_at"
    filterset_class = filters(BrokenLink, "internal", url=contains("url", _("URL")))

    @classmethod
    def problems(cls) -> models.QuerySet:
        return BrokenLink.objects.annotate(page_title=F("page__title"))

    def edit_url(self, row: Any) -> str:
        return edit_page_url(row.page_id)


def with_path(pages: QuerySet) -> QuerySet:
    """Return pages annotated with their public path, with the prefix of their language."""
    paths = [
        When(
            url_path__startswith=root.root_path,
            then=Concat(
                Value("" if is_default(root.language_code) else f"/{root.language_code}"),
                Substr("url_path", len(root.root_path)),
            ),
        )
        for root in Site.get_site_root_paths()
    ]
    return pages.annotate(address=Case(*paths, default=F("url_path"), output_field=models.TextField()))


def content_owner(of: str = "") -> Coalesce:
    """Return an expression for the username of the content owner. A page has one type, so the columns of others are empty."""
    return Coalesce(*[f"{of}{model._meta.model_name}__content_owner__username" for model in page_types()])


class PageReport(HealthReport):
    model = Page
    default_ordering = "title"
    filterset_class = filters(Page, "content_type", title=contains("title", _("Title")))

    def edit_url(self, row: Any) -> str:
        return edit_page_url(row.pk)


class PagesWithoutDescription(PageReport):
    slug, icon, page_title = "without-description", "doc-empty", _("Pages without a meta description")
    shown = [("title", _("Page")), ("address", _("Path")), ("last_published_at", "Published")]
    filterset_class = filters(Page, title=contains("title", _("Title")), address=contains("address", _("Path")))

    @classmethod
    def problems(cls) -> models.QuerySet:
        return with_path(Page.objects.live().filter(depth__gt=1, search_description=""))


class OverdueReviews(PageReport):
    slug, icon, page_title = "overdue-reviews", "time", _("Overdue reviews")
    shown = [
        ("title", _("Page")),
        ("address", _("Path")),
        ("review_date", _("Due on")),
        ("owner_name", _("Content owner")),
    ]
    default_ordering = "review_date"
    filterset_class = filters(Page, title=contains("title", _("Title")), owner_name=contains("owner_name", "Content owner"))

    @classmethod
    def problems(cls) -> models.QuerySet:
        review_date = Coalesce(*[f"{model._meta.model_name}__review_date" for model in page_types()])
        pages = with_path(Page.objects.all()).annotate(review_date=review_date, owner_name=content_owner())
        return pages.filter(review_date__lte=timezone.localdate())


class ImagesWithoutDescription(HealthReport):
    slug, icon, page_title, model = (
        "images-without-text",
        "image",
        _("Images without alternative text"),
        get_image_model(),
    )
    shown = [("title", _("Image")), ("collection_name", "Collection"), ("created_at", "Uploaded")]
    default_ordering = "-created_at"
    filterset_class = filters(get_image_model(), "collection", title=contains("title", _("Title")))

    @classmethod
    def problems(cls) -> models.QuerySet:
        return get_image_model().objects.filter(description="", decorative=False).annotate(collection_name=F("collection__name"))

    def edit_url(self, row: Any) -> str:
        return reverse("wagtailimages:edit", args=[row.pk])


class UnusedBoxes(HealthReport):
    slug, icon, page_title, model = "unused-boxes", "copy", _("Unused boxes"), Box
    shown = [("label", "Box"), ("description", "Description"), ("changed_at", "Changed")]
    default_ordering = "label"
    filterset_class = filters(Box, "live", label=contains("label", "Label"))

    @classmethod
    def problems(cls) -> models.QuerySet:
        return Box.objects.unused().annotate(changed_at=F("latest_revision__created_at"))

    @property
    def header_buttons(self) -> list[HeaderButton]:
        if not self.request.user.has_perm("cms.publish_box"):
            return []
        url = reverse("archive_unused_boxes")
        return [HeaderButton(label=_("Archive all unused boxes"), url=url, icon_name="download")]

    def edit_url(self, row: Any) -> str:
        return reverse(Box.snippet_viewset.get_url_name("edit"), args=[row.pk])


class MissingURLs(HealthReport):
    slug, icon, page_title, model = "missing-urls", "circle-xmark", _("Missing URLs"), MissingURL
    shown = [("path", _("Path")), ("hits", _("Requests")), ("referrer", _("Referrer")), ("last_seen_at", _("Last request"))]
    default_ordering = "-hits"
    filterset_class = filters(MissingURL, path=contains("path", _("Path")), referrer=contains("referrer", _("Referrer")))

    @classmethod
    def problems(cls) -> models.QuerySet:
        return MissingURL.objects.all()

    def edit_url(self, row: Any) -> str:
        return reverse("redirect_missing", args=[row.pk])


class EmptySearches(HealthReport):
    slug, icon, page_title, model = "empty-searches", "search", _("Searches without results"), EmptySearch
    shown = [
        ("query", _("Query")),
        ("hits", _("Searches")),
        ("first_searched_at", _("First search")),
        ("last_searched_at", _("Last search")),
    ]
    default_ordering = "-hits"
    filterset_class = filters(EmptySearch, query=contains("query", _("Question")))

    @classmethod
    def problems(cls) -> models.QuerySet:
        return EmptySearch.objects.all()

    def edit_url(self, row: Any) -> str:
        return reverse("wagtailsearchpromotions:add")


class ProblemReports(HealthReport):
    slug, icon, page_title, model = "problem-reports", "comment", _("Problem reports"), ProblemReport
    shown = [
        ("path", _("Page")),
        ("text", "Problem"),
        ("section", "Section"),
        ("section_count", _("Open reports in the section")),
        ("status", "Status"),
        ("created_at", "Reported"),
    ]
    default_ordering = "-created_at"
    filterset_class = filters(
        ProblemReport,
        "status",
        path=contains("path", _("Page")),
        section=django_filters.AllValuesFilter(label=_("Section")),
        text=contains("text", "Problem"),
    )

    @classmethod
    def problems(cls) -> models.QuerySet:
        same = ProblemReport.objects.filter(section=OuterRef("section"), status=ProblemReport.Status.OPEN)
        counted = same.order_by().values("section").annotate(count=Count("pk")).values("count")
        return ProblemReport.objects.annotate(section_count=Subquery(counted))

    @classmethod
    def count(cls) -> int:
        return ProblemReport.objects.filter(status=ProblemReport.Status.OPEN).count()

    @classmethod
    def url(cls) -> str:
        return f"{super().url()}?status={ProblemReport.Status.OPEN}"

    def edit_url(self, row: Any) -> str:
        return reverse("problem_report", args=[row.pk])


def filter_commented(rows: QuerySet, _name: str, value: str) -> QuerySet:
    """Return the feedback with a comment, or without one."""
    return rows.exclude(comment="") if value else rows.filter(comment="")


class PageFeedbackReport(HealthReport):
    slug, icon, page_title, model = "page-feedback", "help", _("Page feedback"), PageFeedback
    shown = [
        ("page_title", _("Page")),
        ("helpful", _("Helpful")),
        ("comment", _("Comment")),
        ("owner_name", _("Content owner")),
        ("created_at", _("Sent")),
    ]
    default_ordering = "-created_at"
    filterset_class = filters(
        PageFeedback,
        "helpful",
        commented=django_filters.BooleanFilter(method=filter_commented, label=_("With a comment")),
        page_title=contains("page_title", _("Page")),
        owner_name=contains("owner_name", _("Content owner")),
        comment=contains("comment", _("Comment")),
    )

    @classmethod
    def problems(cls) -> models.QuerySet:
        return PageFeedback.objects.annotate(page_title=F("page__title"), owner_name=content_owner("page__"))

    @classmethod
    def count(cls) -> int:
        """Return the number of comments of the last month on pages that did not help."""
        recent = timezone.now() - RECENT_FEEDBACK
        return PageFeedback.objects.filter(helpful=False, created_at__gt=recent).exclude(comment="").count()

    def edit_url(self, row: Any) -> str:
        return reverse("page_feedback_detail", args=[row.pk])


REPORTS: list[type[HealthReport]] = [
    ProblemReports,
    PageFeedbackReport,
    BrokenLinks,
    MissingURLs,
    EmptySearches,
    OverdueReviews,
    PagesWithoutDescription,
    ImagesWithoutDescription,
    UnusedBoxes,
]


class HealthPanel(Component):
    """Panel of the admin home with the number of problems in each report."""

    order = 90
    template_name = "cms/admin/health_panel.html"

    def get_context_data(self, parent_context: dict[str, Any]) -> dict[str, Any]:
        # Cached for a minute, because it takes nine counts over the whole site.
        counts = cached.cached("health", lambda: {report.slug: report.count() for report in REPORTS})
        reports = [{"title": report.page_title, "url": report.url(), "count": counts[report.slug]} for report in REPORTS]
        return {
            "reports": [report for report in reports if report["count"]],
            "all_is_well": not any(row["count"] for row in reports),
        }


class ReportMenuItem(MenuItem):
    def is_shown(self, request: HttpRequest) -> bool:
        return request.user.has_perm(MAY_READ)


def urls_of(report: type[HealthReport]) -> list[URLPattern]:
    return [
        path(f"reports/{report.slug}/", report.as_view(), name=f"health_{report.slug}"),
        path(f"reports/{report.slug}/results/", report.as_view(results_only=True), name=f"health_{report.slug}_results"),
    ]


def urls() -> list[URLPattern]:
    return [address for report in REPORTS for address in urls_of(report)]
