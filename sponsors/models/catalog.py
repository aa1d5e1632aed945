"""Catalog: programs, sponsorship years, packages, benefits and their deliverables."""

from datetime import date
from typing import Any, Self

from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator, RegexValidator
from django.db import models
from django.db.models import Count, F, Q
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from modelcluster.fields import ParentalKey
from modelcluster.models import ClusterableModel
from wagtail.models import Orderable
from wagtail.search import index

from cms.delivery import purging
from sponsors.files import check_document, private_storage, shared_path

from .states import HOLDING, SELLING

FIRST_YEAR, LAST_YEAR = 2021, 2050
STANDALONE_ONLY = "standalone-only"


class SponsorshipProgram(models.Model):
    """Program of the Foundation that benefits belong to, such as PyPI."""

    name = models.CharField(max_length=64, help_text=_("Benefits are grouped by program, for example Foundation or PyPI."))
    description = models.TextField(blank=True)
    sort_order = models.PositiveIntegerField(_("order"), default=0, help_text=_("Lower numbers come first."))

    class Meta:
        ordering = ["sort_order", "name"]

    def __str__(self) -> str:
        return self.name


class LegalClause(models.Model):
    """Legal clause that contracts with certain benefits contain."""

    internal_name = models.CharField(
        _("name"), max_length=300, help_text=_("Shown to staff only, for example “Trademark usage”.")
    )
    clause = models.TextField(help_text=_("Text of the clause in the contract. Plain text or Markdown."))
    notes = models.TextField(blank=True, help_text=_("Visible to staff only."))
    sort_order = models.PositiveIntegerField(
        _("order"), default=0, help_text=_("Clauses are numbered in this order in contracts.")
    )

    class Meta:
        ordering = ["sort_order", "internal_name"]

    def __str__(self) -> str:
        return self.internal_name


class SponsorshipYearQuerySet(models.QuerySet["SponsorshipYear"]):
    def open(self, on: date | None = None) -> Self:
        """Return sponsorship years that accept applications on a day (default: today), newest first."""
        on = on or timezone.localdate()
        return self.filter(Q(closes_on__gte=on) | Q(closes_on=None), opens_on__lte=on).order_by("-year")

    def announced(self, on: date | None = None) -> Self:
        """Return sponsorship years that open after a day (default: today), the next one first."""
        return self.filter(opens_on__gt=on or timezone.localdate()).order_by("opens_on")

    def shown(self, on: date | None = None) -> "SponsorshipYear | None":
        """Return the sponsorship year that visitors see: the open one, or the one that opened last."""
        on = on or timezone.localdate()
        return self.open(on).first() or self.filter(opens_on__lte=on).order_by("-opens_on", "-year").first()


class SponsorshipYear(models.Model):
    """Year with its own packages, benefits and application period."""

    year = models.PositiveSmallIntegerField(unique=True, validators=[MinValueValidator(FIRST_YEAR), MaxValueValidator(LAST_YEAR)])
    label = models.CharField(
        max_length=100, blank=True, help_text=_("Shown to sponsors instead of the year, for example 2026/27.")
    )
    currency = models.CharField(
        max_length=3,
        default="USD",
        validators=[RegexValidator(r"^[A-Z]{3}$", _("Enter a currency code of three capital letters, for example USD."))],
    )
    opens_on = models.DateField(
        _("applications open on"),
        null=True,
        blank=True,
        help_text=_("Visitors see the packages from this day. Leave empty while you prepare the year."),
    )
    closes_on = models.DateField(_("last day for applications"), null=True, blank=True)
    contract_template = models.ForeignKey(
        "ContractTemplate", null=True, blank=True, on_delete=models.SET_NULL, related_name="+", help_text=_("For new sponsors.")
    )
    renewal_template = models.ForeignKey(
        "ContractTemplate", null=True, blank=True, on_delete=models.SET_NULL, related_name="+", help_text=_("For renewals.")
    )

    objects = SponsorshipYearQuerySet.as_manager()

    class Meta:
        ordering = ["-year"]

    def __str__(self) -> str:
        return self.label or str(self.year)

    def clean(self) -> None:
        if self.opens_on and self.closes_on and self.closes_on < self.opens_on:
            raise ValidationError({"closes_on": gettext("The last day for applications must be after the day they open.")})

    def state(self, on: date | None = None) -> str:
        """Return "planning", "open" or "closed"."""
        on = on or timezone.localdate()
        if self.opens_on is None or self.opens_on > on:
            return "planning"
        return "closed" if self.closes_on and self.closes_on < on else "open"

    @property
    def is_open(self) -> bool:
        return self.state() == "open"


