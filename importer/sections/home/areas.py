"""Import boxes and menus: convert boxes to blocks, fill landing pages from them, and import the menu tree."""

import re
from typing import Any

from bs4 import BeautifulSoup
from wagtail.models import Page, Site

from cms.content.conversion import Converted, convert, normalize_url
from cms.content.menus import MAIN_MENU
from cms.content.models.boxes import Box
from cms.content.models.menus import Menu
from cms.content.models.pages import BasePage
from community import views as community_views
from community.models import BlogsPage, StoryIndexPage
from downloads import views as downloads_views
from downloads.models import DownloadsPage
from events.models import EventsPage
from home.first_content import SECTIONS as SECTIONS_OF_TEMPLATES
from home.first_content import find_section, make_first_content
from home.models import HomePage, LandingPage
from importer.core import Report, after_rows, before_rows, importer, is_edited_here, rendered, same
from importer.sections import community, events, psf
from jobs.models import JobsPage

BOXES, TREES, ITEMS = "boxes.box", "sitetree.tree", "sitetree.treeitem"
# Boxes that this site generates from releases, stories and blogs. They are not imported.
GENERATED = community_views.BOXES.keys() | downloads_views.BOXES.keys()
# Boxes of each landing page: slug, title, and the labels of introduction, cards, body and aside.
LANDINGS = {
    "about": (
        "About Python",
        "aboutpython-banner",
        ["aboutpython-getstarted", "aboutpython-easytolearn", "aboutpython-applications", "aboutpython-opensource"],
        [],
        ["usermessage-helplink"],
    ),
    "doc": (
        "Documentation",
        "documentation-banner",
        ["documentation-beginners", "documentation-moderate", "documentation-advanced", "documentation-general"],
        [],
        ["widget-weneedyou"],
    ),
    "community": (
        "Community",
        "community-banner",
        ["community-widget1", "community-widget3"],
        ["community-irc-channels"],
        ["community-widget2"],
    ),
    "psf": (
        "Python Software Foundation",
        "psf-banner",
        ["psf-widget1", "psf-widget2", "psf-widget3", "psf-widget4", "psf-grants"],
        ["psf-widget0"],
        [],
    ),
}
# Boxes under the content of section pages.
SECTIONS: dict[type[BasePage], list[str]] = {
    DownloadsPage: [
        *("download-dev", "download-pgp", "download-widget1", "download-widget3", "download-widget4"),
        "usermessage-releaseschedule",
    ],
    JobsPage: ["jobs-subscribe"],
    EventsPage: ["events-subscriptions"],
    BlogsPage: ["blogs-subscriptions", "blogs-copyright"],
    StoryIndexPage: ["successstory-submityours"],
}
HOME_BOXES = ["widget-use-python-for", "widget-about-psf"]
# URL names of the old site used in menus.
NAMED_URLS = {
    "home": "/",
    "about": "/about/",
    "documentation": "/doc/",
    "psf-landing": "/psf/",
    "blog": "/blogs/",
    "download:download": "/downloads/",
    "jobs:job_list": "/jobs/",
    "jobs:job_create": "/jobs/create/",
    "jobs:job_types": "/jobs/types/",
    "jobs:job_categories": "/jobs/categories/",
    "jobs:job_locations": "/jobs/locations/",
    "inner": "/",
}


@before_rows
def make_front_page(report: Report) -> None:
    """Create the front page of an empty site. Other pages at the root are kept."""
    if HomePage.objects.exists() or Page.objects.filter(depth__gt=2).exists():
        return
    home = HomePage(
        title="Python",
        slug="home",
        promise="Python lets you work quickly and integrate systems more effectively.",
        body=[
            ("latest_release", {"heading": "Latest release"}),
            ("featured_stories", {"heading": "Success stories", "count": 1}),
            (
                "columns",
                {
                    "columns": [
                        [{"type": "blog_entries", "value": {"heading": "Latest news", "aggregate": "", "count": 5}}],
                        [
                            {
                                "type": "upcoming_events",
                                "value": {"heading": "Upcoming events", "calendar": "", "count": 5, "featured": False},
                            }
                        ],
                    ]
                },
            ),
        ],
    )
    home.become_root()
    for section in (DownloadsPage(title="Downloads", slug="downloads"), JobsPage(title="Jobs", slug="jobs")):
        section.show_in_menus = True
        home.add_child(instance=section)
    report.note("Created the home page and the landing pages of downloads and jobs.")


