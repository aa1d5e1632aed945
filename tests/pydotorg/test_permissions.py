"""Access control: one row for each URL that changes data or shows data that is not public.

Each row names the required permissions. A staff member with all of them has access; a staff member who lacks any one of them has
none. The test therefore fails for each missing check, on GET and on POST. The roles in `users/groups.py` are sets of permissions.
"""

from collections.abc import Callable
from datetime import timedelta
from typing import NamedTuple

import pytest
from django.contrib.auth.models import Permission
from django.core.files.base import ContentFile
from django.db import transaction
from django.test import Client
from django.utils import timezone
from freezegun import freeze_time
from wagtail.models import Page

from cms.content.models.missing_urls import MissingURL
from cms.delivery.models import Purge
from cms.editor import preview_links
from cms.editor.models import PreviewComment, PreviewLink
from cms.email.models import EmailTemplate, SentEmail
from cms.moderation.models import PageFeedback, ProblemReport
from cms.platform.models import TaskRun
from community.models import Feed
from downloads.models import Release
from events import workflows
from jobs.models import Status
from psf.models import Nomination, Nominee
from sponsors.models import Contract, SponsorAssetVersion, SponsorshipDeliverable, State
from tests.factories.community import FeedFactory
from tests.factories.downloads import ReleaseFactory
from tests.factories.events import CalendarFactory, EventFactory
from tests.factories.jobs import JobFactory
from tests.factories.psf import ElectionFactory, NominationFactory, NomineeFactory
from tests.factories.sponsors import (
    BenefitFactory,
    ContactFactory,
    DeliverableFactory,
    PackageFactory,
    SponsorshipFactory,
    SponsorshipYearFactory,
)
from tests.factories.users import UserFactory
from users.groups import ROLES

pytestmark = pytest.mark.django_db


class Row(NamedTuple):
    name: str
    method: str
    address: Callable[[], str]
    permissions: set[str]
    data: dict = {}


def event() -> str:
    submitted = EventFactory.build(calendar=CalendarFactory(), live=False)
    workflows.submit(submitted, by=UserFactory())
    return f"/admin/events/events/review/{submitted.pk}/"


def feeds() -> str:
    FeedFactory()
    return "/admin/community/reading/"


def queue(path: str = "") -> Callable[[], str]:
    def address():
        poster = UserFactory()
        job = JobFactory(status=Status.DRAFT, submitted_by=poster)
        job.submit(by=poster)
        return f"/admin/jobs/queue/{path.format(job.pk)}"

    return address


def election(path: str) -> Callable[[], str]:
    def address():
        nominee = NomineeFactory(state=Nominee.State.ACCEPTED)
        return f"/admin/psf/elections/{nominee.election_id}/{path.format(nominee.pk)}"

    return address


def sponsorship(path: str = "") -> Callable[[], str]:
    return lambda: f"/admin/sponsors/sponsorships/{SponsorshipFactory(state=State.REVIEW).pk}/{path}"


def changed_sponsor() -> str:
    sponsor = SponsorshipFactory().sponsor
    sponsor.proposed_revision = sponsor.save_revision(clean=False)
    sponsor.save()
    return f"/admin/sponsors/sponsorships/changes/{sponsor.pk}/"


def sponsorship_year(path: str) -> Callable[[], str]:
    return lambda: f"/admin/sponsors/years/{path}/{SponsorshipYearFactory().pk}/"


def of(path: str, make: Callable) -> Callable[[], str]:
    return lambda: path.format(make().pk)


def static(path: str) -> Callable[[], str]:
    return lambda: path


def failed_run() -> TaskRun:
    now = timezone.now()
    return TaskRun.objects.create(path="gone.task", status=TaskRun.Status.FAILED, started_at=now, finished_at=now)


def page_feedback() -> PageFeedback:
    return PageFeedback.objects.create(page=Page.objects.get(depth=1), helpful=False, comment="Step 3 fails.")


def draft_release() -> Release:
    release = ReleaseFactory(live=False)
    release.save_revision()
    release.refresh_from_db()
    return release


def previewed_release() -> str:
    return preview_links.links_url(draft_release())


def preview_link() -> PreviewLink:
    return preview_links.create_link(draft_release(), by=UserFactory(is_superuser=True), days=7)


def preview_comment() -> PreviewComment:
    return PreviewComment.objects.create(link=preview_link(), name="Grace", text="Wrong year.")


