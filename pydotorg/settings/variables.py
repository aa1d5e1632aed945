"""Every environment variable of the site, in one table. `make variables` writes it into docs/operations.md.

Four levels, each overriding the previous one: *default* (pydotorg/settings/base.py), *environment* (differs by deployment),
*secret* (the environment, SSM Parameter Store or Secrets Manager, see `fill_in_secrets`) and *runtime*: settings that staff
change in the admin, stored in the database.
"""

import json
import re
from collections.abc import MutableMapping
from enum import StrEnum
from pathlib import Path
from typing import NamedTuple

from django.core.exceptions import ImproperlyConfigured

GUIDE = Path(__file__).resolve().parents[2] / "docs" / "operations.md"
BEGIN, END = "<!-- variables: written by `make variables` -->\n", "<!-- end of variables -->"


class Level(StrEnum):
    DEFAULT = "default"
    ENVIRONMENT = "environment"
    SECRET = "secret"  # noqa: S105 -- the name of a level.


class Variable(NamedTuple):
    name: str
    level: Level
    default: str
    what: str
    required: bool = False


def default(name: str, value: str, what: str) -> Variable:
    """Return a variable whose default fits every environment."""
    return Variable(name, Level.DEFAULT, value, what)


def environment(name: str, value: str, what: str, *, required: bool = False) -> Variable:
    return Variable(name, Level.ENVIRONMENT, value, what, required)


def secret(name: str, value: str, what: str, *, required: bool = False) -> Variable:
    return Variable(name, Level.SECRET, value, what, required)


VARIABLES = [
    secret("SECRET_KEY", "a fixed text on a developer’s machine", "Signs sessions and tokens.", required=True),
    secret("SECRET_KEY_FALLBACKS", "none", "Earlier keys, divided by commas, whose signatures still hold."),
    environment("ALLOWED_HOSTS", "this machine", "Host names, divided by commas.", required=True),
    secret("DATABASE_URL", "SQLite under `var/`", "`postgres://user:password@host/name`, with `?sslmode=…`.", required=True),
    secret("DATABASE_REPLICA_URL", "none", "A streaming replica of it, where pages that are the same for everybody are read."),
    default("DATABASE_CONN_MAX_AGE", "60", "Seconds that a database connection is kept."),
    environment("DATABASE_POOLED", "false", "PgBouncer or its like stands in front, in transaction mode."),
    default("PERSONAL_DATA_DAYS", "180", "Days after which emails are anonymized and closed problem reports are deleted."),
    secret("REDIS_URL", "none: tasks in process, cache in memory", "The server of the queue and the cache.", required=True),
    secret("CACHE_URL", "`REDIS_URL`", "Another server for the cache, or a cluster: `redis+cluster://host:6379,host:6379`."),
    secret("SEARCH_URL", "none: full text of the database", "Elasticsearch 8 or 9: `https://user:password@host:9200`."),
    environment(
        "AWS_STORAGE_BUCKET_NAME",
        "none: files under `var/`",
        "The bucket of images and documents; its CORS rules allow `PUT` from the site.",
    ),
    environment("AWS_PRIVATE_BUCKET_NAME", "the same bucket, folder `private/`", "Where agreements and sponsors’ files go."),
    environment("AWS_S3_ENDPOINT_URL", "Amazon’s", "Another server that speaks S3."),
    environment("AWS_REGION", "us-east-1", "The region of the bucket, and of the secrets."),
    secret("EMAIL_URL", "the console", "`smtp+tls://user:password@host:587`."),
    environment("DEFAULT_FROM_EMAIL", "noreply@python.org", "The sender of mails."),
    environment("BASE_URL", "http://127.0.0.1:8000", "The site’s address in mails, feeds and calendars."),
    environment("CDN_BACKEND", "none", "The cache in front: `none`, `http` (Varnish) or `fastly`."),
    environment("CDN_URL", "Fastly’s", "Where purges go."),
    environment("CDN_SERVICE_ID", "none", "Fastly’s name of the service."),
    secret("CDN_API_TOKEN", "none", "What a purge proves itself with."),
    default("CDN_TIMEOUT", "5", "Seconds that a purge may take."),
    environment("PAGE_CACHE", "true on a developer’s machine without a CDN", "Pages for everybody are kept in each process."),
    environment("ENVIRONMENT", "local; production", "The name in the admin’s sidebar and in the prefix of API keys."),
    environment("RELEASE", "dev", "The version that runs, in each line of the log."),
    environment("COLOUR", "none", "blue or green, in each line of the log."),
    environment("CSRF_TRUSTED_ORIGINS", "https on each allowed host", "Origins whose forms are taken."),
    environment("SECURE_SSL_REDIRECT", "true in production", "Send http to https."),
    environment("REQUIRE_SECOND_FACTOR", "true in production", "Nobody enters the admin with a password alone."),
    environment("TRUSTED_PROXIES", "none", "Networks of the proxies that add to X-Forwarded-For: `10.0.0.0/8,127.0.0.1/32`."),
    secret("EDGE_SECRET", "none", "Proves in X-Edge-Secret that X-Client-Address comes from the edge."),
    environment("GITHUB_CLIENT_ID", "none", "Log-in with an account of GitHub."),
    secret("GITHUB_CLIENT_SECRET", "none", "Belongs to it."),
    environment("GOOGLE_CLIENT_ID", "none", "Log-in with an account of Google."),
    secret("GOOGLE_CLIENT_SECRET", "none", "Belongs to it."),
    secret("OIDC_PRIVATE_KEY", "none", "The site is the log-in of its sister sites: an RSA key, PEM."),
    default("API_WRITE_RATE", "600/hour", "Writes of one client."),
    default("API_SHARED_CACHE_SECONDS", "3600", "Seconds that caches keep answers of the API."),
    environment("CHECK_EXTERNAL_LINKS", "false", "The nightly check of links asks other sites too."),
    environment("FETCH_FROM_LOOPBACK", "false", "The import of calendars may read from this machine, for trying out."),
    secret("METRICS_TOKEN", "none: no metrics", "What Prometheus proves itself with at /metrics, as a bearer token."),
    environment("OTEL_EXPORTER_OTLP_ENDPOINT", "none: no traces", "Where spans go, by OTLP over HTTP: `http://collector:4318`."),
    secret("SENTRY_DSN", "none", "Where errors go, masked (Sentry and what speaks like it)."),
    default("LOG_LEVEL", "INFO", "DEBUG, INFO, WARNING, ERROR or CRITICAL."),
    environment("VAR_DIR", "`var/`", "What the site writes to the disk."),
    environment("BACKUP_KEY_FILE", "none", "A public key of gpg, for whom `make backup` encrypts."),
    environment("DEBUG", "true on a developer’s machine", "Errors with their source; never read in production."),
    environment(
        "SECRETS_FROM", "the environment alone", "`ssm:/path/` or `secretsmanager:name`: where secrets are read at the start."
    ),
    default("WEB_CONCURRENCY", "2", "Processes of gunicorn."),
    environment("PROMETHEUS_MULTIPROC_DIR", "a new folder", "Where gunicorn’s processes keep their numbers for /metrics."),
    environment("HOST", "127.0.0.1", "The address that gunicorn listens on."),
    environment("PORT", "8000", "The port that gunicorn listens on."),
]

