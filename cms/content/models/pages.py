from functools import partial
from typing import Any, ClassVar

from django.conf import settings
from django.db import models, transaction
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils.cache import patch_cache_control
from django.utils.text import Truncator
from django.utils.translation import gettext_lazy as _
from wagtail.admin.panels import CommentPanel, FieldPanel, MultiFieldPanel, PublishingPanel
from wagtail.models import CollectionViewRestriction, Page, PageViewRestriction
from wagtail.models.pages import PagePermissionTester
from wagtail_localize.fields import SynchronizedField

from cms.content.forms import TrustedHTMLPageForm
from cms.content.languages import versions_of
from cms.content.public_pages import is_any_page_private, without_private
from cms.content.publication_paths import drafted_slug, is_below
from cms.delivery import cached, purging, surrogate_keys
from cms.email.panels import EmailsPanel
from users.models import User

from . import reserved
from .drafts import StaysLiveMixin

# Depth of the sections in the tree: root, front page, section.
SECTION_DEPTH = 3
MAX_IN_BRANCH = 60
# Characters that search engines show.
MAX_DESCRIPTION = 160


class ReviewedPagePermissionTester(PagePermissionTester):
    """Wagtail's page permissions, restricted at reserved paths (`cms.content.models.reserved`)."""

    @property
    def closed(self) -> list[str]:
        return reserved.prefixes_closed_to(self.user)

    @property
    def reads(self) -> reserved.ListReads | None:
        return self.user.__dict__.get("list_reads")

    def can_publish(self) -> bool:
        if not super().can_publish():
            return False
        if not (closed := self.closed):
            return True
        # The page may be a revision, whose slug is not the one in the database. Rows of lists are as stored.
        rows = Page.objects.select_related("latest_revision")
        stored = self.page if self.reads else rows.filter(pk=self.page.pk).first() or self.page
        is_row = self.reads and hasattr(self.page, "drafted_slug")
        drafted = self.page.drafted_slug or self.page.slug if is_row else drafted_slug(stored.latest_revision, stored)
        slugs = {self.page.slug, drafted}
        return not any(reserved.is_publication_closed(stored, slug, closed, self.reads) for slug in slugs)

    def can_publish_subpage(self) -> bool:
        return super().can_publish_subpage() and not is_below(self.page.url_path, self.closed)

    def can_unpublish(self) -> bool:
        return super().can_unpublish() and self.can_publish()

    def can_delete(self, ignore_bulk: bool = False) -> bool:  # noqa: FBT001, FBT002 -- the parent's signature.
        may_delete = super().can_delete(ignore_bulk=ignore_bulk)
        return may_delete and not reserved.is_subtree_closed(self.page, self.page.url_path, self.closed, self.reads)

    def can_move_to(self, destination: Any) -> bool:
        # API v3 passes None to add a page at the root level.
        if destination is None or not super().can_move_to(destination):
            return False
        after = f"{destination.url_path}{self.page.slug}/"
        return after == self.page.url_path or not reserved.is_subtree_closed(self.page, after, self.closed)


