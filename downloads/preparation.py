"""Preparation of releases: start a release with its checklist, see which steps are done, and write its announcements."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from functools import cached_property

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.html import urlize
from django.utils.translation import gettext_lazy
from wagtail.log_actions import log

from cms.email.models import render_template
from users.models import User

from . import workflows
from .appearances import link_variables
from .forms import full_name
from .models import Advisory, PlannedRelease, Release, ReleaseSeries, ReleaseStep, ReleaseTask, ReleaseText
from .models.advisories import known_versions
from .models.preparation import DoneWhen, Purpose, release_type
from .models.series import day_of, long_date
from .preparation_defaults import TEXTS
from .readiness import Workbench, edit_url, is_checked
from .versions import Version, is_install_manager, version_fields

# Time of day (UTC) of a planned release, of which only the date is known.
RELEASE_TIME = time(16, tzinfo=UTC)


def planned_time(plan: PlannedRelease) -> datetime:
    """Return the planned publication time of a release: on its date, or today if that has passed."""
    return datetime.combine(max(plan.date, day_of(None)), RELEASE_TIME)


def releases_to_start() -> list[PlannedRelease]:
    """Return the planned releases without a release of that name, by date."""
    names = set(Release.objects.values_list("name", flat=True))
    plans = PlannedRelease.objects.select_related("series").order_by("date", "name")
    return [plan for plan in plans if full_name(plan.name) not in names]


@transaction.atomic
def start_release(name: str, release_date: datetime, *, by: User | None, practice: bool = False) -> Release:
    """Create the draft of a release with its notes and checklist. Raises ValidationError if the name is taken or invalid."""
    name = full_name(name)
    if Release.objects.filter(name=name).exists():
        raise ValidationError(gettext_lazy("%(name)s already exists.") % {"name": name})
    values = version_fields(name) | {"name": name, "release_date": release_date, "practice": practice}
    draft = Release(**values)
    draft.clean()
    draft.read_name()
    _copy_manager(draft)
    _, notes = write_text(draft, Purpose.NOTES)
    body = [("text", rich_text(notes))]
    release = workflows.create_release(values | {"body": body}, by=by)
    make_tasks(release)
    return release


def rich_text(text: str) -> str:
    """Return plain text as rich text with paragraphs and links. Wagtail's editor accepts only closed tags."""
    lines = urlize(text.strip(), autoescape=True)
    return "".join(f"<p>{part.strip()}</p>" for part in lines.split("\n\n") if part.strip()).replace("\n", "<br/>")


def _copy_manager(release: Release) -> None:
    """Set the release manager of a new series to that of the previous series, because the same person starts it."""
    series = release.series
    if series is None or series.release_manager:
        return
    older = ReleaseSeries.objects.newest_first().filter(major=series.major, minor__lt=series.minor)
    series.release_manager = older.values_list("release_manager", flat=True).first() or ""
    series.save()


def make_tasks(release: Release) -> None:
    """Create the checklist of a release from the steps for its type, unless it already has one."""
    if release.tasks.exists():
        return
    kind, variables = release_type(release), link_variables(release)
    manager = release.series.release_manager if release.series else ""
    ReleaseTask.objects.bulk_create(
        ReleaseTask(
            release=release,
            title=step.title,
            owner=step.owner or manager or "Release manager",
            link=render_template(step.link, variables),
            done_when=step.done_when,
            order=step.order,
            due_at=release.release_date - timedelta(hours=step.hours_before),
        )
        for step in ReleaseStep.objects.all()
        if step.applies(kind)
    )


@transaction.atomic
def mark_task(task: ReleaseTask, *, is_done: bool, by: User) -> None:
    """Mark a step as done or not done. Raises ValidationError if the site determines this itself."""
    if task.done_when:
        raise ValidationError(gettext_lazy("This step is marked as done automatically."))
    task.done_at, task.done_by = (timezone.now(), by) if is_done else (None, None)
    task.save(update_fields=["done_at", "done_by"])
    log(instance=task.release, action="wagtail.edit", user=by, data={"step": task.title, "done": is_done})


@dataclass(frozen=True)
class ChecklistItem:
    """Step with its state. `url` is the page where it can be done."""

    task: ReleaseTask
    is_done: bool
    is_overdue: bool
    url: str


