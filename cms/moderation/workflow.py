"""Moderation of submissions: events and stories. Jobs and sponsorships have states of their own.

Moderation uses Wagtail's workflows with three changes: the reviewed revision is the one that is published, users cannot decide
on their own submissions, and requesting changes requires a reason.
"""

from collections.abc import Callable, Iterable
from typing import Any

from django.apps import apps as installed
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group, Permission
from django.contrib.contenttypes.models import ContentType
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from wagtail.models import (
    GroupPagePermission,
    Page,
    RevisionMixin,
    Task,
    TaskState,
    Workflow,
    WorkflowContentType,
    WorkflowMixin,
    WorkflowPage,
    WorkflowState,
)
from wagtail.models.workflows import WorkflowTask

from cms.content.models.reviews import PageReviewTask, ReviewTask
from users.models import User

from .changes import Change

MAX_DRAFTS = 20
PAGE_WORKFLOW = "Editorial review"
# Steps: name, groups, and the paths to which the step is limited (empty for all paths).
PAGE_STEPS: list[tuple[str, list[str], list[str]]] = [
    (PAGE_WORKFLOW, ["Content editors", "Site admins"], []),
    ("Legal review", ["Legal reviewers", "Site admins"], ["/about/legal/", "/privacy/", "/psf/trademarks/"]),
    ("Security review", ["Security reviewers", "Site admins"], ["/dev/security/"]),
    ("Review by the Foundation", ["PSF staff", "Site admins"], ["/psf/"]),
]


@transaction.atomic
def save_draft(submission: WorkflowMixin, *, by: User) -> None:
    """Save a draft that its author can continue later. It is not in review."""
    if submission.pk is None:
        # A model with drafts is live by default.
        submission.live, submission.has_unpublished_changes = False, True
        submission.save()
    submission.save_revision(user=by, log_action=True)


def find_drafts(submissions: QuerySet) -> list[Any]:
    """Return the newest drafts that were neither submitted nor published, in their latest version. Takes three queries."""
    rows = submissions.filter(live=False, first_published_at=None).select_related("latest_revision").order_by("-pk")
    found = list(rows[:MAX_DRAFTS])
    kinds = ContentType.objects.get_for_models(submissions.model, for_concrete_models=False).values()
    ids = [str(row.pk) for row in found]
    submitted = set(WorkflowState.objects.filter(content_type__in=kinds, object_id__in=ids).values_list("object_id", flat=True))
    return [newest(row) for row in found if str(row.pk) not in submitted]


def is_draft(submission: WorkflowMixin) -> bool:
    """Return whether a submission was neither submitted nor published."""
    return not submission.live and submission.first_published_at is None and not submission.workflow_states.exists()


@transaction.atomic
def submit(submission: WorkflowMixin, *, by: User) -> None:
    """Save a new or changed submission as a draft, and start its review.

    If changes were requested, the review continues where it stopped. A submission in review starts over with the new text.
    """
    save_draft(submission, by=by)
    state = submission.current_workflow_state
    if state is None:
        submission.get_workflow().start(submission, by)
    elif state.status == WorkflowState.STATUS_NEEDS_CHANGES:
        state.resume(user=by)
    else:
        submission.current_workflow_task_state.cancel(user=by, resume=True)


def newest(submission: WorkflowMixin) -> WorkflowMixin:
    """Return the latest version by the submitter, published or not."""
    return submission.get_latest_revision_as_object() if submission.latest_revision_id else submission


def reviewers(task_state: TaskState | None) -> list:
    """Return users with an email address who may decide in a workflow step, except the person who requested the decision."""
    task = task_state.task.specific if task_state else None
    if task_state is None or not isinstance(task, ReviewTask):
        return []
    people = get_user_model().objects.filter(groups__in=task.groups.all(), is_active=True)
    return list(people.exclude(email="").exclude(pk=task_state.workflow_state.requested_by_id).distinct())


def waiting(model: type[WorkflowMixin], user: User) -> list[tuple[WorkflowMixin, WorkflowState]]:
    """Return objects of a model in review, with their workflow state. Takes one query, and one for all models together."""
    known = user.__dict__.setdefault("_reviews", {})
    if not known:
        open_states = WorkflowState.objects.filter(status=WorkflowState.STATUS_IN_PROGRESS)
        for state in open_states.select_related("current_task_state", "requested_by"):
            known.setdefault(state.content_type_id, {})[int(state.object_id)] = state
        known.setdefault(None, {})
    by_id = known.get(ContentType.objects.get_for_model(model).pk)
    return [(row, by_id[row.pk]) for row in model._default_manager.filter(pk__in=by_id)] if by_id else []


def open_task(submission: WorkflowMixin, *, by: User) -> TaskState:
    """Return the workflow step that a user can decide on now. Raises ValidationError if there is none."""
    state, task_state = submission.current_workflow_state, submission.current_workflow_task_state
    if state is None or state.status != WorkflowState.STATUS_IN_PROGRESS or task_state is None:
        raise ValidationError(describe_decision(submission))
    if not task_state.task.specific.get_actions(submission, by):
        raise ValidationError(_("You cannot decide on this submission: it is your own, or you are not one of its moderators."))
    return task_state


def approve(submission: WorkflowMixin, *, by: User) -> None:
    """Publish the reviewed revision."""
    task_state = open_task(submission, by=by)
    task_state.task.specific.on_action(task_state, by, "approve")


def request_changes(submission: WorkflowMixin, *, by: User, reason: str) -> None:
    """Send a question to the submitter. Raises ValidationError without a question."""
    task_state = open_task(submission, by=by)
    if not reason.strip():
        raise ValidationError(_("Explain what to change. The submitter reads this message."))
    task_state.task.specific.on_action(task_state, by, "reject", comment=reason)


