"""The sixty searches of search_queries.csv, and the rules of the ranking."""

import csv
import os
import re
from pathlib import Path

import pytest
from django.core.exceptions import ValidationError

from cms.search import ranking, synonyms
from cms.search.models import SynonymGroup
from home.models import HomePage, StandardPage
from tests.factories.users import UserFactory

QUERIES = list(csv.DictReader(Path(__file__).with_name("search_queries.csv").read_text().splitlines()))
MIN_FOUND = 57


def rank_of(client, query, expected):
    """Return the rank of the expected URL in the first results, or 0."""
    best = client.get("/search/", {"q": query}).context["best"]
    return next((place for place, result in enumerate(best, 1) if result["url"].endswith(expected)), 0)


@pytest.mark.django_db
def test_sixty_searches_find_their_page_among_the_first_three(client, demo_site):
    """Set SEARCH_RANKS to a file name to write the list of ranks (docs/search.md)."""
    assert len(QUERIES) == 60
    ranks = {row["query"]: rank_of(client, row["query"], row["expected"]) for row in QUERIES}
    if file := os.environ.get("SEARCH_RANKS"):
        Path(file).write_text("".join(f"{rank}\t{query}\n" for query, rank in ranks.items()))
    missed = [query for query, rank in ranks.items() if not rank]
    assert len(QUERIES) - len(missed) >= MIN_FOUND, missed


@pytest.mark.parametrize(
    ("first", "second", "errors"),
    [
        ("pyhton", "python", 1),
        ("python", "python", 0),
        ("condukt", "conduct", 1),
        ("enviroment", "environment", 1),
        ("a", "xyz", 3),
    ],
)
def test_a_swap_of_two_letters_is_one_error(first, second, errors):
    assert ranking.distance(first, second, limit=3) == errors


def test_known_words_and_versions_are_never_corrected():
    vocabulary = {"python": 9, "pip": 2, "environments": 3}
    assert ranking.correct("pyhton 3.15.1 pip", vocabulary) == "python 3.15.1 pip"
    assert ranking.correct("environment", vocabulary) == "environment"
    assert ranking.correct("xq%$", vocabulary) == "xq%$"


def test_a_version_does_not_match_the_numbers_that_start_like_it():
    assert ranking.score(["3.1"], "Python 3.1.2") > 0
    assert ranking.score(["3.1"], "Python 3.15.1") == 0


@pytest.mark.django_db
def test_stable_releases_come_before_pre_releases(client, demo_site):
    rows = client.get("/search/", {"q": "python 3", "type": "releases"}).context["shown"][0]["results"]
    assert rows[0]["title"] == "Python 3.15.1"


@pytest.mark.django_db
@pytest.mark.parametrize("query", ["python", "Python", "python 3"])
def test_the_current_release_comes_before_pages_of_old_releases(client, demo_site, query):
    home = HomePage.objects.get()
    for version in ("2.6.1", "3.0.0", "3.1.1"):
        home.add_child(instance=StandardPage(title=f"Python {version}", slug=f"old-{version.replace('.', '-')}"))
    urls = [result["url"] for result in client.get("/search/", {"q": query}).context["best"]]
    suggested = re.findall(r'href="([^"]+)"', client.get("/search/suggestions/", {"q": query}).content.decode())
    expected = ["/downloads/release/python-3151/"] if "3" in query else ["/downloads/", "/downloads/release/python-3151/"]
    assert urls[: len(expected)] == suggested[: len(expected)] == expected
    assert not any("/old-" in url for url in urls)
    assert "/old-3-0-0/" in client.get("/search/", {"q": "python 3.0.0"}).context["best"][0]["url"]


@pytest.mark.django_db
def test_a_corrected_query_says_so(client, demo_site):
    html = client.get("/search/", {"q": "sucess stories"}).content.decode()
    assert "These are results for <strong>success stories</strong>" in html
    assert "These are results for" not in client.get("/search/", {"q": "success stories"}).content.decode()


@pytest.mark.django_db
def test_suggestions_complete_the_last_word(client, demo_site):
    response = client.get("/search/suggestions/", {"q": "virt"})
    assert 'href="/doc/virtual-environments/"' in response.content.decode()
    assert not response.cookies
    assert 'role="option"' not in client.get("/search/suggestions/").content.decode()
    assert 'href="/doc/virtual-environments/"' in client.get("/search/suggestions/", {"q": "virtaul"}).content.decode()


@pytest.mark.django_db
def test_synonyms_find_the_same_results(client, demo_site):
    def best(query):
        return [result["url"] for result in client.get("/search/", {"q": query}).context["best"]]

    assert "/doc/pip/" not in best("bundler")
    SynonymGroup.objects.create(terms="bundler, pip")
    assert best("bundler")[0] == "/doc/pip/"
    assert best("Bundler")[0] == "/doc/pip/"


@pytest.mark.parametrize(("terms", "expected"), [(" Venv ,virtual  Environment,, venv", "venv, virtual environment")])
def test_synonyms_are_tidied(terms, expected):
    group = SynonymGroup(terms=terms)
    group.clean()
    assert group.terms == expected
    with pytest.raises(ValidationError, match="at least two terms"):
        SynonymGroup(terms="venv, ").clean()


@pytest.mark.django_db
def test_staff_edit_synonyms(client):
    client.force_login(UserFactory(role="Content editors"))
    client.post("/admin/search-synonyms/create/", {"terms": "venv, virtual environment"})
    assert SynonymGroup.objects.get().terms == "venv, virtual environment"
    assert synonyms.variants("activate a venv") == ["activate a venv", "activate a virtual environment"]
    client.force_login(UserFactory(role="Job board"))
    assert client.get("/admin/search-synonyms/").status_code in {302, 403}
