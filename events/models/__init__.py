from .calendars import Calendar, Category, Location
from .events import Event, EventOverride
from .occurrences import Occurrence
from .pages import EventsPage
from .replies import EventSavedReply
from .sync import SyncRun

__all__ = [
    "Calendar",
    "Category",
    "Event",
    "EventOverride",
    "EventSavedReply",
    "EventsPage",
    "Location",
    "Occurrence",
    "SyncRun",
]
