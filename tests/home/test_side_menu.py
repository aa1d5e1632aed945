"""Side menu: the first level of the section and the open branch."""

import pytest
from wagtail.models import Page, Site

from cms.content.models import pages
from home.models import HomePage, StandardPage

pytestmark = pytest.mark.django_db


def add(parent, title):
    return parent.add_child(instance=StandardPage(title=title, slug=title.lower(), show_in_menus=True))


def titles(page):
    """Return the titles in the side menu: of each entry and of its children."""
    entries = StandardPage.objects.get(pk=page.pk).section_menu()
    return {entry["title"]: [child["title"] for child in entry["children"]] for entry in entries}


@pytest.fixture
def section():
    home = Page.get_first_root_node().add_child(
        instance=HomePage(title="Python", slug="front", promise="A language you can read.")
    )
    Site.objects.update(root_page=home)
    return add(home, "Section")


def test_only_the_branch_that_is_open_is_listed(section):
    one, two = add(section, "One"), add(section, "Two")
    inner = add(one, "Inner")
    add(two, "Other")
    assert titles(inner) == {"One": ["Inner"], "Two": []}
    assert titles(section) == {"One": [], "Two": []}


def test_of_very_many_pages_only_the_open_one_is_listed(section, monkeypatch):
    monkeypatch.setattr(pages, "MAX_IN_BRANCH", 2)
    branch = add(section, "Branch")
    first, second = add(branch, "First"), add(branch, "Second")
    assert titles(first) == {"Branch": ["First", "Second"]}
    third = add(branch, "Third")
    assert titles(second) == {"Branch": ["Second"]}
    assert titles(branch) == {"Branch": []}
    assert titles(add(third, "Deeper")) == {"Branch": []}


def test_the_menu_costs_the_same_for_many_pages(section, django_assert_num_queries):
    branch = add(section, "Branch")
    page = StandardPage.objects.get(pk=[add(branch, f"Page{number}") for number in range(30)][-1].pk)
    page.section_menu()
    with django_assert_num_queries(3):
        page.section_menu()
