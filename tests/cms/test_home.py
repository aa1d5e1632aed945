"""Admin home: the main actions of each role, and one list of work whose counters open exactly their rows."""

from datetime import timedelta

import pytest
from bs4 import BeautifulSoup
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from wagtail.models import Page

from cms.delivery.models import LiveCheck, PlaceCheck, Purge
from cms.editor import dashboard
from cms.editor.models import Bundle
from cms.editor.reports import REPORTS, HealthPanel
from cms.email.models import SentEmail
from cms.moderation import queue
from cms.moderation.models import ProblemReport
from cms.platform.models import TaskRun
from downloads.models import AdvisoryRun, PlannedRelease
from events.models import Calendar, SyncRun
from events.workflows import submit as submit_event
from home.models import StandardPage
from jobs.models import Status
from sponsors.models import DeliverableState, SponsorshipBenefit, SponsorshipDeliverable, State
from sponsors.models.catalog import FROM_SPONSOR, TO_SPONSOR
from tests.factories.cms import BoxFactory
from tests.factories.community import FeedFactory
from tests.factories.downloads import ReleaseFactory, ReleaseSeriesFactory
from tests.factories.events import CalendarFactory, EventFactory
from tests.factories.jobs import JobFactory
from tests.factories.psf import ElectionFactory, MinutesPageFactory, NomineeFactory, WorkGroupPageFactory
from tests.factories.sponsors import SponsorshipFactory
from tests.factories.users import UserFactory

pytestmark = pytest.mark.django_db
LONG_AGO = timezone.now() - timedelta(days=2500)
# The top jobs of each role, in the order of the buttons.
ACTIONS = {
    "Release managers": ["Start a release", "Releases", "Release files"],
    "Job board": ["Job queue", "All jobs", "Monthly jobs report"],
    "Events": ["Add an event", "Events", "Calendar sync"],
    "Sponsorship": ["New sponsorship", "Sponsorship board", "Deliverables"],
    "Content editors": ["Add a page", "Pages", "Edit boxes"],
    "PSF staff": ["Write minutes", "Elections", "Membership records"],
    "Site admins": ["Start a release", "New sponsorship", "Add an event", "Tasks", "Users"],
}

COUNTERS = {
    *("failed tasks", "failed purges", "published, not yet live", "publications that some places do not show"),
    *("undelivered emails", "bundles not published at their time", "scheduled bundles", "feeds that cannot be read"),
    *("calendars that cannot be imported", "imports held back", "jobs waiting for a reply from the poster", "live jobs"),
    *("new applications", "overdue from sponsors", "overdue from us", "sponsorships end within 90 days"),
    *("advisory imports held back", "charters due for review", "work groups in draft", "minutes in draft"),
}


@pytest.fixture
def admin(client):
    user = UserFactory(is_superuser=True, is_staff=True)
    client.force_login(user)
    return user


def work_of(user, at=None):
    """Return the items of the home by text, read again."""
    for kept in ("_dashboard_items", "_reviews"):
        user.__dict__.pop(kept, None)
    return {str(item.text): item for _title, items in dashboard.work_of(user, at) for item in items}


def standard_page(user=None, *, at=None, **fields):
    home = Page.objects.filter(depth=2).first()
    page = StandardPage(title=fields.pop("title", "Draft"), live=False, **fields)
    home.add_child(instance=page)
    page.save_revision(user=user)
    if at:
        page.latest_revision.__class__.objects.filter(pk=page.latest_revision_id).update(created_at=at)
        Page.objects.filter(pk=page.pk).update(latest_revision_created_at=at)
    return page


def rows_at(client, url):
    """Return the number of rows in the first list of an admin page."""
    response = client.get(url)
    assert response.status_code == 200, url
    main = BeautifulSoup(response.content, "html.parser").select_one("main")
    table = main.select_one("table")
    return len(main.select(".queue__row") or (table.select("tbody tr") if table else []))


class TestActions:
    @pytest.mark.parametrize("role", ACTIONS)
    def test_the_top_jobs_of_a_role_are_one_click_away(self, client, role):
        MinutesPageFactory()
        client.force_login(UserFactory(role=role))
        soup = BeautifulSoup(client.get("/admin/").content, "html.parser")
        links = {link.text: link["href"] for link in soup.select(".dashboard__actions a")}
        assert [name for name in links if name in ACTIONS[role]] == ACTIONS[role]
        assert {name: client.get(url).status_code for name, url in links.items()} == dict.fromkeys(links, 200)

    def test_the_palette_offers_them_too(self, client):
        client.force_login(UserFactory(role="Sponsorship"))
        html = client.get(reverse("jump"), {"part": ""}).content.decode()
        assert "New sponsorship" in html
        assert "New sponsorship" in client.get(reverse("jump"), {"part": "", "q": "new spon"}).content.decode()
        assert "New sponsorship" not in client.get(reverse("jump"), {"part": "", "q": "zebra"}).content.decode()

    def test_a_release_that_is_due_is_the_first_action(self, client):
        tomorrow = timezone.now().date() + timedelta(days=1)
        plan = PlannedRelease.objects.create(series=ReleaseSeriesFactory(), name="3.15.1", date=tomorrow)
        user = UserFactory(role="Release managers")
        first = dashboard.actions_of(user)[0]
        assert first.label == "Start Python 3.15.1"
        client.force_login(user)
        assert "3.15.1" in client.get(first.url).content.decode()
        ReleaseFactory(name=f"Python {plan.name}", live=False)
        assert dashboard.actions_of(user)[0].label == "Start a release"

    def test_whoever_may_not_add_is_not_offered_it(self):
        names = [action.label for action in dashboard.actions_of(UserFactory(role="Sponsorship auditors"))]
        assert names == ["Sponsorship board", "Deliverables"]


