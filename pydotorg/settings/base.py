"""Settings shared by every environment.

With no variable set the site runs embedded: SQLite, files under ``var/``, tasks in process, a cache in memory, email on the
console. Each variable read here switches one of them to the real engine (pydotorg/settings/variables.py lists them all).
"""

from base64 import b64encode
from hashlib import sha256
from pathlib import Path
from urllib.parse import urlencode

import environ
from csp.constants import NONCE, NONE, SELF

from .accounts import *
from .languages import LANGUAGES
from .variables import fill_in_secrets

BASE_DIR = Path(__file__).resolve().parents[2]
env = environ.Env()
fill_in_secrets(env.ENVIRON)
# All files that the site writes to disk.
VAR_DIR = Path(env("VAR_DIR", default=str(BASE_DIR / "var")))
VAR_DIR.mkdir(parents=True, exist_ok=True)

# Shown in the admin sidebar, so that nobody mistakes production for a test site.
ENVIRONMENT = env("ENVIRONMENT", default="local")
RELEASE = env("RELEASE", default="dev")
COMMIT = env("COMMIT", default="")
COLOUR = env("COLOUR", default="")

INSTALLED_APPS = [
    "importer",
    "demo",
    "home",
    "downloads",
    "jobs",
    "events",
    "sponsors",
    "community",
    "psf",
    "cms",
    "users",
    "wagtail.contrib.redirects",
    "wagtail.contrib.search_promotions",
    "wagtail.contrib.settings",
    "wagtail_localize",
    "wagtail.contrib.sitemaps",
    "wagtail.contrib.table_block",
    "wagtail.contrib.typed_table_block",
    "wagtail.api.v3",
    "wagtail.embeds",
    "wagtail.sites",
    "users.apps.WagtailPeopleConfig",
    "wagtail.snippets",
    "wagtail.documents",
    "wagtail.images",
    "wagtail.search",
    "wagtail.admin",
    "wagtail.locales",
    "wagtail",
    "wagtail_modeladmin",
    "django_countries",
    "modelcluster",
    "taggit",
    "django_filters",
    "django_tasks",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.usersessions",
    "django.contrib.humanize",
    "ninja",
    "rest_framework",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.sitemaps",
    "django.contrib.staticfiles",
    "django.forms",
]

MIDDLEWARE = [
    "users.middleware.ClientAddressMiddleware",
    "cms.platform.middleware.RequestIDMiddleware",
    # Before all middleware that checks the host, because load balancers and container runtimes request an IP address.
    "pydotorg.probes.ProbeMiddleware",
    "cms.platform.timeouts.DatabaseLimitsMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "cms.delivery.compression.CompressionMiddleware",
    "cms.delivery.page_cache.PageCacheMiddleware",
    "cms.delivery.middleware.HeadersMiddleware",
    "cms.platform.middleware.ContentSecurityPolicyMiddleware",
    "cms.platform.middleware.InputMiddleware",
    "users.middleware.AccountHintMiddleware",
    "users.middleware.KeyInURLMiddleware",
    "cms.platform.sites.SiteMiddleware",
    "cms.content.languages.LanguageMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.http.ConditionalGetMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "cms.content.middleware.OldURLMiddleware",
    "wagtail.contrib.redirects.middleware.RedirectMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "allauth.usersessions.middleware.UserSessionsMiddleware",
    "users.middleware.EndedSessionMiddleware",
    "users.middleware.SecondFactorMiddleware",
    "cms.email.limits.EmailSenderMiddleware",
    "importer.middleware.ParallelRunningMiddleware",
    "cms.editor.trash_views.UndoMiddleware",
    # Must be last, because it calls the view itself, within a transaction.
    "cms.editor.conflicts.EditConflictMiddleware",
]

ROOT_URLCONF = "pydotorg.urls"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
AUTH_USER_MODEL = "users.User"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "OPTIONS": {
            "builtins": ["cms.templatetags.dates"],
            "loaders": [
                (
                    "django.template.loaders.cached.Loader",
                    ["cms.platform.templates.Loader", "django.template.loaders.app_directories.Loader"],
                ),
            ],
            "context_processors": [
                "django.template.context_processors.debug",
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "cms.content.context_processors.frame",
            ],
        },
    },
]
FORM_RENDERER = "django.forms.renderers.TemplatesSetting"

