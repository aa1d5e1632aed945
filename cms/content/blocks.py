"""Blocks of every body field. `home.blocks.PageBodyBlock` adds the blocks of the sections."""

import re
from functools import lru_cache
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.safestring import SafeString, mark_safe
from django.utils.text import slugify
from django.utils.translation import gettext_lazy as _
from pygments import highlight
from pygments.formatters import HtmlFormatter
from pygments.lexers import get_lexer_by_name
from wagtail import blocks
from wagtail.contrib.typed_table_block.blocks import TypedTableBlock
from wagtail.documents.blocks import DocumentChooserBlock
from wagtail.images.blocks import ImageBlock, ImageBlockComparison
from wagtail.snippets.blocks import SnippetChooserBlock

RICH_TEXT = ["bold", "italic", "code", "link", "document-link", "ol", "ul", "hr"]
# A body also keeps the headings of text pasted from Word or from a web page.
BODY_TEXT = ["h2", "h3", "h4", *RICH_TEXT]
INLINE_TEXT = ["bold", "italic", "code", "link"]
TEXT, MEDIA, LAYOUT = "Text", "Media", "Layout"
LOREM = "Python lets us spend our time on the problem and not on the language."


@lru_cache(maxsize=500)
def highlighted(code: str, language: str) -> SafeString:
    """Return source code as HTML with Pygments classes, colored by the site's stylesheet.

    The block is focusable, so that long lines can be scrolled with the arrow keys.
    """
    html = highlight(code, get_lexer_by_name(language), HtmlFormatter(cssclass="highlight"))
    return mark_safe(html.replace("<pre>", '<pre tabindex="0">', 1))  # noqa: S308 -- Pygments escapes.


class HeadingBlock(blocks.StructBlock):
    text = blocks.CharBlock(max_length=200)
    level = blocks.ChoiceBlock([("2", "Section"), ("3", "Subsection"), ("4", "Detail")], default="2")
    anchor = blocks.RegexBlock(
        r"^[A-Za-z][\w.-]*$",
        required=False,
        max_length=100,
        help_text=_("For links to this heading, for example #install. Leave empty to generate it from the text."),
        error_messages={"invalid": _("An anchor starts with a letter and contains no spaces, for example install-notes.")},
    )

    def get_context(self, value: Any, parent_context: dict[str, Any] | None = None) -> dict[str, Any]:
        context = super().get_context(value, parent_context)
        context["anchor"] = value.get("anchor") or slugify(value["text"])
        return context

    class Meta:
        icon = "title"
        group = TEXT
        description = _("Heading with an anchor")
        template = "cms/blocks/heading.html"
        preview_value = {"text": "Getting started", "level": "2", "anchor": ""}


class OptionalImageComparison(ImageBlockComparison):
    """Workaround for Wagtail 8.0, which fails to compare versions if an empty image block was added."""

    def htmldiff(self) -> str:
        return super().htmldiff() if any(value["image"] for value in (self.val_a, self.val_b)) else ""

    def htmlvalue(self, val: Any) -> str:
        has_image = val["image"] if isinstance(val, dict) else val
        return super().htmlvalue(val) if has_image else ""


class OptionalImageBlock(ImageBlock):
    def get_comparison_class(self) -> Any:
        return OptionalImageComparison


class ImageFigureBlock(blocks.StructBlock):
    image = ImageBlock()
    caption = blocks.RichTextBlock(features=INLINE_TEXT, required=False)

    class Meta:
        icon = "image"
        group = MEDIA
        description = _("Image with alternative text")
        template = "cms/blocks/image.html"


class QuoteBlock(blocks.StructBlock):
    text = blocks.TextBlock()
    by = blocks.CharBlock(required=False, max_length=120, help_text=_("Name and role of the person."))
    source = blocks.URLBlock(required=False)

    class Meta:
        icon = "openquote"
        group = TEXT
        description = _("Quotation with its source")
        template = "cms/blocks/quote.html"
        preview_value = {"text": LOREM, "by": "Maria Example, mathematics teacher", "source": ""}