def make_everything():
    """Create for each counter two rows that it counts and one that it does not count."""
    now = timezone.now()
    make_failures(now)
    make_sources(now)
    make_jobs(now)
    make_sponsorships(now)
    make_papers(now)


def make_failures(now):
    for status in ("failed", "failed", "done"):
        TaskRun.objects.create(path=f"gone.{status}", status=status, started_at=now, finished_at=now)
        Purge.objects.create(keys=["downloads"], status=status)
        Bundle.objects.create(name=status, status="failed" if status == "failed" else "draft")
        Bundle.objects.create(name=status, status="scheduled" if status == "failed" else "draft", publish_at=now)
    content_type = Page.objects.first().content_type
    for number, status in enumerate(("failed", "failed", "live")):
        fields = {"content_type": content_type, "title": "Page", "path": "/", "published_at": now}
        LiveCheck.objects.create(object_id=str(number), status=status, **fields)
        check = LiveCheck.objects.create(object_id=str(10 + number), status="live", **fields)
        for name in ("Feed", "API"):
            PlaceCheck.objects.create(live_check=check, name=name, url="/", expected="Page", status=status)
    for status in ("failed", "rejected", "sent"):
        SentEmail.objects.create(to=["ada@example.org"], subject="Hello", body="Hello", status=status)
    for text in ("Dead", "Wrong"):
        ProblemReport.objects.create(path="/", text=text)


def make_sources(now):
    for error in ("Gone", "Gone", ""):
        FeedFactory(error=error)
    FeedFactory(error="Gone", active=False)
    for failures in (9, 9, 0):
        number = Calendar.objects.count()
        calendar = CalendarFactory(slug=f"read-{number}", url="https://example.org/feed.ics", failures=failures)
        held = CalendarFactory(slug=f"held-{number}", url="https://example.org/held.ics")
        for _run in range(2):
            SyncRun.objects.create(calendar=held, status="held" if failures else "preview", started_at=now)
        assert calendar.is_broken is bool(failures)
    for status in ("held", "held", "done"):
        AdvisoryRun.objects.create(status=status)


def make_jobs(now):
    for status, expires in [("approved", 5), ("approved", 6), ("approved", -1), ("draft", 5)]:
        JobFactory(status=status, expires_at=now + timedelta(days=expires))
    for question in (now, now, None):
        JobFactory(status=Status.REVIEW, submitted_at=now, queued_at=now, question_pending_since=question)


def make_papers(now):
    for _row in range(2):
        WorkGroupPageFactory(review_date=now.date() - timedelta(days=1))
        WorkGroupPageFactory(live=False).save_revision()
        MinutesPageFactory(live=False).save_revision()
    MinutesPageFactory()
    election = ElectionFactory(date=now.date() + timedelta(days=60))
    for state in ("invited", "proposed", "accepted", "accepted", "declined"):
        NomineeFactory(election=election, state=state, name=state)


def make_sponsorships(now):
    today = now.date()
    for state in (State.APPLIED, State.APPLIED, State.REVIEW):
        SponsorshipFactory(state=state)
    for days in (30, 30, 200):
        SponsorshipFactory(state=State.SIGNED, starts_on=today - timedelta(days=300), ends_on=today + timedelta(days=days))
    deal = SponsorshipFactory(state=State.APPROVED)
    benefit = SponsorshipBenefit.objects.create(sponsorship=deal, name="Logo")
    for kind, state in [(FROM_SPONSOR[0], DeliverableState.WAITING), (TO_SPONSOR[0], DeliverableState.TO_DO)]:
        for days in (-5, -5, 5):
            due_on = today + timedelta(days=days)
            SponsorshipDeliverable.objects.create(
                sponsorship_benefit=benefit, kind=kind, label="Logo", state=state, due_on=due_on
            )


class TestCounters:
    def test_each_counter_opens_exactly_its_rows(self, client, admin):
        make_everything()
        items = {text: item for text, item in work_of(admin).items() if isinstance(item.count, int)}
        assert {text: rows_at(client, item.url) for text, item in items.items()} == {
            text: item.count for text, item in items.items()
        }
        assert set(items) >= COUNTERS
        assert {text: items[text].count for text in COUNTERS} == dict.fromkeys(COUNTERS, 2)

    def test_the_counters_of_site_health_open_exactly_their_rows(self, client, admin):
        for text in ("Dead", "Wrong", "Done"):
            ProblemReport.objects.create(path="/", text=text, status="done" if text == "Done" else "open")
        for label in ("a", "b"):
            BoxFactory(label=label)
        request = client.get("/admin/").wsgi_request
        reports = HealthPanel().get_context_data({"request": request})["reports"]
        assert len(reports) >= 2
        assert {row["title"]: rows_at(client, row["url"]) for row in reports} == {row["title"]: row["count"] for row in reports}
        assert len(REPORTS) >= len(reports)


