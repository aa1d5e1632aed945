"""Sponsorships and their benefits."""

from datetime import date, timedelta
from typing import Any, Self

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.db import models, transaction
from django.db.models import Count, Exists, F, OuterRef, Q, Subquery, Sum
from django.db.models.functions import Coalesce
from django.template.defaultfilters import pluralize
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from wagtail.log_actions import log

from cms.delivery import purging
from cms.platform.dates import show_date
from users.models import User

from .catalog import FROM_SPONSOR, Benefit, Package, PackageBenefit, SponsorshipProgram, SponsorshipYear
from .selection import Selection
from .sponsors import Contact, Sponsor, rights_of
from .states import CANCELLED, DECLINED, DONE, OPEN, SELLING, SIGNED, WITHDRAWN
from .transitions import SponsorshipStates

# Time before the end of a sponsorship in which staff offer its renewal.
RENEWAL_PERIOD = timedelta(days=90)
# Time after an invoice in which the payment is expected.
PAYMENT_PERIOD = timedelta(days=30)


class SponsorshipQuerySet(models.QuerySet):
    def shown(self, on: date | None = None) -> Self:
        """Return sponsorships whose logos are shown on a day (default: today).

        If a sponsor has two sponsorships, the one that started later is shown.
        """
        on = on or timezone.localdate()
        in_time = Q(state=SIGNED, starts_on__lte=on, ends_on__gte=on)
        early = Q(early_since__lte=on) & ~Q(state__in=[DECLINED, WITHDRAWN, CANCELLED]) & (Q(ends_on=None) | Q(ends_on__gte=on))
        started = Sponsorship.objects.filter(in_time, sponsor=OuterRef("sponsor"))
        later = started.filter(Q(starts_on__gt=OuterRef("starts_on")) | Q(starts_on=OuterRef("starts_on"), pk__gt=OuterRef("pk")))
        # A sponsorship shown early does not replace one that has started.
        return self.filter((in_time & ~Exists(later)) | (early & ~in_time & ~Exists(started)))

    def open(self) -> Self:
        return self.filter(state__in=OPEN)

    def running(self, on: date | None = None) -> Self:
        """Return sponsorships that are approved, sent or signed and have not ended, whose deliverables are due."""
        on = on or timezone.localdate()
        return self.filter(Q(ends_on=None) | Q(ends_on__gte=on), state__in=SELLING)

    def ending(self, on: date | None = None) -> Self:
        """Return signed sponsorships that end soon and have no renewal in progress."""
        on = on or timezone.localdate()
        renewed = Sponsorship.objects.filter(renewals__state__in=[*OPEN, SIGNED]).values("pk")
        return self.filter(state=SIGNED, ends_on__range=(on, on + RENEWAL_PERIOD)).exclude(pk__in=renewed)

    def with_signed_copy(self) -> Self:
        """Return sponsorships whose sponsor has submitted a signed copy that staff have not reviewed."""
        return self.filter(contracts__state="sent", contracts__signed_file__gt="").distinct()

    def to_invoice(self) -> Self:
        """Return agreed sponsorships with a fee that have no invoice yet."""
        return self.filter(state__in=SELLING, fee__gt=0, invoiced_on=None, paid_on=None)

    def unpaid(self, on: date | None = None) -> Self:
        """Return invoiced sponsorships whose payment is late."""
        late = (on or timezone.localdate()) - PAYMENT_PERIOD
        return self.exclude(state=CANCELLED).filter(invoiced_on__lt=late, paid_on=None)

    def visible_to(self, user: User | AnonymousUser) -> Self:
        """Return the sponsorships of sponsors whose contact is the user, and those for which the user applied."""
        if not user.is_authenticated:
            return self.none()
        return self.filter(Q(sponsor__contacts__user=user) | Q(submitted_by=user)).distinct()

    def for_dashboard(self) -> Self:
        """Annotate the data that dashboard cards and rows show, in a constant number of queries."""
        done = Q(deliverables__state__in=DONE)
        overdue = Q(deliverables__due_on__lt=timezone.localdate()) & ~done
        return self.select_related("sponsor", "sponsorship_year", "package", "owner").annotate(
            assets_requested=count_assets(Q()),
            assets_received=count_assets(done),
            assets_overdue=count_assets(overdue),
            has_contact=Exists(Contact.objects.filter(sponsor=OuterRef("sponsor"))),
        )


