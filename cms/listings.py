"""Parts of the lists of the admin: a chip in a cell, lists of the pages of a kind, items of a section's menu."""

from django_filters import ChoiceFilter
from wagtail.admin.menu import MenuItem
from wagtail.admin.ui.tables import Column
from wagtail.admin.views.pages.listing import PageFilterSet
from wagtail.admin.viewsets.pages import PageListingViewSet
from wagtail.models import Page, WorkflowState


class ChipColumn(Column):
    """A word with a colour. The value is the word and one of: ok, warn, info, quiet."""

    cell_template_name = "cms/admin/chip_cell.html"


class PermissionMenuItem(MenuItem):
    """An entry of the menu for those who have a permission."""

    def __init__(self, *args, permission: str, **kwargs):
        self.permission = permission
        super().__init__(*args, **kwargs)

    def is_shown(self, request):
        return request.user.has_perm(self.permission)


class ModeratedPageFilterSet(PageFilterSet):
    """Finds what waits: for a moderator, or for its author."""

    review = ChoiceFilter(
        label="Review",
        method="filter_review",
        choices=[
            (WorkflowState.STATUS_IN_PROGRESS, "Waits for review"),
            (WorkflowState.STATUS_NEEDS_CHANGES, "With its author"),
        ],
    )

    class Meta:
        model = Page
        fields: list[str] = []

    def filter_review(self, pages, name, value):
        waiting = WorkflowState.objects.filter(status=value).values_list("object_id", flat=True)
        return pages.filter(pk__in=[int(pk) for pk in waiting if pk.isdecimal()])


class PagesViewSet(PageListingViewSet):
    """A flat list of the pages of a kind, in the menu group of its section."""

    menu_permission = "wagtailadmin.access_admin"

    def get_menu_item(self, order=None):
        return PermissionMenuItem(
            self.menu_label, self.menu_url, icon_name=self.icon, order=order or self.menu_order, permission=self.menu_permission
        )