class CodeBlock(blocks.StructBlock):
    LANGUAGES = [
        ("python", "Python"),
        ("pycon", "Python session"),
        ("bash", "Shell"),
        ("powershell", "PowerShell"),
        ("json", "JSON"),
        ("toml", "TOML"),
        ("c", "C"),
        ("html", "HTML"),
        ("text", "Plain text"),
    ]
    code = blocks.TextBlock(rows=8)
    language = blocks.ChoiceBlock(LANGUAGES, default="python")
    caption = blocks.CharBlock(required=False, max_length=200)

    def get_context(self, value: Any, parent_context: dict[str, Any] | None = None) -> dict[str, Any]:
        context = super().get_context(value, parent_context)
        context["highlighted"] = highlighted(value["code"], value["language"])
        return context

    class Meta:
        icon = "code"
        group = TEXT
        description = _("Code with syntax highlighting and a copy button")
        template = "cms/blocks/code.html"
        preview_value = {"code": 'print("Hello, world!")', "language": "python", "caption": ""}


class LinkValue(blocks.StructValue):
    @property
    def href(self) -> str:
        return self["page"].url if self.get("page") else self.get("url", "")


class LinkBlock(blocks.StructBlock):
    """Link to a page of the site, which follows the page when it moves, or to a URL."""

    text = blocks.CharBlock(max_length=80)
    page = blocks.PageChooserBlock(required=False)
    url = blocks.CharBlock(required=False, label=_("URL"), help_text=_("Use instead of a page: https://… or /path/."))

    def clean(self, value: Any) -> Any:
        value = super().clean(value)
        errors = {}
        if bool(value.get("page")) == bool(value.get("url")):
            errors["page"] = ValidationError(_("Choose a page or enter a URL, but not both."))
        elif value.get("url") and not re.match(r"(https?://|mailto:|/|#)", value["url"]):
            errors["url"] = ValidationError(_("A URL starts with https://, mailto:, / or #."))
        if errors:
            raise blocks.StructBlockValidationError(block_errors=errors)
        return value

    class Meta:
        icon = "link"
        value_class = LinkValue


class ButtonBlock(LinkBlock):
    style = blocks.ChoiceBlock([("primary", "Main action"), ("secondary", "Other action")], default="primary")

    class Meta:
        icon = "placeholder"
        group = LAYOUT
        description = _("Link styled as a button. Use one main action per page")
        template = "cms/blocks/button.html"
        value_class = LinkValue
        preview_value = {"text": "Download Python", "page": None, "url": "/downloads/", "style": "primary"}


class CardBlock(blocks.StructBlock):
    title = blocks.CharBlock(max_length=100)
    text = blocks.RichTextBlock(features=INLINE_TEXT, required=False)
    image = OptionalImageBlock(required=False)
    links = blocks.ListBlock(LinkBlock(), default=[], collapsed=True)

    class Meta:
        icon = "form"


class CardsBlock(blocks.StructBlock):
    cards = blocks.ListBlock(CardBlock())

    class Meta:
        icon = "grip"
        group = LAYOUT
        description = _("Two to four cards side by side")
        template = "cms/blocks/cards.html"
        preview_value: dict = {"cards": [{"title": "Learn", "text": LOREM, "image": None, "links": []}] * 3}


class CalloutBlock(blocks.StructBlock):
    tone = blocks.ChoiceBlock([("info", "Note"), ("ok", "Success"), ("warn", "Warning"), ("stop", "Danger")], default="info")
    title = blocks.CharBlock(required=False, max_length=100)
    text = blocks.RichTextBlock(features=RICH_TEXT)

    class Meta:
        icon = "warning"
        group = TEXT
        description = _("Highlighted note")
        template = "cms/blocks/callout.html"
        preview_value = {"tone": "warn", "title": "Before you start", "text": f"<p>{LOREM}</p>"}


