"""The containers of developers: the source is mounted, and a change shows with the next request."""

import psycopg
import pytest
import requests

from tests.stack.site import until

URL = "http://127.0.0.1:8888"


@pytest.mark.proves("S4-17", "S4-18", "S2-56")
def test_a_change_of_a_template_and_of_python_shows_with_the_next_request(development):
    until("The front page", lambda: status("/") == 200, seconds=600)
    with psycopg.connect("postgres://pydotorg:pydotorg@127.0.0.1:5435/pydotorg") as database:
        assert database.execute("SELECT count(*) FROM wagtailcore_page").fetchone() > (1,)
    template = development / "templates/home/home_page.html"
    template.write_text(template.read_text().replace("<h1", "<!-- changed template --><h1", 1))
    until("The changed template", lambda: "<!-- changed template -->" in text("/"), seconds=30)
    views = development / "pydotorg/views.py"
    views.write_text(views.read_text().replace('"status": "OK"', '"status": "OK, changed"'))
    until("The changed view", lambda: "OK, changed" in text("/health"), seconds=90)


def status(path: str) -> int:
    try:
        return requests.get(f"{URL}{path}", timeout=30).status_code
    except requests.RequestException:
        return 0


def text(path: str) -> str:
    try:
        return requests.get(f"{URL}{path}", timeout=30).text
    except requests.RequestException:
        return ""
