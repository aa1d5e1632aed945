"""A change of anything that visitors see purges the pages that show it, and no cached page shows the old state.

The surrogate keys of each page are recorded once. A change is then checked by the keys that it purges, and by the page that
shows it. Each night every page is rendered after every change; one change goes through Varnish.
"""

from collections.abc import Callable
from typing import NamedTuple

import pytest
import requests
from django.apps import apps
from django.core.cache import caches
from django.db.models import Model
from django.test import Client, TestCase
from wagtail.models import Collection, CollectionViewRestriction, DraftStateMixin, Page, PageViewRestriction

from cms.delivery import cached, purging
from cms.delivery.live_checks import get_public_path
from downloads.models import DownloadsSettings
from tests import edge
from tests.factories.cms import BannerFactory, BoxFactory, MenuFactory, link
from tests.factories.downloads import AdvisoryFactory
from tests.factories.sponsors import BenefitFactory, ContactFactory, PlacementFactory, SponsorFactory, SponsorshipFactory

pytestmark = pytest.mark.django_db

NEW = "Zanzibar"
ADDRESSES = [
    "/",
    "/about/",
    "/about/help/",
    "/about/quotes/",
    "/api/v1/downloads/os/",
    "/api/v1/downloads/release/",
    "/api/v2/downloads/os/",
    "/api/v2/downloads/release/",
    "/api/v2/downloads/release_file/",
    "/blogs/",
    "/box/supernav-python-downloads/",
    "/community/",
    "/community/1/",
    "/community/forums/",
    "/downloads/",
    "/downloads/feed.rss",
    "/downloads/macos/",
    "/downloads/source/",
    "/downloads/windows/",
    "/events/",
    "/jobs/",
    "/psf/",
    "/psf/grants/faq/",
    "/psf/membership/",
    "/psf/records/board/minutes/",
    "/psf/sponsors/",
    "/psf/workgroups/",
    "/success-stories/",
]


def own(row: Model) -> str:
    return get_public_path(row)


class Case(NamedTuple):
    """URL that shows the field `field`, by default that of the object. Without a URL, nothing shows it."""

    field: str
    address: str | Callable[[Model], str] | None = own
    value: str = NEW


# By model, whatever has registered what its changes purge.
CASES = {
    "community.BlogEntry": Case("title", "/blogs/"),
    "community.Company": Case("name"),
    "community.Feed": Case("name", "/blogs/"),
    "community.FeedAggregate": Case("name", None),
    "community.PostPage": Case("abstract"),
    "community.StoryCategory": Case("name"),
    "community.StoryPage": Case("title", "/success-stories/"),
    "downloads.Advisory": Case("summary", None),
    "downloads.DownloadsSettings": Case("advisories_url", None, "https://example.org/advisories.zip"),
    "downloads.OS": Case("name", "/api/v2/downloads/os/"),
    "downloads.PlannedRelease": Case("name", None),
    "downloads.Release": Case("name", own, "Python 3.99.0"),
    "downloads.ReleaseFile": Case("description", "/api/v2/downloads/release_file/"),
    "downloads.ReleaseSeries": Case("release_manager", None),
    "events.Calendar": Case("name"),
    "events.Category": Case("name", None),
    "events.Event": Case("title"),
    "events.Location": Case("name", "/events/"),
    "jobs.Job": Case("title", "/jobs/"),
    "jobs.JobBoardSettings": Case("rules", None),
    "jobs.JobCategory": Case("name", "/jobs/"),
    "jobs.JobType": Case("name", "/jobs/"),
    "psf.Election": Case("name"),
    "psf.ElectionKind": Case("introduction", None),
    "psf.MembershipKind": Case("name", "/psf/membership/"),
    "psf.MinutesPage": Case("present"),
    "psf.Nomination": Case("employer", None),
    "psf.Nominee": Case("name", None),
    "psf.WorkGroupPage": Case("title", "/psf/workgroups/"),
    "sponsors.Benefit": Case("name", None),
    "sponsors.Contact": Case("name", None),
    "sponsors.Sponsorship": Case("notes", None),
    "sponsors.PackageBenefit": Case("label", None),
    "sponsors.SponsorshipDeliverable": Case("label", None),
    "sponsors.SponsorshipBenefit": Case("name", None),
    "sponsors.Package": Case("name", None),
    "sponsors.SponsorshipProgram": Case("name", None),
    "sponsors.SponsorshipYear": Case("label", None),
    "sponsors.Sponsor": Case("name", None),
    # Pages register nothing: each of them purges its own key.
    "home.StandardPage": Case("title"),
    "home.LandingPage": Case("title"),
}


def benefit_of_a_sponsorship() -> Model:
    return SponsorshipFactory().add_benefit(BenefitFactory(), source="staff")


