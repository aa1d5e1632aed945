"""Work of a person on the admin home: reviews that wait for a decision, and drafts."""

from datetime import datetime, timedelta
from functools import cache
from typing import Any

from django.apps import apps
from django.contrib.contenttypes.models import ContentType
from django.db.models import CharField, Value
from django.db.models.functions import Cast
from django.urls import reverse
from django.utils.text import capfirst
from django.utils.translation import gettext, ngettext
from wagtail.admin.admin_url_finder import AdminURLFinder
from wagtail.models import DraftStateMixin, Page, TaskState

from cms.moderation.queue import pending_items, queues_of
from cms.platform.dates import show_date
from users.models import User

from .dashboard import Action, DashboardItem, Text

# Drafts that nobody has changed for this long are history, for example those of an import.
DRAFT_AGE = timedelta(days=180)
# Days that a submission may wait for a moderator before the home marks it.
DAYS_UNTIL_WARNING = 3
MAX_REVIEWS = 30
MAX_DRAFTS = 8


def submissions(user: User, at: datetime) -> list[DashboardItem]:
    """Return the number of items in the moderation queue of the user, with the age of the oldest."""
    waiting = pending_items(user)
    if not waiting:
        return []
    days = (at - waiting[0][1].since).days
    text = gettext("in the moderation queue")
    if days:
        oldest = ngettext("oldest: %(days)s day", "oldest: %(days)s days", days) % {"days": days}
        text = f"{text} ({oldest})"
    status = "warn" if days >= DAYS_UNTIL_WARNING else ""
    return [DashboardItem(text, len(waiting), reverse("moderation_queue"), status, "review", gettext("Moderation"))]


def reviews(user: User, at: datetime) -> list[DashboardItem]:
    """Return the workflow steps that the user can decide on, the longest-waiting first.

    A step that the user requested is decided by others. Submissions of the user's moderation queue are counted there.
    """
    queued = [queue.model for queue in queues_of(user) if queue.model]
    types = ContentType.objects.get_for_models(*queued, for_concrete_models=False).values() if queued else []
    states = TaskState.objects.reviewable_by(user).exclude(workflow_state__requested_by=user)
    states = states.exclude(workflow_state__content_type__in=types).order_by("started_at")
    rows = states.select_related("revision", "workflow_state__requested_by").prefetch_related("revision__content_object")
    return [_review(state, at) for state in rows[:MAX_REVIEWS] if state.revision.content_object]


def _review(state: TaskState, at: datetime) -> DashboardItem:
    row, by = state.revision.content_object, state.workflow_state.requested_by
    note = gettext("%(type)s from %(name)s, waiting since %(day)s") % {
        "type": capfirst(row._meta.verbose_name),
        "name": by.display_name if by else gettext("a former member"),
        "day": show_date(state.started_at, "MONTH_DAY_FORMAT"),
    }
    is_late = (at - state.started_at).days >= DAYS_UNTIL_WARNING
    return DashboardItem(state.revision.object_str, "", edit_url(row), "warn" if is_late else "", "review", note)


def edit_url(row: Any) -> str:
    """Return the URL of the form, which is also open to those who can only review."""
    if isinstance(row, Page):
        return reverse("wagtailadmin_pages:edit", args=[row.pk])
    return reverse(type(row).snippet_viewset.get_url_name("edit"), args=[row.pk])


def recent_drafts(pages: Any, at: datetime) -> Any:
    """Return the pages with unpublished changes of the last months."""
    return pages.filter(has_unpublished_changes=True, latest_revision_created_at__gte=at - DRAFT_AGE)


def old_drafts(pages: Any, at: datetime) -> Any:
    """Return the pages whose unpublished changes are older than `DRAFT_AGE`, or have no date because they were imported."""
    drafted = pages.filter(has_unpublished_changes=True)
    return drafted.exclude(latest_revision_created_at__gte=at - DRAFT_AGE)


@cache
def drafted_models() -> list[Any]:
    """Return the models with drafts that are no pages."""
    models = [model for model in apps.get_models() if issubclass(model, DraftStateMixin) and not issubclass(model, Page)]
    return [model for model in models if hasattr(model, "snippet_viewset")]


def drafts(user: User, at: datetime) -> list[DashboardItem]:
    """Return the newest drafts of the user: pages, and records of all other models with drafts."""
    since = at - DRAFT_AGE
    mine = {"latest_revision__user": user, "latest_revision__created_at__gte": since, "has_unpublished_changes": True}
    arms = [
        model._default_manager.filter(**mine)
        .order_by()
        .annotate(arm=Value(number), key=Cast("pk", CharField(max_length=255)))
        .values_list("arm", "key", "latest_revision__object_str", "latest_revision__created_at")
        for number, model in enumerate(drafted_models())
    ]
    pages = Page.objects.filter(**mine).order_by("-latest_revision_created_at")[:MAX_DRAFTS]
    found = [(page, page.get_admin_display_title(), page.latest_revision_created_at) for page in pages]
    for number, key, title, changed_at in (
        arms[0].union(*arms[1:], all=True).order_by("-latest_revision__created_at")[:MAX_DRAFTS]
    ):
        found.append((drafted_models()[number](pk=key), title, changed_at))
    found.sort(key=lambda row: row[2], reverse=True)
    finder = AdminURLFinder(user)
    return [
        DashboardItem(title, "", url, "", "draft", _describe(row, changed_at))
        for row, title, changed_at in found[:MAX_DRAFTS]
        if (url := finder.get_edit_url(row))
    ]


def _describe(row: Any, changed_at: datetime) -> str:
    return gettext("%(type)s, changed on %(day)s") % {
        "type": capfirst(row._meta.verbose_name),
        "day": show_date(changed_at, "MONTH_DAY_FORMAT"),
    }


def get_items(user: User, at: datetime) -> list[DashboardItem]:
    return [*submissions(user, at), *reviews(user, at), *drafts(user, at)]


def add_page_action(user: User, parent: Page | None, model: type[Page], label: Text) -> list[Action]:
    """Return an action that adds a page of a type under its parent, if the user may do that."""
    if parent is None or not parent.permissions_for_user(user).can_add_subpage():
        return []
    args = [model._meta.app_label, model._meta.model_name, parent.pk]
    return [Action(label, reverse("wagtailadmin_pages:add", args=args))]
