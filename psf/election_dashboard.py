"""Admin dashboard of an election: candidates, missing parts, decisions, preview and exports."""

import csv
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import Count, Prefetch
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_safe

from cms.email.panels import find_emails
from cms.platform.text import safe_cell
from users.requests import AuthenticatedRequest

from . import workflows
from .forms import NomineeForm
from .models import Election, Nomination, Nominee, NomineeNote
from .nominations import election_context, for_public

MAY_READ, MAY_DECIDE = "psf.view_nominee", "psf.change_nominee"
LISTS = {
    "all": "All",
    "unanswered": _("No answer yet"),
    "accepted": _("Accepted, needs review"),
    "incomplete": _("Incomplete"),
    "missing": _("Missing acknowledgments"),
    "declined": "Declined",
    "approved": "Approved",
}
STATES = {
    "unanswered": Nominee.UNANSWERED,
    "accepted": [Nominee.State.ACCEPTED],
    "declined": [Nominee.State.DECLINED],
    "approved": [Nominee.State.APPROVED],
}
VOTING_COLUMNS = ["name", "email address", "account", "address"]


def election_of(request: AuthenticatedRequest, pk: int) -> Election:
    if not request.user.has_perm(MAY_READ):
        raise PermissionDenied
    return get_object_or_404(Election.objects.select_related("kind"), pk=pk)


def candidates(election: Election) -> Any:
    nominations = Nomination.objects.select_related("nominator")
    rows = election.nominees.select_related("user").annotate(note_count=Count("notes", distinct=True))
    return rows.prefetch_related(Prefetch("nominations", nominations)).order_by("name")


def missing_of(nominee: Nominee, election: Election) -> list[str]:
    """Return what is missing from the statement of a candidate."""
    missing: list[str] = []
    for nomination in nominee.nominations.all():
        nomination.election = election
        missing += nomination.missing_acknowledgements
    return missing


def listed(election: Election, which: str) -> list[Nominee]:
    rows = candidates(election)
    if which == "incomplete":
        incomplete = set(election.nominees.incomplete().values_list("pk", flat=True))
        return [nominee for nominee in rows if nominee.pk in incomplete]
    if which == "missing":
        return [nominee for nominee in rows if missing_of(nominee, election)]
    return list(rows.filter(state__in=STATES[which]) if which in STATES else rows)


@require_safe
def dashboard(request: AuthenticatedRequest, pk: int) -> HttpResponse:
    election = election_of(request, pk)
    which = request.GET.get("show", "all")
    if which not in LISTS:
        raise Http404("There is no such filter.")
    nominees = listed(election, which)
    context = election_context(
        election,
        rows=[{"nominee": nominee, "missing": missing_of(nominee, election)} for nominee in nominees],
        lists=LISTS.items(),
        which=which,
        may_decide=request.user.has_perm(MAY_DECIDE),
    )
    return TemplateResponse(request, "psf/admin/election_dashboard.html", context)


def run_action(request: AuthenticatedRequest, nominee: Nominee, action: str) -> str:
    """Run the action of a button and return a sentence about the result. Raises ValidationError."""
    by = request.user
    if action == "approve":
        workflows.approve(nominee, by=by, seen=request.POST.get("seen", ""))
        return gettext("Approved %(nominee)s.") % {"nominee": nominee}
    if action == "refuse":
        workflows.refuse(nominee, by=by, reason=request.POST.get("text", ""))
        return gettext("Marked %(nominee)s as not eligible.") % {"nominee": nominee}
    if action == "reopen":
        workflows.reopen(nominee, by=by)
        return gettext("The decision about %(nominee)s has been undone.") % {"nominee": nominee}
    if action == "invite":
        workflows.invite(nominee, by=by)
        return gettext("Invitation sent to %(nominee)s.") % {"nominee": nominee}
    if action == "note":
        text = request.POST.get("text", "").strip()
        if not text:
            raise ValidationError(gettext("Enter a note first."))
        NomineeNote.objects.create(nominee=nominee, author=by, text=text[:5000])
        return "Note added."
    if action in {"show", "hide"}:
        number = request.POST.get("nomination", "")
        nomination = nominee.nominations.filter(pk=number if number.isdecimal() and len(number) < 10 else 0).first()  # noqa: PLR2004
        if nomination is None:
            raise ValidationError(gettext("This statement no longer exists."))
        workflows.show_statement(nomination, by=by, shown=action == "show", seen=request.POST.get("seen", ""))
        return gettext("The statement is visible.") if action == "show" else gettext("The statement is hidden.")
    raise ValidationError(gettext("Unknown action. Reload the page and try again."))


