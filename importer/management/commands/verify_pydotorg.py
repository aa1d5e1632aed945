"""Compare imported data with its source. The exit status is 1 if there are unexplained differences."""

import json
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.template.loader import render_to_string

from importer.core import spool_of
from importer.core.reading import HELP
from importer.core.verifying import verify


class Command(BaseCommand):
    help = "Compare this site with the data of the old one: counts, fields, addresses, answers of the APIs, and words."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("sources", nargs="+", metavar="SOURCE", help=HELP)
        parser.add_argument(
            "--report", type=Path, metavar="DIR", help="write verify.html and verify.json there, with all that was compared"
        )

    def handle(self, *, sources: list[str], report: Path | None, **options: Any) -> None:
        with spool_of(sources) as spool:
            verdict = verify(spool, self.show)
        if report:
            report.mkdir(parents=True, exist_ok=True)
            (report / "verify.json").write_text(json.dumps(verdict.as_json(), indent=1, default=str), encoding="utf-8")
            (report / "verify.html").write_text(
                render_to_string("cms/verify_report.html", {"verdict": verdict}), encoding="utf-8"
            )
        for finding in verdict.unexplained:
            self.stdout.write(f"{finding.what}: {finding.label} {finding.key}: {finding.detail}")
        rows = sum(count["here"] for count in verdict.counts)
        self.stdout.write(
            f"Compared {rows} rows in {len(verdict.checksums)} fields, {verdict.paths} addresses and {verdict.texts} texts: "
            f"{len(verdict.unexplained)} differences, and {len(verdict.explained)} that have a reason."
        )
        if verdict.unexplained:
            raise CommandError("This site is not what its source says.", returncode=1)

    def show(self, label: str, done: int, total: int) -> None:
        if self.stderr.isatty():
            self.stderr.write(f"\r{label} {done}/{total}\033[K", ending="" if done < total else "\n")