@before_rows
def make_sections(report: Report) -> None:
    """Create the landing pages that were templates on the old site. Rows such as community posts become their children."""
    home = HomePage.objects.first()
    for slug in SECTIONS_OF_TEMPLATES if home else ():
        find_section(home, slug)


@after_rows
def make_served_pages(report: Report) -> None:
    """Create the pages that were templates on the old site, unless the source has a row for them."""
    home = HomePage.objects.first()
    if home is None or not Site.objects.filter(root_page=home).exists():
        return
    for path in make_first_content(home):
        report.note(f"Created {path}, which a template of the old site served.")
    if not home.get_children().filter(slug="psf").exists():
        home.add_child(instance=LandingPage(title="Python Software Foundation", slug="psf", show_in_menus=True))
    for make in (community.blogs_page, community.story_index, events.events_page, psf.minutes_index):
        make()


@importer(BOXES, Box)
def import_boxes(rows: list[dict], report: Report) -> None:
    converted: dict[str, Converted] = {}
    for row in rows:
        label = row["fields"]["label"]
        if label in GENERATED:
            report.skip(BOXES, label, "the site renders it from its data.", pk=row["pk"])
            continue
        converted[label] = convert(_html_of(row["fields"]))
        for lost in converted[label].lost:
            report.note(f"Box {label}: no block for {lost}.")
        _store_box(row["pk"], label, converted[label], report)
    for slug, areas in LANDINGS.items():
        _fill_landing(slug, areas, converted, report)
    _fill_home(report)


def _html_of(fields: dict) -> str:
    """Return the HTML of a box. Of HTML that people wrote, the conversion reads classes that cleaning removes."""
    is_html = fields.get("content_markup_type", "html") == "html"
    return fields["content"] if is_html else rendered(fields, "content")


def _store_box(pk: int, label: str, content: Converted, report: Report) -> None:
    if not content.blocks:
        report.skip(BOXES, label, "it is empty.", pk=pk)
        return
    box = Box.objects.filter(label=label).first()
    if box is None:
        box = Box(label=label, description=_place_of(label), body=content.blocks)
        box.full_clean()
        box.save()
        report.place(BOXES, pk, box.pk)
        report.count(BOXES, "created")
    elif same(box.body, Box(body=content.blocks).body):
        report.count(BOXES, "unchanged")
    elif is_edited_here(box):
        report.keep(BOXES, pk, label)
    else:
        box.body = Box(body=content.blocks).body
        box.save()
        report.place(BOXES, pk, box.pk)
        report.count(BOXES, "changed")


def _places() -> dict[str, str]:
    """Return, for each box, a description for staff of where it appears."""
    places = dict.fromkeys(HOME_BOXES, "On the home page.")
    for slug, (title, lead, cards, *areas) in LANDINGS.items():
        page = f"{title} (/{slug}/)"
        places[lead] = f"Used as the introduction of {page}."
        places |= dict.fromkeys(cards, f"Used for the cards of {page}.")
        places |= {label: f"On {page}." for area in areas for label in area}
    for model, labels in SECTIONS.items():
        places |= dict.fromkeys(labels, f"On the {model._meta.verbose_name}, below its generated content.")
    return places


def _place_of(label: str) -> str:
    if label.startswith("supernav-"):
        return f"In the menu panel: {label.rpartition('-')[2].capitalize()}."
    return _places().get(label, f"Not on any page yet. Other sites can read it at /box/{label}/.")


