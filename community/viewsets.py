"""Admin of the community: stories, companies, posts, blogs. Other lists are in `registers.py`."""

from typing import Any

from django.db.models import Count
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from wagtail.admin.menu import MenuItem
from wagtail.admin.panels import FieldPanel, MultiFieldPanel
from wagtail.admin.ui.tables import BooleanColumn, Column
from wagtail.admin.viewsets.model import ModelViewSetGroup
from wagtail.snippets.views.snippets import IndexView, SnippetViewSet

from cms.editor.listings import ModeratedPageFilterSet, PagesViewSet, PermissionMenuItem
from cms.editor.saved_replies import SavedReplyViewSet

from .models import Company, PostPage, StoryPage, StorySavedReply
from .registers import REGISTERS


class StoryFilterSet(ModeratedPageFilterSet):
    class Meta:
        model = StoryPage
        fields = ["live", "featured", "category"]


class StoryListViewSet(PagesViewSet):
    model = StoryPage
    name = "story_pages"
    url_prefix = "community/stories"
    icon = "openquote"
    menu_label = _("Stories")
    menu_permission = "community.view_storycategory"
    filterset_class = StoryFilterSet
    columns = [
        *PagesViewSet.columns,
        Column("organisation", label=_("Company")),
        Column("category", sort_key="category__name"),
        BooleanColumn("featured", sort_key="featured"),
    ]
    list_export = [
        *("title", "slug", "category", "organisation", "author", "author_email", "live", "featured", "featured_order"),
        *("featured_from", "featured_until", "first_published_at"),
    ]
    export_filename = "stories"
    related = ("category", "company")


class PostListViewSet(PagesViewSet):
    model = PostPage
    name = "post_pages"
    url_prefix = "community/posts"
    icon = "pick"
    menu_label = _("Posts")
    menu_permission = "community.view_storycategory"
    columns = [*PagesViewSet.columns, Column("get_kind_display", label=_("Type"), sort_key="kind")]
    list_export = ["title", "slug", "kind", "source_url", "live", "first_published_at"]
    export_filename = "posts"


class CompanyIndexView(IndexView):
    def get_base_queryset(self) -> Any:
        return Company.objects.annotate(story_count=Count("stories"))


class CompanyViewSet(SnippetViewSet):
    model = Company
    icon = "site"
    menu_label = _("Companies")
    menu_item_is_registered = True
    url_prefix = "community/companies"
    index_view_class = CompanyIndexView
    copy_view_enabled = False
    list_display = ["name", "url", "contact", "email", Column("story_count", label=_("Stories"), sort_key="story_count")]
    list_export = ["name", "slug", "url", "contact", "email", "about"]
    export_filename = "companies"
    search_fields = ["name", "contact", "email"]
    search_backend_name = None
    panels = [
        MultiFieldPanel(
            [FieldPanel("name"), FieldPanel("slug"), FieldPanel("url"), FieldPanel("logo"), FieldPanel("about")],
            heading=_("Public"),
        ),
        MultiFieldPanel([FieldPanel("contact"), FieldPanel("email")], heading=_("For staff")),
    ]


class StorySavedReplyViewSet(SavedReplyViewSet):
    model = StorySavedReply
    url_prefix = "community/replies"


class CommunityViewSetGroup(ModelViewSetGroup):
    items = (StoryListViewSet, CompanyViewSet, PostListViewSet, StorySavedReplyViewSet)
    menu_label = _("Community")
    menu_icon = "openquote"
    menu_order = 180

    def get_submenu_items(self) -> list[MenuItem]:
        items = super().get_submenu_items()
        registers = [register().get_menu_item(order=10 + place) for place, register in enumerate(REGISTERS)]
        dashboard = PermissionMenuItem(
            "Feed health",
            reverse("community_feeds"),
            icon_name="rotate",
            order=20,
            permission="community.view_feed",
        )
        return [*items, *registers, dashboard]
