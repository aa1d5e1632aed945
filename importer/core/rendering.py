"""Render the markup of the old site as HTML, with the renderers of its models.

HTML stored by the old site takes precedence, because visitors saw it. The renderers are for rows without stored HTML.
"""

import nh3
from django.core.exceptions import ValidationError
from django.utils.html import escape, linebreaks, urlize

# Rules of the old site's sanitizer, applied to all markup except that of pages.
CLEAN_TAGS = {
    *("a", "abbr", "acronym", "b", "blockquote", "br", "code", "col", "colgroup", "dd", "del", "div", "dl", "dt", "em", "figure"),
    *("figcaption", "h1", "h2", "h3", "h4", "h5", "h6", "hr", "i", "img", "ins", "li", "ol", "p", "pre", "s", "span", "strong"),
    *("sub", "sup", "table", "tbody", "td", "tfoot", "th", "thead", "tr", "tt", "u", "ul"),
}
CLEAN_ATTRIBUTES = {
    "*": {"class", "id", "title"},
    "a": {"href"},
    "img": {"src", "alt", "width", "height"},
    "td": {"colspan", "rowspan", "align"},
    "th": {"colspan", "rowspan", "align", "scope"},
}
REST_SETTINGS = {
    "raw_enabled": False,
    "file_insertion_enabled": False,
    "halt_level": 4,
    "report_level": 5,
    "doctitle_xform": False,
}


def rendered(fields: dict, name: str, *, default: str = "restructuredtext", of_page: bool = False) -> str:
    """Return the HTML of a markup field. Raises ValidationError for invalid markup."""
    ready = fields.get(f"_{name}_rendered")
    kind = fields.get(f"{name}_markup_type") or default
    raw = fields.get(name) or ""
    html = ready or render(raw, kind, of_page=of_page)
    return html if of_page else clean(html)


def clean(html: str) -> str:
    return nh3.clean(html, tags=CLEAN_TAGS, attributes=CLEAN_ATTRIBUTES, url_schemes={"http", "https", "mailto"}, link_rel=None)


def render(raw: str, kind: str, *, of_page: bool = False) -> str:
    """Return the HTML of content in one of the five markup types. Pages used their own Markdown dialect."""
    if not raw.strip():
        return ""
    if kind == "html":
        return raw
    if kind == "plain":
        return linebreaks(urlize(escape(raw)))
    if kind == "restructuredtext":
        return _from_rest(raw)
    if kind == "markdown" and not of_page:
        import markdown  # noqa: PLC0415 -- a dependency of the import alone.

        return markdown.markdown(raw, extensions=["codehilite"])
    if kind in {"markdown", "markdown_unsafe"}:
        import cmarkgfm  # noqa: PLC0415 -- used by the import alone.

        options = cmarkgfm.Options.CMARK_OPT_UNSAFE if kind == "markdown_unsafe" else 0
        return cmarkgfm.github_flavored_markdown_to_html(raw, options)
    raise ValidationError(f"markup of the type {kind} is not supported.")


def _from_rest(raw: str) -> str:
    from docutils.core import publish_parts  # noqa: PLC0415 -- used by the import alone.
    from docutils.utils import SystemMessage  # noqa: PLC0415 -- used by the import alone.

    try:
        return publish_parts(raw, writer="html4css1", settings_overrides=REST_SETTINGS)["fragment"]
    except SystemMessage as error:
        raise ValidationError(f"its reStructuredText cannot be rendered: {error}.") from error
