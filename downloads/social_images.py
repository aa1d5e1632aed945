"""Images for links from other sites to releases, generated from the release data."""

from django.utils.dateformat import format as date_format

from cms.content.social_cards import draw_card

from .models import Release


def draw_release(release: Release) -> bytes:
    """Return the image of a release as PNG: name, date, and whether it is a pre-release or ended."""
    released = f"Released on {date_format(release.release_date, 'M j, Y')}"
    notice = "End of life" if release.has_ended() else "" if release.is_stable else "Pre-release for testing"
    return draw_card(release.name, released, notice)
