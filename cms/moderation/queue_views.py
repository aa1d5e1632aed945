"""Moderation queue of all sections, oldest first, with keyboard shortcuts."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext, gettext_lazy
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.clickjacking import xframe_options_sameorigin
from django.views.decorators.http import require_POST, require_safe
from wagtail.admin.utils import get_valid_next_url_from_request

from cms.platform.text import parse_int
from users.models import User
from users.requests import AuthenticatedRequest

from . import claims, queue
from .models import Claim
from .outcomes import Outcome

LABELS = {
    "approve": "Approve",
    "reject": gettext_lazy("Request changes"),
    "ask": gettext_lazy("Ask a question"),
    "remove": gettext_lazy("Remove as spam"),
    "close": "Done",
}


@never_cache
@require_safe
@xframe_options_sameorigin
def moderation_queue(request: AuthenticatedRequest) -> HttpResponse:
    if not queue.queues_of(request.user):
        raise PermissionDenied
    rows = queue.pending_items(request.user)
    requested = request.GET.get("item")
    chosen = next((row for row in rows if name_of(*row) == requested), None)
    decided = find_outcome(request.user, requested) if requested and chosen is None else None
    if chosen is None and decided is None:
        chosen = rows[0] if rows else None
    now = timezone.now()
    claimed = claims.find_claims()
    context = {
        "rows": [
            {
                "name": name_of(one, item),
                "kind": one.label,
                "item": item,
                "days": (now - item.since).days,
                "claimed_by": describe_claimer(claimed.get(name_of(one, item)), request.user),
                "is_chosen": chosen is not None and chosen[1] is item,
            }
            for one, item in rows
        ],
        "decided": decided,
        "chosen": chosen and {"queue": chosen[0], "item": chosen[1], "name": name_of(*chosen)},
        "actions": [(action, LABELS[action]) for action in chosen[0].actions] if chosen else [],
        "replies": chosen[0].replies() if chosen else [],
        "duplicates": chosen[0].duplicates(chosen[1].pk) if chosen else [],
        "changes": chosen[0].changes(chosen[1].pk) if chosen else [],
        "spam_effects": chosen[0].spam_effects(chosen[1].pk) if chosen and "remove" in chosen[0].actions else [],
        "claim": claimed.get(name_of(*chosen)) if chosen else None,
        "count": len(rows),
    }
    return TemplateResponse(request, "cms/admin/moderation_queue.html", context)


def find_outcome(user: User, name: str) -> Outcome:
    """Return the outcome of a submission that is no longer pending. Raises Http404 if the user never had it in a queue."""
    key, _, number = name.rpartition("-")
    one = next((known for known in queue.queues_of(user) if known.key == key), None)
    pk = parse_int(number)
    outcome = one.outcome(pk) if one and pk else None
    if outcome is None:
        raise Http404(gettext("This submission does not exist."))
    return outcome


def name_of(one: queue.Queue, item: queue.QueueItem) -> str:
    return f"{one.key}-{item.pk}"


def describe_claimer(claim: Claim | None, user: User) -> str:
    """Return the name of the moderator who has claimed a submission, for a list."""
    if claim is None:
        return ""
    return gettext("you") if claim.user_id == user.pk else claim.user.display_name


@never_cache
@require_POST
def claim(request: AuthenticatedRequest, key: str, pk: int) -> HttpResponse:
    """Claim a submission, or release it with “release”."""
    if not any(known.key == key for known in queue.queues_of(request.user)):
        raise PermissionDenied
    back = get_valid_next_url_from_request(request) or f"{reverse('moderation_queue')}?item={key}-{pk}"
    if "release" in request.POST:
        claims.release(key, pk)
        return redirect(back)
    holder = claims.claim(key, pk, by=request.user)
    if holder != request.user:
        messages.error(request, _("%(name)s has already claimed this.") % {"name": holder.display_name})
    return redirect(back)


@never_cache
@require_POST
def decide(request: AuthenticatedRequest, key: str, pk: int) -> HttpResponse:
    """Run an action, then redirect to the next item."""
    one = next((known for known in queue.queues_of(request.user) if known.key == key), None)
    if one is None:
        if key in queue.QUEUES:
            raise PermissionDenied
        raise Http404(_("This queue does not exist."))
    rows = [name_of(*row) for row in queue.pending_items(request.user)]
    name = f"{key}-{pk}"
    following = rows[rows.index(name) + 1 :] if name in rows else []
    url = reverse("moderation_queue")
    try:
        sentence = queue.decide(
            one,
            request.POST.get("action", ""),
            pk,
            by=request.user,
            message=request.POST.get("message", ""),
            version=request.POST.get("seen", ""),
        )
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
        return redirect(f"{url}?item={name}")
    claims.release(key, pk)
    messages.success(request, sentence)
    return redirect(f"{url}?item={following[0]}" if following else url)
