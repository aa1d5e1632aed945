"""Which function takes in which kind of row."""

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
    """Register the function below for rows of a kind, to run after the importers of other kinds.

    It gets all rows of its kind at once or, where one row needs no other, in parts. `model` is what a fresh start deletes; None
    for rows that are not the site's to throw away, such as accounts, or that become part of something else. `always` says that
    other kinds need these rows in each run, changed or not.
    """

    def register(take: Take) -> Take:
        _importers[label] = Importer(take, model, tuple(after), in_parts, always)
        return take

    return register


def before_rows(prepare: Callable[[Report], None]) -> Callable[[Report], None]:
    """Register a function that makes what rows of several kinds need, before any row comes."""
    _first.append(prepare)
    return prepare


def after_rows(finish: Callable[[Report], None]) -> Callable[[Report], None]:
    """Register a function that ends what the rows of all kinds began."""
    _last.append(finish)
    return finish


def importers() -> dict[str, Importer]:
    """All importers, those that others build on first."""
    import_module("importer.sections")
    sequence = TopologicalSorter({label: known.after for label, known in _importers.items()}).static_order()
    # An importer may come after a kind of rows that nothing here takes in.
    return {label: _importers[label] for label in sequence if label in _importers}


def preparations() -> list[Callable[[Report], None]]:
    return list(_first)


def endings() -> list[Callable[[Report], None]]:
    return list(_last)
