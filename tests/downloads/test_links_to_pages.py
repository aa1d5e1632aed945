"""Links from templates to editors' pages use page choosers, never fixed paths."""

import re
from pathlib import Path

import pytest
from django.apps import apps
from django.conf import settings
from django.urls import Resolver404, resolve
from wagtail.models import Page, Site

from cms.content.views import page as page_of_the_tree
from downloads.models import DownloadsSettings
from tests.factories.downloads import OSFactory, ReleaseFactory, ReleaseFileFactory

from .pages import get, main_of

TEMPLATES = sorted((settings.BASE_DIR / "templates").rglob("*.html"))
PATH = re.compile(r"""(?:href|url|action)=["'](/[^"'{}]*)["']|["'](/[a-z][^"'{} ]*/)["'] %}""")
# Pages of the tree that exist once, with a page type of their own, at the URL of their section.
SECTIONS = ("/downloads/", "/events/", "/jobs/", "/blogs/", "/success-stories/", "/psf/records/board/minutes/")


def fixed_paths(template: Path) -> set[str]:
    found = {first or second for first, second in PATH.findall(template.read_text())}
    return {path.partition("#")[0].partition("?")[0] for path in found if not path.startswith("/static/")}


def has_route(path: str) -> bool:
    try:
        match = resolve(path)
    except Resolver404:
        return False
    return path == "/" or path in SECTIONS or match.func is not page_of_the_tree


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda path: str(path.relative_to(settings.BASE_DIR / "templates")))
def test_no_template_links_to_pages_of_editors_by_a_fixed_path(template):
    assert {path for path in fixed_paths(template) if not has_route(path)} == set()


def test_the_rule_notices_a_fixed_path(tmp_path):
    template = tmp_path / "page.html"
    template.write_text('<a href="/doc/verify/#gpg">GPG</a> {% firstof url "/psf/donations/" %} <a href="/jobs/">Jobs</a>')
    assert {path for path in fixed_paths(template) if not has_route(path)} == {"/doc/verify/", "/psf/donations/"}


@pytest.fixture
def release(db):
    file = {"gpg_signature_file": "x.asc", "sigstore_bundle_file": "x.sigstore", "sbom_spdx2_file": "x.spdx.json"}
    url = "https://www.python.org/ftp/python/3.14.0/x"
    urls = {field: url.removesuffix("x") + name for field, name in file.items()}
    release = ReleaseFactory(name="Python 3.14.0")
    ReleaseFileFactory(release=release, os=OSFactory(), url=url, **urls)
    return release


def test_the_columns_of_files_link_to_the_chosen_pages(client, release):
    assert "/gpg-page/" not in main_of(get(client, release.get_absolute_url()))
    home = Site.objects.get(is_default_site=True).root_page
    names = DownloadsSettings.select_related
    pages = {name: home.add_child(instance=Page(title=name, slug=name.replace("_", "-"))) for name in names}
    chosen = DownloadsSettings.load()
    for field, page in pages.items():
        setattr(chosen, field, page)
    chosen.save()
    html = main_of(get(client, release.get_absolute_url()))
    for field in ("sigstore-page", "sbom-page", "gpg-page", "identities-page"):
        assert f"/{field}/" in html
    pages["gpg_page"].unpublish()
    assert "/gpg-page/" not in main_of(get(client, release.get_absolute_url()))


def test_the_settings_open_in_the_admin(admin_client):
    model = apps.get_model("downloads", "DownloadsSettings")
    response = admin_client.get(f"/admin/settings/{model._meta.app_label}/{model._meta.model_name}/", follow=True)
    assert response.status_code == 200
    assert "About GPG signatures" in response.content.decode()