class PackageQuerySet(models.QuerySet["Package"]):
    def standalone_of(self, sponsorship_year: SponsorshipYear) -> "Package":
        """Get or create the package of sponsorships with standalone benefits only."""
        package, _ = self.get_or_create(
            sponsorship_year=sponsorship_year,
            slug=STANDALONE_ONLY,
            defaults={
                "name": "Standalone Only",
                "amount": 0,
                "sort_order": self.filter(sponsorship_year=sponsorship_year).count(),
            },
        )
        return package


class Package(models.Model):
    """Package of a sponsorship year, with a list price."""

    sponsorship_year = models.ForeignKey(SponsorshipYear, on_delete=models.PROTECT, related_name="packages")
    name = models.CharField(max_length=64, help_text=_("Shown to sponsors as the level, for example Visionary."))
    slug = models.SlugField(
        max_length=50, help_text=_("Use the same slug each sponsorship year. Logos on the sponsors page are grouped by it.")
    )
    amount = models.PositiveIntegerField(
        _("list price"), help_text=_("In whole units of the sponsorship year’s currency, for example 150000. 0 means free.")
    )
    advertise = models.BooleanField(_("public"), default=False)
    allow_add_ons = models.BooleanField(
        _("allow add-ons"), default=True, help_text=_("Applicants can add single benefits to this package.")
    )
    logo_dimension = models.PositiveSmallIntegerField(
        _("logo size"),
        default=175,
        help_text=_("Size on the sponsors page in pixels: the side of a square with the same area as the logo."),
    )
    sort_order = models.PositiveIntegerField(
        _("order"), default=0, help_text=_("Lower numbers come first. Give the highest level the lowest number.")
    )

    objects = PackageQuerySet.as_manager()

    class Meta:
        ordering = ["-sponsorship_year__year", "sort_order"]
        constraints = [
            models.UniqueConstraint(
                fields=["sponsorship_year", "slug"],
                name="package_slug_of_sponsorship_year",
                violation_error_message=_("This sponsorship year already has a package with this slug. Choose another slug."),
            )
        ]

    def __str__(self) -> str:
        return f"{self.name} {self.sponsorship_year}"

    @property
    def is_standalone_only(self) -> bool:
        return self.slug == STANDALONE_ONLY


class BenefitQuerySet(models.QuerySet):
    def with_sold(self) -> Self:
        """Annotate `sold`, the number in approved and later sponsorships, and `held`, the number in applications."""
        active = Q(sponsorship_benefits__removed=False)
        return self.annotate(
            sold=Count(
                "sponsorship_benefits", filter=active & Q(sponsorship_benefits__sponsorship__state__in=SELLING), distinct=True
            ),
            held=Count(
                "sponsorship_benefits", filter=active & Q(sponsorship_benefits__sponsorship__state__in=HOLDING), distinct=True
            ),
        )

    def full(self) -> Self:
        """Return benefits that are sold out and may not be oversold."""
        return self.with_sold().filter(capacity__isnull=False, soft_capacity=False, sold__gte=F("capacity"))


