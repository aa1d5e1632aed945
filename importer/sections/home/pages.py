"""Import pages: convert flat paths to a tree, and markup to blocks."""

import re
from collections.abc import Callable
from pathlib import PurePosixPath
from typing import Any

from django.core.exceptions import ValidationError
from django.core.files.storage import default_storage
from wagtail.contrib.redirects.models import Redirect
from wagtail.models import Page, ReferenceIndex

from cms.content.conversion import close_heading_gaps, convert
from cms.content.models.legacy import LegacyPageID
from cms.content.models.media import CustomDocument, CustomImage
from home.first_content import PAGES as FIRST_CONTENT
from home.first_content import read_pages
from home.models import HomePage, LandingPage, StandardPage
from importer.core import Report, after_rows, importer, is_edited_here, person, publication, rendered, write_page
from importer.core.media import document_at, image_at, image_of, path_of
from importer.core.rendering import clean
from importer.core.writing import exported_rows
from importer.models import ImportedRow

PAGES, IMAGES, DOCUMENTS = "pages.page", "pages.image", "pages.documentfile"
LAYOUTS = {
    "psf/default.html": StandardPage.Layout.FOUNDATION,
    "psf/full-width.html": StandardPage.Layout.FULL,
    "pages/raw.html": StandardPage.Layout.BARE,
}
# Markup types that the old site did not sanitize on pages.
TRUSTED = {"html", "markdown_unsafe"}
LINK = re.compile(r'<a href="([^"]+)">')
MEDIA = re.compile(r'\b(src|href)="([^"]+)"')
MAX_TITLE_LENGTH = 255


@importer(IMAGES, CustomImage, in_parts=True)
def import_images(rows: list[dict], report: Report) -> None:
    for row in rows:
        with report.row(IMAGES, row):
            path = row["fields"]["image"]
            is_new = not CustomImage.objects.filter(file=path).exists()
            image_at(path, PurePosixPath(path).stem)
            report.count(IMAGES, "created" if is_new else "unchanged")


@importer(DOCUMENTS, CustomDocument, in_parts=True)
def import_documents(rows: list[dict], report: Report) -> None:
    for row in rows:
        with report.row(DOCUMENTS, row):
            path = row["fields"]["document"]
            is_new = not CustomDocument.objects.filter(file=path).exists()
            document_at(path, PurePosixPath(path).name)
            report.count(DOCUMENTS, "created" if is_new else "unchanged")


@importer(PAGES, StandardPage, after=["users.user", "boxes.box", IMAGES, DOCUMENTS], in_parts=True)
def import_pages(rows: list[dict], report: Report) -> None:
    home = HomePage.objects.get()
    came = dict(ImportedRow.objects.filter(label=PAGES, key__in=[row["pk"] for row in rows]).values_list("key", "target"))
    here = Page.objects.in_bulk([int(pk) for pk in came.values() if pk])
    exported = exported_rows(Page, [row["pk"] for row in rows])
    for row in rows:
        with report.row(PAGES, row):
            key = str(row["pk"])
            known = here.get(int(came[key])) if came.get(key) else exported.get(row["pk"])
            if known and came.get(key) and (PAGES, key) not in report.moved:
                # Links were converted after the import, so only the source row shows whether the page has changed.
                report.count(PAGES, "unchanged")
                report.place(PAGES, key, known.pk)
                continue
            _take(home, row, known.specific if known else None, report)


def _take(home: HomePage, row: dict, known: Page | None, report: Report) -> None:
    fields = row["fields"]
    page = known or _place(home, fields["path"], report)
    if isinstance(page, LandingPage):
        _add_to_landing(page, row, report)
        return
    if not isinstance(page, StandardPage):
        raise ValidationError(f"another page already has the URL {page.url}.")
    parent = page.get_parent() if page.pk else _parent(home, fields["path"])
    if write_page(PAGES, row, _values(fields, report), (parent, page), report):
        _redirect(fields["path"], page)
    keep_id(page, row)
    report.place(PAGES, row["pk"], page.pk)


def keep_id(page: Page, row: dict) -> None:
    """Store the old ID of a page, which APIs v1 and v2 use."""
    LegacyPageID.objects.update_or_create(number=row["pk"], defaults={"page_id": page.pk})


def _values(fields: dict, report: Report) -> dict[str, Any]:
    trusted = fields.get("content_markup_type") in TRUSTED
    html = rendered(fields, "content", of_page=True)
    found = convert(html, image_of=image_of, allowed=str if trusted else clean)
    for lost in found.lost:
        report.note(f"Page {fields['path']}: no block for {lost}.")
    blocks = found.blocks
    if blocks and blocks[0][0] == "heading" and blocks[0][1]["text"].lower() == fields["title"].strip().lower():
        # The page template already shows the title.
        blocks = blocks[1:]
        close_heading_gaps(blocks)
    if fields.get("content_type", "text/html") != "text/html":
        report.note(f"Page {fields['path']}: it was served as {fields['content_type']} and is now HTML.")
    owner = person(fields["creator"])
    return publication(fields, live=fields["is_published"]) | {
        "title": (fields["title"].strip() or fields["path"])[:MAX_TITLE_LENGTH],
        "search_description": fields["description"] or "",
        "body": blocks,
        "layout": LAYOUTS.get(fields["template_name"], StandardPage.Layout.SIDEBAR),
        "owner_id": owner.pk if owner else None,
    }


def slugs_of(path: str) -> list[str]:
    """Return the parts of an old path as slugs, which cannot contain periods."""
    return [re.sub(r"[^\w-]+", "-", part).strip("-") for part in path.strip("/").split("/")]


