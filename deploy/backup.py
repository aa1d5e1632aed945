"""Back up the database with a list of all media files, and restore it into an empty database.

    python deploy/backup.py save var/backups          # creates var/backups/2026-11-25T030000Z/
    python deploy/backup.py restore var/backups/2026-11-25T030000Z
    python deploy/backup.py schedule var/backups --hours 24 --days 14   # now and daily; deletes backups older than two weeks

`schedule` runs until it is stopped. A failed backup is logged as an error and retried after ten minutes. The time of each
backup is recorded in the database, so that the site can check its age (BACKUP_MAX_AGE_HOURS).

A backup is a folder: `database` (pg_dump's own format, or the SQLite file), `media.json` (name and bytes of each file in the
stores) and `manifest.json`, written last: release, rows of each table, bytes and SHA-256 of the others. Where BACKUP_KEY_FILE
names a public GPG key, only its owner can read the first two. An incomplete backup, or a database that already has tables, is
rejected with an error message. The media files themselves are not part of a backup: enable versioning in their bucket, or copy
`var/media`.
"""

import argparse
import hashlib
import json
import logging
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import django

ROOT = Path(__file__).resolve().parents[1]
MANIFEST = "manifest.json"
RETRY_SECONDS = 600


class BackupError(Exception):
    """Failed backup or restore, with the reason as a sentence."""


def save(folder: Path) -> Path:
    """Create a backup in a new subfolder of this one. The folder gets its final name once the backup is complete."""
    from django.conf import settings
    from django.db import connection

    started = time.monotonic()
    complete = folder / f"{datetime.now(UTC):%Y-%m-%dT%H%M%SZ}"
    partial = complete.with_suffix(".partial")
    partial.mkdir(parents=True)
    key = os.environ.get("BACKUP_KEY_FILE", "")
    try:
        rows = DUMPS[connection.vendor](connection, partial / "database", key)
        write(partial / "media.json", json.dumps(media(), indent=1).encode(), key)
        manifest = {
            "release": settings.RELEASE,
            "engine": connection.vendor,
            "encrypted": bool(key),
            "rows": rows,
            "files": {path.name: [path.stat().st_size, checksum(path)] for path in sorted(partial.iterdir())},
        }
        (partial / MANIFEST).write_text(json.dumps(manifest, indent=1), encoding="utf-8")
        partial.rename(complete)
    except BaseException:
        shutil.rmtree(partial, ignore_errors=True)
        raise
    note_backup()
    report("Saved", complete, rows, time.monotonic() - started)
    return complete


def note_backup() -> None:
    """Record the time of the backup in the database, for `cms.platform.tasks.check_backup_age`."""
    from django.utils import timezone

    from cms.platform.models import ScheduleState
    from cms.platform.tasks import BACKUP

    ScheduleState.objects.update_or_create(path=BACKUP, defaults={"done_until": timezone.now()})


def schedule(folder: Path, *, hours: float, days: float) -> None:
    """Create a backup now and every `hours`, and delete backups older than `days`. Runs until it is stopped."""
    from django.db import connections

    # The first process of a container receives only signals that it handles.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    while True:
        pause = hours * 3600
        try:
            save(folder)
            delete_old(folder, days=days)
        except Exception:
            # After any error the next attempt may succeed; the age of the newest backup triggers the alert.
            logging.getLogger("tasks").exception("The backup failed and is tried again in ten minutes.")
            pause = min(pause, RETRY_SECONDS)
        connections.close_all()
        time.sleep(pause)


def delete_old(folder: Path, *, days: float) -> None:
    """Delete complete backups older than `days` and the remains of failed attempts, but never the newest backup."""
    complete = sorted(path for path in folder.iterdir() if (path / MANIFEST).exists() and path.suffix != ".partial")
    oldest = f"{datetime.now(UTC) - timedelta(days=days):%Y-%m-%dT%H%M%SZ}"
    for path in [path for path in complete[:-1] if path.name < oldest] + list(folder.glob("*.partial")):
        shutil.rmtree(path)


