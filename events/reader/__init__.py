"""Tolerant reader of remote calendars: each event of an iCalendar file as plain data, whichever program wrote it.

`decoding` turns bytes into components, `zones` finds the IANA time zone of each name, `values` reads dates and rules, `texts`
reads descriptions and links, and `calendars` puts the events together. Nothing here touches the database.
"""

from .calendars import Instance, Notice, ParsedCalendar, ParsedEvent, Times, read_calendar
from .decoding import UnreadableError

__all__ = ["Instance", "Notice", "ParsedCalendar", "ParsedEvent", "Times", "UnreadableError", "read_calendar"]
