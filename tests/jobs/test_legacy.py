"""Import of the jobs of the old site with their related rows."""

import pytest

from importer.core import import_rows
from jobs.models import Job, JobComment, JobType, Status
from tests.factories.users import UserFactory

pytestmark = pytest.mark.django_db
DATES = {"created": "2030-03-01T10:00:00Z", "updated": "2030-03-02T10:00:00Z", "last_modified_by": None}


def job(pk, **changed):
    fields = DATES | {
        "creator": ["ada"],
        "category": 3,
        "other_job_type": "",
        "company_name": "Tidewater",
        "company_description": "",
        "company_description_markup_type": "restructuredtext",
        "job_title": f"Cartographer {pk}",
        "city": "Lisbon",
        "region": "",
        "country": "Portugal",
        "description": "Maps\n----\n\n* one\n* **two**",
        "description_markup_type": "restructuredtext",
        "requirements": "ignored",
        "_requirements_rendered": "<p>Know <a href='https://example.org'>tides</a>.</p><script>x</script>",
        "contact": None,
        "email": "jobs@example.org",
        "url": "https://example.org",
        "submitted_by": ["ada"],
        "status": "approved",
        "expires": None,
        "telecommuting": True,
        "agencies": False,
        "is_featured": False,
        "job_types": [2, 99],
    }
    return {"model": "jobs.job", "pk": pk, "fields": fields | changed}


ROWS = [
    {
        "model": "jobs.jobreviewcomment",
        "pk": 5,
        "fields": DATES | {"creator": ["ada"], "job": 11, "comment": "Why **maps**?", "comment_markup_type": "markdown"},
    },
    job(11),
    job(12, status="review", country="Atlantis", region="North", other_job_type="Sailing"),
    job(13, category=99),
    job(14, description_markup_type="textile"),
    job(15, status="on fire"),
    {"model": "jobs.jobcategory", "pk": 3, "fields": {"name": "Maker", "slug": "maker", "active": True}},
    {"model": "jobs.jobtype", "pk": 2, "fields": {"name": "Maps", "slug": "maps", "active": False}},
]


@pytest.fixture
def report(mailoutbox):
    UserFactory(username="ada")
    report = import_rows(ROWS)
    assert not mailoutbox
    return report


def test_jobs_keep_ids_dates_states_and_text(client, report):
    job = Job.objects.get(pk=11)
    assert (job.status, str(job.country), job.remote, job.submitted_by.username) == (Status.APPROVED, "PT", "worldwide", "ada")
    assert [kind.slug for kind in job.job_types.all()] == ["maps"]
    assert job.description == "# Maps\n\n- one\n- **two**" or job.description.endswith("- one\n- **two**")
    assert job.requirements == "Know [tides](https://example.org)."
    assert (job.expires_at.isoformat(), job.approved_at.isoformat()) == ("2030-05-30T10:00:00+00:00", "2030-03-01T10:00:00+00:00")
    assert "Cartographer 11" in client.get("/jobs/").content.decode()
    waiting = Job.objects.get(pk=12)
    assert (waiting.region, waiting.description[-7:], list(Job.objects.in_queue())) == ("North, Atlantis", "Sailing", [waiting])
    comment = JobComment.objects.get(pk=5)
    assert (comment.text, comment.author.username, comment.job_id) == ("Why **maps**?", "ada", 11)
    assert JobType.objects.get(pk=2).active is False


def test_jobs_that_are_wrong_are_named(report):
    reasons = {problem["id"]: problem["reason"] for problem in report.problems}
    assert reasons[13] == "job category 99 is missing."
    assert reasons[14] == "markup of the type textile is not supported."
    assert "on fire" in reasons[15]
    assert set(reasons) == {13, 14, 15}


def test_the_second_time_takes_changes_and_leaves_what_moderators_did(report, admin_user):
    assert import_rows(ROWS).changes() == 0
    Job.objects.get(pk=12).reject(by=admin_user, reason="There is no such place.")
    again = import_rows([job(11, city="Porto"), job(12, city="Porto")], delta=True)
    assert (again.changes(), [one["id"] for one in again.conflicts]) == (1, [12])
    assert Job.objects.get(pk=11).location_slug == "porto-portugal"
    assert Job.objects.get(pk=12).status == Status.REJECTED
