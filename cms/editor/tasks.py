from datetime import timedelta

from django.conf import settings
from django.utils import timezone
from django_tasks import task

from cms.editor import bundles, milestones
from cms.editor.models import PreviewLink
from cms.email.models import SentEmail
from cms.moderation.models import PageFeedback, ProblemReport
from cms.platform.schedules import scheduled
from cms.undo import files


@scheduled("40 3 * * *")
@task()
def prune_versions() -> None:
    """Delete versions older than 30 days, except the last of each day and those that are named or were published."""
    milestones.prune()


@scheduled("55 3 * * *")
@task()
def anonymize_personal_data() -> None:
    """Anonymize emails and delete what visitors submitted after the retention period (PERSONAL_DATA_DAYS)."""
    SentEmail.objects.expired().anonymize()
    over = timezone.now() - timedelta(days=settings.PERSONAL_DATA_DAYS)
    ProblemReport.objects.filter(closed_at__lt=over).delete()
    PageFeedback.objects.filter(created_at__lt=over).delete()
    ProblemReport.objects.filter(created_at__lt=over).update(email="")
    # With its comments. A link that has ended needs no copy of the draft.
    PreviewLink.objects.ended(over).delete()
    PreviewLink.objects.ended().update(content={})


@scheduled("45 3 * * *")
@task()
def empty_trash() -> None:
    """Delete items that have been in the trash for 30 days."""
    files.empty_trash()


# Each minute, because the task waits for the bundles of the next minute.
scheduled("* * * * *")(bundles.publish_due_bundles)
