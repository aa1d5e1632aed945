"""Sample values for the old site's URL patterns, taken from imported rows, with the owners of these rows."""

from cms.content.models.boxes import Box
from cms.content.models.media import CustomImage
from community.models import PostPage, StoryCategory, StoryPage
from downloads.models import OS, Release, ReleaseFile
from events.models import Category, Event, Location
from home.old_api import public_pages
from importer.core.walking import ANONYMOUS, OWNER, STAFF, TOKEN, Sample, sampled
from jobs.models import Job, JobCategory, JobType
from psf.models import Election, Membership, MinutesPage, Nomination, Nominee
from sponsors.models import Contact, Sponsorship
from users.models import User

OWNED = (OWNER,)


def member() -> User | None:
    """Return an imported account without permissions."""
    return User.objects.filter(is_active=True, is_superuser=False, is_staff=False, groups=None).order_by("pk").first()


@sampled("getit:download_release_detail", "download:download_release_detail")
def release() -> Sample | None:
    row = Release.objects.visible().first()
    return Sample({"release_slug": row.slug}) if row else None


@sampled("release_edit_button", audience=(ANONYMOUS, OWNER, STAFF))
def release_number() -> Sample | None:
    row = Release.objects.visible().first()
    return Sample({"pk": row.pk}, member()) if row else None


@sampled("getit:download_latest_python3x", "download:download_latest_python3x")
def series() -> Sample | None:
    row = Release.objects.visible().filter(version=3).first()
    return Sample({"minor": row.minor}) if row else None


@sampled("getit:download_os_list", "download:download_os_list")
def operating_system() -> Sample | None:
    row = OS.objects.first()
    return Sample({"slug": row.slug}) if row else None


@sampled("box")
def box() -> Sample | None:
    row = Box.objects.filter(live=True).first()
    return Sample({"label": row.label}) if row else None


@sampled("community:post_detail")
def post() -> Sample | None:
    row = PostPage.objects.live().first()
    return Sample({"pk": row.slug}) if row else None


def event_values() -> dict:
    row = Event.objects.filter(live=True).select_related("calendar").first()
    day = {"year": "2026", "month": "11", "day": "20"}
    return {"calendar_slug": row.calendar.slug, "pk": row.pk} | day if row else {}


@sampled(
    "events:eventcategory_list",
    "events:eventlocation_list",
    "events:eventlist_date",
    "events:event_detail",
    "events:event_list_past",
    "events:event_list",
)
def event() -> Sample | None:
    values = event_values()
    return Sample(values) if values else None


@sampled("events:eventlist_category")
def event_category() -> Sample | None:
    row = Category.objects.values("calendar__slug", "slug").first()
    return Sample({"calendar_slug": row["calendar__slug"], "slug": row["slug"]}) if row else None


@sampled("events:eventlist_location")
def event_location() -> Sample | None:
    row = Location.objects.values("calendar__slug", "pk").first()
    return Sample({"calendar_slug": row["calendar__slug"], "pk": row["pk"]}) if row else None


@sampled("jobs:job_list_type")
def job_type() -> Sample | None:
    row = JobType.objects.first()
    return Sample({"slug": row.slug}) if row else None


@sampled("jobs:job_list_category")
def job_category() -> Sample | None:
    row = JobCategory.objects.first()
    return Sample({"slug": row.slug}) if row else None


@sampled("jobs:job_list_location")
def job_location() -> Sample | None:
    row = Job.objects.visible().exclude(location_slug="").first()
    return Sample({"slug": row.location_slug}) if row else None


@sampled("jobs:job_detail")
def job() -> Sample | None:
    row = Job.objects.visible().first()
    return Sample({"pk": row.pk}, row.submitted_by) if row else None


@sampled("jobs:job_edit", "jobs:job_preview", audience=OWNED)
def own_job() -> Sample | None:
    row = Job.objects.exclude(submitted_by=None).filter(submitted_by__is_active=True).order_by("-pk").first()
    return Sample({"pk": row.pk}, row.submitted_by) if row else None


@sampled("jobs:job_review", "jobs:job_moderate", "jobs:job_review_comment_create", audience=(STAFF,))
def queue() -> Sample:
    return Sample(owner=member())


@sampled("jobs:job_remove", audience=(STAFF,))
def removed_job() -> Sample | None:
    row = Job.objects.first()
    return Sample({"pk": row.pk}, row.submitted_by) if row else None


@sampled("success_story_detail")
def story() -> Sample | None:
    row = StoryPage.objects.live().first()
    return Sample({"slug": row.slug}) if row else None


@sampled("success_story_list_category")
def story_category() -> Sample | None:
    row = StoryCategory.objects.first()
    return Sample({"slug": row.slug}) if row else None


