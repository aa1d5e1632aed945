from .addresses import MissingAddress
from .banners import Banner
from .boxes import Box
from .docs import DocEntry
from .emails import EmailTemplate, SentMail
from .health import BrokenLink, EmptySearch, ProblemReport
from .imports import ImportedRow
from .media import CustomDocument, CustomImage, CustomRendition
from .menus import Menu
from .moderation import AbstractCannedReply, PageReviewTask, ReviewTask
from .pages import BasePage, without_private
from .purges import Purge
from .settings import SiteSettings
from .sightings import Sighting
from .task_runs import TaskRun

__all__ = [
    "AbstractCannedReply",
    "Banner",
    "BasePage",
    "Box",
    "BrokenLink",
    "CustomDocument",
    "CustomImage",
    "CustomRendition",
    "DocEntry",
    "EmailTemplate",
    "EmptySearch",
    "ImportedRow",
    "Menu",
    "MissingAddress",
    "PageReviewTask",
    "ProblemReport",
    "Purge",
    "ReviewTask",
    "SentMail",
    "Sighting",
    "SiteSettings",
    "TaskRun",
    "without_private",
]
