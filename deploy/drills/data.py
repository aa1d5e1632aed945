"""Drills that restore lost data: from a backup, and to a point in time before an accident."""

import os
import subprocess
import sys
import time
from pathlib import Path

from .servers import Cluster
from .stage import ROOT, Row, until


def restore(cluster: Cluster, folder: Path, environment: dict[str, str]) -> Row:
    """Back up the database, restore it into an empty one, and compare both."""
    started = time.monotonic()
    run_backup("save", folder, environment | {"DATABASE_URL": cluster.url()})
    (saved,) = folder.iterdir()
    cluster.execute("CREATE DATABASE restored", database="postgres")
    run_backup("restore", saved, environment | {"DATABASE_URL": cluster.url("restored")})
    took = time.monotonic() - started
    before = cluster.rows()
    checksums = [
        cluster.execute("SELECT md5(string_agg(p::text, '' ORDER BY p.id)) FROM wagtailcore_page p", database=name)
        for name in ("pydotorg", "restored")
    ]
    same = checksums[0] == checksums[1]
    summary = f"{len(before)} tables, {sum(before.values())} rows; the pages are {'equal' if same else 'different'}"
    return Row("backup and restore", 0, int(not same), took, summary)


def run_backup(action: str, folder: Path, environment: dict[str, str]) -> None:
    command = [sys.executable, str(ROOT / "deploy/backup.py"), action, str(folder)]
    subprocess.run(command, env=os.environ | environment, check=True, stdout=subprocess.DEVNULL)


def point_in_time(cluster: Cluster, folder: Path) -> Row:
    """Take a base backup, write, cause an accident, and recover a second server to the moment before it."""
    copy = Cluster(folder)
    copy.archive = cluster.archive
    at = ["--host=127.0.0.1", f"--port={cluster.port}", "--username=pydotorg"]
    cluster.run("pg_basebackup", *at, "--checkpoint=fast", "--wal-method=none", "--no-sync", f"--pgdata={copy.folder}")
    cluster.execute(
        "INSERT INTO cms_missingurl (path, hits, referrer, first_seen_at, last_seen_at)"
        " SELECT '/drill/' || n, 1, '', now(), now() FROM generate_series(1, 500) n"
    )
    before = cluster.rows()
    ((moment,),) = cluster.execute("SELECT clock_timestamp()::text")
    time.sleep(0.2)
    cluster.execute("TRUNCATE wagtailcore_page, cms_missingurl CASCADE")
    lost = sum(before.values()) - sum(cluster.rows().values())
    cluster.execute("SELECT pg_switch_wal()")
    started = time.monotonic()
    copy.configure()
    with (copy.folder / "postgresql.conf").open("a") as file:
        file.write(f"archive_mode = off\nrecovery_target_time = '{moment}'\nrecovery_target_action = 'promote'\n")
    signal = copy.folder / "recovery.signal"
    signal.touch()
    copy.give(signal)
    copy.control("start")
    try:
        until(lambda: copy.execute("SELECT pg_is_in_recovery()") == [(False,)], "The copy has reached the moment")
        after = copy.rows()
    finally:
        copy.control("stop")
    same = after == before
    summary = f"{lost} rows lost by accident; back to {moment[11:19]}: {sum(after.values())} of {sum(before.values())} rows"
    return Row("point in time", 0, int(not same), time.monotonic() - started, summary)
