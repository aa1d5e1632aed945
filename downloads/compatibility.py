"""Oldest operating systems that releases run on."""

from django.utils.translation import gettext_lazy as _

# Notes for each operating system, newest rule first: the minimum version and the note.
NOTES = {
    "windows": [
        ((3, 9), _("Cannot be used on Windows 7 or earlier.")),
        ((3, 5), _("Cannot be used on Windows XP or earlier.")),
    ],
}
# From this version on the install manager is the recommended way to install Python where it exists.
INSTALL_MANAGER_FROM = (3, 14)


def note_for(os_slug: str, version: tuple[int, int], *, has_manager: bool = False) -> str:
    """Return the compatibility note of a release (major, minor) on an operating system, or an empty string."""
    if has_manager and version >= INSTALL_MANAGER_FROM:
        return str(_("Use the Python install manager."))
    return next((str(note) for since, note in NOTES.get(os_slug, []) if version >= since), "")
