"""Emails about sponsorships. Staff can edit the templates, which all have the same variables."""

from datetime import date
from typing import Any

from django.conf import settings
from django.urls import reverse
from django.utils import timezone

from cms.content.money import format_money
from cms.email import drafts
from cms.email.registry import declare
from cms.email.sending import send, send_or_refuse
from users import identities

from .models import Contact, Sponsorship, SponsorshipDeliverable, SponsorshipSettings
from .models.states import NEEDS_CHANGES, WAITING

EXAMPLE = {
    "sponsor": "Harbor Analytics",
    "sponsorship_year": "2026",
    "level": "Visionary",
    "fee": "US$150,000",
    "starts_on": "March 1, 2026",
    "ends_on": "February 28, 2027",
    "portal_url": "https://www.python.org/users/sponsorships/1/",
    "sponsorship_url": "https://www.python.org/admin/sponsors/sponsorships/1/",
    "benefits": "- Logo on the sponsors page\n- Full conference passes (25)",
    "requested_assets": "- Your logo for print, by April 1, 2026",
    "text": "Please send it with a white background.",
    "document": "contract",
    "name": "Ada Byron",
}
INVITATION_EXAMPLE = {
    "invitation_url": "https://www.python.org/users/invitation/abc/",
}
TO_SPONSOR = (
    *("applied", "approved", "declined", "withdrawn", "contract_sent", "contract_void", "contract_reminder", "signed"),
    *("canceled", "reminder", "needs_changes", "signed_copy_declined"),
)
# Contacts with these roles get the email; without an entry, all contacts.
CONTACT_ROLES = {
    "contract_sent": ("primary", "administrative"),
    "contract_void": ("primary", "administrative"),
    "contract_reminder": ("primary", "administrative"),
    "signed_copy_declined": ("primary", "administrative"),
    "reminder": ("primary", "manager"),
    "needs_changes": ("primary", "manager"),
}
TO_TEAM = ("applied_team", "withdrawn_team", "signed_team", "changed_team", "signed_copy_team")
EXAMPLE_TEXTS = {
    "canceled": "The payment was not received.",
    "changed_team": "Website: https://harbor.example.org/",
    "contract_void": "The fee has changed.",
    "declined": "All packages for 2026 are sold out.",
    "needs_changes": "Item: Your logo for print\n\nRequested changes: Please send it with a white background.",
    "signed_copy_declined": "The last page is missing.",
    "withdrawn": "The budget was not approved.",
    "withdrawn_team": "The budget was not approved.",
}
EMAILS = {
    name: declare(f"sponsors.{name}", example=EXAMPLE | {"text": EXAMPLE_TEXTS.get(name, EXAMPLE["text"])})
    for name in (*TO_SPONSOR, *TO_TEAM)
}
INVITATION = declare("sponsors.invitation", example=INVITATION_EXAMPLE)
# Written by staff; its variables are filled in for each sponsorship before it is sent.
MESSAGE = declare("sponsors.message", example={"subject": "Your booth", "body": "Dear Harbor Analytics, …"})
drafts.register(MESSAGE, permission="sponsors.mail_sponsorship")
drafts.register(EMAILS["reminder"], EMAILS["needs_changes"], permission="sponsors.change_sponsorshipdeliverable")


def format_day(day: date | None) -> str:
    return f"{day:%B} {day.day}, {day.year}" if day else ""


def team_email() -> str:
    return SponsorshipSettings.load().team_email


def portal_url(sponsorship: Sponsorship) -> str:
    return settings.BASE_URL + reverse("sponsor_portal:sponsorship", args=[sponsorship.pk])


def format_fee(sponsorship: Sponsorship) -> str:
    return "to be agreed" if sponsorship.fee is None else format_money(sponsorship.fee, sponsorship.sponsorship_year.currency)


def variables(sponsorship: Sponsorship, text: str, requested_assets: str = "", document: str = "contract") -> dict[str, str]:
    return {
        "sponsor": sponsorship.sponsor.name,
        "sponsorship_year": str(sponsorship.sponsorship_year),
        "level": sponsorship.level or "to be agreed",
        "fee": "to be agreed" if sponsorship.agreed_fee is None else format_fee(sponsorship),
        "starts_on": format_day(sponsorship.starts_on),
        "ends_on": format_day(sponsorship.ends_on),
        "portal_url": portal_url(sponsorship),
        "sponsorship_url": settings.BASE_URL + reverse("sponsorships:sponsorship", args=[sponsorship.pk]),
        "benefits": "\n".join(f"- {benefit.display_name}" for benefit in sponsorship.active_benefits()),
        "requested_assets": requested_assets or "\n".join(list_requested_assets(sponsorship)),
        "text": text,
        "document": document,
        "name": "",
    }


