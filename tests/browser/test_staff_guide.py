"""Follow the staff guide in a browser with demo content, each section in the role for which it is written.

Each menu path of a section is clicked, then its steps are done. Then each name in the section, bold or in quotation marks,
must have been on a screen as a label, heading, button, link or option. The pictures of the guide are taken on the way:

    make pictures
"""

import io
import os
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

import pytest
from django.conf import settings
from django.contrib.auth.models import Group
from django.contrib.contenttypes.models import ContentType
from django.db.models import Model
from django.urls import reverse
from django.utils import timezone
from PIL import Image
from playwright.sync_api import Page, expect
from wagtail.admin.admin_url_finder import AdminURLFinder
from wagtail.models import Page as WagtailPage

from cms.content.models.missing_urls import MissingURL
from cms.delivery.models import LiveCheck, Purge
from cms.editor.models import Bundle
from cms.email.models import EmailTemplate
from cms.moderation.models import ProblemReport
from cms.platform.models import TaskRun
from community.models import StoryIndexPage
from community.workflows import submit as submit_story
from demo import sponsors
from downloads.models import OS, Release
from events.models import Calendar
from events.workflows import submit as submit_event
from home.models import StandardPage
from jobs.models import Status
from sponsors.models import Sponsorship, SponsorshipYear
from tests.databases import fill
from tests.factories.community import CompanyFactory, StoryPageFactory
from tests.factories.downloads import AdvisoryFactory, ReleaseFactory, ReleaseFileFactory
from tests.factories.events import EventFactory
from tests.factories.jobs import JobFactory
from tests.factories.psf import ElectionFactory, NominationFactory
from tests.factories.users import UserFactory
from tests.pydotorg.test_staff_guide import GUIDE, NOT_ON_A_SCREEN, normalize

# The server runs in another thread, so rows are committed.
pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.nightly]
SIZE = {"width": 1440, "height": 900}
IMAGES = Path(settings.BASE_DIR, "docs/images")
COLORS = 96
MAX_BYTES, MAX_PICTURES = 150_000, 12
# Letters that a label may have around a name of the guide.
SLACK = 30
SHORT = 4
# Names that no walk can bring to a screen, with the reason.
UNSEEN = {
    "Large documents": "only with files on S3",
    "Publishing": "for some seconds after a publication",
    "Gone": "after unpublishing",
}
LABELS = """() => {
    const found = [], tags = "a,button,summary,label,th,dt,legend,option,h1,h2,h3,h4,h5,h6,strong,p,li,small,span,td,[role=tab]";
    for (const one of document.querySelectorAll(tags)) if (!one.closest("script,style")) found.push(one.textContent);
    for (const name of ["aria-label", "title", "placeholder", "value"])
        for (const one of document.querySelectorAll(`[${name}]`)) found.push(one.getAttribute(name));
    return found.map(text => text.replace(/\\s+/g, " ").trim()).filter(text => text && text.length < 120);
}"""


def read_sections() -> dict[str, str]:
    """Return the text of each section of the guide, keyed by heading."""
    parts = [part.partition("\n") for part in re.split(r"^##+ ", GUIDE, flags=re.MULTILINE)[1:]]
    return {heading: re.sub(r"!\[[^\]]*\]", "", text) for heading, _, text in parts}


SECTIONS = read_sections()


