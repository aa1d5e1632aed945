"""Sponsorship years in the admin: the editor of packages and benefits, and copying a year."""

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods
from wagtail.admin.panels import FieldPanel, FieldRowPanel
from wagtail.admin.ui.tables import Column, TitleColumn
from wagtail.admin.viewsets.model import ModelViewSet
from wagtail.log_actions import log

from cms.platform.text import parse_int
from users.models import User
from users.requests import AuthenticatedRequest

from . import sponsorship_years
from .dashboard import allowed
from .models import PackageBenefit, SponsorshipYear
from .models.catalog import FIRST_YEAR, LAST_YEAR
from .offer import Offer


def split_value(offer: Offer) -> dict[int, list[tuple[str, int]]]:
    """Return, for each package, the share of each program in its value, in percent."""
    totals: dict[int, dict[str, int]] = {package.pk: {} for package in offer.packages}
    for program, rows in offer.groups:
        for row in rows:
            for package, package_benefit in row.cells:
                if package_benefit:
                    totals[package.pk][program.name] = totals[package.pk].get(program.name, 0) + (row.benefit.internal_value or 0)
    return {
        pk: [(name, round(100 * value / (sum(found.values()) or 1))) for name, value in found.items() if value]
        for pk, found in totals.items()
    }


def read_cell(text: str) -> tuple[bool, int | None, str]:
    """Parse a cell: empty for "not included", x for "included", a quantity, or a label of at most 32 characters.

    Returns whether the benefit is included, its quantity and its label.
    """
    text = text.strip()
    if not text or text in {"-", "–"}:
        return False, None, ""
    if text.lower() in {"x", "✓", "yes"}:
        return True, None, ""
    if (quantity := parse_int(text)) is not None:
        return True, quantity, ""
    return True, None, text[:32]


def format_cell(package_benefit: PackageBenefit | None) -> str:
    if package_benefit is None:
        return ""
    return package_benefit.amount or "x"


@transaction.atomic
def save_cells(offer: Offer, typed: dict[str, str], *, by: User) -> int:
    """Save the changed cells and return their number. Copies in sponsorships do not change."""
    changed = []
    for _program, rows in offer.groups:
        for row in rows:
            for package, package_benefit in row.cells:
                text = typed.get(f"{package.pk}-{row.benefit.pk}")
                if text is None or text.strip() == format_cell(package_benefit):
                    continue
                if row.benefit.availability in {"add_on", "standalone"} and text.strip():
                    raise ValidationError(
                        gettext("“%(benefit)s” is only available without a package. Change its availability first.")
                        % {"benefit": row.benefit.name}
                    )
                included, quantity, label = read_cell(text)
                if included:
                    PackageBenefit.objects.update_or_create(
                        package=package, benefit=row.benefit, defaults={"quantity": quantity, "label": label}
                    )
                elif package_benefit:
                    package_benefit.delete()
                changed.append(
                    f"{row.benefit.name} in {package.name}: {format_cell(package_benefit) or '–'} → {text.strip() or '–'}"
                )
    if changed:
        log(instance=offer.sponsorship_year, action="sponsors.package_editor", user=by, data={"changes": changed})
    return len(changed)


@allowed("view_sponsorshipyear")
@require_http_methods(["GET", "HEAD", "POST"])
def package_editor(request: AuthenticatedRequest, pk: int) -> HttpResponse:
    sponsorship_year = get_object_or_404(SponsorshipYear, pk=pk)
    offer = Offer.of(sponsorship_year, everything=True)
    may_change = request.user.has_perm("sponsors.change_benefit")
    if request.method == "POST":
        if not may_change:
            raise PermissionDenied
        try:
            number = save_cells(offer, request.POST.dict(), by=request.user)
        except ValidationError as error:
            messages.error(request, error.messages[0])
        else:
            messages.success(
                request,
                ngettext("%(number)s cell changed.", "%(number)s cells changed.", number) % {"number": number}
                if number
                else gettext("No changes to save."),
            )
        return redirect("sponsors_sponsorship_year:package_editor", pk)
    shares = split_value(offer)
    rows = [
        (program, [(row.benefit, [(package, format_cell(cell)) for package, cell in row.cells]) for row in group])
        for program, group in offer.groups
    ]
    context = {
        "sponsorship_year": sponsorship_year,
        "packages": [(package, shares[package.pk]) for package in offer.packages],
        "groups": rows,
        "may_change": may_change,
    }
    return TemplateResponse(request, "sponsors/admin/package_editor.html", context)


