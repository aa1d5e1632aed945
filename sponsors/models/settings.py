from django.db import models
from wagtail.admin.panels import FieldPanel, MultiFieldPanel
from wagtail.contrib.settings.models import BaseGenericSetting, register_setting


@register_setting(icon="cog")
class SponsorshipSettings(BaseGenericSetting):
    """Settings of sponsorship: names and addresses in emails and contracts, and texts of the public pages."""

    team_email = models.EmailField(
        "address of the team",
        default="sponsors@python.org",
        help_text="Gets word of applications and changes; sponsors answer to it.",
    )
    foundation_name = models.CharField(max_length=200, default="Python Software Foundation")
    foundation_address = models.CharField(max_length=300, blank=True, help_text="On one line. Stands in agreements.")
    signatory_name = models.CharField("who signs agreements", max_length=100, blank=True)
    signatory_title = models.CharField("title of who signs", max_length=100, blank=True)
    introduction = models.TextField(
        blank=True,
        default="Companies and organisations that sponsor the Python Software Foundation pay for what everybody uses.",
        help_text="The first sentence on the sponsors page.",
    )
    closed_text = models.TextField(
        "text while nothing is on offer",
        default="Applications are closed at the moment. Write to us, and we tell you when the next season opens.",
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
            heading="In agreements",
        ),
        MultiFieldPanel([FieldPanel("introduction"), FieldPanel("closed_text")], heading="On the public pages"),
    ]

    class Meta:
        verbose_name = "sponsorship settings"
