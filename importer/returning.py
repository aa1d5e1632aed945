"""Rows of this site in the shape of the old one: formatted content as HTML, and all fields of rows created or edited here."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

from django.utils.text import slugify
from django_countries import countries
from wagtail.models import Page

from cms.content import markup
from cms.content.models.legacy import FIRST_NEW_ID, LegacyPageID
from community.models import PostPage, StoryPage
from downloads.models import Release, ReleaseFile
from events.models import Event
from home.models import HomePage
from importer.core.writing import USERS, is_edited_here
from importer.sections import events, jobs, psf
from importer.sections.accounts import ADDRESSES
from importer.sections.community import CATEGORIES, COMPANIES, POSTS, STORIES
from importer.sections.downloads import DUMPED_FILES, DUMPED_OS, DUMPED_RELEASES, FILE_KEYS, RELEASE_KEYS
from importer.sections.home.areas import BOXES
from importer.sections.home.pages import LAYOUTS, PAGES
from jobs.models import Job
from psf.models import MinutesPage, WorkGroupPage
from users.models import User

# The domain that names the site in rows of redirects.
OLD_SITE = "www.python.org"
# Fields that only the old site sets.
STAMPS = {"created", "updated", "creator", "last_modified_by"}
MIDNIGHT = time()


@dataclass(frozen=True)
class Return:
    """Rules for exporting the rows of one old model.

    `texts` maps markup fields of the old model to HTML of an instance. `row` returns all other fields of an instance; without
    it, only changed fields are exported, and new rows are entered manually. `more` returns further rows of a new instance.
    """

    texts: Mapping[str, Callable[[Any], str]] = field(default_factory=dict)
    row: Callable[[Any], dict[str, Any]] | None = None
    more: Callable[[Any], list[dict]] | None = None
    # Whether `row` also holds for rows that the old site knows. It does not for accounts, whose permissions and passwords stay.
    whole: bool = True
    # Fields here that `row` carries, for which a check computes the old value.
    carried: frozenset[str] = frozenset()
    # Whether a row that the source lacks was added by a person.
    is_added: Callable[[Any], bool] = lambda _: True


def text_fields(name: str, html: str) -> dict[str, str]:
    """Return the three fields of markup content in a dump. `loaddata` renders nothing, so the rendered text is included."""
    return {name: html, f"{name}_markup_type": "html", f"_{name}_rendered": html}


def stamps(created: datetime | None, updated: datetime | None = None, by: User | None = None) -> dict[str, Any]:
    created = created or datetime.now(UTC)
    return {"created": created, "updated": updated or created, "creator": reference(by), "last_modified_by": None}


def reference(user: User | None) -> list[str] | None:
    return [user.username] if user else None


def of_page(page: Page) -> dict[str, Any]:
    return stamps(page.first_published_at or page.latest_revision_created_at, page.last_published_at, page.owner)


def page_row(page: Any) -> dict[str, Any]:
    home = HomePage.objects.get()
    templates: dict[str, str] = {layout: template for template, layout in LAYOUTS.items()}
    return of_page(page) | {
        "title": page.title,
        "keywords": "",
        "description": page.search_description,
        "path": page.url_path.removeprefix(home.url_path).strip("/"),
        "is_published": page.live,
        "content_type": "text/html",
        "template_name": templates.get(getattr(page, "layout", ""), ""),
    }


def release_row(release: Release) -> dict[str, Any]:
    return (
        stamps(release.first_published_at)
        | {there: getattr(release, here) for here, there in RELEASE_KEYS.items()}
        # “Latest” is a checkbox there, which a person ticks.
        | {"is_latest": False, "release_page": LegacyPageID.of(release.release_page_id)}
    )


def file_row(file: ReleaseFile) -> dict[str, Any]:
    values = {name: getattr(file, name) for name in [*FILE_KEYS, "sha256_sum"]}
    return stamps(None) | values | {"os": file.os_id, "release": file.release_id}


def job_row(job: Job) -> dict[str, Any]:
    country = str(countries.name(job.country)) if job.country else ""
    return stamps(job.created_at, by=job.submitted_by) | {
        **{name: getattr(job, name) for name in ("company_name", "city", "region", "contact", "email", "url")},
        **{name: getattr(job, name) for name in ("agencies", "is_featured")},
        "category": job.category_id,
        "other_job_type": "",
        "job_title": job.title,
        "country": country,
        "country_slug": slugify(country),
        "location_slug": slugify(" ".join(filter(None, [job.city, job.region, country]))),
        "submitted_by": reference(job.submitted_by),
        "status": str(job.status),
        "expires": job.expires_at,
        "telecommuting": job.remote != Job.Remote.NO,
        "job_types": sorted(one.pk for one in job.job_types.all()),
    }


def event_row(event: Event) -> dict[str, Any]:
    return stamps(event.first_published_at) | {
        **{name: getattr(event, name) for name in ("uid", "title", "featured")},
        "calendar": event.calendar_id,
        "venue": event.venue_id,
        "categories": sorted(category.pk for category in event.categories.all()),
    }


def dates_of(event: Event) -> list[dict]:
    """Return the first dates of an event as a rule; recurrence rules are entered manually."""
    zone = ZoneInfo(event.time_zone)
    start, end = (
        datetime.combine(day, at or MIDNIGHT, tzinfo=zone).astimezone(UTC)
        for day, at in ((event.start_date, event.start_time), (event.end_date or event.start_date, event.end_time))
    )
    fields = {"event": event.pk, "dt_start": start, "dt_end": end, "all_day": event.start_time is None}
    return [{"model": "events.occurringrule", "pk": FIRST_NEW_ID + event.pk, "fields": fields}]


def story_row(story: StoryPage) -> dict[str, Any]:
    names = ("slug", "company_name", "company_url", "author", "author_email", "pull_quote", "featured")
    return (
        of_page(story)
        | {name: getattr(story, name) for name in names}
        | {
            "name": story.title,
            "company": story.company_id,
            "category": story.category_id,
            "is_published": story.live,
            "image": story.image.file.name if story.image else "",
            "submitted_by": reference(story.submitter),
        }
    )


def user_row(user: User) -> dict[str, Any]:
    """Return an account without permissions and without a password: its owner resets it by email."""
    names = ("username", "first_name", "last_name", "email", "is_active", "bio", "public_profile", "date_joined")
    return {name: getattr(user, name) for name in names} | {
        "password": "!",
        "last_login": None,
        "is_staff": False,
        "is_superuser": False,
        "groups": [],
        "user_permissions": [],
        "search_visibility": int(user.public_profile),
        "email_privacy": 2,
    }


def is_general(page: Page) -> bool:
    """Return whether a page has no model of its own on the old site. The import creates some other pages itself."""
    return page.specific_class not in {StoryPage, PostPage, MinutesPage, WorkGroupPage}


def redirect_row(redirect: Any) -> dict[str, Any]:
    path = redirect.old_path
    is_file = "." in path.rpartition("/")[2] or "?" in path
    return {"site": [OLD_SITE], "old_path": path if is_file else f"{path}/", "new_path": redirect.link or ""}


def columns(*names: str, **relations: str) -> Callable[[Any], dict[str, Any]]:
    """Return a function that copies fields with equal names, and IDs of relations under their old names."""

    def row(instance: Any) -> dict[str, Any]:
        return {name: getattr(instance, name) for name in names} | {
            old: getattr(instance, here) for old, here in relations.items()
        }

    return row


def markdown(name: str) -> Callable[[Any], str]:
    return lambda instance: str(markup.render(getattr(instance, name)))


def blocks(name: str) -> Callable[[Any], str]:
    """Return a function that renders blocks without the wrapper element of this site."""
    return lambda instance: markup.without_frame(str(getattr(instance, name, "")))


JOB_TEXTS = ("description", "requirements", "company_description")
RETURNS: dict[str, Return] = {
    DUMPED_OS: Return(row=lambda one: stamps(None) | columns("name", "slug")(one), is_added=is_edited_here),
    DUMPED_RELEASES: Return({"content": blocks("body")}, release_row),
    DUMPED_FILES: Return(row=file_row),
    PAGES: Return({"content": blocks("body")}, page_row, carried=frozenset({"title"}), is_added=is_general),
    BOXES: Return({"content": blocks("body")}, lambda box: stamps(None) | {"label": box.label}),
    "redirects.redirect": Return(row=redirect_row, carried=frozenset({"link"}), is_added=is_edited_here),
    USERS: Return(row=user_row, whole=False),
    ADDRESSES: Return(row=lambda one: columns("email", "verified", "primary")(one) | {"user": reference(one.user)}),
    jobs.TYPES: Return(row=columns("name", "slug", "active")),
    jobs.CATEGORIES: Return(row=columns("name", "slug", "active")),
    jobs.JOBS: Return({name: markdown(name) for name in JOB_TEXTS}, job_row),
    jobs.COMMENTS: Return({"comment": markdown("text")}, lambda one: stamps(one.created_at, by=one.author) | {"job": one.job_id}),
    events.CALENDARS: Return(
        row=lambda one: stamps(None) | columns("name", "slug", "description", "url", "rss", "embed", "twitter")(one)
    ),
    events.CATEGORIES: Return(row=columns("name", "slug", calendar="calendar_id")),
    events.LOCATIONS: Return(row=columns("name", "address", "url", calendar="calendar_id")),
    events.EVENTS: Return({"description": blocks("body")}, event_row, dates_of),
    CATEGORIES: Return(row=columns("name", "slug")),
    COMPANIES: Return(
        {"about": lambda one: one.about},
        lambda one: columns("name", "slug", "url", "contact", "email")(one) | {"logo": one.logo.file.name if one.logo else ""},
    ),
    STORIES: Return({"content": blocks("body")}, story_row),
    POSTS: Return({"content": blocks("body")}),
    psf.MINUTES: Return(
        {"content": blocks("content")}, lambda page: of_page(page) | {"date": page.date, "is_published": page.live}
    ),
}
