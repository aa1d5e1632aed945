"""A deal in the admin: its tabs, and the forms of its acts."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe
from wagtail.log_actions import log
from wagtail.models import ModelLogEntry

from cms.email.models import SentEmail
from cms.email.sending import about_key

from . import agreements
from .desk import COLOURS, allowed, flags
from .desk_forms import ActForm, AgreementForm, LineForm, TermsForm
from .due import act_on_items
from .models import ACTS, Agreement, Deal, Inclusion, Item
from .models.acts import ONWARD
from .models.items import FROM_SPONSOR, TO_SPONSOR

TABS = {
    "overview": "Overview",
    "benefits": "Benefits",
    "deliverables": "Deliverables",
    "agreement": "Agreement",
    "messages": "Messages",
    "history": "History",
}
MOST_ENTRIES = 200


def back_to(pk: int, tab: str = "overview"):
    return redirect(f"{reverse('sponsorships:deal', args=[pk])}?tab={tab}")


def one_deal(pk: int) -> Deal:
    return get_object_or_404(Deal.objects.for_desk(), pk=pk)


@allowed("view_deal")
@require_safe
def deal(request: HttpRequest, pk: int) -> HttpResponse:
    record = one_deal(pk)
    tab = request.GET.get("tab", "overview")
    if tab not in TABS:
        raise Http404("A deal has no such tab.")
    context = {
        "deal": record,
        "tab": tab,
        "tabs": TABS,
        "colour": COLOURS.get(record.stage(), "quiet"),
        "flags": flags(record),
        "acts": [(name, ACTS[name], name in ONWARD) for name in record.acts_for(request.user)],
    }
    context |= TAB_CONTEXT[tab](request, record)
    return TemplateResponse(request, f"sponsors/admin/deal_{tab}.html", context)


def overview(request: HttpRequest, record: Deal) -> dict:
    may_change = request.user.has_perm("sponsors.change_deal")
    chosen = record.selection()
    held = {benefit.pk for benefit in chosen.benefits}
    left_out = Inclusion.objects.filter(package=record.package_id, benefit_id__in=set(chosen.included) - held)
    return {
        "terms": TermsForm(instance=record) if may_change else None,
        "is_customized": record.is_customized,
        "added": chosen.added if record.package_id else [],
        "left_out": left_out.select_related("benefit"),
        "contacts": record.sponsor.contacts.select_related("user"),
        "overlaps": record.overlaps().select_related("season", "sponsor"),
        "previous": record.previous_signed(),
        "full": record.full_lines() if record.state in {"applied", "review"} else [],
    }


def benefits(request: HttpRequest, record):
    """The lines, and what the catalogue says differently now."""
    inclusions = {row.benefit_id: row for row in Inclusion.objects.filter(package=record.package_id)}
    rows = [
        {"line": line, "differences": line.differences(inclusions.get(line.benefit_id))}
        for line in record.lines.select_related("benefit__program", "program").prefetch_related("benefit__clauses")
    ]
    may_change = request.user.has_perm("sponsors.change_deal") and record.may_be_edited
    return {"rows": rows, "line_form": LineForm(deal=record) if may_change else None}


def deliverables(request: HttpRequest, record: Deal) -> dict:
    items = list(Item.objects.kept().filter(line__deal=record).with_all().prefetch_related("answer__versions"))
    return {
        "asked": [item for item in items if item.kind in FROM_SPONSOR],
        "given": [item for item in items if item.kind in TO_SPONSOR],
        "marks": [item for item in items if item.kind not in FROM_SPONSOR + TO_SPONSOR],
        "may_change": request.user.has_perm("sponsors.change_item"),
    }


def agreement_tab(request: HttpRequest, record):
    may_change = request.user.has_perm("sponsors.change_agreement")
    may_make = may_change and (record.state == "approved" or record.amending_since)
    form = AgreementForm(deal=record) if may_make else None
    lacking = []
    if form:
        lacking = [(template, agreements.missing_fields(template, record)) for template in form.fields["template"].queryset]
    return {
        "rows": record.agreements.select_related("template", "created_by"),
        "form": form,
        "lacking": [(template, words) for template, words in lacking if words],
        "may_change": may_change,
    }


def messages_tab(request: HttpRequest, record: Deal) -> dict:
    return {"mails": SentEmail.objects.filter(about=about_key(record))[:MOST_ENTRIES]}


def history(request: HttpRequest, record: Deal) -> dict:
    """What happened to the deal, and what changed in the data of its sponsor, the newest first."""
    entries = ModelLogEntry.objects.for_instance(record) | ModelLogEntry.objects.for_instance(record.sponsor)
    entries = entries.select_related("user", "content_type").order_by("-timestamp", "-pk")
    return {"log": [{"entry": entry, "facts": facts_of(entry.data)} for entry in entries[:MOST_ENTRIES]]}


def facts_of(data: dict) -> list[tuple[str, str]]:
    """What an entry holds, in words; the number of an agreement says nothing to people."""
    facts = []
    for name, value in data.items():
        text = "; ".join(map(str, value)) if isinstance(value, list) else str(value)
        if text and name != "agreement":
            facts.append((name.replace("_", " ").capitalize(), text))
    return facts


TAB_CONTEXT = {
    "overview": overview,
    "benefits": benefits,
    "deliverables": deliverables,
    "agreement": agreement_tab,
    "messages": messages_tab,
    "history": history,
}


@allowed("view_deal")
@require_http_methods(["GET", "HEAD", "POST"])
def act(request: HttpRequest, pk: int, act) -> HttpResponse:
    """The form of an act. Opening it changes nothing; whoever may not do it, or comes too late, is told."""
    record = one_deal(pk)
    if act not in ACTS:
        raise Http404("There is no such act.")
    if act not in record.acts_for(request.user):
        if not ACTS[act].actors & record.actors(request.user):
            raise PermissionDenied
        messages.error(request, f"That is not possible: {record} is “{record.stage_label}” now. Somebody may have been faster.")
        return back_to(pk)
    form = ActForm(request.POST or None, request.FILES or None, deal=record, act=act)
    if request.method == "POST" and form.is_valid():
        try:
            getattr(record, act)(by=request.user, **form.cleaned_data)
        except ValidationError as error:
            for name, sentences in error.message_dict.items() if hasattr(error, "error_dict") else [(None, error.messages)]:
                form.add_error(name if name in form.fields else None, sentences)
        else:
            messages.success(request, f"{record}: {ACTS[act].label.lower()}.")
            return back_to(pk)
    context = {
        "form": form,
        "title": ACTS[act].button,
        "subtitle": str(record),
        "submit": ACTS[act].button,
        "back": reverse("sponsorships:deal", args=[pk]),
        "deal": record,
        "act": act,
        "full": record.full_lines() if act == "approve" else [],
        "is_customized": record.is_customized if act == "approve" else False,
        "previous": record.previous_signed() if act == "approve" else None,
        "missing": [words for one in record.agreements.ready()[:1] for words in [one.problem] if words] if act == "send" else [],
    }
    return TemplateResponse(request, "sponsors/admin/form.html", context)


@allowed("change_deal")
@require_POST
def terms(request: HttpRequest, pk: int) -> HttpResponse:
    record = one_deal(pk)
    before = {name: getattr(record, name) for name in TermsForm.Meta.fields}
    form = TermsForm(request.POST, instance=record)
    if not form.is_valid():
        for name, sentences in form.errors.items():
            messages.error(request, f"{form.fields[name].label if name in form.fields else 'Terms'}: {sentences[0]}")
        return back_to(pk)
    form.save()
    changes = {name: f"{before[name]} → {getattr(record, name)}" for name in form.changed_data}
    if changes:
        log(instance=record, action="sponsors.edit", user=request.user, data=changes)
    messages.success(request, "Saved." if changes else "Nothing was changed.")
    return back_to(pk)


@allowed("change_deal")
@require_POST
def lines(request: HttpRequest, pk: int) -> HttpResponse:
    """Add a line, take one out, put it back, or take over what the catalogue says now."""
    record = one_deal(pk)
    if not record.may_be_edited:
        messages.error(request, "A signed deal stays as it is. Open an amendment first.")
        return back_to(pk, "benefits")
    if "add" in request.POST:
        form = LineForm(request.POST, deal=record)
        if not form.is_valid():
            messages.error(request, "Choose a benefit that the deal does not have.")
            return back_to(pk, "benefits")
        line = record.add_line(form.cleaned_data["benefit"], source="staff", by=request.user)
        messages.success(request, f"{line} is added.")
        return back_to(pk, "benefits")
    for name in ("remove", "restore", "update"):
        if request.POST.get(name, "").isdecimal():
            line = get_object_or_404(record.lines.select_related("benefit"), pk=request.POST[name])
            change_line(record, line, name, by=request.user)
            messages.success(request, f"{line}: {LINE_WORDS[name]}.")
    return back_to(pk, "benefits")


LINE_WORDS = {"remove": "taken out", "restore": "put back", "update": "brought up to the catalogue"}


def change_line(record: Deal, line, name: str, *, by) -> None:
    if name == "update" and line.benefit:
        line.copy_from(line.benefit, Inclusion.objects.filter(package=record.package_id, benefit=line.benefit).first())
        line.save()
        line.refresh_items()
    else:
        line.removed = name == "remove"
        line.save()
    log(instance=record, action="sponsors.line", user=by, data={LINE_WORDS[name]: line.name})


@allowed("change_item")
@require_POST
def items(request: HttpRequest, pk: int) -> HttpResponse:
    record = one_deal(pk)
    act_on_items(request, Item.objects.filter(line__deal=record))
    return back_to(pk, "deliverables")


def chosen_template(request: HttpRequest, record: Deal):
    form = AgreementForm(request.POST, deal=record)
    if not form.is_valid():
        raise ValidationError("Choose a template.")
    return form.cleaned_data["template"]


@allowed("change_agreement")
@require_POST
def agreement(request: HttpRequest, pk: int) -> HttpResponse:
    """Make an agreement, void one, render one again, or take an amendment on its way."""
    record = one_deal(pk)
    try:
        if "make" in request.POST:
            agreements.make(record, chosen_template(request, record), by=request.user)
            messages.success(request, "The agreement is being made. Its documents appear here.")
        else:
            number = next((request.POST[name] for name in AGREEMENT_ACTS if name in request.POST), "")
            paper = get_object_or_404(
                Agreement.objects.select_related("deal"), deal=record, pk=number if number.isdecimal() else 0
            )
            name = next(name for name in AGREEMENT_ACTS if name in request.POST)
            AGREEMENT_ACTS[name](paper, request)
            messages.success(request, "Done.")
    except ValidationError as error:
        messages.error(request, error.messages[0])
    return back_to(pk, "agreement")


AGREEMENT_ACTS = {
    "void": lambda paper, request: paper.void(by=request.user, reason=request.POST.get("reason", "")),
    "render": lambda paper, _: agreements.render.enqueue(paper.pk),
    "send": lambda paper, request: agreements.send_amendment(paper, by=request.user),
    "sign": lambda paper, request: agreements.sign_amendment(paper, request.FILES.get("signed_file"), by=request.user),
}