def restore(folder: Path) -> None:
    """Restore a backup. Raises BackupError before writing anything if the backup is incomplete or the database is not empty."""
    from django.db import connection

    started = time.monotonic()
    manifest = check(folder)
    if manifest["engine"] != connection.vendor:
        raise BackupError(f"The backup is one of {manifest['engine']}, the database is {connection.vendor}.")
    if tables := connection.introspection.table_names():
        raise BackupError(f"The database has {len(tables)} tables already. Restore into an empty one, then switch DATABASE_URL.")
    with readable(folder / "database", encrypted=manifest["encrypted"]) as database:
        LOADS[connection.vendor](connection, database)
    found = count_rows(connection)
    if found != manifest["rows"]:
        differ = sorted(table for table in found | manifest["rows"] if found.get(table) != manifest["rows"].get(table))
        raise BackupError(f"These tables have other numbers of rows than the backup: {', '.join(differ)}.")
    with readable(folder / "media.json", encrypted=manifest["encrypted"]) as path:
        listed, there = json.loads(path.read_text(encoding="utf-8")), media()
    report("Restored", folder, found, time.monotonic() - started)
    absent = [f"{store}: {name}" for store, files in listed.items() for name in sorted(set(files) - set(there[store]))]
    if absent:
        print(f"{len(absent)} files of the backup are not in the stores, the first: {absent[0]}.")


def check(folder: Path) -> dict:
    """Return the manifest of a complete backup. Raises BackupError for an incomplete one."""
    try:
        manifest = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise BackupError(f"{folder} is no complete backup: it has no readable {MANIFEST}.") from error
    for name, (size, digest) in manifest["files"].items():
        path = folder / name
        there = path.stat().st_size if path.exists() else 0
        if there != size:
            raise BackupError(f"The backup is cut short: {name} has {there} of {size} bytes.")
        if checksum(path) != digest:
            raise BackupError(f"The backup is damaged: the checksum of {name} is another one.")
    return manifest


def count_rows(connection) -> dict[str, int]:
    with connection.cursor() as cursor:
        counts = {}
        for table in sorted(connection.introspection.table_names(cursor)):
            cursor.execute(f"SELECT count(*) FROM {connection.ops.quote_name(table)}")  # noqa: S608
            counts[table] = cursor.fetchone()[0]
    return counts


def dump_postgresql(connection, target: Path, key: str) -> dict[str, int]:
    """Dump the database and count its rows on the same snapshot, so that concurrent writes do not matter."""
    from django.db import transaction

    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        cursor.execute("SELECT pg_export_snapshot()")
        snapshot = cursor.fetchone()[0]
        counts = count_rows(connection)
        command = ["pg_dump", "--format=custom", "--no-owner", f"--snapshot={snapshot}"]
        command += client_options(connection)
        with subprocess.Popen(command, env=client_environment(connection), stdout=subprocess.PIPE) as dump:
            copy(dump.stdout, target, key)
        if dump.returncode:
            raise BackupError("pg_dump failed; it has said above why.")
    return counts


def load_postgresql(connection, source: Path) -> None:
    connection.close()
    command = ["pg_restore", "--exit-on-error", "--single-transaction", "--no-owner", *client_options(connection), str(source)]
    if subprocess.run(command, env=client_environment(connection), check=False).returncode:
        raise BackupError("pg_restore failed, and has left the database as it was; it has said above why.")


def client_options(connection) -> list[str]:
    at = connection.settings_dict
    given = {"--host": at["HOST"], "--port": at["PORT"], "--username": at["USER"], "--dbname": at["NAME"]}
    return [f"{option}={value}" for option, value in given.items() if value]


def client_environment(connection) -> dict[str, str]:
    """Return the environment with the password, which a command line would show in the process list."""
    at = connection.settings_dict
    given = {"PGPASSWORD": at["PASSWORD"], "PGSSLMODE": at.get("OPTIONS", {}).get("sslmode")}
    return os.environ | {name: value for name, value in given.items() if value}