@dataclass
class Walk:
    """Walk through a section: the browser, and the labels of all screens that it has shown."""

    page: Page
    base_url: str
    user: object
    labels: set[str] = field(default_factory=set)

    def look(self) -> None:
        self.page.wait_for_load_state("networkidle")
        self.labels |= {normalize(text) for text in self.page.evaluate(LABELS)}

    def open(self, path: str) -> None:
        response = self.page.goto(self.base_url + path)
        assert response.ok, (path, response.status)
        self.look()

    def open_menu(self, group: str, entry: str) -> None:
        """Open an entry of the sidebar through its group."""
        self.open("/admin/")
        sidebar = self.page.locator(".sidebar")
        sidebar.get_by_role("button", name=group, exact=True).click()
        with self.page.expect_navigation():
            sidebar.get_by_role("link", name=entry, exact=True).click()
        self.look()
        assert "/admin/" in self.page.url

    def open_menu_entry(self, entry: str) -> None:
        """Open an entry of the sidebar that is in no group."""
        with self.page.expect_navigation():
            self.page.locator(".sidebar").get_by_role("link", name=entry, exact=True).click()
        self.look()

    def click(self, name: str, role: str = "link", **options) -> None:
        """Click a link or button by its name, and check the page that opens."""
        self.page.get_by_role(role, name=name, **options).locator("visible=true").first.click()
        self.look()

    def press(self, name: str | re.Pattern) -> None:
        """Press a button that opens another page."""
        with self.page.expect_navigation():
            self.page.get_by_role("button", name=name).locator("visible=true").first.press("Enter")
        self.look()

    def shows(self, name: str) -> bool:
        name = normalize(name)
        slack = 0 if len(name) < SHORT else SLACK
        return any(name in label and len(label) <= len(name) + slack for label in self.labels)

    def take_picture(self, name: str) -> None:
        """Save a screenshot for the guide if the run requests them."""
        if os.environ.get("PICTURES") == "write":
            self.page.wait_for_timeout(800)
            picture = Image.open(io.BytesIO(self.page.screenshot())).convert("RGB").quantize(COLORS)
            picture.save(IMAGES / f"{name}.png", optimize=True)


@pytest.fixture
def walk(page, live_server, settings, log_in):
    """Return a function that starts a walk as a user with a role."""
    settings.BASE_URL = live_server.url
    fill()
    page.set_viewport_size(SIZE)

    def start(role: str | None) -> Walk:
        user = UserFactory(username="grace", first_name="Grace", last_name="Hall", role=role)
        log_in(user)
        return Walk(page, live_server.url, user)

    return start


def find_edit_url(row: Model) -> str:
    return AdminURLFinder().get_edit_url(row)


def walk_account(walk: Walk) -> None:
    walk.open("/")
    walk.take_picture("front-page")
    walk.open("/authenticated")
    walk.open("/accounts/2fa/")
    walk.take_picture("second-factor")
    walk.open(f"/users/{walk.user.username}/")


def walk_dashboard(walk: Walk) -> None:
    job = JobFactory(status=Status.DRAFT, title="Data engineer")
    job.submit(by=job.submitted_by or UserFactory())
    walk.open("/admin/")
    walk.take_picture("dashboard")
    walk.open_menu("Community", "Stories")
    walk.click("Filter", role="button", exact=False)


def walk_palette(walk: Walk) -> None:
    walk.open("/admin/")
    walk.page.keyboard.press("Control+k")
    walk.page.keyboard.type("python")
    walk.page.locator(".jump__found a", has_text="Live Release").first.wait_for()
    walk.look()
    walk.take_picture("quick-jump")


def make_draft() -> Release:
    """Return the draft of a release with files, in addition to a published release of the same version that had more."""
    previous = ReleaseFactory(name="Python 3.13.90")
    draft = ReleaseFactory(name="Python 3.13.91", live=False, series=previous.series)
    for number, system in enumerate(OS.objects.all()[:3]):
        ReleaseFileFactory(release=previous, os=system, name=f"Installer {number}")
        if number:
            proofs = (
                {"sha256_sum": "a" * 64, "sigstore_bundle_file": "https://www.python.org/ftp/python/3.13.91/installer.sigstore"}
                if number > 1
                else {}
            )
            ReleaseFileFactory(release=draft, os=system, name=f"Installer {number}", **proofs)
    return draft


def walk_release(walk: Walk) -> None:
    walk.open("/admin/downloads/releases/add/")
    name = walk.page.locator("[name=name]")
    name.fill("3.16.0rc1")
    name.blur()
    expect(walk.page.locator("[name=slug]")).to_have_value("python-3160rc1")
    walk.take_picture("add-release")
    walk.open(find_edit_url(make_draft()))
    walk.click("Files", role="tab")
    walk.take_picture("workbench")
    walk.click("Before publishing", role="tab")
    walk.take_picture("before-publishing")
    walk.click("Toggle status", role="button")


