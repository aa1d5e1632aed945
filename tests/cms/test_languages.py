"""Languages: URLs under a prefix, switches, directions, the frame in each language, and who translates."""

import re

import pytest
from django.urls import reverse
from django.utils import translation
from wagtail.models import Locale, Page, PageViewRestriction
from wagtail_localize.models import StringSegment, StringTranslation, Translation, TranslationSource

from cms.content import languages
from cms.content.models.banners import Banner
from cms.content.models.boxes import Box
from cms.content.models.menus import Menu
from cms.delivery import cached
from cms.editor.reports import with_path
from cms.editor.translations import page_buttons
from demo import spanish
from home.models import HomePage
from tests.factories.cms import BoxFactory
from tests.factories.users import UserFactory

pytestmark = pytest.mark.django_db


def translate(page, code, texts=None, *, publish=True):
    """Translate a page or snippet as the admin does, and return the translation."""
    locale, _ = Locale.objects.get_or_create(language_code=code)
    source, _ = TranslationSource.update_or_create_from_instance(page)
    job, _ = Translation.objects.get_or_create(source=source, target_locale=locale)
    for segment in StringSegment.objects.filter(source=source).select_related("string", "context"):
        StringTranslation.objects.update_or_create(
            translation_of=segment.string,
            locale=locale,
            context=segment.context,
            defaults={"data": (texts or {}).get(segment.string.data, segment.string.data), "translation_type": "manual"},
        )
    job.save_target(publish=publish)
    return type(page).objects.get(translation_key=page.translation_key, locale=locale)


@pytest.fixture
def home(demo_site):
    return HomePage.objects.get()


@pytest.fixture
def page(home):
    return Page.objects.get(url_path__endswith="/about/help/").specific


@pytest.fixture
def in_spanish(page, home, django_capture_on_commit_callbacks):
    """Translate the front page, /about/ and the page into Spanish."""
    with django_capture_on_commit_callbacks(execute=True):
        translate(home, "es", {"Read the documentation": "Leer la documentación"})
    with django_capture_on_commit_callbacks(execute=True):
        translate(page.get_parent().specific, "es", {"About Python": "Acerca de Python"})
    with django_capture_on_commit_callbacks(execute=True):
        translate(page, "es", {"Help": "Ayuda"})
    return Page.objects.get(translation_key=page.translation_key, locale__language_code="es").specific


def html_of(client, url, status=200):
    response = client.get(url)
    assert response.status_code == status, url
    return response.content.decode()


def test_english_alone_has_no_switch_and_no_prefix(client, page):
    html = html_of(client, page.url)
    assert page.url == "/about/help/"
    assert '<html lang="en">' in html
    assert "hreflang" not in html
    for url in ("/en/about/help/", "/es/", "/es/about/help/", "/xx/"):
        html_of(client, url, status=404)


def test_a_page_in_another_language_is_below_its_prefix(client, page, in_spanish):
    assert in_spanish.url == "/es/about/help/"
    response = client.get(in_spanish.url)
    html = response.content.decode()
    assert '<html lang="es">' in html
    assert response["Content-Language"] == "es"
    assert "Accept-Language" not in response.get("Vary", "")
    assert not response.cookies
    assert "<h1>Ayuda</h1>" in html
    assert ">Acerca de Python<" in html
    assert "Saltar al contenido" in html
    assert f'<link rel="canonical" href="{in_spanish.full_url}">' in html
    assert "<h1>Ayuda</h1>" not in html_of(client, page.url)
    assert '<html lang="en">' in html_of(client, page.url)


