from django.db import models
from wagtail import blocks
from wagtail.admin.panels import FieldPanel
from wagtail.search import index

from cms.blocks import CodeBlock, LinkBlock
from cms.fields import StreamField
from cms.models import BasePage

from .blocks import PageBodyBlock


class CodeSampleBlock(CodeBlock):
    """A program of the front page and what it prints."""

    title = blocks.CharBlock(max_length=60, help_text="On the tab, such as Functions.")
    output = blocks.TextBlock(required=False, rows=3, help_text="What the program prints.")
    text = blocks.TextBlock(required=False, rows=2, help_text="One sentence on what the sample shows.")

    class Meta:
        icon = "code"
        template = "home/blocks/code_sample.html"


class DoorBlock(blocks.StructBlock):
    title = blocks.CharBlock(max_length=60)
    text = blocks.TextBlock(rows=2)
    link = LinkBlock()

    class Meta:
        icon = "arrow-right"
        description = "A step that many visitors take next"


class HomePage(BasePage):
    """The front page."""

    max_count = 1
    template = "home/home_page.html"

    promise = models.CharField(
        max_length=120, help_text="What Python is for its readers, in one sentence: the heading of the front page."
    )
    introduction = models.TextField(blank=True, help_text="Two or three sentences below it.")
    code_samples = StreamField([("sample", CodeSampleBlock())], blank=True, help_text="Tabs beside the heading, in this order.")
    doors = StreamField([("door", DoorBlock())], blank=True, help_text="The next steps, side by side. Three look best.")
    body = StreamField(PageBodyBlock(), blank=True)

    content_panels = [
        *BasePage.content_panels,
        FieldPanel("promise"),
        FieldPanel("introduction"),
        FieldPanel("code_samples"),
        FieldPanel("doors"),
        FieldPanel("body"),
    ]
    search_fields = [*BasePage.search_fields, index.SearchField("introduction"), index.SearchField("body")]

    class Meta:
        verbose_name = "front page"


class StandardPage(BasePage):
    """A page with a body and nothing else."""

    template = "home/standard_page.html"

    introduction = models.TextField(blank=True, help_text="A lead of one or two sentences.")
    body = StreamField(PageBodyBlock(), blank=True)

    content_panels = [*BasePage.content_panels, FieldPanel("introduction"), FieldPanel("body")]
    search_fields = [*BasePage.search_fields, index.SearchField("introduction"), index.SearchField("body")]

    class Meta:
        verbose_name = "page"
