"""Reminders of assets 14, 7 and 1 days before the due date and once after it, in one email for each sponsorship."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import date, timedelta

from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from wagtail.log_actions import log

from users.models import User

from . import emails
from .models import Contract, SponsorshipDeliverable
from .models.states import NEEDS_CHANGES, WAITING

DAYS_UNSIGNED = 14


def reminder_line(item: SponsorshipDeliverable) -> str:
    due = f", due {emails.format_day(item.due_on)}" if item.due_on else ""
    return f"- {item.title()}{due}"


@transaction.atomic
def remind(items: Iterable[SponsorshipDeliverable], *, by: User | None = None, on: date | None = None) -> int:
    """Email sponsors about the missing assets among these deliverables, and return the number of sponsorships."""
    by_sponsorship: dict[int, list[SponsorshipDeliverable]] = defaultdict(list)
    for item in items:
        if item.is_from_sponsor and item.state in {WAITING, NEEDS_CHANGES}:
            by_sponsorship[item.sponsorship_benefit.sponsorship_id].append(item)
    for owed in by_sponsorship.values():
        sponsorship = owed[0].sponsorship_benefit.sponsorship
        emails.email_sponsor(sponsorship, "reminder", requested_assets="\n".join(reminder_line(item) for item in owed))
        log(instance=sponsorship, action="sponsors.reminder", user=by, data={"items": [item.title() for item in owed]})
    return len(by_sponsorship)


def send_due(on: date | None = None) -> int:
    """Send the reminders that are due. Each is sent once per due date, no matter how often this runs."""
    on = on or timezone.localdate()
    number = 0
    sponsorships: dict[int, list[SponsorshipDeliverable]] = defaultdict(list)
    for item in (
        SponsorshipDeliverable.objects.owed().filter(due_on__isnull=False, due_on__lte=on + timedelta(days=14)).with_related()
    ):
        if item.reminder_due(on) is not None:
            sponsorships[item.sponsorship_benefit.sponsorship_id].append(item)
    for items in sponsorships.values():
        with transaction.atomic():
            locked = (
                SponsorshipDeliverable.objects.select_for_update(of=("self",))
                .filter(pk__in=[item.pk for item in items])
                .with_related()
            )
            due = [item for item in locked if item.reminder_due(on) is not None]
            for item in due:
                item.reminded_days, item.reminded_for = item.reminder_due(on), item.due_on
                item.save(update_fields=["reminded_days", "reminded_for"])
            number += remind(due, on=on)
    return number


def remind_unsigned(on: date | None = None) -> None:
    """Remind sponsors of unsigned contracts every two weeks."""
    now = timezone.now()
    before = now - timedelta(days=DAYS_UNSIGNED)
    not_reminded = Q(reminded_at=None) | Q(reminded_at__lte=before)
    unsigned = Contract.objects.filter(not_reminded, state=Contract.State.SENT, sent_at__lt=before, signed_file="")
    for pk in unsigned.values_list("pk", flat=True):
        with transaction.atomic():
            contract = unsigned.select_for_update(of=("self",)).select_related("sponsorship").filter(pk=pk).first()
            if contract is None:
                # Signed since the query, or reminded by another worker.
                continue
            contract.reminded_at = now
            contract.save(update_fields=["reminded_at"])
            emails.email_sponsor(contract.sponsorship, "contract_reminder", document=contract.document_name)
