"""Registry of the checks and probes of `verify_pydotorg`. The modules of `importer.checks` register them."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from decimal import Decimal
from operator import attrgetter
from typing import Any

from django.db import models
from django.test import Client
from django.utils.dateparse import parse_datetime

from .sources import Spool

Theirs = str | Callable[[dict], Any]


@dataclass(frozen=True)
class Check:
    """Comparison of the rows of an old model with those of this site.

    `fields` maps each field of this site (dots follow relations) to its old value: the name of a field, or a function of all
    old fields, with the old ID as "pk". `key` is the old value of the new field `ours`; None means that there is no row.
    `state` is a new field with its old value, for the counts. `addresses` are the old URLs of the row, `texts` its old and new
    text.
    """

    model: type[models.Model]
    fields: Mapping[str, Theirs] = field(default_factory=dict)
    key: Theirs = "pk"
    ours: str = "pk"
    state: tuple[str, Theirs] | None = None
    paths: Callable[[dict], Iterable[str]] | None = None
    texts: tuple[Callable[[dict], str], Callable[[Any], str]] | None = None


@dataclass(frozen=True)
class Finding:
    """Difference between the sites, with a reason if it is expected."""

    what: str
    label: str
    key: str
    detail: str
    reason: str = ""


Probe = Callable[[Spool, Client], Iterable[Finding]]
_checks: dict[str, Check] = {}
_probes: list[Probe] = []


def checked(label: str, check: Check) -> None:
    """Register a check of an old model."""
    _checks[label] = check


def probe(function: Probe) -> Probe:
    """Register a comparison that does not compare rows, for example of API responses."""
    _probes.append(function)
    return function


def checks() -> dict[str, Check]:
    return dict(_checks)


def probes() -> list[Probe]:
    return list(_probes)


def theirs(fields: dict, source: Theirs) -> Any:
    return fields.get(source) if isinstance(source, str) else source(fields)


def ours(instance: models.Model, name: str) -> Any:
    return attrgetter(name)(instance)


def plain(value: Any) -> str:
    """Return a value as normalized text that both sites share: times in UTC, None as an empty string."""
    if value is None:
        return ""
    if isinstance(value, bool) or not isinstance(value, (str, int, float, Decimal, datetime, date)):
        return str(value)
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat()
    text = str(value)
    if len(text) > len("2026-01-01T00:00") and text[10:11] == "T":
        moment = parse_datetime(text)
        return moment.astimezone(UTC).isoformat() if moment else text
    return text