def _at(home: HomePage, slugs: list[str]) -> Page | None:
    return Page.objects.filter(url_path=f"{home.url_path}{'/'.join(slugs)}/").first()


def _place(home: HomePage, path: str, report: Report) -> Page:
    """Return the page at an old path, or a new unsaved page."""
    slugs = slugs_of(path)
    if not all(slugs):
        raise ValidationError(f"its path {path!r} contains an empty segment.")
    here = _at(home, slugs)
    if here is None:
        return StandardPage(slug=slugs[-1], show_in_menus=True)
    if _came_already(here, report):
        raise ValidationError(f"another page of the old site was moved to {here.url}.")
    page = here.specific
    made_by_import = page.live and "/".join(slugs) in {text.path for text in read_pages(FIRST_CONTENT)}
    if isinstance(page, StandardPage) and ((page.live and not made_by_import) or is_edited_here(page)):
        raise ValidationError(f"another page already has the URL {page.url}.")
    return page


def _parent(home: HomePage, path: str) -> Page:
    """Return the parent of an old path. Missing pages are created as drafts and filled from their own rows later."""
    *above, _ = slugs_of(path)
    known = len(above)
    while known and not _at(home, above[:known]):
        known -= 1
    page: Page = (known and _at(home, above[:known])) or home
    for slug in above[known:]:
        title = slug.replace("-", " ").capitalize()
        page = page.add_child(instance=StandardPage(title=title, slug=slug, live=False, has_unpublished_changes=True))
    return page


def _redirect(path: str, page: Page) -> None:
    """Redirect from an old path with periods, which slugs cannot have."""
    old_path = Redirect.normalise_path(f"/{path.strip('/')}/")
    is_known = Redirect.objects.filter(old_path=old_path, site=None).exists()
    # Two redirects from one path are an error for visitors, and the database allows them for a redirect of all sites.
    if "/".join(slugs_of(path)) != path.strip("/") and not is_known:
        Redirect.add_redirect(old_path, page, is_permanent=True)


def _came_already(page: Page, report: Report) -> bool:
    return page.pk in report.targets[PAGES].values() or ImportedRow.objects.filter(label=PAGES, target=str(page.pk)).exists()


def _add_to_landing(page: LandingPage, row: dict, report: Report) -> None:
    """Append the text of an old page to the landing page created from boxes."""
    if is_edited_by_somebody(page):
        report.keep(PAGES, row["pk"], page.url)
    else:
        values = _values(row["fields"], report)
        blocks = values["body"]
        boxes: list = [(block.block_type, block.value) for block in page.body if block.block_type == "box"]
        page.body = boxes + blocks  # type: ignore[assignment]
        page.title, page.search_description = values["title"], values["search_description"]
        page.save_revision().publish()
        dates = {name: values[name] for name in ("first_published_at", "last_published_at")}
        Page.objects.filter(pk=page.pk).update(**dates)
        report.count(PAGES, "created")
        report.note(f"The text of the page {row['fields']['path']} was added to the landing page of its section.")
    keep_id(page, row)
    report.place(PAGES, row["pk"], page.pk)


def is_edited_by_somebody(page: Page) -> bool:
    """Return whether a person has saved the page. Revisions made by the importer have no user."""
    return page.revisions.filter(user__isnull=False).exists()


@after_rows
def link_pages(report: Report) -> None:
    """Convert links between imported pages, and to their documents, to internal links."""
    targets = [int(pk) for pk in ImportedRow.targets(PAGES).values()]
    if not targets:
        return
    home = HomePage.objects.get()
    places = {
        f"/{path.removeprefix(home.url_path)}": pk
        for pk, path in Page.objects.descendant_of(home).live().values_list("pk", "url_path")
    }
    documents = dict(CustomDocument.objects.values_list("file", "pk"))

    def relink(match: re.Match) -> str:
        target = match[1].replace("&amp;", "&")
        page = places.get(target if target.endswith("/") else f"{target}/")
        if page:
            return f'<a id="{page}" linktype="page">'
        path = path_of(target)
        if path in documents:
            return f'<a id="{documents[path]}" linktype="document">'
        return f'<a href="{default_storage.url(path)}">' if path and default_storage.exists(path) else match[0]

    linked = 0
    for page in StandardPage.objects.filter(pk__in=targets, latest_revision=None).iterator(chunk_size=200):
        before = page.body.get_prep_value()
        after = [_relinked(block, relink, places) for block in before]
        if after != before:
            page.body = StandardPage._meta.get_field("body").to_python(after)
            # The text is unchanged, so the search index needs no update.
            StandardPage.objects.filter(pk=page.pk).update(body=page.body)
            ReferenceIndex.create_or_update_for_object(page)
            linked += 1
    if linked:
        report.note(f"Converted URLs to links to pages and documents on {linked} pages.")


def _media_here(match: re.Match) -> str:
    path = path_of(match[2])
    return f'{match[1]}="{default_storage.url(path)}"' if path and default_storage.exists(path) else match[0]


def _relinked(block: dict, relink: Callable[[re.Match], str], places: dict[str, int]) -> dict:
    value = block["value"]
    if block["type"] == "text":
        value = LINK.sub(relink, value)
    elif block["type"] == "table":
        rows = [row | {"values": [LINK.sub(relink, cell) for cell in row["values"]]} for row in value["rows"]]
        value = value | {"rows": rows}
    elif block["type"] == "html":
        value = MEDIA.sub(_media_here, value)
    elif block["type"] == "button" and value["url"] in places:
        value = value | {"page": places[value["url"]], "url": ""}
    return block | {"value": value}
