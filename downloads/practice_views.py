"""Practice releases: staff see one on every page as if it were published, inside a transaction that is always rolled back.

It never reaches visitors, caches, feeds or APIs: a practice release cannot be published, and a database constraint enforces
this.
"""

from typing import cast

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.cache import patch_cache_control
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from cms.delivery.live_checks import Place, contains
from cms.editor.bundles import render_path, rolled_back
from users.models import User

from . import workflows
from .appearances import live_places
from .models import Release
from .readiness import edit_url

MAY_REMOVE = "downloads.delete_release"


@require_http_methods(["GET", "HEAD", "POST"])
def practice(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Show the places of a practice release with their status lights, or the page at `path`. A POST deletes the release."""
    if not request.user.has_perms(["downloads.change_release", "downloads.publish_release"]):
        raise PermissionDenied
    release = get_object_or_404(Release, pk=pk, practice=True)
    user = cast("User", request.user)
    if request.method == "POST":
        if not user.has_perm(MAY_REMOVE):
            raise PermissionDenied
        return _remove(request, release, user)
    try:
        if path := request.GET.get("path"):
            return _show(request, release, path, user)
        context = {
            "release": release,
            "release_url": edit_url(release),
            "rows": _find_lights(request, release, user),
            "page_url": reverse("downloads:release_detail", args=[release.slug]),
            "may_remove": user.has_perm(MAY_REMOVE),
        }
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
        return redirect(edit_url(release))
    return TemplateResponse(request, "downloads/admin/practice.html", context)


def _publish(release: Release, user: User) -> Release:
    """Publish a practice release. Call this only inside `rolled_back`."""
    draft = release.get_latest_revision_as_object()
    draft.practice = False
    draft.save_revision(user=user)
    return workflows.publish_release(draft, by=user)


def _show(request: HttpRequest, release: Release, path: str, user: User) -> HttpResponseBase:
    if not path.startswith("/") or path.startswith(("//", reverse("wagtailadmin_home"))):
        raise PermissionDenied
    with rolled_back():
        _publish(release, user)
        response = render_path(path, request)
    patch_cache_control(response, private=True, no_store=True)
    return response


def _find_lights(request: HttpRequest, release: Release, user: User) -> list[tuple[Place, bool]]:
    """Return the places of this site, and whether each shows the release."""
    lights = []
    with rolled_back():
        published = _publish(release, user)
        for place in [one for one in live_places(published) if not one.is_outside]:
            response = render_path(place.url, request)
            parts = getattr(response, "streaming_content", None) or [getattr(response, "content", b"")]
            text = response.get("Location", "") + b"".join(parts).decode(errors="replace")
            lights.append((place, contains(text, place.expected)))
    return lights


def _remove(request: HttpRequest, release: Release, user: User) -> HttpResponse:
    name = str(release)
    try:
        workflows.delete(release, by=user)
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
        return redirect("downloads_practice", pk=release.pk)
    messages.success(request, _("The practice release %(name)s was deleted with its files and checklist.") % {"name": name})
    return redirect("wagtailsnippets_downloads_release:list")
