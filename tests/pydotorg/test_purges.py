"""A change of anything that visitors see: its addresses are drawn anew, and no kept page shows the old state.

Each case runs behind the cache of each process and behind Varnish.
"""

from collections.abc import Callable
from typing import NamedTuple

import pytest
import requests
from django.apps import apps
from django.core.cache import caches
from django.db.models import Model
from wagtail.models import DraftStateMixin, Page, PageViewRestriction

from cms import cdn
from cms.live import address_of
from tests import edge
from tests.factories.cms import BannerFactory, BoxFactory, MenuFactory, link
from tests.factories.sponsors import BenefitFactory, ContactFactory, DealFactory, PlacementFactory, SponsorFactory

pytestmark = [pytest.mark.django_db, pytest.mark.any_engine]

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
    return address_of(row)


class Case(NamedTuple):
    """An address that shows the field `field`, or the address of the row; without one nothing shows it."""

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
    "sponsors.Deal": Case("notes", None),
    "sponsors.Inclusion": Case("label", None),
    "sponsors.Item": Case("label", None),
    "sponsors.Line": Case("name", None),
    "sponsors.Package": Case("name", None),
    "sponsors.Program": Case("name", None),
    "sponsors.Season": Case("label", None),
    "sponsors.Sponsor": Case("name", None),
    # Pages register nothing: each of them purges its own key.
    "home.StandardPage": Case("title"),
    "home.LandingPage": Case("title"),
}


def line_of_a_deal() -> Model:
    return DealFactory().add_line(BenefitFactory(), source="staff")


def item_of_a_deal() -> Model:
    benefit = BenefitFactory()
    PlacementFactory(benefit=benefit)
    return DealFactory().add_line(benefit, source="staff").items.first()


# Rows that the demo of the tests has not, or shows nowhere.
MADE: dict[str, Callable[[], Model]] = {
    "sponsors.Contact": ContactFactory,
    "sponsors.Deal": DealFactory,
    "sponsors.Item": item_of_a_deal,
    "sponsors.Line": line_of_a_deal,
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


def set_membership():
    settings = apps.get_model("psf.MembershipSettings")(service_url="https://members.example/")
    settings.site_id = apps.get_model("wagtailcore.Site").objects.get().pk
    settings.save()


# What the demo has none of, or what changes in a way of its own: what is there before, the change, and where it shows.
ACTS = {
    "cms.Banner": (None, add_banner, "/"),
    "cms.Box": (add_box, change_box, "/psf/trademarks/"),
    "cms.Menu": (None, add_menu, "/"),
    "cms.SiteSettings": (None, change_settings, None),
    "psf.MembershipSettings": (None, set_membership, None),
    "wagtailcore.PageViewRestriction": (None, close_page, None),
}


def test_each_model_that_purges_has_a_case():
    registered = {model._meta.label for model in cdn._purges if not model.__module__.startswith("tests")}
    assert registered - {*CASES, *ACTS} == set()


@pytest.fixture
def commit(django_capture_on_commit_callbacks):
    return lambda: django_capture_on_commit_callbacks(execute=True)


class Answer(NamedTuple):
    status: int
    content: bytes
    keys: set[str]
    is_kept: bool


class PageCache:
    """The site as somebody reads it who comes through the cache of each process."""

    def __init__(self, client):
        self.client = client

    def read(self, address: str, **headers: str) -> Answer:
        found = self.client.get(address, headers=headers)
        return Answer(found.status_code, found.content, set(found["Surrogate-Key"].split()), found.has_header("Age"))

    def draw(self, address: str) -> Answer:
        """What the site says now: whoever brings a cookie gets a page that is drawn for them."""
        return self.read(address, cookie="past=the-cache")


class Varnish:
    """The same through Varnish."""

    def __init__(self, edge: str, origin: str):
        self.edge, self.origin = edge, origin
        self.session = requests.Session()
        self.session.headers["Host"] = edge.removeprefix("http://")

    def read(self, address: str) -> Answer:
        return self.ask(self.edge + address)

    def draw(self, address: str) -> Answer:
        return self.ask(self.origin + address)

    def ask(self, url: str) -> Answer:
        found = self.session.get(url, timeout=30, allow_redirects=False)
        keys = set(found.headers["Surrogate-Key"].split())
        return Answer(found.status_code, found.content, keys, found.headers.get("X-Cache") == "HIT")


@pytest.fixture(scope="module")
def varnish(demo_site, tmp_path_factory):
    with edge.site_of_the_transaction() as origin, edge.varnish(origin, tmp_path_factory.mktemp("varnish")) as url:
        yield Varnish(url, origin)


@pytest.fixture(params=["page cache", "Varnish"])
def site(request, demo_site, settings, client, commit):
    """The site behind each of the caches, which is empty."""
    if request.param == "Varnish":
        reader = request.getfixturevalue("varnish")
        settings.CDN_BACKEND, settings.CDN_URL, settings.CDN_API_TOKEN = "http", reader.edge, edge.TOKEN
        cdn.send([cdn.SITE_KEY])
    else:
        reader, settings.PAGE_CACHE = PageCache(client), True
        caches["pages"].clear()
    with commit():
        reader.read("/")
    return reader


def fill_cache(site, *more: str) -> dict[str, set[str]]:
    """The addresses that are kept now, with the keys of each."""
    asked = [*dict.fromkeys([*ADDRESSES, *more, "/psf/trademarks/"])]
    for address in asked:
        site.read(address)
    answers = {address: site.read(address) for address in asked}
    kept = {address: found.keys for address, found in answers.items() if found.is_kept}
    assert set(asked) - kept.keys() <= set(more), "Every page of the list can be kept."
    return kept


def check(site, kept: dict[str, set[str]]) -> set[str]:
    """No kept page shows what is no longer so. The addresses that were drawn anew."""
    missed = set()
    for address in kept:
        found, drawn = site.read(address), site.draw(address)
        if not found.is_kept:
            missed.add(address)
        assert (found.status, found.content) == (drawn.status, drawn.content), f"{address} shows an old state."
    return missed


@pytest.mark.parametrize("label", CASES)
def test_a_change_shows_everywhere_at_once(site, commit, label):
    case, model = CASES[label], apps.get_model(label)
    with commit():
        row = shown_row(model)
    address = case.address(row) if callable(case.address) else case.address
    kept = fill_cache(site, *filter(None, [address and address.split("#")[0]]))
    setattr(row, case.field, case.value)
    before = cdn.generation()
    with commit():
        if isinstance(row, DraftStateMixin):
            row.save_revision().publish()
        else:
            row.save()
    assert address is None or case.value in site.draw(address).content.decode()
    missed = check(site, kept)
    assert address is None or address.split("#")[0] in missed
    purged = cdn.purged_between(before, cdn.generation())
    assert missed == {address for address, keys in kept.items() if keys & purged}, "What shows something else stays."


def shown_row(model: type[Model]) -> Model:
    """A row that the demo shows to everybody."""
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


@pytest.mark.parametrize("label", ACTS)
def test_an_act_shows_everywhere_at_once(site, commit, label):
    before, act, address = ACTS[label]
    with commit():
        if before:
            before()
    kept = fill_cache(site)
    with commit():
        act()
    assert address is None or NEW in site.read(address).content.decode()
    check(site, kept)
