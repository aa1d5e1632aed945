from itertools import groupby
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.db import models
from django.http import HttpRequest
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _
from wagtail import blocks
from wagtail.admin.panels import FieldPanel, HelpPanel
from wagtail.models import Page, Site
from wagtail.search import index

from cms.content.blocks import CardBlock, CodeBlock, LinkBlock, TextAndMediaBlock
from cms.content.fields import StreamField
from cms.content.models.pages import BasePage
from cms.delivery import surrogate_keys
from downloads.models import Release

from .blocks import PageBodyBlock

# Page types that editors may create under general pages. A new page type is allowed nowhere until it is listed.
GENERAL_PAGE_TYPES = [
    *("home.LandingPage", "home.StandardPage", "home.GuidePage", "home.VersionsPage"),
    *("community.PostPage", "community.StoryIndexPage", "events.EventsPage", "jobs.JobsPage"),
    *("psf.RecordsPage", "psf.MinutesIndexPage", "psf.WorkGroupIndexPage", "psf.MembershipPage"),
]


class CodeSampleBlock(CodeBlock):
    """Program on the front page with its output."""

    title = blocks.CharBlock(max_length=60, help_text=_("Label of the tab, for example Functions."))
    output = blocks.TextBlock(required=False, rows=3, help_text=_("Output of the program."))
    text = blocks.TextBlock(required=False, rows=2, help_text=_("One sentence that explains the sample."))

    class Meta:
        icon = "code"
        template = "home/blocks/code_sample.html"


class DoorBlock(blocks.StructBlock):
    title = blocks.CharBlock(max_length=60)
    text = blocks.TextBlock(rows=2)
    link = LinkBlock()

    class Meta:
        icon = "arrow-right"
        label = _("Next step")
        description = _("Suggested next step")


class HomePage(BasePage):
    """Front page."""

    max_count = 1
    subpage_types = [*GENERAL_PAGE_TYPES, "downloads.DownloadsPage", "community.BlogsPage"]
    template = "home/home_page.html"
    # The front page shows the next events.
    cache_seconds = 300

    promise = models.CharField(_("headline"), max_length=120, help_text=_("Heading of the home page: Python in one sentence."))
    introduction = models.TextField(blank=True, help_text=_("Two or three sentences below the headline."))
    code_samples = StreamField(
        [("sample", CodeSampleBlock())], blank=True, help_text=_("Tabs next to the headline, in this order.")
    )
    doors = StreamField(
        [("door", DoorBlock())],
        verbose_name=_("next steps"),
        blank=True,
        help_text=_("Suggested next steps, shown side by side. Three works best."),
    )
    body = StreamField(PageBodyBlock(), blank=True)

    content_panels = [
        *BasePage.content_panels,
        FieldPanel("promise"),
        FieldPanel("introduction"),
        FieldPanel("code_samples"),
        FieldPanel("doors"),
        FieldPanel("body"),
    ]
    search_fields = [*BasePage.search_fields, index.SearchField("introduction"), index.SearchField("body")]

    class Meta:
        verbose_name = _("home page")

    def become_root(self) -> None:
        """Replace the page of Wagtail's first migration as the root of the only site."""
        base = urlsplit(settings.BASE_URL)
        port = base.port or (443 if base.scheme == "https" else 80)
        root = Page.get_first_root_node()
        for page in root.get_children():
            page.slug = f"{page.slug}-before"
            page.save()
        root.add_child(instance=self)
        Site.objects.all().delete()
        Site.objects.create(
            hostname=base.hostname or "localhost", port=port, root_page=self, is_default_site=True, site_name="python.org"
        )
        for page in root.get_children().exclude(pk=self.pk):
            page.delete()


class LandingPage(BasePage):
    """Landing page of a section: About, Documentation, Community, the Foundation."""

    subpage_types = GENERAL_PAGE_TYPES
    template = "home/landing_page.html"
    show_in_menus_default = True

    introduction = models.TextField(blank=True, help_text=_("One or two sentences below the heading."))
    actions = StreamField(
        [("link", LinkBlock(icon="link"))],
        verbose_name=_("buttons"),
        blank=True,
        max_num=3,
        help_text=_("Buttons below the heading. The first one is the primary button."),
    )
    highlights = StreamField(
        [("card", CardBlock())],
        verbose_name=_("topic cards"),
        blank=True,
        help_text=_("Cards that link to the main topics of the section."),
    )
    body = StreamField(PageBodyBlock(), blank=True, help_text=_("Content below the cards."))
    aside = StreamField(
        PageBodyBlock(),
        verbose_name=_("sidebar"),
        blank=True,
        help_text=_("Shown next to the body, or below it on small screens."),
    )
    closing = StreamField(
        PageBodyBlock(), verbose_name=_("closing area"), blank=True, help_text=_("Full-width area at the end of the page.")
    )

    content_panels = [
        *BasePage.content_panels,
        FieldPanel("introduction"),
        FieldPanel("actions"),
        FieldPanel("highlights"),
        FieldPanel("body"),
        FieldPanel("aside"),
        FieldPanel("closing"),
    ]
    search_fields = [
        *BasePage.search_fields,
        *[index.SearchField(name) for name in ("introduction", "highlights", "body", "aside", "closing")],
    ]

    class Meta:
        verbose_name = _("landing page")