def deliverable_of_a_sponsorship() -> Model:
    benefit = BenefitFactory()
    PlacementFactory(benefit=benefit)
    return SponsorshipFactory().add_benefit(benefit, source="staff").deliverables.first()


# Rows that the demo of the tests has not, or shows nowhere.
MADE: dict[str, Callable[[], Model]] = {
    "downloads.Advisory": AdvisoryFactory,
    "downloads.DownloadsSettings": DownloadsSettings.load,
    "sponsors.Contact": ContactFactory,
    "sponsors.Sponsorship": SponsorshipFactory,
    "sponsors.SponsorshipDeliverable": deliverable_of_a_sponsorship,
    "sponsors.SponsorshipBenefit": benefit_of_a_sponsorship,
    "sponsors.Sponsor": SponsorFactory,
}


def add_banner():
    BannerFactory(message=NEW)


def add_box():
    page = Page.objects.get(url_path="/home/psf/trademarks/").specific
    page.body = [("box", BoxFactory(label="shown"))]
    page.save_revision().publish()


def change_box():
    box = apps.get_model("cms.Box").objects.get(label="shown")
    box.body = [("text", f"<p>{NEW}</p>")]
    box.save_revision().publish()


def add_menu():
    MenuFactory(entries=[{"type": "entry", "value": link(NEW, "/learn/")}])


def change_settings():
    settings = apps.get_model("cms.SiteSettings").objects.get()
    settings.tagline = NEW
    settings.save()


def close_page():
    page = Page.objects.get(url_path="/home/psf/trademarks/")
    PageViewRestriction.objects.create(page=page, restriction_type="login")


def close_documents():
    CollectionViewRestriction.objects.create(collection=Collection.get_first_root_node(), restriction_type="login")


def set_membership():
    settings = apps.get_model("psf.MembershipSettings")(service_url="https://members.example/")
    settings.site_id = apps.get_model("wagtailcore.Site").objects.get().pk
    settings.save()


def add_synonyms():
    apps.get_model("cms.SynonymGroup").objects.create(terms=f"spam, {NEW}")


# What the demo has none of, or what changes in a way of its own: what is there before, the change, and where it shows.
ACTS = {
    "cms.Banner": (None, add_banner, "/"),
    "cms.Box": (add_box, change_box, "/psf/trademarks/"),
    "cms.Menu": (None, add_menu, "/"),
    "cms.SiteSettings": (None, change_settings, None),
    # Search results are cached for a minute.
    "cms.SynonymGroup": (None, add_synonyms, None),
    "psf.MembershipSettings": (None, set_membership, None),
    "wagtailcore.CollectionViewRestriction": (None, close_documents, None),
    "wagtailcore.PageViewRestriction": (None, close_page, None),
}


def test_each_model_that_purges_has_a_case():
    registered = {model._meta.label for model in purging._purges if not model.__module__.startswith("tests")}
    assert registered - {*CASES, *ACTS} == set()


@pytest.fixture
def commit(django_capture_on_commit_callbacks):
    return lambda: django_capture_on_commit_callbacks(execute=True)


class Answer(NamedTuple):
    status: int
    content: bytes
    keys: set[str]
    is_cached: bool


class PageCache:
    """Site as seen by a visitor through the cache of each process."""

    def __init__(self):
        self.client = Client()

    def read(self, url: str, **headers: str) -> Answer:
        found = self.client.get(url, headers=headers)
        return Answer(found.status_code, found.content, set(found["Surrogate-Key"].split()), found.has_header("Age"))

    def draw(self, url: str) -> Answer:
        """Return the current page. A request with a cookie gets a newly rendered page."""
        return self.read(url, cookie="past=the-cache")


class Varnish:
    """Site as seen by a visitor through Varnish."""

    def __init__(self, edge: str, origin: str):
        self.edge, self.origin = edge, origin
        self.session = requests.Session()
        self.session.headers["Host"] = edge.removeprefix("http://")

    def read(self, url: str) -> Answer:
        return self.ask(self.edge + url)

    def draw(self, url: str) -> Answer:
        return self.ask(self.origin + url)

    def ask(self, url: str) -> Answer:
        found = self.session.get(url, timeout=30, allow_redirects=False)
        keys = set(found.headers["Surrogate-Key"].split())
        return Answer(found.status_code, found.content, keys, found.headers.get("X-Cache") == "HIT")


@pytest.fixture(scope="module")
def recorded(demo_site, django_db_blocker) -> dict[str, set[str]]:
    """Return the surrogate keys of each page of the demo."""
    with django_db_blocker.unblock():
        reader = PageCache()
        # The first page of all stores the settings that it shows, which purges.
        with TestCase.captureOnCommitCallbacks(execute=True):
            reader.draw("/")
        return {url: reader.draw(url).keys for url in [*ADDRESSES, "/psf/trademarks/"]}