class TestReviewsAndDrafts:
    def test_a_review_is_shown_to_reviewers_and_not_to_the_requester(self, client):
        author, other = UserFactory(role="Content editors"), UserFactory(role="Content editors", username="grace")
        page = standard_page(author, title="Quotes")
        page.get_workflow().start(page, author)
        assert "Quotes" not in {text for text, item in work_of(author).items() if item.group == "review"}
        item = work_of(other)["Quotes"]
        assert item.group == "review"
        client.force_login(other)
        assert "Approve" in client.get(item.url).content.decode()
        assert "Awaiting your review" not in client.get("/admin/").content.decode()
        superuser = UserFactory(is_superuser=True, is_staff=True)
        page.current_workflow_state.__class__.objects.filter(pk=page.current_workflow_state.pk).update(requested_by=superuser)
        assert "Quotes" not in {text for text, item in work_of(superuser).items() if item.group == "review"}

    def test_reviewers_without_other_rights_see_their_reviews(self, client):
        author = UserFactory(role="Content editors")
        reviewer = UserFactory(role="Legal reviewers")
        page = standard_page(author, title="Trademarks", slug="privacy")
        page.get_workflow().start(page, author)
        task = page.current_workflow_task_state.task.specific
        task.groups.set(reviewer.groups.all())
        item = work_of(reviewer)["Trademarks"]
        client.force_login(reviewer)
        assert client.get(item.url).status_code == 200

    def test_submissions_are_counted_once_and_without_ones_own(self, client):
        moderator, poster = UserFactory(role="Events"), UserFactory()
        for submitter in (moderator, poster):
            event = EventFactory.build(title=f"Of {submitter}", calendar=CalendarFactory(), submitter=submitter)
            submit_event(event, by=submitter)
        found = work_of(moderator)
        assert found["in the moderation queue"].count == 1
        assert f"Of {poster}" not in found
        client.force_login(moderator)
        assert rows_at(client, found["in the moderation queue"].url) == 1
        assert [item.by for _queue, item in queue.pending_items(moderator)] == [poster.username]

    def test_what_waits_for_days_is_marked(self):
        JobFactory(status=Status.REVIEW, submitted_at=timezone.now(), queued_at=timezone.now() - timedelta(days=5))
        item = work_of(UserFactory(role="Job board"))["in the moderation queue (oldest: 5 days)"]
        assert (item.count, item.status) == (1, "warn")

    def test_drafts_of_pages_and_records_lead_to_their_forms(self, client):
        user = UserFactory(role="Content editors")
        standard_page(user, title="About snakes")
        box = BoxFactory(label="snakes")
        box.description = "Changed"
        box.save_revision(user=user)
        standard_page(UserFactory(), title="Of another")
        found = {text: item for text, item in work_of(user).items() if item.group == "draft"}
        assert sorted(found) == ["About snakes", "snakes"]
        client.force_login(user)
        assert [client.get(item.url).status_code for item in found.values()] == [200, 200]

    def test_old_drafts_age_out(self, admin, client):
        standard_page(admin, title="Old", at=LONG_AGO)
        MinutesPageFactory(live=False, title="Never opened", has_unpublished_changes=True)
        ReleaseFactory(name="Python 3.8.0a1", live=False, release_date=LONG_AGO)
        ReleaseFactory(name="Python 3.99.0", live=False, release_date=timezone.now())
        texts = " ".join(work_of(admin))
        assert "Old" not in texts
        assert "minutes in draft" not in texts
        assert "3.8.0a1" not in texts
        assert "3.99.0" in texts
        assert rows_at(client, f"{reverse('minutes_pages:index')}?drafts=old") == 1


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("role", ["Site admins", "Content editors"])
def test_the_home_needs_few_queries_whatever_waits(client, role, django_assert_max_num_queries):
    user = UserFactory(role=role)
    client.force_login(user)
    author = UserFactory(role="Content editors")

    def add():
        JobFactory(status=Status.REVIEW, submitted_at=timezone.now(), queued_at=timezone.now())
        page = standard_page(author)
        page.get_workflow().start(page, author)
        standard_page(user)
        BoxFactory().save_revision(user=user)

    add()
    client.get("/admin/")
    with CaptureQueriesContext(connection) as before:
        client.get("/admin/")
        number = len(before)
    for _row in range(4):
        add()
    # The new rows have purged the cached counts.
    client.get("/admin/")
    with django_assert_max_num_queries(number):
        client.get("/admin/")
    assert number <= 50


def test_nothing_to_do_says_so(client):
    sentences = {"Legal reviewers": "Submissions for you to review will appear here.", "Job board": "Nothing to do."}
    for role, sentence in sentences.items():
        client.force_login(UserFactory(role=role))
        assert sentence in client.get("/admin/").content.decode(), role
