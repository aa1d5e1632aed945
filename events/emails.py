"""Emails about events. Staff can change their texts in the admin."""

from django.conf import settings
from django.contrib.auth.models import Group
from django.urls import reverse

from cms.email.registry import EmailType, declare
from cms.email.sending import send
from events.models import Event

MODERATORS = "Events"
EXAMPLE = {"title": "Python Meetup Leipzig", "name": "ada", "url": "https://www.python.org/events/mine/"}
RECEIVED = declare("events.received", example=EXAMPLE)
RETURNED = declare("events.returned", example=EXAMPLE | {"reason": "On which day does the event start?"})
REJECTED = declare("events.rejected", example=EXAMPLE | {"reason": "The event is not about Python."})
APPROVED = declare("events.approved", example=EXAMPLE)
CANCELLED = declare("events.cancelled", example=EXAMPLE | {"note": "The speaker is unavailable."})
TO_REVIEW = declare("events.to_review", example=EXAMPLE)


def email_submitter(email_type: EmailType, event: Event, *, effect: str | None = None, **variables: str) -> None:
    """Send an email about an event to its submitter, if the account exists. For `effect` see `cms.email.sending.send`."""
    if event.submitter is None or not event.submitter.email:
        return
    is_public = email_type.key in {APPROVED.key, CANCELLED.key}
    url = event.full_url if is_public else settings.BASE_URL + reverse("events:mine")
    basics = {"title": event.title, "name": event.submitter.get_username(), "url": url}
    send(email_type, to=[event.submitter.email], about=event, variables=basics | variables, effect=effect)


def email_moderators(event: Event) -> None:
    group = Group.objects.filter(name=MODERATORS).first()
    members = group.user_set.filter(is_active=True).exclude(email="").values_list("email", flat=True) if group else []
    url = settings.BASE_URL + reverse("wagtailsnippets_events_event:review", args=[event.pk])
    name = event.submitter.get_username() if event.submitter else "A deleted account"
    for recipient in members:
        send(
            TO_REVIEW,
            to=[recipient],
            about=event,
            variables={"title": event.title, "name": name, "url": url},
        )
