from django import template
from django.conf import settings

register = template.Library()


@register.simple_tag
def environment() -> str:
    """The name of this installation: production, test, local."""
    return settings.ENVIRONMENT
