"""Parts of admin lists: columns, lists of pages of one type, menu items."""

from datetime import datetime
from typing import Any

from django.conf import settings
from django.db.models.fields.json import KeyTextTransform
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django_filters import ChoiceFilter
from wagtail.admin.menu import MenuItem
from wagtail.admin.ui.tables import Column
from wagtail.admin.views.pages.listing import ExplorableIndexView, IndexView, PageFilterSet
from wagtail.admin.viewsets.pages import PageListingViewSet, PageViewSet
from wagtail.models import Page, Site, WorkflowState

from cms.content.models import reserved
from cms.platform.dates import show_date
from cms.platform.text import parse_int

from .work import old_drafts, recent_drafts


class ChipColumn(Column):
    """Column with a colored status. The value is a pair of label and one of: ok, warn, info, quiet."""

    cell_template_name = "cms/admin/chip_cell.html"


class DayColumn(Column):
    """Column with a past or future date. Wagtail's column shows “Just now” for all future dates."""

    def get_value(self, instance: Any) -> Any:
        value = super().get_value(instance)
        if isinstance(value, datetime):
            return show_date(timezone.localtime(value), "DATETIME_ZONE")
        return show_date(value, "DATE_FORMAT") if value else ""


class PermissionMenuItem(MenuItem):
    """Menu item that needs a permission."""

    def __init__(self, *args: Any, permission: str, **kwargs: Any) -> None:
        self.permission = permission
        super().__init__(*args, **kwargs)

    def is_shown(self, request: HttpRequest) -> bool:
        return request.user.has_perm(self.permission)


class ModeratedPageFilterSet(PageFilterSet):
    """Filters of moderated pages, by the state of their review."""

    # Filters for site and owner are not useful here, and each would read its choices for every list.
    site = owner = None
    review = ChoiceFilter(
        label=_("Review"),
        method="filter_review",
        choices=[
            (WorkflowState.STATUS_IN_PROGRESS, _("In review")),
            (WorkflowState.STATUS_NEEDS_CHANGES, _("Changes requested")),
        ],
    )

    drafts = ChoiceFilter(
        label=_("Unpublished changes"),
        method="filter_drafts",
        choices=[("recent", _("Of the last 6 months")), ("old", _("Older"))],
    )

    class Meta:
        model = Page
        fields: list[str] = []

    def _add_locale_filter(self) -> None:
        if len(settings.WAGTAIL_CONTENT_LANGUAGES) > 1:
            super()._add_locale_filter()

    def filter_drafts(self, pages: Any, name: str, value: str) -> Any:
        return (recent_drafts if value == "recent" else old_drafts)(pages, timezone.now())

    def filter_review(self, pages: Any, name: str, value: Any) -> Any:
        waiting = WorkflowState.objects.filter(status=value).values_list("object_id", flat=True)
        return pages.filter(pk__in=[parse_int(pk) for pk in waiting])


# Each row of a page list has its own menus, so the number of rows is limited by the rendering time.
PAGES_SHOWN = 30


class FixedQueriesMixin:
    """Read what permissions on the rows need once for the whole list."""

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        reserved.read_once(request.user)
        return super().get(request, *args, **kwargs)  # type: ignore[misc]  # The view below.

    def annotate_queryset(self, pages: Any) -> Any:
        pages = super().annotate_queryset(pages)  # type: ignore[misc]  # The view below.
        return pages.annotate(drafted_slug=KeyTextTransform("slug", "latest_revision__content"))


class ExplorerView(FixedQueriesMixin, ExplorableIndexView):
    """List of the children of a page, by default of the front page. Pages directly under Root have no URL."""

    paginate_by = PAGES_SHOWN

    def get(self, request: HttpRequest, parent_page_id: int | None = None) -> HttpResponse:
        site = None if parent_page_id else Site.find_for_request(request)
        return super().get(request, site.root_page_id if site else parent_page_id)


class ExplorerViewSet(PageViewSet):
    """Page explorer."""

    index_view_class = ExplorerView


class PagesIndexView(FixedQueriesMixin, IndexView):
    paginate_by = PAGES_SHOWN
    related: tuple[str, ...] = ()

    def annotate_queryset(self, pages: Any) -> Any:
        return super().annotate_queryset(pages).prefetch_related(*self.related)


class PagesViewSet(PageListingViewSet):
    """Flat list of the pages of one type in the menu group of its section. `related` names relations that its columns read."""

    index_view_class = PagesIndexView
    filterset_class = ModeratedPageFilterSet
    related: tuple[str, ...] = ()
    menu_permission = "wagtailadmin.access_admin"

    def get_index_view_kwargs(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_index_view_kwargs(related=self.related, **kwargs)

    def get_menu_item(self, order: int | None = None) -> MenuItem:
        return PermissionMenuItem(
            self.menu_label, self.menu_url, icon_name=self.icon, order=order or self.menu_order, permission=self.menu_permission
        )
