"""Views of the site as a whole."""

import logging
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor, wait
from contextlib import suppress
from datetime import timedelta
from typing import Any, cast

from django.apps import apps
from django.conf import settings
from django.contrib.auth.base_user import AbstractBaseUser
from django.contrib.auth.models import AnonymousUser
from django.contrib.staticfiles import finders
from django.contrib.staticfiles.storage import ManifestFilesMixin, staticfiles_storage
from django.core.cache import caches
from django.core.exceptions import ValidationError
from django.core.files.storage import FileSystemStorage, default_storage
from django.db import DatabaseError, connection, connections
from django.db.migrations.executor import MigrationExecutor
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.middleware.csrf import get_token
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.templatetags.static import static
from django.utils import timezone
from django.utils.cache import patch_cache_control
from django.views.decorators.cache import cache_control, never_cache
from django.views.decorators.http import require_safe
from wagtail.admin.admin_url_finder import AdminURLFinder

from cms.content.menus import BOTTOM_MENU
from cms.content.models.settings import SiteSettings
from cms.content.sharing import text_file
from cms.content.typed import is_from_this_site, typed_fields, typed_texts
from cms.delivery import surrogate_keys
from cms.platform import outages
from cms.platform.cache import ForgivingRedisCache
from cms.platform.logs import request_id
from users.middleware import ended_session
from users.security import record

logger = logging.getLogger(__name__)
READY_SECONDS = 2
# Each hanging check blocks a thread until its own timeout. Further checks wait, and count as failed.
_probes = ThreadPoolExecutor(12, thread_name_prefix="ready")


@require_safe
@never_cache
def health(request: HttpRequest) -> HttpResponse:
    """Return 200 with the running version while the process responds.

    Does not use the database, so that a slow database does not cause a restart.
    """
    return JsonResponse({"status": "OK", "version": settings.RELEASE, "commit": settings.COMMIT})


@require_safe
@never_cache
def ready(request: HttpRequest) -> HttpResponse:
    """Return 200 if every required service responds, otherwise 503 with the names of those that fail, including optional ones."""
    failed = failing(READINESS_CHECKS)
    if failed:
        return JsonResponse({"status": "unavailable", "failed": failed}, status=503)
    without = failing(SPARE_CHECKS) if "replica" in settings.DATABASES else []
    return JsonResponse({"status": "ready"} | ({"without": without} if without else {}))


def failing(checks: dict[str, Callable[[], None]]) -> list[str]:
    """Return the names of the services that fail or do not respond within READY_SECONDS in total."""
    running = {name: _probes.submit(in_own_thread, check) for name, check in checks.items()}
    wait(running.values(), timeout=READY_SECONDS)
    failed = []
    for name, future in running.items():
        try:
            future.result(timeout=0)
        except Exception:
            # Drivers raise many types. The probe gets the name of the service, the log gets the reason.
            future.cancel()
            logger.exception("Not ready: %s.", name)
            failed.append(name)
    return failed


def in_own_thread(check: Callable[[], None]) -> None:
    try:
        check()
    finally:
        connections.close_all()


def check_database() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")


def check_migrations() -> None:
    executor = MigrationExecutor(connection)
    if executor.migration_plan(executor.loader.graph.leaf_nodes()):
        raise DatabaseError("Some migrations have not run.")


def check_cache() -> None:
    if settings.CACHE_URL:
        # Other methods of this cache hide an outage of the server.
        cast("ForgivingRedisCache", caches["default"]).server_stats()


def check_queue() -> None:
    if settings.REDIS_URL:
        import django_rq  # noqa: PLC0415 -- installed, but only an app of this site where Redis is.

        django_rq.get_connection().ping()


def check_storage() -> None:
    """Raise an error if media files cannot be read. The file itself need not exist."""
    if not default_storage.exists("ready.txt") and isinstance(default_storage, FileSystemStorage):
        # The first upload creates the folder.
        with suppress(FileNotFoundError):
            default_storage.listdir("")