def _fill_landing(slug: str, areas: tuple, converted: dict[str, Converted], report: Report) -> None:
    title, lead, cards, body, aside = areas
    home = HomePage.objects.first()
    known = [label for label in [lead, *cards, *body, *aside] if label in converted]
    if home is None or not known:
        return
    page = LandingPage.objects.child_of(home).filter(slug=slug).first()
    if page and page.latest_revision_id:
        report.note(f"Kept the page {page.url} unchanged.")
        return
    new = page is None
    page = page or LandingPage(title=title, slug=slug, show_in_menus=True)
    if lead in converted:
        page.introduction = " ".join(_plain(value) for _, value in converted[lead].blocks if _plain(value))[:600]
        page.actions = [("link", _without_style(value)) for name, value in converted[lead].blocks if name == "button"][:3]
    page.highlights = [("card", card) for label in cards if label in converted for card in _cards(label, converted[label])]
    boxes = {box.label: box for box in Box.objects.filter(label__in=[*body, *aside])}
    page.body = [
        block for label in body if label in boxes for block in (_headed_cards(converted[label]) or [("box", boxes[label])])
    ]
    page.aside = [("box", boxes[label]) for label in aside if label in boxes]
    if new and Page.objects.child_of(home).filter(slug=slug).exists():
        report.note(f"There is another page at /{slug}/. Its areas were not changed.")
        return
    if new:
        home.add_child(instance=page)
    page.save_revision().publish()
    report.note(f"Filled the areas of {page.url}.")


@after_rows
def fill_sections(report: Report) -> None:
    """Add boxes to the section pages, once: pages edited by staff are not changed."""
    for model, labels in SECTIONS.items():
        page = model.objects.first()
        boxes = {box.label: box for box in Box.objects.filter(label__in=labels)}
        if page is None or not boxes or page.latest_revision_id:
            continue
        page.body = [
            *[(block.block_type, block.value) for block in page.body],
            *[("box", boxes[one]) for one in labels if one in boxes],
        ]
        page.save_revision().publish()
        report.note(f"Added to {page.url}: {', '.join(boxes)}.")


def _fill_home(report: Report) -> None:
    home = HomePage.objects.first()
    if home is None:
        return
    here = {int(pk) for model, pk, _, _ in home.body.stream_block.extract_references(home.body) if model is Box}
    headings = {_subject(block.value["text"]) for block in home.body if block.block_type == "heading"}
    wanted = [
        box
        for box in Box.objects.filter(label__in=HOME_BOXES).exclude(pk__in=here)
        if not any(_subject(block.value["text"]) in headings for block in box.body if block.block_type == "heading")
    ]
    if wanted:
        row = ("columns", {"columns": [[{"type": "box", "value": box.pk}] for box in wanted]})
        added = [row] if len(wanted) > 1 else [("box", box) for box in wanted]
        home.body = [*[(block.block_type, block.value) for block in home.body], *added]
        home.save_revision().publish()
        report.note(f"Added to the home page: {', '.join(box.label for box in wanted)}.")


def _subject(heading: str) -> str:
    """Return the normalized words of a heading, to find pages with the same subject."""
    return " ".join(word for word in re.findall(r"\w+", heading.lower()) if word != "the")


def _plain(value: Any) -> str:
    if isinstance(value, str):
        return " ".join(
            BeautifulSoup(value.replace("</p>", " </p>").replace("</li>", " </li>"), "html.parser").get_text().split()
        )
    return value["text"] if isinstance(value, dict) and "level" in value else ""


def _without_style(value: dict) -> dict:
    return {key: value[key] for key in ("text", "page", "url")}


def _cards(label: str, content: Converted) -> list[dict]:
    """Return a card for each section of a box: the heading as its title, the text, and the buttons as links."""
    cards: list[dict] = []
    for name, value in content.blocks:
        starts_card = name == "heading" and value["level"] == "2"
        if starts_card or not cards:
            title = value["text"] if starts_card else label.replace("-", " ")
            cards.append({"title": title[:100], "text": "", "image": None, "links": []})
        if starts_card:
            continue
        if name == "heading":
            cards[-1]["text"] += f"<p><b>{value['text']}</b></p>"
        elif name == "text":
            cards[-1]["text"] += str(value)
        elif name == "button":
            cards[-1]["links"].append(_without_style(value))
    return cards


