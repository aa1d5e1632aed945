"""Publish approved revisions. Wagtail imports this module with its models, so our models are imported inside functions."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from wagtail.models import WorkflowState

    from users.models import User


def publish_reviewed(workflow_state: "WorkflowState", user: "User | None" = None) -> None:
    """Publish the revision that the last task approved, and not one that was saved since.

    Reviewers of the task do not need permission to publish. Raises PermissionDenied if a page would go live at a reserved path
    and one of the steps for that path has not approved this revision.
    """
    from cms.content.models import reserved  # noqa: PLC0415

    approved = workflow_state.task_states.filter(status__in=["approved", "skipped"]).order_by("-finished_at").first()
    reserved.refuse_missing_approvals(workflow_state, approved.revision, user)
    with reserved.approved_publication():
        approved.revision.publish(user=user, skip_permission_checks=True)
