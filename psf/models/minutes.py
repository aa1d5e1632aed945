from typing import Any, ClassVar, Self

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models.functions import ExtractYear
from django.http import HttpRequest
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
from cms.platform.dates import show_date

STAFF = "PSF staff"
MODERATORS = [STAFF, "Site admins"]
# Permissions of staff on the pages of a section. Only reviewers can publish.
STAFF_RIGHTS = ["add_page", "change_page", "lock_page"]
BOARD = "board"


class RecordsPage(BasePage):
    """Page of the public records, with a list of its child pages."""

    subpage_types = [
        *("psf.RecordsPage", "psf.MinutesIndexPage", "psf.WorkGroupIndexPage", "psf.MembershipPage"),
        *("home.LandingPage", "home.StandardPage", "home.GuidePage", "home.VersionsPage"),
        *("community.PostPage", "community.StoryIndexPage", "events.EventsPage", "jobs.JobsPage"),
    ]
    template = "psf/records_page.html"
    show_in_menus_default = True

    introduction = models.TextField(blank=True)
    body = StreamField(BodyBlock(), blank=True)

    content_panels = [*BasePage.content_panels, FieldPanel("introduction"), FieldPanel("body")]
    search_fields = [*BasePage.search_fields, index.SearchField("introduction"), index.SearchField("body")]

    class Meta:
        verbose_name = _("records page")

    def get_context(self, request: HttpRequest, *args: Any, **kwargs: Any) -> dict[str, Any]:
        return super().get_context(request, *args, **kwargs) | {"children": self.get_children().live().public()}


class MeetingBody(models.Model):
    """Body that meets: the board or a committee."""

    name = models.CharField(max_length=100, unique=True)
    slug = models.SlugField(
        max_length=100,
        unique=True,
        help_text=_("Used in URLs of minutes, except for those of the board. Do not change it after it is used."),
    )

    class Meta:
        ordering = ["name"]
        verbose_name = _("board or committee")
        verbose_name_plural = _("boards and committees")

    def __str__(self) -> str:
        return self.name


class MinutesIndexPage(BasePage):
    """All minutes, by year."""

    max_count = 1
    subpage_types = ["psf.MinutesPage"]
    template = "psf/minutes_index_page.html"
    cache_keys: ClassVar[list[str]] = ["minutes"]

    introduction = models.TextField(blank=True, help_text=_("One or two sentences shown below the heading."))

    content_panels = [*BasePage.content_panels, FieldPanel("introduction")]
    search_fields = [*BasePage.search_fields, index.SearchField("introduction")]

    class Meta:
        verbose_name = _("minutes index page")

    def save(self, *args: Any, **kwargs: Any) -> None:
        super().save(*args, **kwargs)
        workflow.ensure_page_workflow(self, name="Minutes review", roles=MODERATORS, rights=STAFF_RIGHTS)

    def get_context(self, request: HttpRequest, *args: Any, **kwargs: Any) -> dict[str, Any]:
        wanted = request.GET.get("body", "")
        minutes = without_private(MinutesPage.objects.live()).newest()
        if wanted:
            minutes = minutes.filter(body__slug=wanted)
        years: dict[int, list[MinutesPage]] = {}
        for page in minutes.defer("content", "present", "absent", "guests"):
            years.setdefault(page.date.year, []).append(page)
        bodies = MeetingBody.objects.filter(minutes__live=True).distinct()
        return super().get_context(request, *args, **kwargs) | {"years": years, "bodies": bodies, "wanted": wanted}


class MinutesPageQuerySet(PageQuerySet):
    def newest(self) -> Self:
        return self.select_related("body").order_by("-date", "body__name")


