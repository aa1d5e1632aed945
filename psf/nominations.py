"""Public pages of elections. Content depends on dates, so caches keep it until the next phase at most."""

from functools import partial
from http import HTTPStatus
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import Prefetch
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.cache import patch_cache_control
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from cms.content import markup
from cms.content.breadcrumbs import breadcrumbs as make_breadcrumbs
from cms.delivery import surrogate_keys
from users.requests import AuthenticatedRequest

from . import workflows
from .forms import MAX_STATEMENT, AnswerForm, NominationForm
from .models import Election, Nomination, Nominee

LANDING = (_("Elections"), "/nominations/elections/")
MAX_SHARED_SECONDS = 300
MAY_WATCH = "psf.view_nominee"


breadcrumbs = partial(make_breadcrumbs, LANDING)


def share_until_next_phase(request: HttpRequest, response: HttpResponse, elections: list[Election]) -> HttpResponse:
    """Let caches store a response until one of these elections enters its next phase, for at most five minutes."""
    ends = [seconds for election in elections if (seconds := election.seconds_to_next_phase()) is not None]
    return surrogate_keys.share(request, response, "nominations", seconds=min([MAX_SHARED_SECONDS, *ends]))


def election_of(slug: str) -> Election:
    return get_object_or_404(Election.objects.select_related("kind"), slug=slug)


@require_safe
def elections(request: HttpRequest) -> HttpResponse:
    found = list(Election.objects.select_related("kind"))
    at = timezone.now()
    order = [Election.Phase.OPEN, Election.Phase.ANNOUNCED, Election.Phase.CLOSED, Election.Phase.PUBLISHED]
    groups = [(phase.label, [one for one in found if one.phase(at) == phase]) for phase in order]
    context = {
        "groups": [(label, rows) for label, rows in groups if rows],
        "breadcrumbs": breadcrumbs(),
        "canonical_url": settings.BASE_URL + request.path,
    }
    return share_until_next_phase(request, render(request, "psf/elections.html", context), found)


def election_context(one: Election, **context: Any) -> dict:
    phase = one.phase()
    return {
        "election": one,
        "phase": phase,
        "is_open": phase == one.Phase.OPEN,
        "is_published": phase == one.Phase.PUBLISHED,
    } | context


@require_safe
def election(request: HttpRequest, slug: str) -> HttpResponse:
    one = election_of(slug)
    context = election_context(one, breadcrumbs=breadcrumbs((one.name, "")), canonical_url=settings.BASE_URL + request.path)
    return share_until_next_phase(request, render(request, "psf/election.html", context), [one])


def for_public(nominees: list[Nominee], one: Election) -> list[Nominee]:
    """Prepare nominees for their templates without further queries."""
    for nominee in nominees:
        nominee.election = one
    return nominees


@require_safe
def nominees(request: HttpRequest, slug: str) -> HttpResponse:
    one = election_of(slug)
    context = election_context(
        one,
        subject=one,
        nominees=for_public(one.public_nominees(), one),
        breadcrumbs=breadcrumbs((one.name, one.get_absolute_url()), (gettext("Candidates"), "")),
        canonical_url=settings.BASE_URL + request.path,
    )
    return share_until_next_phase(request, render(request, "psf/nominees.html", context), [one])


@require_safe
def nominee(request: HttpRequest, slug: str, nominee_slug: str) -> HttpResponse:
    one = election_of(slug)
    rows = Nominee.objects.prefetch_related(Prefetch("nominations", Nomination.objects.select_related("nominator")))
    found = get_object_or_404(rows, election=one, slug=nominee_slug)
    found.election = one
    is_public = found.is_public()
    is_own = request.user.is_authenticated and request.user.pk == found.user_id
    if not is_public and not is_own and not request.user.has_perm(MAY_WATCH):
        raise Http404(gettext("This candidate page is not published."))
    context = election_context(
        one,
        nominee=found,
        is_public=is_public,
        breadcrumbs=breadcrumbs((one.name, one.get_absolute_url()), (gettext("Candidates"), one.nominees_url), (found.name, "")),
        canonical_url=settings.BASE_URL + request.path,
    )
    response = render(request, "psf/nominee.html", context)
    if is_public:
        return share_until_next_phase(request, response, [one])
    patch_cache_control(response, private=True, no_store=True)
    return response


def _refused(request: HttpRequest, one: Election | None, sentence: str, status: int = HTTPStatus.NOT_FOUND) -> HttpResponse:
    """Show a page that explains why an action is not possible."""
    context = {"election": one, "sentence": sentence, "breadcrumbs": breadcrumbs((gettext("Not available"), ""))}
    return render(request, "psf/refused.html", context, status=status)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def create(request: AuthenticatedRequest, slug: str) -> HttpResponse:
    one = election_of(slug)
    if not one.is_open():
        is_over = one.phase() != one.Phase.ANNOUNCED
        return _refused(request, one, gettext("Nominations are closed.") if is_over else gettext("Nominations are not open yet."))
    user = request.user
    if request.method != "POST":
        return _form(request, one, NominationForm(request=request, election=one))
    form = NominationForm(request.POST, request=request, election=one)
    if form.is_valid():
        try:
            form.spend()
            nomination = workflows.nominate(form.write(), by=user)
        except ValidationError as error:
            form.add_error(None, error.messages)
        else:
            messages.success(request, gettext("Thank you. We received your nomination and sent you a confirmation by email."))
            return redirect(nomination)
    return _form(request, one, form, status=422)


