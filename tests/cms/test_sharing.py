"""Structured data, sharing metadata and machine-readable pages."""

import json
import re

import pytest
from bs4 import BeautifulSoup
from django.core.exceptions import ValidationError
from django.urls import reverse
from wagtail.images.tests.utils import get_test_image_file
from wagtail.models import PageViewRestriction, Site, get_page_models

from cms.content.markdown_twins import twin
from cms.content.models.media import CustomImage
from cms.content.models.pages import BasePage
from cms.content.models.settings import SiteSettings, check_funding
from home.models import StandardPage
from tests.databases import fill

pytestmark = pytest.mark.django_db
FUNDING = '{"version": "v1.1.0", "entity": {}, "funding": {}}'


@pytest.fixture
def site():
    fill(pages_only=True)
    return Site.objects.get()


def data_in(html):
    return [json.loads(text) for text in re.findall(r'<script type="application/ld\+json">(.*?)</script>', html)]


def test_a_page_tells_its_address_its_description_and_its_place(client, site):
    html = client.get("/psf/grants/faq/").content.decode()
    page = StandardPage.objects.get(slug="faq", title="Questions about grants")
    assert f'<link rel="canonical" href="{page.full_url}">' in html
    assert f'<meta property="og:title" content="{page.title}">' in html
    assert f'<meta property="og:description" content="{page.search_description}">' in html
    assert "img/social-card.png" in html
    crumbs = data_in(html)[0]["itemListElement"]
    assert [item["name"] for item in crumbs] == ["Python Software Foundation", "Grants program", "Questions about grants"]
    assert crumbs[1]["item"].endswith("/psf/grants/")


def test_the_front_page_names_the_organization(client, site):
    assert data_in(client.get("/").content.decode())[0]["@type"] == "Organization"


def test_a_page_has_an_image_of_its_own_and_hides_from_search_engines(client, site):
    page = StandardPage.objects.get(slug="brochure")
    page.social_image = CustomImage.objects.create(title="Card", file=get_test_image_file(size=(1300, 700)))
    page.noindex = True
    page.save()
    html = client.get(page.url).content.decode()
    assert '<meta property="og:image:width" content="1200">' in html
    assert '<meta name="robots" content="noindex">' in html


def test_a_title_cannot_end_the_structured_data(client, site):
    page = StandardPage.objects.get(slug="brochure")
    page.title = "</script><script>alert(1)</script>"
    page.save()
    html = client.get(page.url).content.decode()
    assert "<script>alert" not in html
    assert data_in(html)[0]["itemListElement"][-1]["name"] == page.title


def test_lists_are_canonical_page_by_page(client, site, settings):
    html = client.get("/search/?q=python&page=2").content.decode()
    assert f'<link rel="canonical" href="{settings.BASE_URL}/search/?page=2">' in html
    assert "canonical" not in client.get("/nothing/here/").content.decode()


def test_each_page_has_a_markdown_twin(client, site):
    html = client.get("/doc/pip/").content.decode()
    assert 'href="/doc/pip/index.md"' in html
    response = client.get("/doc/pip/index.md")
    assert response["Content-Type"] == "text/markdown; charset=utf-8"
    page = StandardPage.objects.get(slug="pip")
    assert f"# {page.title}" in response.content.decode()
    assert f"page-{page.pk}" in response["Surrogate-Key"].split()
    assert "<" not in re.sub(r"<https?://[^>]+>", "", response.content.decode())
    assert client.get("/index.md").status_code == 200
    assert client.get("/nothing/index.md").status_code == 404


@pytest.mark.parametrize("accept", ["text/markdown", "text/markdown, text/html, */*", "text/html;q=0.8,text/markdown;q=1.0"])
def test_a_client_that_asks_for_markdown_gets_the_twin(client, site, accept):
    for url in ("/doc/pip/", "/", "/downloads/"):
        response = client.get(url, headers={"Accept": accept})
        assert response["Content-Type"] == "text/markdown; charset=utf-8", url
        assert response["Content-Location"] == f"{url}index.md"
        assert "Accept" in response["Vary"].split(", ")
        assert response.content == client.get(f"{url}index.md").content


@pytest.mark.parametrize("accept", [None, "*/*", "text/html,application/xhtml+xml,*/*;q=0.8", "text/html, text/markdown;q=0.9"])
def test_everyone_else_gets_html(client, site, accept):
    response = client.get("/doc/pip/", headers={"Accept": accept} if accept else {})
    assert response["Content-Type"] == "text/html; charset=utf-8"
    assert "Accept" in response["Vary"].split(", ")


