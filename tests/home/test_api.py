"""Content API for other front ends."""

import subprocess
import sys
from pathlib import Path

import pytest
from django.conf import settings
from wagtail.images.tests.utils import get_test_image_file
from wagtail.models import APIToken, Page

from cms.content.models.boxes import Box
from cms.content.models.media import CustomImage
from home.models import StandardPage
from tests.databases import fill
from tests.factories.cms import BannerFactory, BoxFactory
from tests.factories.users import UserFactory

pytestmark = pytest.mark.django_db
CONTENT = "/api/v3/content"


@pytest.fixture
def site():
    fill(pages_only=True)


def token_of(user):
    return {"Authorization": f"Bearer {APIToken.create_token(user=user, name='test')[1]}"}


def test_a_page_is_found_by_its_address_with_typed_blocks(client, site):
    response = client.get(f"{CONTENT}/page/?path=/doc/pip/")
    page = StandardPage.objects.get(slug="pip")
    data = response.json()
    assert (data["id"], data["type"], data["title"], data["path"]) == (page.pk, "home.StandardPage", page.title, "/doc/pip/")
    block = data["fields"]["body"][0]
    assert block["type"] == "text"
    assert block["value"].startswith("<p>")
    assert block["value"] in block["html"]
    assert "content_owner" not in data["fields"]
    assert f"page-{page.pk}" in response["Surrogate-Key"].split()
    assert client.get(f"{CONTENT}/page/?path=/nowhere/").status_code == 404
    assert client.get(f"{CONTENT}/page/?address=/").status_code == 422


@pytest.mark.parametrize(
    "path", ["/", "/about/", "/about/gettingstarted/", "/doc/versions/", "/downloads/", "/jobs/", "/events/"]
)
def test_every_page_type_is_served(client, site, path):
    assert client.get(f"{CONTENT}/page/", {"path": path}).json()["path"] == path


def test_drafts_are_for_those_who_may_edit(client, site):
    page = StandardPage.objects.get(slug="pip")
    page.introduction = "A draft."
    page.save_revision()
    address = f"{CONTENT}/page/?path=/doc/pip/&draft=true"
    assert client.get(address).status_code == 401
    assert client.get(address, headers=token_of(UserFactory(role="Job board"))).status_code == 404
    response = client.get(address, headers=token_of(UserFactory(role="Content editors")))
    assert response.json()["fields"]["introduction"] == "A draft."
    assert "private" in response["Cache-Control"]
    assert client.get(f"{CONTENT}/page/?path=/doc/pip/").json()["fields"]["introduction"] != "A draft."


def test_a_page_that_never_was_published_is_read_with_a_token_of_somebody_who_may(client, site):
    parent = StandardPage.objects.get(slug="pip").get_parent()
    page = parent.add_child(instance=StandardPage(title="Soon", slug="soon", live=False))
    address = f"/api/v3/pages/{page.pk}/"
    assert client.get(address).status_code == 404
    assert client.get(address, headers=token_of(UserFactory(role="Job board"))).status_code == 404
    assert client.get(address, headers=token_of(UserFactory(role="Content editors"))).json()["title"] == "Soon"
    gone = UserFactory(role="Content editors", is_active=False)
    assert client.get(address, headers=token_of(gone)).status_code in {401, 404}


def test_menus_banners_boxes_settings_and_images(client, site):
    BannerFactory()
    BoxFactory(label="shared")
    image = CustomImage.objects.create(title="Heron", file=get_test_image_file(size=(1600, 900)))
    assert client.get(f"{CONTENT}/menus/").json()["menu"][0]["url"] == "/downloads/"
    assert client.get(f"{CONTENT}/banner/?path=/").json()["message"] == "PyCon tickets are out."
    assert client.get(f"{CONTENT}/boxes/shared/").json()["body"][0]["html"].strip()
    assert client.get(f"{CONTENT}/boxes/none/").status_code == 404
    Box.objects.get(label="shared").unpublish()
    assert client.get(f"{CONTENT}/boxes/shared/").status_code == 404
    assert client.get(f"{CONTENT}/settings/").json()["tagline"]
    shapes = client.get(f"{CONTENT}/images/{image.pk}/").json()
    assert (shapes["card"]["width"], shapes["card"]["height"]) == (480, 270)
    assert client.get(f"{CONTENT}/images/999/").status_code == 404


@pytest.mark.django_db(transaction=True)
def test_the_example_draws_the_front_page_from_the_api_alone(live_server):
    fill(pages_only=True)
    script = Path(settings.BASE_DIR, "docs/front_page.py")
    html = subprocess.run(
        [sys.executable, script, live_server.url], capture_output=True, check=True, text=True, timeout=60
    ).stdout
    assert "<h1>Readable code for the web, data, automation and learning.</h1>" in html
    assert 'class="highlight"' in html
    assert '<a href="/downloads/">Downloads</a>' in html


@pytest.mark.parametrize("action", ["copy", "move", "publish", "unpublish"])
def test_the_root_of_the_page_tree_is_not_acted_on(client, action):
    root = Page.get_first_root_node()
    headers = token_of(UserFactory(is_superuser=True))
    response = client.post(f"/api/v3/pages/{root.pk}/actions/{action}/", {}, content_type="application/json", headers=headers)
    assert 400 <= response.status_code < 500, response.content


def test_no_page_goes_beside_the_root(client, site):
    page, root = StandardPage.objects.get(slug="pip"), Page.get_first_root_node()
    for position in ("left", "right"):
        data = {"destination_id": root.pk, "position": position}
        headers = token_of(UserFactory(is_superuser=True))
        url = f"/api/v3/pages/{page.pk}/actions/move/"
        response = client.post(url, data, content_type="application/json", headers=headers)
        assert 400 <= response.status_code < 500, response.content
