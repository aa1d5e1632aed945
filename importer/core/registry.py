"""Registry of importers by old model."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from graphlib import TopologicalSorter
from importlib import import_module

from django.db import models

from .report import Report

Take = Callable[[list[dict], Report], None]


@dataclass(frozen=True)
class Importer:
    take: Take
    model: type[models.Model] | None
    after: tuple[str, ...]
    in_parts: bool
    always: bool


_importers: dict[str, Importer] = {}
_first: list[Callable[[Report], None]] = []
_last: list[Callable[[Report], None]] = []


def importer(
    label: str,
    model: type[models.Model] | None,
    *,
    after: Iterable[str] = (),
    in_parts: bool = False,
    always: bool = False,
) -> Callable[[Take], Take]:
    """Register an importer for rows of an old model, with the models that it depends on.

    The importer gets all rows at once or, with `in_parts`, in batches. `model` is the model that a fresh import empties; None
    for rows that must not be deleted, such as accounts, or that become part of other rows. `always` also passes unchanged rows,
    because other importers need them.
    """

    def register(take: Take) -> Take:
        _importers[label] = Importer(take, model, tuple(after), in_parts, always)
        return take

    return register


def before_rows(prepare: Callable[[Report], None]) -> Callable[[Report], None]:
    """Register a function that runs before all rows."""
    _first.append(prepare)
    return prepare


def after_rows(finish: Callable[[Report], None]) -> Callable[[Report], None]:
    """Register a function that runs after all rows."""
    _last.append(finish)
    return finish


def importers() -> dict[str, Importer]:
    """Return all importers in the order of their dependencies."""
    import_module("importer.sections")
    sequence = TopologicalSorter({label: known.after for label, known in _importers.items()}).static_order()
    # A dependency may be a model without an importer.
    return {label: _importers[label] for label in sequence if label in _importers}


def preparations() -> list[Callable[[Report], None]]:
    return list(_first)


def endings() -> list[Callable[[Report], None]]:
    return list(_last)
