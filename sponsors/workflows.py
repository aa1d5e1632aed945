"""Actions that involve several records: applications, emails of transitions, and changes by sponsors."""

from collections.abc import Iterable
from functools import partial
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile
from django.db import transaction
from django.dispatch import receiver
from django.urls import reverse
from django.utils.translation import gettext
from wagtail.log_actions import log

from cms.moderation.transitions import TransitionEvent, transition_made
from users.models import User

from . import emails
from .models import (
    ApplicationDraft,
    Benefit,
    Contact,
    Package,
    Selection,
    Sponsor,
    Sponsorship,
    SponsorshipDeliverable,
    SponsorshipYear,
)
from .models.states import OPEN

MAX_CONTACTS = 5


def selection_of(sponsorship_year: SponsorshipYear, data: dict[str, Any]) -> Selection:
    """Return the selection of a draft from the current catalog."""
    package = Package.objects.filter(sponsorship_year=sponsorship_year, pk=data.get("package", 0), advertise=True).first()
    benefits = list(
        Benefit.objects.filter(sponsorship_year=sponsorship_year, pk__in=data.get("benefits", [])).select_related("program")
    )
    return Selection.of(sponsorship_year, package, benefits)


def full_ids(sponsorship_year: SponsorshipYear) -> set[int]:
    return set(Benefit.objects.filter(sponsorship_year=sponsorship_year).full().values_list("pk", flat=True))


def refuse_second_application(sponsor: Sponsor, sponsorship_year: SponsorshipYear) -> None:
    if sponsor.sponsorships.filter(sponsorship_year=sponsorship_year, state__in=OPEN).exists():
        raise ValidationError(
            gettext("%(sponsor)s has already applied for %(sponsorship_year)s. To change that application, email %(team_email)s.")
            % {"sponsor": sponsor, "sponsorship_year": sponsorship_year, "team_email": emails.team_email()}
        )


def create_sponsorship(sponsor: Sponsor, chosen: Selection, *, by: User, **fields: Any) -> Sponsorship:
    """Create a sponsorship with copies of the selected benefits. The fee is the list price, or empty for custom selections."""
    package = chosen.package
    if package is None and chosen.benefits and not chosen.with_package:
        package = Package.objects.standalone_of(chosen.sponsorship_year)
    sponsorship = Sponsorship.objects.create(
        sponsor=sponsor, sponsorship_year=chosen.sponsorship_year, package=package, fee=chosen.price, **fields
    )
    added = {benefit.pk for benefit in chosen.added}
    for benefit in chosen.benefits:
        source = "standalone" if benefit.availability == "standalone" else "add_on" if benefit.pk in added else "package"
        sponsorship.add_benefit(benefit, source=source)
    log(instance=sponsorship, action="sponsors.apply", user=by)
    return sponsorship


@transaction.atomic
def apply(draft: ApplicationDraft) -> Sponsorship:
    """Submit an application. Repeated calls return the same sponsorship. Raises ValidationError."""
    draft = ApplicationDraft.objects.select_for_update().get(pk=draft.pk)
    if draft.sponsorship is not None:
        return draft.sponsorship
    sponsorship_year, user = draft.sponsorship_year, draft.user
    if not sponsorship_year.is_open:
        raise ValidationError(gettext("Applications for this sponsorship year are closed. Your draft has been saved."))
    # Serialize applications, so that two contacts do not both apply for one sponsor.
    SponsorshipYear.objects.select_for_update().get(pk=sponsorship_year.pk)
    chosen = selection_of(sponsorship_year, draft.data)
    problems = chosen.problems(full_ids(sponsorship_year))
    if problems:
        raise ValidationError(problems)
    sponsor = existing_sponsor(draft)
    if sponsor is None:
        sponsor = create_sponsor(draft)
    refuse_second_application(sponsor, sponsorship_year)
    previous = Sponsorship.objects.filter(pk=draft.data.get("renewal_of"), sponsor=sponsor).first()
    sponsorship = create_sponsorship(sponsor, chosen, by=user, submitted_by=user, renewal_of=previous)
    draft.sponsorship = sponsorship
    draft.save()
    emails.email_sponsor(sponsorship, "applied")
    emails.email_team(sponsorship, "applied_team")
    return sponsorship


