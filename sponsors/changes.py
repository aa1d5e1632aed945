"""Changes by contacts to the public data of approved sponsors: difference and moderation queue."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.text import capfirst
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from cms.moderation.changes import compare_fields
from cms.moderation.outcomes import Outcome, find_log, find_removed
from cms.moderation.queue import Queue, QueueItem, register_queue
from users.models import User

from .dashboard import allowed
from .models import Sponsor
from .workflows import approve_change, reject_change

MAY_APPROVE = "sponsors.change_sponsor"
LABELS = {field.name: capfirst(field.verbose_name) for field in Sponsor._meta.fields}
waiting = Sponsor.objects.filter(proposed_revision__isnull=False).select_related("proposed_revision__user")


@allowed("change_sponsor")
@require_safe
def changes(request: HttpRequest, pk: int) -> HttpResponse:
    """Show the public data of a sponsor that is waiting for approval, for the frame in the moderation queue."""
    sponsor = get_object_or_404(waiting.all(), pk=pk)
    proposed = sponsor.get_proposed()
    values = {name: (str(getattr(sponsor, name)), str(getattr(proposed, name))) for name in Sponsor.PUBLIC_FIELDS}
    context = {
        "sponsor": sponsor,
        "changes": compare_fields((str(LABELS[name]), *values[name]) for name in values if name not in Sponsor.LOGOS),
        "logos": [
            {"label": LABELS[name], "before": sponsor.logo_url(name), "after": proposed.logo_url(name)}
            for name in Sponsor.LOGOS
            if values[name][0] != values[name][1]
        ],
    }
    return TemplateResponse(request, "sponsors/admin/changes.html", context)


def get_queue_items(user: User) -> list[QueueItem]:
    return [
        QueueItem(
            pk=sponsor.pk,
            title=sponsor.name,
            since=revision.created_at,
            by=revision.user.get_username() if revision.user else "",
            preview_url=reverse("sponsorships:changes", args=[sponsor.pk]),
            url=reverse(Sponsor.snippet_viewset.get_url_name("edit"), args=[sponsor.pk]),
            version=str(revision.pk),
        )
        for sponsor in waiting.all()
        if (revision := sponsor.proposed_revision)
    ]


def approve(pk: int, by: User, message: str, seen: str) -> str:
    return _("The changes by %(sponsor)s are published.") % {"sponsor": approve_change(pk, by=by, seen=seen)}


def reject(pk: int, by: User, message: str, seen: str) -> str:
    return _("%(sponsor)s has been notified.") % {"sponsor": reject_change(pk, by=by, seen=seen, reason=message)}


def get_outcome(pk: int) -> Outcome | None:
    sponsor = Sponsor.objects.filter(pk=pk).first()
    if sponsor is None:
        return find_removed(Sponsor, pk)
    url = reverse(Sponsor.snippet_viewset.get_url_name("edit"), args=[pk])
    return Outcome(sponsor.name, gettext("No change is waiting"), url, find_log(sponsor))


register_queue(
    Queue(
        "sponsors",
        "Change by a sponsor",
        MAY_APPROVE,
        get_queue_items,
        {"approve": approve, "reject": reject},
        outcome=get_outcome,
    )
)
