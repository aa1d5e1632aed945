from .elections import Acknowledgement, Election, ElectionKind, Nomination, Nominee, NomineeNote
from .groups import WorkGroupIndexPage, WorkGroupMember, WorkGroupPage
from .membership import Membership, MembershipKind, MembershipPage, MembershipSettings
from .minutes import MeetingBody, MinutesAttachment, MinutesIndexPage, MinutesPage, RecordsPage, Resolution

__all__ = [
    "Acknowledgement",
    "Election",
    "ElectionKind",
    "MeetingBody",
    "Membership",
    "MembershipKind",
    "MembershipPage",
    "MembershipSettings",
    "MinutesAttachment",
    "MinutesIndexPage",
    "MinutesPage",
    "Nomination",
    "Nominee",
    "NomineeNote",
    "RecordsPage",
    "Resolution",
    "WorkGroupIndexPage",
    "WorkGroupMember",
    "WorkGroupPage",
]
