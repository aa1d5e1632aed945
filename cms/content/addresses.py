"""Reply-to addresses of the teams, and URLs for emails."""

from typing import Any
from urllib.parse import urlencode

from wagtail.models import Site

from .models.settings import SiteSettings


def team_email(section: str) -> str:
    """Return the reply-to address of a section from the site settings, or an empty string."""
    site = Site.objects.filter(is_default_site=True).first()
    if site is None:
        return ""
    settings = SiteSettings.for_site(site)
    return getattr(settings, f"{section}_email") or settings.webmaster_email


def fresh_url(url: str, version: Any) -> str:
    """Return a unique URL of a page that has just changed, because browsers cache the previous version for a minute."""
    return f"{url}?{urlencode({'version': version})}"
