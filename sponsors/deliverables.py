"""Deliverables of all sponsorships in the admin: list, bulk actions, archive of files, and voucher codes."""

import csv
import io
import re
import zipfile
from contextlib import nullcontext
from datetime import date
from pathlib import PurePath
from typing import Any

import django_filters as filters
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.db.models import BooleanField, Case, When
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST, require_safe
from wagtail.admin.filters import WagtailFilterSet
from wagtail.admin.viewsets.base import ViewSet

from cms.editor import draft_messages
from cms.email import drafts
from cms.platform.text import parse_int
from cms.undo.steps import undoable
from users.models import User
from users.requests import AuthenticatedRequest

from .dashboard import PER_PAGE, DashboardMenuItem, allowed
from .models import Benefit, DeliverableState, Kind, SponsorshipDeliverable, SponsorshipProgram, SponsorshipYear
from .models.catalog import FROM_SPONSOR, TO_SPONSOR
from .models.deliverables import SponsorshipDeliverableQuerySet
from .models.states import SELLING
from .reminders import remind
from .workflows import request_changes

ACTIONS = {
    "accept": "Accept",
    "request_changes": _("Request changes"),
    "waive": "Waive",
    "extend": _("Change due date"),
    "remind": _("Remind now"),
    "deliver": "Deliver",
}


# Actions that change the item alone: neither a file nor an email follows from them.
UNDOABLE = {"accept", "waive", "extend"}
SETTLED = [DeliverableState.ACCEPTED, DeliverableState.WAIVED, DeliverableState.DELIVERED]


class DeliverableFilterSet(WagtailFilterSet):
    q = filters.CharFilter(
        label=_("Sponsor"), field_name="sponsorship_benefit__sponsorship__sponsor__name", lookup_expr="icontains"
    )
    sponsorship_year = filters.ModelChoiceFilter(
        field_name="sponsorship_benefit__sponsorship__sponsorship_year", queryset=SponsorshipYear.objects.all()
    )
    program = filters.ModelChoiceFilter(field_name="sponsorship_benefit__program", queryset=SponsorshipProgram.objects.all())
    benefit = filters.CharFilter(field_name="sponsorship_benefit__name")
    key = filters.CharFilter()
    state = filters.MultipleChoiceFilter(choices=DeliverableState.choices)
    direction = filters.ChoiceFilter(choices=[("in", _("From sponsors")), ("out", _("To sponsors"))], method="in_direction")
    overdue = filters.BooleanFilter(method="only_overdue")

    class Meta:
        model = SponsorshipDeliverable
        fields = ["q", "sponsorship_year", "program", "benefit", "key", "state", "direction", "overdue"]

    def in_direction(self, deliverables: SponsorshipDeliverableQuerySet, name: str, value: str) -> SponsorshipDeliverableQuerySet:
        return deliverables.filter(kind__in=FROM_SPONSOR if value == "in" else TO_SPONSOR)

    def only_overdue(
        self, deliverables: SponsorshipDeliverableQuerySet, name: str, value: object
    ) -> SponsorshipDeliverableQuerySet:
        return deliverables.filter(pk__in=SponsorshipDeliverable.objects.overdue().values("pk")) if value else deliverables


def filtered(request: HttpRequest) -> SponsorshipDeliverableQuerySet:
    """Return the filtered deliverables of approved and later sponsorships, open ones first."""
    rows = (
        SponsorshipDeliverable.objects.active()
        .exclude(state=DeliverableState.NONE)
        .filter(sponsorship_benefit__sponsorship__state__in=SELLING)
    )
    settled = Case(When(state__in=SETTLED, then=True), default=False, output_field=BooleanField())
    found = DeliverableFilterSet(request.GET, queryset=rows, request=request).qs.with_related()
    return found.order_by(settled, "due_on", "pk")