@require_http_methods(["GET", "HEAD", "POST"])
def candidate(request: AuthenticatedRequest, pk: int, nominee_pk: int) -> HttpResponse:
    """Show a candidate with the statements, notes and available actions."""
    election = election_of(request, pk)
    nominee = get_object_or_404(candidates(election), pk=nominee_pk)
    nominee.election = election
    form = NomineeForm(instance=nominee)
    if request.method == "POST":
        if not request.user.has_perm(MAY_DECIDE):
            raise PermissionDenied
        action = request.POST.get("action", "")
        if action == "save":
            form = NomineeForm(request.POST, instance=nominee)
            if form.is_valid():
                form.save()
                messages.success(request, gettext("Saved %(nominee)s.") % {"nominee": nominee})
                return redirect("election_candidate", pk, nominee_pk)
        else:
            try:
                messages.success(request, run_action(request, nominee, action))
            except ValidationError as error:
                messages.error(request, error.messages[0])
            return redirect("election_candidate", pk, nominee_pk)
    context = election_context(
        election,
        nominee=nominee,
        form=form,
        missing=missing_of(nominee, election),
        seen=workflows.fingerprint(nominee),
        notes=nominee.notes.select_related("author"),
        emails=find_emails(nominee),
        may_decide=request.user.has_perm(MAY_DECIDE),
        has_decision=nominee.state in {Nominee.State.APPROVED, Nominee.State.REFUSED},
        can_invite=nominee.state in {Nominee.State.PROPOSED, Nominee.State.INVITED},
    )
    return TemplateResponse(request, "psf/admin/candidate.html", context)


@require_safe
def preview(request: AuthenticatedRequest, pk: int) -> HttpResponse:
    """Show the list of candidates as the public will see it when it is published."""
    election = election_of(request, pk)
    at = election.public_from
    context = election_context(election, nominees=for_public(election.public_nominees(at=at), election))
    context |= {"is_published": True, "phase": Election.Phase.PUBLISHED, "is_preview": True}
    return TemplateResponse(request, "psf/nominees.html", context)


@require_safe
def export(request: AuthenticatedRequest, pk: int, what: str) -> HttpResponse:
    """Show the approved candidates for the voting system (CSV), or for an announcement (Markdown)."""
    election = election_of(request, pk)
    nominees = election.nominees.approved().select_related("user").order_by("name")
    if what == "announcement":
        lines = [f"# {election}: candidates", ""]
        for nominee in for_public(list(nominees), election):
            lines += [f"## {nominee}", "", request.build_absolute_uri(nominee.get_absolute_url()), ""]
            lines += [part for one in nominee.shown_nominations for part in (one.statement, "")]
        response = HttpResponse("\n".join(lines), content_type="text/markdown; charset=utf-8")
        response["Content-Disposition"] = f'attachment; filename="{election.slug}-announcement.md"'
        return response
    response = HttpResponse(content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{election.slug}-candidates.csv"'
    writer = csv.writer(response)
    writer.writerow(VOTING_COLUMNS)
    for nominee in for_public(list(nominees), election):
        url = request.build_absolute_uri(nominee.get_absolute_url())
        writer.writerow([safe_cell(cell) for cell in (nominee.name, nominee.email, str(nominee.user or ""), url)])
    return response
