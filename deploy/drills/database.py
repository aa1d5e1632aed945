"""Drills of the connection between the site and its database: a pooler and TLS."""

import json
import subprocess
import time
from concurrent.futures import ThreadPoolExecutor
from http import HTTPStatus

import psycopg

from .servers import Cluster, listens
from .stage import Row, Stage, Visitors, ask, free_port, until
from .web import PATHS

CLIENTS, SERVERS = 200, 20
POOLER = """
[databases]
pydotorg = host=127.0.0.1 port={port} dbname=pydotorg user=pydotorg
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = {listen}
unix_socket_dir =
auth_type = any
pool_mode = transaction
max_client_conn = 300
default_pool_size = {servers}
"""


def pooler(stage: Stage, cluster: Cluster, token: str) -> Row:
    """Run the site through PgBouncer in transaction mode, then two hundred clients on twenty connections."""
    listen = free_port()
    configuration = stage.folder / "pgbouncer.ini"
    configuration.write_text(POOLER.format(port=cluster.port, listen=listen, servers=SERVERS))
    as_user = ["-u", cluster.user] if cluster.user else []
    stage.start("pooler", "pgbouncer", "-q", *as_user, str(configuration))
    until(lambda: listens(listen), "The pooler listens")
    url = f"postgres://pydotorg@127.0.0.1:{listen}/pydotorg"
    stage.start_web("pooled", "1", DATABASE_URL=url, DATABASE_POOLED="true")
    stage.until_ready("pooled")
    started = time.monotonic()
    with Visitors([stage.url("pooled", path) for path in PATHS], rate=50) as crowd:
        headers = {"Authorization": f"Token {token}", "Content-Type": "application/json"}
        body = json.dumps({"name": "Pooled", "slug": "pooled"}).encode()
        status = ask(stage.url("pooled", "/api/v2/downloads/os/"), data=body, headers=headers, method="POST")[0]
        time.sleep(4)
    with ThreadPoolExecutor(CLIENTS) as pool:
        answers = list(pool.map(lambda _: answer_of(url), range(CLIENTS)))
        used = len(set(answers))
    stage.stop("pooled")
    stage.stop("pooler")
    failures = len(crowd.failures) + (CLIENTS - len(answers)) + int(status != HTTPStatus.CREATED) + int(used > SERVERS)
    summary = f"a save got {status}; {CLIENTS} clients were answered over {used} connections of at most {SERVERS}"
    return Row("PgBouncer", len(crowd.answers) + CLIENTS, failures, time.monotonic() - started, summary)


def answer_of(url: str) -> int:
    """Return the server connection that serves this client."""
    with psycopg.connect(url, prepare_threshold=None) as client:
        found = client.execute("SELECT pg_backend_pid(), pg_sleep(0.05)").fetchone()
        return found[0] if found else 0


def encryption(stage: Stage, cluster: Cluster) -> Row:
    """Run a server that accepts a role only over TLS, and a site that trusts only its certificate."""
    certificate = make_certificate(cluster)
    rules = cluster.folder / "pg_hba.conf"
    rules.write_text(f"hostnossl all encrypted 127.0.0.1/32 reject\n{rules.read_text()}")
    cluster.execute("CREATE ROLE encrypted SUPERUSER LOGIN")
    for setting in ("ssl = on", f"ssl_cert_file = '{certificate}'", f"ssl_key_file = '{certificate.with_suffix('.key')}'"):
        cluster.execute(f"ALTER SYSTEM SET {setting}")
    cluster.execute("SELECT pg_reload_conf()")
    url = f"postgres://encrypted@127.0.0.1:{cluster.port}/pydotorg"
    until(lambda: refuses(f"{url}?sslmode=disable"), "The server refuses what is not encrypted")
    started = time.monotonic()
    stage.start_web("encrypted", "1", DATABASE_URL=f"{url}?sslmode=verify-full&sslrootcert={certificate}")
    stage.until_ready("encrypted")
    ((version, bits),) = cluster.execute(
        "SELECT max(version), max(bits) FROM pg_stat_ssl JOIN pg_stat_activity USING (pid) WHERE usename = 'encrypted' AND ssl"
    )
    stage.stop("encrypted")
    summary = f"plain connections are refused; the site has checked the certificate and speaks {version} with {bits} bits"
    return Row("encryption to the database", 1, int(not version), time.monotonic() - started, summary)


def make_certificate(cluster: Cluster):
    """Create a self-signed certificate for the address of this machine."""
    path = cluster.folder.parent / "server.crt"
    key = path.with_suffix(".key")
    command = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=127.0.0.1"]
    command += ["-addext", "subjectAltName=IP:127.0.0.1", "-keyout", str(key), "-out", str(path)]
    subprocess.run(command, check=True, capture_output=True)
    key.chmod(0o600)
    cluster.give(key)
    path.chmod(0o644)
    return path


def refuses(url: str) -> bool:
    try:
        psycopg.connect(url).close()
    except psycopg.OperationalError:
        return True
    return False
