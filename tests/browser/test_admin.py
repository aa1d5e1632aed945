"""The admin in a real browser."""

from urllib.parse import urlsplit

import pytest
from axe_playwright_python.sync_playwright import Axe

from cms.delivery.models import Purge
from cms.moderation.models import ProblemReport
from downloads.models import Release
from tests.browser.test_public_pages import SETTLED
from tests.factories.downloads import ReleaseFactory, ReleaseFileFactory
from tests.factories.users import UserFactory

# The server runs in another thread, so rows are committed; what migrations made comes back before each test.
pytestmark = pytest.mark.django_db(transaction=True)

CONTRAST = {"runOnly": {"type": "rule", "values": ["color-contrast"]}}
PAGES = [
    "/admin/",
    "/admin/pages/",
    "/admin/images/",
    "/admin/downloads/releases/",
    "/admin/downloads/releases/add/",
    "/admin/downloads/releases/edit/{release}/",
    "/admin/downloads/files/",
    "/admin/downloads/files/create/",
    "/admin/downloads/series/",
    "/admin/downloads/operating-systems/new/",
    "/admin/api-keys/",
    "/admin/reports/site-history/",
]
COLOURS = {"production": "rgb(179, 38, 30)", "test": "rgb(242, 193, 78)", "local": "rgb(111, 212, 154)"}


@pytest.fixture
def admin(log_in):
    log_in(UserFactory(is_superuser=True, is_staff=True))


@pytest.mark.usefixtures("admin")
def test_no_page_contacts_a_foreign_host_or_breaks_the_policy(page, live_server):
    release = ReleaseFileFactory().release
    requested, complaints = [], []
    page.on("request", lambda request: requested.append(request.url))
    page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    for address in PAGES:
        response = page.goto(live_server.url + address.format(release=release.pk))
        page.wait_for_load_state("networkidle")
        assert response.status == 200, address
    hosts = {urlsplit(url).netloc for url in requested if urlsplit(url).scheme not in {"data", "blob"}}
    assert hosts == {urlsplit(live_server.url).netloc}
    assert complaints == []


@pytest.mark.usefixtures("admin")
@pytest.mark.sampled(5)
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("environment", COLOURS)
def test_each_environment_has_its_own_name_and_colour_in_light_and_dark(page, live_server, settings, environment, scheme):
    settings.ENVIRONMENT = environment
    page.emulate_media(color_scheme=scheme)
    page.goto(f"{live_server.url}/admin/")
    badge = page.locator(".sidebar .brand__environment")
    badge.wait_for()
    assert badge.inner_text().lower() == environment
    assert badge.evaluate("element => getComputedStyle(element).backgroundColor") == COLOURS[environment]
    assert page.locator(".sidebar").evaluate("element => getComputedStyle(element).borderBlockStartColor") == COLOURS[environment]


@pytest.mark.usefixtures("admin")
def test_the_version_typed_fills_the_add_form(page, live_server):
    page.goto(f"{live_server.url}/admin/downloads/releases/add/")
    page.fill("#id_name", "3.15.0rc1")
    page.get_by_text("Series 3.15, release candidate").wait_for()
    assert page.input_value("#id_slug") == "python-3150rc1"
    assert page.input_value("#id_release_notes_url") == "https://docs.python.org/3.15/whatsnew/3.15.html"
    assert page.is_checked("#id_pre_release")
    page.fill("#id_release_notes_url", "https://docs.python.org/mine/")
    page.fill("#id_name", "3.15.0")
    page.get_by_text("Series 3.15, stable").wait_for()
    assert page.input_value("#id_slug") == "python-3150"
    assert page.input_value("#id_release_notes_url") == "https://docs.python.org/mine/"
    assert not page.is_checked("#id_pre_release")
    page.fill("#id_name", "spam")
    page.get_by_text("Enter a name such as").wait_for()
    assert not Release.objects.exists()


@pytest.mark.usefixtures("admin")
def test_a_cell_of_the_matrix_leads_to_the_form_of_its_file(page, live_server):
    release = ReleaseFactory(name="Python 3.15.0", live=False)
    ReleaseFileFactory()
    page.goto(f"{live_server.url}/admin/downloads/releases/edit/{release.pk}/#tab-files")
    page.locator(".matrix__add").first.click()
    page.wait_for_url("**/files/create/**")
    assert page.locator("#id_os option:checked").inner_text() == "Windows"
    assert page.get_by_text("Python 3.15.0").first.is_visible()


@pytest.mark.usefixtures("admin")
def test_our_own_screens_have_no_serious_barrier(page, live_server):
    release = ReleaseFileFactory(release=ReleaseFactory(name="Python 3.14.1")).release
    draft = ReleaseFactory(name="Python 3.14.2", live=False)
    Purge.objects.create(keys=["downloads"], status=Purge.Status.FAILED)
    ProblemReport.objects.create(path="/downloads/", text="The link is dead.")
    for address in [
        "/admin/downloads/releases/",
        f"/admin/downloads/releases/edit/{release.pk}/#tab-files",
        f"/admin/downloads/releases/edit/{draft.pk}/#tab-before_publishing",
        "/admin/downloads/files/",
        "/admin/purges/",
        "/admin/api-keys/",
        "/admin/api-keys/new/",
        "/admin/jump/?q=python",
        "/admin/tasks/",
        "/admin/moderation-queue/",
    ]:
        page.emulate_media(color_scheme="light")
        page.goto(live_server.url + address)
        page.wait_for_load_state("networkidle")
        for scheme, rules in [("light", None), ("dark", CONTRAST)]:
            page.emulate_media(color_scheme=scheme)
            page.evaluate(SETTLED)
            violations = Axe().run(page, options=rules).response["violations"]
            found = [one for one in violations if one["impact"] in {"serious", "critical"}]
            assert [(one["id"], one["nodes"][0]["html"]) for one in found] == [], f"{address} {scheme}"


@pytest.mark.usefixtures("admin")
def test_the_account_menu_of_a_release_leads_to_its_form(page, context, live_server):
    release = ReleaseFactory()
    context.add_cookies([{"name": "account", "value": "1", "url": live_server.url}])
    page.goto(live_server.url + release.get_absolute_url())
    page.locator("#account summary").click()
    page.get_by_role("link", name="Edit this page").locator("visible=true").click()
    page.wait_for_url(f"**/admin/downloads/releases/edit/{release.pk}/")
