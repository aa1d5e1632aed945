from django.urls import reverse

from users.personal import register

from .models import Event
from .submissions import state_of

register(
    "events",
    "Events",
    url="events:mine",
    rows=lambda user: Event.objects.filter(submitter=user).order_by("-pk"),
    export=["id", "title", "description", "start_date", "start_time", "time_zone", "rrule", "live"],
    state=state_of,
    link=lambda event: reverse("events:edit_submission", args=[event.pk]),
)
