"""Dashboard items of the PSF: elections, minutes, charters."""

from datetime import datetime

from django.db.models import Count, Q
from django.urls import reverse
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from cms.editor.dashboard import Action, DashboardItem, counts, register
from cms.editor.work import add_page_action, recent_drafts
from users.models import User

from .models import Election, MinutesIndexPage, MinutesPage, Nominee, WorkGroupPage
from .registers import MembershipAdmin

MAX_ELECTIONS = 4
# Days before the end of the nominations from which the home marks it.
DAYS_UNTIL_WARNING = 7


def of_elections(at: datetime) -> list[DashboardItem]:
    """Return items of each current election: days to its next deadline, missing responses, pending decisions."""
    accepted = Count("nominees", filter=Q(nominees__state=Nominee.State.ACCEPTED))
    silent = Count("nominees", filter=Q(nominees__state__in=Nominee.UNANSWERED))
    rows = Election.objects.filter(date__gte=at.date()).annotate(accepted=accepted, silent=silent).order_by("date")
    found = []
    for election in rows[:MAX_ELECTIONS]:
        url = reverse("election_dashboard", args=[election.pk])
        if election.is_open(at) and election.nominations_close_at:
            days = (election.nominations_close_at - at).days
            number = ngettext("%(days)s day", "%(days)s days", days) % {"days": days}
            found.append(
                DashboardItem(
                    gettext("until nominations close: %(election)s") % {"election": election},
                    number,
                    url,
                    "" if days >= DAYS_UNTIL_WARNING else "warn",
                )
            )
        if election.silent:
            found.append(
                DashboardItem(
                    ngettext(
                        "nominee who has not answered: %(election)s",
                        "nominees who have not answered: %(election)s",
                        election.silent,
                    )
                    % {"election": election},
                    election.silent,
                    f"{url}?show=unanswered",
                )
            )
        if election.accepted:
            found.append(
                DashboardItem(
                    ngettext(
                        "accepted nominee to review: %(election)s", "accepted nominees to review: %(election)s", election.accepted
                    )
                    % {"election": election},
                    election.accepted,
                    f"{url}?show=accepted",
                    "warn",
                    "review",
                )
            )
    return found


def _name(text: str, election: Election) -> str:
    return f"{text}: {election}"


def get_dashboard_items(user: User, at: datetime) -> list[DashboardItem]:
    minutes, groups, due = counts(
        recent_drafts(MinutesPage.objects.all(), at),
        recent_drafts(WorkGroupPage.objects.all(), at),
        WorkGroupPage.objects.due_for_review(at),
    )
    minutes_url, groups_url = reverse("minutes_pages:index"), reverse("work_group_pages:index")
    return [
        *of_elections(at),
        DashboardItem(_("minutes in draft"), minutes, f"{minutes_url}?drafts=recent"),
        DashboardItem(ngettext("work group in draft", "work groups in draft", groups), groups, f"{groups_url}?drafts=recent"),
        DashboardItem(ngettext("charter due for review", "charters due for review", due), due, f"{groups_url}?due=true", "warn"),
    ]


def get_actions(user: User, at: datetime) -> list[Action]:
    return [
        *add_page_action(user, MinutesIndexPage.objects.live().first(), MinutesPage, _("Write minutes")),
        Action(_("Elections"), reverse("psf_elections:index")),
        *(
            [Action(_("Membership records"), MembershipAdmin().url_helper.index_url)]
            if user.has_perm("psf.view_membership")
            else []
        ),
    ]


register("psf", "PSF", permission="psf.view_nominee", items=get_dashboard_items, actions=get_actions, order=70)