def _form(request: HttpRequest, one: Election, form: NominationForm, status: int = 200) -> HttpResponse:
    title = gettext("Edit nomination") if form.nomination.pk else gettext("Submit a nomination")
    trail = breadcrumbs((one.name, one.get_absolute_url()), (title, ""))
    context = election_context(one, form=form, title=title, breadcrumbs=trail)
    return render(request, "psf/nomination_form.html", context, status=status)


def nomination_of(slug: str, pk: int) -> Nomination:
    rows = Nomination.objects.select_related("election__kind", "nominee__election__kind", "nominator")
    return get_object_or_404(rows, election__slug=slug, pk=pk)


@require_safe
def nomination(request: AuthenticatedRequest, slug: str, pk: int) -> HttpResponse:
    found = nomination_of(slug, pk)
    is_own = found.is_of_nominee(request.user) or found.is_of_nominator(request.user)
    is_public = found.is_public()
    if not is_public and not is_own and not request.user.has_perm(MAY_WATCH):
        raise Http404(gettext("This nomination is not published."))
    title = gettext("Nomination of %(nominee)s") % {"nominee": found.nominee}
    trail = breadcrumbs((found.election.name, found.election.get_absolute_url()), (title, ""))
    # The public page is the same for all visitors. Candidate and nominator find their buttons in their list of nominations.
    context = election_context(
        found.election,
        nomination=found,
        is_public=is_public,
        may_edit=not is_public and found.may_edit(request.user),
        may_answer=not is_public and found.is_of_nominee(request.user) and found.election.is_open(),
        breadcrumbs=trail,
        canonical_url=settings.BASE_URL + request.path,
    )
    response = render(request, "psf/nomination.html", context)
    if is_public:
        return share_until_next_phase(request, response, [found.election])
    patch_cache_control(response, private=True, no_store=True)
    return response


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def edit(request: AuthenticatedRequest, slug: str, pk: int) -> HttpResponse:
    found = nomination_of(slug, pk)
    if not found.may_edit(request.user):
        raise PermissionDenied
    if request.method != "POST":
        return _form(request, found.election, NominationForm(request=request, election=found.election, nomination=found))
    form = NominationForm(request.POST, request=request, election=found.election, nomination=found)
    if not form.is_valid():
        return _form(request, found.election, form, status=422)
    form.write().revise()
    messages.success(request, gettext("The nomination has been updated."))
    return redirect(found)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def accept(request: AuthenticatedRequest, slug: str, pk: int) -> HttpResponse:
    """Accept or decline one statement. The redirect target is fixed, not taken from the request."""
    found = nomination_of(slug, pk)
    if not found.is_of_nominee(request.user) or not found.election.is_open():
        raise PermissionDenied
    if request.method != "POST":
        trail = breadcrumbs((found.election.name, found.election.get_absolute_url()), (gettext("Accept or decline"), ""))
        return render(request, "psf/accept.html", election_context(found.election, nomination=found, breadcrumbs=trail))
    try:
        workflows.answer_statement(found, accepts=request.POST.get("answer") == "yes")
    except ValidationError as error:
        messages.error(request, error.messages[0])
    else:
        messages.success(request, gettext("Your answer has been saved."))
    return redirect(found)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def invitation(request: AuthenticatedRequest, token: str) -> HttpResponse:
    """Show the page of an invitation link. GET does not change anything, because programs also open links in emails."""
    try:
        found = workflows.nominee_of(token)
    except ValidationError as error:
        return _refused(request, None, error.messages[0], HTTPStatus.GONE)
    if not found.election.is_open():
        return _refused(request, found.election, gettext("Nominations are closed."), HTTPStatus.GONE)
    form = AnswerForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        accepts = form.cleaned_data["answer"] == "yes"
        try:
            workflows.answer(found, accepts=accepts, by=request.user, comment=form.cleaned_data["comment"])
        except ValidationError as error:
            form.add_error(None, error.messages)
        else:
            context = election_context(
                found.election, nominee=found, accepts=accepts, breadcrumbs=breadcrumbs((gettext("Thank you"), ""))
            )
            return render(request, "psf/answered.html", context)
    context = election_context(
        found.election,
        nominee=found,
        nominations=found.nominations.select_related("nominator"),
        form=form,
        breadcrumbs=breadcrumbs(
            (found.election.name, found.election.get_absolute_url()), (gettext("Do you accept your nomination?"), "")
        ),
    )
    return render(request, "psf/invitation.html", context, status=422 if form.errors else 200)


@login_required
@require_POST
def statement_preview(request: HttpRequest) -> HttpResponse:
    """Show a preview of the statement, rendered by the same function as the public page."""
    return JsonResponse({"html": markup.render(request.POST.get("statement", "")[:MAX_STATEMENT])})


@never_cache
@require_safe
@login_required
def mine(request: AuthenticatedRequest) -> HttpResponse:
    """Show the nominations that the user has received and made, by election, newest first."""
    rows = Nomination.objects.select_related("election__kind", "nominee__election", "nominator").order_by(
        "-election__date", "-pk"
    )
    received = rows.filter(nominee__user=request.user)
    made = rows.filter(nominator=request.user)
    context = {
        "groups": [
            (gettext("Nominations you received"), [(one, one.may_edit(request.user)) for one in received]),
            (gettext("Nominations you made"), [(one, one.may_edit(request.user)) for one in made]),
        ],
        "breadcrumbs": breadcrumbs((gettext("Your nominations"), "")),
    }
    return render(request, "psf/nominations_mine.html", context)
