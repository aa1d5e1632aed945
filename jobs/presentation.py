"""Template contexts of the job board."""

from functools import partial
from typing import Any

from django.conf import settings
from django.core.paginator import Paginator
from django.http import HttpRequest
from django.utils.translation import gettext_lazy
from django_countries import countries

from cms.content.breadcrumbs import breadcrumbs as make_breadcrumbs
from cms.content.presentation import presents
from cms.delivery import cached

from .models import Job, JobsPage, JobType
from .search import JobSearch
from .structured_data import job_posting_data

PER_PAGE = 25

breadcrumbs = partial(make_breadcrumbs, (gettext_lazy("Jobs"), "/jobs/"))


@presents(JobsPage)
def jobs_page_context(page: JobsPage, request: HttpRequest) -> dict[str, Any]:
    return list_context(request)


def get_filter_choices() -> dict[str, list[tuple[str, str]]]:
    """Return the categories, fields of work and countries of live jobs. Two queries."""
    found = list(Job.objects.visible().order_by().values_list("category__name", "category__slug", "country").distinct())
    return {
        "categories": sorted({(name, slug) for name, slug, _ in found}),
        "types": list(JobType.objects.in_use().values_list("name", "slug")),
        "countries": sorted({(countries.name(code), code) for *_, code in found if code}),
    }


def list_context(request: HttpRequest, **scope: str) -> dict[str, Any]:
    """Return a page of live jobs with its filter. `scope` is set by the URL of the list, such as category="developer"."""
    search = JobSearch.from_params(request.GET.dict() | scope)
    jobs = search.filter(Job.objects.visible().for_list())
    in_query = JobSearch.from_params({name: value for name, value in search if name not in scope})
    pages = Paginator(jobs, PER_PAGE)
    if not search:
        pages.count = cached.cached("jobs-in-all", jobs.count, ["jobs"])  # type: ignore[misc]  # A cached property.
    return {
        "search": search,
        "scope": scope,
        "page_obj": pages.get_page(request.GET.get("page")),
        "page_query": f"{in_query.query}&" if in_query else "",
        "is_filtered": bool(in_query),
        "canonical_url": settings.BASE_URL + request.path,
    } | cached.cached("job-choices", get_filter_choices, ["jobs"])


def job_page_context(job: Job) -> dict[str, Any]:
    """Return the context of the public page of a job: live, filled or gone."""
    context = {
        "job": job,
        "is_live": job.is_live(),
        "similar": job.similar()[:5],
        "breadcrumbs": breadcrumbs((job.title, "")),
        "canonical_url": job.full_url,
    }
    if job.is_live() and job.approved_at:
        context["structured_data"] = job_posting_data(job)
        live = Job.objects.visible().only("pk", "title", "company_name")
        context["newer"] = live.filter(approved_at__gt=job.approved_at).order_by("approved_at", "pk").first()
        context["older"] = live.filter(approved_at__lt=job.approved_at).order_by("-approved_at", "-pk").first()
    return context
