"""Tolerant reader of remote calendars: parses the events of iCalendar files from many programs into plain data.

`decoding` turns bytes into components, `zones` finds the IANA time zone of each name, `values` reads dates and rules, `texts`
reads descriptions and links, `local_times` the start and end of an event, `overrides` its changed dates, `entries` one event, and
`calendars` the file. Nothing here uses the database.
"""

from .calendars import read_calendar
from .decoding import UnreadableError
from .parsed import Instance, Notice, ParsedCalendar, ParsedEvent, Times

__all__ = ["Instance", "Notice", "ParsedCalendar", "ParsedEvent", "Times", "UnreadableError", "read_calendar"]
