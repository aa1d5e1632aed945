"""Form data and row checks for tests of the admin."""

from datetime import timedelta

from django.utils import timezone

from downloads.models import Release
from tests.factories.downloads import OSFactory, ReleaseFactory, ReleaseFileFactory

RELEASES = "/admin/downloads/releases/"
FILES = "/admin/downloads/files/"
SERIES = "/admin/downloads/series/"
PLATFORMS = "/admin/downloads/operating-systems/"


def release_form(**changed):
    return {
        "name": "Python 3.15.0",
        "slug": "",
        "release_date": "2026-10-01 16:00",
        "release_notes_url": "",
        "release_page": "",
        "show_on_download_page": "on",
        "go_live_at": "",
        "expire_at": "",
        "body-count": "0",
    } | changed


def file_form(release, os, **changed):
    return {
        "release": release.pk,
        "os": os.pk,
        "name": "Windows installer (64-bit)",
        "slug": "",
        "description": "",
        "url": "https://www.python.org/ftp/python/3.15.0/python-3.15.0-amd64.exe",
        "filesize": "0",
        "sha256_sum": "",
        "md5_sum": "",
    } | changed


def edit_address(release):
    return f"{RELEASES}edit/{release.pk}/"


def complete_file(release, **changed):
    """Return a file with all data to verify it."""
    file = ReleaseFileFactory.build(release=release, os=OSFactory(), sha256_sum="a" * 64, **changed)
    file.gpg_signature_file = f"{file.url}.asc"
    file.save()
    return file


def schedule(release, user):
    release.go_live_at = timezone.now() + timedelta(days=1)
    release.save_revision(user=user).publish(user=user)


def add_releases(count):
    existing = Release.objects.count()
    for number in range(existing, existing + count):
        release = ReleaseFactory(name=f"Python 3.{number}.0", live=number % 2 == 0)
        ReleaseFileFactory(release=release)
        ReleaseFileFactory(release=release, os=OSFactory(slug="macos", name="macOS"))
