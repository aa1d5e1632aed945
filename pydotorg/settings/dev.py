"""Settings of a developer's machine and of `make serve`."""

from .base import *

DEBUG = env.bool("DEBUG", default=True)
SECRET_KEY = env("SECRET_KEY", default="only-for-a-local-site-" + "x" * 40)
ALLOWED_HOSTS = ["127.0.0.1", "localhost", "[::1]", "testserver"]
INTERNAL_IPS = ["127.0.0.1"]
SECURE_HSTS_SECONDS = 0
# Browsers offer passkeys on localhost without TLS.
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = True
PAGE_CACHE = env.bool("PAGE_CACHE", default=CDN_BACKEND == "none")
