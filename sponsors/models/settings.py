from django.db import models
from wagtail.admin.panels import FieldPanel, MultiFieldPanel
from wagtail.contrib.settings.models import BaseGenericSetting, register_setting


@register_setting(icon="cog")
class SponsorshipSettings(BaseGenericSetting):
    """Settings of sponsorship: names and addresses in emails and contracts, and texts of the public pages."""

    team_email = models.EmailField(
        "team email address",
        default="sponsors@python.org",
        help_text="Receives sponsorship applications and updates. Used as the reply-to address.",
    )
    foundation_name = models.CharField(max_length=200, default="Python Software Foundation")
    foundation_address = models.CharField(max_length=300, blank=True, help_text="Postal address on one line, for contracts.")
    signatory_name = models.CharField("contract signatory", max_length=100, blank=True)
    signatory_title = models.CharField("title of the signatory", max_length=100, blank=True)
    introduction = models.TextField(
        blank=True,
        default="Our sponsors fund the infrastructure, grants and community that everyone who uses Python relies on.",
        help_text="Introduction at the top of the sponsors page.",
    )
    closed_text = models.TextField(
        "text while applications are closed",
        default="Applications are currently closed. Contact us and we will tell you when they open again.",
    )

    panels = [
        FieldPanel("team_email"),
        MultiFieldPanel(
            [
                FieldPanel("foundation_name"),
                FieldPanel("foundation_address"),
                FieldPanel("signatory_name"),
                FieldPanel("signatory_title"),
            ],
            heading="Contracts",
        ),
        MultiFieldPanel([FieldPanel("introduction"), FieldPanel("closed_text")], heading="Public pages"),
    ]

    class Meta:
        verbose_name = "sponsorship settings"