@sampled(
    "jobs:job_create",
    "jobs:job_list_mine",
    "users:user_profile_edit",
    "users:user_nominations_view",
    "users:user_sponsorships_dashboard",
    "users:edit_sponsor_info_implicit",
    "events:event_submit",
    "success_story_create",
    "new_sponsorship_application",
    audience=OWNED,
)
def account() -> Sample:
    return Sample(owner=member())


@sampled("users:user_detail")
def profile() -> Sample | None:
    row = User.objects.filter(public_profile=True, is_active=True).order_by("-pk").first()
    return Sample({"slug": row.username}, row) if row else None


@sampled("users:user_delete", audience=OWNED)
def own_account() -> Sample | None:
    row = member()
    return Sample({"slug": row.username}, row) if row else None


@sampled(
    "users:user_membership_create",
    "users:user_membership_edit",
    "users:user_membership_thanks",
    "users:membership_affirm_vote",
    "users:membership_affirm_vote_done",
    "users:user_membership_delete",
    audience=OWNED,
)
def membership() -> Sample | None:
    row = Membership.objects.exclude(user=None).select_related("user").first()
    return Sample({"slug": row.user.username}, row.user) if row and row.user else None


@sampled(
    "users:update_sponsorship_assets",
    "users:view_provided_sponsorship_assets",
    "users:sponsorship_application_detail",
    audience=OWNED,
)
def sponsorship() -> Sample | None:
    row = Sponsorship.objects.exclude(submitted_by=None).select_related("submitted_by").first()
    return Sample({"pk": row.pk}, row.submitted_by) if row else None


@sampled("users:edit_sponsor_info", audience=OWNED)
def sponsor() -> Sample | None:
    row = Contact.objects.exclude(user=None).filter(primary=True).select_related("user").first()
    return Sample({"pk": row.sponsor_id}, row.user) if row else None


@sampled("minutes_detail")
def minutes() -> Sample | None:
    row = MinutesPage.objects.live().first()
    return Sample({"year": f"{row.date:%Y}", "month": f"{row.date:%m}", "day": f"{row.date:%d}"}) if row else None


@sampled("nominations:election_detail", "nominations:nominees_list")
def election() -> Sample | None:
    row = Election.objects.first()
    return Sample({"election": row.slug}) if row else None


@sampled("nominations:nomination_create", audience=OWNED)
def open_election() -> Sample | None:
    row = next((election for election in Election.objects.all() if election.is_open()), None)
    return Sample({"election": row.slug}, member()) if row else None


@sampled("nominations:nominee_detail", audience=OWNED)
def nominee() -> Sample | None:
    row = Nominee.objects.exclude(user=None).select_related("election", "user").first()
    return Sample({"election": row.election.slug, "slug": row.slug}, row.user) if row else None


def own_nomination(*, is_open: bool) -> Sample | None:
    rows = Nomination.objects.exclude(nominee__user=None).select_related("nominee__user", "election")
    row = next((row for row in rows if not is_open or (row.nominee.user and row.may_edit(row.nominee.user))), None)
    return Sample({"election": row.election.slug, "pk": row.pk}, row.nominee.user) if row else None


@sampled("nominations:nomination_detail", audience=OWNED)
def nomination() -> Sample | None:
    return own_nomination(is_open=False)


@sampled("nominations:nomination_edit", "nominations:nomination_accept", audience=OWNED)
def open_nomination() -> Sample | None:
    return own_nomination(is_open=True)


@sampled("media_migration_view")
def media() -> Sample | None:
    row = CustomImage.objects.first()
    return Sample({"url": row.file.name}) if row else None


@sampled("account_confirm_email", "account_reset_password_from_key")
def expired_link() -> Sample:
    return Sample({"key": "expired", "uidb36": "0"})


@sampled("api-root")
def api_root() -> Sample:
    return Sample({"format": ".json"})


def api_values(pk: int) -> Sample:
    return Sample({"pk": pk, "pk_list": pk, "format": "json"})


@sampled("downloads/os")
def api_os() -> Sample | None:
    row = OS.objects.first()
    return api_values(row.pk) if row else None


@sampled("downloads/release")
def api_release() -> Sample | None:
    row = Release.objects.visible().first()
    return api_values(row.pk) if row else None


@sampled("downloads/release_file")
def api_file() -> Sample | None:
    row = ReleaseFile.objects.visible().first()
    return api_values(row.pk) if row else None


@sampled("pages/page")
def api_page() -> Sample | None:
    row = public_pages().first()
    return api_values(row.number) if row else None


@sampled("logo_placement_list", audience=(TOKEN,))
def placements() -> Sample:
    return Sample(owner=member())


@sampled("assets_list", audience=(TOKEN,))
def assets() -> Sample:
    return Sample(owner=member(), query="?internal_name=logo")
