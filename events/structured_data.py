"""Structured data of an event: https://schema.org/Event."""

from collections.abc import Iterable

from .models import Event, Occurrence

STATUS = {
    Event.Status.SCHEDULED: "EventScheduled",
    Event.Status.TENTATIVE: "EventScheduled",
    Event.Status.CANCELLED: "EventCancelled",
    Event.Status.POSTPONED: "EventPostponed",
}


def event_data(event: Event, occurrences: Iterable[Occurrence]) -> list[dict]:
    """Return an entry for each date."""
    return [_entry(event, occurrence) for occurrence in occurrences]


def _entry(event: Event, occurrence: Occurrence) -> dict:
    online = {"@type": "VirtualLocation", "url": event.online_url or event.url or event.full_url}
    place = {}
    if event.venue and not event.venue.online:
        place = {"@type": "Place", "name": event.venue.name, "address": ", ".join(event.venue.lines) or event.venue.name}
        if event.venue.position:
            latitude, longitude = event.venue.position
            place["geo"] = {"@type": "GeoCoordinates", "latitude": float(latitude), "longitude": float(longitude)}
    locations = [one for one in (place, online if event.is_online else {}) if one]
    modes = {(True, True): "Mixed", (False, True): "Online"}
    data = {
        "@context": "https://schema.org",
        "@type": "Event",
        "name": occurrence.title,
        "startDate": occurrence.starts_on.isoformat() if occurrence.all_day else occurrence.local_start.isoformat(),
        "endDate": occurrence.ends_on.isoformat() if occurrence.all_day else occurrence.local_end.isoformat(),
        "eventStatus": f"https://schema.org/{STATUS[Event.Status(occurrence.status)]}",
        "eventAttendanceMode": f"https://schema.org/{modes.get((bool(place), event.is_online), 'Offline')}EventAttendanceMode",
        "location": locations[0] if len(locations) == 1 else locations,
        "description": event.summary[:500],
        "url": event.full_url,
        "organizer": {"@type": "Organization", "name": event.organiser, "url": event.url} if event.organiser else None,
    }
    return {key: value for key, value in data.items() if value}
