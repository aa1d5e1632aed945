"""Emails about events. Staff can change their templates in the admin."""

from django.conf import settings
from django.contrib.auth.models import Group
from django.urls import reverse

from cms.content.addresses import fresh_url, team_email
from cms.email.registry import EmailType, declare
from cms.email.sending import send
from events.models import Event

MODERATORS = "Events"
EXAMPLE = {"title": "Python Meetup Leipzig", "name": "Ada Byron", "url": "https://www.python.org/events/mine/"}
PUBLIC_EXAMPLE = EXAMPLE | {"url": "https://www.python.org/events/python-user-group/1/"}
REVIEW_EXAMPLE = EXAMPLE | {"url": "https://www.python.org/admin/events/events/review/1/"}
RECEIVED = declare("events.received", example=EXAMPLE)
RETURNED = declare("events.returned", example=EXAMPLE | {"reason": "Please add the start date."})
REJECTED = declare("events.rejected", example=EXAMPLE | {"reason": "The event is not about Python."})
APPROVED = declare("events.approved", example=PUBLIC_EXAMPLE)
CANCELLED = declare("events.canceled", example=PUBLIC_EXAMPLE | {"note": "The speaker is unavailable."})
TO_REVIEW = declare("events.to_review", example=REVIEW_EXAMPLE)
# Email types about changes to a published event.
CHANGE_RECEIVED = declare("events.change_received", example=EXAMPLE)
CHANGE_PUBLISHED = declare("events.change_published", example=PUBLIC_EXAMPLE)
CHANGE_TO_REVIEW = declare(
    "events.change_to_review", example=REVIEW_EXAMPLE | {"changes": "Title:\n− Python Meetup\n+ Python Meetup Leipzig"}
)
PUBLIC = {APPROVED.key, CANCELLED.key, CHANGE_PUBLISHED.key}


def email_submitter(email_type: EmailType, event: Event, *, effect: str | None = None, **variables: str) -> None:
    """Send an email about an event to its submitter, if the account exists. For `effect` see `cms.email.sending.send`."""
    if event.submitter is None or not event.submitter.email:
        return
    url = event.full_url if email_type.key in PUBLIC else settings.BASE_URL + reverse("events:mine")
    if email_type in (CHANGE_PUBLISHED, CANCELLED):
        url = fresh_url(url, event.live_revision_id)
    basics = {"title": event.title, "name": event.submitter.display_name, "url": url}
    send(
        email_type,
        to=[event.submitter.email],
        about=event,
        variables=basics | variables,
        effect=effect,
        reply_to=team_email("events"),
    )


def email_moderators(event: Event, *, changes: str = "") -> None:
    """Email a submission to the moderators, with the changes if the event is already published."""
    group = Group.objects.filter(name=MODERATORS).first()
    members = group.user_set.filter(is_active=True).exclude(email="").values_list("email", flat=True) if group else []
    url = settings.BASE_URL + reverse("wagtailsnippets_events_event:review", args=[event.pk])
    name = event.submitter.display_name if event.submitter else "A deleted account"
    variables = {"title": event.title, "name": name, "url": url} | ({"changes": changes} if changes else {})
    for recipient in members:
        send(
            CHANGE_TO_REVIEW if changes else TO_REVIEW,
            to=[recipient],
            about=event,
            variables=variables,
            reply_to=event.submitter.email if event.submitter else "",
        )
