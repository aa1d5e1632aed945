"""Migrations run while the previous release serves requests, so they only add; a later release removes."""

import pytest
from django.apps import apps
from django.conf import settings
from django.db import connection
from django_migration_linter import MigrationLinter

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.skipif(connection.vendor != "postgresql", reason="The locks are those of PostgreSQL."),
]
OURS = [app.label for app in apps.get_app_configs() if app.path.startswith(str(settings.BASE_DIR)) and ".venv" not in app.path]
# No deployed release precedes these: they belong to the first one.
OF_THE_FIRST_RELEASE = ["0001_initial", "0002_initial", "0002_tolerant_imports", "0003_entry_guids"]

# Few rows, so that a lock takes milliseconds. The constraints are looser than the ones that they replace.
ON_SMALL_TABLES = ["0012_languages"]


def lint(apps: list[str] = OURS, **options) -> bool:
    """Return whether a migration breaks the previous release, or locks a table for as long as it has rows."""
    linter = MigrationLinter(
        str(settings.BASE_DIR), include_apps=apps, no_cache=True, all_warnings_as_errors=True, quiet=["ok", "ignore"], **options
    )
    linter.lint_all_migrations()
    return linter.has_errors


@pytest.mark.proves("S2-34")
def test_the_previous_release_runs_on_the_new_tables(capsys):
    assert not lint(ignore_name=[*OF_THE_FIRST_RELEASE, *ON_SMALL_TABLES]), capsys.readouterr().out


def test_what_takes_a_column_or_locks_a_table_is_found():
    # Migrations of allauth, which made such changes.
    assert lint(["account"])
