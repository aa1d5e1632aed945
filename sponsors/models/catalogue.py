"""What is sold: programs, seasons, packages, benefits, and what each benefit brings with it."""

from datetime import date
from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator, RegexValidator
from django.db import models
from django.db.models import Count, F, Q
from django.utils import timezone
from modelcluster.fields import ParentalKey
from modelcluster.models import ClusterableModel
from wagtail.models import Orderable
from wagtail.search import index

from cms.delivery import purging
from sponsors.files import check_document, private_storage, shared_path

FIRST_YEAR, LAST_YEAR = 2021, 2050
STANDALONE_ONLY = "standalone-only"


class Program(models.Model):
    name = models.CharField(max_length=64, help_text="Such as Foundation or PyPI: what benefits are grouped under.")
    description = models.TextField(blank=True)
    sort_order = models.PositiveIntegerField("order", default=0, help_text="Lower numbers come first.")

    class Meta:
        ordering = ["sort_order", "name"]

    def __str__(self) -> str:
        return self.name


class LegalClause(models.Model):
    internal_name = models.CharField("name", max_length=300, help_text="How staff find the clause. Sponsors do not see it.")
    clause = models.TextField(help_text="What the agreement says. Plain text or Markdown.")
    notes = models.TextField(blank=True, help_text="For staff.")
    sort_order = models.PositiveIntegerField("order", default=0, help_text="Decides the numbers of clauses in agreements.")

    class Meta:
        ordering = ["sort_order", "internal_name"]

    def __str__(self) -> str:
        return self.internal_name


class SeasonQuerySet(models.QuerySet):
    def open(self, on: date | None = None):
        """Seasons that take applications on a day (today by default), the newest first."""
        on = on or timezone.localdate()
        return self.filter(Q(closes_on__gte=on) | Q(closes_on=None), opens_on__lte=on).order_by("-year")

    def announced(self, on: date | None = None):
        """Seasons whose first day is set and still to come, the next one first."""
        return self.filter(opens_on__gt=on or timezone.localdate()).order_by("opens_on")

    def shown(self, on=None):
        """The season whose offer visitors see: the open one, or else the one that opened last."""
        on = on or timezone.localdate()
        return self.open(on).first() or self.filter(opens_on__lte=on).order_by("-opens_on", "-year").first()


class Season(models.Model):
    year = models.PositiveSmallIntegerField(unique=True, validators=[MinValueValidator(FIRST_YEAR), MaxValueValidator(LAST_YEAR)])
    label = models.CharField(max_length=100, blank=True, help_text="Shown to sponsors instead of the year, such as 2026/27.")
    currency = models.CharField(
        max_length=3, default="USD", validators=[RegexValidator(r"^[A-Z]{3}$", "Three capital letters, such as USD.")]
    )
    opens_on = models.DateField(
        "applications open on",
        null=True,
        blank=True,
        help_text="Leave empty while you plan. From this day visitors see the offer.",
    )
    closes_on = models.DateField("last day for applications", null=True, blank=True)
    agreement_template = models.ForeignKey(
        "AgreementTemplate", null=True, blank=True, on_delete=models.SET_NULL, related_name="+", help_text="For new sponsors."
    )
    renewal_template = models.ForeignKey(
        "AgreementTemplate", null=True, blank=True, on_delete=models.SET_NULL, related_name="+", help_text="For renewals."
    )

    objects = SeasonQuerySet.as_manager()

    class Meta:
        ordering = ["-year"]

    def __str__(self) -> str:
        return self.label or str(self.year)

    def clean(self):
        if self.opens_on and self.closes_on and self.closes_on < self.opens_on:
            raise ValidationError({"closes_on": "The last day comes before the first one."})

    def state(self, on: date | None = None) -> str:
        """planning, open or closed."""
        on = on or timezone.localdate()
        if self.opens_on is None or self.opens_on > on:
            return "planning"
        return "closed" if self.closes_on and self.closes_on < on else "open"

    @property
    def is_open(self) -> bool:
        return self.state() == "open"


class PackageQuerySet(models.QuerySet):
    def standalone_of(self, season):
        """The package of deals that hold nothing but standalone benefits. Made where the season has none."""
        package, _ = self.get_or_create(
            season=season,
            slug=STANDALONE_ONLY,
            defaults={"name": "Standalone Only", "amount": 0, "sort_order": self.filter(season=season).count()},
        )
        return package


class Package(models.Model):
    season = models.ForeignKey(Season, on_delete=models.PROTECT, related_name="packages")
    name = models.CharField(max_length=64, help_text="The level that sponsors read, such as Visionary.")
    slug = models.SlugField(max_length=50, help_text="Stays the same in each season: it groups the wall of logos.")
    amount = models.PositiveIntegerField("list price", help_text="In whole units of the season’s currency. 0 is a price too.")
    advertise = models.BooleanField("offered to the public", default=False)
    allow_add_ons = models.BooleanField("takes add-ons", default=True, help_text="Whether applicants may add single benefits.")
    logo_dimension = models.PositiveSmallIntegerField(
        "size of logos",
        default=175,
        help_text="On the sponsors page: the side of a square, in pixels, of the same area as the logo.",
    )
    sort_order = models.PositiveIntegerField("order", default=0, help_text="The highest level comes first.")

    objects = PackageQuerySet.as_manager()

    class Meta:
        ordering = ["-season__year", "sort_order"]
        constraints = [
            models.UniqueConstraint(
                fields=["season", "slug"],
                name="package_slug_of_season",
                violation_error_message="This season has a package with this slug already.",
            )
        ]

    def __str__(self) -> str:
        return f"{self.name} {self.season}"

    @property
    def is_standalone_only(self) -> bool:
        return self.slug == STANDALONE_ONLY