def waiting_job() -> str:
    return queue("{}/")().replace("/admin/jobs/queue/", "/admin/moderation-queue/jobs/")


def sponsor_file() -> SponsorshipDeliverable:
    """Return a sponsor asset with a file and a previous file."""
    benefit = BenefitFactory(packages=[PackageFactory()])
    DeliverableFactory(benefit=benefit, kind="file", key="slides", label="Slides")
    found = SponsorshipFactory(package=PackageFactory(), sponsorship_year=benefit.sponsorship_year, state=State.SIGNED)
    ContactFactory(sponsor=found.sponsor, user=UserFactory(username=f"contact{found.pk}"))
    item = SponsorshipDeliverable.objects.get(sponsorship_benefit__sponsorship=found, key="slides")
    for text in (b"first", b"second"):
        item.asset.write(file=ContentFile(text, name="slides.pdf"))
    return item


def previous_file() -> SponsorAssetVersion:
    answer = sponsor_file().asset
    return answer.versions.get()


def contract_file() -> str:
    paper = Contract.objects.create(sponsorship=SponsorshipFactory(state=State.SENT))
    paper.docx.save("contract.docx", ContentFile(b"docx"))
    return f"/users/sponsorships/files/agreement/{paper.pk}/docx/"


def private_nominee() -> str:
    return NomineeFactory(election=ElectionFactory(publish_at=timezone.now() + timedelta(days=9))).get_absolute_url()


def private_nomination() -> str:
    future = ElectionFactory(publish_at=timezone.now() + timedelta(days=9))
    return NominationFactory(nominee=NomineeFactory(election=future)).get_absolute_url()


