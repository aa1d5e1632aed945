"""Comparisons of imported rows, one module for each section. Importing this package registers them."""

from . import accounts, community, downloads, events, home, jobs, old_urls, psf, rights, sponsors  # noqa: F401
