"""Import jobs, their lookup tables and comments, with IDs, slugs, dates and states. No email is sent."""

from datetime import datetime, timedelta
from typing import Any

from django_countries import countries

from cms.content.markdown_twins import markdown_of
from importer.core import Report, importer, is_edited_here, person, rendered, same, write
from importer.core.writing import refuse_lost_parents, reset_sequence
from jobs.models import Job, JobBoardSettings, JobCategory, JobComment, JobType, Status
from jobs.models.jobs import MAX_TEXT_LENGTH

TYPES, CATEGORIES, JOBS, COMMENTS = "jobs.jobtype", "jobs.jobcategory", "jobs.job", "jobs.jobreviewcomment"
# Country names as entered by posters that differ from those in ISO 3166.
COUNTRIES = {
    **dict.fromkeys(["usa", "us", "u.s.", "u.s.a.", "united states", "the united states", "america"], "US"),
    **dict.fromkeys(["uk", "u.k.", "england", "scotland", "wales", "great britain", "united kingdom"], "GB"),
    **dict.fromkeys(["the netherlands", "holland"], "NL"),
    **dict.fromkeys(["czech republic"], "CZ"),
    **dict.fromkeys(["russia"], "RU"),
    **dict.fromkeys(["south korea", "korea"], "KR"),
    **dict.fromkeys(["turkey"], "TR"),
    **dict.fromkeys(["vietnam"], "VN"),
    **dict.fromkeys(["deutschland"], "DE"),
}
WAS_LIVE = {Status.APPROVED, Status.EXPIRED, Status.ARCHIVED}


@importer(TYPES, JobType)
def import_types(rows: list[dict], report: Report) -> None:
    write(TYPES, JobType, rows, lookup, report)


@importer(CATEGORIES, JobCategory)
def import_categories(rows: list[dict], report: Report) -> None:
    write(CATEGORIES, JobCategory, rows, lookup, report)


def lookup(fields: dict) -> dict:
    return {name: fields[name] for name in ("name", "slug", "active")}


@importer(JOBS, Job, after=["users.user", TYPES, CATEGORIES], in_parts=True)
def import_jobs(rows: list[dict], report: Report) -> None:
    here = Job.objects.in_bulk([row["pk"] for row in rows])
    types = set(JobType.objects.values_list("pk", flat=True))
    for row in rows:
        with report.row(JOBS, row):
            values = job_values(row["fields"])
            wanted = sorted(types.intersection(row["fields"]["job_types"]))
            known = here.get(row["pk"])
            if known and all(same(getattr(known, name), value) for name, value in values.items()) and type_ids(known) == wanted:
                report.count(JOBS, "unchanged")
                continue
            if known and is_edited_here(known):
                report.keep(JOBS, row["pk"], str(known))
                continue
            job = known or Job(pk=row["pk"])
            for name, value in values.items():
                setattr(job, name, value)
            job.job_types = wanted
            refuse_lost_parents(job)
            job.save(force_insert=known is None)
            if not job.country:
                report.note(f"Job {job.pk}: there is no country {row['fields']['country']}. The value was added to the region.")
            report.count(JOBS, "changed" if known else "created")
    reset_sequence(Job)


def type_ids(job: Job) -> list[int]:
    return sorted(kind.pk for kind in job.job_types.all())


def country_of(name: str) -> str:
    """Return the code of a country that a poster entered, or an empty string."""
    return COUNTRIES.get(name.strip().lower()) or countries.by_name(name.strip()) or ""


def job_values(fields: dict) -> dict:
    submitter = person(fields["submitted_by"]) or person(fields["creator"])
    status = Status(fields["status"])
    created, updated = (datetime.fromisoformat(fields[name]) for name in ("created", "updated"))
    country = country_of(fields["country"])
    text = markdown(fields, "description")
    if fields["other_job_type"]:
        text = f"{text}\n\nField of work: {fields['other_job_type']}"
    expires = datetime.fromisoformat(fields["expires"]) if fields["expires"] else None
    if expires is None and status == Status.APPROVED:
        expires = created + timedelta(days=JobBoardSettings.load().days_live)
    return {
        "title": fields["job_title"],
        "category_id": fields["category"],
        "company_name": fields["company_name"] or "",
        "company_description": markdown(fields, "company_description"),
        "country": country,
        "region": ", ".join(filter(None, [fields["region"], "" if country else fields["country"]]))[:100],
        "city": fields["city"],
        "remote": Job.Remote.WORLDWIDE if fields["telecommuting"] else Job.Remote.NO,
        "description": text,
        "requirements": markdown(fields, "requirements"),
        "contact": fields["contact"] or "",
        "email": fields["email"],
        "url": fields["url"] or "",
        "agencies": fields["agencies"],
        "is_featured": fields["is_featured"],
        "created_at": created,
        "status": status,
        "submitted_by_id": submitter.pk if submitter else None,
        "submitted_at": None if status == Status.DRAFT else created,
        "queued_at": updated if status == Status.REVIEW else None,
        # The old site did not store when a job was approved.
        "approved_at": created if status in WAS_LIVE else None,
        "answered_at": updated if status in WAS_LIVE | {Status.REJECTED} else None,
        "expires_at": expires,
    }


def markdown(fields: dict, name: str) -> str:
    return markdown_of(rendered(fields, name))[:MAX_TEXT_LENGTH]


@importer(COMMENTS, JobComment, after=[JOBS], in_parts=True)
def import_comments(rows: list[dict], report: Report) -> None:
    def values(fields: dict[str, Any]) -> dict[str, Any]:
        author = person(fields["creator"])
        return {
            "job_id": fields["job"],
            "author_id": author.pk if author else None,
            "text": markdown(fields, "comment"),
            "created_at": datetime.fromisoformat(fields["created"]),
        }

    write(COMMENTS, JobComment, rows, values, report, clean=False)
