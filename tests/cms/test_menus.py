"""List the menus of the header and footer."""

import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse

from cms.content.models.menus import Menu
from home.models import StandardPage
from tests.databases import fill
from tests.factories.cms import MenuFactory, link

pytestmark = pytest.mark.django_db


@pytest.fixture
def about():
    fill(pages_only=True)
    return StandardPage.objects.get(slug="quotes")


def entries(*links):
    return [{"type": "entry", "value": one} for one in links]


def test_the_menu_of_the_software_shows_until_staff_publish_one(client, about):
    draft = MenuFactory(live=False)
    assert "/learn/tutorial/" not in client.get("/").content.decode()
    draft.save_revision().publish()
    html = client.get("/").content.decode()
    assert '<a href="/learn/tutorial/">' in html


def test_links_follow_their_page_and_hide_with_it(about):
    menu = MenuFactory(entries=entries(link("Begin", page=about.pk), link("Old", "/old/", hidden=True), link("Docs", "/doc/")))
    assert [entry["url"] for entry in Menu.frame_context()["menu"]] == ["/about/quotes/", "/doc/"]
    about.unpublish()
    assert [entry["title"] for entry in Menu.frame_context()["menu"]] == ["Docs"]
    assert menu.page_ids() == {about.pk}


def test_menus_need_three_queries_whatever_is_in_them(about, django_assert_num_queries):
    links = [link(f"Link {n}", page=about.pk) for n in range(20)]
    MenuFactory(entries=entries(*[link(f"Section {n}", f"/{n}/", links=links) for n in range(8)]))
    MenuFactory(place=Menu.Place.FOOTER, entries=entries(link("Column", "/", links=links)))
    Menu.frame_context()
    with django_assert_num_queries(3):
        context = Menu.frame_context()
    assert len(context["menu"]) == 8
    assert len(context["menu"][0]["children"]) == 20


def test_a_link_that_leads_to_itself_or_stands_twice_is_refused():
    menu = Menu(place="main", entries=entries(link("Learn", "/learn/", links=[link("Learn", "/learn/")])))
    with pytest.raises(ValidationError, match="contains itself"):
        menu.full_clean()
    menu = Menu(place="main", entries=entries(link("Learn", "/learn/", links=[link("A", "/a/"), link("A", "/a/")])))
    with pytest.raises(ValidationError, match="is listed twice"):
        menu.full_clean()


def test_a_page_of_a_menu_cannot_be_deleted(admin_client, about):
    MenuFactory(entries=entries(link("Begin", page=about.pk)))
    for page in (about, about.get_parent()):
        response = admin_client.post(reverse("wagtailadmin_pages:delete", args=[page.pk]), follow=True)
        assert "is in a menu" in response.content.decode()
    assert StandardPage.objects.filter(pk=about.pk).exists()
    Menu.objects.all().delete()
    admin_client.post(reverse("wagtailadmin_pages:delete", args=[about.pk]))
    assert not StandardPage.objects.filter(pk=about.pk).exists()
