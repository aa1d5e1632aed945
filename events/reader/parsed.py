"""Events of a remote calendar as plain data."""

import json
from dataclasses import asdict, dataclass, field
from datetime import date
from hashlib import sha256
from typing import Any

from events.models.events import Event


@dataclass
class Notice:
    """Sentence about an event, for the managers of the calendar."""

    uid: str
    title: str
    text: str

    def __str__(self) -> str:
        return f"“{self.title}”: {self.text}" if self.title else self.text


@dataclass
class Times:
    """Local start and end. All-day events have no times; their last day is `end_date`."""

    start_date: date
    start_time: str | None
    end_date: date
    end_time: str | None


@dataclass
class Instance:
    """Override of one date of the rule."""

    original: str
    title: str
    cancelled: bool
    times: Times | None


@dataclass
class ParsedEvent:
    """Event as described by its source. `warnings` are assumptions of the reader."""

    uid: str
    title: str
    text: str
    times: Times
    time_zone: str
    rrule: str = ""
    rdates: list[str] = field(default_factory=list)
    exdates: list[str] = field(default_factory=list)
    instances: list[Instance] = field(default_factory=list)
    place: str = ""
    position: list[float] | None = None
    url: str = ""
    online_url: str = ""
    organiser: str = ""
    status: str = Event.Status.SCHEDULED
    warnings: list[str] = field(default_factory=list)

    @property
    def digest(self) -> str:
        return sha256(json.dumps(self.to_json() | {"warnings": []}, sort_keys=True).encode()).hexdigest()

    def to_json(self) -> dict[str, Any]:
        return json.loads(json.dumps(asdict(self), default=str))

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> "ParsedEvent":
        instances = [Instance(**one | {"times": _times_from(one["times"])}) for one in data["instances"]]
        return cls(**data | {"times": _times_from(data["times"]), "instances": instances})


def _times_from(data: Any) -> Any:
    if data is None:
        return None
    return Times(
        date.fromisoformat(data["start_date"]), data["start_time"], date.fromisoformat(data["end_date"]), data["end_time"]
    )


@dataclass
class ParsedCalendar:
    """Content of a file. `uids` are those of all events except `private` ones, including events that cannot be imported."""

    events: list[ParsedEvent] = field(default_factory=list)
    problems: list[Notice] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    uids: set[str] = field(default_factory=set)
    private: set[str] = field(default_factory=set)
    is_complete: bool = True
    is_damaged: bool = False
