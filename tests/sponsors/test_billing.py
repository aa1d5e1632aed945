"""Invoices and payments of sponsorships, and the board."""

from datetime import date, timedelta

import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse
from django.utils import timezone
from wagtail.models import ModelLogEntry

from sponsors.models import Sponsorship, State
from tests.factories.sponsors import SponsorshipFactory
from tests.factories.users import UserFactory

pytestmark = pytest.mark.django_db
BOARD = "/admin/sponsors/sponsorships/"
INVOICE = {
    "billing-po_number": "PO-7",
    "billing-invoice_number": "2026-12",
    "billing-invoiced_on": "2026-03-01",
    "billing-paid_on": "",
}


@pytest.fixture
def sponsorship():
    return SponsorshipFactory(state=State.SIGNED, sponsor__name="Harbor")


def bill(client, sponsorship, **fields):
    client.post(reverse("sponsorships:billing", args=[sponsorship.pk]), INVOICE | fields)
    sponsorship.refresh_from_db()
    return sponsorship


@pytest.mark.parametrize("role", ["Sponsorship", "Sponsorship finance", "Site admins"])
def test_an_invoice_and_its_payment_are_recorded_with_dates_and_history(client, sponsorship, role):
    client.force_login(UserFactory(role=role))
    assert sponsorship.payment_label == "Not invoiced"
    bill(client, sponsorship)
    assert (sponsorship.po_number, sponsorship.invoice_number) == ("PO-7", "2026-12")
    assert sponsorship.payment_label == "Invoiced on Mar 1, 2026"
    bill(client, sponsorship, **{"billing-paid_on": "2026-03-20"})
    assert sponsorship.payment_label == "Paid on Mar 20, 2026"
    assert "Paid on Mar 20, 2026" in client.get(sponsorship.get_absolute_url()).content.decode()
    entries = ModelLogEntry.objects.filter(action="sponsors.bill").order_by("pk")
    assert [entry.data.get("paid_on") for entry in entries] == [None, "– → 2026-03-20"]


@pytest.mark.parametrize("role", ["Sponsorship auditors", "Sponsorship coordinators", "Sponsorship legal", "Job board"])
def test_others_neither_see_the_form_nor_record_anything(client, sponsorship, role):
    client.force_login(UserFactory(role=role))
    assert "billing-paid_on" not in client.get(sponsorship.get_absolute_url(), follow=True).content.decode()
    assert bill(client, sponsorship).invoiced_on is None


def test_a_payment_is_not_before_its_invoice(client, sponsorship):
    client.force_login(UserFactory(role="Sponsorship finance"))
    bill(client, sponsorship, **{"billing-paid_on": "2026-02-01"})
    assert sponsorship.invoiced_on is None
    sponsorship.invoiced_on, sponsorship.paid_on = date(2026, 3, 1), date(2026, 2, 1)
    with pytest.raises(ValidationError, match="before the invoice"):
        sponsorship.full_clean()


def test_filters_and_export_show_what_is_to_invoice_late_or_paid(client):
    today = timezone.localdate()
    rows = {
        "to_invoice": SponsorshipFactory(state=State.SIGNED),
        "unpaid": SponsorshipFactory(state=State.SIGNED, invoiced_on=today - timedelta(days=40)),
        "paid": SponsorshipFactory(state=State.SIGNED, invoiced_on=today, paid_on=today, invoice_number="2026-99"),
    }
    SponsorshipFactory(state=State.SIGNED, fee=0)
    SponsorshipFactory(state=State.REVIEW)
    SponsorshipFactory(state=State.SIGNED, invoiced_on=today)
    client.force_login(UserFactory(role="Sponsorship finance"))
    for value, row in rows.items():
        shown = client.get(f"{BOARD}list/", {"payment": value}).context["rows"]
        assert [one["sponsorship"] for one in shown] == [row], value
    assert "2026-99" in client.get(f"{BOARD}export.csv").content.decode()
    assert Sponsorship.objects.unpaid(today).get() == rows["unpaid"]


def test_each_card_lists_its_moves_and_closed_columns_are_strips(client, sponsorship):
    applied = SponsorshipFactory(state=State.APPLIED)
    SponsorshipFactory(state=State.DECLINED)
    client.force_login(UserFactory(role="Sponsorship"))
    response = client.get(BOARD)
    columns = {column["stage"]: column for column in response.context["columns"]}
    assert reverse("sponsorships:transition", args=[applied.pk, "take"]) in response.content.decode()
    assert (columns["declined"]["cards"], columns["declined"]["is_strip"], columns["declined"]["number"]) == ([], True, 1)
    assert (columns["sent"]["is_strip"], columns["applied"]["is_strip"]) == (True, False)
