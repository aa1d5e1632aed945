"""Dashboard and queue items for editors and operators."""

from datetime import datetime

from django.core.exceptions import ValidationError
from django.db import transaction
from django.urls import reverse
from django.utils.translation import gettext
from wagtail.models import Page

from users.models import User

from .delivery.models import LiveCheck, PlaceCheck, Purge
from .editor.dashboard import DashboardItem, counts, register
from .editor.models import Bundle
from .email.models import SentEmail
from .moderation.models import ProblemReport
from .moderation.outcomes import LogLine, Outcome
from .moderation.problem_reports import MAY_CLOSE
from .moderation.queue import Queue, QueueItem, register_queue
from .platform.models import TaskRun
from .undo.steps import undoable


def drafts(user: User, at: datetime) -> list[DashboardItem]:
    """Return the user's own pages with unpublished changes."""
    mine = Page.objects.filter(latest_revision__user=user, has_unpublished_changes=True).count()
    return [DashboardItem(gettext("of your pages with unpublished changes"), mine, reverse("wagtailadmin_explore_root"))]


def operations(user: User, at: datetime) -> list[DashboardItem]:
    lists = {
        "failed tasks": (TaskRun.objects.unattended(), "tasks"),
        "failed purges": (Purge.objects.filter(status=Purge.Status.FAILED), "purges_modeladmin_index"),
        gettext("published, not yet live"): (
            LiveCheck.objects.filter(status=LiveCheck.Status.FAILED),
            "published_modeladmin_index",
        ),
        gettext("places that do not show a publication"): (PlaceCheck.objects.failed(), "published_modeladmin_index"),
        "undelivered emails": (SentEmail.objects.undelivered(), "sent-emails_modeladmin_index"),
    }
    numbers = counts(*(rows for rows, _ in lists.values()))
    return [
        DashboardItem(text, number, reverse(url_name), "stop" if number else "")
        for (text, (_, url_name)), number in zip(lists.items(), numbers, strict=True)
    ]


def bundles(user: User, at: datetime) -> list[DashboardItem]:
    failed, upcoming = counts(Bundle.objects.failed(), Bundle.objects.filter(status=Bundle.Status.SCHEDULED))
    url = reverse("cms_bundles:index")
    return [
        DashboardItem(gettext("not published at their time"), failed, f"{url}?status=failed", "stop" if failed else ""),
        DashboardItem(gettext("scheduled"), upcoming, f"{url}?status=scheduled"),
    ]


def reports(user: User) -> list[QueueItem]:
    open_reports = ProblemReport.objects.filter(status=ProblemReport.Status.OPEN)
    return [
        QueueItem(
            pk=report.pk,
            title=f"{report.path}: {report.text}",
            since=report.created_at,
            by=report.email,
            preview_url=report.path,
            url=reverse("problem_report", args=[report.pk]),
        )
        for report in open_reports
    ]


def read_again(pk: int) -> ProblemReport:
    report = ProblemReport.objects.select_for_update().filter(pk=pk, status=ProblemReport.Status.OPEN).first()
    if report is None:
        raise ValidationError(gettext("Another moderator has already closed this report."))
    return report


@transaction.atomic
def close(pk: int, by: User, message: str, seen: str) -> str:
    report = read_again(pk)
    with undoable(report, by=by, label=gettext("Closed")):
        report.close(by=by)
    return f"Done: {report.path}."


@transaction.atomic
def remove(pk: int, by: User, message: str, seen: str) -> str:
    report = read_again(pk)
    report.delete()
    return "The report was removed."


def describe_removal(pk: int) -> list[str]:
    return [gettext("The report is deleted. It is in the bin for 30 days, where Undo restores it.")]


def get_outcome(pk: int) -> Outcome | None:
    report = ProblemReport.objects.select_related("closed_by").filter(pk=pk).first()
    if report is None:
        return None
    closer = report.closed_by.display_name if report.closed_by else ""
    closed = LogLine(gettext("Closed"), report.closed_at, closer) if report.closed_at else None
    url = reverse("problem_report", args=[pk])
    return Outcome(str(report), report.get_status_display(), url, [closed] if closed else [])


register("pages", "Pages", permission="cms.view_brokenlink", items=drafts, order=30)
register("bundles", "Bundles", permission="cms.view_bundle", items=bundles, order=35)
register("operations", "Operations", permission="cms.view_taskrun", items=operations, order=90)
register_queue(
    Queue(
        "reports",
        "Problem report",
        MAY_CLOSE,
        reports,
        {"close": close, "remove": remove},
        outcome=get_outcome,
        spam_effects=describe_removal,
    )
)