class BasePage(StaysLiveMixin, Page):
    """Base class of all pages, with sharing settings, reviews, breadcrumbs and surrogate keys."""

    social_image = models.ForeignKey(
        settings.WAGTAILIMAGES_IMAGE_MODEL,
        verbose_name=_("sharing image"),
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="+",
        help_text=_("Shown when people share a link to this page. Best size: 1200 by 630 pixels."),
    )
    noindex = models.BooleanField(
        _("hide from search engines"), default=False, help_text=_("Visitors with the link can still see the page.")
    )
    content_owner = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="+",
        help_text=_("Person responsible for this page, who is reminded when a review is due."),
    )
    review_date = models.DateField(
        _("review due on"), null=True, blank=True, help_text=_("Date by which the page should be reviewed.")
    )

    base_form_class = TrustedHTMLPageForm
    # The versions of a page have one slug, so that the URLs of a section are the same under each prefix.
    override_translatable_fields: ClassVar[list[SynchronizedField]] = [SynchronizedField("slug")]
    # Surrogate keys of other content that pages of this type show, and seconds after which their content changes with time.
    cache_keys: ClassVar[list[str]] = []
    cache_seconds: ClassVar[int] = 3600
    # Whether pages of this type ask “Was this page helpful?” in every section (`SiteSettings.asks_about`).
    always_asks_for_feedback: ClassVar[bool] = False

    promote_panels = [
        MultiFieldPanel(
            [
                FieldPanel("slug"),
                FieldPanel("seo_title"),
                FieldPanel("search_description"),
                FieldPanel("social_image"),
                FieldPanel("noindex"),
            ],
            heading=_("Search and sharing"),
        ),
    ]
    settings_panels = [
        PublishingPanel(),
        MultiFieldPanel([FieldPanel("content_owner"), FieldPanel("review_date")], heading=_("Content review")),
        EmailsPanel(heading=_("Emails"), classname="collapsed"),
        CommentPanel(),
    ]

    class Meta:
        abstract = True

    @property
    def section(self) -> str:
        """Return the slug of the section of the page, or an empty string for the front page."""
        return "".join(self.url_path.split("/")[2:3])

    @property
    def meta_description(self) -> str:
        """Return the description for search engines: the editors' own, or one derived from the content."""
        return self.search_description or Truncator(self.default_description()).chars(MAX_DESCRIPTION)

    def default_description(self) -> str:
        """Return a plain-text description for pages without one by editors."""
        text = getattr(self, "introduction", "")
        return text if isinstance(text, str) else ""

    def get_context(self, request: HttpRequest, *args: Any, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context(request, *args, **kwargs)
        section = self.key_of_section(self.path)
        # Ancestors are the same for all siblings.
        above = cached.cached(f"above-{self.path[: -self.steplen]}", self._above, [section]) if self.depth > SECTION_DEPTH else []
        surrogate_keys.add_keys(request, section)
        trail = [*above, {"title": self.title, "url": self.get_url(request)}]
        return context | {
            "breadcrumbs": trail if len(trail) > 1 else [],
            "canonical_url": self.get_full_url(request),
            "versions": cached.cached(f"versions-{self.pk}", partial(versions_of, self), [f"page-{self.pk}"]),
        }

    @classmethod
    def key_of_section(cls, path: str) -> str:
        """Return the surrogate key of the menu and breadcrumbs of a section, from the path of any page in it."""
        return f"menu-{path[: cls.steplen * SECTION_DEPTH]}"

    def _above(self) -> list[dict]:
        return [{"title": page.title, "url": page.url} for page in self.get_ancestors().filter(depth__gt=2, live=True)]

    def section_menu(self) -> list[dict]:
        """Return entries of the side menu: the first level of the section, and the branch of this page.

        A branch with more than MAX_IN_BRANCH pages shows only the current page.
        """
        branch = self.path[: self.steplen * (SECTION_DEPTH + 1)]
        section = self.key_of_section(self.path)
        # The menu of a branch is the same on all of its pages, except for the current entry.
        entries = [entry.copy() for entry in cached.cached(f"section-menu-{branch}", partial(entries_of, branch), [section])]
        for entry in entries:
            if entry["children"] is None:
                entry["children"] = [entry_of(self)] if self.depth == SECTION_DEPTH + 2 else []
            entry["children"] = [child | {"current": child["pk"] == self.pk} for child in entry["children"]]
            entry["current"] = entry["pk"] == self.pk
        return entries

    def get_view_restrictions(self) -> Any:
        """Return the view restrictions of the page. While no page is private, this takes no query."""
        if not is_any_page_private():
            return PageViewRestriction.objects.none()
        return super().get_view_restrictions()

    @transaction.atomic
    def save(self, *args: Any, **kwargs: Any) -> None:
        with reserved.checked_save(self):
            super().save(*args, **kwargs)

    def serve_password_required_response(self, request: HttpRequest, form: Any, action_url: str) -> HttpResponse:
        """Show only the form, because the title and the menu of a private page are private too."""
        context = {"form": form, "action_url": action_url}
        return TemplateResponse(request, settings.WAGTAIL_PASSWORD_REQUIRED_TEMPLATE, context)

    def permissions_for_user(self, user: User) -> ReviewedPagePermissionTester:
        return ReviewedPagePermissionTester(user, self)

    def serve(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        # Added before the page is served, so that error responses carry them too.
        surrogate_keys.add_keys(request, f"page-{self.pk}", *self.cache_keys)
        response = super().serve(request, *args, **kwargs)
        if self.get_view_restrictions():
            patch_cache_control(response, private=True)
        return surrogate_keys.share(request, response, seconds=self.cache_seconds)


def entry_of(page: Page) -> dict:
    return {"pk": page.pk, "title": page.title, "url": page.url, "children": []}


def entries_of(branch: str) -> list[dict]:
    """Return the menu of a section with the branch at this path open. A branch with too many children stays closed."""
    listed = without_private(Page.objects.live().in_menu()).order_by("path")
    section = branch[: Page.steplen * SECTION_DEPTH]
    first = listed.filter(path__startswith=section, depth=SECTION_DEPTH + 1)
    inner = listed.filter(path__startswith=branch, depth=SECTION_DEPTH + 2) if branch != section else listed.none()
    children = [entry_of(page) for page in inner[: MAX_IN_BRANCH + 1]]
    entries = {page.path: entry_of(page) for page in first}
    if branch in entries:
        entries[branch]["children"] = children if len(children) <= MAX_IN_BRANCH else None
    return list(entries.values())


# A private page disappears from lists, feeds and menus of every section. Documents carry only the key of their section.
purging.register(PageViewRestriction, purges=lambda _: [surrogate_keys.SITE_KEY])
purging.register(CollectionViewRestriction, purges=lambda _: ["documents"])