def _headed_cards(content: Converted) -> list[tuple]:
    """Convert a box that is a heading followed only by sections to that heading with cards. Return nothing for other boxes."""
    headings = [name == "heading" and value["level"] == "2" for name, value in content.blocks]
    if headings[:2] != [True, True]:
        return []
    return [content.blocks[0], ("cards", {"cards": _cards("", Converted(blocks=content.blocks[1:]))})]


@importer(TREES, Menu)
def import_trees(rows: list[dict], report: Report) -> None:
    """Count the menu trees. This site has a single tree, so only their items are imported."""
    report.count(TREES, "unchanged", len(rows))


@importer(ITEMS, Menu, after=[BOXES, TREES])
def import_items(rows: list[dict], report: Report) -> None:
    items = {row["pk"]: row["fields"] for row in rows}
    below: dict[int | None, list[int]] = {}
    for pk, item in sorted(items.items(), key=lambda pair: pair[1]["sort_order"]):
        below.setdefault(item["parent"], []).append(pk)
    pages = {page.url: page.pk for page in Page.objects.live().filter(depth__gt=2)}
    trunk = {items[pk]["alias"]: pk for pk in below.get(None, [])}
    live_parts = {str(section["title"]): section["panel"] for section in MAIN_MENU if section.get("panel")}

    def branch(pk: int) -> dict:
        return _link(items[pk], pages) | {"links": [branch(child) for child in below.get(pk, [])]}

    def section(pk: int) -> dict:
        entry = branch(pk)
        box = Box.objects.filter(label=f"supernav-python-{entry['text'].lower()}").first()
        texts = [str(block.value) for block in box.body if block.block_type == "text"] if box else []
        return entry | {"panel": live_parts.get(entry["text"], ""), "panel_text": "".join(texts)}

    sections = [section(pk) for pk in below.get(trunk.get("python-meta"), [])]
    footer_only = [
        entry
        for pk, entry in zip(below.get(trunk.get("python-meta"), []), sections, strict=True)
        if items[pk]["alias"] == "python-footer"
    ]
    wanted = {
        Menu.Place.MAIN: [entry for entry in sections if entry not in footer_only],
        Menu.Place.FOOTER: [entry | {"panel": "", "panel_text": ""} for entry in sections],
        Menu.Place.PSF: [branch(pk) for pk in below.get(trunk.get("psf-meta"), [])],
        Menu.Place.BOTTOM: [
            branch(pk) if alias not in {"python-meta", "psf-meta"} else _link(items[pk], pages) | {"links": []}
            for alias, pk in trunk.items()
        ],
    }
    outcomes = {place: _store_menu(place, entries, report) for place, entries in wanted.items()}
    for place, outcome in outcomes.items():
        report.note(f"Menu “{Menu.Place(place).label}”: {outcome}.")
    report.count(ITEMS, "created" if "created" in outcomes.values() else "kept", len(_reached(below, None)))
    for pk in items.keys() - _reached(below, None):
        report.skip(ITEMS, items[pk]["title"], "the item above it is missing.", pk=pk)


def _reached(below: dict, pk: int | None) -> set[int]:
    return set(below.get(pk, [])).union(*(_reached(below, child) for child in below.get(pk, [])))


def _link(item: dict, pages: dict[str, int]) -> dict:
    url = NAMED_URLS.get(item["url"], "/") if item["urlaspattern"] else normalize_url(item["url"])
    if not url.startswith(("/", "#", "http://", "https://", "mailto:")):
        url = f"/{url}"
    page = pages.get(url) or pages.get(f"{url}/")
    return {
        "text": item["title"].strip(),
        "page": page,
        "url": "" if page else url,
        "description": (item["hint"] or "") if " " in (item["hint"] or "") else "",
        "hidden": item["hidden"] or not item["inmenu"],
    }


def _store_menu(place: str, entries: list[dict], report: Report) -> str:
    if not entries:
        return "nothing to import"
    if Menu.objects.filter(place=place).exists():
        return "unchanged"
    Menu(place=place, entries=[{"type": "entry", "value": entry} for entry in entries]).save()
    return "created"
