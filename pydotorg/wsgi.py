"""WSGI entry point of gunicorn."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "pydotorg.settings.production")

application = get_wsgi_application()
