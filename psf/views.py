import csv

from django.conf import settings
from django.core.paginator import Paginator
from django.db.models import Q
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.http import urlencode
from django.views.decorators.http import require_safe

from cms.content.breadcrumbs import breadcrumbs

from .models import MeetingBody, MembershipPage, MembershipSettings, Resolution

PER_PAGE = 25
MAX_QUERY = 100
COLUMNS = ["number", "body", "date", "text", "mover", "seconder", "for", "against", "abstaining", "result", "address"]
MINUTES = ("Minutes", "/psf/records/board/minutes/")


def asked_of(request: HttpRequest) -> dict[str, str]:
    """The filter of the index of resolutions: only what makes sense is kept."""
    asked = {"q": " ".join(request.GET.get("q", "").replace("\x00", "").split())[:MAX_QUERY]}
    year = request.GET.get("year", "")
    asked["year"] = year if year.isascii() and year.isdecimal() and len(year) == 4 else ""  # noqa: PLR2004
    result = request.GET.get("result", "")
    asked["result"] = result if result in Resolution.Result.values else ""
    asked["body"] = request.GET.get("body", "")[:MAX_QUERY].replace("\x00", "")
    return asked


def found_by(asked: dict[str, str]):
    rows = Resolution.objects.visible()
    for word in asked["q"].split():
        rows = rows.filter(
            Q(text__icontains=word) | Q(number__icontains=word) | Q(mover__icontains=word) | Q(seconder__icontains=word)
        )
    if asked["year"]:
        rows = rows.filter(page__date__year=int(asked["year"]))
    if asked["result"]:
        rows = rows.filter(result=asked["result"])
    if asked["body"]:
        rows = rows.filter(page__body__slug=asked["body"])
    return rows


@require_safe
def resolutions(request: HttpRequest) -> HttpResponse:
    asked = asked_of(request)
    query = urlencode({name: value for name, value in asked.items() if value})
    context = {
        "asked": asked,
        "query": query,
        "page_obj": Paginator(found_by(asked), PER_PAGE).get_page(request.GET.get("page")),
        "page_query": f"{query}&" if query else "",
        "years": Resolution.objects.years(),
        "results": Resolution.Result.choices,
        "bodies": MeetingBody.objects.filter(minutes__live=True).distinct(),
        "breadcrumbs": breadcrumbs(MINUTES, ("Resolutions", "")),
        "canonical_url": settings.BASE_URL + request.path,
    }
    return render(request, "psf/resolutions.html", context)


def unspoiled(text) -> str:
    """A cell that no spreadsheet takes for a formula."""
    value = "" if text is None else str(text)
    return f"'{value}" if value[:1] in {"=", "+", "-", "@", "\t", "\r"} else value


@require_safe
def resolutions_csv(request: HttpRequest) -> HttpResponse:
    """The resolutions that a filter finds, as a table."""
    response = HttpResponse(content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = 'attachment; filename="resolutions.csv"'
    writer = csv.writer(response)
    writer.writerow(COLUMNS)
    for row in found_by(asked_of(request)):
        votes = [row.votes_for, row.votes_against, row.abstentions]
        cells = [row.number, row.page.body, row.page.date, row.text, row.mover, row.seconder, *votes, row.get_result_display()]
        writer.writerow([unspoiled(cell) for cell in [*cells, settings.BASE_URL + row.get_absolute_url()]])
    return response


@require_safe
def old_membership(request: HttpRequest) -> HttpResponse:
    """The address that the page had."""
    page = MembershipPage.objects.live().first()
    if page is None or not MembershipSettings.load(request).page_is_shown:
        raise Http404("The page of the membership is switched off.")
    return redirect(page.get_url(request), permanent=True)