@pytest.fixture
def site(demo_site, settings) -> PageCache:
    settings.PAGE_CACHE = True
    caches["pages"].clear()
    return PageCache()


@pytest.fixture
def varnish(demo_site, tmp_path, settings):
    with edge.site_of_the_transaction() as origin, edge.varnish(origin, tmp_path) as url:
        settings.CDN_BACKEND, settings.CDN_URL, settings.CDN_API_TOKEN = "http", url, edge.TOKEN
        reader = Varnish(url, origin)
        with TestCase.captureOnCommitCallbacks(execute=True):
            reader.read("/")
        yield reader


def fill_cache(site: PageCache | Varnish, *more: str) -> dict[str, set[str]]:
    """Read each page until it is cached. Return the surrogate keys of each cached page."""
    urls = [*dict.fromkeys([*ADDRESSES, *more, "/psf/trademarks/"])]
    for url in urls:
        site.read(url)
    answers = {url: site.read(url) for url in urls}
    cached = {url: found.keys for url, found in answers.items() if found.is_cached}
    assert set(urls) - cached.keys() <= set(more), "Every page of the list can be cached."
    return cached


def check_all(site: PageCache | Varnish, cached: dict[str, set[str]]) -> set[str]:
    """Check that no cached page shows an old state. Return the URLs that were rendered again."""
    missed = set()
    for url in cached:
        found, drawn = site.read(url), site.draw(url)
        if not found.is_cached:
            missed.add(url)
        assert (found.status, found.content) == (drawn.status, drawn.content), f"{url} shows an old state."
    return missed


class Change(NamedTuple):
    """Change of an existing object: the URL that shows it, the text expected there, and how to make the change."""

    url: str | None
    text: str
    make: Callable[[], None]


def prepare(label: str) -> Change:
    """Make what the change needs."""
    if label in ACTS:
        before, make, url = ACTS[label]
        if before:
            before()
        return Change(url, NEW, make)
    case = CASES[label]
    row = shown_row(apps.get_model(label))
    url = case.address(row) if callable(case.address) else case.address

    def make() -> None:
        setattr(row, case.field, case.value)
        if isinstance(row, DraftStateMixin):
            row.save_revision().publish()
        else:
            row.save()

    return Change(url and url.split("#")[0], case.value, make)


@pytest.mark.parametrize("label", [*CASES, *ACTS])
def test_a_change_purges_the_page_that_shows_it(site, recorded, commit, label):
    with commit():
        change = prepare(label)
    before = cached.generation()
    if change.url:
        keys = recorded.get(change.url) if not label.startswith("cms.") else None
        keys = keys or site.draw(change.url).keys
        site.read(change.url)
        was_cached = site.read(change.url).is_cached
        assert was_cached or change.url not in recorded, "Every page of the list can be cached."
    with commit():
        change.make()
    purged = cached.purged_between(before, cached.generation())
    assert purged, "A model is registered because its changes purge something."
    if change.url:
        assert keys & purged, f"{change.url} is not purged."
        found = site.read(change.url)
        assert not found.is_cached
        assert change.text in found.content.decode()


@pytest.mark.nightly
@pytest.mark.parametrize("label", [*CASES, *ACTS])
def test_no_page_shows_an_old_state_after_a_change(site, recorded, commit, label):
    with commit():
        change = prepare(label)
    cached = fill_cache(site, *filter(None, [change.url]))
    before = cached.generation()
    with commit():
        change.make()
    missed = check_all(site, cached)
    purged = cached.purged_between(before, cached.generation())
    assert missed == {url for url, keys in cached.items() if keys & purged}, "Pages that show something else stay cached."


@pytest.mark.edge
def test_varnish_shows_a_change_at_once(varnish, commit):
    with commit():
        change = prepare("events.Event")
    pages = fill_cache(varnish, change.url)
    before = cached.generation()
    with commit():
        change.make()
    missed = check_all(varnish, pages)
    purged = cached.purged_between(before, cached.generation())
    assert change.url in missed
    assert "/jobs/" not in missed
    assert missed == {url for url, keys in pages.items() if keys & purged}
    assert change.text in varnish.read(change.url).content.decode()


def shown_row(model: type[Model]) -> Model:
    """Return a public object of the demo."""
    rows = model._default_manager.all()
    for choose in ("visible", "live", "in_list"):
        if hasattr(rows, choose):
            rows = getattr(rows, choose)()
            break
    if model._meta.label in MADE:
        return MADE[model._meta.label]()
    if issubclass(model, Page):
        rows = rows.filter(depth__gt=3, show_in_menus=True) if model._meta.label == "home.StandardPage" else rows
    return rows.first()
