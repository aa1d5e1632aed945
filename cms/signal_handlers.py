"""Receivers of signals from Django and Wagtail."""

from typing import Any

from django.db.models.signals import pre_delete
from django.dispatch import receiver
from wagtail.admin import mail
from wagtail.models import Page, TaskState, WorkflowState
from wagtail.signals import (
    page_published,
    page_unpublished,
    post_page_move,
    published,
    task_submitted,
    unpublished,
    workflow_approved,
    workflow_rejected,
)

from users.models import User

from .content.languages import codes_in_use
from .content.models.menus import Menu
from .content.models.pages import BasePage
from .content.models.reviews import ReviewTask
from .delivery import live_checks, purging, surrogate_keys
from .email.registry import EmailType
from .moderation.emails import APPROVED, RETURNED, TO_REVIEW, email_staff
from .undo import personal
from .undo.snapshots import row_restored


@receiver(pre_delete, sender=User)
def forget_account(instance: User, **kwargs: Any) -> None:
    """Erase an account that staff delete from the trash and from versions, as when its owner deletes it."""
    personal.forget(instance)


@receiver([page_published, page_unpublished, post_page_move])
def purge_page(instance: Any, parent_page_before: Any = None, **kwargs: Any) -> None:
    purging.purge(f"page-{instance.pk}")
    if len(codes_in_use()) > 1:
        # They link to each other.
        purging.purge(*[f"page-{pk}" for pk in instance.get_translations().values_list("pk", flat=True)])
    below = set(instance.get_descendants(inclusive=True).values_list("pk", flat=True))
    if parent_page_before:
        # They are no longer at their old place, and may be private at the new one.
        purging.purge(*[f"page-{pk}" for pk in below])
    if instance.show_in_menus or instance.numchild:
        # Other pages show its title in their menu or breadcrumbs.
        paths = [instance.path, *([parent_page_before.path] if parent_page_before else [])]
        purging.purge(*[BasePage.key_of_section(path) for path in paths])
    if any(menu.page_ids() & below for menu in Menu.objects.all()):
        # The link is on every page.
        purging.purge(surrogate_keys.SITE_KEY)


@receiver(row_restored)
def purge_restored_page(instance: Any, **kwargs: Any) -> None:
    if isinstance(instance, Page):
        purge_page(instance)


@receiver([published, unpublished])
def look_for_it(instance: Any, **kwargs: Any) -> None:
    live_checks.schedule_live_check(instance)


class AmongStaff:
    """Limit Wagtail's workflow emails to staff: they link into the admin. Submitters get emails from `cms.email.sending`.

    Wagtail chooses the recipients, who can turn these emails off in their account. Their text is a template of this site.
    """

    email_type: EmailType

    def can_handle(self, instance: Any, **kwargs: Any) -> bool:
        task_state = instance.current_task_state if isinstance(instance, WorkflowState) else instance
        is_review = task_state is not None and isinstance(task_state.task.specific, ReviewTask)
        return not is_review and super().can_handle(instance, **kwargs)  # type: ignore[misc]

    def __call__(self, instance: Any = None, user: User | None = None, **kwargs: Any) -> bool:
        """Send the emails about a workflow signal, caused by `user`."""
        if not self.can_handle(instance, **kwargs):
            return False
        recipients = self.get_valid_recipients(instance, user=user, **kwargs)  # type: ignore[attr-defined]
        if recipients:
            context = self.get_context(instance, **kwargs)  # type: ignore[attr-defined]
            task = context.get("task")
            record = context.get("page") or context["object"]
            texts = {"step": task.name if task else "", "reason": context.get("comment", "")}
            email_staff(self.email_type, record, recipients, by=user, **texts)
        return True


class SubmissionNotifier(AmongStaff, mail.GroupApprovalTaskStateSubmissionEmailNotifier):
    """Notifier of the group that reviews the task."""

    email_type = TO_REVIEW


class ApprovalNotifier(AmongStaff, mail.WorkflowStateApprovalEmailNotifier):
    """Notifier of the person who requested the approval."""

    email_type = APPROVED


class RejectionNotifier(AmongStaff, mail.WorkflowStateRejectionEmailNotifier):
    """Notifier of the person who requested the approval."""

    email_type = RETURNED


# They replace Wagtail's own notifiers, which are connected later with the same names.
NOTIFIERS = [
    (task_submitted, SubmissionNotifier(), TaskState, "group_approval_task_submitted_email_notification"),
    (workflow_approved, ApprovalNotifier(), WorkflowState, "workflow_state_approved_email_notification"),
    (workflow_rejected, RejectionNotifier(), WorkflowState, "workflow_state_rejected_email_notification"),
]
for signal, notifier, sender, name in NOTIFIERS:
    signal.connect(notifier, sender=sender, dispatch_uid=name)
