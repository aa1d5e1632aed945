"""Other admin screens of the job board: all jobs, types and categories, saved replies, settings and the report."""

from datetime import UTC, datetime, timedelta
from io import BytesIO

import pytest
from openpyxl import load_workbook
from wagtail.log_actions import log

from jobs.models import Job, JobBoardSettings, JobCategory, JobType, SavedReply, Status
from tests.factories.jobs import JobCategoryFactory, JobFactory, JobTypeFactory

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _moderating(client, moderator):
    client.force_login(moderator)


def test_the_menu_of_a_moderator_holds_the_board_and_nothing_else(client):
    html = client.get("/admin/").content.decode()
    for path in ["queue", "all", "replies", "report", "types", "categories"]:
        assert f"/admin/jobs/{path}/" in html
    for path in ["downloads", "users", "images", "purges"]:
        assert f'"/admin/{path}' not in html


def test_all_jobs_in_all_states(client, django_assert_max_num_queries):
    for status in Status:
        JobFactory(status=status, title=f"Job {status}")
        JobFactory()
    client.get("/admin/jobs/all/")
    with django_assert_max_num_queries(14):
        html = client.get("/admin/jobs/all/").content.decode()
    for status in Status:
        assert f"Job {status}" in html
        assert str(status.label) in html


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({"q": "harbor"}, True),
        ({"q": "nothing"}, False),
        ({"status": "approved"}, True),
        ({"status": ["draft", "review"]}, False),
        ({"country": "DE"}, True),
        ({"country": "JP"}, False),
        ({"remote": "no"}, True),
        ({"is_spam": "true"}, False),
        ({"submitted_at_from": "2099-01-01"}, False),
    ],
)
def test_all_jobs_are_searched_and_filtered(client, query, found):
    job = JobFactory()
    assert (f"/admin/jobs/queue/{job.pk}/" in client.get("/admin/jobs/all/", query).content.decode()) is found


def test_all_jobs_leave_as_a_table(client):
    JobFactory(title="=cmd()")
    lines = b"".join(client.get("/admin/jobs/all/?export=csv")).decode()
    assert "Harbor Analytics" in lines
    sheet = load_workbook(BytesIO(b"".join(client.get("/admin/jobs/all/?export=xlsx")))).active
    assert sheet.cell(2, 2).data_type == "s"


def test_an_editor_fixes_a_job_and_features_it(client):
    job = JobFactory(types=[JobTypeFactory()])
    page = client.get(f"/admin/jobs/all/edit/{job.pk}/")
    assert page.status_code == 200
    form = page.context["form"]
    data = {name: form[name].value() for name in form.fields if form[name].value() not in (None, False)}
    data |= {"is_featured": "on", "title": "Mended", "expires_at": "2099-01-01 00:00"}
    assert client.post(f"/admin/jobs/all/edit/{job.pk}/", data).status_code == 302
    job = Job.objects.get()
    assert (job.title, job.is_featured, job.status) == ("Mended", True, Status.APPROVED)
    assert [one.slug for one in job.job_types.all()] == ["web"]


@pytest.mark.parametrize("superuser", [True, False])
def test_jobs_are_neither_added_nor_deleted_in_the_admin(client, moderator, superuser):
    job = JobFactory()
    moderator.is_superuser = superuser
    moderator.save()
    for path in ["new/", f"delete/{job.pk}/"]:
        assert client.post(f"/admin/jobs/all/{path}").status_code in {302, 403}
    assert Job.objects.count() == 1


@pytest.mark.parametrize(
    ("path", "model", "factory"), [("types", JobType, JobTypeFactory), ("categories", JobCategory, JobCategoryFactory)]
)
def test_the_registers(client, path, model, factory):
    row = factory()
    JobFactory(category=JobCategoryFactory(), types=[JobTypeFactory()])
    assert row.name in client.get(f"/admin/jobs/{path}/", {"q": row.name, "active__exact": "1"}).content.decode()
    assert client.get(f"/admin/jobs/{path}/edit/{row.pk}/").status_code == 200
    client.post(f"/admin/jobs/{path}/create/", {"name": "New one", "slug": "new-one", "active": "on"})
    unused = model.objects.get(slug="new-one")
    client.post(f"/admin/jobs/{path}/delete/{row.pk}/")
    client.post(f"/admin/jobs/{path}/delete/{unused.pk}/")
    assert list(model.objects.all()) == [row]


def test_saved_replies_are_the_moderators_own(client):
    client.post("/admin/jobs/replies/add/", {"title": "Volunteers", "text": "We publish paid work only."})
    assert SavedReply.objects.filter(title="Volunteers").exists()
    assert "Volunteers" in client.get("/admin/jobs/replies/").content.decode()


def test_the_settings_of_the_board(client):
    settings = JobBoardSettings.load()
    path = f"/admin/settings/jobs/jobboardsettings/{settings.pk}/"
    assert client.get(path).status_code == 200
    data = {"days_live": 30, "days_to_warn": 5, "board_email": "board@example.org", "rules": "- Be kind."}
    client.post(path, data | {"days_live": 0})
    assert JobBoardSettings.load().days_live == 90
    client.post(path, data)
    assert JobBoardSettings.load().days_live == 30


@pytest.fixture
def months(moderator):
    research = JobCategoryFactory(slug="research", name="Research")
    may = datetime(2025, 5, 5, 12, tzinfo=UTC)
    for hours in (6, 10):
        job = JobFactory(submitted_at=may)
        for later in (hours, hours + 1):
            log(instance=job, action="jobs.ask", user=moderator, timestamp=may + timedelta(hours=later))
    JobFactory(submitted_at=may.replace(year=2026), status=Status.REVIEW, category=research, country="JP")


def rows(client, **query):
    response = client.get("/admin/jobs/report/", query)
    assert response.status_code == 200
    return [
        (f"{row.month:%Y-%m}", row.state, row.category, row.country, row.number, row.hours)
        for row in response.context["object_list"]
    ]


def test_the_report_by_month_state_category_and_country(client, months):
    assert rows(client) == [
        ("2026-05", "In review", "Research", "Japan", 1, ""),
        ("2025-05", "Live", "Developer", "Germany", 2, 8.0),
    ]
    assert len(rows(client, category=JobCategory.objects.get(slug="research").pk)) == 1
    assert [row[0] for row in rows(client, submitted_at_to="2026-01-01")] == ["2025-05"]
    assert "Hours to first reply" in client.get("/admin/jobs/report/").content.decode()


def test_the_report_leaves_as_a_table(client, months):
    lines = b"".join(client.get("/admin/jobs/report/?export=csv")).decode().splitlines()
    assert lines[2] == "2025-05-01,Live,Developer,Germany,2,8.0"
    assert client.get("/admin/jobs/report/?export=xlsx").status_code == 200
