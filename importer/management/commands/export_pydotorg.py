"""Export rows changed on this site in the dump format of the old one, to revert a migration."""

import json
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from importer.core import spool_of
from importer.core.reading import HELP
from importer.exporting import export_rows


class Command(BaseCommand):
    help = "Export the rows changed on this site since the import, as a dump that the old site can load with loaddata."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("sources", nargs="+", metavar="SOURCE", help=HELP)
        parser.add_argument("--output", type=Path, metavar="FILE", required=True, help="path of the dump to write, as JSON")

    def handle(self, *, sources: list[str], output: Path, **options: Any) -> None:
        with spool_of(sources) as spool:
            export = export_rows(spool)
        output.write_text(json.dumps(export.rows, indent=1, default=str), encoding="utf-8")
        for note in export.notes:
            self.stdout.write(note)
        self.stdout.write(f"{len(export.rows)} rows written, {len(export.notes)} to enter manually.")
