"""From what visitors see to its form in the admin: each type of page and of record, in the browser of staff."""

import pytest
from playwright.sync_api import expect
from wagtail.models import Page, get_page_models

from tests.databases import fill
from tests.factories.users import UserFactory
from tests.pydotorg.test_edit_links import OBJECTS

# The server runs in another thread, so rows are committed.
pytestmark = pytest.mark.django_db(transaction=True)
PAGES = sorted((model for model in get_page_models() if model is not Page), key=lambda model: model._meta.label)


def open_form(page, address: str) -> str:
    """Follow the edit link of a public page and return the path of the form: one click to open the menu, one on the link."""
    # Signing in sets this cookie, so that pages for visitors ask for the account.
    page.context.add_cookies([{"name": "account", "value": "1", "url": address}])
    page.goto(address)
    page.get_by_label("Your account").locator("visible=true").click()
    with page.expect_navigation() as navigation:
        page.get_by_role("link", name="Edit this page").click()
    assert navigation.value.status == 200
    expect(page.locator("form[data-edit-form], main form").first).to_be_attached()
    return page.url


@pytest.mark.sampled(9)
@pytest.mark.parametrize("model", PAGES, ids=lambda model: model._meta.label)
def test_a_page_leads_to_its_form(page, live_server, log_in, model):
    fill()
    log_in(UserFactory(is_superuser=True, is_staff=True))
    shown = model.objects.live().public().exact_type(model).first()
    assert open_form(page, live_server.url + shown.url).endswith(f"/admin/pages/{shown.pk}/edit/")


@pytest.mark.sampled(9)
@pytest.mark.parametrize("route", OBJECTS)
def test_a_record_leads_to_its_form(page, live_server, log_in, route):
    fill()
    log_in(UserFactory(is_superuser=True, is_staff=True))
    row, path = OBJECTS[route]()
    url = path if path.startswith("/") else f"{row.get_absolute_url()}{path}"
    assert f"/{row.pk}/" in open_form(page, live_server.url + url)