class Checklist:
    """Steps of a release. Steps that the site can check itself are marked as done automatically."""

    def __init__(self, release: Release, at: datetime | None = None) -> None:
        self.release, self.at = release, at or timezone.now()

    @cached_property
    def items(self) -> list[ChecklistItem]:
        items = []
        for task in self.release.tasks.select_related("done_by"):
            is_done = task.done_when in self.seen if task.done_when else task.done_at is not None
            url = task.link or (self.urls[task.done_when] if task.done_when else "")
            items.append(ChecklistItem(task, is_done, not is_done and task.is_overdue(self.at), url))
        return items

    @property
    def done(self) -> int:
        return sum(item.is_done for item in self.items)

    @property
    def overdue(self) -> int:
        return sum(item.is_overdue for item in self.items)

    @cached_property
    def urls(self) -> dict[str, str]:
        files = reverse("downloads_release_files", args=[self.release.pk])
        return {
            DoneWhen.NOTES: edit_url(self.release, "notes"),
            DoneWhen.FILES: files,
            DoneWhen.VERIFIABLE: files,
            DoneWhen.ON_SERVER: files,
            DoneWhen.BUTTONS: edit_url(self.release, "files"),
            DoneWhen.PUBLISHED: edit_url(self.release, "before_publishing"),
        }

    @cached_property
    def seen(self) -> set[str]:
        """Return the conditions that are currently true."""
        release, bench = self.release, Workbench(self.release)
        files = bench.files
        states = {
            DoneWhen.NOTES: bool(release.body or release.release_page_id),
            DoneWhen.FILES: bool(files)
            and not any(len(cell.files) < cell.expected for _os, cells in bench.rows for cell in cells),
            DoneWhen.VERIFIABLE: bool(files) and all(file.is_verifiable for file in files),
            DoneWhen.ON_SERVER: bool(files) and all(map(is_checked, files)) and not bench.url_problems,
            DoneWhen.BUTTONS: bool(files) and all(check.passed for check in bench.check_buttons()),
            DoneWhen.PUBLISHED: release.live,
        }
        return {name for name, is_true in states.items() if is_true}


# Texts


@dataclass(frozen=True)
class WrittenText:
    """Text about a release. `edit_url` is the URL of its template."""

    purpose: Purpose
    subject: str
    body: str
    edit_url: str

    @property
    def whole(self) -> str:
        return f"{self.subject}\n\n{self.body}" if self.subject else self.body


def text_variables(release: Release) -> dict[str, str]:
    """Return the variables for announcement templates, all as strings."""
    parsed = release.parsed_version or Version(release.major, release.minor, release.patch)
    series = release.series_as_published()
    has_docs = not is_install_manager(release.name)
    upcoming = series.planned_releases.filter(date__gt=day_of(release.release_date)).first() if series else None
    fixes = [one for one in Advisory.objects.filter(withdrawn=None) if parsed in known_versions(one.fixed_in)]
    files = release.files.order_by("os__order", "name") if release.pk else []
    return link_variables(release) | {
        "date": long_date(day_of(release.release_date)),
        "url": settings.BASE_URL + reverse("downloads:release_detail", args=[release.slug]),
        "notes_url": release.release_notes_url,
        "whatsnew_url": parsed.whatsnew_url if has_docs else "",
        "changelog_url": parsed.changelog_url if has_docs else "",
        "issues_url": parsed.issues_url if has_docs else "",
        "pep_url": series.pep_url if series else "",
        "manager": series.release_manager if series else "",
        "support": series.support(release.release_date) if series else "",
        "files": "\n".join(f"{file.sha256_sum or 'SHA-256 missing'}  {file.filename}" for file in files),
        "next_release": f"Python {upcoming.name} on {long_date(upcoming.date)}" if upcoming else "",
        "fixes": "\n".join(f"- {one.title}: {one.summary}" for one in fixes),
    }


def write_text(release: Release, purpose: Purpose) -> tuple[str, str]:
    """Return the subject and body of an announcement of a release, from the template for its type."""
    text = next(iter(written_texts(release, [purpose])))
    return text.subject, text.body


def written_texts(release: Release, purposes: Iterable[Purpose] = Purpose) -> list[WrittenText]:
    """Return the announcements of a release, from the templates for its type."""
    kind, variables = release_type(release), text_variables(release)
    rows = {row.purpose: row for row in ReleaseText.objects.filter(release_type=kind)}
    texts = []
    for purpose in purposes:
        row = rows.get(purpose)
        subject, body = (row.subject, row.body) if row else TEXTS[kind.value, purpose.value]
        url = reverse("downloads_release_texts:edit", args=[row.pk]) if row else reverse("downloads_release_texts:add")
        texts.append(WrittenText(purpose, render_template(subject, variables), render_template(body, variables).strip(), url))
    return texts
