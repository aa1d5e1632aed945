"""A page translated from start to finish by a translator, in a real browser."""

import os
from pathlib import Path

import pytest
from wagtail.models import Locale, Page, Site

from home.models import HomePage, StandardPage
from tests.factories.users import UserFactory

# The server runs in another thread, so rows are committed.
pytestmark = pytest.mark.django_db(transaction=True)
# Name a folder to look at the steps.
PICTURES = os.environ.get("PICTURES", "")
TEXTS = {
    "Questions": "Preguntas",
    "Find answers.": "Encuentra respuestas.",
    "Ask in the forum.": "Pregunta en el foro.",
}


@pytest.fixture
def help_page():
    home = Page.get_first_root_node().add_child(instance=HomePage(title="Python", slug="front", promise="Readable code."))
    Site.objects.update(root_page=home)
    Site.clear_site_root_paths_cache()
    spanish = Locale.objects.create(language_code="es")
    home.copy_for_translation(spanish).save_revision().publish()
    body = [("text", "<p>Ask in the forum.</p>")]
    return home.add_child(instance=StandardPage(title="Questions", slug="help", introduction="Find answers.", body=body))


def take_picture(page, name):
    if PICTURES:
        page.screenshot(path=Path(PICTURES, f"translation-{name}.png"))


def test_a_translator_translates_and_publishes_a_page(live_server, page, log_in, help_page):
    log_in(UserFactory(role="Translators"))
    page.set_viewport_size({"width": 1440, "height": 900})
    page.goto(f"{live_server.url}/admin/localize/submit/page/{help_page.pk}/")
    page.get_by_label("Español").check()
    take_picture(page, "1-submit")
    page.get_by_role("button", name="Submit").click()
    page.wait_for_url("**/edit/")
    assert page.request.get(f"{live_server.url}/es/help/").status == 404
    for english, spanish in TEXTS.items():
        segment = page.locator("li.incomplete", has_text=english)
        segment.get_by_role("button", name="Translate").click()
        segment.locator("textarea, .public-DraftEditor-content").fill(spanish)
        segment.get_by_role("button", name="Save").click()
        page.locator("li.complete", has_text=spanish).wait_for()
    take_picture(page, "2-translated")
    page.get_by_role("button", name="Publish").first.click()
    page.get_by_text("Published").first.wait_for()
    take_picture(page, "3-published")
    page.goto(f"{live_server.url}/es/help/")
    assert page.locator("html").get_attribute("lang") == "es"
    assert page.get_by_role("heading", level=1).inner_text() == "Preguntas"
    assert page.get_by_text("Pregunta en el foro.").is_visible()
    take_picture(page, "4-page")
    assert page.locator(".languages a").all_inner_texts() == ["English", "Español"]
    page.goto(f"{live_server.url}/admin/localize/reports/translations/")
    assert page.get_by_text("Questions").first.is_visible()
    assert page.get_by_text("Up to date").is_visible()
    take_picture(page, "5-report")
