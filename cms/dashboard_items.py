"""Dashboard and queue items for editors and operators."""

from datetime import datetime

from django.core.exceptions import ValidationError
from django.db import transaction
from django.urls import reverse
from django.utils.translation import gettext, ngettext, ngettext_lazy
from django.utils.translation import gettext_lazy as _
from wagtail.models import Site

from users.models import User

from .content.models.boxes import Box
from .delivery.models import LiveCheck, Purge
from .editor import work
from .editor.dashboard import Action, DashboardItem, counts, register
from .editor.models import Bundle
from .email.models import SentEmail
from .moderation.models import ProblemReport
from .moderation.outcomes import LogLine, Outcome
from .moderation.problem_reports import MAY_CLOSE
from .moderation.queue import Queue, QueueItem, register_queue
from .platform.models import TaskRun
from .undo.steps import undoable


def page_actions(user: User, at: datetime) -> list[Action]:
    site = Site.objects.select_related("root_page").filter(is_default_site=True).first()
    found = []
    if site and site.root_page.permissions_for_user(user).can_add_subpage():
        found.append(Action(_("Add a page"), reverse("wagtailadmin_pages:add_subpage", args=[site.root_page_id])))
    found.append(Action(_("Pages"), reverse("wagtailadmin_explore_root")))
    if user.has_perm("cms.change_box"):
        found.append(Action(_("Edit boxes"), reverse(Box.snippet_viewset.get_url_name("list"))))
    return found


def no_items(user: User, at: datetime) -> list[DashboardItem]:
    return []


def operations(user: User, at: datetime) -> list[DashboardItem]:
    lists = [
        (ngettext_lazy("failed task", "failed tasks"), TaskRun.objects.unattended(), "tasks", ""),
        (
            ngettext_lazy("failed purge", "failed purges"),
            Purge.objects.filter(status=Purge.Status.FAILED),
            "purges_modeladmin_index",
            "status__exact=failed",
        ),
        (
            ngettext_lazy("published, not yet live", "published, not yet live"),
            LiveCheck.objects.filter(status=LiveCheck.Status.FAILED),
            "published_modeladmin_index",
            "status__exact=failed",
        ),
        (
            ngettext_lazy("publication that some places do not show", "publications that some places do not show"),
            LiveCheck.objects.with_failed_places(),
            "published_modeladmin_index",
            "places=failed",
        ),
        (
            ngettext_lazy("undelivered email", "undelivered emails"),
            SentEmail.objects.undelivered(),
            "sent-emails_modeladmin_index",
            "delivery=undelivered",
        ),
    ]
    numbers = counts(*(rows for _text, rows, _url, _query in lists))
    return [
        DashboardItem(text % number, number, f"{reverse(url_name)}?{query}" if query else reverse(url_name), "stop")
        for (text, _rows, url_name, query), number in zip(lists, numbers, strict=True)
    ]


def operation_actions(user: User, at: datetime) -> list[Action]:
    found = [Action(_("Tasks"), reverse("tasks"))]
    if user.has_perm("users.change_user"):
        found.append(Action(_("Users"), reverse("wagtailusers_users:index")))
    return found


def bundles(user: User, at: datetime) -> list[DashboardItem]:
    failed, upcoming = counts(Bundle.objects.failed(), Bundle.objects.filter(status=Bundle.Status.SCHEDULED))
    url = reverse("cms_bundles:index")
    return [
        DashboardItem(
            ngettext("bundle not published at its time", "bundles not published at their time", failed),
            failed,
            f"{url}?status=failed",
            "stop",
        ),
        DashboardItem(ngettext("scheduled bundle", "scheduled bundles", upcoming), upcoming, f"{url}?status=scheduled"),
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
    return [gettext("The report will be deleted. It stays in the trash for 30 days. You can restore it until then.")]


def get_outcome(pk: int) -> Outcome | None:
    report = ProblemReport.objects.select_related("closed_by").filter(pk=pk).first()
    if report is None:
        return None
    closer = report.closed_by.display_name if report.closed_by else ""
    closed = LogLine(gettext("Closed"), report.closed_at, closer) if report.closed_at else None
    url = reverse("problem_report", args=[pk])
    return Outcome(str(report), report.get_status_display(), url, [closed] if closed else [])


register("work", _("Your work"), items=work.get_items, order=0)
register("pages", _("Pages"), permission="cms.view_brokenlink", items=no_items, actions=page_actions, order=30)
register("bundles", _("Bundles"), permission="cms.view_bundle", items=bundles, order=35)
register("operations", _("Operations"), permission="cms.view_taskrun", items=operations, actions=operation_actions, order=90)
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
