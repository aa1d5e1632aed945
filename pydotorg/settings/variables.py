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
    secret("SECRET_KEY", "a fixed text on a developer’s machine", "Key that signs sessions and tokens.", required=True),
    secret("SECRET_KEY_FALLBACKS", "none", "Previous keys, separated by commas. Their signatures are still accepted."),
    environment("ALLOWED_HOSTS", "this machine", "Host names, separated by commas.", required=True),
    secret("DATABASE_URL", "SQLite under `var/`", "`postgres://user:password@host/name`, with `?sslmode=…`.", required=True),
    secret("DATABASE_REPLICA_URL", "none", "Streaming replica. Public pages are read from it."),
    default("DATABASE_CONN_MAX_AGE", "60", "Seconds that a database connection is reused."),
    environment("DATABASE_POOLED", "false", "A connection pool such as PgBouncer is used, in transaction mode."),
    default(
        "PERSONAL_DATA_DAYS", "180", "Days after which emails are anonymized, and reports, feedback and preview links deleted."
    ),
    default("PAGE_VIEWS_SAMPLE", "1", "One of how many page views is counted and multiplied. 0: none."),
    secret("REDIS_URL", "none: tasks in process, cache in memory", "Server of the queue and the cache.", required=True),
    secret("CACHE_URL", "`REDIS_URL`", "Separate server for the cache, or a cluster: `redis+cluster://host:6379,host:6379`."),
    secret("SEARCH_URL", "none: full text of the database", "Elasticsearch 8 or 9: `https://user:password@host:9200`."),
    environment(
        "AWS_STORAGE_BUCKET_NAME",
        "none",
        "Bucket for images and documents. Its CORS rules must allow `PUT` from the site. `none`: files under `var/`.",
        required=True,
    ),
    environment("AWS_PRIVATE_BUCKET_NAME", "the same bucket, folder `private/`", "Bucket for contracts and sponsor assets."),
    environment("AWS_S3_ENDPOINT_URL", "Amazon’s", "Server with an S3 API other than Amazon’s."),
    environment("AWS_S3_CUSTOM_DOMAIN", "the store itself", "Host from which browsers load images: `media.python.org`."),
    environment("AWS_REGION", "us-east-1", "Region of the bucket and of the secrets."),
    secret("EMAIL_URL", "none", "`smtp+tls://user:password@host:587`. `none`: email is written to the log.", required=True),
    environment("DEFAULT_FROM_EMAIL", "noreply@python.org", "Sender of emails."),
    environment("BASE_URL", "http://127.0.0.1:8000", "URL of the site in emails, feeds and calendars.", required=True),
    environment("CDN_BACKEND", "none", "CDN: `none`, `http` (Varnish) or `fastly`.", required=True),
    environment("CDN_URL", "Fastly’s", "URL for purge requests. With `http`, live checks also request pages there."),
    environment("CDN_SERVICE_ID", "none", "ID of the Fastly service."),
    secret("CDN_API_TOKEN", "none", "Token that authorizes purges."),
    default("CDN_TIMEOUT", "5", "Time limit of a purge request, in seconds."),
    environment("PAGE_CACHE", "true on a developer’s machine without a CDN", "Cache public pages in each process."),
    environment("ENVIRONMENT", "local; production", "Name in the sidebar of the admin and in the prefix of API keys."),
    environment("RELEASE", "dev", "Version of the site, in each log line."),
    environment("COMMIT", "none", "Commit of the image, in `/health`. The image sets it."),
    environment("COLOUR", "none", "`blue` or `green`, in each log line."),
    environment("CSRF_TRUSTED_ORIGINS", "https on each allowed host", "Origins that may submit forms."),
    environment("SECURE_SSL_REDIRECT", "true in production", "Redirect HTTP to HTTPS."),
    environment("REQUIRE_SECOND_FACTOR", "true in production", "Require two-factor authentication in the admin."),
    environment("TRUSTED_PROXIES", "none", "Networks of the proxies that add to X-Forwarded-For: `10.0.0.0/8,127.0.0.1/32`."),
    secret("EDGE_SECRET", "none", "Value of X-Edge-Secret with which the edge vouches for X-Client-Address."),
    environment("GITHUB_CLIENT_ID", "none", "Sign-in with a GitHub account."),
    secret("GITHUB_CLIENT_SECRET", "none", "Secret of the GitHub client."),
    environment("GOOGLE_CLIENT_ID", "none", "Sign-in with a Google account."),
    secret("GOOGLE_CLIENT_SECRET", "none", "Secret of the Google client."),
    secret("OIDC_PRIVATE_KEY", "none", "Signs in users of related sites by OpenID Connect: an RSA key in PEM format."),
    default("API_WRITE_RATE", "600/hour", "API writes allowed for one client."),
    default("API_SHARED_CACHE_SECONDS", "3600", "Seconds that shared caches store API responses."),
    environment("CHECK_EXTERNAL_LINKS", "false", "Also check links to other sites every night."),
    environment("FETCH_FROM_LOOPBACK", "false", "Allow calendar imports from this machine, for development."),
    secret("METRICS_TOKEN", "none: no metrics", "Bearer token for Prometheus at /metrics."),
    environment(
        "OTEL_EXPORTER_OTLP_ENDPOINT", "none: no traces", "Collector for traces, OTLP over HTTP: `http://collector:4318`."
    ),
    secret("SENTRY_DSN", "none", "Sentry or a compatible service for errors, without personal data."),
    default("LOG_LEVEL", "INFO", "DEBUG, INFO, WARNING, ERROR or CRITICAL."),
    environment("VAR_DIR", "`var/`", "Folder for files that the site writes."),
    environment("STATIC_ROOT", "`static` in `VAR_DIR`; `/app/static` in the image", "Folder of the collected static files."),
    environment("CONSOLE_ROOT", "`console` in `VAR_DIR`; `/app/console` in the image", "Folder of the Python console."),
    environment("BACKUP_MAX_AGE_HOURS", "0: no alarm", "Hours after which a missing backup is logged as an error."),
    environment("BACKUP_KEY_FILE", "none", "GnuPG public key with which `make backup` encrypts."),
    environment("DEBUG", "true on a developer’s machine", "Detailed error pages. Ignored in production."),
    environment("SECRETS_FROM", "the environment alone", "`ssm:/path/` or `secretsmanager:name`: source of secrets at startup."),
    default("WEB_CONCURRENCY", "2", "Number of gunicorn processes."),
    environment("PROMETHEUS_MULTIPROC_DIR", "a new folder", "Folder in which gunicorn processes share metrics."),
    environment("HOST", "127.0.0.1", "IP address that gunicorn listens on."),
    environment("PORT", "8000", "Port that gunicorn listens on."),
]

RUNTIME = [
    ("Settings → Site settings", "names, contacts, links, `humans.txt`, `security.txt` and `funding.json`"),
    ("Site-wide content → Banners", "notices above pages by audience and time, and as a header of the API"),
    ("Settings → Redirects", "targets of old URLs"),
]


def missing(environ: MutableMapping[str, str]) -> list[str]:
    """Return the names of required variables that are missing."""
    return [variable.name for variable in VARIABLES if variable.required and not environ.get(variable.name)]


def fill_in_secrets(environ: MutableMapping[str, str]) -> None:
    """Read secrets from the source set in SECRETS_FROM. Environment variables take precedence.

    Raises ImproperlyConfigured if the source is unknown or does not respond. Only names in the table are read.
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
        raise TypeError("the secret is not a JSON object")
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
            "| variable | level | default | description |",
            "|---|---|---|---|",
            *rows,
            "",
            "The production settings refuse to start without the *required* variables and name the missing ones.",
            "Staff change these settings in the admin while the site runs:",
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