def choices() -> dict[str, Any]:
    keys = SponsorshipDeliverable.objects.exclude(key="").exclude(kind__in=[Kind.PLACEMENT, Kind.AUDIENCE])
    return {
        "sponsorship_year": [
            (str(sponsorship_year.pk), str(sponsorship_year)) for sponsorship_year in SponsorshipYear.objects.all()
        ],
        "program": [(str(program.pk), program.name) for program in SponsorshipProgram.objects.all()],
        "benefit": [(name, name) for name in sorted(set(Benefit.objects.values_list("name", flat=True)))],
        "key": sorted(set(keys.values_list("key", "label")), key=lambda row: row[1]),
        "state": [choice for choice in DeliverableState.choices if choice[0] != DeliverableState.NONE],
        "direction": [("in", _("From sponsors")), ("out", _("To sponsors"))],
    }


def get_code_item(key: str) -> str:
    """Return the name of the item whose codes staff can paste, or an empty string if its key is not one of ours to deliver."""
    items = SponsorshipDeliverable.objects.filter(key=key, kind__in=TO_SPONSOR) if key else SponsorshipDeliverable.objects.none()
    item = items.first()
    return item.title() if item else ""


@allowed("view_sponsorshipdeliverable")
@require_safe
def index(request: HttpRequest) -> HttpResponse:
    page = Paginator(filtered(request), PER_PAGE).get_page(request.GET.get("page"))
    query = request.GET.copy()
    query.pop("page", None)
    context = {
        "page_obj": page,
        "rows": [{"item": item, "is_overdue": item.is_overdue()} for item in page],
        "choices": choices(),
        "code_item": get_code_item(request.GET.get("key", "")),
        "selected": {name: request.GET.getlist(name) for name in request.GET},
        "query": query.urlencode(),
        "actions": [(name, label) for name, label in ACTIONS.items() if name != "deliver"],
        "may_change": request.user.has_perm("sponsors.change_sponsorshipdeliverable"),
        "may_export": request.user.has_perm("sponsors.export_sponsorship"),
    }
    return TemplateResponse(request, "sponsors/admin/deliverables.html", context)


def apply_to_deliverables(request: AuthenticatedRequest, among: SponsorshipDeliverableQuerySet) -> None:
    """Apply an action to the selected deliverables, one at a time, so that a failure does not stop the others."""
    name = request.POST.get("action", "")
    if name not in ACTIONS:
        raise Http404("There is no such action.")
    chosen = [parse_int(text) for text in request.POST.getlist("item")]
    rows = list(among.filter(pk__in=chosen).with_related())
    if not rows:
        messages.error(request, gettext("Select at least one item first."))
        return
    if name == "remind":
        number = remind(rows, by=request.user)
        messages.success(
            request, ngettext("%(number)s sponsor reminded.", "%(number)s sponsors reminded.", number) % {"number": number}
        )
        return
    done = 0
    for item in rows:
        try:
            apply_action(item, name, request)
        except ValidationError as error:
            messages.error(request, f"{item.sponsorship_benefit.sponsorship.sponsor}: {error.messages[0]}")
        else:
            done += 1
    if done:
        messages.success(
            request,
            ngettext("“%(action)s” was applied to %(number)s item.", "“%(action)s” was applied to %(number)s items.", done)
            % {"action": ACTIONS[name], "number": done},
        )


def apply_action(item: SponsorshipDeliverable, name: str, request: AuthenticatedRequest) -> None:
    with undoable(item, by=request.user, label=str(ACTIONS[name])) if name in UNDOABLE else nullcontext():
        _apply_action(item, name, request)


def _apply_action(item: SponsorshipDeliverable, name: str, request: AuthenticatedRequest) -> None:
    if name == "extend":
        item.extend(by=request.user, due_on=parse_day(request.POST.get("due_on", "")))
    elif name == "request_changes":
        request_changes(item, by=request.user, comment=request.POST.get("comment", ""))
    elif name == "deliver":
        item.deliver(by=request.user, text=request.POST.get("text", "").strip(), file=request.FILES.get("file"))
    else:
        getattr(item, name)(by=request.user)


def parse_day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise ValidationError(gettext("Choose the new due date.")) from error


@allowed("change_sponsorshipdeliverable")
@require_POST
def bulk(request: AuthenticatedRequest) -> HttpResponse:
    with drafts.drafting(request.user):
        apply_to_deliverables(request, SponsorshipDeliverable.objects.active())
    draft_messages.announce_drafts(request)
    return redirect(f"{reverse('sponsor_deliverables:index')}?{request.GET.urlencode()}")


