"""Read-only lists of blog feeds, entries and story categories."""

from typing import Any

from django.contrib.admin import display
from django.utils.translation import gettext_lazy as _
from wagtail.admin.panels import FieldPanel, MultiFieldPanel
from wagtail_modeladmin.helpers import PermissionHelper
from wagtail_modeladmin.options import ModelAdmin

from cms.editor.registers import ForgivingIndexView, InUsePermissionHelper
from users.models import User

from .models import BlogEntry, Feed, FeedAggregate, StoryCategory


class NotInUsePermissionHelper(InUsePermissionHelper):
    """Forbid deleting categories that have stories."""

    used_by = "stories"


class EntryPermissionHelper(PermissionHelper):
    """Permissions for imported entries, which staff can only hide and pin."""

    def user_can_create(self, user: User) -> bool:
        return False

    def user_can_delete_obj(self, user: User, obj: Any) -> bool:
        return False


class StoryCategoryAdmin(ModelAdmin):
    model = StoryCategory
    base_url_path = "community/categories"
    menu_label = _("Story categories")
    menu_icon = "tag"
    add_to_admin_menu = False
    permission_helper_class = NotInUsePermissionHelper
    list_display = ("name", "slug")
    list_export = ("name", "slug")
    search_fields = ("name", "slug")
    export_filename = "story-categories"


class FeedAdmin(ModelAdmin):
    model = Feed
    base_url_path = "community/feeds"
    menu_label = _("Feeds")
    menu_icon = "feed"
    add_to_admin_menu = False
    index_view_class = ForgivingIndexView
    list_display = ("name", "feed_url", "health", "read_at", "succeeded_at", "error")
    list_filter = ("active",)
    list_export = ("name", "slug", "website_url", "feed_url", "active", "health", "read_at", "succeeded_at", "failures", "error")
    search_fields = ("name", "feed_url", "website_url")
    export_filename = "feeds"
    empty_value_display = "–"
    panels = [
        MultiFieldPanel([FieldPanel("name"), FieldPanel("slug"), FieldPanel("website_url")], heading=_("Public")),
        MultiFieldPanel([FieldPanel("feed_url"), FieldPanel("active")], heading=_("Source")),
    ]

    @display(description="Health", ordering="failures")
    def health(self, feed: Feed) -> str:
        return feed.health_label


class BlogEntryAdmin(ModelAdmin):
    model = BlogEntry
    base_url_path = "community/entries"
    menu_label = _("Blog entries")
    menu_icon = "list-ul"
    add_to_admin_menu = False
    permission_helper_class = EntryPermissionHelper
    index_view_class = ForgivingIndexView
    list_display = ("title", "feed", "published_at", "is_hidden", "pinned_until")
    list_filter = ("is_hidden",)
    list_select_related = ("feed",)
    list_per_page = 50
    list_export = ("title", "feed", "url", "published_at", "is_hidden", "pinned_until")
    search_fields = ("title", "url", "feed__name")
    export_filename = "blog-entries"
    empty_value_display = "–"
    panels = [
        MultiFieldPanel(
            [FieldPanel("is_hidden"), FieldPanel("pinned_until")],
            heading=_("On this site"),
            help_text=_("Title, text and date are updated from the blog every 15 minutes. Your choices here are kept."),
        ),
    ]


class FeedAggregateAdmin(ModelAdmin):
    model = FeedAggregate
    base_url_path = "community/aggregates"
    menu_label = _("Aggregates")
    menu_icon = "folder-open-inverse"
    add_to_admin_menu = False
    list_display = ("name", "slug", "description")
    list_export = ("name", "slug", "description")
    search_fields = ("name", "slug")
    export_filename = "aggregates"
    panels = [FieldPanel("name"), FieldPanel("slug"), FieldPanel("description"), FieldPanel("feeds")]


REGISTERS: tuple[type[ModelAdmin], ...] = (FeedAdmin, BlogEntryAdmin, FeedAggregateAdmin, StoryCategoryAdmin)
