"""Live jobs in API v3."""

from datetime import datetime
from http import HTTPStatus

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from ninja import Field, Query, Router, Schema
from ninja.decorators import decorate_view

from cms.api.base import share
from cms.api.routers import Page, Reader, after, page, refuse_unknown
from cms.content.markup import render
from cms.delivery import surrogate_keys

from .models import Job
from .search import MAX_QUERY_LENGTH, JobSearch

jobs = Router(tags=["jobs"])
ROUTERS = {"/jobs/": jobs}
# Jobs also expire by schedule, so caches store them for ten minutes at most.
SHARED_CACHE_SECONDS = 600


class JobFilters(Page):
    q: str = Field("", max_length=MAX_QUERY_LENGTH, description="Keywords in the title, company, location or text.")
    category: str = Field("", max_length=MAX_QUERY_LENGTH, description="Slug of a job category.")
    type: str = Field("", max_length=MAX_QUERY_LENGTH, description="Slug of a job type.")
    country: str = Field("", pattern=r"^([A-Za-z]{2})?$", description="ISO 3166-1 country code, for example DE.")
    location: str = Field("", max_length=MAX_QUERY_LENGTH, description="Slug of a location, as in `location_slug`.")
    remote: bool = Field(False, description="Only remote jobs.")
    salary: bool = Field(False, description="Only jobs with a salary.")


class Named(Schema):
    name: str
    slug: str


class Salary(Schema):
    min: int | None
    max: int | None
    currency: str
    period: Job.Period


class JobSummary(Schema):
    id: int
    title: str
    company: str
    url: str = Field(description="URL of the job page.")
    category: Named
    types: list[Named]
    country: str = Field(description="ISO 3166-1 country code.")
    region: str
    city: str
    location: str = Field(description="Location as text, for example Berlin, Germany.")
    location_slug: str
    remote: Job.Remote
    salary: Salary | None
    is_featured: bool
    published_at: datetime
    expires_at: datetime


class JobDetail(JobSummary):
    description: str = Field(description="HTML.")
    requirements: str = Field(description="HTML.")
    company_description: str = Field(description="HTML.")
    apply_url: str
    contact: str
    email: str


class Jobs(Schema):
    count: int
    items: list[JobSummary]


def serialize(job: Job) -> dict:
    salary = None
    if job.display_salary:
        salary = {
            "min": job.salary_min,
            "max": job.salary_max,
            "currency": job.salary_currency,
            "period": job.salary_period,
        }
    return {
        "id": job.pk,
        "title": job.title,
        "company": job.company_name,
        "url": job.full_url,
        "category": {"name": job.category.name, "slug": job.category.slug},
        "types": [{"name": one.name, "slug": one.slug} for one in job.job_types.all()],
        "country": str(job.country),
        "region": job.region,
        "city": job.city,
        "location": job.display_location,
        "location_slug": job.location_slug,
        "remote": job.remote,
        "salary": salary,
        "is_featured": job.is_featured,
        "published_at": job.approved_at,
        "expires_at": job.expires_at,
    }


def cache_response(request: HttpRequest, response: HttpResponse) -> None:
    surrogate_keys.add_keys(request, "jobs")
    share(request, response)
    if response.status_code == HTTPStatus.OK and "Authorization" not in request.headers:
        seconds = min(settings.API_SHARED_CACHE_SECONDS, SHARED_CACHE_SECONDS)
        response["Cache-Control"] = f"public, max-age=60, s-maxage={seconds}"


@jobs.get("/", response=Jobs, auth=Reader(), summary="List live jobs: featured ones first, then the newest")
@decorate_view(after(cache_response))
def list_jobs(request: HttpRequest, filters: Query[JobFilters]) -> dict:
    refuse_unknown(request, filters)
    search = JobSearch.from_params({name: str(value or "") for name, value in filters.dict().items()})
    return page(request, search.filter(Job.objects.visible().for_list()).prefetch_related("job_types"), filters, serialize)


@jobs.get("/{int:pk}/", response=JobDetail, auth=Reader(), summary="Get a live job with its full text")
@decorate_view(after(cache_response))
def get_job(request: HttpRequest, pk: int) -> dict:
    job = Job.objects.visible().select_related("category").filter(pk=pk).first()
    if job is None:
        raise Http404("No live job has this ID.")
    return serialize(job) | {
        "description": render(job.description),
        "requirements": render(job.requirements),
        "company_description": render(job.company_description),
        "apply_url": job.url,
        "contact": job.contact,
        "email": job.email,
    }
