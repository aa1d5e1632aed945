from datetime import UTC, datetime

import factory
from factory.django import DjangoModelFactory

from downloads.models import OS, Advisory, Release, ReleaseFile, ReleaseSeries


class OSFactory(DjangoModelFactory):
    name = "Windows"
    slug = "windows"

    class Meta:
        model = OS
        django_get_or_create = ["slug"]


class ReleaseSeriesFactory(DjangoModelFactory):
    major = 3
    minor = 14

    class Meta:
        model = ReleaseSeries
        django_get_or_create = ["major", "minor"]


class ReleaseFactory(DjangoModelFactory):
    name = factory.Sequence(lambda n: f"Python 3.14.{n}")
    live = True
    release_date = datetime(2026, 2, 3, 16, tzinfo=UTC)

    class Meta:
        model = Release


class ReleaseFileFactory(DjangoModelFactory):
    release = factory.SubFactory(ReleaseFactory)
    os = factory.SubFactory(OSFactory)
    name = "Windows installer (64-bit)"
    slug = factory.Sequence(lambda n: f"file-{n}")
    url = factory.Sequence(lambda n: f"https://www.python.org/ftp/python/3.14.0/python-3.14.0-{n}-amd64.exe")

    class Meta:
        model = ReleaseFile


class AdvisoryFactory(DjangoModelFactory):
    name = factory.Sequence(lambda n: f"PSF-2026-{n + 1}")
    aliases = factory.Sequence(lambda n: [f"CVE-2026-{n + 1000}"])
    summary = "Reading a long line takes long"
    published = datetime(2026, 10, 1, 10, tzinfo=UTC)
    modified = datetime(2026, 10, 2, 10, tzinfo=UTC)

    class Meta:
        model = Advisory
