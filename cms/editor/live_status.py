"""Live status of a publication: each place where it must be visible, and an email if a place is late."""

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.contrib.contenttypes.models import ContentType
from django.core.exceptions import PermissionDenied
from django.db import models
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods
from django_tasks import task
from wagtail.admin.admin_url_finder import AdminURLFinder
from wagtail.log_actions import registry
from wagtail.models import DraftStateMixin

from cms.delivery import live_checks
from cms.delivery.models import LiveCheck, PlaceCheck
from cms.email.models import about_key
from cms.email.registry import declare
from cms.email.sending import send
from cms.platform.schedules import scheduled
from users.models import User
from users.requests import AuthenticatedRequest

from .permissions import may_change

NOT_LIVE = declare(
    "cms.not_live",
    example={
        "title": "Python 3.16.0",
        "places": "- Home page: “3.16.0” was not found.\n  https://www.python.org/",
        "url": "https://www.python.org/admin/live/12/3/",
    },
)
# Problems first.
ORDER = [LiveCheck.Status.FAILED, LiveCheck.Status.WAITING, LiveCheck.Status.LIVE]
# Status lights of a place.
LIGHTS = {LiveCheck.Status.LIVE: "ok", LiveCheck.Status.FAILED: "stop"}


def live_status_url(thing: models.Model) -> str:
    return reverse("live_status", args=[ContentType.objects.get_for_model(thing).pk, thing.pk])


@require_http_methods(["GET", "HEAD", "POST"])
def live_status(request: AuthenticatedRequest, content_type_id: int, pk: int) -> HttpResponse:
    """Show where a publication is visible. A POST checks all places again. Needs permission to change the object."""
    model = get_object_or_404(ContentType, pk=content_type_id).model_class()
    if model is None or not issubclass(model, DraftStateMixin):
        raise Http404
    thing: Any = get_object_or_404(model, pk=pk)
    if not may_change(thing, request.user):
        raise PermissionDenied
    live_check = LiveCheck.objects.of(thing).first()
    if request.method == "POST":
        if live_check:
            live_checks.check_live_url_task.enqueue(live_check.pk)
        else:
            live_checks.schedule_live_check(thing)
        messages.success(request, _("All places are being checked."))
        return redirect("live_status", content_type_id, pk)
    steps = live_checks.publication_steps(thing)
    places = (
        sorted(live_check.places.all(), key=lambda place: ORDER.index(LiveCheck.Status(place.status)))
        if live_check and thing.live
        else []
    )
    context = {
        "thing": thing,
        "edit_url": AdminURLFinder(request.user).get_edit_url(thing),
        "steps": steps,
        "rows": [(place, LIGHTS.get(LiveCheck.Status(place.status), "warn")) for place in places],
        "is_unchecked": live_checks.is_unchecked(steps),
        "is_live": thing.live and not live_checks.is_unchecked(steps) and all(step.state in {"ok", "off"} for step in steps),
        "has_stopped": any(step.state == "stop" for step in steps),
        "again_url": reverse("live_again", args=[content_type_id, pk]),
    }
    return TemplateResponse(request, "cms/admin/live_status.html", context)


def publisher_of(thing: models.Model) -> User | None:
    """Return the user who last published an object."""
    entries = registry.get_logs_for_instance(thing).filter(action__startswith="wagtail.publish", user__isnull=False)
    entry = entries.order_by("-timestamp", "-pk").first()
    return User.objects.filter(pk=entry.user_id, is_active=True).first() if entry else None


def describe_failures(live_check: LiveCheck) -> str:
    """Return the places that are late as text lines with their reasons and URLs."""
    failures = [("Its own page", live_check.path, live_check.error)] if live_check.status == LiveCheck.Status.FAILED else []
    failures += [(place.name, place.url, place.error) for place in PlaceCheck.objects.failed().filter(live_check=live_check)]
    return "\n".join(
        f"- {name}: {error}\n  {settings.BASE_URL if url.startswith('/') else ''}{url}" for name, url, error in failures
    )


@scheduled("* * * * *")
@task()
def report_late_places() -> None:
    """Email the publisher of an object that is not live everywhere, once for each publication."""
    for live_check in LiveCheck.objects.to_report():
        thing = live_check.get_object()
        user = publisher_of(thing) if thing is not None else None
        if user and user.email:
            send(
                NOT_LIVE,
                to=[user.email],
                about=thing,
                variables={
                    "title": live_check.title,
                    "places": describe_failures(live_check),
                    "url": settings.BASE_URL + live_status_url(thing),
                },
                effect=f"{about_key(live_check)} {live_check.published_at:%Y%m%d%H%M%S}",
            )
        LiveCheck.objects.filter(pk=live_check.pk).update(alarmed_at=timezone.now())
