from django.conf import settings
from django.db import models
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from wagtail.search import index

from cms.delivery import purging


class Company(index.Indexed, models.Model):
    """Organization that uses Python, shown on its success stories."""

    name = models.CharField(max_length=200)
    slug = models.SlugField(
        max_length=200, unique=True, help_text=_("Last part of the URL. Do not change it after it is published.")
    )
    about = models.TextField(blank=True, help_text=_("Two or three sentences. You can use Markdown."))
    url = models.URLField(_("website"), blank=True)
    logo = models.ForeignKey(
        settings.WAGTAILIMAGES_IMAGE_MODEL,
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="+",
        help_text=_("Shown on a light background in light and dark mode."),
    )
    contact = models.CharField(_("contact person"), max_length=100, blank=True, help_text=_("Visible to staff only."))
    email = models.EmailField(_("email address"), blank=True, help_text=_("Visible to staff only."))

    search_fields = [
        index.SearchField("name"),
        index.AutocompleteField("name"),
        index.SearchField("about"),
    ]

    class Meta:
        ordering = ["name"]
        verbose_name_plural = _("companies")

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("stories:company", args=[self.slug])


purging.register(Company, purges=lambda _: ["success-stories"])
