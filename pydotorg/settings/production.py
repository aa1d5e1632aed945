"""Settings of a public site. It refuses to start if a required variable is missing, and names it."""

from django.core.exceptions import ImproperlyConfigured
from whitenoise.compress import Compressor

from .base import *
from .variables import missing

if names := missing(env.ENVIRON):
    raise ImproperlyConfigured(f"Set these variables before starting under the production settings: {', '.join(names)}.")

DEBUG = False
ENVIRONMENT = env("ENVIRONMENT", default="production")
SECRET_KEY = env("SECRET_KEY")
SECRET_KEY_FALLBACKS = env.list("SECRET_KEY_FALLBACKS", default=[])
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS")
CSRF_TRUSTED_ORIGINS = env.list("CSRF_TRUSTED_ORIGINS", default=[f"https://{host}" for host in ALLOWED_HOSTS])
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
SECURE_SSL_REDIRECT = env.bool("SECURE_SSL_REDIRECT", default=True)
SECURE_REDIRECT_EXEMPT = [r"^_?health$", r"^ready$"]
REQUIRE_SECOND_FACTOR = env.bool("REQUIRE_SECOND_FACTOR", default=True)
# Cookies are sent without TLS only if the site declares that it has none, such as the stack on one machine.
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = not env("BASE_URL", default="").startswith("http://")
MIDDLEWARE.insert(
    MIDDLEWARE.index("django.middleware.security.SecurityMiddleware") + 1, "whitenoise.middleware.WhiteNoiseMiddleware"
)
STORAGES["staticfiles"] = {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"}
# Only developer tools load source maps, which are large.
WHITENOISE_SKIP_COMPRESS_EXTENSIONS = [*Compressor.SKIP_COMPRESS_EXTENSIONS, "map"]
HANDLERS["console"]["formatter"] = "json"
LOGGING["loggers"]["access"]["level"] = "INFO"