def test_versions_name_each_other(client, page, in_spanish):
    links = [
        ("en", page.full_url),
        ("x-default", page.full_url),
        ("es", in_spanish.full_url),
    ]
    for url in (page.url, in_spanish.url):
        head, switch = html_of(client, url).split("</head>")
        assert re.findall(r'rel="alternate"\s+hreflang="([^"]+)"\s+href="([^"]+)"', head) == links
        assert re.findall(r'hreflang="(\w+)"\s+lang="(\w+)"', switch) == [("en", "en"), ("es", "es")]
    assert re.search(r'lang="es"\s+aria-current="true"\s*>Español', html_of(client, in_spanish.url))


def test_a_private_version_is_not_named(page, in_spanish):
    PageViewRestriction.objects.create(page=in_spanish, restriction_type=PageViewRestriction.LOGIN)
    assert languages.versions_of(page) == []


def test_a_page_without_translation_is_not_shown_below_the_prefix(client, in_spanish):
    other = Page.objects.get(url_path__endswith="/doc/pip/")
    html_of(client, f"/es{other.url}", status=404)
    assert "hreflang" not in html_of(client, other.url)


def test_an_unpublished_front_page_does_not_show_english(client, in_spanish):
    in_spanish.get_parent().get_parent().specific.unpublish()
    html_of(client, "/es/", status=404)


def test_a_published_translation_purges_the_other_versions(page, home, in_spanish, django_capture_on_commit_callbacks):
    before = cached.generation()
    with django_capture_on_commit_callbacks(execute=True):
        in_spanish.save_revision().publish()
    assert {f"page-{page.pk}", f"page-{in_spanish.pk}"} <= cached.purged_between(before, cached.generation())


def test_menus_lead_to_translated_pages(client, in_spanish):
    html = html_of(client, in_spanish.url)
    assert 'href="/es/about/help/"' in html
    assert "Descargas" in html
    assert 'href="/es/about/help/"' not in html_of(client, "/psf/")


def test_markdown_of_a_translation(client, in_spanish):
    response = client.get(f"{in_spanish.url}index.md")
    assert response.content.decode().startswith("# Ayuda")
    assert client.get(in_spanish.url, headers={"Accept": "text/markdown"}).content == response.content
    html_of(client, "/es/doc/pip/index.md", status=404)


def test_search_and_the_list_for_programs_stay_english(client, in_spanish):
    assert "/es/" not in html_of(client, "/search/?q=ayuda")
    assert "/es/" not in html_of(client, "/llms.txt")


def test_the_sitemap_has_all_languages(client, in_spanish):
    assert f"<loc>{in_spanish.full_url}</loc>" in html_of(client, "/sitemap.xml")


