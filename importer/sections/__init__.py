"""One module for each section of the old site. Importing this package registers all their importers."""

from . import accounts, community, downloads, events, frame, home, jobs, psf, sponsors  # noqa: F401