class BenefitQuerySet(models.QuerySet):
    def with_sold(self):
        """Adds `sold`, lines on approved or later deals, and `held`, lines of applications."""
        from .acts import HOLDING, SELLING  # noqa: PLC0415 -- deals stand on the catalogue.

        kept = Q(lines__removed=False)
        return self.annotate(
            sold=Count("lines", filter=kept & Q(lines__deal__state__in=SELLING), distinct=True),
            held=Count("lines", filter=kept & Q(lines__deal__state__in=HOLDING), distinct=True),
        )

    def full(self):
        """Benefits of which nothing is left and that say no more."""
        return self.with_sold().filter(capacity__isnull=False, soft_capacity=False, sold__gte=F("capacity"))


class Benefit(index.Indexed, ClusterableModel):
    class Availability(models.TextChoices):
        PACKAGE_ONLY = "package_only", "Only in its packages"
        PACKAGE = "package", "In its packages, or added to another one"
        ADD_ON = "add_on", "Only as an add-on to a package"
        STANDALONE = "standalone", "Alone, without a package"
        WITHDRAWN = "withdrawn", "Not offered any more"

    season = models.ForeignKey(Season, on_delete=models.PROTECT, related_name="benefits")
    program = models.ForeignKey(Program, on_delete=models.PROTECT, related_name="benefits")
    name = models.CharField(max_length=300, help_text="In the offer, in the agreement and in the sponsor’s checklist.")
    description = models.TextField(blank=True, help_text="What the sponsor gets, in a sentence or two.")
    availability = models.CharField(
        "how it can be bought", max_length=12, choices=Availability, default=Availability.PACKAGE_ONLY
    )
    is_new = models.BooleanField("new this year", default=False, help_text="Gets a badge in the offer.")
    internal_value = models.PositiveIntegerField(
        "value", null=True, blank=True, help_text="For estimates and revenue by program."
    )
    internal_notes = models.TextField("notes", blank=True, help_text="For staff.")
    capacity = models.PositiveIntegerField(
        null=True, blank=True, help_text="How many there are. Leave empty where there is no limit."
    )
    soft_capacity = models.BooleanField(
        "may be oversold", default=False, help_text="A full benefit then warns, and blocks nobody."
    )
    exclusivity_group = models.SlugField(
        max_length=50, blank=True, help_text="Of the benefits that share this word a sponsor takes only one."
    )
    clauses = models.ManyToManyField(LegalClause, blank=True, related_name="benefits", verbose_name="legal clauses")
    sort_order = models.PositiveIntegerField("order", default=0)

    objects = BenefitQuerySet.as_manager()
    search_fields = [index.SearchField("name"), index.FilterField("season_id")]

    class Meta:
        ordering = ["sort_order", "pk"]

    def __str__(self) -> str:
        return self.name

    @property
    def left(self) -> int | None:
        """How many are left, on rows of `with_sold()`. Nothing where there is no limit."""
        return None if self.capacity is None else max(self.capacity - self.sold, 0)  # type: ignore[attr-defined]

    @property
    def is_full(self) -> bool:
        return self.left == 0 and self.capacity is not None

    def clean(self):
        alone = {self.Availability.STANDALONE, self.Availability.ADD_ON}
        if self.pk and self.availability in alone and self.inclusions.exists():
            raise ValidationError({"availability": "This benefit is part of a package. Take it out there first."})


class Inclusion(models.Model):
    """A benefit in a package, with how many of it."""

    package = models.ForeignKey(Package, on_delete=models.CASCADE, related_name="inclusions")
    benefit = models.ForeignKey(Benefit, on_delete=models.CASCADE, related_name="inclusions")
    quantity = models.PositiveIntegerField(null=True, blank=True)
    label = models.CharField(max_length=32, blank=True, help_text="Shown instead of the number.")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["package", "benefit"], name="inclusion_once")]

    def __str__(self) -> str:
        return f"{self.benefit} in {self.package}"

    @property
    def amount(self) -> str:
        return self.label or (str(self.quantity) if self.quantity else "")


class Kind(models.TextChoices):
    PLACEMENT = "placement", "Logo placement"
    IMAGE = "image", "Image from the sponsor"
    TEXT = "text", "Text from the sponsor"
    ANSWER = "answer", "Yes or no from the sponsor"
    FILE = "file", "File from the sponsor"
    GIVEN_TEXT = "given_text", "Text for the sponsor"
    GIVEN_FILE = "given_file", "File for the sponsor"
    VOUCHER = "voucher", "Voucher code for the sponsor"
    AUDIENCE = "audience", "May be written to"


