"""The models of all packages of the app, where Django looks for them."""

from .content.models import (
    Banner,
    BasePage,
    Box,
    CustomDocument,
    CustomImage,
    CustomRendition,
    Menu,
    MissingAddress,
    PageReviewTask,
    ReviewTask,
    SiteSettings,
    without_private,
)
from .delivery.models import LiveCheck, Purge
from .editor.models import BrokenLink
from .email.models import EmailTemplate, SentMail
from .moderation.models import AbstractSavedReply, ProblemReport
from .platform.models import TaskRun
from .search.models import DocEntry, EmptySearch

__all__ = [
    "AbstractSavedReply",
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
    "LiveCheck",
    "Menu",
    "MissingAddress",
    "PageReviewTask",
    "ProblemReport",
    "Purge",
    "ReviewTask",
    "SentMail",
    "SiteSettings",
    "TaskRun",
    "without_private",
]
