from datetime import timedelta

import factory
from django.utils import timezone
from factory.django import DjangoModelFactory

from jobs.models import Job, JobCategory, JobType, Status
from tests.factories.users import UserFactory


class JobCategoryFactory(DjangoModelFactory):
    name = "Developer"
    slug = "developer"

    class Meta:
        model = JobCategory
        django_get_or_create = ["slug"]


class JobTypeFactory(DjangoModelFactory):
    name = "Web"
    slug = "web"

    class Meta:
        model = JobType
        django_get_or_create = ["slug"]


class JobFactory(DjangoModelFactory):
    """Live job. Pass `status` for another state."""

    title = factory.Sequence(lambda n: f"Data engineer {n}")
    company_name = "Harbor Analytics"
    category = factory.SubFactory(JobCategoryFactory)
    city = "Hamburg"
    country = "DE"
    description = "You build **pipelines** in Python."
    requirements = "- Two years of Python"
    email = "poster@example.org"
    url = "https://example.org/jobs/"
    status = Status.APPROVED
    submitted_by = factory.SubFactory(UserFactory)
    submitted_at = factory.LazyAttribute(lambda job: None if job.status == Status.DRAFT else timezone.now() - timedelta(days=3))
    queued_at = factory.SelfAttribute("submitted_at")
    approved_at = factory.LazyAttribute(
        lambda job: None if job.status in {Status.DRAFT, Status.REVIEW, Status.REJECTED} else timezone.now() - timedelta(days=2)
    )
    expires_at = factory.LazyAttribute(lambda job: job.approved_at + timedelta(days=90) if job.approved_at else None)

    class Meta:
        model = Job
        skip_postgeneration_save = True

    @factory.post_generation
    def types(self, create, extracted, **kwargs):
        if extracted:
            self.job_types.set(extracted)
            self.save()
