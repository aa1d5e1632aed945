from typing import Any, Self

from django.core.exceptions import ValidationError
from django.db import models
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from wagtail import blocks

from cms.content.blocks import BodyBlock
from cms.content.fields import StreamField
from cms.delivery import purging
from downloads.artifacts import classify, parse_patterns


class CommandBlock(blocks.StructBlock):
    label = blocks.CharBlock(max_length=60, help_text=_("Name of the tool, for example Homebrew or uv."))
    command = blocks.CharBlock(
        max_length=200,
        help_text=_(
            "Command to run in a terminal. {series} and {version} are replaced with the latest ones, for example 3.14 and 3.14.2."
        ),
    )

    class Meta:
        icon = "code"
        description = "A command that installs Python"
        preview_value = {"label": "uv", "command": "uv python install {series}"}


class OSQuerySet(models.QuerySet["OS"]):
    def in_menu(self) -> Self:
        return self.filter(show_in_menu=True).order_by("order", "name")


class OS(models.Model):
    """Operating system with files to download. Scripts rely on the ids 1 to 3: windows, macos, source."""

    class Icon(models.TextChoices):
        WINDOWS = "windows", _("Window")
        LAPTOP = "macos", _("Laptop")
        TERMINAL = "linux", _("Terminal")
        ARCHIVE = "source", _("Archive")
        PHONE = "phone", _("Phone")
        ROBOT = "android", _("Robot")

    name = models.CharField(max_length=200, help_text=_("Name shown to visitors, for example macOS."))
    slug = models.SlugField(
        max_length=200,
        unique=True,
        help_text=_("Last part of the URL /downloads/…/. Scripts use it, so do not change it."),
    )
    icon = models.CharField(
        max_length=20, choices=Icon, default=Icon.ARCHIVE, help_text=_("Shown next to the name on tabs and in the menu.")
    )
    order = models.PositiveSmallIntegerField(default=100, help_text=_("Lower numbers come first on tabs and in the menu."))
    show_in_menu = models.BooleanField(_("show in the menu"), default=True)
    detection_hints = models.CharField(
        max_length=200,
        blank=True,
        help_text=_("Parts of the user agent that identify this operating system, separated by commas, for example: Windows NT."),
    )
    file_patterns = models.TextField(
        _("names of files"),
        blank=True,
        default="",
        db_default="",
        help_text=_(
            "Types of files whose names are new, one per line: a pattern, =, the type and, if needed, the architecture. "
            "For example: *-wasi_sdk-*.zip = package wasm32."
        ),
    )
    page_title = models.CharField(
        max_length=100, blank=True, help_text=_("Heading of the page. Defaults to “Python for” followed by the name.")
    )
    intro = models.CharField(max_length=300, blank=True, help_text=_("One or two sentences below the heading of the page."))
    other_ways = StreamField(
        [("command", CommandBlock())],
        blank=True,
        help_text=_("Other commands that install Python on this operating system. Shown on the download page below the button."),
    )
    install_notes = StreamField(
        BodyBlock(),
        blank=True,
        help_text=_("Installation guide, shown below the download button on the page of the operating system."),
    )

    objects = OSQuerySet.as_manager()

    class Meta:
        verbose_name = _("operating system")
        ordering = ["order", "name"]

    def __str__(self) -> str:
        return self.name

    def clean(self) -> None:
        try:
            parse_patterns(self.file_patterns)
        except ValidationError as error:
            raise ValidationError({"file_patterns": error.messages}) from error

    def save(self, *args: Any, **kwargs: Any) -> None:
        super().save(*args, **kwargs)
        # Files that are here already follow the patterns too.
        for file in self.files.all() if self.file_patterns else ():
            kind, architecture = classify(file.url, self.file_patterns)
            if (file.kind, file.architecture) != (kind, architecture):
                file.os = self
                file.save()

    def get_absolute_url(self) -> str:
        return reverse("downloads:os_detail", args=[self.slug])

    @property
    def title(self) -> str:
        return self.page_title or gettext("Python for %(os)s") % {"os": self.name}

    @property
    def detection_names(self) -> str:
        """Return the names that js/os-detect.js may find for this operating system, separated by spaces."""
        return f"{self.slug} {self.detection_hints.replace(',', ' ').lower()}".strip()


purging.register(OS, purges=lambda _: ["downloads"])
