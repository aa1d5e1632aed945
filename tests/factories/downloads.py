from datetime import UTC, datetime

import factory
from factory.django import DjangoModelFactory

from downloads.models import OS, Release, ReleaseFile, ReleaseSeries


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
