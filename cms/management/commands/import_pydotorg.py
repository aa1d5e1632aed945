"""Take in data of the old site, as often as wanted: what is here already does not change."""

import json
from pathlib import Path

from django.core.management.base import BaseCommand, CommandError

from cms.legacy import import_rows


class Command(BaseCommand):
    help = "Import data of the old site: answers of its API v2 or dumps of its models. Running it again changes nothing."

    def add_arguments(self, parser):
        parser.add_argument("files", nargs="+", metavar="FILE", type=Path, help="a JSON file that holds a list of rows")
        parser.add_argument(
            "--fresh",
            action="store_true",
            help="first delete what this site has of the same kinds, such as the releases of the demo content",
        )

    def handle(self, *, files, fresh, verbosity, **options):
        rows = [row for file in files for row in self.read(file)]
        report = import_rows(rows, fresh=fresh)
        for note in report.notes:
            self.stdout.write(note)
        for label, counts in report.counts.items():
            outcomes = ["created", "changed", "unchanged", "kept", "skipped"]
            figures = ", ".join(f"{counts[outcome]} {outcome}" for outcome in outcomes)
            self.stdout.write(self.style.SUCCESS(f"{label}: {figures}"))

    def read(self, file: Path) -> list:
        try:
            rows = json.loads(file.read_text(encoding="utf-8"))
        except (OSError, ValueError) as error:
            raise CommandError(f"{file} cannot be read: {error}.") from error
        if not isinstance(rows, list):
            raise CommandError(f"{file} holds no list of rows.")
        return rows
