import time

import pytest
from django.core import signing

from jobs.models import Job, Status
from tests.factories.jobs import JobCategoryFactory, JobFactory
from tests.factories.users import UserFactory

BOARD = "jobs@python.org"


@pytest.fixture
def moderator():
    return UserFactory(username="moderator", role="Job board")


@pytest.fixture
def poster():
    return UserFactory(username="poster")


@pytest.fixture
def waiting(poster):
    """Return a job in review, with the revision that its submission created."""
    job = JobFactory(status=Status.DRAFT, submitted_by=poster, title="Data engineer")
    job.submit(by=poster)
    return job


@pytest.fixture
def changed(poster):
    """Return a live job with a change in review."""
    job = JobFactory(submitted_by=poster, title="Data engineer")
    version = Job.objects.get(pk=job.pk)
    version.title = "Senior data engineer"
    version.propose(by=poster)
    return Job.objects.get(pk=job.pk)


def job_form_data():
    """Return the form data that a poster submits."""
    return {
        "opened": signing.dumps(time.time() - 300, salt="opened"),
        "title": "Data engineer",
        "category": JobCategoryFactory().pk,
        "description": "You build **pipelines**.",
        "requirements": "- Python",
        "country": "DE",
        "city": "Hamburg",
        "remote": "no",
        "company_name": "Harbor Analytics",
        "email": "poster@example.org",
        "url": "https://example.org/jobs/",
    }


@pytest.fixture
def typed():
    return job_form_data()
