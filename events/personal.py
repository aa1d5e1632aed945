from users.personal import register

from .models import Event

register(
    "events",
    "Events",
    url="events:mine",
    rows=lambda user: Event.objects.filter(submitter=user).order_by("-pk"),
    export=["id", "title", "description", "start_date", "start_time", "time_zone", "rrule", "live"],
    state=lambda event: "Published" if event.live else "Not published",
)
