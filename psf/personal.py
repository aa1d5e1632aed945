from django.db.models import Q

from users.models import User
from users.personal import register

from .models import Membership, Nomination

OF_A_NOMINATION = ["name", "email", "previous_service", "employer", "other_affiliations", "statement", "acknowledged", "state"]
OF_A_MEMBER = ["legal_name", "preferred_name", "email", "city", "region", "country", "postal_code"]


def forget_nominations(user: User) -> None:
    """Remove email addresses. Names and statements of an election are public record."""
    user.nominations_received.update(email="")
    Nomination.objects.filter(Q(nominator=user, is_self=True) | Q(nominee__user=user)).update(email="")


def forget_membership(user: User) -> None:
    Membership.objects.filter(user=user).update(user=None, **dict.fromkeys(OF_A_MEMBER, ""))


register(
    "nominations",
    "Nominations",
    url="nominations:mine",
    rows=lambda user: (
        Nomination.objects.select_related("nominee", "nominator")
        .filter(Q(nominator=user) | Q(nominee__user=user))
        .order_by("-pk")
    ),
    export=["id", "election__name", "nominee__name", "is_self", *OF_A_NOMINATION, "created_at"],
    state=lambda nomination: nomination.get_state_display(),
    forget=forget_nominations,
)
register(
    "membership",
    "Membership",
    url="membership:mine",
    rows=lambda user: Membership.objects.filter(user=user).order_by("pk"),
    export=["kind", *OF_A_MEMBER, "code_of_conduct", "announcements", "votes", "last_vote_affirmation", "created_at"],
    state=lambda membership: membership.get_kind_display(),
    forget=forget_membership,
)
