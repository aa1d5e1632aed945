"""The deal between a sponsor and the Foundation, and its lines."""

from datetime import date

from django.conf import settings
from django.db import models, transaction
from django.db.models import Count, Exists, F, OuterRef, Q, Subquery, Sum
from django.db.models.functions import Coalesce
from django.template.defaultfilters import pluralize
from django.urls import reverse
from django.utils import timezone
from wagtail.log_actions import log

from cms.delivery import purging
from sponsors.selection import Selection
from users.models import User

from .acts import CANCELLED, DECLINED, OPEN, SIGNED, WITHDRAWN, DealActs
from .catalogue import Benefit, Inclusion, Package, Program, Season
from .sponsors import Contact, Sponsor, rights_of


class DealQuerySet(models.QuerySet):
    def shown(self, on=None):
        """Deals whose logos are live on a day. Of two deals of a sponsor the later start wins, from its start."""
        on = on or timezone.localdate()
        in_time = Q(state=SIGNED, starts_on__lte=on, ends_on__gte=on)
        early = Q(early_since__lte=on) & ~Q(state__in=[DECLINED, WITHDRAWN, CANCELLED]) & (Q(ends_on=None) | Q(ends_on__gte=on))
        started = self.model.objects.filter(in_time, sponsor=OuterRef("sponsor"))
        later = started.filter(Q(starts_on__gt=OuterRef("starts_on")) | Q(starts_on=OuterRef("starts_on"), pk__gt=OuterRef("pk")))
        # A deal that is shown early takes no place from one that has started.
        return self.filter((in_time & ~Exists(later)) | (early & ~in_time & ~Exists(started)))

    def open(self):
        return self.filter(state__in=OPEN)

    def running(self, on: date | None = None):
        """Approved or later, and not over: the deals of which both sides owe each other something."""
        on = on or timezone.localdate()
        from .acts import SELLING  # noqa: PLC0415

        return self.filter(Q(ends_on=None) | Q(ends_on__gte=on), state__in=SELLING)

    def visible_to(self, user: User):
        """Deals that somebody sees in the portal: those of the sponsors whose contact the person is."""
        return self.filter(sponsor__contacts__user=user).distinct() if user.is_authenticated else self.none()

    def for_desk(self):
        """With what cards and rows of the desk show, in the same queries for any number of deals."""
        from .items import DONE, Item  # noqa: PLC0415

        asked = Item.objects.filter(line__deal=OuterRef("pk"), line__removed=False, kind__in=Item.FROM_SPONSOR).order_by()
        per_deal = asked.values("line__deal").annotate(number=Count("pk")).values("number")
        late = asked.filter(due_on__lt=timezone.localdate()).exclude(state__in=DONE).values("line__deal")
        return self.select_related("sponsor", "season", "package", "owner").annotate(
            items_asked=Coalesce(Subquery(per_deal), 0),
            items_done=Coalesce(
                Subquery(asked.filter(state__in=DONE).values("line__deal").annotate(n=Count("pk")).values("n")), 0
            ),
            items_late=Coalesce(Subquery(late.annotate(n=Count("pk")).values("n")), 0),
            has_contact=Exists(Contact.objects.filter(sponsor=OuterRef("sponsor"))),
        )


