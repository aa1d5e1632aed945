from .media import CustomDocument, CustomImage, CustomRendition
from .pages import BasePage
from .purges import Purge
from .settings import SiteSettings

__all__ = ["BasePage", "CustomDocument", "CustomImage", "CustomRendition", "Purge", "SiteSettings"]
