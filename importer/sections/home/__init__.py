"""Import boxes and menus, pages with images and documents, code samples of the front page, and feature flags."""

from . import areas, flags, front, pages

__all__ = ["areas", "flags", "front", "pages"]
