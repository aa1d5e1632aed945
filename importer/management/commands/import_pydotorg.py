"""Import data of the old site. Repeatable: existing rows do not change."""

import json
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from importer.core import import_rows, spool_of
from importer.core.reading import HELP
from importer.core.roles import RoleMapping, RoleMappingError
from importer.core.table import as_markdown

OUTCOMES = ["created", "changed", "unchanged", "kept", "skipped"]


class Command(BaseCommand):
    help = "Import data of the old site: answers of its API v2 or dumps of its models. Running it again changes nothing."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("sources", nargs="*", metavar="SOURCE", help=HELP)
        parser.add_argument(
            "--fresh",
            action="store_true",
            help="first delete what this site has of the same kinds, such as the releases of the demo content",
        )
        parser.add_argument("--dry-run", action="store_true", help="tell what would happen, and change nothing")
        parser.add_argument(
            "--delta", action="store_true", help="look only at rows that are new, or not as they were when they last came"
        )
        parser.add_argument(
            "--roles",
            type=Path,
            metavar="FILE",
            help="give accounts the roles that people chose in this CSV file; `verify_pydotorg --report` proposes one",
        )
        parser.add_argument("--report", type=Path, metavar="FILE", help="write what happened to this file, as JSON")
        parser.add_argument("--table", action="store_true", help="print where the rows of each old model go, and do nothing")

    def handle(
        self,
        *,
        sources: list[str],
        fresh: bool,
        dry_run: bool,
        delta: bool,
        roles: Path | None,
        report: Path | None,
        table: bool,
        **options: Any,
    ) -> None:
        if table:
            self.stdout.write(as_markdown())
            return
        if not sources:
            raise CommandError("Name at least one source to import.")
        if roles and delta:
            raise CommandError("Apply a file of roles in a full run: with --delta, unchanged accounts are not read.")
        try:
            mapping = RoleMapping.read(roles) if roles else None
        except RoleMappingError as error:
            raise CommandError(str(error)) from error
        with spool_of(sources) as spool:
            found = import_rows(spool, fresh=fresh, dry_run=dry_run, delta=delta, roles=mapping, progress=self.show)
        for note in found.notes:
            self.stdout.write(note)
        for label, counts in found.counts.items():
            counts_text = ", ".join(f"{counts[outcome]} {outcome}" for outcome in [*OUTCOMES, *(set(counts) - set(OUTCOMES))])
            self.stdout.write(self.style.SUCCESS(f"{label}: {counts_text}"))
        summary = f"{found.changes()} rows created or changed, {len(found.problems)} refused, {len(found.conflicts)} conflicts."
        self.stdout.write(f"{summary} Nothing was written." if dry_run else summary)
        if report:
            report.write_text(json.dumps(found.as_json(), indent=1, default=str), encoding="utf-8")

    def show(self, label: str, done: int, total: int) -> None:
        if self.stderr.isatty():
            self.stderr.write(f"\r{label} {done}/{total}\033[K", ending="" if done < total else "\n")
