"""Structured data of a release: https://schema.org/SoftwareApplication."""

from django.conf import settings
from django.urls import reverse

from .models import Release, ReleaseFile


def release_data(release: Release, files: list[ReleaseFile]) -> dict:
    data = {
        "@context": "https://schema.org",
        "@type": "SoftwareApplication",
        "name": release.name,
        "softwareVersion": release.version_string,
        "datePublished": release.release_date.isoformat(),
        "url": settings.BASE_URL + release.get_absolute_url(),
        "applicationCategory": "DeveloperApplication",
        "operatingSystem": ", ".join(sorted({file.os.name for file in files if not file.is_source})),
        "downloadUrl": [file.url for file in files if file.download_button],
        "releaseNotes": release.release_notes_url,
        "author": {"@type": "Organization", "name": "Python Software Foundation", "url": "https://www.python.org/psf/"},
        "isAccessibleForFree": True,
        "license": "https://docs.python.org/3/license.html",
        "offers": {"@type": "Offer", "price": "0", "priceCurrency": "USD"},
        "image": settings.BASE_URL + reverse("downloads:release_image", args=[release.slug]) if release.slug else "",
        "creativeWorkStatus": "Published" if release.is_stable else "Pre-release",
    }
    return {key: value for key, value in data.items() if value}
