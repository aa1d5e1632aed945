"""Reminders: 14, 7 and 1 days before something is due, and once when it is overdue. One mail for each deal."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import date, timedelta

from django.db import transaction
from django.utils import timezone
from wagtail.log_actions import log

from . import emails
from .models import Agreement, Item
from .models.items import NEEDS_CHANGES, WAITING

DAYS_UNSIGNED = 14


def line(item: Item) -> str:
    due = f", due {emails.words_of_day(item.due_on)}" if item.due_on else ""
    return f"- {item.title()}{due}"


@transaction.atomic
def remind(items: Iterable[Item], *, by=None, on: date | None = None) -> int:
    """Write to the sponsors of these items about those that they still owe us. Tells how many sponsors."""
    by_deal: dict[int, list[Item]] = defaultdict(list)
    for item in items:
        if item.is_from_sponsor and item.state in {WAITING, NEEDS_CHANGES}:
            by_deal[item.line.deal_id].append(item)
    for owed in by_deal.values():
        deal = owed[0].line.deal
        emails.tell_sponsor(deal, "reminder", roles=("primary", "manager"), asked="\n".join(line(item) for item in owed))
        log(instance=deal, action="sponsors.reminder", user=by, data={"items": [item.title() for item in owed]})
    return len(by_deal)


def send_due(on: date | None = None) -> int:
    """What is due today. Each stage is sent once for each due day, however often this runs, and after any pause."""
    on = on or timezone.localdate()
    number = 0
    deals: dict[int, list[Item]] = defaultdict(list)
    for item in Item.objects.owed().filter(due_on__isnull=False, due_on__lte=on + timedelta(days=14)).with_all():
        if item.reminder_due(on) is not None:
            deals[item.line.deal_id].append(item)
    for items in deals.values():
        with transaction.atomic():
            locked = Item.objects.select_for_update(of=("self",)).filter(pk__in=[item.pk for item in items]).with_all()
            due = [item for item in locked if item.reminder_due(on) is not None]
            for item in due:
                item.reminded_days, item.reminded_for = item.reminder_due(on), item.due_on
                item.save(update_fields=["reminded_days", "reminded_for"])
            number += remind(due, on=on)
    return number


def remind_unsigned(on: date | None = None) -> None:
    """An agreement that waits for two weeks is asked after, and again every two weeks."""
    before = timezone.now() - timedelta(days=DAYS_UNSIGNED)
    for agreement in Agreement.objects.filter(state=Agreement.State.SENT, sent_at__lt=before, signed_file="").select_related(
        "deal"
    ):
        if agreement.reminded_at and agreement.reminded_at > before:
            continue
        with transaction.atomic():
            agreement.reminded_at = timezone.now()
            agreement.save(update_fields=["reminded_at"])
            emails.tell_sponsor(agreement.deal, "agreement_reminder", roles=("primary", "administrative"))
