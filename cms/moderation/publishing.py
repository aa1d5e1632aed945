"""Publish what a workflow has approved. Wagtail imports this while it loads its models, so models are imported late."""


def publish_reviewed(workflow_state, user=None) -> None:
    """Publish the revision that the last task approved, and not one that was saved since.

    Whoever may decide in the task need not have the permission to publish. Raises PermissionDenied when a page goes live at a
    reserved address and one of the steps for it has not approved this revision.
    """
    from cms.content.models import reserved  # noqa: PLC0415

    approved = workflow_state.task_states.filter(status__in=["approved", "skipped"]).order_by("-finished_at").first()
    reserved.refuse_missing_approvals(workflow_state, approved.revision, user)
    with reserved.approved_publication():
        approved.revision.publish(user=user, skip_permission_checks=True)
