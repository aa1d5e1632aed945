"""Seasons in the admin: the offer as a grid that is edited in place, and a new season from another one."""

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.views.decorators.http import require_http_methods
from wagtail.admin.panels import FieldPanel, FieldRowPanel
from wagtail.admin.ui.tables import Column, TitleColumn
from wagtail.admin.viewsets.model import ModelViewSet
from wagtail.log_actions import log

from . import seasons
from .desk import allowed
from .models import Inclusion, Season
from .models.catalogue import FIRST_YEAR, LAST_YEAR
from .offer import Offer


def split(offer: Offer) -> dict[int, list[tuple[str, int]]]:
    """Of each package, how its value falls to the programs, in per cent."""
    sums: dict[int, dict[str, int]] = {package.pk: {} for package in offer.packages}
    for program, rows in offer.groups:
        for row in rows:
            for package, inclusion in row.cells:
                if inclusion:
                    sums[package.pk][program.name] = sums[package.pk].get(program.name, 0) + (row.benefit.internal_value or 0)
    return {
        pk: [(name, round(100 * value / (sum(found.values()) or 1))) for name, value in found.items() if value]
        for pk, found in sums.items()
    }


def read_cell(text: str) -> tuple[bool, int | None, str]:
    """A cell as staff type it: empty for "not included", x for "included", a number, or words of at most 32 letters."""
    text = text.strip()
    if not text or text in {"-", "–"}:
        return False, None, ""
    if text.lower() in {"x", "✓", "yes"}:
        return True, None, ""
    if text.isdecimal() and len(text) < 10:  # noqa: PLR2004 -- what the column holds.
        return True, int(text), ""
    return True, None, text[:32]


def written(inclusion: Inclusion | None) -> str:
    if inclusion is None:
        return ""
    return inclusion.amount or "x"


@transaction.atomic
def save_grid(offer: Offer, typed: dict[str, str], *, by) -> int:
    """Write the cells that are different. Deals keep their copies. Tells how many changed."""
    changed = []
    for _, rows in offer.groups:
        for row in rows:
            for package, inclusion in row.cells:
                text = typed.get(f"{package.pk}-{row.benefit.pk}")
                if text is None or text.strip() == written(inclusion):
                    continue
                if row.benefit.availability in {"add_on", "standalone"} and text.strip():
                    raise ValidationError(f"“{row.benefit.name}” is sold by itself: change how it can be bought first.")
                included, quantity, label = read_cell(text)
                if included:
                    Inclusion.objects.update_or_create(
                        package=package, benefit=row.benefit, defaults={"quantity": quantity, "label": label}
                    )
                elif inclusion:
                    inclusion.delete()
                changed.append(f"{row.benefit.name} in {package.name}: {written(inclusion) or '–'} → {text.strip() or '–'}")
    if changed:
        log(instance=offer.season, action="sponsors.grid", user=by, data={"changes": changed})
    return len(changed)


@allowed("view_season")
@require_http_methods(["GET", "HEAD", "POST"])
def grid(request: HttpRequest, pk: int) -> HttpResponse:
    season = get_object_or_404(Season, pk=pk)
    offer = Offer.of(season, everything=True)
    may_change = request.user.has_perm("sponsors.change_benefit")
    if request.method == "POST":
        if not may_change:
            raise PermissionDenied
        try:
            number = save_grid(offer, request.POST.dict(), by=request.user)
        except ValidationError as error:
            messages.error(request, error.messages[0])
        else:
            messages.success(request, f"{number} cell{'' if number == 1 else 's'} changed." if number else "Nothing was changed.")
        return redirect("sponsors_season:grid", pk)
    shares = split(offer)
    rows = [
        (program, [(row.benefit, [(package, written(cell)) for package, cell in row.cells]) for row in group])
        for program, group in offer.groups
    ]
    context = {
        "season": season,
        "packages": [(package, shares[package.pk]) for package in offer.packages],
        "groups": rows,
        "may_change": may_change,
    }
    return TemplateResponse(request, "sponsors/admin/grid.html", context)


class CopyForm(forms.Form):
    year = forms.IntegerField(min_value=FIRST_YEAR, max_value=LAST_YEAR, label="Year of the new season")


@allowed("add_season")
@require_http_methods(["GET", "HEAD", "POST"])
def copy(request: HttpRequest, pk: int) -> HttpResponse:
    """First the dry run, which changes nothing; then the copy, in the background."""
    season = get_object_or_404(Season, pk=pk)
    form = CopyForm(request.POST or None, initial={"year": season.year + 1})
    report = None
    if request.method == "POST" and form.is_valid():
        year = form.cleaned_data["year"]
        try:
            report = seasons.copy(season, year, by=request.user, dry_run=True)
        except ValidationError as error:
            form.add_error("year", error)
        else:
            if "start" in request.POST:
                seasons.copy_season.enqueue(season.pk, year, request.user.pk)
                messages.success(request, f"{year} is being made from {season}. Then check prices, dates and due days.")
                return redirect("sponsors_season:index")
    context = {"season": season, "form": form, "report": report, "title": f"New season from {season}"}
    return TemplateResponse(request, "sponsors/admin/copy.html", context)


class SeasonViewSet(ModelViewSet):
    model = Season
    name = "sponsors_season"
    icon = "date"
    menu_label = "Seasons"
    url_prefix = "sponsors/seasons"
    copy_view_enabled = False
    search_backend_name = None
    search_fields = ["label"]
    list_display = [
        TitleColumn(
            "year", label="Season", get_url=lambda season: reverse("sponsors_season:grid", args=[season.pk]), accessor=str
        ),
        Column("state", accessor=lambda season: season.state().capitalize()),
        "currency",
        Column("opens_on", label="Opens on", accessor=lambda season: season.opens_on or "Not set", sort_key="opens_on"),
        Column("closes_on", label="Last day", accessor=lambda season: season.closes_on or "Not set", sort_key="closes_on"),
    ]
    list_export = ["year", "label", "currency", "opens_on", "closes_on"]
    panels = [
        FieldRowPanel([FieldPanel("year"), FieldPanel("label"), FieldPanel("currency")]),
        FieldRowPanel([FieldPanel("opens_on"), FieldPanel("closes_on")]),
        FieldRowPanel([FieldPanel("agreement_template"), FieldPanel("renewal_template")]),
    ]

    def get_urlpatterns(self):
        return [
            *super().get_urlpatterns(),
            path("offer/<int:pk>/", grid, name="grid"),
            path("copy/<int:pk>/", copy, name="copy_season"),
        ]
