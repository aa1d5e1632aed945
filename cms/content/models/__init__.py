from .banners import Banner
from .boxes import Box
from .legacy import LegacyPageID
from .media import CustomDocument, CustomImage, CustomRendition
from .menus import Menu
from .missing_urls import MissingURL
from .page_views import PageSearch, PageViews
from .pages import BasePage
from .reviews import PageReviewTask, ReviewTask
from .settings import SiteSettings

__all__ = [
    "Banner",
    "BasePage",
    "Box",
    "CustomDocument",
    "CustomImage",
    "CustomRendition",
    "LegacyPageID",
    "Menu",
    "MissingURL",
    "PageReviewTask",
    "PageSearch",
    "PageViews",
    "ReviewTask",
    "SiteSettings",
]
