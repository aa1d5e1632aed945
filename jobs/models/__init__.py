from .acts import ACTS, CHANGE, Status
from .comments import JobComment
from .jobs import Job
from .lookups import CannedReply, JobBoardSettings, JobCategory, JobType
from .pages import JobsPage

__all__ = [
    "ACTS",
    "CHANGE",
    "CannedReply",
    "Job",
    "JobBoardSettings",
    "JobCategory",
    "JobComment",
    "JobType",
    "JobsPage",
    "Status",
]
