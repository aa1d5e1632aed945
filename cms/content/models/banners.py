from datetime import datetime
from typing import Any, Self

from django.core.cache import cache
from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.db.models import Q
from django.db.models.signals import post_delete, post_save
from django.dispatch import receiver
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from wagtail.admin.panels import FieldPanel, FieldRowPanel, MultiFieldPanel, PublishingPanel
from wagtail.models import DraftStateMixin, LockableMixin, PreviewableMixin, RevisionMixin

from cms.content.models.drafts import StaysLiveMixin
from cms.content.models.translatable import TranslatableSnippet
from cms.delivery import purging, surrogate_keys

# Paths of pages that belong to the Foundation.
FOUNDATION = "psf"
API_NOTICE = "api-notice"


def section_of(path: str) -> str:
    """Return the first part of a path: "downloads" for /downloads/release/python-3140/."""
    return path.strip("/").split("/")[0]


class BannerQuerySet(models.QuerySet):
    def current(self, at: datetime | None = None) -> Self:
        """Return published banners within their start and end times, highest priority first."""
        at = at or timezone.now()
        started = Q(starts_at__isnull=True) | Q(starts_at__lte=at)
        not_over = Q(ends_at__isnull=True) | Q(ends_at__gt=at)
        return (
            self.filter(started, not_over, live=True).select_related("page", "locale").order_by("-priority", "-starts_at", "-pk")
        )

    def notices(self, at: datetime | None = None) -> Self:
        """Return banners that API clients receive in the X-API-Notice header."""
        return self.current(at).filter(audience=Banner.Audience.API)


class Banner(
    StaysLiveMixin,
    TranslatableSnippet,
    DraftStateMixin,
    LockableMixin,
    RevisionMixin,
    PreviewableMixin,
    models.Model,
):
    """Notice in a bar above the header."""

    # The pages that show it remain after it is unpublished, so a live check tests their age instead of expecting a 404.
    is_part_of_pages = True
    # Surrogate key of the list of current banners.
    KEY = "banners"

    class Audience(models.TextChoices):
        SITE = "site", _("Every page")
        SECTION = "section", _("One section")
        FOUNDATION = "psf", _("Pages of the Foundation")
        API = "api", _("Clients of the API")

    class Tone(models.TextChoices):
        NEWS = "", _("News (yellow)")
        QUIET = "quiet", _("Quiet (blue)")
        STOP = "stop", _("Urgent (red)")

    message = models.CharField(max_length=200, help_text=_("One sentence."))
    link_text = models.CharField(max_length=60, blank=True, help_text=_("Leave empty for “Read more”."))
    page = models.ForeignKey("wagtailcore.Page", null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    url = models.CharField(_("URL"), max_length=500, blank=True, help_text=_("Use instead of a page: https://… or /path/."))
    audience = models.CharField(max_length=10, choices=Audience, default=Audience.SITE)
    section = models.SlugField(
        max_length=50, blank=True, help_text=_("For one section: the first part of its URL, for example downloads.")
    )
    tone = models.CharField(max_length=10, choices=Tone, blank=True, default=Tone.NEWS)
    priority = models.PositiveSmallIntegerField(
        default=10, help_text=_("Only one banner is shown at a time: the one with the highest number.")
    )
    dismissible = models.BooleanField(_("visitors can dismiss it"), default=True)
    starts_at = models.DateTimeField(
        _("shows from"), null=True, blank=True, help_text=_("Time in UTC. Leave empty to start now.")
    )
    ends_at = models.DateTimeField(
        _("shows until"),
        null=True,
        blank=True,
        help_text=_("Time in UTC. Leave empty to show the banner until you unpublish it."),
    )

    objects = BannerQuerySet.as_manager()

    panels = [
        MultiFieldPanel(
            [FieldPanel("message"), FieldPanel("link_text"), FieldRowPanel([FieldPanel("page"), FieldPanel("url")])],
            heading=_("Message"),
        ),
        MultiFieldPanel(
            [FieldRowPanel([FieldPanel("audience"), FieldPanel("section")]), FieldPanel("priority")], heading=_("Audience")
        ),
        FieldRowPanel([FieldPanel("starts_at"), FieldPanel("ends_at")], heading=_("Schedule")),
        FieldRowPanel([FieldPanel("tone"), FieldPanel("dismissible")], heading=_("Appearance")),
        PublishingPanel(),
    ]

    class Meta:
        ordering = ["-priority", "-pk"]

    def __str__(self) -> str:
        return self.message

    def clean(self) -> None:
        super().clean()
        errors = {}
        if self.page_id and self.url:
            errors["url"] = "Choose a page or enter a URL, but not both."
        if self.url and not self.url.startswith(("https://", "http://", "/", "mailto:")):
            errors["url"] = "A URL starts with https://, mailto: or /."
        if (self.audience == self.Audience.SECTION) != bool(self.section):
            errors["section"] = "Enter a section only if the banner is for one section."
        if self.starts_at and self.ends_at and self.ends_at <= self.starts_at:
            errors["ends_at"] = "The end must be after the start."
        if errors:
            raise ValidationError(errors)

    @classmethod
    def announce(cls) -> None:
        """Cache the value of the X-API-Notice header, as one line of ASCII."""
        text = "; ".join(banner.message for banner in cls.objects.notices())
        cache.set(API_NOTICE, " ".join(text.split()).encode("ascii", "replace").decode(), None)

    def shown(self) -> dict:
        """Return the context of components/banner.html."""
        return {
            # Visitors who dismissed an earlier text see the new one.
            "key": f"{self.pk}-{self.last_published_at:%Y%m%d%H%M}" if self.last_published_at else str(self.pk),
            "message": self.message,
            "url": self.page.url if self.page else self.url,
            "link_text": self.link_text,
            "kind": self.tone,
            "dismissible": self.dismissible,
        }

    def is_shown_at(self, path: str) -> bool:
        """Return whether the banner appears at this path."""
        section = section_of(path)
        if self.audience == self.Audience.SECTION:
            return section == self.section
        return self.audience == self.Audience.SITE or (self.audience == self.Audience.FOUNDATION and section == FOUNDATION)

    def keys(self) -> list[str]:
        """Return the surrogate keys of the paths where the banner can appear, and that of the list of all banners."""
        if self.audience == self.Audience.SITE:
            return [surrogate_keys.SITE_KEY, self.KEY]
        return [self.section if self.audience == self.Audience.SECTION else str(self.audience), self.KEY]

    def get_absolute_url(self) -> str:
        """Return the path of the first page that shows the banner, or an empty string for a banner for API clients."""
        if self.audience == self.Audience.SITE:
            return "/"
        return "" if self.audience == self.Audience.API else f"/{self.keys()[0]}/"

    def get_preview_template(self, request: HttpRequest, mode_name: str) -> str:
        return "cms/banner_preview.html"

    def get_preview_context(self, request: HttpRequest, mode_name: str) -> dict[str, Any]:
        return super().get_preview_context(request, mode_name) | {"banner": self.shown()}


purging.register(Banner, purges=Banner.keys)


@receiver([post_save, post_delete], sender=Banner)
def announce(**kwargs: Any) -> None:
    transaction.on_commit(Banner.announce)
