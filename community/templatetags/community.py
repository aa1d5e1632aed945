from datetime import timedelta
from typing import Any

from django import template
from django.db.models import Count, Q
from django.utils import timezone
from django.utils.text import Truncator

from cms.content import markup
from cms.delivery import cached, surrogate_keys
from community.models import BlogEntry, Company, StoryPage

register = template.Library()
# Old news in the menu of every page would suggest that nothing happens.
FRESH_DAYS = 120


def shows(context: Any, *keys: str) -> None:
    """Add surrogate keys to the response of the surrounding page."""
    request = context.get("request") or getattr(context, "request", None)
    if request is not None:
        surrogate_keys.add_keys(request, *keys)


@register.filter
def excerpt(html: str, limit: int) -> str:
    """Return the first `limit` words of cleaned HTML as plain text."""
    return Truncator(markup.plain_html(html)).words(limit)


@register.simple_tag(takes_context=True)
def menu_entry(context: Any) -> BlogEntry | None:
    """Return the newest blog entry for the menu, or None if it is old: {% menu_entry as entry %}."""
    shows(context, "blogs")
    fresh = timezone.now() - timedelta(days=FRESH_DAYS)
    return BlogEntry.objects.in_list().defer("summary").filter(published_at__gt=fresh).first()


@register.simple_tag(takes_context=True)
def menu_story(context: Any) -> StoryPage | None:
    """Return the featured story for the menu: {% menu_story as story %}."""
    shows(context, "stories")
    return StoryPage.objects.featured().prefetch_related(None).first()


@register.simple_tag(takes_context=True)
def featured_stories(context: Any, count: int = 1) -> list[StoryPage]:
    """Return featured stories: {% featured_stories 3 as stories %}."""
    shows(context, "stories")
    return cached.cached(f"featured-stories-{count}", lambda: list(StoryPage.objects.featured()[:count]), ["stories"])


@register.simple_tag(takes_context=True)
def blog_entries(context: Any, count: int = 5, aggregate: str = "") -> list[BlogEntry]:
    """Return the newest entries of all blogs, or of an aggregate: {% blog_entries 5 "psf-news" as entries %}."""
    shows(context, "blogs")
    entries = BlogEntry.objects.in_list().defer("summary")
    if aggregate:
        entries = entries.filter(feed__aggregates__slug=aggregate)
    return cached.cached(f"blog-entries-{count}-{aggregate}", lambda: list(entries[:count]), ["blogs"])


@register.inclusion_tag("community/company_note.html", takes_context=True)
def company_note(context: Any, name: str) -> dict:
    """Return a link to the stories of a company, to show next to its name: {% company_note job.company_name %}."""
    shows(context, "success-stories")
    known = Company.objects.filter(name__iexact=name)
    return {"company": known.annotate(story_count=Count("stories", filter=Q(stories__live=True))).first() if name else None}
