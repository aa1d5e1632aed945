from django import forms
from django.db import models
from wagtail.models import RevisionMixin
from wagtail.models.workflows import AbstractGroupApprovalTask


class AbstractCannedReply(RevisionMixin, models.Model):
    """Words that a moderator sends again and again. Each section has replies of its own."""

    title = models.CharField(max_length=100, unique=True, help_text="How moderators find it, such as: Not about Python.")
    text = models.TextField(help_text="What the submitter reads. Moderators may change it before it goes out.")

    class Meta:
        abstract = True
        ordering = ["title"]
        verbose_name_plural = "canned replies"

    def __str__(self):
        return self.title


class ReasonForm(forms.Form):
    """The reason that a submitter reads."""

    comment = forms.CharField(
        label="Reason",
        widget=forms.Textarea({"rows": 4}),
        error_messages={"required": "Say why. The submitter reads this, and can mend it."},
    )


class ReviewTask(AbstractGroupApprovalTask):
    """A review by somebody of a group, who is not the submitter and gives a reason when the submission goes back."""

    class Meta:
        verbose_name = "review of a submission"
        verbose_name_plural = "reviews of submissions"

    def get_actions(self, obj, user):
        state = obj.current_workflow_state
        if (state and state.requested_by_id == user.pk) or not super().get_actions(obj, user):
            return []
        return [("approve", "Approve and publish", False), ("reject", "Send back with a reason", True)]

    def get_form_for_action(self, action):
        return ReasonForm if action == "reject" else super().get_form_for_action(action)

    @classmethod
    def get_description(cls):
        return "Somebody of these groups decides, never the submitter. Sending back needs a reason."
