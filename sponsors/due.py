"""Everything that is due, in both directions: the table, what is done with many items at once, files and codes."""

import csv
import io
import re
import zipfile
from datetime import date
from pathlib import PurePath

import django_filters as filters
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.db.models import BooleanField, Case, When
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe
from wagtail.admin.filters import WagtailFilterSet
from wagtail.admin.viewsets.base import ViewSet

from .desk import PER_PAGE, DeskMenuItem, allowed
from .models import Benefit, Item, ItemState, Kind, Program, Season
from .models.acts import SELLING
from .models.items import FROM_SPONSOR, TO_SPONSOR
from .reminders import remind

ACTS = {
    "accept": "Accept",
    "ask_for_changes": "Ask for changes",
    "waive": "Waive",
    "extend": "Set another due day",
    "remind": "Remind now",
    "deliver": "Give",
}


SETTLED = [ItemState.ACCEPTED, ItemState.WAIVED, ItemState.DELIVERED]


class ItemFilterSet(WagtailFilterSet):
    q = filters.CharFilter(label="Sponsor", field_name="line__deal__sponsor__name", lookup_expr="icontains")
    season = filters.ModelChoiceFilter(field_name="line__deal__season", queryset=Season.objects.all())
    program = filters.ModelChoiceFilter(field_name="line__program", queryset=Program.objects.all())
    benefit = filters.CharFilter(field_name="line__name")
    key = filters.CharFilter()
    state = filters.MultipleChoiceFilter(choices=ItemState.choices)
    direction = filters.ChoiceFilter(choices=[("in", "From sponsors"), ("out", "To sponsors")], method="going")
    overdue = filters.BooleanFilter(method="only_overdue")

    class Meta:
        model = Item
        fields = ["q", "season", "program", "benefit", "key", "state", "direction", "overdue"]

    def going(self, items, name, value):
        return items.filter(kind__in=FROM_SPONSOR if value == "in" else TO_SPONSOR)

    def only_overdue(self, items, name, value):
        return items.filter(pk__in=Item.objects.overdue().values("pk")) if value else items


def filtered(request: HttpRequest):
    """Items of deals that are agreed: before, nobody owes anything. What is settled comes after what is not."""
    rows = Item.objects.kept().exclude(state=ItemState.NONE).filter(line__deal__state__in=SELLING)
    settled = Case(When(state__in=SETTLED, then=True), default=False, output_field=BooleanField())
    found = ItemFilterSet(request.GET, queryset=rows, request=request).qs.with_all()
    return found.order_by(settled, "due_on", "pk")


def choices() -> dict:
    keys = Item.objects.exclude(key="").exclude(kind__in=[Kind.PLACEMENT, Kind.AUDIENCE])
    return {
        "season": [(str(season.pk), str(season)) for season in Season.objects.all()],
        "program": [(str(program.pk), program.name) for program in Program.objects.all()],
        "benefit": [(name, name) for name in sorted(set(Benefit.objects.values_list("name", flat=True)))],
        "key": sorted(set(keys.values_list("key", "label")), key=lambda row: row[1]),
        "state": [choice for choice in ItemState.choices if choice[0] != ItemState.NONE],
        "direction": [("in", "From sponsors"), ("out", "To sponsors")],
    }


@allowed("view_item")
@require_safe
def index(request: HttpRequest) -> HttpResponse:
    page = Paginator(filtered(request), PER_PAGE).get_page(request.GET.get("page"))
    query = request.GET.copy()
    query.pop("page", None)
    context = {
        "page_obj": page,
        "rows": [{"item": item, "is_overdue": item.is_overdue()} for item in page],
        "choices": choices(),
        "asked": {name: request.GET.getlist(name) for name in request.GET},
        "query": query.urlencode(),
        "acts": [(name, label) for name, label in ACTS.items() if name != "deliver"],
        "may_change": request.user.has_perm("sponsors.change_item"),
        "may_export": request.user.has_perm("sponsors.export_deal"),
    }
    return TemplateResponse(request, "sponsors/admin/due.html", context)


def act_on_items(request: HttpRequest, among) -> None:
    """One act on the items that were ticked, each for itself: one that cannot be done holds up no other."""
    name = request.POST.get("act", "")
    if name not in ACTS:
        raise Http404("There is no such act.")
    chosen = [int(text) for text in request.POST.getlist("item") if text.isdecimal()]
    rows = list(among.filter(pk__in=chosen).with_all())
    if not rows:
        messages.error(request, "Tick something first.")
        return
    if name == "remind":
        number = remind(rows, by=request.user)
        messages.success(request, f"{number} sponsor{'' if number == 1 else 's'} reminded.")
        return
    done = 0
    for item in rows:
        try:
            act_on(item, name, request)
        except ValidationError as error:
            messages.error(request, f"{item.line.deal.sponsor}: {error.messages[0]}")
        else:
            done += 1
    if done:
        messages.success(request, f"{ACTS[name]}: {done} item{'' if done == 1 else 's'}.")


