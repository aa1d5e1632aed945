"""Test databases as copies of one template, and the demo as a snapshot of its rows and files.

Migrating an empty database takes half a minute of CPU time. One process does this after a change of migrations, and each
process of a run copies the result. The name of a template is a key of everything that it depends on, so it is never stale; the
newest ones are kept for other branches. File locks prevent processes of one user from building the same template twice.

SQLite keeps its templates under `var/test-templates`, PostgreSQL keeps them as databases. Snapshots of the demo are files.
"""

import fcntl
import functools
import hashlib
import inspect
import os
import pickle
import shutil
import subprocess
import sys
import tempfile
import time
import weakref
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime
from importlib.metadata import distributions
from pathlib import Path

from django.apps import apps
from django.conf import settings
from django.core.cache import cache
from django.core.management.color import no_style
from django.db import DEFAULT_DB_ALIAS, connection, transaction
from django.db.models.signals import post_migrate
from django.utils import timezone

from tests.clean_up import MigratedRows, filled_tables
from tests.servers import database_url

TEMPLATES_KEPT = 5
# A run may still copy a template that was last used within this time.
SECONDS_IN_USE = 24 * 3600
LOCKS = 64
# Read before a test freezes the time.
TODAY = timezone.localdate()


def lock_path(name: object) -> Path:
    """Return the lock file of a template or snapshot. There is a small fixed number of lock files."""
    number = int(hashlib.sha256(str(name).encode()).hexdigest(), 16) % LOCKS
    return Path(tempfile.gettempdir()) / f"pydotorg-test-templates-{os.getuid()}-{number}.lock"


@contextmanager
def file_lock(name: object) -> Iterator[None]:
    """Wait until no other process of this user builds or copies this template or snapshot."""
    with lock_path(name).open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def hash_files(files: Iterable[Path], *more: str) -> str:
    """Return a short key of the names and contents of files, and of other strings."""
    digest = hashlib.sha256("\n".join(more).encode())
    for file in sorted(files):
        # Checkouts share templates, so file names are relative.
        is_installed = "site-packages" in file.parts
        name = Path(*file.parts[file.parts.index("site-packages") :]) if is_installed else file.relative_to(settings.BASE_DIR)
        digest.update(f"\n{name}\n".encode() + file.read_bytes())
    return digest.hexdigest()[:16]


@functools.cache
def migrations_key() -> str:
    """Return a key of everything that a freshly migrated database depends on."""
    files = {file for app in apps.get_app_configs() for file in Path(app.path).glob("migrations/*.py")}
    for _, receiver, *_ in post_migrate.receivers:
        function = receiver() if isinstance(receiver, weakref.ReferenceType) else receiver
        files.add(Path(inspect.getsourcefile(function)))
    here = Path(__file__)
    files |= {*(settings.BASE_DIR / "pydotorg/settings").glob("*.py"), here, here.with_name("clean_up.py")}
    installed = sorted(f"{package.name}=={package.version}" for package in distributions())
    return hash_files(files, connection.vendor, sys.version, *settings.INSTALLED_APPS, *installed)


@functools.cache
def demo_key() -> str:
    """Return a key of what the demo depends on: the template, the code, the content, and today's date."""
    ours = [Path(app.path) for app in apps.get_app_configs() if Path(app.path).parent == settings.BASE_DIR]
    folders = [*ours, settings.BASE_DIR / "pydotorg", settings.BASE_DIR / "templates"]
    files = {file for folder in folders for kind in ("py", "txt", "html") for file in folder.rglob(f"*.{kind}")}
    return hash_files(files, migrations_key(), str(TODAY))


class SQLiteServer:
    """SQLite databases, which are files."""

    def __init__(self):
        self.folder = templates_folder()

    def template_name(self, key: str) -> str:
        return str(self.folder / f"migrated-{key}.sqlite3")

    def has(self, name: str) -> bool:
        return Path(name).exists()

    def rename(self, name: str, new_name: str) -> None:
        Path(name).rename(new_name)

    def copy(self, template: str, name: str) -> None:
        shutil.copyfile(template, name)

    def note_use(self, template: str) -> None:
        os.utime(template)

    def remove_old_templates(self) -> None:
        remove_old_files(self.folder.glob("migrated-*"))

    def drop(self, name: str) -> None:
        for suffix in ("", "-wal", "-shm"):
            Path(name + suffix).unlink(missing_ok=True)


class PostgreSQLServer:
    """Databases on the server in DATABASE_URL. The comment of a template contains the time of its last use."""

    def execute(self, query: str) -> list[tuple]:
        with connection._nodb_cursor() as cursor:
            cursor.execute(query)
            return cursor.fetchall() if cursor.description else []

    def template_name(self, key: str) -> str:
        return f"pydotorg_template_{key}"

    def has(self, name: str) -> bool:
        return bool(self.execute(f"SELECT 1 FROM pg_database WHERE datname = '{name}'"))  # noqa: S608 -- a name of ours.

    def rename(self, name: str, new_name: str) -> None:
        self.execute(f'ALTER DATABASE "{name}" RENAME TO "{new_name}"')

    def copy(self, template: str, name: str) -> None:
        self.drop(name)
        self.execute(f'CREATE DATABASE "{name}" TEMPLATE "{template}"')
        # No test cuts the power of the server, so none waits for its disk.
        self.execute(f'ALTER DATABASE "{name}" SET synchronous_commit = off')

    def note_use(self, template: str) -> None:
        self.execute(f"COMMENT ON DATABASE \"{template}\" IS '{timezone.now().isoformat()}'")

    def remove_old_templates(self) -> None:
        rows = self.execute(
            "SELECT datname, shobj_description(oid, 'pg_database') FROM pg_database WHERE datname LIKE 'pydotorg_template_%'"
            " ORDER BY 2 DESC NULLS LAST"
        )
        for name, used_at in rows[TEMPLATES_KEPT:]:
            if not used_at or datetime.fromisoformat(used_at).timestamp() < time.time() - SECONDS_IN_USE:
                self.drop(name)

    def drop(self, name: str) -> None:
        self.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')