def count_assets(condition: Q) -> Coalesce:
    """Return an expression that counts the assets of a sponsorship that meet a condition."""
    benefits = SponsorshipBenefit.objects.filter(
        condition, sponsorship=OuterRef("pk"), removed=False, deliverables__kind__in=FROM_SPONSOR
    )
    counted = benefits.order_by().values("sponsorship").annotate(number=Count("deliverables")).values("number")
    return Coalesce(Subquery(counted), 0)


class Sponsorship(SponsorshipStates):
    """Sponsorship of a sponsor for a sponsorship year, with copies of the benefits and terms that were agreed."""

    sponsor = models.ForeignKey(Sponsor, on_delete=models.PROTECT, related_name="sponsorships")
    sponsorship_year = models.ForeignKey(SponsorshipYear, on_delete=models.PROTECT, related_name="sponsorships")
    package = models.ForeignKey(Package, null=True, blank=True, on_delete=models.PROTECT, related_name="sponsorships")
    old_level = models.CharField(
        _("level"), max_length=64, blank=True, help_text=_("Level of sponsorships that predate packages.")
    )
    fee = models.PositiveIntegerField(
        null=True, blank=True, help_text=_("Leave empty until the fee is agreed on. 0 means no fee.")
    )
    starts_on = models.DateField(_("first day"), null=True, blank=True, db_index=True)
    ends_on = models.DateField(_("last day"), null=True, blank=True, db_index=True)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="+",
        help_text=_("Staff member responsible for this sponsorship."),
    )
    submitted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        blank=True,
        editable=False,
        on_delete=models.SET_NULL,
        related_name="submitted_sponsorships",
    )
    renewal_of = models.ForeignKey("self", null=True, blank=True, on_delete=models.SET_NULL, related_name="renewals")
    notes = models.TextField(blank=True, help_text=_("Visible to staff only."))
    po_number = models.CharField(
        _("purchase order number"), max_length=64, blank=True, db_default="", help_text=_("Given by the sponsor for the invoice.")
    )
    invoice_number = models.CharField(max_length=64, blank=True, db_default="")
    invoiced_on = models.DateField(_("invoice sent on"), null=True, blank=True)
    paid_on = models.DateField(_("paid on"), null=True, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    objects = SponsorshipQuerySet.as_manager()

    # Set by `for_dashboard()`.
    assets_overdue: int
    has_contact: bool

    class Meta:
        ordering = ["-applied_on", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(starts_on=None) | Q(ends_on=None) | Q(ends_on__gt=F("starts_on")), name="sponsorship_ends_after_start"
            ),
            models.CheckConstraint(
                condition=Q(paid_on=None) | Q(invoiced_on=None) | Q(paid_on__gte=F("invoiced_on")),
                name="sponsorship_paid_after_invoice",
                violation_error_message=_("The payment cannot be before the invoice."),
            ),
        ]
        permissions = [
            ("move_sponsorship", "Can change the state of sponsorships"),
            ("mail_sponsorship", "Can email sponsors"),
            ("bill_sponsorship", "Can record invoices and payments of sponsorships"),
            ("export_sponsorship", "Can export sponsorships and sponsor assets"),
            ("sponsor_publisher", "Can read logo placements and assets through the API"),
        ]

    def __str__(self) -> str:
        return f"{self.sponsor}, {self.sponsorship_year}"

    def get_absolute_url(self) -> str:
        return reverse("sponsorships:sponsorship", args=[self.pk])

    @property
    def level(self) -> str:
        return self.package.name if self.package else self.old_level

    @property
    def is_renewal(self) -> bool:
        return self.renewal_of_id is not None

    @property
    def days_in_state(self) -> int:
        return (timezone.now() - self.state_since).days

    @property
    def time_in_state(self) -> str:
        days = self.days_in_state
        return "since today" if days == 0 else f"for {days} day{pluralize(days)}"

    def get_contact_rights(self, user: User | AnonymousUser) -> set[str]:
        """Return the permissions of a user in the portal: the union of those of all contacts linked to the account."""
        if not user.is_authenticated or not user.is_active:
            return set()
        return set().union(*(rights_of(contact) for contact in self.sponsor.contacts.all() if contact.user_id == user.pk))

    def active_benefits(self) -> "models.QuerySet[SponsorshipBenefit]":
        return self.sponsorship_benefits.filter(removed=False)

    def selection(self) -> Selection:
        benefits = [row.benefit for row in self.active_benefits().select_related("benefit") if row.benefit]
        return Selection.of(self.sponsorship_year, self.package, benefits)

    @property
    def is_customized(self) -> bool:
        """Return whether the benefits differ from those of the package."""
        return self.selection().is_customized or self.active_benefits().filter(benefit=None).exists()

    @property
    def estimated_cost(self) -> int:
        """Return the value of the benefits, as copied on application."""
        return self.active_benefits().aggregate(total=Sum("value"))["total"] or 0

    @property
    def agreed_fee(self) -> int | None:
        """Return the fee that the sponsor sees: the agreed fee after approval, before that the price of an unchanged package."""
        if self.state not in {"applied", "review"}:
            return self.fee
        return None if self.is_customized else self.fee

    def get_terms(self) -> dict[str, Any]:
        """Return package, fee, dates and benefits as JSON, for the comparison with an amendment."""
        return {
            "package": self.package_id,
            "fee": self.fee,
            **{name: day.isoformat() if (day := getattr(self, name)) else None for name in ("starts_on", "ends_on")},
            "benefits": {str(row.pk): row.get_terms() for row in self.sponsorship_benefits.all()},
        }

    def restore_terms(self, terms: dict[str, Any]) -> None:
        """Set earlier terms, without saving the sponsorship. Benefits added since are removed; their assets are kept."""
        self.package = Package.objects.filter(pk=terms["package"]).first()
        self.fee = terms["fee"]
        for name in ("starts_on", "ends_on"):
            setattr(self, name, date.fromisoformat(terms[name]) if terms[name] else None)
        for row in self.sponsorship_benefits.all():
            for name, value in terms["benefits"].get(str(row.pk), {"removed": True}).items():
                setattr(row, name, value)
            row.save()

    def sold_out_benefits(self) -> list[str]:
        """Return the names of benefits that are sold out."""
        return [benefit.name for benefit in Benefit.objects.full().filter(sponsorship_benefits__in=self.active_benefits())]

    def previous_signed(self) -> "Sponsorship | None":
        """Return the last signed sponsorship of the sponsor other than this one."""
        earlier = Sponsorship.objects.filter(sponsor=self.sponsor_id, signed_on__isnull=False).exclude(pk=self.pk)
        return earlier.order_by("-starts_on", "-pk").first()

    @property
    def payment_label(self) -> str:
        """Return whether the fee is invoiced and paid, with the date; empty before the approval and without a fee."""
        if self.paid_on:
            return gettext("Paid on %(day)s") % {"day": show_date(self.paid_on, "DATE_FORMAT")}
        if self.invoiced_on:
            return gettext("Invoiced on %(day)s") % {"day": show_date(self.invoiced_on, "DATE_FORMAT")}
        return gettext("Not invoiced") if self.fee and self.state in SELLING else ""

    def overlaps(self) -> "models.QuerySet[Sponsorship]":
        """Return other signed sponsorships of the sponsor at the same time, for a warning."""
        if not self.starts_on or not self.ends_on:
            return Sponsorship.objects.none()
        others = Sponsorship.objects.filter(sponsor=self.sponsor_id, state=SIGNED).exclude(pk=self.pk)
        return others.filter(starts_on__lte=self.ends_on, ends_on__gte=self.starts_on)

    @transaction.atomic
    def add_benefit(self, benefit: Benefit, *, source: str, by: User | None = None) -> "SponsorshipBenefit":
        """Copy a benefit of the catalog with its deliverables. Existing assets of the sponsor are found by their key."""
        package_benefit = (
            PackageBenefit.objects.filter(package=self.package_id, benefit=benefit).first() if self.package_id else None
        )
        copy = self.sponsorship_benefits.filter(benefit=benefit).first() or SponsorshipBenefit(
            sponsorship=self, benefit=benefit, sort_order=benefit.sort_order
        )
        copy.source, copy.removed = source, False
        copy.copy_from(benefit, package_benefit)
        copy.save()
        copy.refresh_deliverables()
        if by:
            log(instance=self, action="sponsors.benefit", user=by, data={"added": benefit.name})
        return copy


