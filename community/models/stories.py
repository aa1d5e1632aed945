from datetime import datetime
from typing import Any, ClassVar, Self

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.db import models
from django.db.models import Q
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import SimpleLazyObject
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from wagtail.admin.panels import FieldPanel, FieldRowPanel, MultiFieldPanel
from wagtail.models import PageManager, PageQuerySet
from wagtail.search import index

from cms.content import markup
from cms.content.blocks import BodyBlock
from cms.content.fields import StreamField
from cms.content.languages import in_default_language
from cms.content.models.pages import BasePage
from cms.content.public_pages import without_private
from cms.content.social_cards import is_drawable
from cms.delivery import purging
from cms.moderation import workflow
from users import identities

from .companies import Company

MODERATORS = ["Content editors", "Site admins"]
# Paths next to the stories, which no story may use.
TAKEN = {"create", "mine", "thanks", "edit", "category", "company", "feed"}
DESCRIPTION_LENGTH = 200
PER_PAGE = 12
RENDITIONS = ["image__renditions", "company__logo__renditions"]


class StoryCategory(models.Model):
    """Category of success stories."""

    name = models.CharField(max_length=200)
    slug = models.SlugField(
        max_length=200, unique=True, help_text=_("Last part of the URL. Do not change it after it is published.")
    )

    class Meta:
        ordering = ["name"]
        verbose_name_plural = _("story categories")

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("stories:category", args=[self.slug])


class StoryIndexPage(BasePage):
    """Landing page of the success stories, which are its child pages. Forms, categories and feeds are in `community.urls`."""

    max_count = 1
    subpage_types = ["community.StoryPage"]
    template = "community/story_index_page.html"
    cache_keys: ClassVar[list[str]] = ["success-stories"]

    introduction = models.TextField(blank=True, help_text=_("One or two sentences shown below the heading."))
    body = StreamField(BodyBlock(), blank=True, help_text=_("Shown below the stories, for example how to submit one."))

    content_panels = [*BasePage.content_panels, FieldPanel("introduction"), FieldPanel("body")]
    search_fields = [*BasePage.search_fields, index.SearchField("introduction"), index.SearchField("body")]

    class Meta:
        verbose_name = _("success story index page")

    def save(self, *args: Any, **kwargs: Any) -> None:
        super().save(*args, **kwargs)
        workflow.ensure_page_workflow(self, name="Story moderation", roles=MODERATORS)

    def get_context(self, request: HttpRequest, *args: Any, **kwargs: Any) -> dict[str, Any]:
        stories = without_private(StoryPage.objects.live()).for_list()
        page_obj = Paginator(stories, PER_PAGE).get_page(request.GET.get("page"))
        # Cached parts of the template are read when it is rendered.
        return super().get_context(request, *args, **kwargs) | {
            "page_obj": page_obj,
            "featured": SimpleLazyObject(StoryPage.objects.featured().first) if page_obj.number == 1 else None,
            "categories": StoryCategory.objects.filter(stories__live=True).distinct(),
        }


class StoryPageQuerySet(PageQuerySet):
    def featured(self, at: datetime | None = None) -> Self:
        """Return live stories that are featured on the front page and in the menu at a time (default: now), in order."""
        at = at or timezone.now()
        begun = Q(featured_from__lte=at) | Q(featured_from=None)
        lasting = Q(featured_until__gt=at) | Q(featured_until=None)
        return (
            without_private(self.live())
            .filter(begun, lasting, featured=True)
            .for_list()
            .order_by("featured_order", "-first_published_at")
        )

    def for_list(self) -> Self:
        """Return stories for lists, newest first, in one query and without their content."""
        related = (
            in_default_language(self)
            .select_related("category", "company__logo", "image")
            .prefetch_related(*RENDITIONS)
            .defer("body", "text")
        )
        return related.order_by("-first_published_at", "-pk")


