"""The import of the old site's data.

A source is a stream of rows. Each section has a module `legacy` that registers, for each kind of row, the function that takes
them in. The rows of a kind come after the kinds that it builds on, those of many rows in parts. What is taken in stands in
`importer.models.ImportedRow`, so that a later run knows what has changed over there.
"""

from .reading import spool_of
from .registry import after_rows, before_rows, importer
from .rendering import rendered
from .report import DATA_ERRORS, Report
from .running import import_rows
from .sources import Spool, label_of
from .writing import is_edited_here, person, publication, refuse_lost_parents, same, store, write, write_page

__all__ = [
    "DATA_ERRORS",
    "Report",
    "Spool",
    "after_rows",
    "before_rows",
    "import_rows",
    "importer",
    "is_edited_here",
    "label_of",
    "person",
    "publication",
    "refuse_lost_parents",
    "rendered",
    "same",
    "spool_of",
    "store",
    "write",
    "write_page",
]
