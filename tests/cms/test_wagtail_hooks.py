"""Wagtail hooks: menu, styles and scripts of the admin."""

import pytest
from django.contrib.staticfiles import finders
from django.urls import reverse
from wagtail.models import Page, Site

from cms.wagtail_hooks import ICONS
from tests.factories.users import UserFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def home(client):
    """Return a function that opens the dashboard."""
    client.force_login(UserFactory(role="Site admins"))

    def get():
        return client.get(reverse("wagtailadmin_home")).content.decode()

    return get


@pytest.mark.parametrize("environment", ["production", "test", "local", "staging"])
def test_the_sidebar_names_the_environment(home, settings, environment):
    settings.ENVIRONMENT = environment
    html = home()
    assert f'data-environment="{environment}"' in html
    assert f'<span class="brand__environment">{environment}</span>' in html
    assert ("python.org (" in html.split("</title>")[0]) == (environment != "production")


def test_each_environment_has_a_colour_of_its_own():
    with open(finders.find("css/admin.css")) as stylesheet:  # noqa: PTH123 -- the finder gives a string.
        css = stylesheet.read()
    rules = [line for line in css.splitlines() if line.startswith("body:has([data-environment=")]
    colours = {rule.split("--env-surface: ")[1].split(";")[0] for rule in rules}
    assert len(rules) == len(colours) == 3


def test_the_stylesheet_of_the_brand_is_on_every_page(home):
    assert "css/admin.css" in home()


def test_the_log_in_page_is_the_site_s_own(client):
    assert client.get("/admin/").url.startswith("/accounts/login/")


@pytest.mark.parametrize("icon", ICONS)
def test_icons_of_our_own_are_in_the_sprite(client, icon):
    client.force_login(UserFactory(role="Site admins"))
    assert f'id="icon-{icon}"' in client.get("/admin/sprite/").content.decode()


def test_the_explorer_starts_at_the_front_page_and_still_shows_root(admin_client):
    front = Site.objects.get(is_default_site=True).root_page
    assert admin_client.get("/admin/pages/").context["parent_page"].pk == front.pk
    root = Page.get_first_root_node()
    assert admin_client.get(f"/admin/pages/{root.pk}/").context["parent_page"].pk == root.pk