class StoryPage(BasePage):
    """Success story. The public writes Markdown, and staff can add blocks."""

    parent_page_types = ["community.StoryIndexPage"]
    subpage_types: list[str] = []
    template = "community/story_page.html"
    cache_keys: ClassVar[list[str]] = ["success-stories"]

    category = models.ForeignKey(StoryCategory, on_delete=models.PROTECT, related_name="stories")
    company = models.ForeignKey(
        Company,
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="stories",
        help_text=_("Choose a company from the list. Its name and website replace the fields below."),
    )
    company_name = models.CharField(_("company name"), max_length=500, blank=True)
    company_url = models.URLField(_("company website"), blank=True)
    author = models.CharField(
        max_length=500, blank=True, help_text=_("Name and role of the author, for example Ada Byron, head of data.")
    )
    author_email = models.EmailField(_("author’s email address"), blank=True, help_text=_("Not shown publicly."))
    pull_quote = models.TextField(_("quote"), blank=True, help_text=_("One or two sentences that summarize the story."))
    text = models.TextField(blank=True, help_text=_("The author’s text, in Markdown."))
    body = StreamField(BodyBlock(), blank=True, help_text=_("Shown below the text: images, code or tables."))
    image = models.ForeignKey(
        settings.WAGTAILIMAGES_IMAGE_MODEL,
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="+",
        help_text=_("A photo or screenshot. Without one, the company logo is shown."),
    )
    submitter = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        blank=True,
        editable=False,
        on_delete=models.SET_NULL,
        related_name="stories",
    )
    featured = models.BooleanField(default=False, help_text=_("Feature this story."))
    featured_order = models.PositiveSmallIntegerField(_("order"), default=100, help_text=_("Lower numbers come first."))
    featured_from = models.DateTimeField(_("from"), null=True, blank=True, help_text=_("Leave empty to start immediately."))
    featured_until = models.DateTimeField(_("until"), null=True, blank=True, help_text=_("Leave empty for no end date."))
    legacy_id = models.PositiveIntegerField(_("ID on the previous site"), null=True, blank=True, unique=True, editable=False)

    objects = PageManager.from_queryset(StoryPageQuerySet)()

    content_panels = [
        *BasePage.content_panels,
        FieldPanel("category"),
        MultiFieldPanel(
            [FieldPanel("company"), FieldRowPanel([FieldPanel("company_name"), FieldPanel("company_url")])], heading=_("Company")
        ),
        MultiFieldPanel([FieldRowPanel([FieldPanel("author"), FieldPanel("author_email")])], heading=_("Author")),
        FieldPanel("pull_quote"),
        FieldPanel("image"),
        FieldPanel("text"),
        FieldPanel("body"),
    ]
    promote_panels = [
        MultiFieldPanel(
            [
                FieldPanel("featured"),
                FieldPanel("featured_order"),
                FieldRowPanel([FieldPanel("featured_from"), FieldPanel("featured_until")]),
            ],
            heading=_("Featured"),
            help_text=_("Featured stories are shown on the home page and in the menu, lowest order first."),
        ),
        *BasePage.promote_panels,
    ]
    search_fields = [
        *BasePage.search_fields,
        *[index.SearchField(name) for name in ("company_name", "author", "pull_quote", "text", "body")],
        index.FilterField("category_id"),
        index.FilterField("featured"),
    ]

    class Meta:
        verbose_name = _("success story")
        verbose_name_plural = _("success stories")

    def full_clean(self, *args: Any, **kwargs: Any) -> None:
        if not self.search_description:  # type: ignore[has-type]  # Wagtail's Page, read before it is checked.
            self.search_description = markup.plain(self.pull_quote or self.text)[:DESCRIPTION_LENGTH]
        super().full_clean(*args, **kwargs)

    def clean(self) -> None:
        super().clean()
        errors = {}
        if self.slug in TAKEN:
            errors["slug"] = gettext("This slug is reserved. Choose another one.")
        if not (self.company_id or self.company_name):
            errors["company_name"] = gettext("Choose a company or enter a name.")
        if self.featured_from and self.featured_until and self.featured_until <= self.featured_from:
            errors["featured_until"] = gettext("The end must be after the start.")
        if errors:
            raise ValidationError(errors)

    @property
    def organisation(self) -> str:
        return self.company.name if self.company else self.company_name

    @property
    def organisation_url(self) -> str:
        return (self.company.url if self.company else "") or self.company_url

    @property
    def picture(self) -> Any:
        """Return the image of the story, or the logo of its company."""
        return self.image or (self.company.logo if self.company else None)

    @property
    def share_image(self) -> str:
        """Return the URL of the generated image of the story, or an empty string if the font lacks a character of its title."""
        return f"{settings.BASE_URL}{self.get_absolute_url()}image.png" if is_drawable(self.title) else ""

    def get_absolute_url(self) -> str:
        return f"/success-stories/{self.slug}/"

    def get_context(self, request: HttpRequest, *args: Any, **kwargs: Any) -> dict[str, Any]:
        others = without_private(StoryPage.objects.live()).for_list().exclude(pk=self.pk)
        return super().get_context(request, *args, **kwargs) | {"others": others.filter(category=self.category_id)[:3]}


identities.register(
    StoryPage,
    key="author",
    email="author_email",
    account="submitter",
    role=lambda story: gettext("You are the author of “%(story)s”.") % {"story": story},
)
STORY_KEYS = ["success-stories", "stories"]
purging.register(StoryPage, purges=lambda _: STORY_KEYS)
purging.register(StoryCategory, purges=lambda _: ["success-stories"])
