"""Takes in the old site's boxes and menus, its pages with their images and documents, the front page’s samples, and
the switches of its sections."""

from . import areas, flags, front, pages

__all__ = ["areas", "flags", "front", "pages"]