class MinutesPage(BasePage):
    """Minutes of a meeting. Title and slug come from the body and the date."""

    parent_page_types = ["psf.MinutesIndexPage"]
    subpage_types: list[str] = []
    template = "psf/minutes_page.html"
    cache_keys: ClassVar[list[str]] = ["minutes"]

    body = models.ForeignKey(MeetingBody, verbose_name=_("board or committee"), on_delete=models.PROTECT, related_name="minutes")
    date = models.DateField(_("date of the meeting"), db_index=True)
    present = models.TextField(blank=True, help_text=_("One name per line."))
    absent = models.TextField(blank=True, help_text=_("One name per line."))
    guests = models.TextField(blank=True, help_text=_("One name per line, with their role if useful."))
    content = StreamField(
        BodyBlock(), verbose_name=_("text"), blank=True, help_text=_("Text of the minutes. Add resolutions separately below.")
    )

    objects = PageManager.from_queryset(MinutesPageQuerySet)()

    content_panels = [
        MultiFieldPanel([FieldRowPanel([FieldPanel("body"), FieldPanel("date")])], heading=_("Meeting")),
        MultiFieldPanel([FieldPanel("present"), FieldPanel("absent"), FieldPanel("guests")], heading=_("Attendance")),
        FieldPanel("content"),
        InlinePanel("resolutions", heading=_("Resolutions"), label=_("resolution")),
        InlinePanel("attachments", heading=_("Attachments"), label=_("attachment")),
    ]
    # The slug is generated from body and date.
    promote_panels = [MultiFieldPanel([FieldPanel("search_description"), FieldPanel("noindex")], heading=_("Search and sharing"))]
    search_fields = [
        *BasePage.search_fields,
        index.SearchField("content"),
        index.FilterField("date"),
        index.RelatedFields("resolutions", [index.SearchField("text")]),
    ]

    class Meta:
        verbose_name = _("minutes")
        verbose_name_plural = _("minutes")
        constraints = [
            models.UniqueConstraint(
                fields=["body", "date"],
                name="minutes_of_body_and_date",
                violation_error_message=_("Minutes of this board or committee for this date already exist. Edit those instead."),
            )
        ]

    def _set_core_field_defaults(self) -> None:
        # Wagtail calls this before it validates a draft or a complete page.
        if self.body_id and self.date:
            self.title = self.draft_title = f"{self.body}, {self.date:%B} {self.date.day}, {self.date.year}"
            self.slug = f"{self.date}" if self.body.slug == BOARD else f"{self.date}-{self.body.slug}"
        super()._set_core_field_defaults()

    def clean(self) -> None:
        super().clean()
        same = MinutesPage.objects.filter(body=self.body_id, date=self.date).exclude(pk=self.pk)
        if self.body_id and self.date and same.exists():
            raise ValidationError(
                {"date": gettext("Minutes of this board or committee for this date already exist. Edit those instead.")}
            )

    def get_absolute_url(self) -> str:
        return f"/psf/records/board/minutes/{self.slug}/"

    def default_description(self) -> str:
        day = show_date(self.date, "LONG_DATE")
        return gettext("Minutes of the meeting of %(day)s: %(body)s.") % {"body": self.body, "day": day}

    @property
    def attendance(self) -> list[tuple[str, list[str]]]:
        """Return names by heading, without empty headings."""
        groups = [(gettext("Present"), self.present), (gettext("Absent"), self.absent), (gettext("Guests"), self.guests)]
        lines = [(title, [line.strip() for line in text.splitlines() if line.strip()]) for title, text in groups]
        return [(title, names) for title, names in lines if names]

    def get_context(self, request: HttpRequest, *args: Any, **kwargs: Any) -> dict[str, Any]:
        of_body = without_private(MinutesPage.objects.live()).filter(body=self.body_id).newest().defer("content")
        return super().get_context(request, *args, **kwargs) | {
            "resolutions": self.resolutions.all(),
            "attachments": [row for row in self.attachments.all() if row.document_id],
            "newer": of_body.filter(date__gt=self.date).order_by("date").first(),
            "older": of_body.filter(date__lt=self.date).first(),
            "same_year": of_body.filter(date__year=self.date.year),
        }


class ResolutionQuerySet(models.QuerySet):
    def _public(self) -> Self:
        return self.filter(page__in=without_private(MinutesPage.objects.live()))

    def visible(self) -> Self:
        """Return resolutions of published minutes, the newest meeting first."""
        return self._public().select_related("page__body").order_by("-page__date", "page__body__name", "sort_order")

    def years(self) -> list[int]:
        found = self._public().order_by().annotate(year=ExtractYear("page__date")).values_list("year", flat=True)
        return sorted(set(found), reverse=True)


class Resolution(Orderable):
    """Resolution of a meeting, with the vote."""

    class Result(models.TextChoices):
        CARRIED = "carried", _("Carried")
        FAILED = "failed", _("Failed")
        TABLED = "tabled", _("Tabled")
        WITHDRAWN = "withdrawn", _("Withdrawn")

    page = ParentalKey(MinutesPage, on_delete=models.CASCADE, related_name="resolutions")
    number = models.CharField(max_length=30, blank=True, help_text=_("For example 2026-03-11-1. Must be unique in a meeting."))
    text = models.TextField(help_text=_("RESOLVED, that …"))
    mover = models.CharField(max_length=100, blank=True)
    seconder = models.CharField(max_length=100, blank=True)
    votes_for = models.PositiveSmallIntegerField(_("for"), null=True, blank=True)
    votes_against = models.PositiveSmallIntegerField(_("against"), null=True, blank=True)
    abstentions = models.PositiveSmallIntegerField(_("abstaining"), null=True, blank=True)
    result = models.CharField(max_length=10, choices=Result, default=Result.CARRIED)

    panels = [
        FieldRowPanel([FieldPanel("number"), FieldPanel("result")]),
        FieldPanel("text"),
        FieldRowPanel([FieldPanel("mover"), FieldPanel("seconder")]),
        FieldRowPanel([FieldPanel("votes_for"), FieldPanel("votes_against"), FieldPanel("abstentions")]),
    ]
    objects = ResolutionQuerySet.as_manager()

    class Meta(Orderable.Meta):
        constraints = [
            models.UniqueConstraint(
                fields=["page", "number"],
                condition=~models.Q(number=""),
                name="resolution_number",
                violation_error_message=_("Another resolution of this meeting has this number. Enter another number."),
            )
        ]

    def __str__(self) -> str:
        return f"Resolution {self.number}" if self.number else self.text[:60]

    def get_absolute_url(self) -> str:
        return f"{self.page.get_absolute_url()}#resolution-{self.number or self.pk}"

    @property
    def votes(self) -> str:
        """Return the vote count as text, as far as it is known."""
        counts = [
            (self.votes_for, gettext("%(count)s for")),
            (self.votes_against, gettext("%(count)s against")),
            (self.abstentions, gettext("%(count)s abstaining")),
        ]
        return ", ".join(text % {"count": count} for count, text in counts if count is not None)


class MinutesAttachment(Orderable):
    page = ParentalKey(MinutesPage, on_delete=models.CASCADE, related_name="attachments")
    document = models.ForeignKey("cms.CustomDocument", null=True, on_delete=models.SET_NULL, related_name="+")
    title = models.CharField(max_length=200, blank=True, help_text=_("Leave empty to use the title of the document."))

    panels = [FieldPanel("document"), FieldPanel("title")]

    class Meta(Orderable.Meta):
        pass

    def __str__(self) -> str:
        return self.title or str(self.document)


purging.register(MinutesPage, purges=lambda _: ["minutes"])
