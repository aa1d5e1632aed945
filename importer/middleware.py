"""Refuse changes of sections that are still edited on the previous site, and open their forms read-only."""

import re
from collections.abc import Callable
from http import HTTPStatus

from django.contrib.messages.storage import default_storage
from django.db import models
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _
from wagtail.admin import messages

from cms.content.typed import is_from_this_site, typed_fields, typed_texts
from cms.platform.logs import request_id

from . import parallel
from .models import ParallelRunning

READ_ONLY = '<fieldset class="read-only-form" disabled>'
SAFE = {"GET", "HEAD", "OPTIONS", "TRACE"}
# Attributes of Wagtail's forms contain ">".
FORM = re.compile(r"""(<form\b(?:"[^"]*"|'[^']*'|[^'">])*>)(.*?)(</form>)""", re.DOTALL)


class ParallelRunningMiddleware:
    """Reject writes to locked sections with status 423, even if the view handled the error."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        locks = {} if request.method in SAFE else ParallelRunning.locks()
        if not locks:
            return self.get_response(request)
        with parallel.guarded(locks) as guard:
            response = self.get_response(request)
        return refuse(request, guard) if guard.refusal else response

    def process_template_response(self, request: HttpRequest, response: TemplateResponse) -> TemplateResponse:
        """Disable the fields of an admin form of a locked record, and say where to edit it."""
        form = (response.context_data or {}).get("form") if request.path.startswith("/admin/") else None
        instance = getattr(form, "instance", None)
        if request.method != "GET" or not isinstance(instance, models.Model):
            return response
        section = parallel.section_of(type(instance))
        until = ParallelRunning.locks().get(section) if section else None
        if section and until:
            url = parallel.old_url(type(instance), instance)
            buttons = [messages.button(url, _("Open it on the previous site"))] if url else None
            messages.warning(request, parallel.sentence_of(section, until), buttons=buttons)
            response.add_post_render_callback(lambda rendered: disable_form(rendered, request.path))
        return response


def disable_form(response: HttpResponse, path: str) -> None:
    """Put the content of the form that is sent to this path into a disabled fieldset."""

    def disabled(found: re.Match) -> str:
        action = re.search(r'\baction="([^"?]*)', found[1])
        is_main = 'method="post"' in found[1].lower() and (action is None or action[1] in {"", path})
        return f"{found[1]}{READ_ONLY}{found[2]}</fieldset>{found[3]}" if is_main else found[0]

    response.content = FORM.sub(disabled, response.content.decode())


def refuse(request: HttpRequest, guard: parallel.Guard) -> HttpResponse:
    """Return the refusal in the format of the API, of Wagtail's scripts, or as a page."""
    if hasattr(request, "_messages"):
        # Forget what the view said about the refusal, for example that a permission is missing.
        request._messages = default_storage(request)  # type: ignore[attr-defined]  # Of the middleware of messages.
    status, sentence = HTTPStatus.LOCKED, f"{guard.refusal} {guard.url}".strip()
    if request.path.startswith("/api/v3/"):
        problem = {"type": "about:blank", "title": status.phrase, "status": status, "detail": sentence}
        content_type = "application/problem+json"
        return JsonResponse(problem | {"request_id": request_id.get()}, status=status, content_type=content_type)
    if request.path.startswith("/api/"):
        return JsonResponse({"detail": sentence, "error_message": sentence}, status=status)
    if not request.accepts("text/html") or request.headers.get("X-Requested-With") == "XMLHttpRequest":
        return JsonResponse({"success": False, "error_code": "locked", "error_message": sentence}, status=status)
    texts = typed_texts(typed_fields(request)) if request.method == "POST" and is_from_this_site(request) else []
    return render(request, "423.html", {"text": guard.refusal, "url": guard.url, "texts": texts}, status=status)
