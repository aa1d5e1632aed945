"""Emails about elections and about reviews of minutes and work groups. Staff can change their templates in the admin."""

from typing import Any

from django.conf import settings
from django.core import signing
from django.urls import reverse

from cms.content.addresses import team_email
from cms.email.registry import declare
from cms.email.sending import send, send_or_refuse
from cms.moderation import workflow
from cms.platform.dates import show_date
from users import identities
from users.models import User

SALT = "psf.invitation"
EXAMPLE = {
    "election": "Board election 2026",
    "name": "Ada Byron",
    "nominator": "Grace Hopper",
    "url": "https://www.python.org/nominations/invitation/1:abc/",
    "closes": "July 30, 2026, at 12:00 PM UTC",
    "text": "Thank you, but not this year.",
}
# An invitation is sent to an address entered by a member, so it contains no other text by the member.
INVITATION_EXAMPLE = {name: EXAMPLE[name] for name in ("election", "url", "closes")}
INVITED, REMINDED = (declare(f"psf.{name}", example=INVITATION_EXAMPLE) for name in ("nominee_invited", "nominee_reminded"))
ANSWERED, RECEIVED, APPROVED = (
    declare(f"psf.{name}", example=EXAMPLE | more)
    for name, more in [("nominee_answered", {"text": "accepted"}), ("nomination_received", {}), ("nominee_approved", {})]
)
PAGE_EXAMPLE = {
    "title": "Board of directors, March 11, 2026",
    "name": "Grace Hopper",
    "reason": "Please add who moved the resolution.",
}
TO_REVIEW, RETURNED, PUBLISHED = (
    declare(f"psf.{name}", example=PAGE_EXAMPLE | {"url": url})
    for name, url in (
        ("page_to_review", "https://www.python.org/admin/pages/21/edit/"),
        ("page_returned", "https://www.python.org/admin/pages/21/edit/"),
        ("page_published", "https://www.python.org/psf/records/board/minutes/2026-03-11/"),
    )
)


MEMBER_EXAMPLE = {"name": "Ada Byron", "kind": "Basic member", "url": "https://www.python.org/users/membership/edit/"}
JOINED, CHANGED, LEFT = (declare(f"psf.membership_{name}", example=MEMBER_EXAMPLE) for name in ("joined", "changed", "left"))


def email_member(email_type: Any, membership: Any) -> None:
    """Confirm to a member that the membership has started, changed or ended.

    The email goes to the address of the account, because members may enter any address in the record.
    """
    variables = {
        "name": str(membership),
        "kind": membership.get_kind_display(),
        "url": settings.BASE_URL + reverse("membership:mine"),
    }
    send(email_type, to=[membership.user.email], about=membership, variables=variables, reply_to=team_email("elections"))


def invitation_token(nominee: Any) -> str:
    """Return the signed token of an invitation link. It becomes invalid once the nominee responds."""
    return signing.dumps([nominee.pk, nominee.answers], salt=SALT)


def _send(email_type: Any, to: str, nominee: Any, *, url: str, nominator: str = "", text: str = "") -> None:
    if not to:
        return
    election = nominee.election
    closes = election.nominations_close_at.astimezone(election.zone) if election.nominations_close_at else None
    variables = {
        "election": election.name,
        "name": nominee.name,
        "nominator": nominator,
        "url": settings.BASE_URL + url,
        "closes": show_date(closes, "LONG_DATETIME_ZONE") if closes else "",
        "text": text,
    }
    sender = send_or_refuse if email_type in (INVITED, REMINDED) else send
    sender(
        email_type,
        to=[to],
        about=nominee,
        variables={name: variables[name] for name in email_type.example},
        reply_to=team_email("elections"),
    )


def invite(nominee: Any, *, again: bool = False) -> None:
    url = reverse("nominations:invitation", args=[invitation_token(nominee)])
    _send(REMINDED if again else INVITED, nominee.email, nominee, url=url)


def confirm(nomination: Any) -> None:
    to = nomination.nominator.email if nomination.nominator else ""
    _send(
        RECEIVED,
        to,
        nomination.nominee,
        url=nomination.get_absolute_url(),
        nominator=nomination.nominator.display_name if nomination.nominator else "",
    )


def tell_nominators(nominee: Any, *, accepts: bool) -> None:
    """Email the nominators whether the nominee accepts."""
    answer = "accepted" if accepts else "declined"
    for nomination in nominee.nominations.filter(is_self=False).select_related("nominator"):
        if nomination.nominator:
            _send(ANSWERED, nomination.nominator.email, nominee, url=nomination.get_absolute_url(), text=answer)


def tell_approved(nominee: Any) -> None:
    """Email the candidate a link to the page, which is published later, or an invitation if there is no account."""
    has_account = nominee.user_id is not None
    path = nominee.get_absolute_url()
    _send(APPROVED, nominee.email, nominee, url=path if has_account else identities.invitation_path(nominee, path))


def tell_reviewers(page: Any, task_state: Any, *, by: User | None) -> None:
    url = settings.BASE_URL + reverse("wagtailadmin_pages:edit", args=[page.pk])
    for person in workflow.reviewers(task_state):
        variables = {"title": page.title, "name": by.display_name if by else "", "url": url, "reason": ""}
        send(TO_REVIEW, to=[person.email], about=page, variables=variables, reply_to=by.email if by else "")


def tell_writer(email_type: Any, page: Any, person: User, *, reason: str = "") -> None:
    """Email the result of a review to the person who requested it."""
    if person is None or not person.email:
        return
    url = page.full_url if email_type is PUBLISHED else settings.BASE_URL + reverse("wagtailadmin_pages:edit", args=[page.pk])
    send(
        email_type,
        to=[person.email],
        about=page,
        variables={"title": page.title, "name": person.display_name, "url": url or "", "reason": reason},
    )
