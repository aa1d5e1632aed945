"""What sponsors do in the portal. Each act asks for the right that the contact's roles give."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST
from wagtail.log_actions import log

from . import emails, workflows
from .forms import OrganisationFields, ReasonForm, SignedCopyForm, SponsorContacts, SubmitForm
from .models import Agreement, Contact, Item, Sponsor
from .models.sponsors import rights_of
from .portal import breadcrumbs, deal_page, own_deal, portal


def allowed(request: HttpRequest, pk: int, right: str):
    deal = own_deal(request, pk)
    if right not in deal.rights_of(request.user):
        raise PermissionDenied
    return deal


@portal
@require_POST
def submit(request: HttpRequest, pk: int, item) -> HttpResponse:
    deal = allowed(request, pk, "deliver")
    asked = Item.objects.kept().filter(line__deal=deal, kind__in=Item.FROM_SPONSOR).with_all()
    row = get_object_or_404(asked, pk=item)
    form = SubmitForm(request.POST, request.FILES, item=row)
    if not form.is_valid():
        return deal_page(request, deal, refused=form, status=422)
    row.submit(by=request.user, **form.cleaned_data)
    messages.success(request, f"Thank you, we have got “{row.title()}”.")
    return redirect("sponsor_portal:deal", pk)


@portal
@require_POST
def signed_copy(request: HttpRequest, pk: int) -> HttpResponse:
    """The signed copy, for staff to check and record."""
    deal = allowed(request, pk, "sign")
    form = SignedCopyForm(request.POST, request.FILES)
    if not form.is_valid():
        return deal_page(request, deal, copy_form=form, status=422)
    with transaction.atomic():
        agreement = deal.agreements.select_for_update().filter(state=Agreement.State.SENT).first()
        if agreement is None:
            raise Http404("There is no agreement to sign.")
        agreement.signed_file = form.cleaned_data["signed_file"]
        agreement.save()
        log(instance=deal, action="sponsors.signed_copy", user=request.user)
        emails.tell_team(deal, "signed_copy_team")
    messages.success(request, "Thank you. We check the signed copy, and tell you when everything is done.")
    return redirect("sponsor_portal:deal", pk)


@portal
@require_POST
def withdraw(request: HttpRequest, pk: int) -> HttpResponse:
    deal = own_deal(request, pk)
    form = ReasonForm(request.POST)
    if not form.is_valid():
        messages.error(request, form.errors["reason"][0])
        return redirect("sponsor_portal:deal", pk)
    try:
        deal.withdraw(by=request.user, reason=form.cleaned_data["reason"])
    except ValidationError as error:
        messages.error(request, error.messages[0])
    else:
        messages.success(request, "The application is withdrawn.")
    return redirect("sponsor_portal:deal", pk)


def own_sponsor(request: HttpRequest, pk: int) -> Sponsor:
    sponsor = get_object_or_404(Sponsor.objects.of(request.user), pk=pk)
    contacts = sponsor.contacts.filter(user=request.user)
    if not any("edit" in rights_of(contact) for contact in contacts):
        raise PermissionDenied
    return sponsor


@portal
@require_http_methods(["GET", "HEAD", "POST"])
def sponsor_edit(request: HttpRequest, pk: int) -> HttpResponse:
    """The organisation's data and its people. The name stays: agreements and programs rely on it."""
    sponsor = own_sponsor(request, pk)
    if not sponsor.latest_revision_id:
        sponsor.save_revision(clean=False)
    before = {field.name: str(field.value_from_object(sponsor)) for field in Sponsor._meta.concrete_fields}
    kept = [name for name in ("web_logo", "white_logo", "print_logo") if getattr(sponsor, name)]
    form = OrganisationFields(request.POST or None, request.FILES or None, instance=sponsor, kept=kept)
    form.fields.pop("name")
    formset = SponsorContacts(request.POST or None, instance=sponsor, prefix="contact")
    if request.method == "POST" and form.is_valid() and formset.is_valid():
        with transaction.atomic():
            for name in ("web_logo", "white_logo", "print_logo"):
                if form.cleaned_data[name]:
                    setattr(sponsor, name, form.cleaned_data[name])
            form.save()
            formset.save()
            changes = changed(before, sponsor) + [f"Contact: {row}" for row in changed_contacts(formset)]
            if changes:
                workflows.tell_of_changes(sponsor, changes, by=request.user)
        messages.success(request, "Saved. We have told our staff what is different." if changes else "Nothing was changed.")
        return redirect("sponsor_portal:sponsor", pk)
    context = {
        "title": sponsor.name,
        "sponsor": sponsor,
        "form": form,
        "formset": formset,
        "breadcrumbs": breadcrumbs((sponsor.name, "")),
    }
    return render(request, "sponsors/portal_sponsor.html", context, status=422 if request.method == "POST" else 200)


def changed(before: dict, sponsor: Sponsor) -> list[str]:
    """What is different now, in words."""
    skipped = {"updated_at", "latest_revision"}
    words = []
    for field in Sponsor._meta.concrete_fields:
        now = str(field.value_from_object(sponsor))
        if field.name not in skipped and before[field.name] != now:
            words.append(f"{field.verbose_name}: {before[field.name] or '–'} → {now or '–'}")
    return words


def changed_contacts(formset) -> list[str]:
    rows = [f"{contact} added" for contact in formset.new_objects]
    rows += [f"{contact} changed" for contact, _ in formset.changed_objects]
    return rows + [f"{contact} removed" for contact in formset.deleted_objects]


@portal
@require_POST
def invite(request: HttpRequest, pk: int, contact) -> HttpResponse:
    """Ask a colleague to open an account here, or to join with the one that is there."""
    sponsor = own_sponsor(request, pk)
    person = get_object_or_404(sponsor.contacts, pk=contact, user=None)
    deal = sponsor.deals.order_by("-pk").first()
    if deal is not None:
        try:
            with transaction.atomic():
                person.invited_at = timezone.now()
                person.save()
                emails.send_invitation(person, deal)
        except ValidationError as error:
            messages.error(request, error.messages[0])
        else:
            messages.success(request, f"{person.name} will receive an email with a link.")
    return redirect("sponsor_portal:sponsor", pk)


@never_cache
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def invitation(request: HttpRequest, token) -> HttpResponse:
    """Join as a contact. Opening the link changes nothing: programs open links of mails too."""
    contact = Contact.from_token(token)
    if contact is None:
        raise Http404("This invitation is void: it is older than 60 days, or was sent to another address.")
    if contact.user_id not in {None, request.user.pk}:
        raise Http404("Somebody has taken up this invitation already.")
    if request.method == "POST":
        contact.user = request.user
        contact.save()
        log(instance=contact.sponsor, action="sponsors.joined", user=request.user, data={"contact": contact.name})
        return redirect("sponsor_portal:index")
    context = {"title": "Your invitation", "contact": contact, "breadcrumbs": breadcrumbs(("Your invitation", ""))}
    return render(request, "sponsors/portal_invitation.html", context)
