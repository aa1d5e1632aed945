"""Application in steps. A draft stores the input until it is submitted."""

from collections.abc import Callable
from functools import wraps
from pathlib import PurePath
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe
from django_countries import countries

from cms.platform.text import parse_int
from users.requests import AuthenticatedRequest

from . import emails, workflows
from .forms import ORGANIZATION, Contacts, OrganizationFields, OrganizationForm
from .models import ApplicationDraft, Benefit, Contact, Package, Sponsor, Sponsorship, SponsorshipYear
from .views import breadcrumbs

COUNTRIES = {"country", "country_of_incorporation"}
STEPS = (
    ("choose", _("Choose")),
    ("organisation", _("Organization")),
    ("contacts", _("Contacts")),
    ("check", _("Review and submit")),
)


def step(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Require an account, an open sponsorship year and a draft for a step, and pass the draft to its view."""

    @wraps(view)
    def inner(request: AuthenticatedRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        sponsorship_year = SponsorshipYear.objects.open().first()
        if sponsorship_year is None:
            return redirect("sponsors:application")
        draft = ApplicationDraft.objects.filter(user=request.user, sponsorship_year=sponsorship_year, sponsorship=None).first()
        if draft is None:
            sent = ApplicationDraft.objects.filter(user=request.user, sponsorship_year=sponsorship_year).order_by("-pk").first()
            if sent and sent.sponsorship and request.method == "POST":
                # The draft was submitted twice.
                return redirect("sponsors:thanks", sent.sponsorship_id)
            messages.info(request, gettext("Choose a package first."))
            return redirect("sponsors:application")
        return view(request, draft, *args, **kwargs)

    return never_cache(login_required(require_http_methods(["GET", "HEAD", "POST"])(inner)))


@step
def resume(request: HttpRequest, draft: ApplicationDraft) -> HttpResponse:
    """Redirect to the first step of a draft that is not complete."""
    if workflows.existing_sponsor(draft) or draft.data.get("contacts"):
        return redirect("sponsors:check")
    return redirect("sponsors:contacts" if draft.data.get("organisation") else "sponsors:organisation")


def page(request: HttpRequest, name: str, draft: ApplicationDraft, **context: Any) -> HttpResponse:
    chosen = workflows.selection_of(draft.sponsorship_year, draft.data)
    steps = [{"title": title, "is_current": key == name} for key, title in STEPS]
    context |= {
        "draft": draft,
        "chosen": chosen,
        "steps": steps,
        "title": dict(STEPS)[name],
        "sponsorship_year": draft.sponsorship_year,
    }
    return render(
        request, f"sponsors/apply_{name}.html", context | {"breadcrumbs": breadcrumbs((gettext("Become a sponsor"), ""))}
    )


@never_cache
@login_required
@require_safe
def choose(request: AuthenticatedRequest) -> HttpResponse:
    """Store the selection from the public page in a draft. The selection is in the URL, so that it survives signing in."""
    sponsorship_year = SponsorshipYear.objects.open().first()
    if sponsorship_year is None:
        return redirect("sponsors:application")
    numbers = {name: [parse_int(text, 0) for text in request.GET.getlist(name)] for name in ("package", "benefit")}
    package = Package.objects.filter(sponsorship_year=sponsorship_year, advertise=True, pk__in=numbers["package"][:1]).first()
    if numbers["package"] and package is None:
        messages.error(request, gettext("This package is no longer available. Choose another one."))
        return redirect("sponsors:application")
    benefits = set(
        Benefit.objects.filter(sponsorship_year=sponsorship_year, pk__in=numbers["benefit"]).values_list("pk", flat=True)
    )
    if package is not None and "custom" not in request.GET:
        wanted = package.package_benefits.exclude(benefit__availability="withdrawn").values_list("benefit_id", flat=True)
        benefits |= set(wanted) - workflows.full_ids(sponsorship_year)
    data = {"package": package.pk if package else None, "benefits": sorted(benefits)}
    problems = workflows.selection_of(sponsorship_year, data).problems(workflows.full_ids(sponsorship_year))
    if problems:
        for problem in problems:
            messages.error(request, problem)
        return redirect("sponsors:application")
    draft, _ = ApplicationDraft.objects.get_or_create(user=request.user, sponsorship_year=sponsorship_year, sponsorship=None)
    draft.data = {name: value for name, value in draft.data.items() if name != "renewal_of"} | data
    draft.save()
    return redirect("sponsors:organisation")


@step
def organisation(request: HttpRequest, draft: ApplicationDraft) -> HttpResponse:
    existing = [name for name in draft.LOGOS if getattr(draft, name)]
    initial = draft.data.get("organisation", {}) | {"sponsor": draft.data.get("sponsor")}
    form = OrganizationForm(request.POST or None, request.FILES or None, request=request, initial=initial, existing=existing)
    if request.method == "POST" and form.is_valid():
        sponsor = form.cleaned_data.get("sponsor")
        draft.data["sponsor"] = sponsor.pk if sponsor else None
        if sponsor is None:
            draft.data["organisation"] = {name: str(form.cleaned_data[name] or "") for name in ORGANIZATION}
            for name in draft.LOGOS:
                if form.cleaned_data[name]:
                    setattr(draft, name, form.cleaned_data[name])
        draft.save()
        return redirect("sponsors:check" if sponsor else "sponsors:contacts")
    return page(request, "organisation", draft, form=form)


@step
def contacts(request: AuthenticatedRequest, draft: ApplicationDraft) -> HttpResponse:
    user = request.user
    first = {"name": user.get_full_name(), "email": user.email, "primary": True}
    formset = Contacts(request.POST or None, initial=draft.data.get("contacts") or [first], prefix="contact")
    if request.method == "POST" and "more" not in request.POST and formset.is_valid():
        draft.data["contacts"] = [form.cleaned_data for form in formset if form.cleaned_data]
        draft.save()
        return redirect("sponsors:check")
    if "more" in request.POST:
        # Without JavaScript, another contact needs another request.
        count = min(parse_int(request.POST.get("contact-TOTAL_FORMS"), 1) + 1, workflows.MAX_CONTACTS)
        formset = Contacts(initial=[form_values(request.POST, number) for number in range(count)], prefix="contact")
    return page(request, "contacts", draft, formset=formset, most=workflows.MAX_CONTACTS)


def form_values(data: QueryDict, number: int) -> dict[str, Any]:
    names = ("name", "email", "phone", "primary", "administrative", "accounting")
    return {name: data.get(f"contact-{number}-{name}", "") for name in names}


@step
def check(request: HttpRequest, draft: ApplicationDraft) -> HttpResponse:
    sponsor = workflows.existing_sponsor(draft)
    if sponsor is None and not (draft.data.get("organisation") and draft.data.get("contacts")):
        return redirect("sponsors:contacts" if draft.data.get("organisation") else "sponsors:organisation")
    problems = []
    if request.method == "POST":
        try:
            sponsorship = workflows.apply(draft)
        except ValidationError as error:
            problems = error.messages
        else:
            return redirect("sponsors:thanks", sponsorship.pk)
    context = {
        "sponsor": sponsor,
        "problems": problems,
        "is_renewal": draft.data.get("renewal_of"),
        "entered": [] if sponsor else describe_organization(draft),
        "contacts": [] if sponsor else describe_contacts(draft),
    }
    return page(request, "check", draft, **context)


def describe_organization(draft: ApplicationDraft) -> list[tuple[str | Promise, str]]:
    """Return the label and value of each completed field about the organization, in the order of the form."""
    entered = draft.data.get("organisation", {})
    found: list[tuple[str | Promise, str]] = []
    for name, field in OrganizationFields().fields.items():
        value = PurePath(getattr(draft, name).name).suffix.lstrip(".").upper() if name in draft.LOGOS else entered.get(name, "")
        if name in draft.LOGOS and value:
            value = gettext("%(type)s file, uploaded") % {"type": value}
        elif name in COUNTRIES:
            value = countries.name(value)
        if value and name != "name":
            found.append((field.label or name, value))
    return found


def describe_contacts(draft: ApplicationDraft) -> list[dict[str, Any]]:
    """Return the entered contacts, with the labels of their roles."""
    return [
        person | {"roles": [label for name, label in Contact.ROLES.items() if person.get(name)]}
        for person in draft.data.get("contacts", [])
    ]


@never_cache
@login_required
@require_safe
def thanks(request: HttpRequest, pk: int) -> HttpResponse:
    sponsorship = get_object_or_404(
        Sponsorship.objects.visible_to(request.user).select_related("sponsor", "sponsorship_year", "package"), pk=pk
    )
    context = {
        "title": gettext("Thank you"),
        "sponsorship": sponsorship,
        "recipients": emails.recipients(sponsorship),
        "benefits": sponsorship.active_benefits(),
        "requested": emails.list_requested_assets(sponsorship),
        "breadcrumbs": breadcrumbs((gettext("Thank you"), "")),
    }
    return render(request, "sponsors/apply_thanks.html", context)


@login_required
@require_POST
def renew(request: AuthenticatedRequest, pk: int) -> HttpResponse:
    """Start the renewal of a sponsorship with the same selection in the open sponsorship year."""
    sponsorship = get_object_or_404(Sponsorship.objects.visible_to(request.user).select_related("package"), pk=pk)
    if not Sponsor.objects.of(request.user).filter(pk=sponsorship.sponsor_id).exists():
        raise PermissionDenied
    sponsorship_year = SponsorshipYear.objects.open().exclude(pk=sponsorship.sponsorship_year_id).first()
    if sponsorship_year is None:
        messages.error(request, gettext("Applications are not open for another sponsorship year."))
        return redirect("sponsor_portal:sponsorship", pk)
    draft, _ = ApplicationDraft.objects.get_or_create(user=request.user, sponsorship_year=sponsorship_year, sponsorship=None)
    draft.data = workflows.renewal_data(sponsorship, sponsorship_year)
    draft.save()
    return redirect("sponsors:check")
