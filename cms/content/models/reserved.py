"""Reserved paths, to which only reviewers publish.

A step of the page workflow can be limited to some paths (`PageReviewTask.addresses`). Only its groups can publish, unpublish or
schedule a page there, whether by publishing, moving, copying, an alias, the API, or a new slug of the page or an ancestor. The
rule is enforced in two places: `ReviewedPagePermissionTester` checks Wagtail's views and actions, and `BasePage.save` and the
receivers below reject changes by views that do not check permissions. They read the acting user from Wagtail's log context,
which is empty for programs such as an import, because operators run those.
"""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import PermissionDenied
from django.db.models import Q
from django.db.models.signals import pre_save
from django.dispatch import receiver
from django.utils.functional import cached_property
from wagtail.log_actions import get_active_log_context
from wagtail.models import Page, Revision, TaskState, WorkflowState
from wagtail.signals import pre_page_move

from cms.content.publication_paths import drafted_slug, is_below, publication_paths, site_prefixes, with_slug
from users.models import User

from .reviews import PageReviewTask, reserved_steps

REFUSAL = "Only reviewers can publish pages here, or move pages here or elsewhere. Submit the page for review instead."
_is_approved: ContextVar[bool] = ContextVar("reserved_publication_is_approved", default=False)


def steps_closed_to(user: User | None) -> list[PageReviewTask]:
    """Return the review steps for reserved paths for which `user` is not a reviewer."""
    if user is None or user.is_superuser:
        return []
    return [step for step in reserved_steps(user) if not step.may_publish(user)]


def prefixes_of(steps: Iterable[PageReviewTask]) -> list[str]:
    return site_prefixes(address for step in steps for address in step.address_list)


def prefixes_closed_to(user: User | None) -> list[str]:
    """Return the prefixes of `Page.url_path` under which a user needs a reviewer."""
    return prefixes_of(steps_closed_to(user))


def acting_user() -> User | None:
    """Return the acting user, or None for programs and for publications that reviewers have approved."""
    return None if _is_approved.get() else get_active_log_context().user


def scheduled_slugs() -> dict[int, str]:
    """Return the slug that each scheduled page will have, keyed by page ID."""
    revisions = Revision.page_revisions.filter(approved_go_live_at__isnull=False)
    return {int(revision.object_id): revision.content.get("slug", "") for revision in revisions}


class ListReads:
    """Data that permissions on all rows of a list need, read once for a request that writes nothing."""

    @cached_property
    def slugs(self) -> dict[int, str]:
        return scheduled_slugs()

    @cached_property
    def aliased(self) -> set[int]:
        """Return the IDs of the pages that have aliases."""
        return set(Page.objects.filter(alias_of__isnull=False).values_list("alias_of", flat=True))


def read_once(user: User | AnonymousUser) -> None:
    """Check permissions on the rows of a list in a fixed number of queries. For views that write nothing.

    A user object exists for one request only.
    """
    user.__dict__["list_reads"] = ListReads()


def is_subtree_closed(page: Page, url_path: str, prefixes: list[str], reads: ListReads | None = None) -> bool:
    """Return whether moving a page to `url_path` would make it or a descendant live or scheduled at one of the prefixes."""
    if not prefixes:
        return False
    if page.live and is_below(url_path, prefixes):
        return True
    # Current paths of the pages that would then be at a prefix.
    inside = [page.url_path + prefix[len(url_path) :] for prefix in prefixes if prefix.startswith(url_path)]
    if is_below(url_path, prefixes):
        inside.append(page.url_path)
    subtree = Page.objects.filter(path__startswith=page.path)
    slugs = reads.slugs if reads else scheduled_slugs()
    for path in inside:
        if subtree.filter(url_path__startswith=path).filter(Q(live=True) | Q(pk__in=slugs)).exists():
            return True
    scheduled = subtree.filter(pk__in=slugs).values_list("pk", "url_path") if slugs else []
    return any(is_below(with_slug(url_path + path[len(page.url_path) :], slugs[pk]), prefixes) for pk, path in scheduled)


def is_publication_closed(page: Page, slug: str, prefixes: list[str], reads: ListReads | None = None) -> bool:
    """Return whether publishing a page, which may give it another slug, needs a reviewer.

    `page` is as stored in the database. A new slug also moves its descendants.
    """
    if not prefixes:
        return False
    if any(is_below(path, prefixes) for path in publication_paths(page, slug, reads.aliased if reads else None)):
        return True
    after = with_slug(page.url_path, slug)
    return after != page.url_path and any(is_subtree_closed(page, path, prefixes, reads) for path in (page.url_path, after))


def refuse_missing_approvals(state: WorkflowState, revision: Revision, user: User | None) -> None:
    """Raise PermissionDenied if a step concerned has not approved this revision, unless `user` is a reviewer of the step."""
    page = revision.content_object
    if not isinstance(page, Page):
        return
    done = state.task_states.filter(revision=revision, status=TaskState.STATUS_APPROVED).values_list("task_id", flat=True)
    missing = prefixes_of(step for step in steps_closed_to(user) if step.pk not in set(done))
    if is_publication_closed(page, drafted_slug(revision, page), missing):
        raise PermissionDenied(REFUSAL)


@contextmanager
def approved_publication() -> Iterator[None]:
    """Publish a revision that passed `refuse_missing_approvals`, regardless of who approved the last step."""
    token = _is_approved.set(True)
    try:
        yield
    finally:
        _is_approved.reset(token)


@contextmanager
def checked_save(page: Page) -> Iterator[None]:
    """Raise PermissionDenied before the commit of a save that has made a page live at a reserved path."""
    prefixes = prefixes_closed_to(acting_user())
    rows = Page.objects.values("live", "url_path", "last_published_at")
    before = rows.filter(pk=page.pk).first() if prefixes and page.pk else None
    yield
    if not prefixes:
        return
    after = rows.get(pk=page.pk)
    if before and before["url_path"] != after["url_path"]:
        is_closed = any(is_subtree_closed(page, path, prefixes) for path in (before["url_path"], after["url_path"]))
    else:
        # An alias is also published again with its source.
        is_published = after["live"] and not (
            before and before["live"] and before["last_published_at"] == after["last_published_at"]
        )
        is_closed = is_published and is_below(after["url_path"], prefixes)
    if is_closed:
        raise PermissionDenied(REFUSAL)


@receiver(pre_page_move)
def refuse_unreviewed_move(instance: Any, url_path_before: str, url_path_after: str, **kwargs: Any) -> None:
    prefixes = prefixes_closed_to(acting_user())
    paths = {url_path_before, url_path_after}
    if len(paths) > 1 and any(is_subtree_closed(instance, path, prefixes) for path in paths):
        raise PermissionDenied(REFUSAL)


@receiver(pre_save, sender=Revision)
def refuse_unreviewed_schedule(instance: Any, **kwargs: Any) -> None:
    """Refuse to schedule a revision for a reserved path, because there is no acting user to check when it goes live."""
    prefixes = prefixes_closed_to(acting_user()) if instance.approved_go_live_at else []
    page = instance.content_object if prefixes else None
    if isinstance(page, Page) and is_publication_closed(page, drafted_slug(instance, page), prefixes):
        raise PermissionDenied(REFUSAL)
