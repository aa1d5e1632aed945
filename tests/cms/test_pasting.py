"""Pasted content of Word, Google Docs and Markdown."""

import json

import pytest
from django.urls import reverse

from cms.content.pasting import MAX_CELLS, read
from tests.cms.pasted import DOCS, MARKDOWN, WORD
from tests.factories.users import UserFactory

pytestmark = pytest.mark.django_db
EVERYTHING = {"table", "code", "quote"}


def text_of(blocks):
    return "".join(value for name, value in blocks if name == "text")


def cells_of(blocks):
    table = next(value for name, value in blocks if name == "table")
    return [column["heading"] for column in table["columns"]], [row["values"] for row in table["rows"]]


def test_a_document_from_word_keeps_headings_lists_tables_and_links():
    pasted = read(WORD, apart=EVERYTHING)
    text = text_of(pasted.blocks)
    assert "<h2>Sprints</h2>" in text
    assert "<h3>Rooms</h3>" in text
    assert "<ul><li>Bring a laptop<ul><li>and its charger</li></ul></li><li>Bring a friend</li></ul>" in text
    assert "<ol><li>Sign in</li><li>Sit down</li></ol>" in text
    assert '<a href="https://example.org/plan">the plan</a>' in text
    assert "<b>early</b>" in text
    assert cells_of(pasted.blocks) == (["Room", "Seats"], [["<p>Aula</p>", "<p>120</p>"], ["<p>Lab</p>", "<p>24</p>"]])
    assert [name for name, _ in pasted.blocks] == ["text", "table", "text"]
    for gone in ["mso", "style", "·", "alert", "javascript", "onclick", "supportLists"]:
        assert gone not in json.dumps(pasted.blocks)
    assert pasted.lost == ["images"]


def test_a_document_from_google_docs_keeps_headings_lists_tables_and_links():
    pasted = read(DOCS, apart=EVERYTHING)
    text = text_of(pasted.blocks)
    assert "<h2>Minutes</h2>" in text
    assert "<ul><li>Budget<ul><li>Travel</li></ul></li><li>Grants</li></ul>" in text
    assert '<a href="https://example.org/minutes">all minutes</a>' in text
    assert "<b>unanimous</b>" in text
    assert "<i> sine die</i>" in text
    # The copy as a whole is no bold text.
    assert text.count("<b>") == 1
    assert cells_of(pasted.blocks) == (["", ""], [["<p>Ayes</p>", "<p>7</p>"], ["<p>Noes</p>", "<p>0</p>"]])


def test_markdown_keeps_headings_lists_tables_links_and_code(client):
    client.force_login(UserFactory(role="Content editors"))
    answer = client.post(reverse("paste"), {"markdown": MARKDOWN, "blocks": ["table", "code", "quote"]}).json()
    assert [block["type"] for block in answer["blocks"]] == ["text", "table", "text", "code", "quote"]
    text = json.loads(answer["blocks"][0]["value"])
    assert [(block["type"], block["text"]) for block in text["blocks"]] == [
        ("header-two", "Install"),
        ("unstyled", "Read the guide first."),
        ("unordered-list-item", "one"),
        ("unordered-list-item", "two"),
    ]
    assert [entity["data"] for entity in text["entityMap"].values()] == [{"url": "https://example.org/guide"}]
    table = answer["blocks"][1]["value"]
    assert [column["heading"] for column in table["columns"]] == ["System", "Command"]
    assert answer["blocks"][3]["value"]["code"] == "import this"
    assert answer["blocks"][3]["value"]["language"] == ["python"]
    assert "alert" not in json.dumps(answer)


def test_a_text_within_a_block_gets_the_rows_of_a_table_as_lines():
    pasted = read("<table><tr><td>a</td><td><p><a href='/b/'>b</a></p></td></tr></table><pre>x = 1\ny = 2</pre>", apart=set())
    assert pasted.blocks == [("text", '<p>a | <a href="/b/">b</a></p><p><code>x = 1</code><br><code>y = 2</code></p>')]


def test_cells_that_span_others_leave_each_cell_in_its_column():
    html = "<table><tr><td rowspan=2>a</td><td colspan=2>b</td></tr><tr><td>c</td><td>d</td></tr></table>"
    assert cells_of(read(html, apart=EVERYTHING).blocks)[1] == [["a", "b", ""], ["", "c", "d"]]


def test_a_row_with_a_link_names_no_columns():
    html = "<table><tr><th><a href='/x/'>x</a></th><th>y</th></tr></table>"
    assert cells_of(read(html, apart=EVERYTHING).blocks) == (["", ""], [['<a href="/x/">x</a>', "y"]])


def test_tables_and_code_in_a_list_come_after_it():
    html = "<ul><li>one<pre>x</pre></li><li>two<table><tr><td>a</td></tr></table></li></ul>"
    assert [name for name, _ in read(html, apart=EVERYTHING).blocks] == ["text", "table", "code"]


def test_nothing_that_runs_comes_through(client):
    client.force_login(UserFactory(role="Content editors"))
    html = (
        "<h1 onclick='steal()'>Hello</h1><script>steal()</script><style>p{}</style><p style='x' onmouseover='steal()'>"
        "<a href='javascript:steal()'>one</a> <a href=' JaVaScRiPt:steal()'>two</a> <img src=x onerror='steal()'></p>"
        "<table><tr><td onclick='steal()'><a href='javascript:steal()'>three</a><script>steal()</script></td></tr></table>"
        "<iframe src='https://example.org'></iframe><svg onload='steal()'></svg>"
    )
    response = client.post(reverse("paste"), {"html": html, "blocks": ["table"]})
    answer = response.content.decode()
    assert "steal" not in answer
    assert "Hello" in answer
    assert "three" in answer
    assert response.json()["lost"] == ["iframe", "images"]


def test_what_is_too_much_is_refused_with_a_sentence(client):
    client.force_login(UserFactory(role="Content editors"))
    html = f"<table><tr>{'<td>x</td>' * (MAX_CELLS + 1)}</tr></table>"
    response = client.post(reverse("paste"), {"html": html, "blocks": ["table"]})
    assert (response.status_code, response.json()["error"].startswith("Tables with more than")) == (400, True)
    assert client.post(reverse("paste"), {}).json() == {"error": "Nothing was pasted."}


def test_visitors_and_members_cannot_ask(client):
    assert client.post(reverse("paste"), {"html": "<p>x</p>"}).status_code == 302
    client.force_login(UserFactory())
    assert client.post(reverse("paste"), {"html": "<p>x</p>"}).status_code == 302
