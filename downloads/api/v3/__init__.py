"""/api/v3/: releases, files, series and operating systems, paged and filtered; releases can be written in one request."""

from . import writes  # noqa: F401 -- adds the operations that write to the routers.
from .reads import ROUTERS

__all__ = ["ROUTERS"]