class VideoBlock(blocks.StructBlock):
    """Video from a host that supports embedding without cookies. The content security policy allows only these hosts."""

    PLAYERS = [
        (
            re.compile(r"https://(?:www\.youtube\.com/watch\?v=|youtu\.be/)([\w-]{6,20})"),
            "https://www.youtube-nocookie.com/embed/{}",
        ),
        (re.compile(r"https://vimeo\.com/(\d{4,12})"), "https://player.vimeo.com/video/{}?dnt=1"),
    ]
    url = blocks.URLBlock(label=_("URL"), help_text=_("URL of a video on YouTube or Vimeo."))
    title = blocks.CharBlock(max_length=120, help_text=_("Screen readers announce this title."))

    @classmethod
    def player_url(cls, url: str) -> str | None:
        for pattern, player in cls.PLAYERS:
            if match := pattern.match(url):
                return player.format(match[1])
        return None

    def clean(self, value: Any) -> Any:
        value = super().clean(value)
        if self.player_url(value["url"]) is None:
            error = ValidationError(_("Enter the URL of a video on YouTube or Vimeo."))
            raise blocks.StructBlockValidationError(block_errors={"url": error})
        return value

    def get_context(self, value: Any, parent_context: dict[str, Any] | None = None) -> dict[str, Any]:
        context = super().get_context(value, parent_context)
        context["player_url"] = self.player_url(value["url"])
        return context

    class Meta:
        icon = "media"
        group = MEDIA
        description = _("Video that loads when visitors scroll to it")
        template = "cms/blocks/video.html"


class DocumentBlock(blocks.StructBlock):
    document = DocumentChooserBlock()
    text = blocks.CharBlock(required=False, max_length=120, help_text=_("Leave empty to use the title of the document."))

    class Meta:
        icon = "doc-full"
        group = MEDIA
        description = _("Document to download, with its type and size")
        template = "cms/blocks/document.html"


class TrustedHTMLBlock(blocks.RawHTMLBlock):
    """Raw HTML. Only Site admins can change it (`cms.content.forms`)."""

    class Meta:
        icon = "code"
        group = LAYOUT
        label = _("HTML")
        description = _("Raw HTML, for Site admins only")


class TextBlock(blocks.RichTextBlock):
    class Meta:
        icon = "pilcrow"
        group = TEXT
        label = _("Text")
        description = _("Paragraphs and lists. You can paste from a document or Markdown")
        template = "cms/blocks/text.html"
        preview_value = f"<p>{LOREM}</p>"


class TextAndMediaBlock(blocks.StreamBlock):
    """Text and media blocks that are allowed everywhere, including in columns and accordions."""

    heading = HeadingBlock()
    text = TextBlock(features=BODY_TEXT)
    image = ImageFigureBlock()
    quote = QuoteBlock()
    code = CodeBlock()
    callout = CalloutBlock()
    button = ButtonBlock()
    document = DocumentBlock()
    video = VideoBlock()


class TableBlock(TypedTableBlock):
    def __init__(self, **kwargs: Any) -> None:
        super().__init__([("text", blocks.RichTextBlock(features=INLINE_TEXT)), ("number", blocks.DecimalBlock())], **kwargs)

    def get_context(self, value: Any, parent_context: dict[str, Any] | None = None) -> dict[str, Any]:
        context = super().get_context(value, parent_context)
        context["is_headed"] = any(column["heading"] for column in value.columns)
        return context

    class Meta:
        icon = "table"
        group = TEXT
        description = _("Table with a caption")
        template = "cms/blocks/table.html"


class ColumnsBlock(blocks.StructBlock):
    columns = blocks.ListBlock(TextAndMediaBlock(), min_num=2, max_num=3)

    class Meta:
        icon = "duplicate"
        group = LAYOUT
        description = _("Two or three columns, stacked on small screens")
        template = "cms/blocks/columns.html"
        preview_value = {"columns": [[{"type": "text", "value": f"<p>{LOREM}</p>"}]] * 2}


class AccordionBlock(blocks.StructBlock):
    items = blocks.ListBlock(
        blocks.StructBlock([("title", blocks.CharBlock(max_length=150)), ("body", TextAndMediaBlock())], icon="list-ul")
    )

    class Meta:
        icon = "collapse-down"
        group = LAYOUT
        description = _("Questions with answers that expand")
        template = "cms/blocks/accordion.html"
        preview_value: dict = {"items": [{"title": "Which version should I choose?", "body": []}]}


class BoxBlock(SnippetChooserBlock):
    """Box that is written once and can be shown in many places."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__("cms.Box", **kwargs)

    class Meta:
        icon = "copy"
        group = LAYOUT
        description = _("Box that is shared with other pages")
        template = "cms/blocks/box.html"


class BodyBlock(TextAndMediaBlock):
    """Body of a page, a box or other content that staff write."""

    table = TableBlock()
    cards = CardsBlock()
    columns = ColumnsBlock()
    accordion = AccordionBlock()
    box = BoxBlock()
    html = TrustedHTMLBlock()

    class Meta:
        template = "cms/blocks/body.html"
