"""Draft messages to people outside: a list with filters, from which they are sent or discarded together."""

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Count, Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext, ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe
from wagtail.admin import messages as admin_messages
from wagtail.admin.auth import user_passes_test
from wagtail.admin.menu import MenuItem

from cms.email import drafts
from cms.email.models import SentEmail
from cms.email.registry import EMAIL_TYPES
from cms.platform.text import parse_int
from users.requests import AuthenticatedRequest

PER_PAGE = 50


def may_send_some(user: Any) -> bool:
    """Return whether a user may send drafts of some type."""
    return any(user.has_perm(permission) for permission in set(drafts.PERMISSIONS.values()))


needs_some = user_passes_test(may_send_some)


class DraftMessagesMenuItem(MenuItem):
    def is_shown(self, request: HttpRequest) -> bool:
        return may_send_some(request.user)


def find_filtered(request: AuthenticatedRequest) -> QuerySet[SentEmail]:
    """Return the drafts that the user may send, of the type and with the text in the URL."""
    found = drafts.find_drafts(request.user)
    if email_type := request.GET.get("type"):
        found = found.filter(key=email_type)
    if text := request.GET.get("q", "").strip():
        found = found.filter(Q(subject__icontains=text) | Q(body__icontains=text) | Q(to__icontains=text))
    return found


@needs_some
@never_cache
@require_safe
def draft_messages(request: AuthenticatedRequest) -> HttpResponse:
    counts = drafts.find_drafts(request.user).order_by().values("key").annotate(number=Count("pk"))
    context = {
        "page_obj": Paginator(find_filtered(request).select_related("drafted_by"), PER_PAGE).get_page(request.GET.get("p")),
        "types": [(row["key"], EMAIL_TYPES[row["key"]].name, row["number"]) for row in counts.order_by("key")],
        "chosen_type": request.GET.get("type", ""),
        "query": request.GET.get("q", ""),
        "parameters": request.GET.urlencode(),
    }
    return TemplateResponse(request, "cms/admin/draft_messages.html", context)


@needs_some
@never_cache
@require_POST
def apply(request: AuthenticatedRequest) -> HttpResponse:
    """Send or discard the selected drafts, or all that match the filters."""
    found = find_filtered(request)
    if "all" not in request.POST:
        chosen = [parse_int(text) for text in request.POST.getlist("draft")]
        found = found.filter(pk__in=[pk for pk in chosen if pk is not None])
    if request.POST.get("action") == "send":
        number = drafts.send_drafts(found, by=request.user)
        sentence = ngettext("%(number)s message sent.", "%(number)s messages sent.", number)
    else:
        number = drafts.discard_drafts(found)
        sentence = ngettext("%(number)s draft discarded.", "%(number)s drafts discarded.", number)
    if number:
        messages.success(request, sentence % {"number": number})
    else:
        messages.warning(request, gettext("Select the drafts first."))
    return redirect("draft_messages")


def announce_drafts(request: AuthenticatedRequest) -> None:
    """Add a message with a link, if the user has drafts to send."""
    number = drafts.find_drafts(request.user).filter(drafted_by=request.user).count()
    if number:
        sentence = ngettext(
            "%(number)s message is a draft and was not sent.", "%(number)s messages are drafts and were not sent.", number
        )
        buttons = [admin_messages.button(reverse("draft_messages"), gettext("Check and send"))]
        admin_messages.info(request, sentence % {"number": number}, buttons=buttons)
