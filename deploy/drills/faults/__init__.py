"""The faults of `make drills`: each makes one service fail, lets it recover, and counts lost and duplicate work.

Waits that last minutes in production (the lease of an email, the delay of the sweeper) are shortened by changing the time in
the row; the drill reports this.
"""

from collections.abc import Callable

from deploy.drills.site import Outcome, Site

from . import databases, email, files, redis, schedules, workers

DRILLS: dict[str, Callable[[Site], Outcome]] = {
    "SMTP refuses connections": email.smtp_refuses,
    "SMTP hangs": email.smtp_in_mode("hang"),
    "SMTP drops the connection after DATA": email.smtp_in_mode("drop"),
    "SMTP answers 550": email.smtp_rejects,
    "S3 refuses connections": files.s3_refuses,
    "S3 hangs": files.s3_hangs,
    "S3 refuses the credentials": files.s3_credentials,
    "disk full on media": files.disk_full,
    "disk full on logs": files.logs_full,
    "PostgreSQL restarts": databases.postgresql_restarts,
    "PostgreSQL stops": databases.postgresql_stops,
    "PostgreSQL tables are locked": databases.postgresql_locks,
    "PostgreSQL has no free connection": databases.postgresql_is_full,
    "PostgreSQL stands still for 3 s": databases.postgresql_is_slow,
    "Redis killed": redis.redis_killed,
    "Redis hangs": redis.redis_hangs,
    "Redis flushed": redis.redis_flushed,
    "worker killed in an email": workers.worker_killed_in_email,
    "worker killed in a PDF": workers.worker_killed_in_pdf,
    "worker killed in a purge": workers.worker_killed_in_purge,
    "worker killed in an import": workers.worker_killed_in_import,
    "worker killed in publishing": workers.worker_killed_in_publishing,
    "two schedulers": schedules.two_schedulers,
    "two workers": schedules.two_workers,
    "scheduler down for three hours": schedules.scheduler_down,
    "replica gone": databases.replica_gone,
    "clocks change": schedules.clocks_change,
    "CDN hangs": workers.cdn_hangs,
}