class SponsorshipBenefit(models.Model):
    """Benefit of a sponsorship: a copy of the benefit of the catalog."""

    class Source(models.TextChoices):
        PACKAGE = "package", _("From the package")
        ADD_ON = "add_on", _("Add-on")
        STANDALONE = "standalone", _("Standalone")
        STAFF = "staff", _("Added by staff")

    sponsorship = models.ForeignKey(Sponsorship, on_delete=models.CASCADE, related_name="sponsorship_benefits")
    benefit = models.ForeignKey(Benefit, null=True, blank=True, on_delete=models.SET_NULL, related_name="sponsorship_benefits")
    program = models.ForeignKey(SponsorshipProgram, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    program_name = models.CharField(max_length=300, blank=True)
    name = models.CharField(max_length=300)
    description = models.TextField(blank=True)
    value = models.PositiveIntegerField(null=True, blank=True)
    quantity = models.PositiveIntegerField(null=True, blank=True)
    quantity_label = models.CharField(max_length=32, blank=True)
    clauses = models.JSONField(default=list, help_text=_("Copied legal clauses: order, name and text."))
    source = models.CharField(max_length=10, choices=Source, default=Source.PACKAGE)
    removed = models.BooleanField(default=False, help_text=_("Removed from the sponsorship. Its deliverables are kept."))
    sort_order = models.PositiveIntegerField(default=0)

    COPIED = ("program_id", "program_name", "name", "description", "value", "quantity", "quantity_label", "clauses")

    class Meta:
        ordering = ["sort_order", "pk"]

    def __str__(self) -> str:
        return self.display_name

    @property
    def amount(self) -> str:
        return self.quantity_label or (str(self.quantity) if self.quantity else "")

    @property
    def display_name(self) -> str:
        return f"{self.name} ({self.amount})" if self.amount else self.name

    def copy_from(self, benefit: Benefit, package_benefit: PackageBenefit | None) -> None:
        self.program, self.program_name = benefit.program, benefit.program.name
        self.name, self.description, self.value = benefit.name, benefit.description, benefit.internal_value
        self.quantity = package_benefit.quantity if package_benefit else None
        self.quantity_label = package_benefit.label if package_benefit else ""
        self.clauses = [
            {"order": clause.sort_order, "name": clause.internal_name, "text": clause.clause} for clause in benefit.clauses.all()
        ]

    def get_terms(self) -> dict[str, Any]:
        return {name: getattr(self, name) for name in (*self.COPIED, "source", "removed")}

    def differences(self, package_benefit: PackageBenefit | None) -> list[tuple[str, str, str]]:
        """Return fields that have changed in the catalog since, each with the copied and the current value."""
        if self.benefit is None:
            return []
        fresh = SponsorshipBenefit(sponsorship=self.sponsorship)
        fresh.copy_from(self.benefit, package_benefit)
        return [
            (name.removesuffix("_id").replace("_", " "), str(getattr(self, name) or "–"), str(getattr(fresh, name) or "–"))
            for name in self.COPIED
            if getattr(self, name) != getattr(fresh, name)
        ]

    def refresh_deliverables(self) -> None:
        """Update the deliverables from the catalog. Assets are found by their key, and none is deleted."""
        if self.benefit is None:
            return
        known = {row.deliverable_id: row for row in self.deliverables.all()}
        for deliverable in self.benefit.deliverables.all():
            row = known.pop(deliverable.pk, None) or self.deliverables.model(sponsorship_benefit=self, deliverable=deliverable)
            row.copy_from(deliverable)
            row.save()
        for row in known.values():
            if row.asset is None or not row.asset.has_value:
                row.delete()


purging.register(Sponsorship, purges=lambda _: ["sponsors"])
purging.register(SponsorshipBenefit, purges=lambda _: ["sponsors"])
