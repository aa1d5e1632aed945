from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.template import Context
from django.utils import timezone

from jobs.blocks import LatestJobsBlock
from jobs.models import Job, JobBoardSettings, JobCategory, JobType, Status
from jobs.templatetags.jobs import latest_jobs
from tests.factories.jobs import JobCategoryFactory, JobFactory, JobTypeFactory

pytestmark = pytest.mark.django_db


def test_visitors_see_what_is_approved_and_runs():
    live = JobFactory()
    for status in set(Status) - {Status.APPROVED}:
        JobFactory(status=status)
    JobFactory(expires_at=timezone.now() - timedelta(seconds=1))
    assert list(Job.objects.visible()) == [live]
    assert not Job.objects.visible(timezone.now() + timedelta(days=91)).exists()


def test_a_revision_whose_category_is_gone_takes_the_one_of_the_job():
    job = JobFactory()
    content = job.serializable_data() | {"title": "Changed", "category": JobCategory.objects.order_by("-pk").first().pk + 1}
    restored = job.with_content_json(content)
    assert (restored.title, restored.category) == ("Changed", job.category)


def test_featured_jobs_stand_on_top():
    newest = JobFactory(approved_at=timezone.now())
    featured = JobFactory(is_featured=True, approved_at=timezone.now() - timedelta(days=40))
    assert list(Job.objects.visible().for_list()) == [featured, newest]


@pytest.mark.parametrize(
    ("city", "region", "country", "slug", "words"),
    [
        ("Hamburg", "", "DE", "hamburg-germany", "Hamburg, Germany"),
        (
            "San José",
            "California",
            "US",
            "san-josé-california-united-states-of-america",
            "San José, California, United States of America",
        ),
        ("Москва", "", "RU", "москва-russia", "Москва, Russia"),
        ("京都", "", "JP", "京都-japan", "京都, Japan"),
        ("القاهرة", "", "EG", "القاهرة-egypt", "القاهرة, Egypt"),
        ("???", "", "DE", "germany", "???, Germany"),
    ],
)
def test_places_of_all_scripts_have_an_address(client, city, region, country, slug, words):
    job = JobFactory(city=city, region=region, country=country)
    assert (job.location_slug, job.display_location) == (slug, words)
    assert client.get(f"/jobs/location/{slug}/").status_code == 200


@pytest.mark.parametrize(
    ("low", "high", "words"),
    [
        (60_000, 80_000, "€60,000–80,000 per year"),
        (60_000, None, "from €60,000 per year"),
        (None, 80_000, "up to €80,000 per year"),
        (60_000, 60_000, "€60,000 per year"),
        (None, None, ""),
    ],
)
def test_a_salary_in_words(low, high, words):
    job = Job(salary_min=low, salary_max=high, salary_currency="EUR", salary_period="year")
    assert job.display_salary == words


@pytest.mark.proves("S2-15")
def test_a_salary_that_is_upside_down_is_refused_by_the_form_and_by_the_database():
    job = JobFactory()
    job.salary_min, job.salary_max, job.salary_currency, job.salary_period = 80_000, 60_000, "EUR", "year"
    with pytest.raises(ValidationError, match="maximum salary is lower"):
        job.full_clean()
    with pytest.raises(IntegrityError), transaction.atomic():
        job.save()


def test_a_salary_needs_its_currency():
    job = JobFactory()
    job.salary_min = 60_000
    with pytest.raises(ValidationError, match="Enter the currency"):
        job.full_clean()


def test_a_job_is_new_for_thirty_days():
    job = JobFactory()
    assert job.is_new()
    assert not job.is_new(timezone.now() + timedelta(days=30))


def test_types_and_categories_are_shown_while_live_jobs_have_them():
    web, _ = JobTypeFactory(), JobType.objects.create(name="Data", slug="data")
    JobFactory(types=[web])
    JobFactory(status=Status.DRAFT, category=JobCategory.objects.create(name="Research", slug="research"))
    assert [(row.slug, row.live_count) for row in JobType.objects.in_use()] == [("web", 1)]
    assert [(row.slug, row.live_count) for row in JobCategory.objects.in_use()] == [("developer", 1)]


def test_similar_jobs_are_of_the_same_category_the_same_country_first():
    job = JobFactory(status=Status.EXPIRED)
    far, near = JobFactory(country="JP", approved_at=timezone.now()), JobFactory()
    JobFactory(category=JobCategoryFactory(slug="research", name="Research"))
    assert list(job.similar()) == [near, far]


def test_blocks_and_template_tags_list_live_jobs_newest_first():
    older, newer = (JobFactory(approved_at=timezone.now() - timedelta(days=days)) for days in (5, 1))
    JobFactory(status=Status.REVIEW)
    JobFactory(is_featured=True, approved_at=timezone.now() - timedelta(days=9), expires_at=timezone.now())
    assert list(LatestJobsBlock().get_jobs()) == [newer, older]
    assert latest_jobs(Context()) == [newer, older]


def test_posters_are_warned_from_the_first_moment_of_the_last_days():
    job, now = JobFactory(), timezone.now()
    days = JobBoardSettings.load().days_to_warn
    Job.objects.update(expires_at=now + timedelta(days=days))
    assert list(Job.objects.expiring_soon(now)) == [job]
    assert not Job.objects.expiring_soon(now - timedelta(microseconds=1)).exists()
