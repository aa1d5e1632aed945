from datetime import date, datetime
from typing import Any, ClassVar, Self

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from modelcluster.fields import ParentalKey
from wagtail.admin.panels import FieldPanel, FieldRowPanel, InlinePanel, MultiFieldPanel
from wagtail.models import Orderable, PageManager, PageQuerySet
from wagtail.search import index

from cms.content.blocks import BodyBlock
from cms.content.fields import StreamField
from cms.content.models.pages import BasePage
from cms.content.public_pages import without_private
from cms.delivery import purging
from cms.moderation import workflow

from .minutes import MODERATORS, STAFF_RIGHTS


class WorkGroupIndexPage(BasePage):
    """List of work groups, active ones first."""

    max_count = 1
    subpage_types = ["psf.WorkGroupPage"]
    template = "psf/work_group_index_page.html"
    cache_keys: ClassVar[list[str]] = ["workgroups"]

    introduction = models.TextField(blank=True, help_text=_("One or two sentences shown below the heading."))
    body = StreamField(BodyBlock(), blank=True, help_text=_("Shown below the work groups."))

    content_panels = [*BasePage.content_panels, FieldPanel("introduction"), FieldPanel("body")]
    search_fields = [*BasePage.search_fields, index.SearchField("introduction"), index.SearchField("body")]

    class Meta:
        verbose_name = _("work group index page")

    def save(self, *args: Any, **kwargs: Any) -> None:
        super().save(*args, **kwargs)
        workflow.ensure_page_workflow(self, name="Work group review", roles=MODERATORS, rights=STAFF_RIGHTS)

    def get_context(self, request: HttpRequest, *args: Any, **kwargs: Any) -> dict[str, Any]:
        groups = list(without_private(WorkGroupPage.objects.live()).defer("charter").order_by("title"))
        return super().get_context(request, *args, **kwargs) | {
            "active": [group for group in groups if group.dissolved_on is None],
            "dissolved": [group for group in groups if group.dissolved_on is not None],
        }


class WorkGroupPageQuerySet(PageQuerySet):
    def due_for_review(self, at: datetime | None = None) -> Self:
        """Return active work groups whose charter should be reviewed."""
        return self.live().filter(review_date__lte=(at or timezone.now()).date(), dissolved_on=None)


class WorkGroupPage(BasePage):
    """Work group of the Foundation, with its purpose, charter and members."""

    parent_page_types = ["psf.WorkGroupIndexPage"]
    subpage_types: list[str] = []
    template = "psf/work_group_page.html"
    cache_keys: ClassVar[list[str]] = ["workgroups"]

    summary = models.TextField(blank=True, help_text=_("One or two sentences, for lists."))
    purpose = models.TextField(blank=True, help_text=_("Purpose of the work group. You can use Markdown."))
    charter = StreamField(BodyBlock(), blank=True, help_text=_("Charter of the work group, and how to contact it."))
    website = models.URLField(blank=True)
    founded_on = models.DateField(_("founded"), null=True, blank=True)
    dissolved_on = models.DateField(_("dissolved"), null=True, blank=True, help_text=_("Leave empty while the group is active."))

    objects = PageManager.from_queryset(WorkGroupPageQuerySet)()

    content_panels = [
        *BasePage.content_panels,
        FieldPanel("summary"),
        FieldPanel("purpose"),
        FieldPanel("charter"),
        InlinePanel("members", heading=_("Roster"), label=_("member")),
        MultiFieldPanel(
            [FieldPanel("website"), FieldRowPanel([FieldPanel("founded_on"), FieldPanel("dissolved_on")])], heading=_("The group")
        ),
    ]
    search_fields = [
        *BasePage.search_fields,
        *[index.SearchField(name) for name in ("summary", "purpose", "charter")],
        index.RelatedFields("members", [index.SearchField("name")]),
    ]

    class Meta:
        verbose_name = _("work group")

    def clean(self) -> None:
        super().clean()
        if self.founded_on and self.dissolved_on and self.dissolved_on < self.founded_on:
            raise ValidationError({"dissolved_on": gettext("The end date must not be before the start date.")})

    def default_description(self) -> str:
        return self.summary

    def get_context(self, request: HttpRequest, *args: Any, **kwargs: Any) -> dict[str, Any]:
        today = timezone.now().date()
        members = list(self.members.all())
        return super().get_context(request, *args, **kwargs) | {
            "current": [member for member in members if member.is_current(today)],
            "former": [member for member in members if not member.is_current(today)],
        }


class WorkGroupMember(Orderable):
    class Role(models.TextChoices):
        CHAIR = "chair", _("Chair")
        ORGANISER = "organiser", _("Organizer")
        MEMBER = "member", _("Member")

    page = ParentalKey(WorkGroupPage, on_delete=models.CASCADE, related_name="members")
    name = models.CharField(max_length=200)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    role = models.CharField(max_length=10, choices=Role, default=Role.MEMBER)
    starts_on = models.DateField(_("from"), null=True, blank=True)
    ends_on = models.DateField(
        _("until"), null=True, blank=True, help_text=_("Last day of the term. Leave empty if it has no end date.")
    )

    panels = [
        FieldRowPanel([FieldPanel("name"), FieldPanel("role")]),
        FieldRowPanel([FieldPanel("starts_on"), FieldPanel("ends_on")]),
    ]

    class Meta(Orderable.Meta):
        pass

    def __str__(self) -> str:
        return self.name

    def clean(self) -> None:
        super().clean()
        if self.starts_on and self.ends_on and self.ends_on < self.starts_on:
            raise ValidationError({"ends_on": gettext("The end of the term must not be before its start.")})

    def is_current(self, on: date) -> bool:
        return not (self.ends_on and self.ends_on < on)


purging.register(WorkGroupPage, purges=lambda _: ["workgroups"])