def existing_sponsor(draft: ApplicationDraft) -> Sponsor | None:
    """Return the selected sponsor, if the applicant is a contact of it."""
    pk = draft.data.get("sponsor")
    return Sponsor.objects.of(draft.user).filter(pk=pk).first() if pk else None


def create_sponsor(draft: ApplicationDraft) -> Sponsor:
    organisation, people = draft.data.get("organisation"), draft.data.get("contacts")
    if not organisation or not people:
        raise ValidationError(gettext("The application is not complete yet. Complete the organization and contacts steps."))
    sponsor = Sponsor(**organisation)
    for name in draft.LOGOS:
        file = getattr(draft, name)
        if file:
            with file.open("rb"):
                getattr(sponsor, name).save(file.name, ContentFile(file.read()), save=False)
    sponsor.save()
    sponsor.save_revision(user=draft.user, clean=False)
    user = draft.user
    for person in people:
        is_applicant = person["email"].lower() == user.email.lower()
        Contact.objects.create(sponsor=sponsor, user=user if is_applicant else None, **person)
    if not sponsor.contacts.filter(user=user).exists():
        # The applicant must be a contact, because permissions are granted to contacts.
        name = user.get_full_name() or user.username
        Contact.objects.create(sponsor=sponsor, user=user, name=name, email=user.email, manager=True)
    return sponsor


def renewal_data(sponsorship: Sponsorship, sponsorship_year: SponsorshipYear) -> dict[str, Any]:
    """Return the draft data of a renewal: the package and benefits with the same names in another sponsorship year."""
    wanted = {line.name: line for line in sponsorship.active_benefits()}
    package = (
        sponsorship_year.packages.filter(slug=sponsorship.package.slug, advertise=True).first() if sponsorship.package else None
    )
    benefits = Benefit.objects.filter(sponsorship_year=sponsorship_year, name__in=wanted).exclude(availability="withdrawn")
    return {
        "package": package.pk if package else None,
        "benefits": [benefit.pk for benefit in benefits],
        "sponsor": sponsorship.sponsor_id,
        "renewal_of": sponsorship.pk,
    }


@transaction.atomic
def change_sponsor(typed: Sponsor, contact_changes: list[str], *, by: User) -> bool:
    """Save the changes of a contact to a sponsor, log them and email them to the team. Return whether anything changed.

    Once staff have approved a sponsorship, changes to the public data need approval. Further changes before that cause no
    second email.
    """
    sponsor = Sponsor.objects.select_for_update().get(pk=typed.pk)
    if not sponsor.latest_revision_id:
        sponsor.save_revision(clean=False)
    waiting = sponsor.get_proposed()
    public = describe_changes(waiting, typed, Sponsor.PUBLIC_FIELDS)
    private = describe_changes(sponsor, typed, Sponsor.PRIVATE_FIELDS) + contact_changes
    if not public and not private:
        return False
    for name in Sponsor.PRIVATE_FIELDS:
        setattr(sponsor, name, getattr(typed, name))
    is_held = bool(public) and sponsor.is_approved
    is_first = sponsor.proposed_revision_id is None
    if is_held:
        for name in Sponsor.LOGOS:
            getattr(typed, name).field.pre_save(typed, add=False)  # Stores an uploaded file.
        revision = typed.save_revision(user=by, clean=False)
        sponsor.proposed_revision = None if typed.has_same_public_data(sponsor) else revision
    elif public:
        sponsor.copy_public_data(typed)
    sponsor.save()
    if private or not is_held:
        sponsor.save_revision(user=by, clean=False)
    log(instance=sponsor, action="sponsors.self_edit", user=by, data={"changes": public + private})
    sponsorship = sponsor.sponsorships.order_by("-pk").first()
    if sponsorship is not None and (private or not is_held or is_first):
        text = "\n".join(public + private)
        if sponsor.proposed_revision:
            text += f"\n\nThe changes appear on the site after you approve them: {settings.BASE_URL}{get_queue_url(sponsor)}"
        variables = emails.variables(sponsorship, text) | {"name": by.get_full_name() or by.username}
        transaction.on_commit(
            partial(emails.send, emails.EMAILS["changed_team"], to=[emails.team_email()], about=sponsorship, variables=variables)
        )
    return True


