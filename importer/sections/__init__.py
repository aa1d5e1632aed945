"""Importers of the sections of the old site. Importing this package registers them all."""

from . import accounts, community, downloads, events, frame, home, jobs, psf, sponsors  # noqa: F401
