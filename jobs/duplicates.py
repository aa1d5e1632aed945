"""Jobs that may be posted twice."""

from datetime import timedelta

from django.urls import reverse
from django.utils import timezone

from cms.moderation.duplicates import Duplicate, rank, score

from .models import Job

DAYS_COMPARED, COMPARED = 180, 300


def get_duplicates(pk: int) -> list[Duplicate]:
    """Return recent jobs that may be the same: similar in title, company and text."""
    job = Job.objects.get(pk=pk)
    if job.latest_revision_id:
        job = job.get_latest_revision_as_object()
    since = timezone.now() - timedelta(days=DAYS_COMPARED)
    others = Job.objects.exclude(pk=pk).filter(created_at__gte=since).order_by("-pk")[:COMPARED]
    return rank(
        (
            other,
            score(
                [(job.title, other.title, 3), (job.company_name, other.company_name, 2), (job.description, other.description, 3)]
            ),
            f"{reverse('job_queue:index')}?job={other.pk}",
            f"{other.city}, {other.get_status_display()}",
        )
        for other in others
    )