@pytest.mark.parametrize("code", ["ar", "he", "fa"])
def test_right_to_left_languages(client, home, page, code, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        translate(home, code)
    html = html_of(client, f"/{code}/")
    assert f'<html lang="{code}" dir="rtl">' in html


def test_boxes_banners_and_menus_have_versions(client, home, in_spanish):
    box = BoxFactory(label="hello", body=[("text", "<p>Hello</p>")])
    banner = Banner.objects.create(message="Hello", live=True)
    menu = Menu.objects.create(place="bottom", entries=[("entry", {"text": "Legal", "url": "/about/legal/"})])
    for row, texts in ((box, {"Hello": "Hola"}), (banner, {"Hello": "Hola"}), (menu, {"Legal": "Aviso"})):
        made = translate(row, "es", texts)
        assert made.pk != row.pk
    assert "Hola" not in html_of(client, "/about/")
    html = html_of(client, "/es/about/")
    assert "Hola" in html
    assert ">Aviso</a>" in html
    with translation.override("es"):
        assert "Hola" in str(Box.published("hello").body)
    with translation.override("fr"):
        assert "Hello" in str(Box.published("hello").body)
    assert "Hello" in html_of(client, "/box/hello/")


def test_two_boxes_cannot_have_one_label(home):
    BoxFactory(label="hello")
    client_error = Box(label="hello")
    with pytest.raises(Exception, match="already a box"):
        client_error.full_clean()


def test_the_api_answers_in_a_language(client, page, in_spanish):
    url = "/api/v3/content"
    for path in (page.url, in_spanish.url):
        found = client.get(f"{url}/page/", {"path": path, "locale": "es"}).json()
        assert (found["title"], found["locale"], found["path"]) == ("Ayuda", "es", in_spanish.url)
    assert client.get(f"{url}/page/", {"path": page.url}).json()["locale"] == "en"
    assert client.get(f"{url}/page/", {"path": "/doc/pip/", "locale": "es"}).status_code == 404
    assert client.get(f"{url}/menus/", {"locale": "es"}).json()["menu"][0]["title"] == "Descargas"
    assert client.get(f"{url}/menus/", {"locale": "de"}).status_code == 422


def test_translators_work_on_the_pages_of_other_languages(client, page, in_spanish):
    translator = UserFactory(role="Translators")
    assert in_spanish.permissions_for_user(translator).can_publish()
    assert not page.permissions_for_user(translator).can_edit()
    client.force_login(translator)
    assert client.get(reverse("wagtail_localize:submit_page_translation", args=[page.pk])).status_code == 200
    assert client.get(reverse("wagtailadmin_pages:edit", args=[in_spanish.pk])).status_code == 200
    assert client.get(reverse("wagtailadmin_pages:edit", args=[page.pk])).status_code == 302


def test_a_page_in_all_languages_is_not_offered_for_translation(page, in_spanish):
    """The form would have no language to choose."""
    shown = [str(button.label) for button in page_buttons(page, UserFactory(role="Content editors"))]
    assert shown == ["Sync translations"]
    Locale.objects.create(language_code="ar")
    shown = [str(button.label) for button in page_buttons(page, UserFactory(role="Content editors"))]
    assert shown == ["Translate", "Sync translations"]


@pytest.mark.parametrize(("role", "status"), [("Translators", 200), ("Content editors", 200), ("Job board", 302)])
def test_the_report_shows_what_is_translated(client, page, in_spanish, role, status):
    client.force_login(UserFactory(role=role))
    response = client.get("/admin/localize/reports/translations/")
    assert response.status_code == status
    assert client.get("/admin/localize/reports/translations/results/").status_code == status
    if status == 200:
        assert "Help" in response.content.decode()
    assert ('"/admin/localize/reports/translations/"' in client.get("/admin/").content.decode()) == (status == 200)


def test_english_pages_take_no_query_more(client, page, django_assert_num_queries):
    """Without another language, no query for translations is made."""
    page.get_url()
    with django_assert_num_queries(0):
        assert languages.versions_of(page) == []
        assert languages.translated_urls() == {}


@pytest.mark.full
def test_the_spanish_demo_is_complete(demo_site, client):
    spanish.translate_pages(HomePage.objects.get())
    assert not [entry for entry in spanish.read_catalog() if not entry.msgstr]
    pages = Page.objects.filter(locale__language_code="es")
    assert pages.count() == len(spanish.PATHS) == 10
    for found in pages:
        assert '<html lang="es">' in html_of(client, found.url)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("Senior Python Developer", ""),
        ("Разработчик Python", "ru"),
        ("Розробник Python в Києві", "uk"),
        ("Python ミートアップ東京", "ja"),
        ("北京 Python 聚会", "zh"),
        ("파이썬 모임", "ko"),
        ("مطور بايثون", "ar"),
        ("π day", ""),
        ("", ""),
        ("2026", ""),
    ],
)
def test_the_language_of_a_title(text, code):
    assert languages.language_of(text) == code


def test_reports_name_the_path_with_the_prefix_of_its_language(page, in_spanish):
    paths = dict(with_path(Page.objects.filter(depth__gt=1)).values_list("pk", "address"))
    assert (paths[page.pk], paths[in_spanish.pk]) == (page.url, in_spanish.url)
    assert {pk: path for pk, path in paths.items() if path != Page.objects.get(pk=pk).url} == {}