def walk_bundle(walk: Walk) -> None:
    draft = make_draft()
    draft.save_revision()
    walk.open("/admin/bundles/new/")
    walk.page.fill("[name=name]", "Release day")
    walk.page.get_by_role("button", name="Create").first.press("Enter")
    walk.page.wait_for_url(re.compile(r"/admin/bundles/\d+/$"))
    walk.look()
    bundle = Bundle.objects.get()
    bundle.items.create(thing=draft, title=str(draft))
    walk.open(f"/admin/bundles/{bundle.pk}/")
    walk.press("Publish now")
    bundle.refresh_from_db()
    assert bundle.status == "published"


def walk_live_status(walk: Walk) -> None:
    release = ReleaseFactory(name="Python 3.13.90")
    release.save_revision().publish()
    LiveCheck.objects.of(release).update(status="failed", error="The old page is shown.", checked_at=timezone.now())
    walk.open(reverse("live_status", args=[ContentType.objects.get_for_model(Release).pk, release.pk]))


def walk_practice(walk: Walk) -> None:
    walk.open("/admin/downloads/start-release/")


def walk_schedule(walk: Walk) -> None:
    draft = make_draft()
    walk.open(reverse("downloads_release_checklist", args=[draft.pk]))
    walk.open(reverse("downloads_release_files", args=[draft.pk]))


def walk_advisories(walk: Walk) -> None:
    AdvisoryFactory()
    walk.open("/admin/downloads/advisories/")


def walk_content(walk: Walk) -> None:
    walk.open_menu("Site-wide content", "Boxes")
    walk.click("Filter", role="button", exact=False)
    walk.open_menu("Reports", "Unused boxes")
    walk.open(find_edit_url(WagtailPage.objects.get(depth=2)))
    walk.click("Toggle checks", role="button")


def walk_reviews(walk: Walk) -> None:
    walk.open(find_edit_url(StandardPage.objects.live().first()))
    walk.click("Toggle status", role="button")
    walk.open(find_edit_url(Group.objects.get(name="Content editors")))


def walk_health(walk: Walk) -> None:
    guide = StandardPage.objects.get(slug="pip")
    report = ProblemReport.objects.create(path="/doc/pip/", page=guide, text="A link is dead.")
    walk.open("/doc/pip/")
    walk.open(reverse("problem_report", args=[report.pk]))
    MissingURL.objects.create(path="/doc/pipp/")
    walk.open_menu("Settings", "Missing URLs")
    walk.open(find_edit_url(StandardPage.objects.live().first()))


def walk_languages(walk: Walk) -> None:
    walk.open_menu("Settings", "Locales")
    walk.click("Add", exact=False)
    walk.page.select_option("[name=language_code]", "es")
    walk.press("Create")
    home = WagtailPage.objects.get(depth=2, locale__language_code="en")
    walk.open("/admin/pages/")
    walk.open(f"/admin/pages/{home.pk}/")
    first = walk.page.locator("main td.title a[href$='/edit/']").first.get_attribute("href")
    for pk in (home.pk, int(re.findall(r"\d+", first)[-1])):
        walk.open(f"/admin/localize/submit/page/{pk}/")
        for choice in walk.page.locator("[name=locales]").all():
            choice.check()
        walk.press("Submit")
    walk.open(f"/admin/pages/{home.pk}/")
    # Wagtail removes the entries of a menu from the page until it is opened.
    walk.page.locator("main td.title", has=walk.page.locator(f"a[href='{first}']")).get_by_role("button").last.click()
    walk.look()


def submit_jobs(number: int = 3) -> None:
    for title in ("Data engineer", "Backend developer", "Compiler engineer")[:number]:
        poster = UserFactory()
        JobFactory(title=title, status=Status.DRAFT, submitted_by=poster).submit(by=poster)


def walk_queue(walk: Walk) -> None:
    submit_jobs()
    walk.open("/admin/moderation-queue/")
    walk.take_picture("queue")
    with walk.page.expect_navigation():
        walk.page.keyboard.press("c")
    walk.look()
    with walk.page.expect_navigation():
        walk.page.keyboard.press("a")
    walk.look()


def make_sponsorships(walk: Walk) -> None:
    """Create the demo sponsorships, which need a staff account."""
    for row in sponsors.SPONSORS:
        sponsors.make_sponsorship(SponsorshipYear.objects.get(), row, walk.user)


