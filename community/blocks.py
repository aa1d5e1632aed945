from typing import Any

from django.utils.translation import gettext_lazy as _
from wagtail import blocks

from cms.content.public_pages import without_private

from .models import PostPage, StoryPage
from .templatetags.community import blog_entries, featured_stories

GROUP = "Community"


class FeaturedStoriesBlock(blocks.StructBlock):
    """Featured success stories, in the order set by staff, during their feature period."""

    heading = blocks.CharBlock(required=False, max_length=100, default="How people use Python")
    count = blocks.IntegerBlock(
        default=1, min_value=1, max_value=6, help_text=_("One story fills the page width. Several are shown as cards.")
    )

    def get_context(self, value: Any, parent_context: dict[str, Any] | None = None) -> dict[str, Any]:
        context = super().get_context(value, parent_context)
        context["stories"] = featured_stories(context, value["count"])
        return context

    class Meta:
        icon = "openquote"
        group = GROUP
        description = _("Featured success stories")
        template = "community/blocks/stories.html"
        preview_value = {"heading": "How people use Python", "count": 1}


class StoryBlock(blocks.StructBlock):
    """Story chosen by an editor. Empty while the story is a draft."""

    story = blocks.PageChooserBlock(StoryPage)

    def get_context(self, value: Any, parent_context: dict[str, Any] | None = None) -> dict[str, Any]:
        context = super().get_context(value, parent_context)
        story = value.get("story")
        context["stories"] = list(without_private(StoryPage.objects.live()).for_list().filter(pk=story.pk)) if story else []
        return context

    class Meta:
        icon = "openquote"
        group = GROUP
        description = _("One success story with its quote")
        template = "community/blocks/stories.html"


class BlogEntriesBlock(blocks.StructBlock):
    """News, always read from the database."""

    heading = blocks.CharBlock(default="News", max_length=100)
    aggregate = blocks.CharBlock(required=False, max_length=200, help_text=_("Slug of an aggregate. Leave empty for all blogs."))
    count = blocks.IntegerBlock(default=5, min_value=1, max_value=20)

    def get_context(self, value: Any, parent_context: dict[str, Any] | None = None) -> dict[str, Any]:
        context = super().get_context(value, parent_context)
        context["entries"] = blog_entries(context, value["count"], value["aggregate"])
        return context

    class Meta:
        icon = "feed"
        group = GROUP
        description = _("Latest entries of all blogs or of one aggregate")
        template = "community/blocks/blog_entries.html"
        preview_value = {"heading": "News", "aggregate": "", "count": 3}


class LatestPostsBlock(blocks.StructBlock):
    """List of the newest community posts."""

    heading = blocks.CharBlock(default="From the community", max_length=100)
    count = blocks.IntegerBlock(default=6, min_value=1, max_value=24)

    def get_context(self, value: Any, parent_context: dict[str, Any] | None = None) -> dict[str, Any]:
        context = super().get_context(value, parent_context)
        context["posts"] = (
            without_private(PostPage.objects.live()).defer("body").order_by("-first_published_at", "-pk")[: value["count"]]
        )
        return context

    class Meta:
        icon = "pick"
        group = GROUP
        description = _("Latest community posts as cards")
        template = "community/blocks/posts.html"
        preview_value = {"heading": "From the community", "count": 3}
