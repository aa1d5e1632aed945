from .applications import ApplicationDraft
from .catalog import (
    Benefit,
    Deliverable,
    Kind,
    LegalClause,
    Package,
    PackageBenefit,
    Place,
    Publisher,
    SponsorshipProgram,
    SponsorshipYear,
)
from .contracts import Contract, ContractKind, ContractTemplate
from .deliverables import SponsorAsset, SponsorAssetVersion, SponsorshipDeliverable
from .messages import MessageTemplate
from .selection import Selection
from .settings import SponsorshipSettings
from .sponsors import Contact, Sponsor
from .sponsorships import Sponsorship, SponsorshipBenefit
from .states import ACTIVE, ENDED, STAGES, DeliverableState, State
from .transitions import TRANSITIONS

__all__ = [
    "ACTIVE",
    "ENDED",
    "STAGES",
    "TRANSITIONS",
    "ApplicationDraft",
    "Benefit",
    "Contact",
    "Contract",
    "ContractKind",
    "ContractTemplate",
    "Deliverable",
    "DeliverableState",
    "Kind",
    "LegalClause",
    "MessageTemplate",
    "Package",
    "PackageBenefit",
    "Place",
    "Publisher",
    "Selection",
    "Sponsor",
    "SponsorAsset",
    "SponsorAssetVersion",
    "Sponsorship",
    "SponsorshipBenefit",
    "SponsorshipDeliverable",
    "SponsorshipProgram",
    "SponsorshipSettings",
    "SponsorshipYear",
    "State",
]
