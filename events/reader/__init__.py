"""Tolerant reader of remote calendars: parses the events of iCalendar files from many programs into plain data.

`decoding` turns bytes into components, `zones` finds the IANA time zone of each name, `values` reads dates and rules, `texts`
reads descriptions and links, and `calendars` assembles the events. Nothing here uses the database.
"""

from .calendars import Instance, Notice, ParsedCalendar, ParsedEvent, Times, read_calendar
from .decoding import UnreadableError

__all__ = ["Instance", "Notice", "ParsedCalendar", "ParsedEvent", "Times", "UnreadableError", "read_calendar"]
