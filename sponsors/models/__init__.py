from .acts import ACTIVE, ACTS, ENDED, STAGES, State
from .agreements import Agreement, AgreementKind, AgreementTemplate
from .applications import ApplicationDraft
from .catalogue import (
    Benefit,
    Deliverable,
    Inclusion,
    Kind,
    LegalClause,
    Package,
    Place,
    Program,
    Publisher,
    Season,
)
from .deals import Deal, Line
from .items import Answer, AnswerVersion, Item, ItemState
from .messages import MessageTemplate
from .settings import SponsorshipSettings
from .sponsors import Contact, Sponsor

__all__ = [
    "ACTIVE",
    "ACTS",
    "ENDED",
    "STAGES",
    "Agreement",
    "AgreementKind",
    "AgreementTemplate",
    "Answer",
    "AnswerVersion",
    "ApplicationDraft",
    "Benefit",
    "Contact",
    "Deal",
    "Deliverable",
    "Inclusion",
    "Item",
    "ItemState",
    "Kind",
    "LegalClause",
    "Line",
    "MessageTemplate",
    "Package",
    "Place",
    "Program",
    "Publisher",
    "Season",
    "Sponsor",
    "SponsorshipSettings",
    "State",
]
