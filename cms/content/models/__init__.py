from .banners import Banner
from .boxes import Box
from .media import CustomDocument, CustomImage, CustomRendition
from .menus import Menu
from .missing_urls import MissingURL
from .pages import BasePage, without_private
from .reviews import PageReviewTask, ReviewTask
from .settings import SiteSettings

__all__ = [
    "Banner",
    "BasePage",
    "Box",
    "CustomDocument",
    "CustomImage",
    "CustomRendition",
    "Menu",
    "MissingURL",
    "PageReviewTask",
    "ReviewTask",
    "SiteSettings",
    "without_private",
]
