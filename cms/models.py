"""Models of all packages of the app, imported for Django."""

from .content.models import (
    Banner,
    BasePage,
    Box,
    CustomDocument,
    CustomImage,
    CustomRendition,
    Menu,
    MissingURL,
    PageReviewTask,
    PageSearch,
    PageViews,
    ReviewTask,
    SiteSettings,
)
from .delivery.models import LiveCheck, PlaceCheck, Purge
from .editor.models import BrokenLink, Bundle, BundleItem, PreviewComment, PreviewLink
from .email.models import EmailTemplate, SentEmail
from .moderation.models import AbstractSavedReply, Claim, PageFeedback, ProblemReport
from .platform.models import PendingTask, ScheduleState, TaskRun
from .search.models import DocEntry, EmptySearch, SynonymGroup
from .undo.models import RecordVersion, UndoStep

__all__ = [
    "AbstractSavedReply",
    "Banner",
    "BasePage",
    "Box",
    "BrokenLink",
    "Bundle",
    "BundleItem",
    "Claim",
    "CustomDocument",
    "CustomImage",
    "CustomRendition",
    "DocEntry",
    "EmailTemplate",
    "EmptySearch",
    "LiveCheck",
    "Menu",
    "MissingURL",
    "PageFeedback",
    "PageReviewTask",
    "PageSearch",
    "PageViews",
    "PendingTask",
    "PlaceCheck",
    "PreviewComment",
    "PreviewLink",
    "ProblemReport",
    "Purge",
    "RecordVersion",
    "ReviewTask",
    "ScheduleState",
    "SentEmail",
    "SiteSettings",
    "SynonymGroup",
    "TaskRun",
    "UndoStep",
]
