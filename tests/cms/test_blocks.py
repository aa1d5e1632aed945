import json
import re
from datetime import date

import pytest
from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile
from wagtail.admin.compare import StreamBlockComparison
from wagtail.images.tests.utils import get_test_image_file

from cms.content.blocks import BodyBlock, ButtonBlock, TextAndMediaBlock, TextBlock, VideoBlock
from cms.content.models.media import CustomDocument, CustomImage
from home.blocks import PageBodyBlock
from tests.factories.community import BlogEntryFactory, PostPageFactory, StoryPageFactory
from tests.factories.downloads import ReleaseFileFactory
from tests.factories.jobs import JobFactory
from tests.factories.psf import ElectionFactory, MinutesPageFactory
from tests.factories.sponsors import BenefitFactory, PackageFactory, PlacementFactory, SponsorshipFactory

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _media(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


def rendered(name, value):
    block = BodyBlock()
    stream = block.to_python([{"type": name, "value": value}])
    return block.render(block.clean(stream))


def test_a_heading_can_be_linked_to():
    assert rendered("heading", {"text": "Get it!", "level": "3", "anchor": ""}).strip() == '<h3 id="get-it">Get it!</h3>'
    assert 'id="gpg"' in rendered("heading", {"text": "Signatures", "level": "2", "anchor": "gpg"})


def test_an_anchor_with_blanks_is_refused_with_an_example():
    block = BodyBlock().child_blocks["heading"].child_blocks["anchor"]
    with pytest.raises(ValidationError, match="for example install-notes"):
        block.clean("two words")


def test_code_is_coloured_and_escaped():
    html = rendered("code", {"code": "print('<b>')", "language": "python", "caption": "hello.py"})
    assert "&lt;b&gt;" in html
    assert "<b>" not in html
    assert 'class="highlight"' in html
    assert "hello.py" in html


# Blocks that show a row of their own, which a preview does not have.
NEEDS_ROWS = {"box", "image", "document", "video", "html", "table", "event", "story"}


@pytest.mark.parametrize("name", [name for name in PageBodyBlock().child_blocks if name not in NEEDS_ROWS])
def test_every_block_shows_itself_in_the_chooser(name):
    ReleaseFileFactory(download_button=True)
    JobFactory(is_featured=True)
    StoryPageFactory(featured=True)
    BlogEntryFactory()
    PostPageFactory()
    MinutesPageFactory()
    package = PackageFactory()
    PlacementFactory(benefit=BenefitFactory(sponsorship_year=package.sponsorship_year, packages=[package]))
    SponsorshipFactory(package=package, sponsorship_year=package.sponsorship_year)
    ElectionFactory(nominations_close_at=None, nominations_open_at=None, date=date(2090, 1, 1))
    block = PageBodyBlock().child_blocks[name]
    assert block.is_previewable
    assert block.meta.icon
    assert block.meta.group
    assert block.get_description()
    value = block.normalize(block.get_preview_value())
    assert block.render(value).strip()


def test_an_image_comes_in_several_sizes_with_its_text():
    image = CustomImage.objects.create(title="A desk", file=get_test_image_file(size=(1600, 900)))
    html = rendered("image", {"image": {"image": image.pk, "alt_text": "A tidy desk", "decorative": False}, "caption": ""})
    assert 'alt="A tidy desk"' in html
    assert html.count("<source") == 2
    assert "srcset" in html


def test_an_image_says_what_it_shows_or_that_it_decorates():
    image = CustomImage.objects.create(title="A desk", file=get_test_image_file())
    with pytest.raises(ValidationError):
        rendered("image", {"image": {"image": image.pk, "alt_text": "", "decorative": False}, "caption": ""})


def test_a_document_tells_kind_and_size():
    document = CustomDocument.objects.create(title="Bylaws", file=ContentFile(b"x" * 2048, name="bylaws.pdf"))
    html = rendered("document", {"document": document.pk, "text": ""})
    assert "Bylaws" in html
    assert "PDF" in html


@pytest.mark.parametrize(
    ("url", "player"),
    [
        ("https://www.youtube.com/watch?v=abcdefghijk", "https://www.youtube-nocookie.com/embed/abcdefghijk"),
        ("https://youtu.be/abcdefghijk", "https://www.youtube-nocookie.com/embed/abcdefghijk"),
        ("https://vimeo.com/123456", "https://player.vimeo.com/video/123456?dnt=1"),
        ("https://example.org/watch?v=abcdefghijk", None),
    ],
)
def test_videos_come_from_two_hosts_only(url, player):
    assert VideoBlock.player_url(url) == player
    if player:
        assert player in rendered("video", {"url": url, "title": "A talk"})
    else:
        with pytest.raises(ValidationError):
            rendered("video", {"url": url, "title": "A talk"})


@pytest.mark.parametrize("url", ["javascript:alert(1)", "data:text/html,x", ""])
def test_a_button_leads_to_a_page_or_a_real_address(url):
    block = ButtonBlock()
    with pytest.raises(ValidationError):
        block.clean(block.to_python({"text": "Go", "page": None, "url": url, "style": "primary"}))


@pytest.mark.parametrize(
    ("name", "value", "expected"),
    [
        ("quote", {"text": "It works.", "by": "Ada", "source": "https://example.org/"}, 'href="https://example.org/"'),
        ("callout", {"tone": "warn", "title": "Mind", "text": "<p>the gap</p>"}, "the gap"),
        ("button", {"text": "Go", "page": None, "url": "/downloads/", "style": "primary"}, 'href="/downloads/"'),
        ("cards", {"cards": [{"title": "One", "text": "<p>a</p>", "image": None, "links": []}]}, "One"),
        ("columns", {"columns": [[{"type": "text", "value": "<p>l</p>"}], [{"type": "text", "value": "<p>r</p>"}]]}, "<p>r</p>"),
        (
            "accordion",
            {"items": [{"title": "Why?", "body": [{"type": "text", "value": "<p>So.</p>"}]}]},
            "<summary>Why?</summary>",
        ),
        ("html", "<b>as it stands</b>", "<b>as it stands</b>"),
    ],
)
def test_blocks_show_what_they_hold(name, value, expected):
    assert expected in rendered(name, value)


def test_a_table_has_heads_and_cells():
    value = {
        "columns": [{"type": "text", "heading": "Name"}, {"type": "number", "heading": "Year"}],
        "rows": [{"values": ["<p>Guido</p>", "1991"]}],
        "caption": "People",
    }
    html = rendered("table", value)
    assert '<th scope="col">Year</th>' in html
    assert "1991" in html
    assert "People" in html


def test_a_table_whose_columns_have_no_names_has_no_heads():
    value = {"columns": [{"type": "text", "heading": ""}], "rows": [{"values": ["<p>Guido</p>"]}], "caption": ""}
    html = rendered("table", value)
    assert "Guido" in html
    assert "<th" not in html


def test_versions_with_a_new_card_without_an_image_can_be_compared():
    block = BodyBlock()

    def version(*cards):
        value = [{"type": "item", "id": card, "value": {"title": card, "text": "", "image": None, "links": []}} for card in cards]
        return block.to_python([{"type": "cards", "id": "cards", "value": {"cards": value}}])

    before, after = version("Old card"), version("Old card", "New card")
    difference = StreamBlockComparison(block, True, True, before, after).htmldiff()
    assert "New card" in difference
    # Nor does a card without one show a frame where the picture would stand.
    assert "<img" not in difference


@pytest.mark.parametrize("block", [BodyBlock(), TextAndMediaBlock().child_blocks["text"], PageBodyBlock()])
def test_a_text_keeps_the_headings_lists_and_links_of_what_is_pasted(block):
    editor = getattr(block, "child_blocks", {"text": block})["text"].field.widget
    pasted = {
        "blocks": [
            {"key": "a", "type": "header-two", "text": "Plan", "depth": 0, "inlineStyleRanges": [], "entityRanges": []},
            {"key": "b", "type": "unordered-list-item", "text": "one", "depth": 0, "inlineStyleRanges": [], "entityRanges": []},
            {
                "key": "c",
                "type": "unstyled",
                "text": "docs",
                "depth": 0,
                "inlineStyleRanges": [],
                "entityRanges": [{"offset": 0, "length": 4, "key": 0}],
            },
        ],
        "entityMap": {"0": {"type": "LINK", "mutability": "MUTABLE", "data": {"url": "https://docs.python.org/"}}},
    }
    html = editor.value_from_datadict({"body": json.dumps(pasted)}, {}, "body")
    assert re.sub(r' data-block-key="\w+"', "", html) == (
        '<h2>Plan</h2><ul><li>one</li></ul><p><a href="https://docs.python.org/">docs</a></p>'
    )


@pytest.mark.parametrize(
    ("stored", "texts"),
    [
        ("<p>One<br>two</p>", ["One\ntwo"]),
        ("<p>One<br/>two</p><hr>", ["One\ntwo", " ", ""]),
        ("<p>One <b>two</p><p>three", ["One two", "three"]),
        ("One</p>two", ["Onetwo"]),
        ("", [""]),
        (None, [""]),
    ],
)
def test_stored_html_opens_in_the_editor_as_browsers_read_it(stored, texts):
    blocks = json.loads(TextBlock().field.widget.format_value(stored))["blocks"]
    assert [block["text"] for block in blocks] == texts