class Benefit(index.Indexed, ClusterableModel):
    """Benefit that sponsors of a year can get, in packages or separately."""

    class Availability(models.TextChoices):
        PACKAGE_ONLY = "package_only", _("Only in its packages")
        PACKAGE = "package", _("In its packages, or as an add-on to other packages")
        ADD_ON = "add_on", _("Only as an add-on to a package")
        STANDALONE = "standalone", _("Standalone, without a package")
        WITHDRAWN = "withdrawn", _("No longer available")

    sponsorship_year = models.ForeignKey(SponsorshipYear, on_delete=models.PROTECT, related_name="benefits")
    program = models.ForeignKey(SponsorshipProgram, on_delete=models.PROTECT, related_name="benefits")
    name = models.CharField(
        max_length=300, help_text=_("Shown on the application page, in the contract and in the sponsor portal.")
    )
    description = models.TextField(blank=True, help_text=_("One or two sentences about the benefit."))
    availability = models.CharField(_("availability"), max_length=12, choices=Availability, default=Availability.PACKAGE_ONLY)
    is_new = models.BooleanField(_("new this year"), default=False, help_text=_("Shows a “New” badge on the application page."))
    internal_value = models.PositiveIntegerField(
        _("value"), null=True, blank=True, help_text=_("Used in estimates and in the report of revenue by program.")
    )
    internal_notes = models.TextField(_("notes"), blank=True, help_text=_("Visible to staff only."))
    capacity = models.PositiveIntegerField(
        null=True, blank=True, help_text=_("How many sponsors can have this benefit. Leave empty for no limit.")
    )
    soft_capacity = models.BooleanField(
        _("allow overselling"), default=False, help_text=_("When the capacity is reached, show a warning instead of “Sold out”.")
    )
    exclusivity_group = models.SlugField(
        max_length=50,
        blank=True,
        help_text=_("A sponsor can choose only one of the benefits with the same group name, for example keynote."),
    )
    clauses = models.ManyToManyField(LegalClause, blank=True, related_name="benefits", verbose_name=_("legal clauses"))
    sort_order = models.PositiveIntegerField(_("order"), default=0)

    objects = BenefitQuerySet.as_manager()
    search_fields = [index.SearchField("name"), index.AutocompleteField("name"), index.FilterField("sponsorship_year_id")]

    class Meta:
        ordering = ["sort_order", "pk"]

    def __str__(self) -> str:
        return self.name

    @property
    def left(self) -> int | None:
        """Return how many are left, or None without a limit. Needs a row of `with_sold()`."""
        return None if self.capacity is None else max(self.capacity - self.sold, 0)  # type: ignore[attr-defined]  # Set by `with_sold()`.

    @property
    def is_full(self) -> bool:
        return self.left == 0 and self.capacity is not None

    def clean(self) -> None:
        alone = {self.Availability.STANDALONE, self.Availability.ADD_ON}
        if self.pk and self.availability in alone and self.package_benefits.exists():
            raise ValidationError(
                {"availability": gettext("This benefit is part of a package. Remove it from the package first.")}
            )


class PackageBenefit(models.Model):
    """Benefit in a package, with its quantity."""

    package = models.ForeignKey(Package, on_delete=models.CASCADE, related_name="package_benefits")
    benefit = models.ForeignKey(Benefit, on_delete=models.CASCADE, related_name="package_benefits")
    quantity = models.PositiveIntegerField(null=True, blank=True)
    label = models.CharField(max_length=32, blank=True, help_text=_("Text to show instead of the quantity, for example “Large”."))

    class Meta:
        constraints = [models.UniqueConstraint(fields=["package", "benefit"], name="package_benefit_once")]

    def __str__(self) -> str:
        return f"{self.benefit} in {self.package}"

    @property
    def amount(self) -> str:
        return self.label or (str(self.quantity) if self.quantity else "")


class Kind(models.TextChoices):
    PLACEMENT = "placement", _("Logo placement")
    IMAGE = "image", _("Image from the sponsor")
    TEXT = "text", _("Text from the sponsor")
    ANSWER = "answer", _("Yes or no from the sponsor")
    FILE = "file", _("File from the sponsor")
    GIVEN_TEXT = "given_text", _("Text for the sponsor")
    GIVEN_FILE = "given_file", _("File for the sponsor")
    VOUCHER = "voucher", _("Voucher code for the sponsor")
    AUDIENCE = "audience", _("Mailing list")


FROM_SPONSOR = [Kind.IMAGE, Kind.TEXT, Kind.ANSWER, Kind.FILE]
TO_SPONSOR = [Kind.GIVEN_TEXT, Kind.GIVEN_FILE, Kind.VOUCHER]
MARKERS = [Kind.PLACEMENT, Kind.AUDIENCE]


class Publisher(models.TextChoices):
    PSF = "psf", _("Foundation")
    PYCON = "pycon", _("PyCon")
    PYPI = "pypi", _("PyPI")
    CORE = "core", _("Core Dev")


class Place(models.TextChoices):
    SIDEBAR = "sidebar", _("Sidebar")
    SPONSORS = "sponsors", _("Sponsors page")
    JOBS = "jobs", _("Jobs")
    BLOG = "blogpost", _("Blog")
    FOOTER = "footer", _("Footer")
    DOCS = "docs", _("Documentation")
    DOWNLOAD = "download", _("Download page")
    DEV_GUIDE = "devguide", _("Developer’s guide")


