"""Links as scripts find them: by their whole text, such as //a[.='Download Python 3.14.2'], which includes white space."""

import re

import pytest
from lxml import html

from downloads.models import ReleaseFile
from downloads.offers import latest_python

pytestmark = pytest.mark.django_db
PAGES = ["/", "/downloads/", "/downloads/windows/", "/downloads/macos/", "/downloads/source/", "/box/supernav-python-downloads/"]
PAGES += ["/downloads/latest/", "/downloads/operating-systems/", "/jobs/", "/events/", "/about/", "/blogs/"]


def tree_of(client, path):
    response = client.get(path, follow=True)
    assert response.status_code == 200
    return html.fromstring(response.content.decode())


@pytest.mark.parametrize("path", PAGES)
def test_no_text_of_a_link_has_white_space_around_it(demo_site, client, path):
    texts = [link.text_content() for link in tree_of(client, path).iter("a") if link.get("class") != "logo"]
    assert texts
    assert [repr(text) for text in texts if text != text.strip()] == []


def test_no_template_sets_an_icon_apart_by_a_space(settings):
    """The gap between text and its icon is CSS."""
    spaced = re.compile(r"[ \t]\{% icon [^%]*%\}</a>|<a\b[^>]*>\{% icon [^%]*%\}[ \t]")
    templates = [file for file in (settings.BASE_DIR / "templates").rglob("*.html") if "admin" not in str(file)]
    assert len(templates) > 100
    assert [str(file) for file in templates if spaced.search(file.read_text())] == []


@pytest.mark.parametrize("path", ["/", "/downloads/", "/downloads/source/"])
def test_the_latest_release_is_found_by_the_text_of_its_link(demo_site, client, path):
    latest = latest_python()
    [first, *_] = tree_of(client, path).xpath(f"//main//a[.='Download {latest.name}']")
    assert first.get("href")


@pytest.mark.parametrize("path", ["/downloads/source/", "/downloads/windows/", "/downloads/latest/"])
def test_a_file_is_found_by_its_name(demo_site, client, path):
    tree = tree_of(client, path)
    latest = latest_python()
    files = ReleaseFile.objects.filter(release=latest)
    if "latest" not in path:
        files = files.filter(os__slug=path.split("/")[2])
    assert files
    missing = [file.name for file in files if file.url not in tree.xpath(f"//main//a[.='{file.name}']/@href")]
    assert missing == []