FROM_SPONSOR = [Kind.IMAGE, Kind.TEXT, Kind.ANSWER, Kind.FILE]
TO_SPONSOR = [Kind.GIVEN_TEXT, Kind.GIVEN_FILE, Kind.VOUCHER]
MARKERS = [Kind.PLACEMENT, Kind.AUDIENCE]


class Publisher(models.TextChoices):
    PSF = "psf", "Foundation"
    PYCON = "pycon", "PyCon"
    PYPI = "pypi", "PyPI"
    CORE = "core", "Core Dev"


class Place(models.TextChoices):
    SIDEBAR = "sidebar", "Sidebar"
    SPONSORS = "sponsors", "Sponsors page"
    JOBS = "jobs", "Jobs"
    BLOG = "blogpost", "Blog"
    FOOTER = "footer", "Footer"
    DOCS = "docs", "Documentation"
    DOWNLOAD = "download", "Download page"
    DEV_GUIDE = "devguide", "Developer’s guide"


class AbstractDeliverable(models.Model):
    """What a benefit brings with it. The catalogue has it, and an item of a deal copies it."""

    class Scope(models.TextChoices):
        DEAL = "sponsorship", "Each deal anew"
        SPONSOR = "sponsor", "The sponsor, for all deals and seasons"

    kind = models.CharField(max_length=12, choices=Kind)
    scope = models.CharField(
        "belongs to",
        max_length=12,
        choices=Scope,
        default=Scope.DEAL,
        help_text="What belongs to the sponsor is asked for only once.",
    )
    key = models.CharField(
        max_length=128, blank=True, db_index=True, help_text="How other programs find it. Do not change it once it is in use."
    )
    label = models.CharField(max_length=256, blank=True, help_text="What the sponsor reads.")
    help_text = models.CharField(max_length=1000, blank=True)
    due_on = models.DateField("due on", null=True, blank=True)
    min_width = models.PositiveIntegerField("least width", null=True, blank=True)
    max_width = models.PositiveIntegerField("greatest width", null=True, blank=True)
    min_height = models.PositiveIntegerField("least height", null=True, blank=True)
    max_height = models.PositiveIntegerField("greatest height", null=True, blank=True)
    max_length = models.PositiveIntegerField("most characters", null=True, blank=True)
    publisher = models.CharField(max_length=30, choices=Publisher, blank=True)
    place = models.CharField(max_length=30, choices=Place, blank=True)
    link_to_sponsors_page = models.BooleanField(
        default=False, help_text="The logo links to the sponsors page instead of the sponsor’s own."
    )
    describe_as_sponsor = models.BooleanField(
        default=False, help_text="Programs get a sentence on the level instead of the sponsor’s own description."
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

    @property
    def is_to_sponsor(self) -> bool:
        return self.kind in TO_SPONSOR

    def title(self) -> str:
        if self.kind == Kind.PLACEMENT:
            return f"Logo: {self.get_publisher_display()}, {self.get_place_display()}"
        return self.label or str(Kind(self.kind).label)


class Deliverable(Orderable, AbstractDeliverable):
    benefit = ParentalKey(Benefit, on_delete=models.CASCADE, related_name="deliverables")
    season = models.ForeignKey(Season, editable=False, on_delete=models.CASCADE, related_name="+")
    shared_text = models.TextField("text for all", blank=True, help_text="The same text for every sponsor who has the benefit.")
    shared_file = models.FileField(
        "file for all", blank=True, upload_to=shared_path, storage=private_storage, validators=[check_document], max_length=255
    )

    class Meta(Orderable.Meta):
        constraints = [
            models.UniqueConstraint(
                fields=["season", "key"],
                condition=~Q(key=""),
                name="deliverable_key_of_season",
                violation_error_message="This season has a deliverable with this key already.",
            )
        ]

    def __str__(self) -> str:
        return self.title()

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.season_id = self.benefit.season_id
        super().save(*args, **kwargs)

    def clean(self):
        errors = {}
        if self.kind == Kind.PLACEMENT:
            errors |= {name: "A placement needs this." for name in ("publisher", "place") if not getattr(self, name)}
        elif self.kind != Kind.AUDIENCE:
            errors |= {name: "Sponsors and programs need this." for name in ("key", "label") if not getattr(self, name)}
        for side in ("width", "height"):
            least, most = getattr(self, f"min_{side}"), getattr(self, f"max_{side}")
            if least and most and most < least:
                errors[f"max_{side}"] = "This is less than the least one."
        season = self.benefit.season_id if self.benefit_id else None
        same = Deliverable.objects.filter(season=season, key=self.key).exclude(pk=self.pk)
        if self.key and season and same.exists():
            errors["key"] = "This season has a deliverable with this key already."
        if errors:
            raise ValidationError(errors)


for model in (Program, Season, Package, Benefit, Inclusion):
    purging.register(model, purges=lambda _: ["sponsors"])
