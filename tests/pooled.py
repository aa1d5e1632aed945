"""Run the suite through PgBouncer in transaction mode: `make test-pooled`.

Starts a pooler on a free port in front of the PostgreSQL server in DATABASE_URL, runs pytest with the given arguments, and
stops the pooler. Exits with the status of pytest. `--replica` enables the replica router, with a mirror of the test database;
tests/pydotorg/test_replica.py uses a real replica.
"""

import os
import subprocess
import sys
import tempfile
from pathlib import Path
from urllib.parse import urlsplit

from deploy.drills.servers import listens
from deploy.drills.stage import Stage, free_port, until

# Few connections, so that transactions change between them. Idle ones are closed, because a database in use cannot be dropped.
CONFIGURATION = """
[databases]
* = host={host} port={port} user={user}{password}
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = {listen}
unix_socket_dir =
auth_type = any
pool_mode = transaction
max_client_conn = 300
default_pool_size = 8
server_idle_timeout = 0.3
"""


def main(arguments: list[str]) -> int:
    server = urlsplit(os.environ.get("DATABASE_URL", ""))
    if not server.scheme.startswith("postgres"):
        sys.exit("Set DATABASE_URL to a PostgreSQL server on which databases may be made.")
    with tempfile.TemporaryDirectory(prefix="pooled-") as folder, Stage(Path(folder), {}) as stage:
        listen = free_port()
        configuration = Path(folder) / "pgbouncer.ini"
        configuration.write_text(
            CONFIGURATION.format(
                host=server.hostname,
                port=server.port or 5432,
                user=server.username,
                password=f" password={server.password}" if server.password else "",
                listen=listen,
            )
        )
        as_user = ["-u", "postgres"] if os.geteuid() == 0 else []
        stage.start("pooler", "pgbouncer", "-q", *as_user, str(configuration))
        until(lambda: listens(listen), "The pooler listens")
        url = f"postgres://{server.username}:@127.0.0.1:{listen}{server.path}"
        past_pooler = f"postgres://{server.netloc}"
        told = os.environ | {"DATABASE_URL": url, "DATABASE_POOLED": "true", "PAST_POOLER": past_pooler}
        if "--replica" in arguments:
            told["DATABASE_REPLICA_URL"] = url
        arguments = [argument for argument in arguments if argument != "--replica"]
        return subprocess.run([sys.executable, "-m", "pytest", *arguments], env=told, check=False).returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
