"""Only site admins can enter raw HTML."""

import pytest
from wagtail.models import Site

from cms.content.blocks import BodyBlock
from cms.content.forms import pieces_of_html
from home.models import StandardPage
from tests.factories.users import UserFactory

pytestmark = pytest.mark.django_db

SENTENCE = "Only Site admins can add or change an HTML block."


def blocks(*values):
    """Form data of a body with one HTML block for each value."""
    data = {"body-count": str(len(values))}
    for number, value in enumerate(values):
        prefix = f"body-{number}"
        data |= {f"{prefix}-type": "html", f"{prefix}-value": value, f"{prefix}-order": str(number)}
        data |= {f"{prefix}-deleted": "", f"{prefix}-id": ""}
    return data


def page_form(*html, **changed):
    return (
        {
            "title": "About",
            "slug": "about",
            "introduction": "",
            "seo_title": "",
            "search_description": "",
            "go_live_at": "",
            "expire_at": "",
            "review_date": "",
            "comments-TOTAL_FORMS": "0",
            "comments-INITIAL_FORMS": "0",
        }
        | blocks(*html)
        | changed
    )


@pytest.fixture
def page():
    """Return a page with HTML by a site admin."""
    page = StandardPage(title="About", slug="about", body=[("html", "<b>old</b>")])
    return Site.objects.get().root_page.add_child(instance=page)


@pytest.fixture
def editor(client):
    user = UserFactory(role="Content editors")
    client.force_login(user)
    return user


def address(page):
    return f"/admin/pages/{page.pk}/edit/"


def html_of(page):
    page = page.get_latest_revision_as_object()
    return list(pieces_of_html(StandardPage._meta.get_field("body").stream_block, page.body))


class TestPages:
    @pytest.mark.parametrize("html", [["<b>new</b>"], ["<b>old</b>", "<i>more</i>"], ["<b>old</b>", "<b>old</b>"]])
    @pytest.mark.parametrize("action", [{}, {"action-publish": "1"}])
    def test_editors_neither_add_nor_change_it(self, client, editor, page, html, action):
        response = client.post(address(page), page_form(*html) | action)
        assert SENTENCE in str(response.context["form"].errors["body"])
        assert html_of(page) == ["<b>old</b>"]

    @pytest.mark.parametrize("html", [["<b>old</b>"], []])
    def test_editors_work_around_it_and_may_remove_it(self, client, editor, page, html):
        client.post(address(page), page_form(*html, title="About us"))
        page.refresh_from_db()
        assert page.get_latest_revision_as_object().title == "About us"
        assert html_of(page) == html

    def test_editors_do_not_add_a_page_with_it(self, client, editor):
        root = Site.objects.get().root_page
        response = client.post(f"/admin/pages/add/home/standardpage/{root.pk}/", page_form("<script>"))
        assert SENTENCE in str(response.context["form"].errors["body"])
        assert not StandardPage.objects.exists()

    def test_site_admins_do_all_of_it(self, client, page):
        client.force_login(UserFactory(role="Site admins"))
        client.post(address(page), page_form("<b>new</b>", "<i>more</i>"))
        page.refresh_from_db()
        assert html_of(page) == ["<b>new</b>", "<i>more</i>"]


def test_release_managers_do_not_write_it_into_notes(client):
    client.force_login(UserFactory(role="Release managers"))
    form = {"name": "3.15.0", "release_date": "2026-10-01 16:00", "show_on_download_page": "on"} | blocks("<script>")
    response = client.post("/admin/downloads/releases/add/", form)
    assert SENTENCE in str(response.context["form"].errors["body"])


def test_it_is_found_however_deep_it_lies():
    from wagtail import blocks as wagtail_blocks  # noqa: PLC0415 -- "blocks" is the form data of this module.

    class Deep(wagtail_blocks.StructBlock):
        parts = wagtail_blocks.ListBlock(BodyBlock())
        rest = wagtail_blocks.RawHTMLBlock(required=False)

    block = Deep()
    value = block.to_python({"parts": [[{"type": "html", "value": "<b>"}], []], "rest": "<i>"})
    assert list(pieces_of_html(block, value)) == ["<b>", "<i>"]
    assert list(pieces_of_html(block, None)) == []
