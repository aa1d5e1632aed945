"""Pasting into the body of a page, in a real browser."""

import pytest
from wagtail.models import Page as WagtailPage
from wagtail.models import Site

from home.models import HomePage, StandardPage
from tests.cms.pasted import DOCS, MARKDOWN, WORD
from tests.factories.users import UserFactory

# The server runs in another thread, so rows are committed.
pytestmark = pytest.mark.django_db(transaction=True)
PASTE = """([selector, number, formats]) => {
    const data = new DataTransfer();
    for (const [type, text] of Object.entries(formats)) data.setData(type, text);
    const editor = document.querySelectorAll(selector)[number];
    editor.focus();
    editor.dispatchEvent(new ClipboardEvent("paste", { clipboardData: data, bubbles: true, cancelable: true }));
}"""


class Form:
    """Form of a page whose body consists of one text block."""

    def __init__(self, page, url, home, body):
        self.page, self.url = page, url
        self.about = home.add_child(instance=StandardPage(title="About", slug="about", body=body, live=False))
        page.set_viewport_size({"width": 1400, "height": 1000})
        page.goto(f"{url}/admin/pages/{self.about.pk}/edit/")
        self.editors.first.wait_for()

    @property
    def editors(self):
        return self.page.locator("#panel-child-content-body-section .public-DraftEditor-content:visible")

    def paste(self, *, keys="End", **formats):
        formats = {f"text/{name}": text for name, text in formats.items()}
        self.editors.first.click()
        self.page.keyboard.press(keys)
        self.page.evaluate(PASTE, ["#panel-child-content-body-section .public-DraftEditor-content", 0, formats])

    def saved(self):
        """Return the saved body, block by block."""
        # An editor writes its field a quarter of a second after a change.
        self.page.wait_for_timeout(400)
        with self.page.expect_response(
            lambda response: response.request.method == "POST" and response.request.is_navigation_request()
        ):
            self.page.get_by_role("button", name="Save draft").first.click()
        self.page.wait_for_load_state("networkidle")
        about = StandardPage.objects.get(pk=self.about.pk)
        return [(block.block_type, block.value) for block in about.get_latest_revision_as_object().body]


@pytest.fixture
def form(page, live_server, log_in):
    root = WagtailPage.get_first_root_node()
    home = root.add_child(instance=HomePage(title="Python", slug="front", promise="A language you can read."))
    Site.objects.update(root_page=home)
    log_in(UserFactory(role="Content editors"))
    return lambda text: Form(page, live_server.url, home, [("text", text)])


def texts(blocks):
    return "".join(value.source for name, value in blocks if name == "text")


def table(blocks):
    value = next(value for name, value in blocks if name == "table")
    rows = [[cell.value.source for cell in row] for row in value.rows]
    return [column["heading"] for column in value.columns], rows


def test_a_document_from_word(form):
    opened = form("<p>Before.</p>")
    opened.paste(html=WORD, plain="Sprints …")
    opened.page.get_by_text("Pasted as 3 blocks. Left out: images.").wait_for()
    body = opened.saved()
    assert [name for name, _ in body] == ["text", "text", "table", "text"]
    text = texts(body)
    for kept in [
        "Before.",
        ">Sprints</h2>",
        ">Rooms</h3>",
        'href="https://example.org/plan"',
        "<b>early</b>",
        "Sit down</li></ol>",
    ]:
        assert kept in text
    headings, rows = table(body)
    assert headings == ["Room", "Seats"]
    assert ["Aula" in rows[0][0], "120" in rows[0][1], "24" in rows[1][1]] == [True] * 3
    for gone in ["mso", "alert", "javascript", "onclick", "·"]:
        assert gone not in str(body)


def test_a_document_from_google_docs_into_an_empty_text(form):
    opened = form("<p></p>")
    opened.paste(html=DOCS, plain="Minutes …")
    opened.page.get_by_text("Pasted as 2 blocks.").wait_for()
    body = opened.saved()
    assert [name for name, _ in body] == ["text", "table"]
    for kept in [">Minutes</h2>", "<b>unanimous</b>", 'href="https://example.org/minutes"', "Travel</li></ul></li>"]:
        assert kept in texts(body)
    assert "Ayes" in table(body)[1][0][0]
    assert "alert" not in str(body)


def test_markdown(form):
    opened = form("<p></p>")
    opened.paste(plain=MARKDOWN)
    opened.page.get_by_text("Pasted as 5 blocks.").wait_for()
    body = opened.saved()
    assert [name for name, _ in body] == ["text", "table", "text", "code", "quote"]
    assert ">Install</h2>" in texts(body)
    assert "two</li></ul>" in texts(body)
    assert 'href="https://example.org/others"' in table(body)[1][1][1]
    assert (body[3][1]["language"], body[3][1]["code"]) == ("python", "import this")
    assert "alert" not in str(body)


def test_what_needs_no_block_stays_in_the_text_and_undo_takes_it_back(form):
    opened = form("<p>Before.</p>")
    opened.paste(plain="## Install\n\n- one\n- two\n\n[Guide](/guide/)")
    opened.editors.first.locator("h2").wait_for()
    assert opened.editors.count() == 1
    opened.page.keyboard.press("Control+z")
    opened.editors.first.locator("h2").wait_for(state="detached")
    assert [value.source.count("<p") for _, value in opened.saved()] == [1]


def test_blocks_are_taken_back_by_a_button(form):
    opened = form("<p>Before.</p>")
    opened.paste(html="<table><tr><td>a</td><td>b</td></tr></table>", plain="a b")
    opened.page.locator(".pasted").get_by_role("button", name="Undo").click()
    body = opened.saved()
    assert [name for name, _ in body] == ["text"]
    assert "Before." in texts(body)


def test_ctrl_shift_v_pastes_the_words_alone(form):
    opened = form("<p></p>")
    opened.paste(keys="Control+Shift+V", plain="# Not a heading\n\n- nor a list")
    opened.editors.first.get_by_text("# Not a heading").wait_for()
    assert "# Not a heading" in texts(opened.saved())
