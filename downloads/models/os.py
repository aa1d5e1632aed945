from typing import Self

from django.db import models
from django.urls import reverse
from wagtail import blocks

from cms.content.blocks import BodyBlock
from cms.content.fields import StreamField
from cms.delivery import purging


class CommandBlock(blocks.StructBlock):
    label = blocks.CharBlock(max_length=60, help_text="With what, such as Homebrew or uv.")
    command = blocks.CharBlock(
        max_length=200,
        help_text="One line to type in a terminal. {series} and {version} become the current ones, such as 3.14 and 3.14.2.",
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
        WINDOWS = "windows", "Window"
        LAPTOP = "macos", "Laptop"
        TERMINAL = "linux", "Terminal"
        ARCHIVE = "source", "Archive"
        PHONE = "phone", "Phone"
        ROBOT = "android", "Robot"

    name = models.CharField(max_length=200, help_text="As visitors know it, such as macOS.")
    slug = models.SlugField(
        max_length=200,
        unique=True,
        help_text="The last part of the page’s address, /downloads/…/. Scripts use it: do not change it.",
    )
    icon = models.CharField(
        max_length=20, choices=Icon, default=Icon.ARCHIVE, help_text="Beside the name on tabs and in the menu."
    )
    order = models.PositiveSmallIntegerField(default=100, help_text="Small numbers come first on tabs and in the menu.")
    show_in_menu = models.BooleanField("show in the menu", default=True)
    detection_hints = models.CharField(
        max_length=200,
        blank=True,
        help_text="Words in a browser’s name for itself that mean this platform, divided by commas, such as: Windows NT, Win64.",
    )
    page_title = models.CharField(
        max_length=100, blank=True, help_text="The heading of the page. “Python for” and the name when empty."
    )
    intro = models.CharField(max_length=300, blank=True, help_text="One or two sentences below the heading of the page.")
    other_ways = StreamField(
        [("command", CommandBlock())],
        blank=True,
        help_text="Commands that install Python here without our file. On the download page, below the button.",
    )
    install_notes = StreamField(
        BodyBlock(), blank=True, help_text="How to install Python here: below the download button on the platform’s page."
    )

    objects = OSQuerySet.as_manager()

    class Meta:
        verbose_name = "operating system"
        ordering = ["order", "name"]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("downloads:os_detail", args=[self.slug])

    @property
    def title(self) -> str:
        return self.page_title or f"Python for {self.name}"

    @property
    def detection_words(self) -> str:
        """Return the names that js/os-detect.js may find for this operating system, separated by spaces."""
        return f"{self.slug} {self.detection_hints.replace(',', ' ').lower()}".strip()


purging.register(OS, purges=lambda _: ["downloads"])
