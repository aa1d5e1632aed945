"""Comparisons of imported rows, one module per section. Importing this package registers them."""

from . import accounts, community, downloads, events, home, jobs, old_urls, psf, rights, sponsors  # noqa: F401
