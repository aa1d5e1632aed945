"""Actions of sponsors in the portal. Each requires a right of the contact."""

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe
from wagtail.log_actions import log

from users import identities
from users.requests import AuthenticatedRequest

from . import emails, workflows
from .forms import OrganizationFields, ReasonForm, SignedCopyForm, SponsorContacts, SubmitForm
from .models import Contact, Contract, Sponsor, Sponsorship, SponsorshipDeliverable
from .models.sponsors import rights_of
from .portal import breadcrumbs, get_own_sponsorship, portal, sponsorship_page


def require_right(request: HttpRequest, pk: int, right: str) -> Sponsorship:
    sponsorship = get_own_sponsorship(request, pk)
    if right not in sponsorship.get_contact_rights(request.user):
        raise PermissionDenied
    return sponsorship


@portal
@require_POST
def submit(request: AuthenticatedRequest, pk: int, item: int) -> HttpResponse:
    sponsorship = require_right(request, pk, "deliver")
    requested = (
        SponsorshipDeliverable.objects.active()
        .filter(sponsorship_benefit__sponsorship=sponsorship, kind__in=SponsorshipDeliverable.FROM_SPONSOR)
        .with_related()
    )
    row = get_object_or_404(requested, pk=item)
    form = SubmitForm(request.POST, request.FILES, item=row)
    if not form.is_valid():
        return sponsorship_page(request, sponsorship, refused=form, status=422)
    row.submit(by=request.user, **form.cleaned_data)
    messages.success(request, gettext("Thank you. We received “%(title)s” and will review it.") % {"title": row.title()})
    return redirect("sponsor_portal:sponsorship", pk)


@portal
@require_POST
def signed_copy(request: AuthenticatedRequest, pk: int) -> HttpResponse:
    """Upload the signed contract, which staff check and record."""
    sponsorship = require_right(request, pk, "sign")
    form = SignedCopyForm(request.POST, request.FILES)
    if not form.is_valid():
        return sponsorship_page(request, sponsorship, refused=form, status=422)
    with transaction.atomic():
        contract = sponsorship.contracts.select_for_update().filter(state=Contract.State.SENT).first()
        if contract is None:
            raise Http404(gettext("There is no contract to sign."))
        contract.signed_file = form.cleaned_data["signed_file"]
        contract.save()
        log(instance=sponsorship, action="sponsors.signed_copy", user=request.user)
        emails.email_team(sponsorship, "signed_copy_team", document=contract.document_name)
    messages.success(request, gettext("Thank you. We will review the signed copy and email you."))
    return redirect("sponsor_portal:sponsorship", pk)


@portal
@require_POST
def withdraw(request: AuthenticatedRequest, pk: int) -> HttpResponse:
    sponsorship = require_right(request, pk, "withdraw")
    form = ReasonForm(request.POST)
    if not form.is_valid():
        return sponsorship_page(request, sponsorship, refused=form, status=422)
    try:
        sponsorship.withdraw(by=request.user, reason=form.cleaned_data["reason"])
    except ValidationError as error:
        messages.error(request, error.messages[0])
    else:
        messages.success(request, gettext("The application has been withdrawn."))
    return redirect("sponsor_portal:sponsorship", pk)


def get_own_sponsor(request: AuthenticatedRequest, pk: int) -> Sponsor:
    sponsor = get_object_or_404(Sponsor.objects.of(request.user), pk=pk)
    contacts = sponsor.contacts.filter(user=request.user)
    if not any("edit" in rights_of(contact) for contact in contacts):
        raise PermissionDenied
    return sponsor


@portal
@require_http_methods(["GET", "HEAD", "POST"])
def sponsor_edit(request: AuthenticatedRequest, pk: int) -> HttpResponse:
    """Edit a sponsor and its contacts. The name cannot be changed, because contracts and API clients rely on it."""
    sponsor = get_own_sponsor(request, pk)
    typed = sponsor.get_proposed()
    existing = [name for name in Sponsor.LOGOS if getattr(typed, name)]
    form = OrganizationFields(request.POST or None, request.FILES or None, instance=typed, existing=existing)
    form.fields.pop("name")
    formset = SponsorContacts(request.POST or None, instance=sponsor, prefix="contact")
    if request.method == "POST" and form.is_valid() and formset.is_valid():
        for name in Sponsor.LOGOS:
            if form.cleaned_data[name]:
                setattr(typed, name, form.cleaned_data[name])
        with transaction.atomic():
            formset.save()
            contacts = [f"Contact: {row}" for row in describe_contact_changes(formset)]
            is_changed = workflows.change_sponsor(typed, contacts, by=request.user)
        messages.success(
            request,
            gettext("Saved. Our staff have been notified of the changes.") if is_changed else gettext("No changes to save."),
        )
        return redirect("sponsor_portal:sponsor", pk)
    context = {
        "title": sponsor.name,
        "sponsor": sponsor,
        "form": form,
        "formset": formset,
        "breadcrumbs": breadcrumbs((sponsor.name, "")),
    }
    return render(request, "sponsors/portal_sponsor.html", context, status=422 if request.method == "POST" else 200)


def describe_contact_changes(formset: forms.BaseInlineFormSet) -> list[str]:
    rows = [f"{contact} added" for contact in formset.new_objects]
    rows += [f"{contact} changed" for contact, _ in formset.changed_objects]
    return rows + [f"{contact} removed" for contact in formset.deleted_objects]


@portal
@require_POST
def invite(request: AuthenticatedRequest, pk: int, contact: int) -> HttpResponse:
    """Invite a contact to sign in or create an account."""
    sponsor = get_own_sponsor(request, pk)
    person = get_object_or_404(sponsor.contacts, pk=contact, user=None)
    sponsorship = sponsor.sponsorships.order_by("-pk").first()
    if sponsorship is not None:
        try:
            with transaction.atomic():
                emails.send_invitation(person, sponsorship)
        except ValidationError as error:
            messages.error(request, error.messages[0])
        else:
            messages.success(request, gettext("%(person)s will receive an email with a link.") % {"person": person.name})
    return redirect("sponsor_portal:sponsor", pk)


@never_cache
@login_required
@require_safe
def redirect_old_invitation(request: AuthenticatedRequest, token: str) -> HttpResponse:
    """Redirect the invitation links of an earlier release."""
    contact = Contact.from_token(token)
    if contact is None:
        raise Http404(
            gettext(
                "This invitation has expired or was sent to another email address. "
                "Invitations are valid for 60 days. Ask for a new one."
            )
        )
    return redirect(identities.invitation_path(contact, reverse("sponsor_portal:index")))