def folder_name(name: str) -> str:
    return re.sub(r"[^\w .&-]+", "_", name).strip(" .") or "sponsor"


@allowed("export_sponsorship")
@require_safe
def archive(request: HttpRequest) -> HttpResponse:
    """Download the assets of sponsors as a ZIP file with a folder for each sponsor."""
    buffer = io.BytesIO()
    number = 0
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as package:
        seen = set()
        for item in filtered(request).exclude(asset=None):
            asset = item.asset
            if asset.pk in seen or not asset.has_value:
                continue
            seen.add(asset.pk)
            number += 1
            sponsor = asset.sponsor if asset.sponsorship_id is None else item.sponsorship_benefit.sponsorship.sponsor
            name = f"{folder_name(sponsor.name)}/{folder_name(asset.key)}"
            if asset.file and asset.file.storage.exists(asset.file.name):
                with asset.file.open("rb") as file:
                    package.writestr(name + PurePath(asset.file.name).suffix, file.read())
            else:
                package.writestr(f"{name}.txt", asset.value)
    if not number:
        messages.error(request, gettext("No files have been submitted for the listed items."))
        return redirect(f"{reverse('sponsor_deliverables:index')}?{request.GET.urlencode()}")
    response = HttpResponse(buffer.getvalue(), content_type="application/zip")
    response["Content-Disposition"] = f'attachment; filename="sponsors-{timezone.localdate()}.zip"'
    return response


def give_codes(text: str, key: str, *, by: User) -> tuple[int, list[str]]:
    """Deliver voucher codes from CSV rows: name, slug or ID of the sponsor, the code, and optionally its uses so far.

    Returns the number of rows that were read and an error for each rejected row.
    """
    items = SponsorshipDeliverable.objects.active().filter(
        key=key, kind__in=TO_SPONSOR, sponsorship_benefit__sponsorship__state__in=["approved", "sent", "signed"]
    )
    by_name: dict[str, SponsorshipDeliverable] = {}
    for item in items.with_related().order_by("sponsorship_benefit__sponsorship__starts_on", "pk"):
        sponsor = item.sponsorship_benefit.sponsorship.sponsor
        by_name |= {sponsor.name.lower(): item, sponsor.slug: item, str(sponsor.pk): item}
    given, refused = 0, []
    for row in csv.reader(io.StringIO(text)):
        cells = [cell.strip() for cell in row]
        if len(cells) < 2 or not all(cells[:2]):  # noqa: PLR2004 -- a sponsor and a code.
            if any(cells):
                refused.append(f"“{','.join(cells)}”: enter a sponsor and a code, separated by a comma.")
            continue
        found = by_name.get(cells[0].lower())
        if found is None:
            refused.append(f"“{cells[0]}” has no sponsorship with this item. Check the name, slug or sponsorship ID.")
            continue
        used = cells[2] if len(cells) > 2 else ""  # noqa: PLR2004 -- the third cell.
        if used and not used.isdecimal():
            refused.append(f"“{','.join(cells)}”: enter the uses so far as a number.")
            continue
        if found.value != cells[1]:
            found.deliver(by=by, text=cells[1])
        if used:
            found.record_use(int(used), by=by)
        given += 1
    return given, refused


@allowed("change_sponsorshipdeliverable")
@require_POST
def codes(request: AuthenticatedRequest) -> HttpResponse:
    key = request.POST.get("key", "")
    given, refused = give_codes(request.POST.get("codes", ""), key, by=request.user)
    for sentence in refused[:20]:
        messages.error(request, sentence)
    if given or not refused:
        messages.success(request, ngettext("%(number)s code added.", "%(number)s codes added.", given) % {"number": given})
    return redirect(f"{reverse('sponsor_deliverables:index')}?key={key}")


class DeliverablesViewSet(ViewSet):
    name = "sponsor_deliverables"
    url_prefix = "sponsors/deliverables"
    icon = "calendar-check"
    menu_label = _("Deliverables")
    menu_item_class = DashboardMenuItem

    def get_urlpatterns(self) -> list[URLPattern]:
        return [
            path("", index, name="index"),
            path("bulk/", bulk, name="bulk"),
            path("sent.zip", archive, name="archive"),
            path("codes/", codes, name="codes"),
        ]
