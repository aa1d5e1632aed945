from django import template

from cms import markup

register = template.Library()


@register.filter
def markdown(text: str) -> str:
    """Markdown that the public wrote, as safe HTML."""
    return markup.render(text or "")


@register.filter
def plain(text: str) -> str:
    """Markdown that the public wrote, as words alone."""
    return markup.plain(text or "")