def check_static_files() -> None:
    """Raise an error if the web server cannot find the style sheet."""
    name = "css/site.css"
    if isinstance(staticfiles_storage, ManifestFilesMixin):
        name = staticfiles_storage.stored_name(name)
        is_here = staticfiles_storage.exists(name)
    else:
        is_here = finders.find(name) is not None
    if not is_here:
        raise FileNotFoundError(name)


READINESS_CHECKS = {
    "database": check_database,
    "migrations": check_migrations,
    "cache": check_cache,
    "queue": check_queue,
    "storage": check_storage,
    "static files": check_static_files,
}


def check_replica() -> None:
    with connections["replica"].cursor() as cursor:
        cursor.execute("SELECT pg_is_in_recovery()")


# Optional services: without them the site is slower, not broken.
SPARE_CHECKS = {"replica": check_replica}


@require_safe
@cache_control(public=True, max_age=3600)
def robots_txt(request: HttpRequest) -> HttpResponse:
    lines = [
        "User-agent: *",
        "Disallow: /admin/",
        "Disallow: /accounts/",
        "Disallow: /search/",
        "Disallow: /report-a-problem/",
        f"Sitemap: {settings.BASE_URL}/sitemap.xml",
        "",
    ]
    return HttpResponse("\n".join(lines), content_type="text/plain")


HUMANS = """\
This site is made by the Python community and maintained by the Python Software Foundation.
"""


def site_settings_of(request: HttpRequest) -> SiteSettings:
    surrogate_keys.add_keys(request, surrogate_keys.SITE_KEY)
    return SiteSettings.for_request(request)


@require_safe
def humans_txt(request: HttpRequest) -> HttpResponse:
    return text_file(site_settings_of(request).humans_txt or HUMANS)


@require_safe
def site_icon(request: HttpRequest, name: str) -> HttpResponse:
    """Redirect clients that request an icon without reading a page."""
    response = redirect(static(f"img/{name}"))
    patch_cache_control(response, public=True, max_age=86400)
    return response


@require_safe
def security_txt(request: HttpRequest) -> HttpResponse:
    """Return security.txt (RFC 9116) from the settings. It expires half a year after each request."""
    chosen = site_settings_of(request)
    if not chosen.security_email:
        raise Http404
    expires = (timezone.now() + timedelta(days=180)).replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    lines = [
        f"Contact: mailto:{chosen.security_email}",
        f"Expires: {expires:%Y-%m-%dT%H:%M:%SZ}",
        "Preferred-Languages: en",
        f"Canonical: {settings.BASE_URL}/.well-known/security.txt",
        *([f"Policy: {chosen.security_policy_url}"] if chosen.security_policy_url else []),
        *([f"Encryption: {chosen.security_key_url}"] if chosen.security_key_url else []),
    ]
    return text_file("\n".join(lines) + "\n")


@require_safe
def funding_json(request: HttpRequest) -> HttpResponse:
    manifest = site_settings_of(request).funding_json
    if not manifest:
        raise Http404
    return text_file(manifest, "application/json")


@require_safe
def funding_manifest_urls(request: HttpRequest) -> HttpResponse:
    """Confirm that the funding manifest belongs to this site: https://fundingjson.org."""
    if not site_settings_of(request).funding_json:
        raise Http404
    return text_file(f"{settings.BASE_URL}/funding.json\n")


@require_safe
@never_cache
def account_menu(request: HttpRequest) -> HttpResponse:
    """Return the account menu of the header, which is a separate request so that pages are the same for all visitors.

    `edit` names the object of the page, as the template tag `edit_target` writes it: the menu links to its form.
    """
    return render(request, "account/menu.html", {"edit_url": find_edit_url(request.user, request.GET.get("edit", ""))})


@require_safe
@never_cache
def release_edit_button(request: HttpRequest, pk: int) -> HttpResponse:
    """Return a link to the form of a release for users who may change it, at the URL used by the previous site."""
    return render(request, "account/edit_link.html", {"edit_url": find_edit_url(request.user, f"downloads.release/{pk}")})


