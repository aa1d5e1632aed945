"""Import of boxes and menus."""

import pytest
from wagtail.models import Site

from cms.content.conversion import convert
from cms.content.models.boxes import Box
from cms.content.models.menus import Menu
from demo import content
from downloads.models import DownloadsPage
from home.models import HomePage, LandingPage
from importer.core import import_rows
from jobs.models import JobsPage
from psf.models import MembershipSettings
from sponsors.models import SponsorshipYear
from tests.databases import fill

pytestmark = pytest.mark.django_db


def box(pk, label, content):
    return {"model": "boxes.box", "pk": pk, "fields": {"label": label, "content": content, "content_markup_type": "html"}}


def item(pk, title, url, parent=None, **more):
    fields = {"title": title, "url": url, "urlaspattern": False, "hidden": False, "inmenu": True, "hint": "", "alias": None}
    return {"model": "sitetree.treeitem", "pk": pk, "fields": fields | {"parent": parent, "sort_order": pk} | more}


BOXES = [
    box(1, "aboutpython-banner", "<h1>About us</h1><p>Eggs and <em>spam</em>.</p><p><a class='button' href='/doc/'>Read</a></p>"),
    box(2, "aboutpython-getstarted", "<h2>Begin</h2><p>Here <script>alert(1)</script><a href='javascript:x'>now</a>.</p>"),
    box(3, "widget-use-python-for", "<h2>Use</h2><ul><li>Web <a href='http://www.python.org/about/'>x</a></li></ul>"),
    box(4, "supernav-python-downloads", "<p>Python 3.1</p>"),
    box(5, "jobs-sponsors", "<p><img src='/a.png'>Logos</p>"),
    box(6, "supernav-python-about", "<li><h4>Words</h4><p>In the panel.</p></li>"),
]
MENU = [
    {"model": "sitetree.tree", "pk": 1, "fields": {"title": "x", "alias": "main"}},
    item(1, "Python", "home", urlaspattern=True, alias="python-meta"),
    item(2, "PSF", "psf-landing", urlaspattern=True, alias="psf-meta"),
    item(3, "About", "about", 1, urlaspattern=True, alias="about"),
    item(4, "Quotes", "/about/quotes/", 3),
    item(5, "Downloads", "download:download", 1, urlaspattern=True),
    item(6, "Contributing", "/dev/", 1, alias="python-footer"),
    item(7, "Soon", "comingsoon", 3, hidden=True),
    item(8, "Membership", "/psf/membership/", 2),
    item(9, "Self-certify", "http://example.org/", 8),
]


def test_the_site_stands_at_its_own_address(settings):
    settings.BASE_URL = "https://staging.example.org"
    content.fill(pages_only=True)
    site = Site.objects.get()
    assert (site.hostname, site.port) == ("staging.example.org", 443)


def test_boxes_become_blocks_without_html():
    fill(pages_only=True)
    report = import_rows(BOXES)
    assert report.counts["boxes.box"] == {"created": 5, "skipped": 1}
    assert "Box jobs-sponsors: no block for image /a.png." in report.notes
    assert [block.block_type for block in Box.objects.get(label="aboutpython-banner").body] == ["heading", "text", "button"]
    text = str(Box.objects.get(label="widget-use-python-for").body[1].value)
    assert text == '<ul><li>Web <a href="/about/">x</a></li></ul>'
    assert "script" not in str(Box.objects.get(label="aboutpython-getstarted").body[1].value)
    assert not any(block.block_type == "html" for box in Box.objects.all() for block in box.body)


@pytest.mark.parametrize(
    ("kind", "content", "rendered"),
    [
        ("markdown", "See **the** [guide](/doc/).", ""),
        ("restructuredtext", "See **the** `guide </doc/>`_.", ""),
        ("markdown", "See **the** [guide](/doc/).", '<p>See <strong>the</strong> <a href="/doc/">guide</a>.</p>'),
    ],
)
def test_a_box_in_another_markup_becomes_the_same_text(kind, content, rendered):
    row = box(1, "jobs-subscribe", content)
    row["fields"] |= {"content_markup_type": kind, "_content_rendered": rendered}
    import_rows([row])
    text = str(Box.objects.get().body[0].value)
    assert 'See <b>the</b> <a href="/doc/">guide</a>.' in text.replace("strong>", "b>").replace(' class="reference external"', "")


