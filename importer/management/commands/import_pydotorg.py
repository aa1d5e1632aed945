"""Import data from the old site. Idempotent: existing rows do not change."""

import json
import sys
from datetime import date
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from cms.platform.dates import show_date
from importer.core import import_rows, spool_of
from importer.core.progress import Progress
from importer.core.reading import HELP
from importer.core.registry import importers
from importer.core.roles import RoleMapping, RoleMappingError
from importer.core.sources import Spool
from importer.core.table import as_markdown
from importer.models import ImportedRow, ParallelRunning, Section
from importer.parallel import section_of

OUTCOMES = ["created", "changed", "unchanged", "kept", "skipped"]


# Models whose rows show that a site already has content, such as demo content.
TELLING = ("downloads.release", "downloads/release", "jobs.job", "events.event", "sponsors.sponsor", "blogs.blogentry")


def refuse_other_content(spool: Spool) -> None:
    """Raise CommandError if the site has content that was not imported, because its IDs and slugs would conflict."""
    for label in [label for label in TELLING if label in spool.counts()]:
        model = importers()[label].model
        number = model._default_manager.count() if model else 0
        if model and number and not ImportedRow.objects.filter(label=label).exists():
            raise CommandError(
                f"This site has {number} {model._meta.verbose_name_plural} that were not imported, such as demo content. "
                "Import into an empty database, delete existing rows with --fresh, or keep them with --keep-existing."
            )


def sections_of(spool: Spool) -> list[Section]:
    """Return the sections whose records are in the sources."""
    models = [importers()[label].model for label in spool.counts() if label in importers()]
    found = {section_of(model) for model in models if model}
    return [section for section in Section if section in found]


def lock_notes(sections: list[Section]) -> list[str]:
    """Return sentences about the sections that are locked here, and about those that both sites can edit."""
    locks = ParallelRunning.locks()
    notes = [f"Locked here until {show_date(locks[one], 'LONG_DATE')}: {one.label}." for one in sections if one in locks]
    if editable := [str(one.label) for one in sections if one not in locks]:
        notes.append(
            f"Editable on both sites: {', '.join(editable)}. Changes here are kept and become conflicts. Lock sections that are "
            "edited on the previous site with --lock-until, or under Settings, Parallel running."
        )
    return notes


def parse_date(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise CommandError(f"{text} is not a date. Write it like 2026-12-15.") from error


class Command(BaseCommand):
    help = "Import data of the old site from dumps of its models or responses of its API v2. Running it again changes nothing."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("sources", nargs="*", metavar="SOURCE", help=HELP)
        parser.add_argument(
            "--fresh",
            action="store_true",
            help="first delete existing rows of the same models, such as the releases of the demo content",
        )
        parser.add_argument(
            "--keep-existing",
            action="store_true",
            help="import beside content that no import has made; rows whose IDs or slugs it uses are refused",
        )
        parser.add_argument("--dry-run", action="store_true", help="report what would happen without changing anything")
        parser.add_argument(
            "--delta", action="store_true", help="import only rows that are new or have changed since the last import"
        )
        parser.add_argument(
            "--complete",
            action="store_true",
            help="the sources are complete: deactivate accounts and revoke keys that they lack, and list other missing rows",
        )
        parser.add_argument(
            "--roles",
            type=Path,
            metavar="FILE",
            help="give accounts the roles that people chose in this CSV file; `verify_pydotorg --report` proposes one",
        )
        parser.add_argument(
            "--lock-until",
            metavar="DATE",
            help="let nobody edit the sections of the sources on this site until a date such as 2026-12-15",
        )
        parser.add_argument("--report", type=Path, metavar="FILE", help="write a report to this file, as JSON")
        parser.add_argument("--table", action="store_true", help="print the target of each old model and exit")

    def handle(
        self,
        *,
        sources: list[str],
        fresh: bool,
        dry_run: bool,
        delta: bool,
        keep_existing: bool,
        complete: bool,
        roles: Path | None,
        lock_until: str | None,
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
            raise CommandError("A roles file needs a full import: with --delta, unchanged accounts are not read.")
        try:
            mapping = RoleMapping.read(roles) if roles else None
        except RoleMappingError as error:
            raise CommandError(str(error)) from error
        until = parse_date(lock_until) if lock_until else None
        with spool_of(sources) as spool:
            if not fresh and not keep_existing:
                refuse_other_content(spool)
            sections = sections_of(spool)
            if until and not dry_run:
                ParallelRunning.lock(sections, until)
            found = import_rows(
                spool,
                fresh=fresh,
                dry_run=dry_run,
                delta=delta,
                complete=complete,
                roles=mapping,
                progress=Progress(sys.stderr),
            )
        for note in [*found.notes, *(lock_notes(sections) if delta or until else [])]:
            self.stdout.write(note)
        for label, counts in found.counts.items():
            counts_text = ", ".join(f"{counts[outcome]} {outcome}" for outcome in [*OUTCOMES, *(set(counts) - set(OUTCOMES))])
            self.stdout.write(self.style.SUCCESS(f"{label}: {counts_text}"))
        summary = f"{found.changes()} rows created or changed, {len(found.problems)} rejected, {len(found.conflicts)} conflicts."
        self.stdout.write(f"{summary} Nothing was saved." if dry_run else summary)
        if report:
            report.write_text(json.dumps(found.as_json(), indent=1, default=str), encoding="utf-8")
