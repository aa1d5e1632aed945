from typing import Any

from django.contrib.contenttypes.models import ContentType
from django.db.models import Q
from wagtail.models import ModelLogEntry, PageLogEntry, Revision

from users.models import User
from users.personal import containing, emails_of, register

from .email.models import SentEmail
from .moderation.models import ProblemReport
from .platform.models import TaskRun
from .undo import personal
from .undo.models import UndoStep

LOG_MODELS = (ModelLogEntry, PageLogEntry)


def emails_naming(user: User) -> Any:
    """Return emails sent to a person, and emails caused by the person's actions."""
    addressed = containing(SentEmail.objects.all(), "to", emails_of(user)).values("pk")
    return SentEmail.objects.filter(Q(pk__in=addressed) | Q(sender=f"user:{user.pk}"))


def forget_reports(user: User) -> None:
    reports_of(user).update(email="")


def reports_of(user: User) -> Any:
    wanted = Q(pk__in=[])
    for email in emails_of(user):
        wanted |= Q(email__iexact=email)
    return ProblemReport.objects.filter(wanted).order_by("-pk")


def log_entries_about(user: User) -> Any:
    return ModelLogEntry.objects.filter(content_type=ContentType.objects.get_for_model(user), object_id=str(user.pk))


def forget_log_entries(user: User) -> None:
    """Anonymize a person in the audit log and in task runs; the entries are kept."""
    log_entries_about(user).update(label=f"former-{user.pk}", data={})
    names = {user.username, user.get_full_name()} - {""}
    for model in LOG_MODELS:
        containing(model.objects.all(), "data", emails_of(user)).update(data={})
        containing(model.objects.filter(user_id=user.pk), "data", names).update(data={})
    TaskRun.objects.filter(pk__in=containing(TaskRun.objects.all(), "arguments", emails_of(user)).values("pk")).delete()


register(
    "emails",
    "Emails",
    rows=lambda user: containing(SentEmail.objects.all(), "to", emails_of(user)).order_by("-created_at"),
    export=["key", "to", "subject", "body", "created_at", "sent_at"],
    forget=lambda user: emails_naming(user).anonymize(),
    in_profile=False,
)
register(
    "problem_reports",
    "Problem reports",
    rows=reports_of,
    export=["path", "text", "email", "created_at"],
    forget=forget_reports,
    in_profile=False,
)
register(
    "trash",
    "Deleted records",
    rows=lambda user: UndoStep.objects.filter(user=user).order_by("-pk"),
    export=["title", "label", "created_at"],
    forget=personal.forget,
    in_profile=False,
)
register(
    "activity",
    "Activity",
    rows=lambda user: ModelLogEntry.objects.filter(user_id=user.pk).order_by("-timestamp"),
    export=["action", "label", "data", "timestamp"],
    forget=forget_log_entries,
    in_profile=False,
)
register(
    "page_activity",
    "Activity on pages",
    rows=lambda user: PageLogEntry.objects.filter(user_id=user.pk).order_by("-timestamp"),
    export=["action", "label", "data", "timestamp"],
    in_profile=False,
)
register(
    "revisions",
    "Revisions",
    rows=lambda user: Revision.objects.filter(user_id=user.pk).order_by("-created_at"),
    export=["content_type__model", "object_id", "object_str", "created_at"],
    in_profile=False,
)
