"""Search of the job list: the same parameters on pages, in feeds and in the API."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields
from typing import Self
from urllib.parse import urlencode

from django.db.models import QuerySet
from django.utils.translation import gettext
from django_countries import countries

from .models import Job

MAX_HITS = 500
MAX_QUERY_LENGTH = 100


@dataclass(frozen=True)
class JobSearch:
    """Search parameters. An empty parameter does not filter."""

    q: str = ""
    category: str = ""
    type: str = ""
    country: str = ""
    location: str = ""
    remote: str = ""
    salary: str = ""

    @classmethod
    def from_params(cls, params: Mapping[str, str]) -> Self:
        # No database stores NUL, so nothing can match it.
        return cls(**{field.name: params.get(field.name, "").strip()[:MAX_QUERY_LENGTH] for field in fields(cls)})

    def __iter__(self) -> Iterator[tuple[str, str]]:
        return ((field.name, getattr(self, field.name)) for field in fields(self) if getattr(self, field.name))

    def __bool__(self) -> bool:
        return any(True for _ in self)

    @property
    def query(self) -> str:
        """Return the query string in one canonical order, so that caches store one copy."""
        return urlencode(list(self))

    @property
    def summary(self) -> str:
        """Return the parameters for the title of a feed, such as "Berlin, Germany, remote"."""
        given = dict(self)
        if given.get("country"):
            given["country"] = countries.name(given["country"].upper()) or given["country"]
        if "remote" in given:
            given["remote"] = gettext("remote")
        if "salary" in given:
            given["salary"] = gettext("with salary")
        return ", ".join(given.values())

    def filter(self, jobs: QuerySet[Job]) -> QuerySet[Job]:
        if self.category:
            jobs = jobs.filter(category__slug=self.category)
        if self.type:
            jobs = jobs.filter(job_types__slug=self.type)
        if self.country:
            jobs = jobs.filter(country=self.country.upper())
        if self.location:
            jobs = jobs.filter(location_slug=self.location)
        if self.remote:
            jobs = jobs.exclude(remote=Job.Remote.NO)
        if self.salary:
            jobs = jobs.exclude(salary_min=None, salary_max=None)
        if self.q:
            # Only words, because quotes and brackets have a meaning in SQLite's search syntax.
            terms = " ".join(re.findall(r"\w+", self.q))
            hits = Job.objects.visible().only("pk").search(terms, order_by_relevance=False)[:MAX_HITS] if terms else []
            jobs = jobs.filter(pk__in=[job.pk for job in hits])
        return jobs
