"""Differences between two versions of a job, for moderators who have read the first one."""

from django.utils.text import capfirst

from cms.moderation.changes import Change, compare_fields

from .models import Job

LABELS = {field.name: capfirst(str(field.verbose_name)) for field in [*Job._meta.fields, *Job._meta.many_to_many]}


def display_value(job: Job, name: str) -> str:
    if name == "job_types":
        return ", ".join(sorted(str(one) for one in job.job_types.all()))
    display = getattr(job, f"get_{name}_display", None)
    value = display() if display else getattr(job, name)
    if name == "country":
        value = job.country_name
    return "" if value is None else str(value)


def get_changes(before: Job, after: Job) -> list[Change]:
    return compare_fields((LABELS[name], display_value(before, name), display_value(after, name)) for name in Job.TEXT_FIELDS)
