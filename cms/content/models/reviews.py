from typing import Any

from django import forms
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from wagtail.models import Page, TaskState
from wagtail.models.workflows import AbstractGroupApprovalTask

from cms.content.publication_paths import drafted_slug, is_below, publication_paths, site_prefixes
from users.models import User


class ReasonForm(forms.Form):
    """Form for the reason that is sent to the submitter."""

    comment = forms.CharField(
        label=_("Reason"),
        widget=forms.Textarea({"rows": 4}),
        error_messages={"required": _("Explain what to change. The submitter reads this message.")},
    )


class AbstractReviewTask(AbstractGroupApprovalTask):
    """Review by a member of a group other than the submitter. A rejection needs a reason."""

    approval = "Approve"

    class Meta:
        abstract = True

    def get_actions(self, obj: Any, user: User) -> Any:
        state = obj.current_workflow_state
        if (state and state.requested_by_id == user.pk) or not super().get_actions(obj, user):
            return []
        return [("approve", self.approval, False), ("reject", "Request changes", True)]

    def _user_in_groups(self, user: User) -> bool:
        """Return whether the user is in a group of the task. Read once per request, not once per task."""
        known = user.__dict__.setdefault("_review_tasks", {})
        if type(self) not in known:
            known[type(self)] = set(type(self).objects.filter(groups__in=user.groups.all()).values_list("pk", flat=True))
        return self.pk in known[type(self)]

    def get_form_for_action(self, action: str) -> Any:
        return ReasonForm if action == "reject" else super().get_form_for_action(action)

    @classmethod
    def get_description(cls) -> str:
        return "Any member of these groups can decide, except the submitter. A reason is required to request changes."


class ReviewTask(AbstractReviewTask):
    """Review of public submissions."""

    approval = "Approve and publish"

    class Meta:
        verbose_name = _("review of a submission")
        verbose_name_plural = _("reviews of submissions")


class PageReviewTask(AbstractReviewTask):
    """Step of a page review. A step that is limited to some paths is skipped for other pages."""

    addresses = models.TextField(
        _("paths"),
        blank=True,
        help_text=_(
            "One path per line, for example /psf/. The step applies to these pages and the pages below them, and only "
            "these groups can publish them. Leave empty for all pages."
        ),
    )

    admin_form_fields = [*AbstractGroupApprovalTask.admin_form_fields, "addresses"]

    class Meta:
        verbose_name = _("review of a page")
        verbose_name_plural = _("reviews of pages")

    @property
    def address_list(self) -> list[str]:
        """Return the paths without leading and trailing slashes."""
        return [line.strip(" /") for line in self.addresses.splitlines() if line.strip(" /")]

    def concerns(self, page: Page) -> bool:
        """Return whether publishing a page shows it at or under one of the paths."""
        if not self.address_list:
            return True
        prefixes = site_prefixes(self.address_list)
        paths = publication_paths(page, drafted_slug(page.latest_revision, page))
        return any(is_below(path, prefixes) for path in paths)

    def may_publish(self, user: User) -> bool:
        """Return whether a user can complete this step without another reviewer."""
        return self._user_in_groups(user)

    def start(self, workflow_state: Any, user: User | None = None) -> Any:
        if self.concerns(workflow_state.content_object):
            return super().start(workflow_state, user=user)
        # The published text is the one approved in the last step, so this revision has the same text.
        before = workflow_state.task_states.filter(status=TaskState.STATUS_APPROVED).order_by("-finished_at").first()
        return TaskState.objects.create(
            workflow_state=workflow_state,
            task=self,
            revision=before.revision if before else workflow_state.content_object.get_latest_revision(),
            status=TaskState.STATUS_SKIPPED,
            finished_at=timezone.now(),
        )

    @classmethod
    def get_description(cls) -> str:
        return "Any member of these groups can review the page, except the submitter. A reason is required to request changes."


def reserved_steps(user: User) -> list[PageReviewTask]:
    """Return the steps that are limited to some paths. They are read once per request."""
    if "reserved_steps" not in user.__dict__:
        steps = PageReviewTask.objects.filter(active=True, workflow_tasks__workflow__active=True)
        user.__dict__["reserved_steps"] = list(steps.exclude(addresses="").distinct())
    return user.__dict__["reserved_steps"]