def act_on(item: Item, name: str, request: HttpRequest) -> None:
    if name == "extend":
        item.extend(by=request.user, due_on=day(request.POST.get("due_on", "")))
    elif name == "ask_for_changes":
        item.ask_for_changes(by=request.user, comment=request.POST.get("comment", ""))
    elif name == "deliver":
        item.deliver(by=request.user, text=request.POST.get("text", "").strip(), file=request.FILES.get("file"))
    else:
        getattr(item, name)(by=request.user)


def day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise ValidationError("Choose the new due day.") from error


@allowed("change_item")
@require_POST
def bulk(request: HttpRequest) -> HttpResponse:
    act_on_items(request, Item.objects.kept())
    return redirect(f"{reverse('sponsor_due:index')}?{request.GET.urlencode()}")


def folder(name: str) -> str:
    return re.sub(r"[^\w .&-]+", "_", name).strip(" .") or "sponsor"


@allowed("export_deal")
@require_safe
def archive(request: HttpRequest) -> HttpResponse:
    """What sponsors have sent, as a ZIP file with a folder for each."""
    buffer = io.BytesIO()
    number = 0
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as package:
        seen = set()
        for item in filtered(request).exclude(answer=None):
            answer = item.answer
            if answer.pk in seen or not answer.has_value:
                continue
            seen.add(answer.pk)
            number += 1
            name = (
                f"{folder(answer.sponsor.name if answer.deal_id is None else item.line.deal.sponsor.name)}/{folder(answer.key)}"
            )
            if answer.file and answer.file.storage.exists(answer.file.name):
                with answer.file.open("rb") as file:
                    package.writestr(name + PurePath(answer.file.name).suffix, file.read())
            else:
                package.writestr(f"{name}.txt", answer.value)
    if not number:
        messages.error(request, "Nothing has been sent of what is listed here.")
        return redirect(f"{reverse('sponsor_due:index')}?{request.GET.urlencode()}")
    response = HttpResponse(buffer.getvalue(), content_type="application/zip")
    response["Content-Disposition"] = f'attachment; filename="sponsors-{timezone.localdate()}.zip"'
    return response


def give_codes(text: str, key: str, *, by) -> tuple[int, list[str]]:
    """Codes from a table: the sponsor's name, slug or id, and the code. Tells how many were given, and what did not fit."""
    items = Item.objects.kept().filter(key=key, kind__in=TO_SPONSOR, line__deal__state__in=["approved", "sent", "signed"])
    by_name: dict[str, Item] = {}
    for item in items.with_all().order_by("line__deal__starts_on", "pk"):
        sponsor = item.line.deal.sponsor
        by_name |= {sponsor.name.lower(): item, sponsor.slug: item, str(sponsor.pk): item}
    given, refused = 0, []
    for row in csv.reader(io.StringIO(text)):
        cells = [cell.strip() for cell in row]
        if len(cells) < 2 or not all(cells[:2]):  # noqa: PLR2004 -- a sponsor and a code.
            if any(cells):
                refused.append(f"“{','.join(cells)}” needs a sponsor and a code.")
            continue
        item = by_name.get(cells[0].lower())
        if item is None:
            refused.append(f"No sponsor “{cells[0]}” has this in a deal.")
            continue
        item.deliver(by=by, text=cells[1])
        given += 1
    return given, refused


@allowed("change_item")
@require_POST
def codes(request: HttpRequest) -> HttpResponse:
    key = request.POST.get("key", "")
    given, refused = give_codes(request.POST.get("codes", ""), key, by=request.user)
    for sentence in refused[:20]:
        messages.error(request, sentence)
    if given or not refused:
        messages.success(request, f"{given} code{'' if given == 1 else 's'} given.")
    return redirect(f"{reverse('sponsor_due:index')}?key={key}")


class DueViewSet(ViewSet):
    name = "sponsor_due"
    url_prefix = "sponsors/due"
    icon = "calendar-check"
    menu_label = "Deliverables"
    menu_item_class = DeskMenuItem

    def get_urlpatterns(self):
        return [
            path("", index, name="index"),
            path("bulk/", bulk, name="bulk"),
            path("sent.zip", archive, name="archive"),
            path("codes/", codes, name="codes"),
        ]