def list_requested_assets(sponsorship: Sponsorship) -> list[str]:
    items = SponsorshipDeliverable.objects.active().filter(
        sponsorship_benefit__sponsorship=sponsorship,
        kind__in=SponsorshipDeliverable.FROM_SPONSOR,
        state__in=[WAITING, NEEDS_CHANGES],
    )
    return [f"- {item.title()}" + (f", by {format_day(item.due_on)}" if item.due_on else "") for item in items]


def find_recipients(sponsorship: Sponsorship, roles: tuple[str, ...] = ()) -> tuple[list[str], list[Contact]]:
    """Return the recipients of an email with an account, and the contacts without one, who each get a personal link.

    Recipients are the contacts with one of these roles (default: all roles) and the applicant. Before approval, only contacts
    who joined with their own account are included, because an application may contain any email address.
    """
    contacts = sponsorship.sponsor.contacts.with_role(*roles) if roles else sponsorship.sponsor.contacts.all()
    addressed = [contact for contact in contacts if contact.email and (contact.has_joined or sponsorship.approved_on)]
    known = [contact.email for contact in addressed if contact.user_id]
    applicant = sponsorship.submitted_by.email if sponsorship.submitted_by and sponsorship.submitted_by.is_active else ""
    if applicant and (not roles or not addressed):
        known.append(applicant)
    emails = {email.lower(): email for email in known}
    strangers = {contact.email.lower(): contact for contact in addressed if not contact.user_id}
    return list(emails.values()), [contact for email, contact in strangers.items() if email not in emails]


def recipients(sponsorship: Sponsorship, roles: tuple[str, ...] = ()) -> list[str]:
    """Return all recipients of an email, with or without an account."""
    known, strangers = find_recipients(sponsorship, roles)
    return known + [contact.email for contact in strangers]


def email_sponsor(
    sponsorship: Sponsorship, name: str, *, text: str = "", requested_assets: str = "", document: str = "contract"
) -> None:
    """Email the sponsor, or the team if the sponsor has no contact. Contacts without an account get a personal link.

    `document` is the name of the document that the email is about.
    """
    known, strangers = find_recipients(sponsorship, CONTACT_ROLES.get(name, ()))
    content = variables(sponsorship, text, requested_assets, document)
    details: dict[str, Any] = {"about": sponsorship, "reply_to": team_email()}
    if known or not strangers:
        send(EMAILS[name], to=known or [team_email()], variables=content, **details)
    for contact in strangers:
        send(EMAILS[name], to=[contact.email], variables=content | {"portal_url": invite(contact, sponsorship)}, **details)


def invite(contact: Contact, sponsorship: Sponsorship) -> str:
    """Return the URL of a sponsorship for one contact. Without an account, this is an invitation, which is recorded."""
    if contact.user_id is None:
        Contact.objects.filter(pk=contact.pk).update(invited_at=timezone.now())
    return identities.invitation_url(contact, reverse("sponsor_portal:sponsorship", args=[sponsorship.pk]))


def email_team(sponsorship: Sponsorship, name: str, *, text: str = "", document: str = "contract") -> None:
    applicant = sponsorship.submitted_by.email if sponsorship.submitted_by else ""
    send(
        EMAILS[name],
        to=[team_email()],
        about=sponsorship,
        variables=variables(sponsorship, text, document=document),
        reply_to=applicant,
    )


def send_invitation(contact: Contact, sponsorship: Sponsorship) -> None:
    link = invite(contact, sponsorship)
    # The recipient may not know the sender, so this email contains no text typed by the sender.
    send_or_refuse(INVITATION, to=[contact.email], about=sponsorship, variables={"invitation_url": link}, reply_to=team_email())


def send_message(sponsorship: Sponsorship, *, to: list[str], subject: str, body: str) -> None:
    team = team_email()
    variables = {"subject": subject, "body": body}
    send(MESSAGE, to=to, about=sponsorship, variables=variables, reply_to=team, unsubscribe=team)
