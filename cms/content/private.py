"""Private pages and documents: Wagtail's view restrictions, with sign-in by allauth.

Wagtail decides who has access. This module adds the password form, its rate limit, and the cache headers.
"""

from collections.abc import Callable, Iterable
from typing import Any

from django.core.cache import cache
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.cache import add_never_cache_headers
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST
from wagtail.documents import get_document_model
from wagtail.documents.views import serve as documents
from wagtail.models import CollectionViewRestriction, Page, PageViewRestriction
from wagtail.models.view_restrictions import BaseViewRestriction
from wagtail.views import authenticate_with_password

# Maximum number of wrong passwords for one client address and one restriction.
MAX_ATTEMPTS, ATTEMPT_SECONDS = 10, 600
UNPROCESSABLE, TOO_MANY = 422, 429


def refuse_other_groups(restrictions: Iterable[BaseViewRestriction], request: HttpRequest) -> None:
    """Raise PermissionDenied for a signed-in visitor in none of the groups. Wagtail would redirect to sign-in endlessly."""
    # Reading the user makes the response vary by cookie, which public pages must not do.
    for restriction in restrictions:
        is_for_groups = restriction.restriction_type == BaseViewRestriction.GROUPS
        if is_for_groups and request.user.is_authenticated and not restriction.accept_request(request):
            raise PermissionDenied


def refuse_page(page: Page, request: HttpRequest, serve_args: Any, serve_kwargs: Any) -> None:
    refuse_other_groups(page.get_view_restrictions(), request)


def refuse_document(document: Any, request: HttpRequest) -> None:
    refuse_other_groups(document.collection.get_view_restrictions(), request)


def serve_document(request: HttpRequest, document_id: str, document_filename: str) -> HttpResponse:
    """Serve a document. Private documents are not cached."""
    response = documents.serve(request, document_id, document_filename)
    document = get_document_model().objects.select_related("collection").get(pk=document_id)
    if document.collection.get_view_restrictions():
        add_never_cache_headers(response)
    return response


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def unlock_page(request: HttpRequest, page_view_restriction_id: int, page_id: int) -> HttpResponse:
    """Ask for the password of a private page."""
    page = get_object_or_404(Page.objects.live(), pk=page_id).specific
    of_page = page.get_view_restrictions().filter(restriction_type=BaseViewRestriction.PASSWORD)
    restriction: PageViewRestriction = get_object_or_404(of_page, pk=page_view_restriction_id)
    if request.method != "POST":
        return redirect(page.get_url(request))
    return take_password(request, restriction, lambda: authenticate_with_password(request, restriction.pk, page.pk))


@never_cache
@require_POST
def unlock_documents(request: HttpRequest, restriction_id: int) -> HttpResponse:
    """Check the password for the documents of a private collection."""
    with_password = CollectionViewRestriction.objects.filter(restriction_type=BaseViewRestriction.PASSWORD)
    restriction: CollectionViewRestriction = get_object_or_404(with_password, pk=restriction_id)
    return take_password(request, restriction, lambda: documents.authenticate_with_password(request, restriction.pk))


def take_password(request: HttpRequest, restriction: BaseViewRestriction, check: Callable[[], HttpResponse]) -> HttpResponse:
    """Return the response of `check()`, which verifies the password, unless this client has tried too often."""
    key = f"view-password:{restriction._meta.label}:{restriction.pk}:{request.META.get('REMOTE_ADDR', '')}"
    cache.add(key, 0, ATTEMPT_SECONDS)
    if cache.incr(key) > MAX_ATTEMPTS:
        response = render(request, "429.html", status=TOO_MANY)
        response["Retry-After"] = str(ATTEMPT_SECONDS)
        return response
    response = check()
    if response.status_code == 200:  # noqa: PLR2004 -- the form again, with its error.
        response.status_code = UNPROCESSABLE
    else:
        cache.delete(key)
    return response
