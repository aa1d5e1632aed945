"""Importer of the old site's data.

A source is a stream of rows. The modules of `importer.sections` register an importer for each old model; it runs after its
dependencies, and gets large numbers of rows in batches. `importer.models.ImportedRow` records the imported rows, so that a
later run finds the changes.
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