def test_a_private_page_asks_for_a_session_in_html(client, site):
    page = StandardPage.objects.get(slug="pip")
    PageViewRestriction.objects.create(page=page, restriction_type=PageViewRestriction.LOGIN)
    response = client.get("/doc/pip/", headers={"Accept": "text/markdown"})
    assert response.status_code == 302
    assert "no-store" in response["Cache-Control"] or "private" in response["Cache-Control"]


def test_what_is_private_has_no_twin(client, site):
    page = StandardPage.objects.get(slug="pip")
    PageViewRestriction.objects.create(page=page, restriction_type=PageViewRestriction.LOGIN)
    assert client.get("/doc/pip/index.md").status_code == 404
    assert "/doc/pip/" not in client.get("/llms.txt").content.decode()


def test_markdown_keeps_headings_lists_links_tables_and_code():
    html = """<main><nav>Menu</nav><h1>Spam</h1><p>With <b>eggs</b> and <a href="/ham/">ham</a>.</p>
    <ol><li>One</li><li>Two<ul><li>Inner</li></ul></li></ol><pre><code>print(1)\n</code></pre>
    <table><caption>Menu</caption><tr><th>A</th><th>B|C</th></tr><tr><td>1</td><td>2</td></tr></table>
    <blockquote><p>Ni!</p></blockquote><p><img src="/x.png" alt="A knight"><img src="/y.png" alt=""></p>
    <div>Loose <em>words</em><script>alert(1)</script></div></main>"""
    assert twin(html).splitlines() == [
        "# Spam", "", "With **eggs** and [ham](/ham/).", "", "1. One", "2. Two", "   - Inner", "", "```", "print(1)", "```", "",
        "Menu", "", "| A | B\\|C |", "| --- | --- |", "| 1 | 2 |", "", "> Ni!", "", "![A knight](/x.png)", "", "Loose *words*",
    ]  # fmt: skip


def test_a_list_of_pages_for_programs(client, site):
    text = client.get("/llms.txt").content.decode()
    assert text.startswith("# Python\n\n> ")
    assert "## Documentation" in text
    assert "/doc/pip/index.md)" in text


def test_files_for_programs_come_from_the_settings(client, site):
    assert b"Python" in client.get("/humans.txt").content
    chosen = SiteSettings.for_site(site)
    chosen.funding_json = ""
    chosen.save()
    for path in ("/security.txt", "/funding.json", "/.well-known/funding-manifest-urls"):
        assert client.get(path).status_code == 404
    chosen.humans_txt, chosen.security_email, chosen.funding_json = "We.", "security@example.org", FUNDING
    chosen.security_policy_url = "https://www.example.org/policy/"
    chosen.full_clean()
    chosen.save()
    assert client.get("/humans.txt").content == b"We."
    for path in ("/security.txt", "/.well-known/security.txt"):
        text = client.get(path).content.decode()
        assert "Contact: mailto:security@example.org\nExpires: 20" in text
        assert "Policy: https://www.example.org/policy/" in text
    assert client.get("/funding.json").json()["version"] == "v1.1.0"
    assert client.get("/.well-known/funding-manifest-urls").content.endswith(b"/funding.json\n")


@pytest.mark.parametrize(
    ("text", "words"), [("{", "not valid JSON"), ("[]", "entity, funding, version"), ('{"version": 1}', "entity")]
)
def test_a_manifest_that_is_none_is_refused(text, words):
    with pytest.raises(ValidationError, match=words):
        check_funding(text)


def described(client, path):
    page = BeautifulSoup(client.get(path).content, "html.parser")
    meta = page.find("meta", attrs={"name": "description"})
    return meta["content"] if meta else ""


def test_every_type_of_page_has_a_description(client):
    """Tests one page of each type, and the other views. Unknown types have no page in the demo."""
    fill()
    pages = [model.objects.live().exclude(slug="").first() for model in get_page_models() if issubclass(model, BasePage)]
    paths = [page.url for page in pages if page] + [reverse("events:this_month"), reverse("events:this_week"), "/psf/sponsors/"]
    texts = {path: described(client, path) for path in paths}
    assert [path for path, text in texts.items() if not text] == []
    assert len(set(texts.values())) == len(paths)
