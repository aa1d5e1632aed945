"""Sponsorship in the admin: its tabs and the forms of its transitions."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.forms import BaseForm, Media, ModelForm
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext, gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe
from wagtail.log_actions import log
from wagtail.models import ModelLogEntry

from cms.editor.registers import confirm_sending_again
from cms.email.models import SentEmail, about_key
from users.models import User
from users.requests import AuthenticatedRequest

from . import contracts
from .dashboard import STATE_COLORS, allowed, flags
from .dashboard_forms import BillingForm, ContractForm, SponsorshipBenefitForm, TermsForm, TransitionForm, model_choice
from .deliverables import apply_to_deliverables
from .models import (
    TRANSITIONS,
    Contract,
    ContractTemplate,
    PackageBenefit,
    Sponsorship,
    SponsorshipBenefit,
    SponsorshipDeliverable,
)
from .models.amendments import describe_changes
from .models.catalog import FROM_SPONSOR, TO_SPONSOR
from .models.transitions import ONWARD

TABS = {
    "overview": "Overview",
    "benefits": "Benefits",
    "deliverables": "Deliverables",
    "contract": "Contract",
    "messages": "Messages",
    "history": "History",
}
MAX_ENTRIES = 200
# Shown above the forms of transitions whose effect a label does not say.
EXPLANATIONS = {
    "amend": gettext_lazy(
        "Package, fee, dates and benefits can then be changed. The changes apply at once. Create the document of the amendment "
        "under Contract. Recording its signature closes the amendment."
    ),
    "close_amendment": gettext_lazy("The changes stay, without a signed document. To undo them, discard the amendment instead."),
    "discard_amendment": gettext_lazy(
        "Package, fee, dates and benefits return to what they were before the amendment. A document that was sent becomes void, "
        "and the sponsor gets an email with the reason."
    ),
}


def back_to(pk: int, tab: str = "overview") -> HttpResponse:
    return redirect(f"{reverse('sponsorships:sponsorship', args=[pk])}?tab={tab}")


def get_sponsorship(pk: int) -> Sponsorship:
    return get_object_or_404(Sponsorship.objects.for_dashboard(), pk=pk)


@allowed("view_sponsorship")
@require_safe
def sponsorship(request: AuthenticatedRequest, pk: int) -> HttpResponse:
    record = get_sponsorship(pk)
    tab = request.GET.get("tab", "overview")
    if tab not in TABS:
        raise Http404("A sponsorship has no such tab.")
    context = {
        "sponsorship": record,
        "tab": tab,
        "tabs": TABS,
        "colour": STATE_COLORS.get(record.stage(), "quiet"),
        "flags": flags(record),
        "transitions": [(name, TRANSITIONS[name], name in ONWARD) for name in record.get_transitions(request.user)],
    }
    context |= TAB_CONTEXT[tab](request, record)
    # Date fields and other widgets need their scripts.
    context["media"] = sum((form.media for form in context.values() if isinstance(form, BaseForm)), Media())
    return TemplateResponse(request, f"sponsors/admin/sponsorship_{tab}.html", context)


def overview(request: HttpRequest, record: Sponsorship) -> dict[str, Any]:
    may_change = request.user.has_perm("sponsors.change_sponsorship")
    chosen = record.selection()
    held = {benefit.pk for benefit in chosen.benefits}
    left_out = PackageBenefit.objects.filter(package=record.package_id, benefit_id__in=set(chosen.included) - held)
    return {
        "terms": TermsForm(instance=record) if may_change else None,
        "billing": BillingForm(instance=record, prefix="billing") if request.user.has_perm("sponsors.bill_sponsorship") else None,
        "is_customized": record.is_customized,
        "changes": describe_changes(record),
        "added": chosen.added if record.package_id else [],
        "left_out": left_out.select_related("benefit"),
        "contacts": record.sponsor.contacts.select_related("user"),
        "overlaps": record.overlaps().select_related("sponsorship_year", "sponsor"),
        "previous": record.previous_signed(),
        "full": record.sold_out_benefits() if record.state in {"applied", "review"} else [],
    }


def benefits(request: HttpRequest, record: Sponsorship) -> dict[str, Any]:
    """Return the benefits and their differences from the catalog."""
    in_package = PackageBenefit.objects.filter(package=record.package_id)
    package_benefits: dict[int | None, PackageBenefit] = {row.benefit_id: row for row in in_package}
    rows = [
        {"benefit": benefit, "differences": benefit.differences(package_benefits.get(benefit.benefit_id))}
        for benefit in record.sponsorship_benefits.select_related("benefit__program", "program").prefetch_related(
            "benefit__clauses"
        )
    ]
    may_change = request.user.has_perm("sponsors.change_sponsorship") and record.is_editable
    return {"rows": rows, "benefit_form": SponsorshipBenefitForm(sponsorship=record) if may_change else None}


def deliverables(request: HttpRequest, record: Sponsorship) -> dict[str, Any]:
    items = list(
        SponsorshipDeliverable.objects.active()
        .filter(sponsorship_benefit__sponsorship=record)
        .with_related()
        .prefetch_related("asset__versions")
    )
    return {
        "requested": [item for item in items if item.kind in FROM_SPONSOR],
        "given": [item for item in items if item.kind in TO_SPONSOR],
        "markers": [item for item in items if item.kind not in FROM_SPONSOR + TO_SPONSOR],
        "may_change": request.user.has_perm("sponsors.change_sponsorshipdeliverable"),
    }


def contract_tab(request: HttpRequest, record: Sponsorship) -> dict[str, Any]:
    may_change = request.user.has_perm("sponsors.change_contract")
    may_make = may_change and (record.state == "approved" or record.amending_since)
    form = ContractForm(sponsorship=record) if may_make else None
    missing = []
    if form:
        missing = [
            (template, contracts.missing_fields(template, record)) for template in model_choice(form, "template").queryset or []
        ]
    return {
        "rows": record.contracts.select_related("template", "created_by"),
        "form": form,
        "missing": [(template, fields) for template, fields in missing if fields],
        "has_templates": bool(form and model_choice(form, "template").queryset),
        "template_add_url": ContractTemplate.snippet_viewset.get_url_name("add"),
        "changes": describe_changes(record),
        "may_change": may_change,
    }


def messages_tab(request: HttpRequest, record: Sponsorship) -> dict[str, Any]:
    return {"emails": SentEmail.objects.filter(about=about_key(record))[:MAX_ENTRIES]}


def history(request: HttpRequest, record: Sponsorship) -> dict[str, Any]:
    """Return the log of the sponsorship and of its sponsor, newest entries first."""
    entries = ModelLogEntry.objects.for_instance(record) | ModelLogEntry.objects.for_instance(record.sponsor)
    entries = entries.select_related("user", "content_type").order_by("-timestamp", "-pk")
    return {
        "log": [{"entry": entry, "details": get_details(entry.data)} for entry in entries[:MAX_ENTRIES]],
        "previous_logos": record.sponsor.list_previous_logos(),
    }


def get_details(data: dict[str, Any]) -> list[tuple[str, str]]:
    """Return the data of a log entry as readable pairs, without the id of a contract."""
    details = []
    for name, value in data.items():
        text = "; ".join(map(str, value)) if isinstance(value, list) else str(value)
        if text and name != "contract":
            details.append((name.replace("_", " ").capitalize(), text))
    return details


TAB_CONTEXT = {
    "overview": overview,
    "benefits": benefits,
    "deliverables": deliverables,
    "contract": contract_tab,
    "messages": messages_tab,
    "history": history,
}


@allowed("view_sponsorship")
@require_http_methods(["GET", "HEAD", "POST"])
def transition(request: AuthenticatedRequest, pk: int, name: str) -> HttpResponse:
    """Show the form of a transition and apply it. Raises PermissionDenied for users who can never make it."""
    record = get_sponsorship(pk)
    if name not in TRANSITIONS:
        raise Http404("There is no such action.")
    if name not in record.get_transitions(request.user):
        if not record.has_role(name, request.user):
            raise PermissionDenied
        messages.error(
            request,
            gettext("This is not possible because %(record)s is now “%(state_label)s”. Someone else may have changed it.")
            % {"record": record, "state_label": record.state_label},
        )
        return back_to(pk)
    form = TransitionForm(request.POST or None, request.FILES or None, sponsorship=record, name=name)
    if request.method == "POST" and form.is_valid():
        try:
            getattr(record, name)(by=request.user, **form.cleaned_data)
        except ValidationError as error:
            for field, sentences in error.message_dict.items() if hasattr(error, "error_dict") else [(None, error.messages)]:
                form.add_error(field if field in form.fields else None, sentences)
        else:
            messages.success(request, f"{record}: {str(TRANSITIONS[name].label).lower()}.")
            return back_to(pk)
    context = {
        "form": form,
        "title": TRANSITIONS[name].button,
        "subtitle": str(record),
        "submit": TRANSITIONS[name].button,
        "back": reverse("sponsorships:sponsorship", args=[pk]),
        "sponsorship": record,
        "name": name,
        "full": record.sold_out_benefits() if name == "approve" else [],
        "is_customized": record.is_customized if name == "approve" else False,
        "previous": record.previous_signed() if name == "approve" else None,
        "explanation": EXPLANATIONS.get(name, ""),
        "changes": describe_changes(record) if name.endswith("_amendment") else [],
        "missing": [contract.problem for contract in record.contracts.ready()[:1] if contract.problem] if name == "send" else [],
    }
    return TemplateResponse(request, "sponsors/admin/form.html", context)


def save_form(request: AuthenticatedRequest, form: ModelForm, before: dict[str, Any], action: str) -> HttpResponse:
    """Save a form of the overview with a log entry, or show its errors."""
    record = form.instance
    if not form.is_valid():
        for name, sentences in form.errors.items():
            label = f"{form.fields[name].label}: " if name in form.fields else ""
            messages.error(request, f"{label}{sentences[0]}")
        return back_to(record.pk)
    form.save()
    changes = {name: f"{before[name] or '–'} → {getattr(record, name) or '–'}" for name in form.changed_data}
    if changes:
        log(instance=record, action=action, user=request.user, data=changes)
    messages.success(request, gettext("Saved.") if changes else gettext("No changes to save."))
    return back_to(record.pk)


@allowed("change_sponsorship")
@require_POST
def terms(request: AuthenticatedRequest, pk: int) -> HttpResponse:
    record = get_sponsorship(pk)
    before = {name: getattr(record, name) for name in TermsForm.Meta.fields}
    return save_form(request, TermsForm(request.POST, instance=record), before, "sponsors.edit")


@allowed("bill_sponsorship")
@require_POST
def billing(request: AuthenticatedRequest, pk: int) -> HttpResponse:
    """Record the purchase order, the invoice and the payment."""
    record = get_sponsorship(pk)
    before = {name: getattr(record, name) for name in BillingForm.Meta.fields}
    return save_form(request, BillingForm(request.POST, instance=record, prefix="billing"), before, "sponsors.bill")


@allowed("change_sponsorship")
@require_POST
def change_benefits(request: AuthenticatedRequest, pk: int) -> HttpResponse:
    """Add, remove, restore or update a benefit."""
    record = get_sponsorship(pk)
    if not record.is_editable:
        messages.error(request, gettext("A signed sponsorship cannot be changed. Open an amendment first."))
        return back_to(pk, "benefits")
    if "add" in request.POST:
        form = SponsorshipBenefitForm(request.POST, sponsorship=record)
        if not form.is_valid():
            messages.error(request, gettext("Choose a benefit that is not part of the sponsorship yet."))
            return back_to(pk, "benefits")
        benefit = record.add_benefit(form.cleaned_data["benefit"], source="staff", by=request.user)
        messages.success(request, gettext("Added %(benefit)s.") % {"benefit": benefit})
        return back_to(pk, "benefits")
    for name in ("remove", "restore", "update"):
        if request.POST.get(name, "").isdecimal():
            benefit = get_object_or_404(record.sponsorship_benefits.select_related("benefit"), pk=request.POST[name])
            change_benefit(record, benefit, name, by=request.user)
            messages.success(request, f"{benefit}: {BENEFIT_CHANGES[name]}.")
    return back_to(pk, "benefits")


BENEFIT_CHANGES = {"remove": "removed", "restore": "restored", "update": gettext_lazy("updated from the catalog")}


def change_benefit(record: Sponsorship, benefit: SponsorshipBenefit, name: str, *, by: User) -> None:
    if name == "update" and benefit.benefit:
        benefit.copy_from(
            benefit.benefit, PackageBenefit.objects.filter(package=record.package_id, benefit=benefit.benefit).first()
        )
        benefit.save()
        benefit.refresh_deliverables()
    else:
        benefit.removed = name == "remove"
        benefit.save()
    log(instance=record, action="sponsors.benefit", user=by, data={BENEFIT_CHANGES[name]: benefit.name})


@allowed("change_sponsorshipdeliverable")
@require_POST
def change_deliverables(request: AuthenticatedRequest, pk: int) -> HttpResponse:
    record = get_sponsorship(pk)
    apply_to_deliverables(request, SponsorshipDeliverable.objects.filter(sponsorship_benefit__sponsorship=record))
    return back_to(pk, "deliverables")


def get_template_choice(request: HttpRequest, record: Sponsorship) -> ContractTemplate:
    form = ContractForm(request.POST, sponsorship=record)
    if not form.is_valid():
        raise ValidationError(gettext("Choose a template."))
    return form.cleaned_data["template"]


@allowed("mail_sponsorship")
@require_http_methods(["GET", "HEAD", "POST"])
def send_message_again(request: AuthenticatedRequest, pk: int, email_id: int) -> HttpResponse:
    """Confirm, then send an email about the sponsorship again to the same recipients, with a log entry."""
    record = get_sponsorship(pk)
    emails = SentEmail.objects.exclude(status=SentEmail.Status.DRAFT)
    email = get_object_or_404(emails, pk=email_id, about=about_key(record))
    if request.method == "POST":
        log(instance=record, action="sponsors.message_again", user=request.user, data={"subject": email.subject, "to": email.to})
    return confirm_sending_again(request, email, f"{reverse('sponsorships:sponsorship', args=[pk])}?tab=messages")


@allowed("change_contract")
@require_POST
def contract(request: AuthenticatedRequest, pk: int) -> HttpResponse:
    """Create, void or render a contract, decline its signed copy, or send or sign an amendment."""
    record = get_sponsorship(pk)
    try:
        if "make" in request.POST:
            contracts.create_contract(record, get_template_choice(request, record), by=request.user)
            messages.success(request, gettext("The contract is being created. Its documents will appear here in a minute."))
        else:
            number = next((request.POST[name] for name in CONTRACT_ACTIONS if name in request.POST), "")
            paper = get_object_or_404(
                Contract.objects.select_related("sponsorship"), sponsorship=record, pk=number if number.isdecimal() else 0
            )
            name = next(name for name in CONTRACT_ACTIONS if name in request.POST)
            CONTRACT_ACTIONS[name](paper, request)
            messages.success(request, gettext("Done."))
    except ValidationError as error:
        messages.error(request, error.messages[0])
    return back_to(pk, "contract")


CONTRACT_ACTIONS = {
    "void": lambda paper, request: contracts.void_contract(paper, by=request.user, reason=request.POST.get("reason", "")),
    "render": lambda paper, _: contracts.render_contract.enqueue(paper.pk),
    "send": lambda paper, request: contracts.send_amendment(paper, by=request.user),
    "decline": lambda paper, request: contracts.decline_signed_copy(
        paper, by=request.user, reason=request.POST.get("reason", "")
    ),
    "sign": lambda paper, request: contracts.sign_amendment(paper, request.FILES.get("signed_file"), by=request.user),
}
