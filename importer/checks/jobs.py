"""Checks of the job board."""

from importer.core.comparison import Check, checked
from importer.sections.jobs import CATEGORIES, COMMENTS, JOBS, TYPES
from jobs.models import Job, JobCategory, JobComment, JobType

LOOKUP = {"name": "name", "slug": "slug", "active": "active"}

checked(TYPES, Check(JobType, LOOKUP, paths=lambda fields: [f"/jobs/type/{fields['slug']}/"]))
checked(CATEGORIES, Check(JobCategory, LOOKUP, paths=lambda fields: [f"/jobs/category/{fields['slug']}/"]))
checked(
    JOBS,
    Check(
        Job,
        {
            **{name: name for name in ("company_name", "city", "email", "url", "agencies", "is_featured", "contact")},
            "title": "job_title",
            "category_id": "category",
            "created_at": "created",
            "is_remote": "telecommuting",
        },
        state=("status", "status"),
        paths=lambda fields: [f"/jobs/{fields['pk']}/"] if Job.objects.visible().filter(pk=fields["pk"]).exists() else [],
        texts=(
            lambda fields: f"{fields.get('_description_rendered', '')} {fields.get('_requirements_rendered', '')}",
            lambda job: f"{job.description} {job.requirements}",
        ),
    ),
)
checked(COMMENTS, Check(JobComment, {"job_id": "job", "created_at": "created"}))
