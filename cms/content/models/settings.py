import json

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext_lazy as _
from wagtail import blocks
from wagtail.admin.panels import FieldPanel, MultiFieldPanel
from wagtail.contrib.settings.models import BaseSiteSetting, register_setting

from cms.content.fields import StreamField
from cms.delivery import purging, surrogate_keys

from .pages import BasePage


def check_funding(text: str) -> None:
    """Raise ValidationError for a string that is not a funding manifest (https://fundingjson.org)."""
    try:
        manifest = json.loads(text)
    except ValueError as error:
        raise ValidationError(_("This is not valid JSON: %(error)s.") % {"error": error}) from error
    missing = {"version", "entity", "funding"} - set(manifest if isinstance(manifest, dict) else [])
    if missing:
        raise ValidationError(_("funding.json also needs %(missing)s.") % {"missing": ", ".join(sorted(missing))})


class SocialLinkBlock(blocks.StructBlock):
    label = blocks.CharBlock(max_length=50, help_text=_("Name of the site, for example Mastodon."))
    url = blocks.URLBlock(label=_("URL"))

    class Meta:
        icon = "link"
        description = _("Profile of Python on another site")
        preview_value = {"label": "Mastodon", "url": "https://example.org/@python"}


@register_setting(icon="cog", order=100)
class SiteSettings(BaseSiteSetting):
    """Names, contact addresses and links that appear on every page."""

    tagline = models.CharField(
        max_length=120, default="The official home of the Python programming language", help_text=_("Shown next to the name.")
    )
    logo = models.ForeignKey(
        settings.WAGTAILIMAGES_IMAGE_MODEL,
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="+",
        help_text=_("Shown on the dark blue header. Without a logo, the word “python” is shown."),
    )
    donate_url = models.URLField(_("URL of the Donate button"), default="https://www.python.org/psf/donations/")
    webmaster_email = models.EmailField(_("webmaster email address"), blank=True, help_text=_("For problems with this site."))
    security_email = models.EmailField(_("security address"), blank=True, help_text=_("Listed in security.txt."))
    press_email = models.EmailField(_("press address"), blank=True)
    events_email = models.EmailField(
        _("events team"), default="events@python.org", db_default="", blank=True, help_text=_("Receives replies about events.")
    )
    stories_email = models.EmailField(
        _("story editors"),
        default="psf-staff@python.org",
        db_default="",
        blank=True,
        help_text=_("Receives replies about success stories."),
    )
    elections_email = models.EmailField(
        _("election administrators"),
        default="psf@python.org",
        db_default="",
        blank=True,
        help_text=_("Receives replies about nominations and membership."),
    )
    security_policy_url = models.URLField(_("security policy"), blank=True, help_text=_("Listed in security.txt."))
    security_key_url = models.URLField(_("URL of the encryption key"), blank=True, help_text=_("Listed in security.txt."))
    humans_txt = models.TextField(
        _("humans.txt"), blank=True, help_text=_("Credits of the site, as plain text. Shown at /humans.txt.")
    )
    funding_json = models.TextField(
        _("funding.json"),
        blank=True,
        validators=[check_funding],
        help_text=_("Funding manifest (funding.json 1.0 or later). Shown at /funding.json."),
    )
    documentation_url = models.URLField(
        _("library documentation inventory"),
        default="https://docs.python.org/3/",
        help_text=_("URL of an objects.inv file. The site search reads the names of the standard library from it once a week."),
    )
    shell_url = models.URLField(
        _("external Python shell"),
        default="",
        db_default="",
        blank=True,
        help_text=_("Code samples and /shell/ link to it where the site’s own Python shell is not installed."),
    )
    feedback_sections = models.CharField(
        _("sections with feedback"),
        max_length=200,
        default="doc",
        db_default="doc",
        blank=True,
        help_text=_(
            "Pages of these sections ask “Was this page helpful?”, as all guides do. "
            "Enter the first parts of their URLs, separated by spaces, for example: doc dev."
        ),
    )
    footer_note = models.CharField(max_length=300, blank=True, help_text=_("Text at the bottom of each page."))
    social_links = StreamField([("link", SocialLinkBlock())], blank=True, help_text=_("In the footer, in this order."))

    panels = [
        MultiFieldPanel([FieldPanel("tagline"), FieldPanel("logo"), FieldPanel("donate_url")], heading=_("Header")),
        MultiFieldPanel(
            [FieldPanel("webmaster_email"), FieldPanel("security_email"), FieldPanel("press_email")],
            heading=_("Contact addresses"),
        ),
        MultiFieldPanel(
            [FieldPanel("events_email"), FieldPanel("stories_email"), FieldPanel("elections_email")],
            heading=_("Reply-to addresses"),
            help_text=_("Replies to emails from the site go to these addresses. If one is empty, they go to the webmaster."),
        ),
        MultiFieldPanel(
            [
                FieldPanel("security_policy_url"),
                FieldPanel("security_key_url"),
                FieldPanel("humans_txt"),
                FieldPanel("funding_json"),
            ],
            heading=_("Machine-readable files"),
        ),
        MultiFieldPanel([FieldPanel("documentation_url")], heading=_("Search")),
        MultiFieldPanel([FieldPanel("shell_url")], heading=_("Code samples")),
        MultiFieldPanel([FieldPanel("feedback_sections")], heading=_("Page feedback")),
        MultiFieldPanel([FieldPanel("footer_note"), FieldPanel("social_links")], heading=_("Footer")),
    ]

    class Meta:
        verbose_name = _("site settings")

    def asks_about(self, page: BasePage) -> bool:
        """Return whether a page asks “Was this page helpful?”."""
        return page.always_asks_for_feedback or page.section in self.feedback_sections.split()

    def links(self) -> list[dict]:
        return [link.value for link in self.social_links]


purging.register(SiteSettings, purges=lambda _: [surrogate_keys.SITE_KEY])
