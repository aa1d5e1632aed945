"""What is different between two versions of an advert, for moderators who have read the first one."""

from collections.abc import Iterator
from dataclasses import dataclass
from difflib import SequenceMatcher

from .models import Job


@dataclass(frozen=True)
class Change:
    """A field and its lines: each one "same", "gone" or "new"."""

    label: str
    lines: list[tuple[str, str]]


def words_of(job: Job, name: str) -> str:
    if name == "job_types":
        return ", ".join(sorted(str(one) for one in job.job_types.all()))
    display = getattr(job, f"get_{name}_display", None)
    value = display() if display else getattr(job, name)
    if name == "country":
        value = value.name
    return "" if value is None else str(value)


def compare(before: str, after: str) -> Iterator[tuple[str, str]]:
    old, new = before.splitlines(), after.splitlines()
    for kind, old_from, old_to, new_from, new_to in SequenceMatcher(None, old, new).get_opcodes():
        if kind == "equal":
            yield from (("same", line) for line in old[old_from:old_to])
        else:
            yield from (("gone", line) for line in old[old_from:old_to])
            yield from (("new", line) for line in new[new_from:new_to])


def changes(before: Job, after: Job) -> list[Change]:
    found = []
    for name in Job.TEXT_FIELDS:
        old, new = words_of(before, name), words_of(after, name)
        if old != new:
            found.append(Change(str(Job._meta.get_field(name).verbose_name).capitalize(), list(compare(old, new))))
    return found
