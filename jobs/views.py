from collections import defaultdict
from http import HTTPStatus
from typing import Any

from django.conf import settings
from django.db.models import Count, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext
from django.views.decorators.http import require_safe
from django_countries import countries

from cms.delivery import surrogate_keys

from .models import Job, JobCategory, JobType
from .models.pages import SHARED_CACHE_SECONDS
from .presentation import breadcrumbs, job_page_context, list_context

public = surrogate_keys.shared(seconds=SHARED_CACHE_SECONDS)


def scoped_list(request: HttpRequest, title: str, *, subject: JobType | JobCategory | None = None, **scope: str) -> HttpResponse:
    frame = {"title": title, "subject": subject, "breadcrumbs": breadcrumbs((title, ""))}
    context = list_context(request, **scope) | frame
    return render(request, "jobs/job_list.html", context)


@public
@require_safe
def job_list_type(request: HttpRequest, slug: str) -> HttpResponse:
    job_type = get_object_or_404(JobType, slug=slug)
    return scoped_list(request, job_type.name, subject=job_type, type=slug)


@public
@require_safe
def job_list_category(request: HttpRequest, slug: str) -> HttpResponse:
    category = get_object_or_404(JobCategory, slug=slug)
    return scoped_list(request, category.name, subject=category, category=slug)


@public
@require_safe
def job_list_location(request: HttpRequest, slug: str) -> HttpResponse:
    """List the jobs of a location. The URL of a location exists as long as any job that was ever public has it."""
    job = Job.objects.filter(location_slug=slug, approved_at__isnull=False).first()
    if job is None:
        raise Http404("No job is at this location.")
    return scoped_list(request, job.display_location, location=slug)


@public
@require_safe
def job_list_remote(request: HttpRequest) -> HttpResponse:
    return scoped_list(request, gettext("Remote jobs"), remote="1")


def lookup_list(request: HttpRequest, title: str, rows: QuerySet[Any]) -> HttpResponse:
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
    return lookup_list(request, gettext("Job types"), JobType.objects.in_use())


@public
@require_safe
def category_list(request: HttpRequest) -> HttpResponse:
    return lookup_list(request, gettext("Categories"), JobCategory.objects.in_use())


@public
@require_safe
def location_list(request: HttpRequest) -> HttpResponse:
    """List the locations of live jobs by country."""
    columns = ("country", "city", "region", "location_slug")
    found = Job.objects.visible().order_by("city", "region").values(*columns).annotate(number=Count("pk"))
    places = defaultdict(list)
    for place in found:
        places[countries.name(place["country"])].append(place)
    context = {
        "places": sorted(places.items()),
        "remote_count": Job.objects.visible().exclude(remote=Job.Remote.NO).count(),
        "breadcrumbs": breadcrumbs((gettext("Locations"), "")),
        "canonical_url": settings.BASE_URL + request.path,
    }
    return render(request, "jobs/location_list.html", context)


@public
@require_safe
def job_detail(request: HttpRequest, pk: int) -> HttpResponse:
    """Show a job that is live, filled or gone. Only its poster and moderators can open one that was never live."""
    job: Job = get_object_or_404(Job.objects.select_related("category", "logo"), pk=pk)
    if not job.was_public():
        if job.get_roles(request.user):
            return redirect("jobs:job_preview", job.pk)
        raise Http404("This job is not public.")
    context = job_page_context(job)
    if context["is_live"] or job.shows_as_filled():
        return render(request, "jobs/job_detail.html", context)
    return render(request, "jobs/job_gone.html", context, status=HTTPStatus.GONE)
