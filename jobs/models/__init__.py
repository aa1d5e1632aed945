from .comments import JobComment
from .jobs import Job
from .lookups import JobBoardSettings, JobCategory, JobType, SavedReply
from .pages import JobsPage
from .states import CHANGE, TRANSITIONS, Status

__all__ = [
    "CHANGE",
    "TRANSITIONS",
    "Job",
    "JobBoardSettings",
    "JobCategory",
    "JobComment",
    "JobType",
    "JobsPage",
    "SavedReply",
    "Status",
]
