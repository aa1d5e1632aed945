import pytest

from cms.content import markup


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("Some **bold** words", "<p>Some <strong>bold</strong> words</p>\n"),
        ("# Title", "<h3>Title</h3>\n"),
        ("- one\n- two", "<ul>\n<li>one</li>\n<li>two</li>\n</ul>\n"),
        ("one\ntwo", "<p>one<br>\ntwo</p>\n"),
        ("[us](https://example.org)", '<p><a href="https://example.org" rel="nofollow noopener">us</a></p>\n'),
    ],
)
def test_markdown_becomes_plain_html(text, html):
    assert markup.render(text) == html


@pytest.mark.parametrize(
    "text",
    [
        "<script>alert(1)</script>",
        "[x](javascript:alert(1))",
        "<img src=x onerror=alert(1)>",
        "<a href='data:text/html,x'>x</a>",
        "<style>*{display:none}</style>",
        "<p onclick=alert(1)>x</p>",
    ],
)
@pytest.mark.proves("S2-48g")
def test_nothing_that_runs_survives(text):
    html = markup.render(text) + markup.clean(text)
    for poison in ("<script", "javascript:", "<img", "data:", "<style", "onclick=a", "<p on"):
        assert f"<{poison}" not in html
        assert f'="{poison}' not in html
    assert "<script" not in html
    assert "<img" not in html
    assert "<style" not in html


def test_plain_keeps_the_words():
    assert markup.plain("# Hello\n\nSome **bold** words.") == "Hello Some bold words."
