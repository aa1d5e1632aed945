from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy as _
from wagtail.admin.panels import FieldPanel, MultiFieldPanel
from wagtail.contrib.settings.models import BaseGenericSetting, register_setting

from cms.delivery import purging

ADVISORIES_URL = "https://github.com/psf/advisory-database/archive/refs/heads/main.zip"

CYCLE_URL = "https://peps.python.org/api/release-cycle.json"


def page_field(label: Any, help_text: Any) -> models.ForeignKey:
    return models.ForeignKey(
        "wagtailcore.Page",
        verbose_name=label,
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="+",
        help_text=help_text,
    )


@register_setting(icon="download", order=200)
class DownloadsSettings(BaseGenericSetting):
    """Editors' pages that the downloads link to, and the source of security advisories. Without a page there is no link."""

    sigstore_page = page_field(_("about Sigstore"), _("Linked from the column “Sigstore” of the files of a release."))
    sbom_page = page_field(_("about SBOMs"), _("Linked from the column “SBOM” of the files of a release."))
    gpg_page = page_field(_("about GPG signatures"), _("Linked from the column “GPG” of the files of a release."))
    identities_page = page_field(
        _("release managers and their identities"),
        _("Linked from the commands that verify a file if the release series has no Sigstore identity."),
    )
    advisories_url = models.URLField(
        _("security advisories"),
        max_length=500,
        blank=True,
        default=ADVISORIES_URL,
        help_text=_("ZIP file of the advisory database in the OSV format. It is read every day; leave empty to stop that."),
    )
    release_cycle_url = models.URLField(
        _("release cycle"),
        max_length=500,
        blank=True,
        default=CYCLE_URL,
        db_default=CYCLE_URL,
        help_text=_("JSON file with the dates of the release series. It is compared every day; leave empty to stop that."),
    )
    check_files = models.BooleanField(
        _("check the URLs of release files"),
        default=True,
        db_default=True,
        help_text=_(
            "After files are added or edited, request each URL and record its size. Switch this off to send no requests."
        ),
    )

    panels = [
        MultiFieldPanel(
            [FieldPanel("sigstore_page"), FieldPanel("sbom_page"), FieldPanel("gpg_page"), FieldPanel("identities_page")],
            heading=_("Pages about verification"),
        ),
        FieldPanel("advisories_url"),
        FieldPanel("release_cycle_url"),
        FieldPanel("check_files"),
    ]
    select_related = ["sigstore_page", "sbom_page", "gpg_page", "identities_page"]

    class Meta:
        verbose_name = _("downloads settings")

    def page_urls(self) -> dict[str, str]:
        """Return the URLs of the published pages by the names of their fields without “_page”."""
        pages = {name.removesuffix("_page"): getattr(self, name) for name in self.select_related}
        return {name: page.full_url for name, page in pages.items() if page and page.live and page.full_url}


purging.register(DownloadsSettings, purges=lambda _: ["downloads"])