def dump_sqlite(connection, target: Path, key: str) -> dict[str, int]:
    with tempfile.NamedTemporaryFile(dir=target.parent) as copied:
        with closing(sqlite3.connect(copied.name)) as database:
            connection.ensure_connection()
            connection.connection.backup(database)
            tables = [name for (name,) in database.execute("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name")]
            tables = [name for name in tables if name in connection.introspection.table_names()]
            counts = {name: database.execute(f'SELECT count(*) FROM "{name}"').fetchone()[0] for name in tables}  # noqa: S608
        with Path(copied.name).open("rb") as source:
            copy(source, target, key)
    return counts


def load_sqlite(connection, source: Path) -> None:
    connection.ensure_connection()
    with closing(sqlite3.connect(source)) as database:
        database.backup(connection.connection)


DUMPS = {"postgresql": dump_postgresql, "sqlite": dump_sqlite}
LOADS = {"postgresql": load_postgresql, "sqlite": load_sqlite}


def media() -> dict[str, dict[str, int]]:
    """Return the names and sizes in bytes of the files in each store."""
    from django.core.files.storage import storages

    return {alias: dict(sorted(files_in(storages[alias], ""))) for alias in ("default", "private")}


def files_in(storage, folder: str) -> Iterator[tuple[str, int]]:
    try:
        folders, files = storage.listdir(folder)
    except FileNotFoundError:
        return
    for name in filter(None, files):
        path = f"{folder}/{name}".lstrip("/")
        yield path, storage.size(path)
    for name in folders:
        yield from files_in(storage, f"{folder}/{name}".lstrip("/"))


def copy(source, target: Path, key: str) -> None:
    """Write a stream to a file, encrypted if a key is given. Plain text is never written to disk then."""
    with target.open("wb") as out:
        if not key:
            shutil.copyfileobj(source, out)
            return
        command = ["gpg", "--batch", "--quiet", "--trust-model=always", f"--recipient-file={key}", "--encrypt"]
        if subprocess.run(command, stdin=source, stdout=out, check=False).returncode:
            raise BackupError(f"gpg could not encrypt for the key in {key}; it has said above why.")


def write(target: Path, content: bytes, key: str) -> None:
    with tempfile.TemporaryFile() as source:
        source.write(content)
        source.seek(0)
        copy(source, target, key)


@contextmanager
def readable(path: Path, *, encrypted: bool) -> Iterator[Path]:
    """Yield the path of the file, or of a temporary copy that GPG has decrypted with the keys of the current user."""
    if not encrypted:
        yield path
        return
    with tempfile.TemporaryDirectory() as folder:
        clear = Path(folder) / path.name
        command = ["gpg", "--batch", "--quiet", f"--output={clear}", "--decrypt", str(path)]
        if subprocess.run(command, check=False).returncode:
            raise BackupError(f"gpg could not decrypt {path.name}; it has said above why.")
        yield clear


def checksum(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def report(what: str, folder: Path, rows: dict[str, int], seconds: float) -> None:
    print(f"{what} {folder}: {len(rows)} tables, {sum(rows.values())} rows, {seconds:.1f} seconds.")


def main() -> None:
    parser = argparse.ArgumentParser(description="Save the database, or bring it back into an empty one.")
    parser.add_argument("command", choices=["save", "restore", "schedule"])
    parser.add_argument("folder", type=Path, help="where backups are, or the one to bring back")
    parser.add_argument("--hours", type=float, default=24, help="time between two backups")
    parser.add_argument("--days", type=float, default=14, help="age at which backups are deleted")
    arguments = parser.parse_args()
    sys.path.insert(0, str(ROOT))
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "pydotorg.settings.dev")
    django.setup()
    try:
        if arguments.command == "schedule":
            schedule(arguments.folder, hours=arguments.hours, days=arguments.days)
        else:
            (save if arguments.command == "save" else restore)(arguments.folder)
    except BackupError as error:
        sys.exit(str(error))


if __name__ == "__main__":
    main()