def walk_drafts(walk: Walk) -> None:
    make_sponsorships(walk)
    walk.open("/admin/sponsors/deliverables/?direction=in&overdue=true")
    walk.open("/admin/sponsors/deliverables/?direction=in")
    walk.page.locator("[name=item]").first.check()
    walk.press("Remind now")
    walk.open_menu_entry("Draft messages")


def walk_jobs_and_events(walk: Walk) -> None:
    now = timezone.now()
    calendar = Calendar.objects.first()
    EventFactory(title="Season of code", calendar=calendar, start_date=now.date(), end_date=now.date() + timedelta(days=20))
    submit_event(EventFactory.build(title="PyLadies Ulm", calendar=calendar, submitter=UserFactory()), by=UserFactory())
    walk.open(f"/events/month/{now:%Y/%m}/")
    walk.open_menu("Events", "Events")


def walk_stories(walk: Walk) -> None:
    author = UserFactory()
    story = StoryPageFactory(title="Weather maps", live=False, submitter=author, parent=StoryIndexPage.objects.get())
    submit_story(story, by=author)
    walk.open_menu("Community", "Stories")
    walk.click("Filter", role="button", exact=False)
    walk.open(find_edit_url(story))


def walk_feeds(walk: Walk) -> None:
    walk.open_menu("Community", "Feed health")


def walk_elections(walk: Walk) -> None:
    election = ElectionFactory(nominations_open_at=timezone.now(), nominations_close_at=timezone.now() + timedelta(days=9))
    NominationFactory(nominee__election=election, nominee__name="Grace Hopper")
    walk.open(f"/admin/psf/elections/{election.pk}/dashboard/")
    walk.click("Grace Hopper", exact=False)


def walk_sponsors(walk: Walk) -> None:
    make_sponsorships(walk)
    walk.open("/admin/sponsors/sponsorships/")
    walk.take_picture("sponsorships")
    signed = Sponsorship.objects.filter(state="signed").first()
    benefit = signed.active_benefits().first().benefit
    benefit.name = "Logo on all pages"
    benefit.save()
    path = f"/admin/sponsors/sponsorships/{signed.pk}/"
    walk.open(f"{path}do/amend/")
    walk.page.fill("[name=reason]", "A larger booth.")
    walk.press("Open amendment")
    for tab in ("benefits", "deliverables", "contract"):
        walk.open(f"{path}?tab={tab}")
    walk.press("Create documents")
    walk.press("Send amendment")
    signed.contracts.filter(kind="amendment").update(signed_file="signed.pdf")
    walk.open(f"{path}?tab=contract")
    for state in ("applied", "review"):
        walk.open(Sponsorship.objects.filter(state=state).first().get_absolute_url())
    walk.open_menu("Sponsors", "Sponsorship years")
    walk.page.locator("main td a").first.click()
    walk.look()


def walk_statuses(walk: Walk) -> None:
    release = ReleaseFactory(name="Python 3.13.90")
    release.save_revision().publish()
    LiveCheck.objects.of(release).update(status="live", checked_at=timezone.now())
    walk.open(find_edit_url(release))
    walk.click("Toggle status", role="button")
    walk.take_picture("live-everywhere")
    LiveCheck.objects.of(release).update(status="failed", error="The old page is shown.")
    walk.open(find_edit_url(release))
    Purge.objects.create(keys=["home"], status="failed", error="503", attempts=3)
    walk.open_menu("Settings", "Purges")


def walk_tasks(walk: Walk) -> None:
    now = timezone.now()
    TaskRun.objects.create(
        path="events.tasks.sync_calendars", status="failed", error="The server did not answer.", started_at=now, finished_at=now
    )
    walk.open("/admin/tasks/")
    walk.take_picture("tasks")


def walk_versions(walk: Walk) -> None:
    release = make_draft()
    release.save_revision()
    walk.open(find_edit_url(release))
    walk.click("Toggle status", role="button")
    walk.open(find_edit_url(release.series))