DATABASES = {"default": env.db("DATABASE_URL", default=f"sqlite:///{VAR_DIR / 'db.sqlite3'}")}
if DATABASES["default"]["ENGINE"].endswith("sqlite3"):
    DATABASES["default"]["OPTIONS"] = {
        "transaction_mode": "IMMEDIATE",
        "timeout": 20,
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;",
    }
else:
    # Seconds to connect, and milliseconds until a connection without a response from the network is closed.
    DATABASES["default"]["OPTIONS"] = {
        "connect_timeout": 3,
        "tcp_user_timeout": 5000,
        **DATABASES["default"].get("OPTIONS", {}),
    }
DATABASES["default"]["CONN_MAX_AGE"] = env.int("DATABASE_CONN_MAX_AGE", default=60)
DATABASES["default"]["CONN_HEALTH_CHECKS"] = True
if env.bool("DATABASE_POOLED", default=False):
    # A pooler may use a different connection for each transaction, so no session state may be kept.
    DATABASES["default"] |= {"CONN_MAX_AGE": 0, "DISABLE_SERVER_SIDE_CURSORS": True}
if env("DATABASE_REPLICA_URL", default=""):
    DATABASES["replica"] = DATABASES["default"] | env.db("DATABASE_REPLICA_URL")
    # Fail fast, because visitors wait for the response.
    DATABASES["replica"]["OPTIONS"] = {**DATABASES["replica"].get("OPTIONS", {}), "connect_timeout": 2, "tcp_user_timeout": 5000}
    DATABASE_ROUTERS = ["pydotorg.replica.ReplicaRouter"]
    MIDDLEWARE.insert(MIDDLEWARE.index("cms.delivery.middleware.HeadersMiddleware") + 1, "pydotorg.replica.ReplicaMiddleware")

REDIS_URL = env("REDIS_URL", default="")
# The queue needs a single server: RQ writes keys of several slots in one transaction. The cache may be a cluster.
CACHE_URL = env("CACHE_URL", default=REDIS_URL)
# Seconds. A Redis in the same network responds within a millisecond.
REDIS_TIMEOUTS = {"socket_timeout": 0.4, "socket_connect_timeout": 0.4}
TASK_QUEUES = ["default", "mail", "purge"]
# Tasks run immediately in the calling process; also the fallback if the server of the queue is down.
IN_PROCESS = {"BACKEND": "django_tasks.backends.immediate.ImmediateBackend", "QUEUES": TASK_QUEUES}
if REDIS_URL:
    INSTALLED_APPS += ["django_rq", "django_tasks_rq"]
    RQ = {"QUEUE_CLASS": "cms.platform.queue.OnCommitQueue"}
    # A save does not wait for a queue that hangs: the task runs in a thread instead. django-rq takes options in the URL alone.
    QUEUE_URL = f"{REDIS_URL}{'&' if '?' in REDIS_URL else '?'}{urlencode(REDIS_TIMEOUTS)}"
    # Workers must use the same serializer (Procfile).
    RQ_QUEUES: dict[str, dict] = {name: {"URL": QUEUE_URL, "DEFAULT_TIMEOUT": 600, "SERIALIZER": "json"} for name in TASK_QUEUES}
    TASKS = {
        "default": {"BACKEND": "cms.platform.queue.QueueBackend", "QUEUES": TASK_QUEUES},
        "in_process": IN_PROCESS,
    }
    TASKS["aside"] = TASKS["default"]
else:
    # Calls that another server may delay run in their own thread.
    TASKS = {
        "default": IN_PROCESS,
        "in_process": IN_PROCESS,
        "aside": IN_PROCESS | {"BACKEND": "cms.platform.threads.ThreadBackend"},
    }

if CACHE_URL:
    CACHES: dict[str, dict] = {
        "default": {
            "BACKEND": f"cms.platform.cache.Forgiving{'Cluster' if '+cluster://' in CACHE_URL else 'Redis'}Cache",
            "LOCATION": CACHE_URL,
            "OPTIONS": {"serializer": "cms.platform.cache.JSONSerializer", **REDIS_TIMEOUTS},
        },
        # Wagtail would store model instances here, which cannot be serialized as JSON.
        "renditions": {"BACKEND": "django.core.cache.backends.dummy.DummyCache"},
    }
else:
    CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}

