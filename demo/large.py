"""Large data set for benchmarks: varied copies of the demo rows.

Rows are written in bulk: nothing is purged, and `manage.py update_index` adds them to the search.
"""

from collections.abc import Callable
from copy import copy
from datetime import timedelta
from hashlib import sha256
from typing import NamedTuple, TypeVar

from django.db.models import Model, QuerySet
from django.db.models.base import ModelState
from django.utils import timezone
from wagtail.models import Page

from community.models import BlogEntry, StoryIndexPage, StoryPage
from downloads.models import Release, ReleaseFile
from events.models import Event, Occurrence
from events.recurrence import spans
from home.models import StandardPage
from jobs.models import Job, Status
from sponsors.models import Sponsor, Sponsorship

Row = TypeVar("Row", bound=Model)
BATCH = 1000
# First minor version of release series that exist only here.
FIRST_SERIES = 100
PATCHES = 40


class Scale(NamedTuple):
    releases: int
    files: int
    pages: int
    stories: int
    jobs: int
    events: int
    entries: int
    sponsorships: int


SCALES = {
    "real": Scale(releases=412, files=3_062, pages=300, stories=80, jobs=200, events=300, entries=500, sponsorships=50),
    "large": Scale(
        releases=1_200, files=25_000, pages=3_000, stories=800, jobs=5_000, events=3_000, entries=5_000, sponsorships=500
    ),
}


def grow(scale: Scale) -> None:
    """Multiply the demo content to a scale. Raises IndexError without demo content."""
    grow_releases(scale)
    multiply(Job.objects.filter(status=Status.APPROVED), scale.jobs, _vary_job)
    grow_events(scale.events)
    multiply(BlogEntry.objects.all(), scale.entries, _vary_entry)
    parent = StandardPage.objects.get(slug="grants")
    for number in range(scale.pages - Page.objects.count()):
        text = f"<p>What a reader finds on page {number}, in a few sentences, <b>with one word in bold</b>.</p>" * 5
        parent.add_child(instance=StandardPage(title=f"Report {number}", slug=f"report-{number}", body=[("text", text)]))
    index, story = StoryIndexPage.objects.get(), StoryPage.objects.all()[0]
    for number in range(scale.stories - StoryPage.objects.count()):
        index.add_child(
            instance=StoryPage(
                title=f"Story {number}",
                category=story.category,
                company=story.company,
                author="Ada Byron",
                pull_quote=story.pull_quote,
                text=story.text,
                first_published_at=timezone.now() - timedelta(days=number),
            )
        )
    multiply(Sponsor.objects.all(), scale.sponsorships, _vary_sponsor)
    sponsors = list(Sponsor.objects.order_by("pk"))
    multiply(
        Sponsorship.objects.all(),
        scale.sponsorships,
        lambda row, number: setattr(row, "sponsor", sponsors[number % len(sponsors)]),
    )


def multiply(rows: QuerySet[Row], count: int, vary: Callable[[Row, int], None]) -> list[Row]:
    """Copy rows until their model has `count` of them; `vary(row, number)` makes each unique. Without rows, do nothing."""
    models = list(rows)
    made = []
    for number in range(count - rows.model._default_manager.count() if models else 0):
        row = copy(models[number % len(models)])
        row.pk = None
        row._state = ModelState()
        vary(row, number)
        made.append(row)
    return rows.model._default_manager.bulk_create(made, batch_size=BATCH)


def grow_releases(scale: Scale) -> None:
    """Create releases in new series with the files of a demo release, then further files up to the scale."""
    pattern = Release.objects.filter(version=Release.Line.PYTHON_3, live=True, pre_release=False)
    files = list(ReleaseFile.objects.filter(release=pattern.order_by("-release_date")[0]).select_related("os"))
    releases = multiply(pattern, scale.releases, _vary_release)
    made: list[ReleaseFile] = []
    missing = scale.files - ReleaseFile.objects.count()
    for number in range(missing):
        release, file = releases[number % len(releases)], copy(files[number // len(releases) % len(files)])
        again = number // len(releases) // len(files)
        file.pk, file._state, file.release = None, ModelState(), release
        file.slug = f"{release.slug}-{number}"
        file.url = f"{file.url.rsplit('/', 2)[0]}/{release.slug}/{number}-{file.url.rsplit('/', 1)[1]}"
        file.sha256_sum = sha256(file.url.encode()).hexdigest()
        file.sigstore_bundle_file = f"{file.url}.sigstore"
        file.download_button = file.download_button and not again
        made.append(file)
    ReleaseFile.objects.bulk_create(made, batch_size=BATCH)


def grow_events(count: int) -> None:
    """Create one-day events over the past and the coming year."""
    zone = Event.objects.filter(rrule="", start_time__isnull=False)
    events = multiply(zone, count, _vary_event)
    Occurrence.objects.bulk_create(
        (
            Occurrence(
                event=event, key=span.key, title=event.title, status=event.status, all_day=event.all_day,
                starts_on=span.starts_on, ends_on=span.ends_on, starts_at=span.starts_at, ends_at=span.ends_at,
            )
            for event in events
            for span in spans(event)
        ),
        batch_size=BATCH,
    )  # fmt: skip


def _vary_release(release: Release, number: int) -> None:
    series, patch = divmod(number, PATCHES)
    release.name, release.slug, release.series = f"Python 3.{FIRST_SERIES + series}.{patch}", "", None
    release.release_date = timezone.now() - timedelta(days=number)
    release.show_on_download_page = False
    release.read_name()


def _vary_job(job: Job, number: int) -> None:
    job.title = f"{job.title} {number}"
    job.approved_at = timezone.now() - timedelta(hours=number % 500)
    if number % 5 == 0:
        job.status = Status.EXPIRED


def _vary_event(event: Event, number: int) -> None:
    event.title = f"{event.title} {number}"
    event.featured, event.uid = False, f"{number}@large.example"
    event.start_date += timedelta(days=number % 730 - 365)
    event.end_date = None


def _vary_entry(entry: BlogEntry, number: int) -> None:
    entry.title, entry.url = f"{entry.title} {number}", f"{entry.url}?{number}"
    entry.published_at -= timedelta(hours=number)


def _vary_sponsor(sponsor: Sponsor, number: int) -> None:
    sponsor.name, sponsor.slug = f"{sponsor.name} {number}", f"sponsor-{number}"
