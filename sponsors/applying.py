"""An application, step by step. What is typed is kept in a draft, and the draft is sent in at the end."""

from functools import wraps
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from . import emails, workflows
from .forms import ORGANISATION, Contacts, OrganisationForm
from .models import ApplicationDraft, Benefit, Deal, Package, Season
from .views import breadcrumbs

STEPS = (("choose", "Choose"), ("organisation", "Organisation"), ("contacts", "Contacts"), ("check", "Check and send"))


def step(view):
    """A step of the application: for people with an account, while the season is open, with their draft."""

    @wraps(view)
    def inner(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        season = Season.objects.open().first()
        if season is None:
            return redirect("sponsors:application")
        draft = ApplicationDraft.objects.filter(user=request.user, season=season, deal=None).first()
        if draft is None:
            sent = ApplicationDraft.objects.filter(user=request.user, season=season).order_by("-pk").first()
            if sent and sent.deal and request.method == "POST":
                # The form of an application that was sent in already comes a second time.
                return redirect("sponsors:thanks", sent.deal_id)
            messages.info(request, "Choose a package first.")
            return redirect("sponsors:application")
        return view(request, draft, *args, **kwargs)

    return never_cache(login_required(require_http_methods(["GET", "HEAD", "POST"])(inner)))


def page(request: HttpRequest, name: str, draft: ApplicationDraft, **context: Any) -> HttpResponse:
    chosen = workflows.selection_of(draft.season, draft.data)
    steps = [{"title": title, "is_current": key == name} for key, title in STEPS]
    context |= {"draft": draft, "chosen": chosen, "steps": steps, "title": dict(STEPS)[name], "season": draft.season}
    return render(request, f"sponsors/apply_{name}.html", context | {"breadcrumbs": breadcrumbs(("Become a sponsor", ""))})


@never_cache
@login_required
@require_safe
def choose(request: HttpRequest) -> HttpResponse:
    """Keep what somebody chose on the public page; the choice stands in the address, so that it survives the log-in."""
    season = Season.objects.open().first()
    if season is None:
        return redirect("sponsors:application")
    numbers = {name: [int(text) for text in request.GET.getlist(name) if text.isdecimal()] for name in ("package", "benefit")}
    package = Package.objects.filter(season=season, advertise=True, pk__in=numbers["package"][:1]).first()
    if numbers["package"] and package is None:
        messages.error(request, "This package is not offered any more. Choose another one.")
        return redirect("sponsors:application")
    benefits = set(Benefit.objects.filter(season=season, pk__in=numbers["benefit"]).values_list("pk", flat=True))
    if package is not None and "custom" not in request.GET:
        wanted = package.inclusions.exclude(benefit__availability="withdrawn").values_list("benefit_id", flat=True)
        benefits |= set(wanted) - workflows.full_ids(season)
    data = {"package": package.pk if package else None, "benefits": sorted(benefits)}
    problems = workflows.selection_of(season, data).problems(workflows.full_ids(season))
    if problems:
        for problem in problems:
            messages.error(request, problem)
        return redirect("sponsors:application")
    draft, _ = ApplicationDraft.objects.get_or_create(user=request.user, season=season, deal=None)
    draft.data = {name: value for name, value in draft.data.items() if name != "renewal_of"} | data
    draft.save()
    return redirect("sponsors:organisation")


@step
def organisation(request: HttpRequest, draft) -> HttpResponse:
    kept = [name for name in draft.LOGOS if getattr(draft, name)]
    known = draft.data.get("organisation", {}) | {"sponsor": draft.data.get("sponsor")}
    form = OrganisationForm(request.POST or None, request.FILES or None, request=request, initial=known, kept=kept)
    if request.method == "POST" and form.is_valid():
        sponsor = form.cleaned_data.get("sponsor")
        draft.data["sponsor"] = sponsor.pk if sponsor else None
        if sponsor is None:
            draft.data["organisation"] = {name: str(form.cleaned_data[name] or "") for name in ORGANISATION}
            for name in draft.LOGOS:
                if form.cleaned_data[name]:
                    setattr(draft, name, form.cleaned_data[name])
        draft.save()
        return redirect("sponsors:check" if sponsor else "sponsors:contacts")
    return page(request, "organisation", draft, form=form)


@step
def contacts(request: HttpRequest, draft) -> HttpResponse:
    user = request.user
    first = {"name": user.get_full_name(), "email": user.email, "primary": True}
    formset = Contacts(request.POST or None, initial=draft.data.get("contacts") or [first], prefix="contact")
    if request.method == "POST" and "more" not in request.POST and formset.is_valid():
        draft.data["contacts"] = [form.cleaned_data for form in formset if form.cleaned_data]
        draft.save()
        return redirect("sponsors:check")
    if "more" in request.POST:
        # Without script, another contact is another round.
        data = request.POST.copy()
        data["contact-TOTAL_FORMS"] = min(int(data.get("contact-TOTAL_FORMS") or 1) + 1, workflows.MOST_CONTACTS)
        formset = Contacts(initial=[form_values(data, number) for number in range(data["contact-TOTAL_FORMS"])], prefix="contact")
    return page(request, "contacts", draft, formset=formset, most=workflows.MOST_CONTACTS)


def form_values(data, number: int) -> dict:
    names = ("name", "email", "phone", "primary", "administrative", "accounting")
    return {name: data.get(f"contact-{number}-{name}", "") for name in names}


@step
def check(request: HttpRequest, draft) -> HttpResponse:
    sponsor = workflows.existing_sponsor(draft)
    if sponsor is None and not (draft.data.get("organisation") and draft.data.get("contacts")):
        return redirect("sponsors:contacts" if draft.data.get("organisation") else "sponsors:organisation")
    problems = []
    if request.method == "POST":
        try:
            deal = workflows.apply(draft)
        except ValidationError as error:
            problems = error.messages
        else:
            return redirect("sponsors:thanks", deal.pk)
    context = {"sponsor": sponsor, "problems": problems, "is_renewal": draft.data.get("renewal_of")}
    return page(request, "check", draft, **context)


@never_cache
@login_required
@require_safe
def thanks(request: HttpRequest, pk: int) -> HttpResponse:
    deal = get_object_or_404(Deal.objects.visible_to(request.user).select_related("sponsor", "season", "package"), pk=pk)
    context = {
        "title": "Thank you",
        "deal": deal,
        "told": emails.recipients(deal),
        "lines": deal.kept_lines(),
        "asked": emails.asked_lines(deal),
        "breadcrumbs": breadcrumbs(("Thank you", "")),
    }
    return render(request, "sponsors/apply_thanks.html", context)


@login_required
@require_POST
def renew(request: HttpRequest, pk: int) -> HttpResponse:
    """Take last year's deal over as it was, into the season that is open now."""
    deal = get_object_or_404(Deal.objects.visible_to(request.user).select_related("package"), pk=pk)
    season = Season.objects.open().exclude(pk=deal.season_id).first()
    if season is None:
        messages.error(request, "No other season takes applications at the moment.")
        return redirect("sponsor_portal:deal", pk)
    draft, _ = ApplicationDraft.objects.get_or_create(user=request.user, season=season, deal=None)
    draft.data = workflows.renewal_data(deal, season)
    draft.save()
    return redirect("sponsors:check")
