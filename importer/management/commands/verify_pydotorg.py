"""Compare imported data with its source. The exit status is 1 if there are unexplained differences."""

import csv
import json
import logging
import sys
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.template.loader import render_to_string

from cms.platform.logs import minimum_level
from importer.checks.rights import proposed_roles, rights_table
from importer.core import spool_of
from importer.core.comparison import Finding
from importer.core.files import compare_files, source_at
from importer.core.progress import Progress
from importer.core.reading import HELP
from importer.core.roles import COLUMNS
from importer.core.verifying import verify
from importer.core.walking import PATTERNS, read_patterns, walk

LOST = "it is missing on the old site"
RIGHTS_COLUMNS = ("account", "kinds", "ability", "here")


def write_table(file: Path, columns: tuple[str, ...], rows: list[dict[str, str]]) -> None:
    with file.open("w", encoding="utf-8", newline="") as table:
        writer = csv.DictWriter(table, columns)
        writer.writeheader()
        writer.writerows(rows)


class Command(BaseCommand):
    help = "Compare this site with the data of the old one: counts, fields, URLs, API responses and texts."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("sources", nargs="+", metavar="SOURCE", help=HELP)
        parser.add_argument(
            "--report",
            type=Path,
            metavar="DIR",
            help="write verify.html, verify.json, the table of permissions and a proposed roles file to this directory",
        )
        parser.add_argument(
            "--media",
            metavar="PLACE",
            help="compare the checksums of all files with this directory or s3://bucket/folder",
        )
        parser.add_argument(
            "--urls",
            type=Path,
            metavar="FILE",
            default=PATTERNS,
            help="URL patterns of the old site and their names, separated by tabs (default: the list of the previous release)",
        )

    def handle(self, *, sources: list[str], report: Path | None, urls: Path, media: str | None, **options: Any) -> None:
        progress = Progress(sys.stderr)
        place = source_at(media) if media else None
        with spool_of(sources) as spool:
            verdict = verify(spool, progress)
            with minimum_level("django.request", logging.CRITICAL):
                verdict.old_urls, findings = walk(spool, read_patterns(urls), progress)
            verdict.findings += findings
            verdict.rights = rights_table(spool)
            if place:
                verdict.findings += [
                    Finding("file", wanted.label, wanted.key, detail, LOST if detail.endswith("either.") else "")
                    for wanted, detail in compare_files(spool, place)
                ]
        losses = proposed_roles(verdict.rights)
        if report:
            report.mkdir(parents=True, exist_ok=True)
            (report / "verify.json").write_text(json.dumps(verdict.as_json(), indent=1, default=str), encoding="utf-8")
            write_table(report / "rights.csv", RIGHTS_COLUMNS, verdict.rights)
            write_table(report / "roles.csv", COLUMNS, losses)
            (report / "verify.html").write_text(
                render_to_string("cms/verify_report.html", {"verdict": verdict}), encoding="utf-8"
            )
        for line in losses:
            self.stdout.write(f"rights: {line['account']} {line['note']}")
        for finding in verdict.unexplained:
            self.stdout.write(f"{finding.what}: {finding.label} {finding.key}: {finding.detail}")
        rows = sum(count["here"] for count in verdict.counts)
        self.stdout.write(
            f"Compared {rows} rows in {len(verdict.checksums)} fields, {verdict.paths} URLs of rows, {verdict.old_urls} URL "
            f"patterns of the old site and {verdict.texts} texts: {len(verdict.unexplained)} differences, and "
            f"{len(verdict.explained)} that have a reason."
        )
        if verdict.unexplained:
            raise CommandError("This site differs from its source.", returncode=1)
