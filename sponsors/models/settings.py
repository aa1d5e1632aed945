from django.db import models
from django.utils.translation import gettext_lazy as _
from wagtail.admin.panels import FieldPanel, MultiFieldPanel
from wagtail.contrib.settings.models import BaseGenericSetting, register_setting


@register_setting(icon="cog")
class SponsorshipSettings(BaseGenericSetting):
    """Settings of sponsorship: names and addresses in emails and contracts, and text of the public pages."""

    team_email = models.EmailField(
        _("team email address"),
        default="sponsors@python.org",
        help_text=_("Receives sponsorship applications and updates. Used as the reply-to address."),
    )
    foundation_name = models.CharField(max_length=200, default="Python Software Foundation")
    foundation_address = models.CharField(max_length=300, blank=True, help_text=_("Postal address on one line, for contracts."))
    signatory_name = models.CharField(_("contract signatory"), max_length=100, blank=True)
    signatory_title = models.CharField(_("title of the signatory"), max_length=100, blank=True)
    introduction = models.TextField(
        blank=True,
        default="Our sponsors fund the infrastructure, grants and community that everyone who uses Python relies on.",
        help_text=_("Introduction at the top of the sponsors page."),
    )
    closed_text = models.TextField(
        _("text while applications are closed"),
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
            heading=_("Contracts"),
        ),
        MultiFieldPanel([FieldPanel("introduction"), FieldPanel("closed_text")], heading=_("Public pages")),
    ]

    class Meta:
        verbose_name = _("sponsorship settings")
