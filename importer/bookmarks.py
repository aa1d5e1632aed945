"""Redirects from the old admin: from lists to the matching lists, and from forms to the form of the same object."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from allauth.account.models import EmailAddress
from django.contrib.auth.models import Group
from django.db import models
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import URLPattern, path, re_path, reverse
from django.views.generic import RedirectView
from wagtail.admin.admin_url_finder import AdminURLFinder
from wagtail.contrib.redirects.models import Redirect
from wagtail.models import Page

from cms.content.models.banners import Banner
from cms.content.models.boxes import Box
from cms.platform.text import parse_int
from community.models import BlogEntry, Company, Feed, FeedAggregate, PostPage, StoryCategory
from downloads.models import OS, Release, ReleaseFile
from events.models import Calendar, Category, Event, Location
from home.models import HomePage
from jobs.models import Job, JobCategory, JobComment, JobType
from psf.models import Election, ElectionKind, Membership, Nomination, Nominee
from sponsors.models import (
    Benefit,
    Contract,
    LegalClause,
    MessageTemplate,
    Package,
    Sponsor,
    SponsorAsset,
    Sponsorship,
    SponsorshipProgram,
)
from users.models import User

from .models import ImportedRow

Find = Callable[[str, int], Any]


@dataclass(frozen=True)
class Bookmark:
    """Admin screens for an old model: URL names of its list and add form, and a finder of an object by its old ID.

    `form` is the URL name of a screen for the object if the admin has one in addition to the edit form. `is_here` says whether
    the model exists on this site; otherwise the list is the closest screen.
    """

    list: str
    add: str = ""
    find: Find | None = None
    form: str = ""
    is_here: bool = True


def same_id(model: type[models.Model]) -> Find:
    return lambda _, pk: model._default_manager.filter(pk=pk).first()


def imported(model: type[models.Model]) -> Find:
    """Return a finder of objects whose ID on this site differs."""

    def find(label: str, pk: int) -> Any:
        target = ImportedRow.objects.filter(label=label, key=str(pk)).exclude(target="").values_list("target", flat=True).first()
        return model._default_manager.filter(pk=target).first() if target else None

    return find


def owner_of(model: type[models.Model], relation: str) -> Find:
    """Return a finder of the parent object with which a row is edited."""

    def find(_: str, pk: int) -> Any:
        row = model._default_manager.filter(pk=pk).select_related(relation).first()
        return getattr(row, relation) if row else None

    return find


def snippet(name: str, model: type[models.Model], find: Find | None = None) -> Bookmark:
    base = f"wagtailsnippets_{name}"
    return Bookmark(f"{base}:list", f"{base}:add", find or same_id(model))


def viewset(name: str, model: type[models.Model], find: Find | None = None) -> Bookmark:
    return Bookmark(f"{name}:index", f"{name}:add", find or same_id(model))


def register(name: str, model: type[models.Model], *, has_form: bool = True) -> Bookmark:
    base = f"{name}_modeladmin"
    return Bookmark(f"{base}_index", f"{base}_create" if has_form else "", same_id(model))


def pages(name: str) -> Bookmark:
    return Bookmark(f"{name}:index", find=imported(Page))


def nearest(name: str) -> Bookmark:
    return Bookmark(name, is_here=False)


ASSET = Bookmark("sponsor_deliverables:index", find=owner_of(SponsorAsset, "sponsorship"), form="sponsorships:sponsorship")
KEYS = Bookmark("api_keys:index", "api_keys:add")
TASKS = nearest("tasks")
POSTS = nearest("post_pages:index")
USERS = viewset("wagtailusers_users", User, imported(User))
# By app and model, as in the URLs of the old admin.
BOOKMARKS: dict[str, Bookmark] = {
    "account/emailaddress": Bookmark("wagtailusers_users:index", find=owner_of(EmailAddress, "user")),
    "admin_interface/theme": nearest("wagtailadmin_home"),
    "auth/group": viewset("wagtailusers_groups", Group, imported(Group)),
    "authtoken/tokenproxy": KEYS,
    "banners/banner": snippet("cms_banner", Banner),
    "blogs/blogentry": register("community_entries", BlogEntry, has_form=False),
    "blogs/feed": register("community_feeds", Feed),
    "blogs/feedaggregate": register("community_aggregates", FeedAggregate),
    "boxes/box": snippet("cms_box", Box, imported(Box)),
    "codesamples/codesample": Bookmark("wagtailadmin_explore_root", find=lambda *_: HomePage.objects.first()),
    "community/link": POSTS,
    "community/photo": POSTS,
    "community/post": Bookmark("post_pages:index", find=lambda _, pk: PostPage.objects.filter(slug=str(pk)).first()),
    "community/video": POSTS,
    "companies/company": snippet("community_company", Company),
    "django_celery_beat/clockedschedule": TASKS,
    "django_celery_beat/crontabschedule": TASKS,
    "django_celery_beat/intervalschedule": TASKS,
    "django_celery_beat/periodictask": TASKS,
    "django_celery_beat/solarschedule": TASKS,
    "downloads/os": viewset("downloads_os", OS),
    "downloads/release": snippet("downloads_release", Release),
    "downloads/releasefile": register("downloads_files", ReleaseFile),
    "events/alarm": nearest("wagtailsnippets_events_event:list"),
    "events/calendar": viewset("events_calendars", Calendar),
    "events/event": snippet("events_event", Event),
    "events/eventcategory": register("events_categories", Category),
    "events/eventlocation": register("events_places", Location),
    "events/occurringrule": nearest("wagtailsnippets_events_event:list"),
    "events/recurringrule": nearest("wagtailsnippets_events_event:list"),
    "jobs/job": Bookmark("jobs_job:index", find=same_id(Job)),
    "jobs/jobcategory": register("jobs_categories", JobCategory),
    "jobs/jobreviewcomment": Bookmark("job_queue:index", find=owner_of(JobComment, "job"), form="job_queue:job"),
    "jobs/jobtype": register("jobs_types", JobType),
    "minutes/minutes": pages("minutes_pages"),
    "nominations/election": viewset("psf_elections", Election),
    "nominations/electionkind": viewset("psf_election_kinds", ElectionKind),
    "nominations/nomination": Bookmark("psf_elections:index", find=owner_of(Nomination, "election")),
    "nominations/nominee": Bookmark("psf_elections:index", find=owner_of(Nominee, "election")),
    "pages/page": Bookmark("wagtailadmin_explore_root", find=imported(Page)),
    "redirects/redirect": Bookmark("wagtailredirects:index", "wagtailredirects:add", imported(Redirect), "wagtailredirects:edit"),
    "sites/site": Bookmark("wagtailsites:index", "wagtailsites:add"),
    "sitetree/tree": nearest("wagtailsnippets_cms_menu:list"),
    "sponsors/contract": Bookmark("sponsorships:index", find=owner_of(Contract, "sponsorship"), form="sponsorships:sponsorship"),
    "sponsors/fileasset": ASSET,
    "sponsors/genericasset": ASSET,
    "sponsors/imgasset": ASSET,
    "sponsors/legalclause": register("sponsors_clauses", LegalClause),
    "sponsors/responseasset": ASSET,
    "sponsors/sponsor": snippet("sponsors_sponsor", Sponsor),
    "sponsors/sponsoremailnotificationtemplate": snippet("sponsors_messagetemplate", MessageTemplate),
    "sponsors/sponsorship": Bookmark("sponsorships:index", find=same_id(Sponsorship), form="sponsorships:sponsorship"),
    "sponsors/sponsorshipbenefit": viewset("sponsors_benefit", Benefit),
    "sponsors/sponsorshipcurrentyear": Bookmark("sponsors_sponsorship_year:index"),
    "sponsors/sponsorshippackage": viewset("sponsors_package", Package),
    "sponsors/sponsorshipprogram": register("sponsors_programs", SponsorshipProgram),
    "sponsors/textasset": ASSET,
    "successstories/story": pages("story_pages"),
    "successstories/storycategory": register("community_categories", StoryCategory),
    "tastypie/apikey": KEYS,
    "users/membership": register("psf_members", Membership, has_form=False),
    "users/user": USERS,
    "waffle/flag": nearest("wagtailadmin_home"),
    "waffle/sample": nearest("wagtailadmin_home"),
    "waffle/switch": nearest("wagtailadmin_home"),
    "work_groups/workgroup": pages("work_group_pages"),
}
LABELS = "|".join(map(re.escape, BOOKMARKS))
APPS = "|".join(dict.fromkeys(label.partition("/")[0] for label in BOOKMARKS))


def open_bookmark(request: HttpRequest, old_model: str, rest: str) -> HttpResponse:
    """Redirect to the form of an old ID, the form for a new object, or the list. Each target checks its own permission."""
    bookmark = BOOKMARKS[old_model]
    first = rest.partition("/")[0]
    if first == "add":
        return redirect(bookmark.add or bookmark.list)
    pk = parse_int(first)
    row = bookmark.find(old_model.replace("/", "."), pk) if bookmark.find and pk is not None else None
    if row is None:
        return redirect(bookmark.list)
    form = reverse(bookmark.form, args=[row.pk]) if bookmark.form else AdminURLFinder(request.user).get_edit_url(row)
    return redirect(form or bookmark.list)


def open_app(request: HttpRequest, old_app: str) -> HttpResponse:
    """Redirect from the page of an app to the list of its first model."""
    return redirect(next(bookmark.list for label, bookmark in BOOKMARKS.items() if label.startswith(f"{old_app}/")))


def urls() -> list[URLPattern]:
    to_home = RedirectView.as_view(pattern_name="wagtailadmin_home")
    return [
        re_path(rf"^(?P<old_model>{LABELS})/(?P<rest>.*)$", open_bookmark),
        path("password_change/", RedirectView.as_view(pattern_name="account_change_password")),
        path("password_change/done/", to_home),
        re_path(r"^doc/(?:.*)$", to_home),
    ]


def app_urls() -> list[URLPattern]:
    return [re_path(rf"^(?P<old_app>{APPS})/$", open_app)]
