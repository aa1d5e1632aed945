"""Differences between two versions of a job, for moderators who have read the first one."""

from collections.abc import Iterator
from dataclasses import dataclass
from difflib import SequenceMatcher

from django.utils.text import capfirst

from .models import Job

LABELS = {field.name: capfirst(str(field.verbose_name)) for field in [*Job._meta.fields, *Job._meta.many_to_many]}


@dataclass(frozen=True)
class Change:
    """Changed field, with its lines marked as "same", "gone" or "new"."""

    label: str
    lines: list[tuple[str, str]]


def display_value(job: Job, name: str) -> str:
    if name == "job_types":
        return ", ".join(sorted(str(one) for one in job.job_types.all()))
    display = getattr(job, f"get_{name}_display", None)
    value = display() if display else getattr(job, name)
    if name == "country":
        value = job.country_name
    return "" if value is None else str(value)


def compare_lines(before: str, after: str) -> Iterator[tuple[str, str]]:
    old, new = before.splitlines(), after.splitlines()
    for kind, old_from, old_to, new_from, new_to in SequenceMatcher(None, old, new).get_opcodes():
        if kind == "equal":
            yield from (("same", line) for line in old[old_from:old_to])
        else:
            yield from (("gone", line) for line in old[old_from:old_to])
            yield from (("new", line) for line in new[new_from:new_to])


def get_changes(before: Job, after: Job) -> list[Change]:
    found = []
    for name in Job.TEXT_FIELDS:
        old, new = display_value(before, name), display_value(after, name)
        if old != new:
            found.append(Change(LABELS[name], list(compare_lines(old, new))))
    return found