def find_edit_url(user: AbstractBaseUser | AnonymousUser, target: str) -> str:
    """Return the URL of the admin form of an object such as "downloads.release/5", empty if `user` may not change it."""
    label, _, pk = target.partition("/")
    if not user.has_perm("wagtailadmin.access_admin"):  # type: ignore[union-attr]  # Users of this site have permissions.
        return ""
    try:
        row = apps.get_model(label)._base_manager.filter(pk=pk).first()
    except (LookupError, ValueError, ValidationError):
        return ""
    return (AdminURLFinder(user).get_edit_url(row) or "") if row else ""


# Error pages work without a database: the frame shows its built-in links, and no settings.
BARE_FRAME: dict = {
    "is_bare": True,
    "menu": [],
    "footer_menu": [],
    "footer_links": BOTTOM_MENU,
    "psf_menu": [],
    "banner": None,
    "site_settings": None,
    "canonical_url": None,
}


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    return render(request, "400.html", BARE_FRAME, status=400)


def permission_denied(request: HttpRequest, exception: Exception) -> HttpResponse:
    record("denied", request=request, user=request.user)
    return render(request, "403.html", BARE_FRAME, status=403)


def method_not_allowed(request: HttpRequest) -> HttpResponse:
    return render(request, "405.html", BARE_FRAME, status=405)


def too_many_requests(request: HttpRequest) -> HttpResponse:
    record("limited", request=request)
    return render(request, "429.html", BARE_FRAME, status=429)


@never_cache
def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """Explain that the CSRF check failed, and offer to send the form again with a fresh token.

    Submitted values are shown, without secrets and files. Only a form of this site can be sent again: for a request from
    another site, one click would complete the forgery.
    """
    record("csrf_failed", request=request, reason=reason)
    if request.path.startswith("/admin/") and not request.accepts("text/html"):
        # Signing in in another tab has renewed the token.
        return JsonResponse(ended_session(), status=403)
    is_own = is_from_this_site(request)
    fields = typed_fields(request) if is_own else []
    texts = {"fields": fields, "texts": typed_texts(fields)}
    context = BARE_FRAME | texts | {"is_own": is_own, "has_files": is_own and bool(request.FILES)}
    return render(request, "403_csrf.html", context, status=403)


def page_not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    response = render(request, "404.html", BARE_FRAME, status=404)
    patch_cache_control(response, max_age=300, public=True)
    return response


def server_error(request: HttpRequest) -> HttpResponse:
    """Return the error page: 503 if a service is down, so that caches treat it as temporary, and 507 for a full disk.

    The entered data is shown and can be submitted again. The pages are rendered without the request, because context processors
    may need the failed service.
    """
    error = sys.exc_info()[1]
    status, outage = outages.status_of(error), outages.outage_of(error)
    headers = outages.headers_of(status)
    sentence = str(outages.SENTENCES.get(outage, f"{status.phrase}."))
    if request.path.startswith("/api/v3/"):
        problem = {"type": "about:blank", "title": status.phrase, "status": status, "detail": sentence}
        content_type = "application/problem+json"
        return JsonResponse(problem | {"request_id": request_id.get()}, status=status, headers=headers, content_type=content_type)
    if request.path.startswith("/api/"):
        answer = {"detail": sentence, "error_message": sentence, "request_id": request_id.get()}
        return JsonResponse(answer, status=status, headers=headers)
    if request.headers.get("X-Requested-With") == "XMLHttpRequest":
        # Wagtail's upload forms show this sentence.
        refusal = {"success": False, "error_message": sentence, "request_id": request_id.get()}
        return JsonResponse(refusal, status=status, headers=headers)
    context = {"request_id": request_id.get(), "status": int(status), "sentence": sentence} | resending(request)
    template = f"{int(status)}.html" if outage else "500.html"
    return HttpResponse(render_to_string(template, context), status=status, headers=headers)


def resending(request: HttpRequest) -> dict[str, Any]:
    """Return the values that were entered into a rejected form of this site, and what is needed to submit it again."""
    # The error may have occurred while parsing the body.
    if request.method != "POST" or not hasattr(request, "_post") or not is_from_this_site(request):
        return {}
    fields = typed_fields(request)
    action = {"action": request.get_full_path(), "csrf_token": get_token(request)}
    return action | {"fields": fields, "texts": typed_texts(fields)}