def test_boxes_fill_the_areas_of_the_first_pages(client):
    fill(pages_only=True)
    import_rows(BOXES)
    about = client.get("/about/").content.decode()
    assert "About us Eggs and spam." in about
    assert '<h2 class="card-title">Begin</h2>' in about
    assert "javascript" not in about.split("<main")[1]
    assert "Web" in client.get("/").content.decode()


def test_a_front_page_that_speaks_of_a_subject_does_not_get_a_box_on_it():
    fill(pages_only=True)
    import_rows([box(1, "widget-about-psf", "<h2>Python Software Foundation</h2><p>Its mission.</p>")])
    assert "box" not in str(HomePage.objects.get().body.raw_data)
    assert Box.objects.get(label="widget-about-psf").description == "On the home page."


@pytest.mark.parametrize(
    ("label", "description"),
    [
        ("aboutpython-banner", "Used as the introduction of About Python (/about/)."),
        ("psf-grants", "Used for the cards of Python Software Foundation (/psf/)."),
        ("usermessage-helplink", "On About Python (/about/)."),
        ("supernav-python-about", "In the menu panel: About."),
        ("anything", "Not on any page yet. Other sites can read it at /box/anything/."),
    ],
)
def test_the_description_of_a_box_says_where_it_shows(label, description):
    import_rows([box(1, label, "<h2>Words</h2><p>Words.</p>")])
    assert Box.objects.get(label=label).description == description


def test_the_second_import_changes_nothing_and_what_staff_changed_stays(admin_user):
    fill(pages_only=True)
    import_rows([*BOXES, *MENU])
    page = LandingPage.objects.get(slug="about")
    page.introduction = "Ours."
    page.save_revision(user=admin_user).publish()
    edited = Box.objects.get(label="jobs-sponsors")
    edited.body = [("text", "<p>Ours.</p>")]
    edited.save_revision(user=admin_user).publish()
    report = import_rows([*BOXES, *MENU])
    assert report.counts["boxes.box"] == {"unchanged": 4, "kept": 1, "skipped": 1}
    assert report.counts["sitetree.treeitem"] == {"kept": 9}
    assert LandingPage.objects.get(slug="about").introduction == "Ours."


def test_pages_of_sections_get_their_boxes_once(admin_user):
    rows = [box(7, "jobs-subscribe", "<p>Follow the jobs.</p>"), box(8, "download-pgp", "<h2>Signatures</h2>")]
    import_rows(rows)
    assert [block.value.label for block in JobsPage.objects.get().body] == ["jobs-subscribe"]
    page = DownloadsPage.objects.get()
    assert [block.value.label for block in page.body] == ["download-pgp"]
    page.body = []
    page.save_revision(user=admin_user).publish()
    import_rows(rows)
    assert not DownloadsPage.objects.get().body


def test_flags_become_settings_once():
    def flag(pk, name, *, everyone):
        fields = {"name": name, "everyone": everyone, "note": "", "modified": "2022-07-21T17:24:06Z"}
        return {"model": "waffle.flag", "pk": pk, "fields": fields}

    rows = [
        {"model": "sponsors.sponsorshipcurrentyear", "pk": 1, "fields": {"year": 2022}},
        flag(1, "psf_membership", everyone=None),
        flag(2, "sponsorship-applications-open", everyone=False),
        flag(3, "dark-mode", everyone=True),
    ]
    assert import_rows(rows).counts["waffle.flag"] == {"changed": 2, "left out": 1}
    assert not MembershipSettings.load().page_is_shown
    assert str(SponsorshipYear.objects.get().closes_on) == "2022-07-21"
    MembershipSettings.objects.update(page_is_shown=True)
    assert import_rows(rows).changes() == 0
    assert MembershipSettings.objects.get().page_is_shown


