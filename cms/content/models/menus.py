from typing import Any

from django.core.exceptions import ValidationError
from django.db import models
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from wagtail import blocks
from wagtail.admin.panels import FieldPanel, PublishingPanel
from wagtail.models import DraftStateMixin, LockableMixin, Page, PreviewableMixin, RevisionMixin

from cms.content.blocks import INLINE_TEXT, LinkBlock
from cms.content.fields import StreamField
from cms.content.languages import in_current_language, is_taken, translated_urls
from cms.content.menus import get_default_menu, panels
from cms.content.models.drafts import StaysLiveMixin
from cms.content.models.translatable import TranslatableSnippet
from cms.content.public_pages import without_private
from cms.delivery import purging, surrogate_keys


class MenuLinkBlock(LinkBlock):
    """Menu link. A hidden link stays in the menu but is not shown to visitors."""

    description = blocks.CharBlock(required=False, max_length=120, help_text=_("Short text below the link."))
    hidden = blocks.BooleanBlock(required=False, help_text=_("Hide the link without deleting it."))

    class Meta:
        icon = "link"


class MenuBranchBlock(MenuLinkBlock):
    """Link with child links, as in a side menu."""

    links = blocks.ListBlock(MenuLinkBlock(), default=[], collapsed=True, label=_("Sublinks"))


class MenuSectionBlock(MenuLinkBlock):
    """Section of the header with its submenu, or a column of the footer."""

    links = blocks.ListBlock(MenuBranchBlock(), default=[], collapsed=True)
    panel_text = blocks.RichTextBlock(
        features=INLINE_TEXT,
        required=False,
        help_text=_("Text in the menu panel of the section, next to the links. Not shown in the footer."),
    )
    panel = blocks.ChoiceBlock(
        panels, required=False, label=_("Live content"), help_text=_("Current content of the section, shown in the menu panel.")
    )

    class Meta:
        icon = "list-ul"


def _entries_below(entries: list[dict]) -> Any:
    for entry in entries:
        yield entry
        # A list block stores its rows as {"type": "item", "value": …}.
        yield from _entries_below([row.get("value", row) for row in entry.get("links") or []])


class Menu(
    StaysLiveMixin,
    TranslatableSnippet,
    DraftStateMixin,
    LockableMixin,
    RevisionMixin,
    PreviewableMixin,
    models.Model,
):
    """Menu of the page frame. Without one, the built-in menu is shown."""

    # The pages that show it remain after it is unpublished, so a live check tests their age instead of expecting a 404.
    is_part_of_pages = True

    class Place(models.TextChoices):
        MAIN = "main", _("Sections in the header")
        FOOTER = "footer", _("Columns of the footer")
        BOTTOM = "bottom", _("Links at the bottom of the footer")
        PSF = "psf", _("Side menu of the Foundation pages")

    place = models.CharField(max_length=10, choices=Place)
    entries = StreamField([("entry", MenuSectionBlock(label=_("Entry")))], blank=True, help_text=_("Drag an entry to move it."))

    panels = [FieldPanel("place"), FieldPanel("entries"), PublishingPanel()]

    class Meta:
        ordering = ["place", "pk"]
        # The translations of a menu are in its place.
        constraints = [models.UniqueConstraint(fields=["place", "locale"], name="menu_place_of_a_language")]

    def __str__(self) -> str:
        return self.get_place_display()

    def clean(self) -> None:
        super().clean()
        if is_taken(self, place=self.place):
            raise ValidationError({"place": _("There is already a menu in this place. Edit it instead.")})
        for entry in self.raw_entries():
            seen = {(entry["text"], entry.get("page") or entry.get("url"))}
            for row in entry.get("links") or []:
                link = row.get("value", row)
                target = (link["text"], link.get("page") or link.get("url"))
                if target in seen:
                    raise ValidationError(
                        {
                            "entries": _("“%(text)s” is listed twice in “%(text_)s”, or contains itself.")
                            % {"text": link["text"], "text_": entry["text"]}
                        }
                    )
                seen.add(target)

    def raw_entries(self) -> list[dict]:
        stored = self.entries.get_prep_value()  # type: ignore[call-arg]  # The attribute is the value of the field.
        return [block["value"] for block in stored]

    def page_ids(self) -> set[int]:
        return {entry["page"] for entry in _entries_below(self.raw_entries()) if entry.get("page")}

    def get_absolute_url(self) -> str:
        return "/psf/" if self.place == self.Place.PSF else "/"

    def get_preview_template(self, request: HttpRequest, mode_name: str) -> str:
        return "cms/menu_preview.html"

    def get_preview_context(self, request: HttpRequest, mode_name: str) -> dict[str, Any]:
        return super().get_preview_context(request, mode_name) | self.frame_context([self])

    @classmethod
    def frame_context(cls, menus: list["Menu"] | None = None) -> dict[str, list[dict]]:
        """Return the menus for base.html, in three queries. Menus passed as an argument replace those of the site."""
        published = in_current_language(cls.objects.filter(live=True).select_related("locale"))
        found = {menu.place: menu for menu in published}
        found |= {menu.place: menu for menu in menus or []}
        wanted = set().union(*(menu.page_ids() for menu in found.values()))
        pages = without_private(Page.objects.live()).in_bulk(list(wanted)) if wanted else {}
        context = {}
        urls = translated_urls()
        for place, name in cls.CONTEXT_NAMES.items():
            menu = found.get(place)
            entries = _shown(menu.raw_entries(), pages) if menu else get_default_menu(place)
            context[name] = _translate_urls(entries, urls) if urls else entries
        return context

    CONTEXT_NAMES = {
        Place.MAIN: "menu",
        Place.FOOTER: "footer_menu",
        Place.BOTTOM: "footer_links",
        Place.PSF: "psf_menu",
    }


def _translate_urls(entries: list[dict], urls: dict[str, str]) -> list[dict]:
    """Return the entries with the URLs of translated pages."""
    return [
        {
            **entry,
            "url": urls.get(str(entry["url"]), entry["url"]),
            "children": _translate_urls(entry.get("children", []), urls),
        }
        for entry in entries
    ]


def _shown(entries: list[dict], pages: dict[int, Page]) -> list[dict]:
    """Return the entries for base.html, without hidden ones and links to unpublished pages."""
    shown = []
    for entry in entries:
        page = pages.get(entry.get("page") or 0)
        url = page.url if page else entry.get("url") if not entry.get("page") else None
        if not url or entry.get("hidden"):
            continue
        shown.append(
            {
                "key": url.strip("/").split("/")[0],
                "title": entry["text"],
                "url": url,
                "description": entry.get("description", ""),
                "panel": entry.get("panel") or "",
                "panel_text": entry.get("panel_text") or "",
                "children": _shown([row.get("value", row) for row in entry.get("links") or []], pages),
            }
        )
    return shown


purging.register(Menu, purges=lambda _: [surrogate_keys.SITE_KEY])