# Whether public pages are cached in each process (cms/delivery/page_cache.py). Invalidation is shared by all processes.
PAGE_CACHE = env.bool("PAGE_CACHE", default=False)
CACHES["pages"] = {
    "BACKEND": "django.core.cache.backends.locmem.LocMemCache",
    "LOCATION": "pages",
    "OPTIONS": {"MAX_ENTRIES": 600},
}

# Whether every admin user needs a second factor.
REQUIRE_SECOND_FACTOR = env.bool("REQUIRE_SECOND_FACTOR", default=False)
# Where the client address comes from (users/middleware.py): networks of proxies that append to X-Forwarded-For, and the secret
# with which the edge proves itself.
TRUSTED_PROXIES = env.list("TRUSTED_PROXIES", default=[])
EDGE_SECRET = env("EDGE_SECRET", default="")
# Sign-in with accounts of other sites, each if its variables are set.
SOCIALACCOUNT_PROVIDERS: dict[str, dict] = {}
for provider in ("github", "google"):
    if client_id := env(f"{provider.upper()}_CLIENT_ID", default=""):
        secret = env(f"{provider.upper()}_CLIENT_SECRET")
        SOCIALACCOUNT_PROVIDERS[provider] = {"APP": {"client_id": client_id, "secret": secret}, "VERIFIED_EMAIL": True}
        INSTALLED_APPS.append(f"allauth.socialaccount.providers.{provider}")
if SOCIALACCOUNT_PROVIDERS:
    INSTALLED_APPS.append("allauth.socialaccount")
# OpenID Connect provider for the sister sites, if a private key is set.
if private_key := env.str("OIDC_PRIVATE_KEY", default="", multiline=True):
    INSTALLED_APPS.append("allauth.idp.oidc")
    IDP_OIDC_PRIVATE_KEY = private_key

MESSAGE_STORAGE = "django.contrib.messages.storage.cookie.CookieStorage"
SESSION_COOKIE_NAME = "sessionid"
SESSION_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_SAMESITE = "Lax"
CSRF_FAILURE_VIEW = "pydotorg.views.csrf_failure"
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "strict-origin-when-cross-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
SECURE_HSTS_SECONDS = 63_072_000
SECURE_HSTS_INCLUDE_SUBDOMAINS = True
SECURE_HSTS_PRELOAD = True
X_FRAME_OPTIONS = "SAMEORIGIN"
# The admin shows previews in a frame of the same site.
SILENCED_SYSTEM_CHECKS = ["security.W019"]
PERMISSIONS_POLICY = "camera=(), geolocation=(), microphone=(), payment=(), usb=(), interest-cohort=()"
# The only inline script of the pages, allowed by its hash: a nonce would differ in each copy of a page.
FIRST_PAINT = b64encode(sha256((BASE_DIR / "templates/components/first_paint.js").read_bytes()).digest()).decode()
CONTENT_SECURITY_POLICY: dict[str, dict[str, list]] = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "script-src": [SELF, NONCE, f"'sha256-{FIRST_PAINT}'"],
        "style-src": [SELF, NONCE],
        "img-src": [SELF, "data:"],
        "frame-src": [SELF, "https://www.youtube-nocookie.com", "https://player.vimeo.com"],
        "frame-ancestors": [SELF],
        "object-src": [NONE],
        "base-uri": [SELF],
        "form-action": [SELF],
    },
}
# Wagtail's admin starts widgets with inline scripts without nonces; no foreign hosts are allowed.
ADMIN_CONTENT_SECURITY_POLICY = {
    "script-src": [SELF, "'unsafe-inline'"],
    "style-src": [SELF, "'unsafe-inline'"],
    "img-src": [SELF, "data:", "blob:"],
    "frame-src": [SELF],
}

LANGUAGE_CODE = "en"
WAGTAIL_CONTENT_LANGUAGES = LANGUAGES
USE_I18N = True
# locale/en contains our wording of django-allauth's strings, locale/es the Spanish strings of public pages.
LOCALE_PATHS = [BASE_DIR / "locale"]
FORMAT_MODULE_PATH = "pydotorg.formats"
TIME_ZONE = "UTC"
USE_TZ = True