def refuse_unread(submission: RevisionMixin, seen: str) -> None:
    """Raise ValidationError when a submission has changed since a moderator read that revision."""
    if str(submission.latest_revision_id) != seen:
        raise ValidationError(_("The submitter has changed this since you opened it. Read it again before you decide."))


def reason_for_return(submission: WorkflowMixin) -> str:
    """Return the moderator's message while changes are requested."""
    state = submission.current_workflow_state
    if state is None or state.status != WorkflowState.STATUS_NEEDS_CHANGES:
        return ""
    return state.current_task_state.comment


def find_reviewed(submission: WorkflowMixin) -> WorkflowMixin | None:
    """Return the version that moderators read before the newest one: the published one, or the one they returned."""
    if submission.live:
        return type(submission)._default_manager.get(pk=submission.pk)
    returned = TaskState.objects.filter(
        workflow_state__in=submission.workflow_states.all(), status=TaskState.STATUS_REJECTED, revision__isnull=False
    )
    last = returned.select_related("revision").order_by("-finished_at").first()
    return last.revision.as_object() if last else None


def find_changes(submission: WorkflowMixin, compare: Callable[[Any, Any], list[Change]]) -> list[Change]:
    """Return the submitter's changes since moderators last read a submission, compared by its section."""
    before = find_reviewed(submission)
    return compare(before, newest(submission)) if before else []


def is_change(state: WorkflowState) -> bool:
    """Return whether a review was about a change to published content."""
    published_at = state.content_object.first_published_at
    return published_at is not None and published_at < state.created_at


def describe_decision(submission: WorkflowMixin) -> str:
    """Return a sentence about who made the last decision, for an object that is no longer in review."""
    last = (
        TaskState.objects.filter(
            workflow_state__in=submission.workflow_states.all(), status__in=[TaskState.STATUS_APPROVED, TaskState.STATUS_REJECTED]
        )
        .select_related("finished_by")
        .order_by("-finished_at")
        .first()
    )
    if last is None or last.finished_by is None:
        return gettext("“%(title)s” is no longer waiting for a decision.") % {"title": submission}
    approved = gettext("“%(title)s” was already approved by %(name)s.")
    returned = gettext("%(name)s has already requested changes to “%(title)s”.")
    sentence = approved if last.status == TaskState.STATUS_APPROVED else returned
    return sentence % {"title": submission, "name": last.finished_by.display_name}


def describe_outcome(submission: WorkflowMixin) -> str:
    """Return the state of a submission after its last review, for moderators."""
    state = submission.current_workflow_state
    if state is not None:
        return gettext("Changes requested") if state.status == WorkflowState.STATUS_NEEDS_CHANGES else gettext("In review")
    return gettext("Published") if submission.live else gettext("Not published")


def ensure_workflow(model: type[WorkflowMixin], *, name: str, roles: Iterable[str]) -> Workflow:
    """Return the moderation workflow of a model, creating it if necessary. Staff may change it later."""

    content_type = ContentType.objects.get_for_model(model)
    existing = WorkflowContentType.objects.filter(content_type=content_type).select_related("workflow").first()
    if existing:
        return existing.workflow
    workflow = _make_workflow(name, _groups(roles))
    WorkflowContentType.objects.create(content_type=content_type, workflow=workflow)
    return workflow


def make_page_workflow(sender: Any, **kwargs: Any) -> None:
    """Create the page workflow for the whole tree after the last migration. Staff may change it later."""
    if sender != [config for config in installed.get_app_configs() if config.models_module][-1]:
        return
    root = Page.get_first_root_node()
    if root is None or Workflow.objects.filter(name=PAGE_WORKFLOW).exists():
        return
    workflow = Workflow.objects.create(name=PAGE_WORKFLOW)
    for order, (name, groups, addresses) in enumerate(PAGE_STEPS):
        step = PageReviewTask.objects.create(name=name, addresses="\n".join(addresses))
        step.groups.set([Group.objects.get_or_create(name=group)[0] for group in groups])
        WorkflowTask.objects.create(workflow=workflow, task=step, sort_order=order)
    # Wagtail's default workflow is for a moderators group that this site does not have.
    WorkflowPage.objects.update_or_create(page=root, defaults={"workflow": workflow})
    Workflow.objects.filter(name="Moderators approval", workflow_pages=None).update(active=False)
    Task.objects.filter(workflow_tasks__workflow__active=False).update(active=False)


def ensure_page_workflow(page: Page, *, name: str, roles: Iterable[str], rights: Iterable[str] = ()) -> None:
    """Make pages under a section's landing page moderated by these roles, unless they already have a workflow.

    `rights` contains the roles' page permissions, such as "add_page".
    """
    if WorkflowPage.objects.filter(page=page).exists():
        return
    groups = _groups(roles)
    WorkflowPage.objects.create(page=page, workflow=Workflow.objects.filter(name=name).first() or _make_workflow(name, groups))
    for permission in Permission.objects.filter(content_type__app_label="wagtailcore", codename__in=list(rights)):
        for group in groups:
            GroupPagePermission.objects.get_or_create(group=group, page=page, permission=permission)


def _groups(roles: Iterable[str]) -> list[Group]:
    return [Group.objects.get_or_create(name=role)[0] for role in roles]


def _make_workflow(name: str, groups: Iterable[Group]) -> Workflow:
    workflow = Workflow.objects.create(name=name)
    task = ReviewTask.objects.create(name=name)
    task.groups.add(*groups)
    WorkflowTask.objects.create(workflow=workflow, task=task, sort_order=0)
    return workflow