REVIEW = {"events.change_event"}
FEEDS, SOURCES = "/admin/community/reading/", "/admin/events/sources/"
ADMIN_ROWS = [
    Row("event review", "get", event, REVIEW),
    Row("event review", "post", event, REVIEW, {"decision": "approve"}),
    Row("event sources", "get", static(SOURCES), {"events.view_syncrun"}),
    Row("event sources", "post", static(SOURCES), {"events.view_syncrun", "events.change_calendar"}, {"calendar": "0"}),
    Row("feeds", "get", feeds, {"community.view_feed"}),
    Row("feeds", "post", static(FEEDS), {"community.view_feed", "community.change_feed"}, {"feed": "all"}),
    Row("job queue", "get", queue(), {"jobs.moderate_job"}),
    Row("job", "get", queue("{}/"), {"jobs.moderate_job"}),
    Row("job action", "post", queue("{}/action/"), {"jobs.moderate_job"}, {"action": "archive"}),
    Row("job bulk action", "post", queue("bulk/"), {"jobs.moderate_job"}, {"action": "archive"}),
    Row("job report", "get", static("/admin/jobs/report/"), {"jobs.moderate_job"}),
    Row("moderation queue", "get", static("/admin/moderation-queue/"), {"jobs.moderate_job"}),
    Row("moderation decision", "post", waiting_job, {"jobs.moderate_job"}, {"action": "archive"}),
    Row("election", "get", election("dashboard/"), {"psf.view_nominee"}),
    Row("candidate", "get", election("dashboard/{}/"), {"psf.view_nominee"}),
    Row(
        "candidate",
        "post",
        election("dashboard/{}/"),
        {"psf.view_nominee", "psf.change_nominee"},
        {"action": "note", "text": "Hello."},
    ),
    Row("election preview", "get", election("preview/"), {"psf.view_nominee"}),
    Row("election export", "get", election("export/voting/"), {"psf.view_nominee"}),
    Row("purge", "get", of("/admin/purges/send-again/{}/", lambda: Purge.objects.create(keys=["x"])), {"cms.change_purge"}),
    Row("purge", "post", of("/admin/purges/send-again/{}/", lambda: Purge.objects.create(keys=["x"])), {"cms.change_purge"}),
    *[
        Row(
            "sent email",
            method,
            of("/admin/sent-emails/send-again/{}/", lambda: SentEmail.objects.create(to=["a@b.org"])),
            needed,
        )
        for method, needed in [("get", {"cms.change_sentemail"}), ("post", {"cms.change_sentemail"})]
    ],
    *[
        Row(
            "email template",
            method,
            of("/admin/email-templates/{}/test/", lambda: EmailTemplate.objects.get_or_create(key="cms.review_due")[0]),
            {"cms.change_emailtemplate"},
        )
        for method in ("get", "post")
    ],
    *[
        Row(
            "missing address",
            method,
            of("/admin/missing-urls/redirect/{}/", lambda: MissingURL.objects.get_or_create(path="/x/")[0]),
            {"wagtailredirects.add_redirect"},
        )
        for method in ("get", "post")
    ],
    *[
        Row(
            "problem report",
            method,
            of("/admin/problem-reports/{}/", lambda: ProblemReport.objects.create(path="/x/", text="Broken.")),
            {"cms.change_problemreport"},
        )
        for method in ("get", "post")
    ],
    *[
        Row("page feedback", method, of("/admin/page-feedback/{}/", page_feedback), {f"cms.{action}_pagefeedback"})
        for method, action in (("get", "view"), ("post", "delete"))
    ],
    *[Row("preview links", method, previewed_release, {"downloads.change_release"}, {"days": "7"}) for method in ("get", "post")],
    Row("preview link", "post", of("/admin/preview-links/revoke/{}/", preview_link), {"downloads.change_release"}),
    Row("preview comment", "post", of("/admin/preview-links/comments/delete/{}/", preview_comment), {"downloads.change_release"}),
    Row("tasks", "get", static("/admin/tasks/"), {"cms.view_taskrun"}),
    Row(
        "task", "post", static("/admin/tasks/run/"), {"cms.change_taskrun"}, {"path": "cms.editor.reviews.send_review_reminders"}
    ),
    Row(
        "failed task",
        "post",
        of("/admin/tasks/{}/again/", failed_run),
        {"cms.change_taskrun"},
    ),
    Row("sponsorships", "get", static("/admin/sponsors/sponsorships/"), {"sponsors.view_sponsorship"}),
    Row("list of deals", "get", static("/admin/sponsors/sponsorships/list/"), {"sponsors.view_sponsorship"}),
    Row("export of deals", "get", static("/admin/sponsors/sponsorships/export.csv"), {"sponsors.export_sponsorship"}),
    *[
        Row("new sponsorship", method, static("/admin/sponsors/sponsorships/new/"), {"sponsors.add_sponsorship"})
        for method in ("get", "post")
    ],
    *[
        Row("message", method, static("/admin/sponsors/sponsorships/write/"), {"sponsors.mail_sponsorship"})
        for method in ("get", "post")
    ],
    Row("sponsorship", "get", sponsorship(), {"sponsors.view_sponsorship"}),
    *[
        Row("deal action", m, sponsorship("do/decline/"), {"sponsors.view_sponsorship", "sponsors.move_sponsorship"})
        for m in ("get", "post")
    ],
    *[Row("terms", method, sponsorship("terms/"), {"sponsors.change_sponsorship"}) for method in ("get", "post")],
    Row("lines", "post", sponsorship("benefits/"), {"sponsors.change_sponsorship"}),
    Row("items", "post", sponsorship("deliverables/"), {"sponsors.change_sponsorshipdeliverable"}),
    Row("contract", "post", sponsorship("contract/"), {"sponsors.change_contract"}, {"make": "1"}),
    Row("changes of a sponsor", "get", changed_sponsor, {"sponsors.change_sponsor"}),
    Row("deliverables", "get", static("/admin/sponsors/deliverables/"), {"sponsors.view_sponsorshipdeliverable"}),
    Row("deliverables in bulk", "post", static("/admin/sponsors/deliverables/bulk/"), {"sponsors.change_sponsorshipdeliverable"}),
    Row("archive of deliverables", "get", static("/admin/sponsors/deliverables/sent.zip"), {"sponsors.export_sponsorship"}),
    Row("voucher codes", "post", static("/admin/sponsors/deliverables/codes/"), {"sponsors.change_sponsorshipdeliverable"}),
    Row("offer", "get", sponsorship_year("offer"), {"sponsors.view_sponsorshipyear"}),
    Row("offer", "post", sponsorship_year("offer"), {"sponsors.view_sponsorshipyear", "sponsors.change_benefit"}),
    *[Row("copy of a season", method, sponsorship_year("copy"), {"sponsors.add_sponsorshipyear"}) for method in ("get", "post")],
    Row("sponsor reports", "get", static("/admin/sponsors/reports/"), {"sponsors.view_sponsorship"}),
]
PUBLIC_ROWS = [
    Row("nominee", "get", private_nominee, {"psf.view_nominee"}),
    Row("nomination", "get", private_nomination, {"psf.view_nominee"}),
    Row("answer file", "get", of("/users/sponsorships/files/item/{}/", sponsor_file), {"sponsors.view_sponsorshipdeliverable"}),
    Row(
        "previous answer file",
        "get",
        of("/users/sponsorships/files/version/{}/", previous_file),
        {"sponsors.view_sponsorshipdeliverable"},
    ),
    Row("agreement file", "get", contract_file, {"sponsors.view_contract"}),
]
ROWS = [*ADMIN_ROWS, *PUBLIC_ROWS]


