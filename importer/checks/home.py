"""Checks of pages, boxes and menus."""

from collections.abc import Iterator

from django.test import Client
from wagtail.models import Page

from cms.content.conversion import normalize_url
from cms.content.models.boxes import Box
from importer.core.comparison import Check, Finding, checked, probe
from importer.core.rendering import rendered
from importer.core.sources import Spool
from importer.core.verifying import find_problem
from importer.models import ImportedRow
from importer.sections.home.areas import BOXES, GENERATED, ITEMS
from importer.sections.home.pages import MAX_TITLE_LENGTH, PAGES

ABSENT = "the source has no page there"


def place(fields: dict) -> str | None:
    return ImportedRow.objects.filter(label=PAGES, key=str(fields["pk"])).values_list("target", flat=True).first()


checked(
    BOXES,
    Check(
        Box,
        key=lambda fields: None if fields["label"] in GENERATED else fields["label"],
        ours="label",
        paths=lambda fields: [f"/box/{fields['label']}/"],
        texts=(lambda fields: rendered(fields, "content"), lambda box: str(box.body)),
    ),
)
checked(
    PAGES,
    Check(
        Page,
        {
            "title": lambda fields: (fields["title"].strip() or fields["path"])[:MAX_TITLE_LENGTH],
            "search_description": "description",
            "first_published_at": lambda fields: fields["created"] if fields["is_published"] else None,
            "last_published_at": lambda fields: fields["updated"] if fields["is_published"] else None,
        },
        key=place,
        state=("live", "is_published"),
        paths=lambda fields: [f"/{fields['path'].strip('/')}/"] if fields["is_published"] else [],
        texts=(
            lambda fields: rendered(fields, "content", of_page=True),
            lambda page: f"{page.title} {page.specific.body}",
        ),
    ),
)


@probe
def check_menu_links(spool: Spool, client: Client) -> Iterator[Finding]:
    """Check the links of menus. A broken link is expected if its page is not in the source, as in a partial dump."""
    held = {row["fields"]["path"].strip("/") for row in spool.rows(PAGES)}
    for row in spool.rows(ITEMS):
        path = normalize_url(row["fields"]["url"])
        if row["fields"]["urlaspattern"] or row["fields"]["hidden"] or not path.startswith("/") or path.startswith("//"):
            continue
        wrong = find_problem(client, path.split("#")[0])
        if wrong:
            reason = "" if path.strip("/") in held else ABSENT
            yield Finding("address", ITEMS, str(row["pk"]), f"{path} {wrong}", reason)
