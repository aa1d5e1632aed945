import json
from datetime import UTC, datetime

import pytest
from django.template import Context, RequestContext, Template
from django.test import RequestFactory

from downloads.listings import file_links
from downloads.templatetags.downloads import copy_button, file_size, hash_cell, link
from tests.factories.downloads import OSFactory, ReleaseFactory, ReleaseFileFactory


def render(text, context=None):
    return Template("{% load downloads %}" + text).render(context or Context())


@pytest.fixture
def request_():
    return RequestFactory().get("/")


@pytest.mark.parametrize(
    ("size", "words"),
    [(0, ""), (None, ""), (512, "512 bytes"), (2048, "2.0 KB"), (12_345_678, "11.8 MB"), (3 * 1024**3, "3.0 GB")],
)
def test_sizes_are_said_in_words(size, words):
    assert file_size(size).replace("\xa0", " ") == words


@pytest.mark.django_db
def test_any_template_can_name_the_latest_release(request_):
    ReleaseFactory(name="Python 3.14.1")
    ReleaseFactory(name="Python 3.15.0a1", pre_release=True)
    text = "{% latest_release as release %}{{ release.name }}"
    assert render(text, RequestContext(request_)) == render(text) == "Python 3.14.1"


@pytest.mark.django_db
def test_without_releases_there_is_no_latest():
    assert render("{% latest_release as release %}{{ release|default:'none' }}") == "none"


@pytest.mark.django_db
def test_the_offers_are_read_once_for_a_page(request_, django_assert_num_queries):
    ReleaseFileFactory(download_button=True, release__name="Python 3.14.1")
    text = "{% download_offers as offers %}{% for offer in offers %}{{ offer.os }}: {{ offer.file.release_name }}{% endfor %}"
    with django_assert_num_queries(2):
        assert render(text + text, RequestContext(request_)) == "Windows: Python 3.14.1" * 2


@pytest.mark.django_db
def test_a_page_that_shows_releases_is_purged_with_them(request_):
    render("{% latest_release as release %}", RequestContext(request_))
    assert "downloads" in request_.surrogate_keys


@pytest.mark.django_db
def test_offers_come_in_the_order_of_the_platforms():
    for order, name in enumerate(("Windows", "macOS", "Source")):
        OSFactory(slug=name.lower(), name=name, order=10 - order)
    assert (
        render("{% download_offers as offers %}{% for offer in offers %}{{ offer.os }} {% endfor %}") == "Source macOS Windows "
    )


def test_a_data_block_cannot_be_ended_by_its_text():
    html = render("{% load cms %}{{ data|json_ld }}", Context({"data": {"name": "</script><b>&"}}))
    assert "<" not in html
    assert json.loads(html) == {"name": "</script><b>&"}


def test_a_copy_button_holds_its_text_as_text():
    html = render('{% copy_button text "Copy the checksum" %}', Context({"text": '"><b>'}))
    assert 'data-copy-text="&quot;&gt;&lt;b&gt;"' in html
    assert 'aria-label="Copy the checksum"' in html


@pytest.mark.django_db
def test_the_front_page_names_the_version_for_each_system(request_):
    release = ReleaseFactory(name="Python 3.14.1", release_date=datetime(2026, 1, 1, tzinfo=UTC))
    ReleaseFileFactory(release=release, os=OSFactory(slug="macos", name="macOS"), download_button=True)
    html = render('{% include "downloads/hero_buttons.html" %}', RequestContext(request_))
    assert "Download Python 3.14.1 for macOS" in html
    assert 'data-detect="macos"' in html
    # Without script there is one button, for all.
    assert html.count("hidden>") == html.count("data-detect=") - 1


@pytest.mark.django_db
def test_the_front_page_hands_no_archive_to_a_beginner(request_):
    ReleaseFileFactory(
        release__name="Python 3.14.1",
        os=OSFactory(slug="source", name="Source"),
        url="https://www.python.org/ftp/python/3.14.1/Python-3.14.1.tar.xz",
        download_button=True,
    )
    html = render('{% include "downloads/hero_buttons.html" %}', RequestContext(request_))
    assert 'href="/downloads/#source"' in html
    assert "tar.xz" not in html


HOSTILE = '"><script>alert(1)</script>'


@pytest.mark.parametrize("make", [copy_button, hash_cell, link])
def test_pieces_that_are_built_in_python_escape_their_texts(make):
    piece = make(HOSTILE, "x")
    assert "<script>" not in piece
    assert "&lt;script&gt;" in piece
    assert '""' not in piece


def test_lists_of_files_escape_names_and_urls():
    links = file_links([(1, f"/a{HOSTILE}", "a"), (2, "/b", f"b{HOSTILE}")])
    assert "<script>" not in links
    assert links.count("&lt;script&gt;") == 2