def ids(row: Row) -> str:
    return f"{row.name} {row.method}".replace(" ", "-")


def staff(permissions: set[str], *, admin: bool = True):
    user = UserFactory()
    for label in [*permissions, *(["wagtailadmin.access_admin"] if admin else [])]:
        app, _, codename = label.partition(".")
        user.user_permissions.add(Permission.objects.get(content_type__app_label=app, codename=codename))
    return user


def drain(response) -> None:
    """Read a file to its end, so that the test client closes it."""
    if response.streaming:
        b"".join(response)


def is_refused(row: Row, address: str, user) -> bool:
    """Return whether a URL denies access: by a redirect to the sign-in page or dashboard, or with status 403."""
    client = Client()
    if user is not None:
        client.force_login(user)
    response = getattr(client, row.method)(address, row.data)
    drain(response)
    assert response.status_code < 500, (row.name, response.status_code)
    to = response.headers.get("Location", "").partition("?")[0]
    return response.status_code == 403 or (response.status_code == 302 and to in {"/admin/", "/accounts/login/"})


def is_hidden(row: Row, address: str, user) -> bool:
    client = Client()
    if user is not None:
        client.force_login(user)
    return getattr(client, row.method)(address, row.data).status_code == 404


def is_closed(row: Row, address: str, user) -> bool:
    # A candidate before the publication is not there for others.
    return is_refused(row, address, user) or (row.name in {"nominee", "nomination"} and is_hidden(row, address, user))


@pytest.mark.parametrize("row", ROWS, ids=ids)
def test_each_permission_is_requested(row):
    address = row.address()
    for missing in row.permissions:
        assert is_closed(row, address, staff(row.permissions - {missing})), missing
    assert is_closed(row, address, None)
    assert is_closed(row, address, UserFactory())
    assert not is_closed(row, address, staff(row.permissions))


@pytest.mark.full
@pytest.mark.sampled(3)
@pytest.mark.parametrize("role", sorted(ROLES))
def test_roles_get_what_their_permissions_say(role):
    user = UserFactory(role=role)
    wrong = []
    for row in ROWS:
        has_all = all(user.has_perm(permission) for permission in row.permissions)
        # What one of several queues opens, another one opens too.
        if row.name in {"moderation queue", "moderation decision"} and not has_all:
            continue
        with transaction.atomic():
            if is_closed(row, row.address(), user) == has_all:
                wrong.append(ids(row))
            # Rows of one case must not meet those of the next one.
            transaction.set_rollback(True)
    assert wrong == []


