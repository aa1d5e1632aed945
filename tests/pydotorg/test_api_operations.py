"""Each operation of Wagtail's own API accepts a valid request. Random requests match no object, file or type."""

import json
import re

import pytest
from django.core.files.base import ContentFile
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction
from django.test import Client
from wagtail.contrib.redirects.models import Redirect
from wagtail.images.tests.utils import get_test_image_file
from wagtail.models import APIToken, Locale, Page, Site
from wagtail.snippets.api.v3.router import enabled_models

from cms.content.models.media import CustomDocument, CustomImage
from home.models import HomePage, StandardPage
from tests.factories.users import UserFactory

pytestmark = pytest.mark.django_db
ROOT = "/api/v3/"
# No snippet is in this API: each that others may read has an API of its own (`enabled_models` is empty).
OURS = re.compile(r"/api/v3/(pages|sites|redirects|documents|images|locales)/")


@pytest.fixture
def rows(settings):
    """Return the arguments of each path, for objects to which every operation applies."""
    settings.LANGUAGES = settings.WAGTAIL_CONTENT_LANGUAGES = [("en", "English"), ("es", "Spanish"), ("fr", "French")]
    home = Page.get_first_root_node().add_child(instance=HomePage(title="Python", slug="front", promise="A language."))
    Site.objects.update(root_page=home)
    page = home.add_child(instance=StandardPage(title="One", slug="one"))
    other = home.add_child(instance=StandardPage(title="Two", slug="two"))
    alias = page.create_alias(update_slug="three")
    document = CustomDocument.objects.create(title="One", file=ContentFile(b"text", "one.txt"))
    return {
        "page_id": page.pk, "revision_id": page.save_revision().pk, "other": other.pk, "alias": alias.pk, "home": home.pk,
        "site_id": Site.objects.get().pk, "redirect_id": Redirect.objects.create(old_path="/one", redirect_link="/two/").pk,
        "document_id": document.pk,
        "image_id": CustomImage.objects.create(title="One", file=get_test_image_file()).pk,
        "locale_id": Locale.objects.create(language_code="es").pk,
    }  # fmt: skip


def requests_for(rows: dict) -> dict[str, tuple[dict, str]]:
    """Return the body and the query of the operations that need one."""
    page = {"title": "New", "slug": "new", "meta": {"type": "home.StandardPage", "parent_id": rows["home"]}}
    redirect = {"old_path": "/new", "redirect_link": "https://example.org/"}
    site = {"hostname": "new.example", "port": 443, "root_page_id": rows["home"]}
    return {
        "POST pages/": (page, ""),
        "GET pages/find/": ({}, "?html_path=/one/"),
        "PATCH pages/{page_id}/": ({"title": "Changed", "meta": {}}, ""),
        "POST pages/{page_id}/actions/copy/": ({"slug": "copied", "update_attrs": {}}, ""),
        "POST pages/{page_id}/actions/create_alias/": ({"update_slug": "alias"}, ""),
        "POST pages/{page_id}/actions/move/": ({"destination_id": rows["other"], "position": "last-child"}, ""),
        "POST pages/{page_id}/actions/revert/": ({"revision_id": rows["revision_id"]}, ""),
        "POST pages/{page_id}/actions/copy_for_translation/": ({"locale": "es", "copy_parents": True}, ""),
        "POST sites/": (site, ""),
        "PUT sites/{site_id}/": (site | {"is_default_site": True}, ""),
        "POST redirects/": (redirect, ""),
        "GET redirects/find/": ({}, "?html_path=/one"),
        "PUT redirects/{redirect_id}/": (redirect, ""),
        "PATCH documents/{document_id}/": ({"title": "Changed"}, ""),
        "PATCH images/{image_id}/": ({"title": "Changed"}, ""),
        "POST locales/": ({"language_code": "fr"}, ""),
        "PUT locales/{locale_id}/": ({"language_code": "fr"}, ""),
    }


def test_each_operation_succeeds(rows):
    assert enabled_models == []
    token = APIToken.create_token(user=UserFactory(is_superuser=True), name="operations")[1]
    client = Client(headers={"Authorization": f"Bearer {token}"})
    image = SimpleUploadedFile("new.png", get_test_image_file().file.getvalue(), "image/png")
    files = {"documents/": SimpleUploadedFile("new.txt", b"text"), "images/": image}
    schema, given, failed = client.get("/api/v3/openapi.json").json(), requests_for(rows), {}
    for path, operations in schema["paths"].items():
        for method in operations if OURS.match(path) else ():
            name = f"{method.upper()} {path.removeprefix(ROOT)}"
            body, query = given.get(name, ({}, ""))
            arguments = rows | ({"page_id": rows["alias"]} if "convert_alias" in path else {})
            url = path.format(**arguments) + query
            with transaction.atomic():
                if method == "post" and (file := files.get(path.removeprefix(ROOT))):
                    answer = client.post(url, {"title": "New", "description": "A test", "file": file})
                else:
                    answer = client.generic(method.upper(), url, json.dumps(body), content_type="application/json")
                transaction.set_rollback(True)
            # "find" redirects to the page or redirect that it has found.
            if answer.status_code not in ({302} if "/find/" in path else range(200, 300)):
                failed[name] = f"{answer.status_code} {answer.content[:300]!r}"
    assert not failed, "\n".join(f"{name}: {answer}" for name, answer in failed.items())
