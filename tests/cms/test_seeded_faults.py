"""A fault appears on the admin home of each role that can fix it, and of no other role."""

from datetime import timedelta

import pytest
from bs4 import BeautifulSoup
from django.utils import timezone
from wagtail.models import Page

from cms.delivery.models import Purge
from cms.editor.models import BrokenLink
from cms.moderation.models import ProblemReport
from cms.platform.models import TaskRun
from home.models import StandardPage
from sponsors.models import Contract, SponsorshipBenefit, SponsorshipDeliverable, State
from sponsors.models.catalog import FROM_SPONSOR, TO_SPONSOR
from tests.cms.test_home import COUNTERS, work_of
from tests.factories.community import FeedFactory
from tests.factories.downloads import ReleaseFactory, ReleaseFileFactory
from tests.factories.events import CalendarFactory
from tests.factories.jobs import JobFactory
from tests.factories.sponsors import SponsorshipFactory
from tests.factories.users import UserFactory
from users.groups import ROLES

pytestmark = pytest.mark.django_db
SAME_IN_THE_PLURAL = {"published, not yet live", "overdue from sponsors", "overdue from us", "minutes in draft"}
EDITORS = {role for role in ROLES if "wagtailadmin.admin" in ROLES[role]}
SPONSORS = {role for role in EDITORS if role.startswith("Sponsorship")} | {"Site admins"}


def make_deliverable(kind, state):
    benefit = SponsorshipBenefit.objects.create(sponsorship=SponsorshipFactory(state=State.SIGNED), name="Logo")
    SponsorshipDeliverable.objects.create(
        sponsorship_benefit=benefit, kind=kind, label="Logo", state=state, due_on=timezone.localdate() - timedelta(days=3)
    )


def fail_task():
    now = timezone.now()
    TaskRun.objects.create(path="events.tasks.sync_calendars", status="failed", error="Gone", started_at=now, finished_at=now)


def forget_checksum():
    release = ReleaseFactory(name="Python 3.99.0", live=False, release_date=timezone.now())
    ReleaseFileFactory(release=release, sha256_sum="")


def end_sponsorship_soon():
    today = timezone.localdate()
    SponsorshipFactory(state=State.SIGNED, starts_on=today - timedelta(days=300), ends_on=today + timedelta(days=3))


def submit_signed_copy():
    sponsorship = SponsorshipFactory(state=State.SENT)
    Contract.objects.create(sponsorship=sponsorship, state="sent", signed_file="signed.pdf")


def wait_for_moderator():
    now = timezone.now()
    JobFactory(status="review", submitted_at=now, queued_at=now - timedelta(days=9))


def break_link():
    page = StandardPage(title="Quotes", slug="quotes")
    Page.objects.get(depth=2).add_child(instance=page)
    BrokenLink.objects.create(page=page, url="https://example.org/gone/", reason="404")


# Fault -> how it comes about, its words on the home, and the roles that see it.
FAULTS = {
    "failed task": (fail_task, "failed task", {"Site admins"}),
    "failed purge": (lambda: Purge.objects.create(keys=["home"], status="failed"), "failed purge", {"Site admins"}),
    "asset overdue from a sponsor": (lambda: make_deliverable(FROM_SPONSOR[0], "waiting"), "overdue from sponsors", SPONSORS),
    "deliverable overdue from us": (lambda: make_deliverable(TO_SPONSOR[0], "to_do"), "overdue from us", SPONSORS),
    "asset to review": (lambda: make_deliverable(FROM_SPONSOR[0], "submitted"), "sponsor asset to review", SPONSORS),
    "signed copy to review": (submit_signed_copy, "signed copy to review", SPONSORS),
    "sponsorship that ends": (end_sponsorship_soon, "ends within 90 days", SPONSORS),
    "release without a checksum": (forget_checksum, "3.99.0", {"Release managers", "Site admins"}),
    "job that waits": (wait_for_moderator, "oldest: 9 days", {"Job board", "Site admins"}),
    "feed that fails": (lambda: FeedFactory(error="Gone"), "feed that cannot be read", {"Content editors", "Site admins"}),
    "calendar that fails": (
        lambda: CalendarFactory(slug="read", url="https://example.org/feed.ics", failures=9),
        "calendar that cannot be imported",
        {"Events", "Site admins"},
    ),
    "page with a problem": (
        lambda: ProblemReport.objects.create(path="/", text="Dead"),
        "roblem report",
        {"Content editors", "Site admins"},
    ),
    "broken link": (break_link, "roken link", {"Content editors", "Site admins"}),
}


@pytest.mark.sampled(4)
@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_is_on_the_home_of_those_who_can_fix_it(client, fault):
    make, words, roles = FAULTS[fault]

    def seen_by():
        seen = set()
        for role in EDITORS:
            client.force_login(UserFactory(role=role))
            main = BeautifulSoup(client.get("/admin/").content, "html.parser").select_one("main")
            if words in " ".join(main.get_text(" ").split()):
                seen.add(role)
        return seen

    assert seen_by() == set()
    make()
    assert seen_by() == roles
    # One row is not named in the plural.
    items = work_of(UserFactory(is_superuser=True, is_staff=True))
    assert {text for text, item in items.items() if item.count == 1} & (COUNTERS - SAME_IN_THE_PLURAL) == set()
