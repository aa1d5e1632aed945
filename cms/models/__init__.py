from .emails import EmailTemplate, SentMail
from .media import CustomDocument, CustomImage, CustomRendition
from .moderation import AbstractCannedReply, ReviewTask
from .pages import BasePage
from .purges import Purge
from .settings import SiteSettings

__all__ = [
    "AbstractCannedReply",
    "BasePage",
    "CustomDocument",
    "CustomImage",
    "CustomRendition",
    "EmailTemplate",
    "Purge",
    "ReviewTask",
    "SentMail",
    "SiteSettings",
]