def walk_trash(walk: Walk) -> None:
    company = CompanyFactory()
    walk.open(f"{find_edit_url(company).replace('/edit/', '/delete/')}")
    walk.page.get_by_role("button", name=re.compile("^Yes, delete|^Delete")).first.click()
    walk.look()
    walk.open_menu_entry("Trash")


def walk_emails(walk: Walk) -> None:
    walk.open_menu("Site-wide content", "Email templates")
    walk.click("Add", exact=False)
    walk.page.select_option("[name=key]", "jobs.approved")
    walk.press(re.compile("^Save"))
    walk.open(find_edit_url(EmailTemplate.objects.get()))


def walk_keys(walk: Walk) -> None:
    walk.open("/users/keys/")
    walk.take_picture("keys")


WALKS: dict[str, tuple[str, Callable[[Walk], None] | None]] = {
    "Your account": ("Site admins", walk_account),
    "Dashboard": ("Site admins", walk_dashboard),
    "Go to…": ("Site admins", walk_palette),
    "Publish a release": ("Release managers", walk_release),
    "Publish several changes at the same moment": ("Release managers", walk_bundle),
    "Watch a release arrive": ("Release managers", walk_live_status),
    "Practice": ("Release managers", walk_practice),
    "Start from the schedule": ("Release managers", walk_schedule),
    "Release series": ("Release managers", None),
    "Security advisories": ("Release managers", walk_advisories),
    "Operating systems": ("Release managers", None),
    "Menus, boxes and banners": ("Content editors", walk_content),
    "Reviews": ("Site admins", walk_reviews),
    "Site health": ("Site admins", walk_health),
    "Search": ("Content editors", None),
    "Other languages": ("Site admins", walk_languages),
    "Images and documents": ("Content editors", None),
    "Files for programs": ("Site admins", None),
    "Moderation queue": ("Site admins", walk_queue),
    "Draft messages": ("Sponsorship", walk_drafts),
    "Jobs and events": ("Site admins", walk_jobs_and_events),
    "Success stories and companies": ("Content editors", walk_stories),
    "Blogs": ("Content editors", walk_feeds),
    "Minutes": ("PSF staff", None),
    "Work groups and membership": ("PSF staff", None),
    "Elections": ("PSF staff", walk_elections),
    "Sponsors": ("Sponsorship", walk_sponsors),
    "When a change does not appear": ("Site admins", walk_statuses),
    "Tasks": ("Site admins", walk_tasks),
    "Versions": ("Release managers", walk_versions),
    "Trash": ("Content editors", walk_trash),
    "Emails": ("Site admins", walk_emails),
    "API keys": ("Site admins", walk_keys),
}


def test_each_section_has_a_walk():
    assert set(WALKS) == set(SECTIONS)


@pytest.mark.parametrize("heading", WALKS)
def test_the_section_is_true(walk, heading):
    role, steps = WALKS[heading]
    walk = walk(role)
    text = SECTIONS[heading]
    bold = [" ".join(name.split()).strip(" .") for name in re.findall(r"\*\*([^*]+)\*\*", text)]
    walk.open("/admin/")
    groups = {button.inner_text().strip() for button in walk.page.locator(".sidebar button").all()}
    for path in dict.fromkeys(name for name in bold if " → " in name):
        group, entry, *rest = path.split(" → ")
        if group in groups:
            walk.open_menu(group, entry)
            if rest and rest[0].startswith("Add"):
                walk.click("Add", exact=False)
    if steps:
        steps(walk)
    names = {name for path in bold for name in path.split(" → ")} | set(re.findall(r"“([^”]+)”", text))
    names -= {*UNSEEN, "Add"}
    names -= {name for name, reason in NOT_ON_A_SCREEN.items() if reason in {"keys", "an example of a name"}}
    assert {name for name in names if not walk.shows(name)} == set()


def test_the_pictures_of_the_guide_are_few_and_small():
    pictures = sorted(IMAGES.glob("*.png"))
    assert len(pictures) <= MAX_PICTURES
    assert [path.name for path in pictures if path.stat().st_size > MAX_BYTES] == []
    readme = Path(settings.BASE_DIR, "README.md").read_text(encoding="utf-8")
    assert {path.name for path in pictures} == set(re.findall(r"images/([\w-]+\.png)", GUIDE + readme))
