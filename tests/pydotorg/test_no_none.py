"""No admin screen shows the missing value of Python, None, as text."""

import re

import pytest
from bs4 import BeautifulSoup, Comment

from home.models import HomePage
from tests.pydotorg.test_routes import BROKEN_ON_PURPOSE, Demo, demo, enter, first_screens, routes  # noqa: F401 -- a fixture.

pytestmark = [pytest.mark.django_db, pytest.mark.full]
# "None required" is English.
NONE = re.compile(r"\bNone\b(?! [a-z])")
SHOWN_ATTRIBUTES = ("aria-label", "title", "alt", "placeholder", "value", "href", "datetime")
# Code of the site that the admin shows as it is.
NO_TEXT = ["script", "style", "template", "textarea", "pre", "code"]


def find_none(html: str) -> list[str]:
    """Return the texts and attributes of a page that contain the word."""
    soup = BeautifulSoup(html, "html.parser")
    for element in [*soup(NO_TEXT), *soup.select("[hidden]")]:
        element.decompose()
    texts = [text.strip() for text in soup.find_all(string=NONE) if not isinstance(text, Comment)]
    return texts + [
        f"{name}={element[name]}"
        for name in SHOWN_ATTRIBUTES
        for element in soup.select(f"[{name}]")
        if NONE.search(element[name])
    ]


# Searches, with many rows, one and none.
SEARCHES = [f"/admin/pages/search/?q={word}" for word in ("python", "brochure", "no-such-page")]


@pytest.mark.parametrize(
    ("chosen", "least"),
    [
        pytest.param(first_screens, 90, id="lists"),
        pytest.param(routes, 300, id="every screen", marks=pytest.mark.nightly),
    ],
)
def test_no_admin_screen_shows_none_as_text(client, demo: Demo, chosen, least):  # noqa: F811
    enter(client, "superuser")
    client.raise_request_exception = False
    addresses = {demo.address(route) for route in chosen() if route.in_admin and not route.open_to_all}
    addresses -= {f"/{BROKEN_ON_PURPOSE}"}
    found, number = {}, 0
    for address in [*sorted(addresses), f"/admin/pages/{demo.row(HomePage).pk}/", *SEARCHES]:
        response = client.get(address)
        if response.status_code == 200 and response.get("Content-Type", "").startswith("text/html"):
            number += 1
            if texts := find_none(response.content.decode()):
                found[address] = texts
    assert number > least
    assert found == {}


def test_the_word_is_found():
    html = "<p>1-20 of 100 None</p><p hidden>None</p><pre>None</pre><a href='/None/'>x</a><p>None required</p>"
    assert find_none(html) == ["1-20 of 100 None", "href=/None/"]