class CopyForm(forms.Form):
    year = forms.IntegerField(min_value=FIRST_YEAR, max_value=LAST_YEAR, label=_("New sponsorship year"))


@allowed("add_sponsorshipyear")
@require_http_methods(["GET", "HEAD", "POST"])
def copy(request: AuthenticatedRequest, pk: int) -> HttpResponse:
    """Show a dry run, then copy the sponsorship year in a task."""
    sponsorship_year = get_object_or_404(SponsorshipYear, pk=pk)
    form = CopyForm(request.POST or None, initial={"year": sponsorship_year.year + 1})
    report = None
    if request.method == "POST" and form.is_valid():
        year = form.cleaned_data["year"]
        try:
            report = sponsorship_years.copy(sponsorship_year, year, by=request.user, dry_run=True)
        except ValidationError as error:
            form.add_error("year", error)
        else:
            if "start" in request.POST:
                sponsorship_years.copy_sponsorship_year.enqueue(sponsorship_year.pk, year, request.user.pk)
                messages.success(
                    request,
                    gettext(
                        "%(year)s is being created from %(sponsorship_year)s. "
                        "When it appears in the list, check its prices, dates and due dates."
                    )
                    % {"year": year, "sponsorship_year": sponsorship_year},
                )
                return redirect("sponsors_sponsorship_year:index")
    context = {
        "sponsorship_year": sponsorship_year,
        "form": form,
        "report": report,
        "title": _("New sponsorship year from %(sponsorship_year)s") % {"sponsorship_year": sponsorship_year},
    }
    return TemplateResponse(request, "sponsors/admin/copy.html", context)


class SponsorshipYearViewSet(ModelViewSet):
    model = SponsorshipYear
    name = "sponsors_sponsorship_year"
    icon = "date"
    menu_label = _("Sponsorship years")
    url_prefix = "sponsors/years"
    copy_view_enabled = False
    search_backend_name = None
    search_fields = ["label"]
    list_display = [
        TitleColumn(
            "year",
            label="Sponsorship year",
            get_url=lambda sponsorship_year: reverse("sponsors_sponsorship_year:package_editor", args=[sponsorship_year.pk]),
            accessor=str,
        ),
        Column("state", label=_("Status"), accessor=lambda sponsorship_year: sponsorship_year.state().capitalize()),
        "currency",
        Column(
            "opens_on",
            label=_("Opens on"),
            accessor=lambda sponsorship_year: sponsorship_year.opens_on or "Not set",
            sort_key="opens_on",
        ),
        Column(
            "closes_on",
            label=_("Last day"),
            accessor=lambda sponsorship_year: sponsorship_year.closes_on or "Not set",
            sort_key="closes_on",
        ),
    ]
    list_export = ["year", "label", "currency", "opens_on", "closes_on"]
    panels = [
        FieldRowPanel([FieldPanel("year"), FieldPanel("label"), FieldPanel("currency")]),
        FieldRowPanel([FieldPanel("opens_on"), FieldPanel("closes_on")]),
        FieldRowPanel([FieldPanel("contract_template"), FieldPanel("renewal_template")]),
    ]

    def get_urlpatterns(self) -> list[URLPattern]:
        return [
            *super().get_urlpatterns(),
            path("offer/<int:pk>/", package_editor, name="package_editor"),
            path("copy/<int:pk>/", copy, name="copy_sponsorship_year"),
        ]