def get_server() -> SQLiteServer | PostgreSQLServer:
    return {"sqlite": SQLiteServer, "postgresql": PostgreSQLServer}[connection.vendor]()


def templates_folder() -> Path:
    folder = settings.VAR_DIR / "test-templates"
    folder.mkdir(exist_ok=True)
    # Checkouts may link to the same folder, so locks are named after it.
    return folder.resolve()


def remove_old_files(files: Iterable[Path]) -> None:
    for file in sorted(files, key=lambda file: file.stat().st_mtime, reverse=True)[TEMPLATES_KEPT:]:
        if file.stat().st_mtime < time.time() - SECONDS_IN_USE:
            file.unlink()


def remove_leftovers() -> None:
    """Remove the databases and files of test processes that were killed."""
    for folder in settings.VAR_DIR.glob("test-[0-9]*/"):
        if not is_running(int(folder.name.removeprefix("test-"))):
            shutil.rmtree(folder, ignore_errors=True)


def is_running(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


@contextmanager
def test_database() -> Iterator[None]:
    """Give this process a migrated database of its own, and remove it with its files at the end."""
    server = get_server()
    name, original = connection.creation._get_test_db_name(), connection.settings_dict["NAME"]
    settings.TEST_DIR.mkdir(exist_ok=True)
    remove_leftovers()
    template = server.template_name(migrations_key())
    with file_lock(template):
        if not server.has(template):
            build_template(server, template)
        server.note_use(template)
        server.copy(template, name)
    use_database(name)
    yield
    use_database(original)
    server.drop(name)
    shutil.rmtree(settings.TEST_DIR, ignore_errors=True)


def build_template(server: SQLiteServer | PostgreSQLServer, template: str) -> None:
    """Migrate an empty database. It is renamed at the end, so that no incomplete template is used."""
    options = connection.settings_dict["TEST"]
    original, options["NAME"] = options["NAME"], f"{template}_{os.getpid()}"
    connection.creation.create_test_db(verbosity=0, autoclobber=True, serialize=False)
    MigratedRows.save()
    connection.close()
    server.rename(options["NAME"], template)
    options["NAME"] = original
    server.note_use(template)
    server.remove_old_templates()


def use_database(name: str) -> None:
    connection.close()
    settings.DATABASES[DEFAULT_DB_ALIAS]["NAME"] = connection.settings_dict["NAME"] = name


def fill(*, pages_only: bool = False) -> None:
    """Load the demo from a snapshot, which is built if necessary, instead of running `demo.content.fill`.

    The tables that the demo fills are emptied first, so call this before a test creates rows in them.
    """
    path = templates_folder() / f"demo-{connection.vendor}-{'pages' if pages_only else 'all'}-{demo_key()}"
    with file_lock(path):
        if not path.exists():
            part = path.with_name(f"part-{path.name}")
            build_snapshot(part, pages_only=pages_only)
            part.rename(path)
            remove_old_files(templates_folder().glob("*demo-*"))
        os.utime(path)
        rows, files = pickle.loads(path.read_bytes())  # noqa: S301 -- a file of ours.
    with transaction.atomic(), connection.cursor() as cursor:
        for name in filled_tables(sorted(rows)):
            cursor.execute(f"DELETE FROM {connection.ops.quote_name(name)}")  # noqa: S608 -- our tables.
        for name, content in rows.items():
            insert_rows(cursor, connection.ops.quote_name(name), content)
        if connection.vendor == "postgresql":
            reset_sequences(cursor, rows)
    # The rows were loaded without signals.
    cache.clear()
    for name, content in files.items():
        file = settings.TEST_DIR / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content)


def build_snapshot(path: Path, *, pages_only: bool) -> None:
    """Fill another copy of the template, in a process without the settings, clock or transaction of a test."""
    with template_copy("demo") as name:
        variables = {"DATABASE_URL": database_url(name), "DJANGO_SETTINGS_MODULE": "pydotorg.settings.test"}
        command = [sys.executable, "-m", "tests.snapshot", str(path), *(["--pages-only"] if pages_only else [])]
        subprocess.run(command, env=os.environ | variables, cwd=settings.BASE_DIR, check=True, capture_output=True)


@contextmanager
def template_copy(suffix: str) -> Iterator[str]:
    """Yield the name of another copy of the template on the same server."""
    server, name = get_server(), f"{connection.settings_dict['NAME']}_{suffix}"
    server.copy(server.template_name(migrations_key()), name)
    try:
        yield name
    finally:
        server.drop(name)


def insert_rows(cursor, table: str, content: bytes | list[tuple]) -> None:
    if connection.vendor == "postgresql":
        with cursor.copy(f"COPY {table} FROM STDIN") as copy:
            copy.write(content)
    else:
        places = ", ".join(["%s"] * len(content[0]))
        cursor.executemany(f"INSERT INTO {table} VALUES ({places})", content)  # noqa: S608 -- our tables.


def reset_sequences(cursor, tables: Iterable[str]) -> None:
    """Advance sequences beyond the loaded rows."""
    models = [model for model in apps.get_models(include_auto_created=True) if model._meta.db_table in tables]
    for query in connection.ops.sequence_reset_sql(no_style(), models):
        cursor.execute(query)