def test_each_row_of_the_tree_finds_its_place():
    fill(pages_only=True)
    report = import_rows([*BOXES, *MENU])
    assert report.counts["sitetree.treeitem"] == {"created": 9}
    for menu in Menu.objects.all():
        menu.full_clean()
    context = Menu.frame_context()
    assert [entry["title"] for entry in context["menu"]] == ["About", "Downloads"]
    assert [child["url"] for child in context["menu"][0]["children"]] == ["/about/quotes/"]
    assert "In the panel." in context["menu"][0]["panel_text"]
    assert context["menu"][1]["panel"] == "supernav-python-downloads"
    assert [entry["title"] for entry in context["footer_menu"]] == ["About", "Downloads", "Contributing"]
    assert context["psf_menu"][0]["children"][0]["url"] == "http://example.org/"
    assert [entry["title"] for entry in context["footer_links"]] == ["Python", "PSF"]


def test_rows_without_a_place_are_reported():
    report = import_rows([*MENU, item(20, "Lost", "/lost/", parent=99)])
    assert "Skipped Lost: the item above it is missing." in report.notes


@pytest.mark.parametrize("rows", [BOXES, MENU])
def test_an_empty_site_gets_a_front_page_first(client, rows):
    import_rows(rows)
    assert client.get("/").status_code == client.get("/downloads/").status_code == 200


def test_a_box_of_several_sections_becomes_as_many_cards():
    fill(pages_only=True)
    text = "<h2>Weekly</h2><p>News.</p><br><h2>Chat</h2><p>Talk.</p><h4>Rooms</h4><p>Two.</p>"
    import_rows([box(1, "community-widget1", text)])
    cards = [block.value for block in LandingPage.objects.get(slug="community").highlights]
    assert [(card["title"], card["text"].source) for card in cards] == [
        ("Weekly", "<p>News.</p>"),
        ("Chat", "<p>Talk.</p><p><b>Rooms</b></p><p>Two.</p>"),
    ]


def test_a_heading_over_sections_stands_over_their_cards():
    fill(pages_only=True)
    text = "<h1>We help through…</h1><div><h1>Grants</h1><p>Money.</p></div><h1>Servers</h1><p>Many.</p>"
    import_rows([box(1, "psf-widget0", text)])
    heading, cards = LandingPage.objects.get(slug="psf").body
    assert heading.value["text"] == "We help through…"
    assert [card["title"] for card in cards.value["cards"]] == ["Grants", "Servers"]


def test_the_boxes_of_the_front_page_stand_side_by_side_once(client):
    fill(pages_only=True)
    rows = [BOXES[2], box(9, "widget-about-psf", "<h2>The charity</h2><p>It helps.</p>")]
    import_rows(rows)
    import_rows(rows)
    front_page = client.get("/").content.decode()
    assert front_page.count("The charity") == 1
    assert [len(block.value["columns"]) for block in HomePage.objects.get().body if block.block_type == "columns"] == [2, 2]


def test_what_old_widgets_said_beside_a_heading_is_said_below():
    more = "<h2>Use</h2><p class='give-me-more'><a href='/about/apps' title='More applications'>More</a></p><ul><li>Web</li></ul>"
    psf = "<h2><a href='/psf/'>The charity</a></h2><p>It helps. <a class='readmore' href='/psf/'>Learn more</a></p>"
    quote = "<blockquote>It was <b>great</b>.<footer><a href='https://example.org/'>@ada</a></footer></blockquote>"
    assert convert(more).blocks[1] == ("text", '<ul><li>Web</li></ul><p><a href="/about/apps">More applications</a></p>')
    assert convert(psf).blocks[1] == ("text", '<p>It helps. <a href="/psf/">Learn more</a></p>')
    assert convert(quote).blocks == [("quote", {"text": "It was great.", "by": "@ada", "source": ""})]


@pytest.mark.parametrize(
    ("html", "levels"),
    [
        ("<h3>One</h3><p>Text</p><h3>Two</h3>", "22"),
        ("<h2>One</h2><h5>Two</h5><h2>Three</h2>", "232"),
        ("<h2>One</h2><h3>Two</h3><h5>Three</h5><h3>Four</h3>", "2343"),
        ("<h4>One</h4><h2>Two</h2>", "22"),
    ],
)
def test_no_heading_skips_a_level(html, levels):
    assert "".join(value["level"] for name, value in convert(html).blocks if name == "heading") == levels
