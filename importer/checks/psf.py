"""Checks of records, members and elections of the Foundation."""

from importer.core.comparison import Check, checked
from importer.sections.psf import ELECTIONS, GROUPS, KINDS, MEMBERS, MINUTES, NOMINATIONS, NOMINEES, state_of
from psf.models import Election, ElectionKind, Membership, MinutesPage, Nomination, Nominee, WorkGroupPage

TEXTS = ("legal_name", "preferred_name", "city", "region", "country", "postal_code", "votes", "last_vote_affirmation")

checked(
    MINUTES,
    Check(
        MinutesPage,
        {"first_published_at": lambda fields: fields["created"] if fields["is_published"] else None},
        key="date",
        ours="date",
        state=("live", "is_published"),
        paths=lambda fields: [f"/psf/records/board/minutes/{fields['date']}/"] if fields["is_published"] else [],
        texts=(lambda fields: fields.get("_content_rendered") or "", lambda page: str(page.content)),
    ),
)
checked(
    GROUPS,
    Check(
        WorkGroupPage,
        {"title": "name", "summary": "short_description", "website": "url"},
        key="slug",
        ours="slug",
        state=("live", "approved"),
        paths=lambda fields: [f"/psf/workgroups/{fields['slug']}/"] if fields["approved"] else [],
    ),
)
checked(
    MEMBERS,
    Check(
        Membership,
        {**{name: name for name in TEXTS}, "email": "email_address", "created_at": "created", "updated_at": "updated"},
        state=("kind", "membership_type"),
    ),
)
checked(KINDS, Check(ElectionKind, {"name": "name", "slug": "slug", "accent_color": "accent_color"}))
checked(
    ELECTIONS,
    Check(
        Election,
        {name: name for name in ("name", "date", "nominations_open_at", "nominations_close_at", "hide_previous_service")}
        | {"kind_id": "kind"},
        paths=lambda fields: [
            f"/nominations/election/{slug}/" for slug in Election.objects.filter(pk=fields["pk"]).values_list("slug", flat=True)
        ],
    ),
)
checked(
    NOMINEES,
    Check(Nominee, {"election_id": "election"}, state=("state", lambda fields: state_of(fields, Nominee.State))),
)
checked(
    NOMINATIONS,
    Check(
        Nomination,
        {"election_id": "election", "email": "email", "statement": "nomination_statement"},
        state=("state", lambda fields: state_of(fields, Nomination.State)),
    ),
)
