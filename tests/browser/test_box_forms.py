"""Boxes of the previous site in the editor: each kind of markup becomes fields in which nobody meets HTML."""

import re

import pytest
from playwright.sync_api import expect

from cms.content.models.boxes import Box
from importer.core import import_rows
from tests.factories.users import UserFactory

pytestmark = pytest.mark.django_db(transaction=True)
# What editors wrote into boxes: name -> markup type and markup.
CONTENTS = {
    "title-and-text": (
        "html",
        '<h2 class="widget-title"><span class="icon-help"></span>Help</h2><p>Ask <em>us</em>.<br>Today.</p>',
    ),
    "menu-panel": (
        "html",
        '<li class="tier-2 super-navigation"><h4>About</h4><p class="buttons"><a class="button" href="/about/">More</a></p></li>',
    ),
    "call-to-action": ("html", '<h1 class="call-to-action">Learn</h1><p><a class="readmore" href="/doc/">Read</a></p>'),
    "list": ("html", '<ul class="menu"><li><a href="/jobs/">Jobs</a><ul><li>Remote</li></ul></li></ul><ol><li>One</li></ol>'),
    "quotation": ("html", "<blockquote><p>It works.</p><footer><cite>Ada</cite></footer></blockquote>"),
    "program": ("html", '<pre class="literal-block"><code>print("<b>")</code></pre><p>Type <code>exit()</code></p>'),
    "layout": (
        "html",
        '<div style="padding: 1em"><div class="split-widget-wrapper"><p style="text-align: center">Left</p></div></div><hr>',
    ),
    "table": ("html", "<table><tr><th>Name</th></tr><tr><td>Ada</td></tr></table>"),
    "picture": ("html", '<p>Made by <img src="https://elsewhere.example/logo.png" alt="Us"> friends</p>'),
    "script": ("html", '<p>Count</p><script>document.write("<b>x</b>")</script><style>p { color: red }</style>'),
    "drawing": (
        "html",
        '<p>Mark</p><svg width="9"><g><path d="M0 0"/></g></svg><iframe src="https://elsewhere.example/"></iframe>',
    ),
    "form": ("html", '<form action="/search/"><input name="q"><button>Search</button></form><p>Below</p>'),
    "broken": ("html", "<p>Thank you <b>all</p></div><!-- note --><p>Bye"),
    "markdown": ("markdown", "## Title\n\nSee **the** [guide](/doc/).\n\n* One\n"),
    "structured-text": ("restructuredtext", "See **the** `guide </doc/>`_."),
    "plain": ("plain", "Write to https://www.python.org/ <now>"),
}
# The type of each block of the body.
TYPES = (
    "xpath=.//input[starts-with(@name, 'body-') and substring(@name, string-length(@name) - 4) = '-type' "
    "and string-length(translate(@name, '0123456789', '')) = 10]"
)
MARKUP = re.compile(r"</?[a-z][^>]*>|&lt;|\*\*|\]\(|`_")


@pytest.fixture
def editor(page, log_in):
    log_in(UserFactory(role="Content editors"))
    return page


def import_boxes():
    rows = [
        {"model": "boxes.box", "pk": pk, "fields": {"label": label, "content": content, "content_markup_type": kind}}
        for pk, (label, (kind, content)) in enumerate(CONTENTS.items(), start=1)
    ]
    assert import_rows(rows).counts["boxes.box"] == {"created": len(rows)}


def open_box(editor, live_server, box):
    """Open the form of a box and return its body, when all blocks have their fields."""
    response = editor.goto(f"{live_server.url}/admin/snippets/cms/box/edit/{box.pk}/")
    assert response.status == 200, box.label
    body = editor.locator("[data-streamfield-stream-container]").first
    expect(body.locator(TYPES).last).to_be_attached()
    return body


def test_an_editor_meets_no_html_in_any_imported_box(editor, live_server):
    import_boxes()
    for box in Box.objects.order_by("pk"):
        body = open_box(editor, live_server, box)
        types = body.locator(TYPES).evaluate_all("all => all.map(one => one.value)")
        assert types == [block.block_type for block in box.body]
        assert set(types) <= {"heading", "text", "button", "quote", "code", "table"}, box.label
        expect(body.locator(".public-DraftEditor-content")).to_have_count(sum(types.count(name) for name in ("text", "table")))
        fields = body.locator("input:visible, textarea:visible").evaluate_all("all => all.map(one => one.value)")
        shown = " ".join([*fields, *body.locator(".public-DraftEditor-content").all_inner_texts()])
        assert shown.strip(), box.label
        # These two show markup to visitors, too: as the code of a program, and as plain text.
        if box.label not in {"program", "plain"}:
            assert not MARKUP.search(shown), shown


def test_an_editor_publishes_a_word_in_an_imported_box(editor, live_server):
    import_boxes()
    box = Box.objects.get(label="title-and-text")
    text = open_box(editor, live_server, box).locator(".public-DraftEditor-content")
    text.click()
    text.press("Control+End")
    text.press_sequentially(" Or tomorrow.")
    # The editor stores its content a moment after the last key.
    expect(editor.locator("[name=body-1-value]")).to_have_value(re.compile("tomorrow"))
    editor.get_by_role("button", name="More actions").click()
    editor.get_by_role("button", name="Publish").click()
    editor.get_by_text("updated and published").wait_for()
    stored = re.sub(r' data-block-key="[^"]*"', "", str(Box.objects.get(pk=box.pk).body[1].value))
    assert stored == "<p>Ask <i>us</i>.<br/>Today. Or tomorrow.</p>"