class TestOwners:
    """Access to a user's own records: allowed for the owner, denied to other signed-in users."""

    def outcome(self, client, user, method, address, **data):
        client.force_login(user)
        response = getattr(client, method)(address, data)
        drain(response)
        return response.status_code

    @pytest.mark.parametrize("path", ["edit/", "preview/", "submit/", "withdraw/", "comment/"])
    def test_a_job_is_its_posters(self, client, path):
        poster, other = UserFactory(), UserFactory()
        job = JobFactory(status=Status.DRAFT, submitted_by=poster)
        for method in ("get", "post"):
            assert self.outcome(client, other, method, f"/jobs/{job.pk}/{path}") in {404, 405}
        job.refresh_from_db()
        assert job.status == Status.DRAFT
        found = {self.outcome(client, poster, method, f"/jobs/{job.pk}/{path}") for method in ("get", "post")}
        assert found <= {200, 302, 405, 422}

    def test_no_permission_of_another_section_moderates_a_job(self, client):
        poster = UserFactory()
        job = JobFactory(status=Status.DRAFT, submitted_by=poster)
        job.submit(by=poster)
        for role in ("Content editors", "Events", "PSF staff", "Sponsorship"):
            assert job.get_transitions(UserFactory(role=role)) == []
        assert "approve" not in job.get_transitions(poster)

    def test_a_previous_file_is_for_staff_alone(self, client):
        item = sponsor_file()
        contact = item.sponsorship_benefit.sponsorship.sponsor.contacts.get().user
        version = SponsorAssetVersion.objects.get()
        assert self.outcome(client, contact, "get", f"/users/sponsorships/files/item/{item.pk}/") == 200
        assert self.outcome(client, contact, "get", f"/users/sponsorships/files/version/{version.pk}/") == 403
        assert self.outcome(client, UserFactory(), "get", f"/users/sponsorships/files/item/{item.pk}/") == 403

    def test_a_sponsorship_is_its_contacts(self, client):
        item = sponsor_file()
        found = item.sponsorship_benefit.sponsorship
        contact, other = found.sponsor.contacts.get().user, UserFactory()
        base = f"/users/sponsorships/{found.pk}/"
        addresses = [
            ("get", base),
            ("post", f"{base}items/{item.pk}/"),
            ("post", f"{base}signed-copy/"),
            ("post", f"{base}withdraw/"),
            ("get", f"/users/sponsorships/sponsor/{found.sponsor_id}/"),
            ("post", f"/users/sponsorships/sponsor/{found.sponsor_id}/"),
            ("post", f"/users/sponsorships/sponsor/{found.sponsor_id}/invite/{found.sponsor.contacts.get().pk}/"),
        ]
        assert [self.outcome(client, other, *address) for address in addresses] == [404] * len(addresses)
        assert self.outcome(client, contact, "get", base) == 200

    @pytest.mark.parametrize("right", ["deliver", "sign", "edit"])
    def test_a_contact_without_the_right_is_refused(self, client, right):
        item = sponsor_file()
        found = item.sponsorship_benefit.sponsorship
        found.sponsor.contacts.update(primary=False, manager=False, accounting=False, administrative=True)
        contact = found.sponsor.contacts.get()
        if right in found.get_contact_rights(contact.user):
            pytest.skip("An administrative contact has this right.")
        address = {
            "deliver": f"/users/sponsorships/{found.pk}/items/{item.pk}/",
            "sign": f"/users/sponsorships/{found.pk}/signed-copy/",
            "edit": f"/users/sponsorships/sponsor/{found.sponsor_id}/",
        }[right]
        assert self.outcome(client, contact.user, "post", address) == 403

    def test_a_nomination_is_of_its_nominee_and_nominator(self, client):
        with freeze_time("2026-07-10"):
            nominee_user, nominator, other = UserFactory(), UserFactory(), UserFactory()
            nominee = NomineeFactory(user=nominee_user)
            statement = NominationFactory(nominee=nominee, nominator=nominator)
            address = statement.get_absolute_url()
            for method in ("get", "post"):
                assert self.outcome(client, other, method, f"{address}edit/") == 403
                assert self.outcome(client, other, method, f"{address}accept/") == 403
                assert self.outcome(client, nominator, method, f"{address}accept/") == 403
            assert self.outcome(client, other, "get", address) == 404
            assert self.outcome(client, other, "get", nominee.get_absolute_url()) == 404
            for own in (nominee_user, nominator):
                assert self.outcome(client, own, "get", address) == 200
                assert self.outcome(client, own, "get", f"{address}edit/") == 200
            Nomination.objects.update(state=Nomination.State.ACCEPTED)
            assert self.outcome(client, nominator, "get", f"{address}edit/") == 403
            assert self.outcome(client, nominee_user, "get", nominee.get_absolute_url()) == 200

    def test_a_submission_is_its_submitters(self, client):
        submitter, other = UserFactory(), UserFactory()
        submitted = EventFactory(submitter=submitter)
        for method in ("get", "post"):
            assert self.outcome(client, other, method, f"/events/mine/{submitted.pk}/") == 404
        assert self.outcome(client, submitter, "get", f"/events/mine/{submitted.pk}/") == 200


def test_reading_all_feeds_needs_more_than_seeing_them(client):
    """Users who may only view feeds cannot mark them as read."""
    feed = FeedFactory()
    client.force_login(staff({"community.view_feed"}))
    client.post(FEEDS, {"feed": feed.pk})
    assert Feed.objects.get().read_at is None
