from collections import defaultdict
from functools import partial
from http import HTTPStatus

from django.conf import settings
from django.core.paginator import Paginator
from django.db.models import Count
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_safe
from django_countries import countries

from cms.content.breadcrumbs import breadcrumbs as make_breadcrumbs
from cms.delivery import cached, surrogate_keys

from .filters import Asked
from .models import Job, JobCategory, JobType
from .structured_data import posting_data

PER_PAGE = 25


public = surrogate_keys.shared(seconds=600)
breadcrumbs = partial(make_breadcrumbs, ("Jobs", "/jobs/"))


def choices() -> dict[str, list[tuple[str, str]]]:
    """What the filter offers: categories, fields and countries of live adverts. Two queries."""
    found = list(Job.objects.visible().order_by().values_list("category__name", "category__slug", "country").distinct())
    return {
        "categories": sorted({(name, slug) for name, slug, _ in found}),
        "types": list(JobType.objects.in_use().values_list("name", "slug")),
        "countries": sorted({(countries.name(code), code) for *_, code in found}),
    }


def list_context(request: HttpRequest, **scope: str) -> dict:
    """A list of adverts with its filter. `scope` is what the address of the list says already, such as category="developer"."""
    asked = Asked.of(request.GET.dict() | scope)
    jobs = asked.matching(Job.objects.visible().for_list())
    in_query = Asked.of({name: value for name, value in asked if name not in scope})
    pages = Paginator(jobs, PER_PAGE)
    if not asked:
        pages.count = cached.cached("jobs-in-all", jobs.count)
    return {
        "asked": asked,
        "scope": scope,
        "page_obj": pages.get_page(request.GET.get("page")),
        "page_query": f"{in_query.query}&" if in_query else "",
        "is_filtered": bool(in_query),
        "canonical_url": settings.BASE_URL + request.path,
    } | cached.cached("job-choices", choices)


def scoped_list(request: HttpRequest, title: str, **scope: str) -> HttpResponse:
    context = list_context(request, **scope) | {"title": title, "breadcrumbs": breadcrumbs((title, ""))}
    return render(request, "jobs/job_list.html", context)


@public
@require_safe
def job_list_type(request: HttpRequest, slug) -> HttpResponse:
    return scoped_list(request, get_object_or_404(JobType, slug=slug).name, type=slug)


@public
@require_safe
def job_list_category(request: HttpRequest, slug) -> HttpResponse:
    return scoped_list(request, get_object_or_404(JobCategory, slug=slug).name, category=slug)


@public
@require_safe
def job_list_location(request: HttpRequest, slug) -> HttpResponse:
    """A place is known as long as an advert names it that was public once."""
    job = Job.objects.filter(location_slug=slug, approved_at__isnull=False).first()
    if job is None:
        raise Http404("No advert names this place.")
    return scoped_list(request, job.display_location, location=slug)


@public
@require_safe
def job_list_remote(request: HttpRequest) -> HttpResponse:
    return scoped_list(request, "Remote work", remote="1")


def lookup_list(request: HttpRequest, title: str, rows) -> HttpResponse:
    context = {
        "title": title,
        "rows": rows,
        "breadcrumbs": breadcrumbs((title, "")),
        "canonical_url": settings.BASE_URL + request.path,
    }
    return render(request, "jobs/lookup_list.html", context)


@public
@require_safe
def type_list(request: HttpRequest) -> HttpResponse:
    return lookup_list(request, "Fields of work", JobType.objects.in_use())


@public
@require_safe
def category_list(request: HttpRequest) -> HttpResponse:
    return lookup_list(request, "Categories", JobCategory.objects.in_use())


@public
@require_safe
def location_list(request: HttpRequest) -> HttpResponse:
    """Places with live adverts, under their countries."""
    columns = ("country", "city", "region", "location_slug")
    found = Job.objects.visible().order_by("city", "region").values(*columns).annotate(number=Count("pk"))
    places = defaultdict(list)
    for place in found:
        places[countries.name(place["country"])].append(place)
    context = {
        "places": sorted(places.items()),
        "remote_count": Job.objects.visible().exclude(remote=Job.Remote.NO).count(),
        "breadcrumbs": breadcrumbs(("Places", "")),
        "canonical_url": settings.BASE_URL + request.path,
    }
    return render(request, "jobs/location_list.html", context)


@public
@require_safe
def job_detail(request: HttpRequest, pk: int) -> HttpResponse:
    """An advert for everybody: live, filled, or gone. What was never live is found by its poster and by moderators alone."""
    job = get_object_or_404(Job.objects.select_related("category", "logo"), pk=pk)
    if not job.was_public():
        if job.actors(request.user):
            return redirect("jobs:job_preview", job.pk)
        raise Http404("This advert is not public.")
    is_live, is_filled = job.is_live(), job.shows_as_filled()
    context = {
        "job": job,
        "is_live": is_live,
        "similar": job.similar()[:5],
        "breadcrumbs": breadcrumbs((job.title, "")),
        "canonical_url": job.full_url,
    }
    if not (is_live or is_filled):
        return render(request, "jobs/job_gone.html", context, status=HTTPStatus.GONE)
    if is_live:
        context["structured_data"] = posting_data(job)
        live = Job.objects.visible().only("pk", "title", "company_name")
        context["newer"] = live.filter(approved_at__gt=job.approved_at).order_by("approved_at", "pk").first()
        context["older"] = live.filter(approved_at__lt=job.approved_at).order_by("-approved_at", "-pk").first()
    return render(request, "jobs/job_detail.html", context)
