import csv
from typing import Any

from django.conf import settings
from django.core.paginator import Paginator
from django.db.models import Q
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.http import urlencode
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from cms.content.breadcrumbs import breadcrumbs
from cms.platform.text import parse_int, safe_cell

from .models import MeetingBody, MembershipPage, MembershipSettings, Resolution

PER_PAGE = 25
MAX_QUERY = 100
COLUMNS = ["number", "body", "date", "text", "mover", "seconder", "for", "against", "abstaining", "result", "address"]
MINUTES = (_("Minutes"), "/psf/records/board/minutes/")


def filters_of(request: HttpRequest) -> dict[str, str]:
    """Return the valid filters of the index of resolutions."""
    filters = {"q": " ".join(request.GET.get("q", "").split())[:MAX_QUERY]}
    year = request.GET.get("year", "")
    filters["year"] = year if year.isascii() and year.isdecimal() and len(year) == 4 else ""  # noqa: PLR2004
    result = request.GET.get("result", "")
    filters["result"] = result if result in Resolution.Result.values else ""
    filters["body"] = request.GET.get("body", "")[:MAX_QUERY]
    return filters


def filtered_resolutions(filters: dict[str, str]) -> Any:
    rows = Resolution.objects.visible()
    for word in filters["q"].split():
        rows = rows.filter(
            Q(text__icontains=word) | Q(number__icontains=word) | Q(mover__icontains=word) | Q(seconder__icontains=word)
        )
    if filters["year"]:
        rows = rows.filter(page__date__year=parse_int(filters["year"]))
    if filters["result"]:
        rows = rows.filter(result=filters["result"])
    if filters["body"]:
        rows = rows.filter(page__body__slug=filters["body"])
    return rows


@require_safe
def resolutions(request: HttpRequest) -> HttpResponse:
    filters = filters_of(request)
    query = urlencode({name: value for name, value in filters.items() if value})
    context = {
        "filters": filters,
        "query": query,
        "page_obj": Paginator(filtered_resolutions(filters), PER_PAGE).get_page(request.GET.get("page")),
        "page_query": f"{query}&" if query else "",
        "years": Resolution.objects.years(),
        "results": Resolution.Result.choices,
        "bodies": MeetingBody.objects.filter(minutes__live=True).distinct(),
        "breadcrumbs": breadcrumbs(MINUTES, (gettext("Resolutions"), "")),
        "canonical_url": settings.BASE_URL + request.path,
    }
    return render(request, "psf/resolutions.html", context)


@require_safe
def resolutions_csv(request: HttpRequest) -> HttpResponse:
    """Return filtered resolutions as CSV."""
    response = HttpResponse(content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = 'attachment; filename="resolutions.csv"'
    writer = csv.writer(response)
    writer.writerow(COLUMNS)
    for row in filtered_resolutions(filters_of(request)):
        votes = [row.votes_for, row.votes_against, row.abstentions]
        cells = [row.number, row.page.body, row.page.date, row.text, row.mover, row.seconder, *votes, row.get_result_display()]
        writer.writerow([safe_cell(cell) for cell in [*cells, settings.BASE_URL + row.get_absolute_url()]])
    return response


@require_safe
def old_membership(request: HttpRequest) -> HttpResponse:
    """Redirect the old URL of the membership page."""
    page = MembershipPage.objects.live().first()
    if page is None or not MembershipSettings.load(request).page_is_shown:
        raise Http404(gettext("The membership page is turned off."))
    return redirect(page.get_url(request), permanent=True)
