import pytest

from jobs.models import Status
from tests.factories.jobs import JobFactory, JobTypeFactory

pytestmark = pytest.mark.django_db


def test_the_list_holds_live_jobs(client, django_assert_max_num_queries):
    job = JobFactory(types=[JobTypeFactory()], salary_min=60_000, salary_currency="EUR", salary_period="year")
    for _ in range(5):
        JobFactory(types=[JobTypeFactory()])
    JobFactory(status=Status.REVIEW)
    with django_assert_max_num_queries(4):
        response = client.get("/api/v3/jobs/")
    assert "public" in response["Cache-Control"]
    assert "s-maxage=600" in response["Cache-Control"]
    assert "jobs" in response["Surrogate-Key"].split()
    data = response.json()
    assert data["count"] == 6
    row = next(row for row in data["items"] if row["id"] == job.pk)
    assert row["salary"] == {"min": 60_000, "max": None, "currency": "EUR", "period": "year"}
    assert (row["title"], row["location"], row["country"]) == (job.title, "Hamburg, Germany", "DE")
    assert row["types"] == [{"name": "Web", "slug": "web"}]
    assert "description" not in row


@pytest.mark.parametrize(
    ("query", "count"),
    [
        ({"remote": "true"}, 1),
        ({"remote": "false"}, 2),
        ({"country": "JP"}, 1),
        ({"category": "developer"}, 2),
        ({"category": "other"}, 0),
        ({"salary": "true"}, 0),
        ({"q": "pipelines"}, 2),
    ],
)
def test_the_list_takes_the_filters_of_the_page(client, django_capture_on_commit_callbacks, query, count):
    with django_capture_on_commit_callbacks(execute=True):
        JobFactory(country="JP", remote="worldwide")
        JobFactory()
    assert client.get("/api/v3/jobs/", query).json()["count"] == count


@pytest.mark.parametrize("query", [{"country": "Germany"}, {"colour": "red"}, {"limit": "0"}])
def test_a_filter_that_makes_no_sense_is_refused_with_a_sentence(client, query):
    response = client.get("/api/v3/jobs/", query)
    assert response.status_code == 422
    assert response.json()["detail"].endswith(".")


def test_a_job_with_its_text(client):
    job = JobFactory()
    data = client.get(f"/api/v3/jobs/{job.pk}/").json()
    assert data["description"] == "<p>You build <strong>pipelines</strong> in Python.</p>\n"
    assert data["apply_url"] == job.url


@pytest.mark.parametrize("status", [status for status in Status if status != Status.APPROVED])
def test_a_job_that_is_not_live_is_not_there(client, status):
    assert client.get(f"/api/v3/jobs/{JobFactory(status=status).pk}/").status_code == 404