class Deal(DealActs):
    sponsor = models.ForeignKey(Sponsor, on_delete=models.PROTECT, related_name="deals")
    season = models.ForeignKey(Season, on_delete=models.PROTECT, related_name="deals")
    package = models.ForeignKey(Package, null=True, blank=True, on_delete=models.PROTECT, related_name="deals")
    old_level = models.CharField(
        "level", max_length=64, blank=True, help_text="The level of deals from before there were packages."
    )
    fee = models.PositiveIntegerField(null=True, blank=True, help_text="Empty until it is agreed. 0 is a fee.")
    starts_on = models.DateField("first day", null=True, blank=True, db_index=True)
    ends_on = models.DateField("last day", null=True, blank=True, db_index=True)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="+",
        help_text="Who looks after it.",
    )
    submitted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, editable=False, on_delete=models.SET_NULL, related_name="sponsor_deals"
    )
    renewal_of = models.ForeignKey("self", null=True, blank=True, on_delete=models.SET_NULL, related_name="renewals")
    notes = models.TextField(blank=True, help_text="For staff.")
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    objects = DealQuerySet.as_manager()

    class Meta:
        ordering = ["-applied_on", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(starts_on=None) | Q(ends_on=None) | Q(ends_on__gt=F("starts_on")), name="deal_ends_after_start"
            )
        ]
        permissions = [
            ("move_deal", "Can move deals from state to state"),
            ("mail_deal", "Can write to sponsors"),
            ("export_deal", "Can export deals and what sponsors sent"),
            ("sponsor_publisher", "Can read logo placements and assets through the API"),
        ]

    def __str__(self) -> str:
        return f"{self.sponsor}, {self.season}"

    def get_absolute_url(self):
        return reverse("sponsorships:deal", args=[self.pk])

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

    def rights_of(self, user: User) -> set[str]:
        """What somebody may do with the deal in the portal. Several contacts of one account add up."""
        if not user.is_authenticated or not user.is_active:
            return set()
        return set().union(*(rights_of(contact) for contact in self.sponsor.contacts.all() if contact.user_id == user.pk))

    def kept_lines(self):
        return self.lines.filter(removed=False)

    def selection(self) -> Selection:
        benefits = [line.benefit for line in self.kept_lines().select_related("benefit") if line.benefit]
        return Selection.of(self.season, self.package, benefits)

    @property
    def is_customized(self) -> bool:
        """Whether it differs from its package: computed, so that it is always true."""
        return self.selection().is_customized or self.kept_lines().filter(benefit=None).exists()

    @property
    def estimated_cost(self) -> int:
        """What the lines are worth, by the values that were copied on application."""
        return self.kept_lines().aggregate(total=Sum("value"))["total"] or 0

    @property
    def agreed_fee(self) -> int | None:
        """What the sponsor may read: the fee once it is agreed; before, the list price of an untouched package."""
        if self.state not in {"applied", "review"}:
            return self.fee
        return None if self.is_customized else self.fee

    def full_lines(self) -> list[str]:
        """Benefits of this deal of which nothing is left, not counting this deal itself."""
        return [benefit.name for benefit in Benefit.objects.full().filter(lines__in=self.kept_lines())]

    def previous_signed(self) -> "Deal | None":
        """The sponsor's last deal that was really signed before this one."""
        earlier = Deal.objects.filter(sponsor=self.sponsor_id, signed_on__isnull=False).exclude(pk=self.pk)
        return earlier.order_by("-starts_on", "-pk").first()

    def overlaps(self) -> "models.QuerySet[Deal]":
        """Other signed deals of the sponsor at the same time. Staff are warned; nothing is changed."""
        if not self.starts_on or not self.ends_on:
            return Deal.objects.none()
        others = Deal.objects.filter(sponsor=self.sponsor_id, state=SIGNED).exclude(pk=self.pk)
        return others.filter(starts_on__lte=self.ends_on, ends_on__gte=self.starts_on)

    @transaction.atomic
    def add_line(self, benefit: Benefit, *, source: str, by=None) -> "Line":
        """Copy a benefit of the catalogue, with its items. What the sponsor has answered before is found again."""
        inclusion = Inclusion.objects.filter(package=self.package_id, benefit=benefit).first() if self.package_id else None
        line = self.lines.filter(benefit=benefit).first() or Line(deal=self, benefit=benefit, sort_order=benefit.sort_order)
        line.source, line.removed = source, False
        line.copy_from(benefit, inclusion)
        line.save()
        line.refresh_items()
        if by:
            log(instance=self, action="sponsors.line", user=by, data={"added": benefit.name})
        return line


class Line(models.Model):
    class Source(models.TextChoices):
        PACKAGE = "package", "From the package"
        ADD_ON = "add_on", "Add-on"
        STANDALONE = "standalone", "Standalone"
        STAFF = "staff", "Added by staff"

    deal = models.ForeignKey(Deal, on_delete=models.CASCADE, related_name="lines")
    benefit = models.ForeignKey(Benefit, null=True, blank=True, on_delete=models.SET_NULL, related_name="lines")
    program = models.ForeignKey(Program, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    program_name = models.CharField(max_length=300, blank=True)
    name = models.CharField(max_length=300)
    description = models.TextField(blank=True)
    value = models.PositiveIntegerField(null=True, blank=True)
    quantity = models.PositiveIntegerField(null=True, blank=True)
    quantity_label = models.CharField(max_length=32, blank=True)
    clauses = models.JSONField(default=list, help_text="The legal clauses as they were copied: order, name and text.")
    source = models.CharField(max_length=10, choices=Source, default=Source.PACKAGE)
    removed = models.BooleanField(default=False, help_text="Taken out of the deal. Its items and answers are kept.")
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

    def copy_from(self, benefit: Benefit, inclusion: Inclusion | None) -> None:
        self.program, self.program_name = benefit.program, benefit.program.name
        self.name, self.description, self.value = benefit.name, benefit.description, benefit.internal_value
        self.quantity = inclusion.quantity if inclusion else None
        self.quantity_label = inclusion.label if inclusion else ""
        self.clauses = [
            {"order": clause.sort_order, "name": clause.internal_name, "text": clause.clause} for clause in benefit.clauses.all()
        ]

    def differences(self, inclusion: Inclusion | None) -> list[tuple[str, str, str]]:
        """What the catalogue says now: the name of a field, what the line says, what the catalogue says."""
        if self.benefit is None:
            return []
        fresh = Line(deal=self.deal)
        fresh.copy_from(self.benefit, inclusion)
        return [
            (name.removesuffix("_id").replace("_", " "), str(getattr(self, name) or "–"), str(getattr(fresh, name) or "–"))
            for name in self.COPIED
            if getattr(self, name) != getattr(fresh, name)
        ]

    def refresh_items(self) -> None:
        """Bring the items into line with the catalogue. Answers are found by their key, and none is ever dropped."""
        from .items import Item  # noqa: PLC0415

        if self.benefit is None:
            return
        known = {item.deliverable_id: item for item in self.items.all()}
        for deliverable in self.benefit.deliverables.all():
            item = known.pop(deliverable.pk, None) or Item(line=self, deliverable=deliverable)
            item.copy_from(deliverable)
            item.save()
        for item in known.values():
            if not item.answer_id or not item.answer.has_value:
                item.delete()


purging.register(Deal, purges=lambda _: ["sponsors"])
purging.register(Line, purges=lambda _: ["sponsors"])
