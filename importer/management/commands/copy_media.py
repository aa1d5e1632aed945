"""Copy the files of the old site that its rows name or link to. Repeatable: existing files are skipped."""

from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from importer.core import spool_of
from importer.core.files import copy_files, source_at
from importer.core.reading import HELP


class Command(BaseCommand):
    help = "Copy the files of the old site from a directory or bucket. Run this before importing its rows."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("media", help="directory or s3://bucket/folder with the media files of the old site")
        parser.add_argument("sources", nargs="+", metavar="SOURCE", help=HELP)
        parser.add_argument(
            "--checksums", action="store_true", help="also copy files again that have the same size but another content"
        )

    def handle(self, *, media: str, sources: list[str], checksums: bool, **options: Any) -> None:
        source = source_at(media)
        with spool_of(sources) as spool:
            report = copy_files(spool, source, checksums=checksums)
        for note in report.notes:
            self.stdout.write(note)
        for storage in ("default", "private"):
            counts = report.counts[storage]
            counts_text = ", ".join(f"{counts[outcome]} {outcome}" for outcome in ("created", "changed", "unchanged"))
            self.stdout.write(self.style.SUCCESS(f"{storage} storage: {counts_text}"))
        self.stdout.write(f"{len(report.problems)} files could not be copied.")