def get_queue_url(sponsor: Sponsor) -> str:
    return f"{reverse('moderation_queue')}?item=sponsors-{sponsor.pk}"


def describe_changes(before: Sponsor, after: Sponsor, names: Iterable[str]) -> list[str]:
    """Return the changed fields with their old and new values."""
    labels = {field.name: field.verbose_name for field in Sponsor._meta.fields}
    values = [(labels[name], str(getattr(before, name)), str(getattr(after, name))) for name in names]
    return [f"{label}: {old or '–'} → {new or '–'}" for label, old, new in values if old != new]


def lock_proposed(pk: int, seen: str) -> Sponsor:
    """Lock a sponsor with a proposed change. Raises ValidationError if the change differs from the reviewed one."""
    sponsor = Sponsor.objects.select_for_update(of=("self",)).select_related("proposed_revision").filter(pk=pk).first()
    if sponsor is None or sponsor.proposed_revision_id is None:
        raise ValidationError(gettext("Someone else has already reviewed this change."))
    if str(sponsor.proposed_revision_id) != seen:
        raise ValidationError(gettext("The sponsor has made more changes since you opened this page. Review them again."))
    return sponsor


@transaction.atomic
def approve_change(pk: int, *, by: User, seen: str) -> Sponsor:
    """Publish the changed data of a sponsor. Raises ValidationError."""
    sponsor = lock_proposed(pk, seen)
    sponsor.copy_public_data(sponsor.get_proposed())
    sponsor.proposed_revision = None
    sponsor.save()
    sponsor.save_revision(user=by, clean=False)
    log(instance=sponsor, action="sponsors.change_approved", user=by)
    return sponsor


@transaction.atomic
def reject_change(pk: int, *, by: User, seen: str, reason: str) -> Sponsor:
    """Discard the changed data of a sponsor, and email the reason to its contacts. Raises ValidationError."""
    sponsor = lock_proposed(pk, seen)
    if not reason:
        raise ValidationError(gettext("Enter the changes you need. The sponsor reads this text and can submit a new version."))
    sponsor.proposed_revision = None
    sponsor.save()
    sponsor.save_revision(user=by, clean=False)
    log(instance=sponsor, action="sponsors.change_rejected", user=by, data={"reason": reason})
    sponsorship = sponsor.sponsorships.latest("pk")
    emails.email_sponsor(sponsorship, "needs_changes", text=f"Item: Public profile of {sponsor}\n\nRequested changes: {reason}")
    return sponsor


@receiver(transition_made, sender=Sponsorship, dispatch_uid="sponsors-emails")
def send_transition_emails(instance: Sponsorship, event: TransitionEvent, **kwargs: Any) -> None:
    """Send the emails that a transition declares."""
    document = "amendment" if event.name == "discard_amendment" else "contract"
    for name in event.emails:
        send_email = emails.email_team if name in emails.TO_TEAM else emails.email_sponsor
        send_email(instance, name, text=event.message, document=document)


@transaction.atomic
def request_changes(deliverable: SponsorshipDeliverable, *, by: User, comment: str) -> None:
    """Request changes to an asset and email the sponsor."""
    deliverable.request_changes(by=by, comment=comment)
    sponsorship = deliverable.sponsorship_benefit.sponsorship
    emails.email_sponsor(sponsorship, "needs_changes", text=f"Item: {deliverable.title()}\n\nRequested changes: {comment}")
