from typing import Any, ClassVar

from django.core.paginator import Paginator
from django.db import models
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from wagtail.admin.panels import FieldPanel, FieldRowPanel
from wagtail.search import index

from cms.content.blocks import BodyBlock
from cms.content.fields import StreamField
from cms.content.models.pages import BasePage
from cms.delivery import cached, purging

from .blogs import BlogEntry, Feed

PER_PAGE = 20


class BlogsPage(BasePage):
    """News: the entries of all blogs, with a filter by source."""

    parent_page_types = ["home.HomePage"]
    max_count = 1
    subpage_types: list[str] = []
    template = "community/blogs_page.html"
    cache_keys: ClassVar[list[str]] = ["blogs"]

    introduction = models.TextField(blank=True, help_text=_("One or two sentences shown below the heading."))
    body = StreamField(BodyBlock(), blank=True, help_text=_("Shown below the entries, for example links to other news sources."))

    content_panels = [*BasePage.content_panels, FieldPanel("introduction"), FieldPanel("body")]
    search_fields = [*BasePage.search_fields, index.SearchField("introduction"), index.SearchField("body")]

    class Meta:
        verbose_name = _("blogs page")

    def get_context(self, request: HttpRequest, *args: Any, **kwargs: Any) -> dict[str, Any]:
        wanted = request.GET.get("source", "")
        sources = cached.cached(
            "blogs-sources", lambda: list(Feed.objects.filter(entries__is_hidden=False).distinct()), ["blogs"]
        )
        source = next((feed for feed in sources if feed.slug == wanted), None)
        entries = BlogEntry.objects.in_list()
        if source:
            entries = entries.filter(feed=source)
        elif wanted:
            entries = entries.none()
        return super().get_context(request, *args, **kwargs) | {
            "sources": sources,
            "source": source,
            "wanted": wanted,
            # Cache key of the list. All invalid values share the same empty list.
            "drawn_for": source.slug if source else bool(wanted),
            "page_obj": Paginator(entries, PER_PAGE).get_page(request.GET.get("page")),
            "page_query": f"source={source.slug}&" if source else "",
        }


class PostPage(BasePage):
    """Community post with text, media or a link. Posts of the old site keep their ID as URL: /community/<id>/."""

    class Kind(models.TextChoices):
        TEXT = "text", _("Text")
        PHOTO = "photo", _("Photo")
        VIDEO = "video", _("Video")
        LINK = "link", _("Link")

    subpage_types: list[str] = []
    template = "community/post_page.html"
    cache_keys: ClassVar[list[str]] = ["community"]

    kind = models.CharField(_("type"), max_length=10, choices=Kind, default=Kind.TEXT)
    abstract = models.TextField(blank=True, help_text=_("One or two sentences for lists and the top of the post."))
    source_url = models.URLField(
        _("source"),
        max_length=1000,
        blank=True,
        help_text=_(
            "URL of the original article, or of the page that a link post points to, for example https://example.com/article."
        ),
    )
    body = StreamField(BodyBlock(), blank=True, help_text=_("Use an image block for photos and a video block for videos."))

    content_panels = [
        *BasePage.content_panels,
        FieldRowPanel([FieldPanel("kind"), FieldPanel("source_url")]),
        FieldPanel("abstract"),
        FieldPanel("body"),
    ]
    search_fields = [*BasePage.search_fields, index.SearchField("abstract"), index.SearchField("body")]

    class Meta:
        verbose_name = _("community post")

    def default_description(self) -> str:
        return self.abstract


purging.register(PostPage, purges=lambda _: ["community"])