RUNTIME = [
    ("Settings → Site settings", "names, contact addresses, links, the files for programs"),
    ("Banners", "notices over the pages, by audience and time; as a header of the API too"),
    ("Reports → Redirects", "where old addresses lead"),
]


def missing(environ: MutableMapping[str, str]) -> list[str]:
    """Return the names of required variables that are missing."""
    return [variable.name for variable in VARIABLES if variable.required and not environ.get(variable.name)]


def fill_in_secrets(environ: MutableMapping[str, str]) -> None:
    """Read secrets from the place named by SECRETS_FROM. Variables of the environment take precedence.

    Raises ImproperlyConfigured if the place is unknown or does not answer. Only names of the table are read.
    """
    place, _, name = environ.get("SECRETS_FROM", "").partition(":")
    if not place:
        return
    # boto3 is slow to import, and most processes do not need it.
    from botocore.exceptions import BotoCoreError, ClientError  # noqa: PLC0415 -- boto3 is slow to import.

    if place not in READERS or not name:
        raise ImproperlyConfigured("SECRETS_FROM is ssm:/path/ or secretsmanager:name.")
    try:
        found = READERS[place](name, environ.get("AWS_REGION", "us-east-1"))
    except (BotoCoreError, ClientError, TypeError, ValueError) as error:
        raise ImproperlyConfigured(f"The secrets could not be read from {place}:{name}: {error}") from error
    for variable in VARIABLES:
        if variable.level == Level.SECRET and variable.name in found:
            environ.setdefault(variable.name, found[variable.name])


def from_parameter_store(path: str, region: str) -> dict[str, str]:
    import boto3  # noqa: PLC0415 -- boto3 is slow to import.

    pages = boto3.client("ssm", region_name=region).get_paginator("get_parameters_by_path")
    return {
        parameter["Name"].rpartition("/")[2]: parameter["Value"]
        for page in pages.paginate(Path=path, WithDecryption=True)
        for parameter in page["Parameters"]
    }


def from_secrets_manager(name: str, region: str) -> dict[str, str]:
    """Return the values of a secret that holds a JSON object."""
    import boto3  # noqa: PLC0415 -- boto3 is slow to import.

    found = json.loads(boto3.client("secretsmanager", region_name=region).get_secret_value(SecretId=name)["SecretString"])
    if not isinstance(found, dict):
        raise TypeError("the secret is no JSON object")
    return found


READERS = {"ssm": from_parameter_store, "secretsmanager": from_secrets_manager}


def as_table() -> str:
    """Return the table for docs/operations.md."""
    rows = [
        f"| `{name}` | {level}{', required' if required else ''} | {value} | {what} |"
        for name, level, value, what, required in VARIABLES
    ]
    runtime = [f"- {where}: {what}" for where, what in RUNTIME]
    return "\n".join(
        [
            "| variable | level | default | what |",
            "|---|---|---|---|",
            *rows,
            "",
            "*Required* is what the production settings refuse to start without; they name what is missing. The fourth level",
            "is what staff change while the site runs:",
            "",
            *runtime,
            "",
        ]
    )


def write_guide(guide: Path = GUIDE) -> None:
    text = guide.read_text(encoding="utf-8")
    guide.write_text(re.sub(f"(?<={re.escape(BEGIN)}).*(?={END})", lambda _: as_table(), text, flags=re.DOTALL), encoding="utf-8")


if __name__ == "__main__":
    write_guide()
