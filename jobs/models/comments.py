from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.utils import timezone

from jobs import emails

from .acts import MODERATOR
from .jobs import Job


class JobComment(models.Model):
    """What moderators and the poster tell each other about an advert. Both read it, and nobody else."""

    class Kind(models.TextChoices):
        COMMENT = "comment", "Comment"
        QUESTION = "question", "Question"
        REASON = "reason", "Sent back"

    job = models.ForeignKey(Job, on_delete=models.CASCADE, related_name="comments")
    author = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    kind = models.CharField(max_length=10, choices=Kind, default=Kind.COMMENT)
    text = models.TextField()
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["created_at", "pk"]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} on {self.job}"

    @classmethod
    @transaction.atomic
    def post(cls, job: Job, *, by, text: str) -> "JobComment":
        """Add a comment and mail it to the other side. The poster's answers the question that was asked."""
        if not text.strip():
            raise ValidationError("Type a message first.")
        job = Job.objects.select_for_update().get(pk=job.pk)
        comment = cls.objects.create(job=job, author=by, text=text)
        if by.pk != job.submitted_by_id and MODERATOR in job.actors(by):
            emails.tell_poster(job, "comment", text=text)
            return comment
        if job.asked_at:
            job.asked_at = None
            job.save(update_fields=["asked_at"])
        emails.tell_board(job, "answer", text=text)
        return comment
