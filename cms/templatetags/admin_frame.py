from typing import Any
from urllib.parse import urlencode

from django import template
from django.conf import settings
from django.contrib.contenttypes.models import ContentType
from django.db import models
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from wagtail.models import DraftStateMixin

from cms.content.models.pages import BasePage
from cms.delivery import live_checks
from cms.editor import conflicts, list_columns
from cms.editor.models import PreviewComment, PreviewLink
from cms.editor.page_view_report import get_page_numbers
from cms.editor.permissions import may_change
from cms.editor.preview_links import is_shareable, links_url
from cms.editor.reports import MAY_READ, ProblemReports
from cms.editor.saved_filters import get_saved_filters
from cms.editor.version_views import versions_url
from cms.moderation.models import PageFeedback

register = template.Library()
LABELS = {"stop": _("Not yet live everywhere"), "wait": "Publishing", "ok": _("Live everywhere")}
# Status of unpublished content.
FORMER_LABELS = {"stop": _("Still visible"), "wait": "Unpublishing", "ok": ""}
WORST_FIRST = list(LABELS)
# Comments of readers in the side panel.
SHOWN_COMMENTS = 5


@register.simple_tag
def environment() -> str:
    """Return the name of this installation: production, test or local."""
    return settings.ENVIRONMENT


@register.simple_tag
def loaded_version(row: models.Model) -> str:
    """Return the version of an object that a form shows."""
    return conflicts.loaded_version(row)


@register.simple_tag(takes_context=True)
def page_feedback(context: Any, thing: models.Model) -> dict:
    """Return the answers of readers to “Was this page helpful?” and their newest comments. Return nothing without answers."""
    if not isinstance(thing, BasePage) or not thing.pk:
        return {}
    answers = PageFeedback.objects.of(thing)
    counts = answers.counts()
    if not any(counts.values()):
        return {}
    shown = {"comments": answers.exclude(comment="")[:SHOWN_COMMENTS], "url": ""}
    if context["request"].user.has_perm("cms.view_pagefeedback"):
        shown["url"] = f"{reverse('health_page-feedback')}?{urlencode({'page_title': thing.title})}"
    return counts | shown


@register.simple_tag(takes_context=True)
def preview_links(context: Any, thing: models.Model) -> dict:
    """Return the number of active preview links and their newest comments. Return nothing for users who may create none."""
    if not thing.pk or not is_shareable(thing) or not may_change(thing, context["request"].user):
        return {}
    links = PreviewLink.objects.of(thing)
    return {
        "count": links.active().count(),
        "comments": PreviewComment.objects.filter(link__in=links)[:SHOWN_COMMENTS],
        "url": links_url(thing),
    }


@register.simple_tag(takes_context=True)
def saved_filters(context: Any, index_url: str) -> dict:
    """Return the saved filters of the user for a list of the admin, and what can be saved."""
    return get_saved_filters(context["request"], index_url)


@register.simple_tag(takes_context=True)
def choose_columns(context: Any, index_url: str) -> dict:
    """Remove the columns that the user hides from the table of a list, and return the choice of columns."""
    return list_columns.choose_table_columns(context["request"], context["table"], index_url)


@register.simple_tag(takes_context=True)
def choose_register_columns(context: Any) -> dict:
    """Return the choice of columns of a register, with the positions of those that the user hides."""
    return list_columns.choose_register_columns(context["request"], context["view"])


@register.simple_tag(takes_context=True)
def page_views(context: Any, thing: models.Model) -> dict:
    """Return views, searches and problem reports of a page that was published. Return nothing for other objects."""
    if not isinstance(thing, BasePage) or not thing.pk or not (thing.live or thing.first_published_at):
        return {}
    shown = get_page_numbers(thing) | {"url": "", "problems_url": ""}
    if context["request"].user.has_perm(MAY_READ):
        shown["url"] = reverse("health_page-views")
        shown["problems_url"] = f"{ProblemReports.url()}&{urlencode({'path': thing.get_url() or ''})}"
    return shown


@register.simple_tag
def publication_status(thing: models.Model) -> dict:
    """Return the publication steps of an object, its worst state with a label, and the URL to retry.

    Return nothing for models without drafts. The header and the side panel share the result.
    """
    if not isinstance(thing, DraftStateMixin) or not thing.pk:
        return {}
    if "_lights" not in thing.__dict__:
        found = live_checks.publication_steps(thing)
        states = {light.state for light in found}
        state = next(state for state in WORST_FIRST if state in states)
        named = [ContentType.objects.get_for_model(thing).pk, thing.pk]
        thing.__dict__["_lights"] = {
            "lights": found,
            "state": state,
            "label": _("Published")
            if state == "ok" and live_checks.is_unchecked(found)
            else (LABELS if thing.live else FORMER_LABELS)[state],
            "again_url": reverse("live_again", args=named),
            "name_url": reverse("name_version", args=named) if thing.latest_revision_id else "",
        }
    return thing.__dict__["_lights"]


@register.simple_tag
def versions_link(record: Any) -> str:
    """Return a link to the versions of a record, if Wagtail has no views for them."""
    url = versions_url(record) if isinstance(record, models.Model) else ""
    return (
        format_html('<p class="versions-link"><a href="{}">{}</a></p>', url, gettext("Versions: compare and restore"))
        if url
        else ""
    )