class AbstractDeliverable(models.Model):
    """Deliverable of a benefit. `Deliverable` is in the catalog, `SponsorshipDeliverable` is its copy."""

    class Scope(models.TextChoices):
        SPONSORSHIP = "sponsorship", _("Each sponsorship")
        SPONSOR = "sponsor", _("The sponsor, for all sponsorship years")

    kind = models.CharField(_("type"), max_length=12, choices=Kind)
    scope = models.CharField(
        _("belongs to"),
        max_length=12,
        choices=Scope,
        default=Scope.SPONSORSHIP,
        help_text=_("Sponsors submit items that belong to the sponsor only once."),
    )
    key = models.CharField(
        max_length=128,
        blank=True,
        db_index=True,
        help_text=_("Identifies the item in the API. Do not change it after programs use it."),
    )
    label = models.CharField(max_length=256, blank=True, help_text=_("Shown to the sponsor, for example “Booth logo”."))
    help_text = models.CharField(max_length=1000, blank=True)
    due_on = models.DateField(_("due on"), null=True, blank=True)
    min_width = models.PositiveIntegerField(_("minimum width"), null=True, blank=True)
    max_width = models.PositiveIntegerField(_("maximum width"), null=True, blank=True)
    min_height = models.PositiveIntegerField(_("minimum height"), null=True, blank=True)
    max_height = models.PositiveIntegerField(_("maximum height"), null=True, blank=True)
    max_length = models.PositiveIntegerField(_("maximum characters"), null=True, blank=True)
    publisher = models.CharField(max_length=30, choices=Publisher, blank=True)
    place = models.CharField(max_length=30, choices=Place, blank=True)
    link_to_sponsors_page = models.BooleanField(
        default=False, help_text=_("Link the logo to the sponsors page instead of the sponsor’s website.")
    )
    describe_as_sponsor = models.BooleanField(
        default=False, help_text=_("The API returns a sentence about the level instead of the sponsor’s description.")
    )

    COPIED = (
        *("kind", "scope", "key", "label", "help_text", "due_on", "min_width", "max_width", "min_height", "max_height"),
        *("max_length", "publisher", "place", "link_to_sponsors_page", "describe_as_sponsor"),
    )

    class Meta:
        abstract = True

    @property
    def is_from_sponsor(self) -> bool:
        return self.kind in FROM_SPONSOR

    def title(self) -> str:
        if self.kind == Kind.PLACEMENT:
            return f"Logo: {self.get_publisher_display()}, {self.get_place_display()}"
        return self.label or str(Kind(self.kind).label)


class Deliverable(Orderable, AbstractDeliverable):
    """Deliverable of a benefit in the catalog."""

    benefit = ParentalKey(Benefit, on_delete=models.CASCADE, related_name="deliverables")
    sponsorship_year = models.ForeignKey(SponsorshipYear, editable=False, on_delete=models.CASCADE, related_name="+")
    shared_text = models.TextField(_("shared text"), blank=True, help_text=_("The same text for all sponsors with this benefit."))
    shared_file = models.FileField(
        _("shared file"), blank=True, upload_to=shared_path, storage=private_storage, validators=[check_document], max_length=255
    )

    class Meta(Orderable.Meta):
        constraints = [
            models.UniqueConstraint(
                fields=["sponsorship_year", "key"],
                condition=~Q(key=""),
                name="deliverable_key_of_sponsorship_year",
                violation_error_message=_("This sponsorship year already has a deliverable with this key. Choose another key."),
            )
        ]

    def __str__(self) -> str:
        return self.title()

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.sponsorship_year_id = self.benefit.sponsorship_year_id
        super().save(*args, **kwargs)

    def clean(self) -> None:
        errors: dict[str, str] = {}
        if self.kind == Kind.PLACEMENT:
            errors |= {name: "Required for logo placements." for name in ("publisher", "place") if not getattr(self, name)}
        elif self.kind != Kind.AUDIENCE:
            errors |= {
                name: "Required, because sponsors and the API use it." for name in ("key", "label") if not getattr(self, name)
            }
        for side in ("width", "height"):
            smallest, largest = getattr(self, f"min_{side}"), getattr(self, f"max_{side}")
            if smallest and largest and largest < smallest:
                errors[f"max_{side}"] = gettext("The maximum must not be less than the minimum.")
        sponsorship_year = self.benefit.sponsorship_year_id if self.benefit_id else None
        same = Deliverable.objects.filter(sponsorship_year=sponsorship_year, key=self.key).exclude(pk=self.pk)
        if self.key and sponsorship_year and same.exists():
            errors["key"] = gettext("This sponsorship year already has a deliverable with this key. Choose another key.")
        if errors:
            raise ValidationError(errors)


for model in (SponsorshipProgram, SponsorshipYear, Package, Benefit, PackageBenefit):
    purging.register(model, purges=lambda _: ["sponsors"])
