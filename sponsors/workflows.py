"""Acts over several rows: an application becomes a deal, a season becomes the next one's draft."""

from functools import partial
from typing import Any

from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile
from django.db import transaction
from wagtail.log_actions import log

from . import emails
from .models import ApplicationDraft, Benefit, Contact, Deal, Package, Season, Sponsor
from .models.acts import OPEN
from .selection import Selection

MOST_CONTACTS = 5


def selection_of(season, data):
    """What a draft holds, on the rows of today."""
    package = Package.objects.filter(season=season, pk=data.get("package"), advertise=True).first()
    benefits = list(Benefit.objects.filter(season=season, pk__in=data.get("benefits", [])).select_related("program"))
    return Selection.of(season, package, benefits)


def full_ids(season: Season) -> set[int]:
    return set(Benefit.objects.filter(season=season).full().values_list("pk", flat=True))


def refuse_second(sponsor: Sponsor, season: Season) -> None:
    if sponsor.deals.filter(season=season, state__in=OPEN).exists():
        raise ValidationError(
            f"{sponsor} has applied for {season} already. To change that application, write to {emails.team_address()}."
        )


def create_deal(sponsor: Sponsor, chosen: Selection, *, by, **fields: Any) -> Deal:
    """A deal with a copy of all that was chosen. The fee begins as the list price, or open where somebody has to say."""
    package = chosen.package
    if package is None and chosen.benefits and not chosen.with_package:
        package = Package.objects.standalone_of(chosen.season)
    deal = Deal.objects.create(sponsor=sponsor, season=chosen.season, package=package, fee=chosen.price, **fields)
    added = {benefit.pk for benefit in chosen.added}
    for benefit in chosen.benefits:
        source = "standalone" if benefit.availability == "standalone" else "add_on" if benefit.pk in added else "package"
        deal.add_line(benefit, source=source)
    log(instance=deal, action="sponsors.apply", user=by)
    return deal


@transaction.atomic
def apply(draft: ApplicationDraft) -> Deal:
    """Send an application in. Sent twice, it is the same deal. Raises ValidationError with sentences."""
    draft = ApplicationDraft.objects.select_for_update().get(pk=draft.pk)
    if draft.deal is not None:
        return draft.deal
    season, user = draft.season, draft.user
    if not season.is_open:
        raise ValidationError("Applications for this season are closed. Your draft is kept.")
    # Two applicants for the last one of a benefit come one after the other.
    Season.objects.select_for_update().get(pk=season.pk)
    chosen = selection_of(season, draft.data)
    problems = chosen.problems(full_ids(season))
    if problems:
        raise ValidationError(problems)
    sponsor = existing_sponsor(draft)
    if sponsor is None:
        sponsor = create_sponsor(draft)
    refuse_second(sponsor, season)
    previous = Deal.objects.filter(pk=draft.data.get("renewal_of"), sponsor=sponsor).first()
    deal = create_deal(sponsor, chosen, by=user, submitted_by=user, renewal_of=previous)
    draft.deal = deal
    draft.save()
    emails.tell_sponsor(deal, "applied")
    emails.tell_team(deal, "applied_team")
    return deal


def existing_sponsor(draft: ApplicationDraft) -> Sponsor | None:
    """The sponsor that the applicant chose, of those whose contact the applicant is."""
    pk = draft.data.get("sponsor")
    return Sponsor.objects.of(draft.user).filter(pk=pk).first() if pk else None


def create_sponsor(draft: ApplicationDraft) -> Sponsor:
    organisation, people = draft.data.get("organisation"), draft.data.get("contacts")
    if not organisation or not people:
        raise ValidationError("The application is not complete yet. Fill in the organisation and its contacts.")
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
        mine = person["email"].lower() == user.email.lower()
        Contact.objects.create(sponsor=sponsor, user=user if mine else None, **person)
    if not sponsor.contacts.filter(user=user).exists():
        # Who applies keeps the application: what an account may do follows from the contacts alone.
        name = user.get_full_name() or user.username
        Contact.objects.create(sponsor=sponsor, user=user, name=name, email=user.email, manager=True)
    return sponsor


def renewal_data(deal: Deal, season: Season) -> dict:
    """What an application holds that takes last year's deal over: the package and benefits of the same name this season."""
    wanted = {line.name: line for line in deal.kept_lines()}
    package = season.packages.filter(slug=deal.package.slug, advertise=True).first() if deal.package else None
    benefits = Benefit.objects.filter(season=season, name__in=wanted).exclude(availability="withdrawn")
    return {
        "package": package.pk if package else None,
        "benefits": [benefit.pk for benefit in benefits],
        "sponsor": deal.sponsor_id,
        "renewal_of": deal.pk,
    }


@transaction.atomic
def tell_of_changes(sponsor: Sponsor, changes: list[str], *, by) -> None:
    """A sponsor has changed its own data: keep the version, log it, and tell the team what is different."""
    sponsor.save_revision(user=by, clean=False)
    log(instance=sponsor, action="sponsors.self_edit", user=by, data={"changes": changes})
    deal = sponsor.deals.order_by("-pk").first()
    if deal is not None:
        words = emails.variables(deal, "\n".join(changes)) | {"name": by.get_full_name() or by.username}
        transaction.on_commit(
            partial(emails.send, emails.MAILS["changed_team"], to=[emails.team_address()], about=deal, variables=words)
        )
