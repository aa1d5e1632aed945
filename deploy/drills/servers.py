"""Servers behind the site that a run of the drills starts and stops: PostgreSQL, Redis, S3, SMTP and a CDN."""

import os
import shutil
import socket
import socketserver
import subprocess
import threading
from pathlib import Path

import psycopg

from .stage import Stage, free_port, until

BINARIES = max(Path("/usr/lib/postgresql").glob("*/bin"), default=Path("/usr/bin"))
CONFIGURATION = """
listen_addresses = '127.0.0.1'
port = {port}
unix_socket_directories = ''
fsync = off
wal_level = replica
archive_mode = on
archive_command = 'cp %p {archive}/%f'
shared_preload_libraries = 'pg_stat_statements'
restore_command = 'cp {archive}/%f %p'
"""


class Cluster:
    """PostgreSQL server with WAL archiving. Runs as the user `postgres` if this process is root."""

    def __init__(self, folder: Path):
        self.folder, self.archive, self.port = folder / "data", folder / "archive", free_port()
        self.log = folder / "log"
        self.user = "postgres" if os.geteuid() == 0 else None
        folder.mkdir()
        self.archive.mkdir()
        for path in (folder, self.archive):
            self.give(path)

    def give(self, path: Path) -> None:
        if self.user:
            shutil.chown(path, self.user, self.user)

    def run(self, program: str, *arguments: str) -> None:
        """Run a program of PostgreSQL. Raises CalledProcessError if it fails."""
        command = [str(BINARIES / program), *arguments]
        subprocess.run(command, check=True, user=self.user, cwd="/", stdout=subprocess.DEVNULL)

    def make(self) -> None:
        self.run("initdb", "--auth=trust", "--username=pydotorg", "--encoding=UTF8", "--no-sync", f"--pgdata={self.folder}")
        self.configure()
        self.control("start")
        self.execute("CREATE DATABASE pydotorg", database="postgres")
        self.execute("CREATE EXTENSION pg_stat_statements", database="postgres")

    def follow(self, primary: "Cluster", settings: str = "") -> None:
        """Start as a hot standby of another cluster, with these settings."""
        source = f"host=127.0.0.1 port={primary.port} user=pydotorg"
        self.run("pg_basebackup", f"--dbname={source}", f"--pgdata={self.folder}", "--checkpoint=fast", "--write-recovery-conf")
        self.configure(settings)
        self.control("start")

    def configure(self, settings: str = "") -> None:
        with (self.folder / "postgresql.conf").open("a") as file:
            file.write(CONFIGURATION.format(port=self.port, archive=self.archive) + settings)

    def control(self, action: str) -> None:
        """Start, stop or restart the server. Open connections are terminated immediately."""
        self.run("pg_ctl", action, "--wait", "--mode=fast", f"--pgdata={self.folder}", f"--log={self.log}")

    def url(self, database: str = "pydotorg") -> str:
        return f"postgres://pydotorg@127.0.0.1:{self.port}/{database}"

    def execute(self, statement: str, *, database: str = "pydotorg") -> list[tuple]:
        with psycopg.connect(self.url(database), autocommit=True) as connection:
            cursor = connection.execute(statement)  # type: ignore[arg-type]
            return cursor.fetchall() if cursor.description else []

    def backends(self) -> list[str]:
        """Return the IDs of the processes of the server."""
        postmaster = (self.folder / "postmaster.pid").read_text(encoding="ascii").split()[0]
        return Path(f"/proc/{postmaster}/task/{postmaster}/children").read_text(encoding="ascii").split()

    def rows(self) -> dict[str, int]:
        """Return the number of rows of each table."""
        tables = self.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY 1")
        return {name: self.execute(f'SELECT count(*) FROM "{name}"')[0][0] for (name,) in tables}  # noqa: S608


def listens(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), timeout=1).close()
    except OSError:
        return False
    return True


def start_redis(stage: Stage, port: int) -> None:
    stage.start("redis", "redis-server", "--bind", "127.0.0.1", "--port", str(port), "--save", "", "--appendonly", "no")
    until(lambda: listens(port), "Redis listens")


def start_s3(stage: Stage, port: int) -> None:
    import boto3

    stage.start("s3", str(Path(".venv/bin/moto_server").absolute()), "-H", "127.0.0.1", "-p", str(port))
    until(lambda: listens(port), "The store of files listens")
    boto3.client("s3", endpoint_url=f"http://127.0.0.1:{port}", region_name="us-east-1").create_bucket(Bucket="pydotorg")


class EmailServer(socketserver.ThreadingTCPServer):
    """SMTP server that records the Message-ID of each accepted message.

    `mode` sets its behavior: "accept", "refuse" (550 to each recipient), "reject" (554 to the text), "busy" (451), "drop"
    (accepts the text and closes the connection without a reply) or "hang" (accepts the connection and never responds).
    """

    allow_reuse_address = True
    daemon_threads = True

    class Handler(socketserver.StreamRequestHandler):
        def handle(self):
            if self.server.mode == "hang":
                self.server.released.wait()
                return
            self.wfile.write(b"220 ready\r\n")
            for line in self.rfile:
                word = line.strip().upper()
                if word == b"DATA":
                    self.wfile.write(b"354 go on\r\n")
                    if not self.receive():
                        return
                elif word == b"QUIT":
                    self.wfile.write(b"221 bye\r\n")
                    return
                elif word.startswith(b"RCPT") and self.server.mode in {"refuse", "busy"}:
                    self.wfile.write(b"550 no such mailbox\r\n" if self.server.mode == "refuse" else b"451 try later\r\n")
                else:
                    self.wfile.write(b"250 fine\r\n")

        def receive(self) -> bool:
            """Read the text of a message and reply. Return False if the connection ends here."""
            name = ""
            for line in self.rfile:
                if line.lower().startswith(b"message-id:"):
                    name = line.partition(b":")[2].strip().decode()
                if line.strip() == b".":
                    break
            if self.server.mode == "reject":
                self.wfile.write(b"554 looks like spam\r\n")
                return True
            self.server.message_ids.append(name)
            if self.server.mode == "drop":
                return False
            self.wfile.write(b"250 taken\r\n")
            return True

    def __init__(self, port: int = 0, mode: str = "accept"):
        super().__init__(("127.0.0.1", port), self.Handler)
        self.port, self.mode = self.server_address[1], mode
        self.message_ids: list[str] = []
        self.released = threading.Event()
        threading.Thread(target=self.serve_forever, daemon=True).start()

    @property
    def taken(self) -> int:
        return len(self.message_ids)

    def __exit__(self, *args):
        self.close()

    def close(self) -> None:
        self.released.set()
        self.shutdown()
        self.server_close()


class HangingServer:
    """Server that accepts connections and never responds, like a cache that hangs."""

    def __enter__(self):
        self.socket = socket.create_server(("127.0.0.1", 0), backlog=64)
        self.url = f"http://127.0.0.1:{self.socket.getsockname()[1]}/"
        return self

    def __exit__(self, *args):
        self.socket.close()
