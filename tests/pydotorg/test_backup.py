"""Backup drill on the current database engine: save, delete everything, restore."""

import hashlib
import json
import os
import re
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path
from tempfile import TemporaryDirectory

import psycopg
import pytest
from django.db import connection

from deploy.backup import BackupError, check, save
from tests.factories.downloads import ReleaseFactory
from tests.servers import database_url

ROOT = Path(__file__).resolve().parents[2]


def backup(act, folder, **environment):
    command = [sys.executable, ROOT / "deploy/backup.py", act, folder]
    environment = os.environ | {"DJANGO_SETTINGS_MODULE": "pydotorg.settings.dev", "SECRETS_FROM": ""} | environment
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=False)


@pytest.fixture
def other_database(tmp_path):
    """Return the URL of an empty database of the same engine."""
    if connection.vendor == "sqlite":
        yield f"sqlite:///{tmp_path}/other.sqlite3"
        return
    url, name = database_url(past_pooler=True), f"restored_{os.getpid()}"
    with psycopg.connect(url, autocommit=True) as server:
        server.execute(f"DROP DATABASE IF EXISTS {name}")
        server.execute(f"CREATE DATABASE {name}")
        yield f"{url.rpartition('/')[0]}/{name}"
        server.execute(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture
def key(tmp_path, monkeypatch):
    """Return the file of a public key whose private key is in the keyring of this test."""
    # gpg's sockets want a short path, and a dying agent removes its own of them while the folder goes.
    with TemporaryDirectory(prefix="gpg-", dir="/tmp", ignore_cleanup_errors=True) as home:
        monkeypatch.setenv("GNUPGHOME", home)
        gpg = ["gpg", "--batch", "--quiet", "--passphrase", ""]
        subprocess.run([*gpg, "--quick-generate-key", "drill@example.org", "future-default"], check=True, capture_output=True)
        path = tmp_path / "public.asc"
        path.write_bytes(subprocess.run([*gpg, "--export", "drill@example.org"], check=True, capture_output=True).stdout)
        yield path
        subprocess.run(["gpgconf", "--kill", "all"], check=True)


SUM = "SELECT id, name, slug FROM downloads_release ORDER BY id"


def content(url) -> str:
    """Return a checksum of rows read from the database at this URL."""
    if url.startswith("sqlite"):
        with closing(sqlite3.connect(url.removeprefix("sqlite:///"))) as database:
            rows = database.execute(SUM).fetchall()
    else:
        with psycopg.connect(url) as server:
            rows = server.execute(SUM).fetchall()
    return hashlib.sha256(repr(rows).encode()).hexdigest()


@pytest.mark.django_db(transaction=True)
@pytest.mark.proves("S1-19")
def test_the_whole_drill(tmp_path, other_database, key):
    for number in range(3):
        ReleaseFactory(name=f"Python 3.14.{number}")
    media = {"VAR_DIR": str(tmp_path)}
    stored = tmp_path / "media" / "images" / "logo.png"
    stored.parent.mkdir(parents=True)
    stored.write_bytes(b"logo")

    answer = backup("save", tmp_path / "backups", DATABASE_URL=database_url(past_pooler=True), BACKUP_KEY_FILE=str(key), **media)
    assert answer.returncode == 0, answer.stderr
    (folder,) = (tmp_path / "backups").iterdir()
    manifest = json.loads((folder / "manifest.json").read_text())
    assert manifest["rows"]["downloads_release"] == 3
    assert b"Python 3.14.1" not in (folder / "database").read_bytes() + (folder / "media.json").read_bytes()

    refused = backup("restore", folder, DATABASE_URL=database_url(past_pooler=True), **media)
    assert refused.returncode == 1
    assert "tables already. Restore into an empty one" in refused.stderr

    stored.unlink()
    answer = backup("restore", folder, DATABASE_URL=other_database, **media)
    assert answer.returncode == 0, answer.stderr
    assert f"{len(manifest['rows'])} tables, {sum(manifest['rows'].values())} rows" in answer.stdout
    assert "1 files of the backup are not in the stores, the first: default: images/logo.png." in answer.stdout
    assert content(other_database) == content(database_url(past_pooler=True))


@pytest.mark.django_db(transaction=True)
def test_only_whole_backups_are_taken_and_only_whole_ones_are_left(tmp_path, monkeypatch, settings):
    settings.MEDIA_ROOT = tmp_path
    folder = save(tmp_path / "backups")
    whole = (folder / "database").read_bytes()
    for broken, sentence in (
        (whole[:1000], f"The backup is cut short: database has 1000 of {len(whole)} bytes."),
        (whole[:-1] + bytes([whole[-1] ^ 1]), "The backup is damaged: the checksum of database is another one."),
        (None, "is no complete backup: it has no readable manifest.json."),
    ):
        if broken is None:
            (folder / "manifest.json").unlink()
        else:
            (folder / "database").write_bytes(broken)
        with pytest.raises(BackupError, match=re.escape(sentence)):
            check(folder)
    monkeypatch.setenv("BACKUP_KEY_FILE", "/no/such/key")
    with pytest.raises(BackupError, match="gpg could not encrypt for the key in /no/such/key"):
        save(tmp_path / "others")
    assert list((tmp_path / "others").iterdir()) == []
