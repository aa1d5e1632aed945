"""Takes in the old site's boxes and menus, its pages with their images and documents, and what stood on its front page."""

from . import areas, front, pages

__all__ = ["areas", "front", "pages"]