class StandardPage(BasePage):
    """General page with a body."""

    class Layout(models.TextChoices):
        SIDEBAR = "sidebar", _("With section menu")
        FOUNDATION = "psf", _("PSF page")
        FULL = "full", _("Full width")
        BARE = "bare", _("Body only, without title and menu")

    TEMPLATES = {
        Layout.SIDEBAR: "home/standard_page.html",
        Layout.FOUNDATION: "home/foundation_page.html",
        Layout.FULL: "home/full_page.html",
        Layout.BARE: "home/bare_page.html",
    }
    subpage_types = GENERAL_PAGE_TYPES
    show_in_menus_default = True

    introduction = models.TextField(blank=True, help_text=_("One or two sentences below the title."))
    body = StreamField(PageBodyBlock(), blank=True)
    layout = models.CharField(max_length=10, choices=Layout, default=Layout.SIDEBAR)

    content_panels = [*BasePage.content_panels, FieldPanel("introduction"), FieldPanel("body"), FieldPanel("layout")]
    search_fields = [*BasePage.search_fields, index.SearchField("introduction"), index.SearchField("body")]

    class Meta:
        verbose_name = _("page")

    def get_template(self, request: HttpRequest, *args: Any, **kwargs: Any) -> str:
        return self.TEMPLATES[self.Layout(self.layout)]

    def get_context(self, request: HttpRequest, *args: Any, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context(request, *args, **kwargs)
        if self.layout in {self.Layout.SIDEBAR, self.Layout.FOUNDATION}:
            context["section_menu"] = self.section_menu()
        return context


PLATFORMS: dict[str, Any] = {"windows": "Windows", "macos": "macOS", "linux": "Linux", "web": _("In the browser")}


class StepValue(blocks.StructValue):
    @property
    def system_label(self) -> str:
        return str(PLATFORMS.get(self["system"], ""))


class StepBlock(blocks.StructBlock):
    title = blocks.CharBlock(max_length=100)
    system = blocks.ChoiceBlock(
        list(PLATFORMS.items()),
        label=_("Operating system"),
        required=False,
        help_text=_("For one operating system only. Leave empty for all."),
    )
    minutes = blocks.IntegerBlock(min_value=1, max_value=600, required=False, label=_("Duration in minutes"))
    body = TextAndMediaBlock()

    class Meta:
        icon = "list-ol"
        value_class = StepValue
        description = _("One step of a guide. Give steps for different platforms the same title")


class GuidePage(BasePage):
    """Step-by-step guide for beginners."""

    subpage_types = GENERAL_PAGE_TYPES
    template = "home/guide_page.html"
    always_asks_for_feedback = True
    show_in_menus_default = True

    introduction = models.TextField(blank=True, help_text=_("What readers will be able to do after this guide."))
    audience = models.CharField(
        _("audience"), max_length=120, blank=True, help_text=_("For example: You are new to programming.")
    )
    steps = StreamField([("step", StepBlock())], blank=True)
    next_steps = StreamField([("door", DoorBlock())], blank=True, help_text=_("Shown under “What’s next?” after the last step."))

    content_panels = [
        *BasePage.content_panels,
        FieldPanel("introduction"),
        FieldPanel("audience"),
        FieldPanel("steps"),
        FieldPanel("next_steps"),
    ]
    search_fields = [*BasePage.search_fields, index.SearchField("introduction"), index.SearchField("steps")]

    class Meta:
        verbose_name = _("guide")

    @property
    def minutes(self) -> int:
        """Return the total duration. Of consecutive steps for different platforms, only the longest counts."""
        return sum(max(step.value["minutes"] or 0 for step in group) for group in self.step_groups)

    @cached_property
    def step_groups(self) -> list[list]:
        """Return the steps in order, with consecutive steps for different platforms as a group."""
        groups: list[list] = []
        for step in self.steps:
            system = step.value["system"]
            group = {other.value["system"] for other in groups[-1]} if groups else set()
            # A repeated platform starts the next group.
            if system and group and "" not in group and system not in group:
                groups[-1].append(step)
            else:
                groups.append([step])
        return groups


class VersionRowBlock(blocks.StructBlock):
    version = blocks.CharBlock(max_length=40, help_text=_("For example Python 1.5.2."))
    released = blocks.CharBlock(max_length=40, required=False, help_text=_("For example April 30, 1999, or only the year."))
    url = blocks.URLBlock(label=_("Documentation URL"))

    class Meta:
        icon = "doc-full"


class VersionsPage(BasePage):
    """Documentation by version: rows from the releases, and older versions added by staff."""

    max_count = 1
    subpage_types: list[str] = []
    template = "home/versions_page.html"

    introduction = models.TextField(blank=True)
    old_versions = StreamField(
        [("row", VersionRowBlock())], blank=True, help_text=_("Versions that are older than the releases on this site.")
    )

    content_panels = [
        *BasePage.content_panels,
        HelpPanel(
            "<p>The list is generated from the releases and their dates. The versions that you add here are shown below it.</p>"
        ),
        FieldPanel("introduction"),
        FieldPanel("old_versions"),
    ]
    search_fields = [*BasePage.search_fields, index.SearchField("introduction")]

    class Meta:
        verbose_name = _("documentation versions page")

    def get_context(self, request: HttpRequest, *args: Any, **kwargs: Any) -> dict[str, Any]:
        surrogate_keys.add_keys(request, "downloads")
        releases = Release.objects.visible().stable().filter(series__isnull=False).select_related("series")
        by_series = groupby(releases.order_by("-series__major", "-series__minor", "-patch"), key=lambda release: release.series)
        return super().get_context(request, *args, **kwargs) | {
            "groups": [{"series": series, "releases": list(rows)} for series, rows in by_series]
        }
