# syntax=docker/dockerfile:1
# `make image` builds it. BASE_IMAGE can pin the base: `--build-arg BASE_IMAGE=python@sha256:…`.
ARG BASE_IMAGE=python:3.13-slim-bookworm
# hadolint ignore=DL3006
FROM $BASE_IMAGE AS build
ENV PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1
WORKDIR /app
RUN python -m venv --without-pip /venv
# `--build-arg REQUIREMENTS=search` for SEARCH_URL, `=import` for the import (docs/importing.md).
ARG REQUIREMENTS=base
COPY requirements/$REQUIREMENTS.txt requirements.txt
# rq-scheduler, a dependency of django-tasks-rq that the site never imports, brings freezegun. Neither reaches production.
# The root of a container is read-only: without the bytecode from here, each process would compile all modules again at its start.
RUN python -m pip --python /venv/bin/python install --no-compile --require-hashes -r requirements.txt \
    && python -m pip --python /venv/bin/python uninstall --yes rq-scheduler freezegun \
    && /venv/bin/python -m compileall -q -j 0 --invalidation-mode unchecked-hash /venv/lib
COPY . .
RUN /venv/bin/python -m compileall -q -j 0 --invalidation-mode unchecked-hash .
# The Python console for browsers: the one of `make console`, or from the npm of this step, or none.
RUN if test -d var/console; then mv var/console console; else /venv/bin/python deploy/console.py console --if-possible; fi
# Static files are in the image and outside of /app/var, which every platform covers with an empty folder.
# The secret and the addresses are those of this step alone: collecting static files needs settings that start.
RUN SECRET_KEY=only-for-collectstatic DATABASE_URL=sqlite:////tmp/none.sqlite3 REDIS_URL=redis://127.0.0.1:6379/0 \
    ALLOWED_HOSTS=127.0.0.1 BASE_URL=https://www.python.org AWS_STORAGE_BUCKET_NAME=none CDN_BACKEND=none EMAIL_URL=none DJANGO_SETTINGS_MODULE=pydotorg.settings.production STATIC_ROOT=/app/static VAR_DIR=/tmp/var \
    /venv/bin/python manage.py collectstatic --noinput --verbosity 0

# hadolint ignore=DL3006
FROM $BASE_IMAGE
# The libraries that draw the PDF of an agreement; what a backup is made with.
# Their versions are those of the base image's release.
# hadolint ignore=DL3008
RUN apt-get update && apt-get install -y --no-install-recommends postgresql-client gnupg libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0 \
    fonts-dejavu-core fonts-droid-fallback && rm -rf /var/lib/apt/lists/*
RUN useradd --system --uid 10001 --home-dir /app web
WORKDIR /app
COPY --from=build /venv /venv
COPY --from=build --chown=root:root /app /app
RUN install --directory --owner=web --mode=1777 /app/var
# Some runtimes cover it with a tmpfs of root that has the mode of this folder; others make a volume of it that has its owner, too.
VOLUME /app/var
ENV PATH=/venv/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 HOST=0.0.0.0 PORT=8000 STATIC_ROOT=/app/static CONSOLE_ROOT=/app/console \
    DJANGO_SETTINGS_MODULE=pydotorg.settings.production
# By number: Kubernetes does not look names up.
USER 10001
EXPOSE 8000
HEALTHCHECK --interval=10s --timeout=3s --start-period=20s \
    CMD ["python", "-c", "import urllib.request as r; r.urlopen('http://127.0.0.1:8000/health', timeout=2)"]
CMD ["gunicorn", "pydotorg.wsgi"]
# The last ones, because they change with each commit.
ARG VERSION=dev
ARG COMMIT=
ENV RELEASE=$VERSION COMMIT=$COMMIT
LABEL org.opencontainers.image.title="python.org" org.opencontainers.image.version=$VERSION org.opencontainers.image.revision=$COMMIT
