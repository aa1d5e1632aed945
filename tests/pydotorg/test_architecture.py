"""The tables of docs/architecture.md, compared with the URL resolver and the page models."""

import inspect
import re
from importlib.util import find_spec
from pathlib import Path

import pytest
from django.urls import URLPattern, get_resolver, resolve
from django.urls.resolvers import LocalePrefixPattern
from wagtail.models import Page, get_page_models

ROOT = Path(__file__).parents[2]
DOCUMENT = (ROOT / "docs/architecture.md").read_text()
# The resolver mounts a page view of the tree; the table names the page model.
PAGES = {"/blogs/"}


def rows(heading: str) -> list[list[str]]:
    """Return the cells of the table under a heading row."""
    table = DOCUMENT.split(heading)[1].split("\n\n")[0]
    return [[cell.strip(" `") for cell in line.strip("|").split("|")] for line in table.splitlines()[2:]]


def patterns() -> list:
    """Return the patterns of the site, also those under the prefix of a language."""
    found: list = []
    for pattern in get_resolver().url_patterns:
        found += pattern.url_patterns if isinstance(pattern.pattern, LocalePrefixPattern) else [pattern]
    return found


URLS = rows("| URL prefix ")


def prefix(pattern) -> str:
    """Return the literal beginning of a pattern, such as "/box/" for "box/<slug:label>/"."""
    text = str(pattern.pattern).removeprefix("^").replace("\\", "")
    if text.endswith("index.md$"):
        return "/…/index.md"
    return "/" + re.split(r"[<(]", text)[0]


def module(pattern) -> str:
    """Return the module of a pattern's view; for a redirect, the URL configuration itself."""
    found = pattern.callback.__module__ if isinstance(pattern, URLPattern) else pattern.urlconf_name
    name = found if isinstance(found, str) else found.__name__
    return "pydotorg.urls" if name.startswith("django.") else name


def test_each_prefix_of_the_resolver_is_a_row():
    mounted = {prefix(pattern) for pattern in patterns()}
    assert {row[0] for row in URLS} == mounted


def test_each_row_names_the_file_that_the_resolver_uses():
    mounted = {(prefix(pattern), module(pattern)) for pattern in patterns()}
    sign_in = {("/_util/login/", "pydotorg.urls")}
    wanted = {(row[0], row[2].removesuffix(".py").replace("/", ".")) for row in URLS if row[0] not in PAGES | {"/_util/login/"}}
    assert {pair for pair in mounted if pair[0] not in PAGES} - sign_in == wanted


def test_each_row_names_an_app_and_folders_that_exist():
    for prefix_, app, file, templates, _ in URLS:
        assert file.replace("/", ".").startswith(f"{app}."), prefix_
        assert (ROOT / file).is_file() if file.endswith(".py") else find_spec(file), prefix_
        assert not templates or (ROOT / templates).is_dir(), prefix_


@pytest.mark.parametrize(
    ("url", "text"),
    [
        ("/admin/snippets/cms/box/", "model = Box"),
        ("/admin/reports/unused-boxes/", '"unused-boxes"'),
        ("/admin/users/", "users/people.py"),
        ("/admin/groups/new/", "users/people.py"),
    ],
)
def test_admin_urls_without_a_prefix_are_found(url, text):
    assert f"`{url}`" in DOCUMENT
    assert f"`{text}`" in DOCUMENT
    view = resolve(url).func
    view = getattr(view, "view_class", view)
    file = Path(inspect.getfile(view)).relative_to(ROOT)
    assert text == str(file) or text in (ROOT / file).read_text()


def test_each_page_type_is_a_row():
    models = [model for model in get_page_models() if model is not Page]
    wanted = {(model.__name__, str(Path(inspect.getfile(model)).relative_to(ROOT)), model.template) for model in models}
    assert {tuple(row) for row in rows("| page type ")} == wanted


def test_the_figure_names_each_package():
    figure = DOCUMENT.split("```")[1]
    packages = {
        path.parent.name for path in ROOT.glob("*/__init__.py") if path.parent.name not in {"benchmarks", "deploy", "tests"}
    }
    inside_cms = {path.parent.name for path in ROOT.glob("cms/*/__init__.py")} - {"management", "migrations", "templatetags"}
    assert {name for name in packages | inside_cms if not re.search(rf"\b{name}\b", figure)} == set()