STATIC_URL = "/static/"
# Not in VAR_DIR in the image: volumes cover that folder.
STATIC_ROOT = Path(env("STATIC_ROOT", default=str(VAR_DIR / "static")))
# Files of the Python console, which deploy/console.py places. Their names must not change, so they are no static files.
CONSOLE_ROOT = Path(env("CONSOLE_ROOT", default=str(VAR_DIR / "console")))
STATICFILES_DIRS = [BASE_DIR / "pydotorg" / "static"]
MEDIA_URL = "/media/"
MEDIA_ROOT = VAR_DIR / "media"
STORAGES: dict[str, dict] = {
    "default": {"BACKEND": "cms.platform.storage.DiskStorage"},
    # Restricted files: no URL leads to them, views serve them after a permission check.
    "private": {"BACKEND": "cms.platform.storage.DiskStorage", "OPTIONS": {"location": VAR_DIR / "private"}},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
# "none" is an explicit choice: production settings require one for storage, email and the CDN.
AWS_STORAGE_BUCKET_NAME = env("AWS_STORAGE_BUCKET_NAME", default="none")
if AWS_STORAGE_BUCKET_NAME == "none":
    AWS_STORAGE_BUCKET_NAME = ""
if AWS_STORAGE_BUCKET_NAME:
    from botocore.config import Config

    STORAGES["default"] = {
        "BACKEND": "cms.platform.s3.WatchedS3Storage",
        "OPTIONS": {
            "bucket_name": AWS_STORAGE_BUCKET_NAME,
            "endpoint_url": env("AWS_S3_ENDPOINT_URL", default=None),
            "region_name": env("AWS_REGION", default="us-east-1"),
            "location": "media",
            # Fail fast: users wait for their upload. Each limit is that of one step, and far below that of a request.
            "client_config": Config(
                s3={"addressing_style": "path"},
                signature_version="s3v4",
                connect_timeout=2,
                read_timeout=5,
                retries={"total_max_attempts": 1},
            ),
            "file_overwrite": False,
            "querystring_auth": False,
        },
    }
    # URL from which browsers load media, if they cannot reach the store directly or a proxy caches it.
    if media_domain := env("AWS_S3_CUSTOM_DOMAIN", default=""):
        media_scheme = "http:" if env("BASE_URL", default="").startswith("http://") else "https:"
        STORAGES["default"]["OPTIONS"] |= {"custom_domain": media_domain, "url_protocol": media_scheme}
        for policy in (CONTENT_SECURITY_POLICY["DIRECTIVES"], ADMIN_CONTENT_SECURITY_POLICY):
            policy["img-src"].append(f"{media_scheme}//{media_domain.partition('/')[0]}")
    # Renditions never change: a new rendition has a new name.
    STORAGES["renditions"] = {
        "BACKEND": "cms.platform.s3.WatchedS3Storage",
        "OPTIONS": {
            **STORAGES["default"]["OPTIONS"],
            "object_parameters": {"CacheControl": "public, max-age=31536000, immutable"},
        },
    }
    WAGTAILIMAGES_RENDITION_STORAGE = "renditions"
    # Images come from the storage, and large documents are uploaded from the browser directly to it.
    store = env("AWS_S3_ENDPOINT_URL", default=f"https://s3.{env('AWS_REGION', default='us-east-1')}.amazonaws.com").rstrip("/")
    CONTENT_SECURITY_POLICY["DIRECTIVES"]["img-src"].append(store)
    ADMIN_CONTENT_SECURITY_POLICY["img-src"].append(store)
    ADMIN_CONTENT_SECURITY_POLICY["connect-src"] = [SELF, store]
    # A separate folder without public objects: the policy of the bucket opens only "media".
    STORAGES["private"] = {
        "BACKEND": "cms.platform.s3.WatchedS3Storage",
        "OPTIONS": {
            **STORAGES["default"]["OPTIONS"],
            "bucket_name": env("AWS_PRIVATE_BUCKET_NAME", default=AWS_STORAGE_BUCKET_NAME),
            "location": "private",
            "custom_domain": None,
            "default_acl": "private",
            "querystring_auth": True,
            "querystring_expire": 300,
        },
    }
DATA_UPLOAD_MAX_NUMBER_FIELDS = 10_000

EMAIL_URL = env("EMAIL_URL", default="none")
EMAIL_CONFIG = env.email_url_config("consolemail://" if EMAIL_URL == "none" else EMAIL_URL)
vars().update(EMAIL_CONFIG)
# Every email is first a row, and a task sends it with the backend of EMAIL_URL.
EMAIL_DELIVERY_BACKEND = EMAIL_CONFIG["EMAIL_BACKEND"]
EMAIL_BACKEND = "cms.email.backends.OutboxBackend"
# Timeout in seconds for each step of an SMTP session.
EMAIL_TIMEOUT = 10
DEFAULT_FROM_EMAIL = SERVER_EMAIL = env("DEFAULT_FROM_EMAIL", default="python.org <noreply@python.org>")

WAGTAIL_SITE_NAME = "python.org"
# Days after which sent emails are anonymized and closed problem reports are deleted.
PERSONAL_DATA_DAYS = env.int("PERSONAL_DATA_DAYS", default=180)
# One of how many page views the browser reports (cms/content/page_views.py).
PAGE_VIEWS_SAMPLE = env.int("PAGE_VIEWS_SAMPLE", default=1)
WAGTAILADMIN_BASE_URL = BASE_URL = env("BASE_URL", default="http://127.0.0.1:8000")
WAGTAILADMIN_LOGIN_URL = WAGTAIL_FRONTEND_LOGIN_URL = "account_login"
# Passwords and email addresses are changed only with allauth (users/admin_urls.py).
WAGTAIL_PASSWORD_MANAGEMENT_ENABLED = WAGTAIL_EMAIL_MANAGEMENT_ENABLED = WAGTAIL_PASSWORD_RESET_ENABLED = False
WAGTAILUSERS_PASSWORD_ENABLED = False
WAGTAIL_PASSWORD_REQUIRED_TEMPLATE = WAGTAILDOCS_PASSWORD_REQUIRED_TEMPLATE = "cms/password_required.html"  # noqa: S105 -- a template.
WAGTAIL_I18N_ENABLED = True
# A translation starts as a draft.
WAGTAILLOCALIZE_SYNC_LIVE_STATUS_ON_TRANSLATE = False
WAGTAIL_ENABLE_UPDATE_CHECK = False
WAGTAIL_ENABLE_WHATS_NEW_BANNER = False
WAGTAIL_GRAVATAR_PROVIDER_URL = None
WAGTAIL_FINISH_WORKFLOW_ACTION = "cms.moderation.publishing.publish_reviewed"
WAGTAILADMIN_RICH_TEXT_EDITORS = {"default": {"WIDGET": "cms.content.widgets.RichTextArea"}}
WAGTAILADMIN_NOTIFICATION_INCLUDE_SUPERUSERS = False
WAGTAILIMAGES_IMAGE_MODEL = "cms.CustomImage"
WAGTAILIMAGES_IMAGE_FORM_BASE = "cms.platform.uploads.ImageForm"
WAGTAILIMAGES_MAX_UPLOAD_SIZE = 15_000_000
WAGTAILIMAGES_MAX_IMAGE_PIXELS = 50_000_000
WAGTAILDOCS_DOCUMENT_FORM_BASE = "cms.platform.uploads.DocumentForm"
WAGTAILDOCS_EXTENSIONS = [
    "csv",
    "doc",
    "docx",
    "ics",
    "json",
    "md",
    "odp",
    "ods",
    "odt",
    "pdf",
    "pptx",
    "rtf",
    "txt",
    "xlsx",
    "zip",
]
DOCUMENT_LARGEST = 30_000_000
WAGTAILDOCS_DOCUMENT_MODEL = "cms.CustomDocument"
WAGTAILDOCS_SERVE_METHOD = "serve_view"
SEARCH_URL = env("SEARCH_URL", default="")
WAGTAILSEARCH_BACKENDS = {"default": {"BACKEND": "wagtail.search.backends.database", "AUTO_UPDATE": True}}
if SEARCH_URL:
    # See cms/search/engine.py; its client is in requirements/search.txt.
    WAGTAILSEARCH_BACKENDS["default"] |= {
        "BACKEND": "cms.search.engine",
        "URLS": SEARCH_URL.split(","),
        "INDEX_PREFIX": "site_",
        "TIMEOUT": 5,
        "OPTIONS": {"max_retries": 1},
    }

CDN_BACKEND = env("CDN_BACKEND", default="none")
CDN_URL = env("CDN_URL", default="")
CDN_SERVICE_ID = env("CDN_SERVICE_ID", default="")
CDN_API_TOKEN = env("CDN_API_TOKEN", default="")
CDN_TIMEOUT = env.int("CDN_TIMEOUT", default=5)

# Hours after which a missing backup is an error in the log; 0 for installations whose backups are made elsewhere.
BACKUP_MAX_AGE_HOURS = env.int("BACKUP_MAX_AGE_HOURS", default=0)
# Whether the nightly link check also requests other sites.
CHECK_EXTERNAL_LINKS = env.bool("CHECK_EXTERNAL_LINKS", default=False)
# Whether cms.platform.fetching may request loopback addresses, as in tests.
FETCH_FROM_LOOPBACK = env.bool("FETCH_FROM_LOOPBACK", default=False)

TASTYPIE_DEFAULT_FORMATS = ["json"]
TASTYPIE_ALLOW_MISSING_SLASH = False
REST_FRAMEWORK = {
    "DEFAULT_RENDERER_CLASSES": ["cms.api.base.CompactJSONRenderer"],
    # Our own views take JSON only; the screens of wagtail-localize send forms.
    "DEFAULT_PARSER_CLASSES": [f"rest_framework.parsers.{name}" for name in ("JSONParser", "FormParser", "MultiPartParser")],
    "DEFAULT_AUTHENTICATION_CLASSES": ["cms.api.base.KeyAuthentication"],
    "DEFAULT_PERMISSION_CLASSES": ["cms.api.base.ReadOnlyOrModelPermission"],
    "EXCEPTION_HANDLER": "cms.api.base.handle_exception",
    "DEFAULT_FILTER_BACKENDS": ["django_filters.rest_framework.DjangoFilterBackend"],
    "DEFAULT_THROTTLE_CLASSES": ["cms.api.base.WriteThrottle"],
    # Writes per user; failed authentications count per client address.
    "DEFAULT_THROTTLE_RATES": {"writes": env("API_WRITE_RATE", default="600/hour")},
    # users.middleware.ClientAddressMiddleware has set the client address.
    "NUM_PROXIES": 0,
    "URL_FIELD_NAME": "resource_uri",
    "UNAUTHENTICATED_USER": "django.contrib.auth.models.AnonymousUser",
}
API_SHARED_CACHE_SECONDS = env.int("API_SHARED_CACHE_SECONDS", default=3600)
WAGTAILAPI_LIMIT_MAX = 100

# Token of Prometheus for /metrics. Without it nothing is counted and the URL returns 404.
METRICS_TOKEN = env("METRICS_TOKEN", default="")
if METRICS_TOKEN:
    MIDDLEWARE.insert(0, "django_prometheus.middleware.PrometheusBeforeMiddleware")
    MIDDLEWARE.append("django_prometheus.middleware.PrometheusAfterMiddleware")
# Endpoint of traces (OpenTelemetry, OTLP over HTTP); the library reads its other variables itself.
OTEL_EXPORTER_OTLP_ENDPOINT = env("OTEL_EXPORTER_OTLP_ENDPOINT", default="")
# Endpoint of errors (Sentry and compatible services).
SENTRY_DSN = env("SENTRY_DSN", default="")

HANDLERS: dict[str, dict] = {
    "console": {"class": "logging.StreamHandler", "filters": ["request_id"], "formatter": "plain"},
}
LOGGING: dict = {
    "version": 1,
    "disable_existing_loggers": False,
    "filters": {"request_id": {"()": "cms.platform.logs.RequestIDFilter"}},
    "formatters": {
        "plain": {"()": "cms.platform.logs.PlainFormatter", "format": "%(levelname)s %(name)s %(request_id)s %(message)s"},
        "json": {
            "()": "cms.platform.logs.MaskedJsonFormatter",
            "fmt": "%(asctime)s %(levelname)s %(name)s %(message)s %(request_id)s",
            "rename_fields": {"asctime": "time", "levelname": "level", "name": "logger"},
            "static_fields": {"release": RELEASE, "colour": COLOUR},
        },
    },
    "handlers": HANDLERS,
    # Log lines for each start and end of a task are of little use; failures are logged as errors.
    # Request lines are for production: runserver has its own.
    "loggers": {name: {"level": "WARNING"} for name in ("django_tasks", "access", "weasyprint", "fontTools")},
    "root": {"handlers": ["console"], "level": env("LOG_LEVEL", default="INFO")},
}
