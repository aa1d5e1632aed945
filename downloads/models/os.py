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


class Method(models.TextChoices):
    """Way to install Python with commands."""

    PACKAGE_MANAGER = "package-manager", _("Package manager of the operating system")
    UV = "uv", _("uv")
    PYENV = "pyenv", _("pyenv")
    CONDA = "conda", _("conda")
    CONTAINER = "container", _("Container")
    OTHER = "other", _("Other")


class CommandBlock(blocks.StructBlock):
    label = blocks.CharBlock(
        max_length=60, help_text=_("Name of the distribution or tool, for example Debian and Ubuntu, Homebrew or uv.")
    )
    method = blocks.ChoiceBlock(choices=Method.choices, default=Method.OTHER, required=False)
    command = blocks.TextBlock(
        max_length=500,
        rows=2,
        help_text=_(
            "Commands to run in a terminal, one per line. {series} and {version} are replaced with the chosen ones, "
            "for example 3.14 and 3.14.2."
        ),
    )
    note = blocks.CharBlock(
        max_length=200,
        required=False,
        help_text=_("Notes, for example: This is the version that your distribution provides."),
    )

    hints = blocks.CharBlock(
        max_length=200,
        required=False,
        label=_("detection hints"),
        help_text=_("Parts of the user agent that preselect this way, separated by commas, for example: Ubuntu, Debian."),
    )

    class Meta:
        icon = "code"
        description = "A command that installs Python"
        preview_value = {"label": "uv", "method": Method.UV, "command": "uv python install {series}", "note": "", "hints": ""}


class OSQuerySet(models.QuerySet["OS"]):
    def in_menu(self) -> Self:
        return self.filter(show_in_menu=True).order_by("order", "name")


class OS(models.Model):
    """Operating system with files to download. Scripts rely on the IDs 1 to 3: windows, macos, source."""

    class Icon(models.TextChoices):
        WINDOWS = "windows", _("Window")
        LAPTOP = "macos", _("Laptop")
        TERMINAL = "linux", _("Terminal")
        ARCHIVE = "source", _("Archive")
        PHONE = "phone", _("Phone")
        ROBOT = "android", _("Robot")

    class Audience(models.TextChoices):
        COMPUTERS = "computers", _("People who use Python on a computer")
        APP_DEVELOPERS = "app-developers", _("Developers of apps for phones and tablets")

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
    tab_name = models.CharField(
        _("name on tabs"),
        max_length=100,
        blank=True,
        default="",
        db_default="",
        help_text=_("Shown to visitors who choose a download, if it differs from the name: for example Linux."),
    )
    audience = models.CharField(
        max_length=20,
        choices=Audience,
        default=Audience.COMPUTERS,
        db_default=Audience.COMPUTERS,
        help_text=_("Files for app developers are labeled as such, and are never a visitor’s recommended download."),
    )
    device_note = models.TextField(
        _("note for phones and tablets"),
        blank=True,
        default="",
        db_default="",
        help_text=_("What visitors on this device can do, since Python itself runs on computers. Shown instead of a download."),
    )
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
            "File types for names that are not recognized, one per line: a pattern, =, the type and, if needed, "
            "the architecture. For example: *-wasi_sdk-*.zip = package wasm32."
        ),
    )
    page_title = models.CharField(
        max_length=100, blank=True, help_text=_("Heading of the page. Defaults to “Python for” followed by the name.")
    )
    intro = models.CharField(
        _("introduction"), max_length=300, blank=True, help_text=_("One or two sentences below the heading of the page.")
    )
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
        # Existing files are classified by the new patterns too.
        for file in self.files.all() if self.file_patterns else ():
            kind, architecture = classify(file.url, self.file_patterns)
            if (file.kind, file.architecture) != (kind, architecture):
                file.os = self
                file.save()

    def get_absolute_url(self) -> str:
        return reverse("downloads:os_detail", args=[self.slug])

    @property
    def label(self) -> str:
        """Return the name for visitors who choose a download."""
        return self.tab_name or self.name

    @property
    def is_for_app_developers(self) -> bool:
        return self.audience == self.Audience.APP_DEVELOPERS

    @property
    def title(self) -> str:
        return self.page_title or gettext("Python for %(os)s") % {"os": self.name}

    @property
    def detection_names(self) -> str:
        """Return the names that js/os-detect.js may find for this operating system, separated by spaces."""
        return f"{self.slug} {self.detection_hints.replace(',', ' ').lower()}".strip()


purging.register(OS, purges=lambda _: ["downloads"])
