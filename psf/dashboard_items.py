"""Dashboard items of the PSF: elections, minutes, charters."""

from datetime import datetime

from django.contrib.contenttypes.models import ContentType
from django.db.models import Count, Q
from django.urls import reverse
from django.utils.translation import gettext
from wagtail.models import Page, WorkflowState

from cms.editor.dashboard import DashboardItem, counts, register
from users.models import User

from .models import Election, MinutesPage, Nominee, WorkGroupPage

MAX_ELECTIONS = 4


def of_elections(at: datetime) -> list[DashboardItem]:
    """Return items of each current election: days to its next deadline, missing responses, pending decisions."""
    accepted = Count("nominees", filter=Q(nominees__state=Nominee.State.ACCEPTED))
    silent = Count("nominees", filter=Q(nominees__state__in=[Nominee.State.PROPOSED, Nominee.State.INVITED]))
    rows = Election.objects.filter(date__gte=at.date()).annotate(accepted=accepted, silent=silent).order_by("date")
    found = []
    for election in rows[:MAX_ELECTIONS]:
        url = reverse("election_dashboard", args=[election.pk])
        if election.is_open(at) and election.nominations_close_at:
            days = (election.nominations_close_at - at).days
            found.append(
                DashboardItem(
                    gettext("days until nominations close: %(election)s") % {"election": election},
                    days,
                    url,
                    "" if days else "warn",
                )
            )
        if election.silent:
            found.append(
                DashboardItem(
                    gettext("nominees who have not answered: %(election)s") % {"election": election},
                    election.silent,
                    f"{url}?show=incomplete",
                )
            )
        if election.accepted:
            found.append(
                DashboardItem(
                    gettext("accepted nominees to review: %(election)s") % {"election": election}, election.accepted, url, "warn"
                )
            )
    return found


def get_dashboard_items(user: User, at: datetime) -> list[DashboardItem]:
    kinds = ContentType.objects.get_for_models(MinutesPage, WorkGroupPage).values()
    waiting, drafts, due = counts(
        WorkflowState.objects.filter(content_type__in=kinds, status=WorkflowState.STATUS_IN_PROGRESS),
        Page.objects.filter(content_type__in=kinds, has_unpublished_changes=True),
        WorkGroupPage.objects.live().filter(review_date__lte=at.date(), dissolved_on=None),
    )
    minutes = reverse("minutes_pages:index")
    return [
        *of_elections(at),
        DashboardItem(
            gettext("minutes and work groups to review"),
            waiting,
            f"{minutes}?review=in_progress",
            "warn" if waiting else "",
        ),
        DashboardItem(gettext("minutes and work groups in draft"), drafts, minutes),
        DashboardItem(gettext("charters due for review"), due, reverse("work_group_pages:index"), "warn" if due else ""),
    ]


register("psf", "PSF", permission="psf.view_nominee", items=get_dashboard_items, order=70)
