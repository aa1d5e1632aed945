from datetime import timedelta

import factory
from django.utils import timezone
from factory.django import DjangoModelFactory

from sponsors.models import (
    Benefit,
    Contact,
    Deliverable,
    Kind,
    Package,
    PackageBenefit,
    Sponsor,
    Sponsorship,
    SponsorshipProgram,
    SponsorshipYear,
    State,
)


class ProgramFactory(DjangoModelFactory):
    name = "Foundation"

    class Meta:
        model = SponsorshipProgram
        django_get_or_create = ["name"]


class SponsorshipYearFactory(DjangoModelFactory):
    """Sponsorship year that is open for applications."""

    year = 2026
    opens_on = factory.LazyFunction(lambda: timezone.localdate() - timedelta(days=10))

    class Meta:
        model = SponsorshipYear
        django_get_or_create = ["year"]


class PackageFactory(DjangoModelFactory):
    sponsorship_year = factory.SubFactory(SponsorshipYearFactory)
    name = "Visionary"
    slug = factory.LazyAttribute(lambda package: package.name.lower())
    amount = 150_000
    advertise = True

    class Meta:
        model = Package
        django_get_or_create = ["sponsorship_year", "slug"]


class BenefitFactory(DjangoModelFactory):
    sponsorship_year = factory.SubFactory(SponsorshipYearFactory)
    program = factory.SubFactory(ProgramFactory)
    name = factory.Sequence(lambda n: f"Benefit {n}")
    internal_value = 1000

    class Meta:
        model = Benefit
        skip_postgeneration_save = True

    @factory.post_generation
    def packages(self, create, extracted, **kwargs):
        for package in extracted or []:
            PackageBenefit.objects.create(package=package, benefit=self, **kwargs)


class DeliverableFactory(DjangoModelFactory):
    benefit = factory.SubFactory(BenefitFactory)
    kind = Kind.TEXT
    key = factory.Sequence(lambda n: f"key-{n}")
    label = factory.LazyAttribute(lambda deliverable: f"Label of {deliverable.key}")

    class Meta:
        model = Deliverable


class PlacementFactory(DeliverableFactory):
    kind = Kind.PLACEMENT
    key = label = ""
    publisher = "psf"
    place = "sponsors"


class SponsorFactory(DjangoModelFactory):
    name = factory.Sequence(lambda n: f"Harbor Analytics {n}")
    description = "Tides and cargo."
    landing_page_url = "https://example.org/"
    web_logo = "sponsors/logos/harbor.png"
    city = "Hamburg"
    country = "DE"

    class Meta:
        model = Sponsor


class ContactFactory(DjangoModelFactory):
    sponsor = factory.SubFactory(SponsorFactory)
    name = "Ada Byron"
    email = "ada@example.org"
    primary = True

    class Meta:
        model = Contact


class SponsorshipFactory(DjangoModelFactory):
    """Sponsorship with the benefits of its package. Approved and later ones have a fee and run for a year around today."""

    sponsor = factory.SubFactory(SponsorFactory)
    sponsorship_year = factory.SubFactory(SponsorshipYearFactory)
    package = factory.SubFactory(PackageFactory, sponsorship_year=factory.SelfAttribute("..sponsorship_year"))
    fee = 150_000
    starts_on = factory.LazyAttribute(
        lambda sponsorship: timezone.localdate() - timedelta(days=30) if sponsorship.is_agreed else None
    )
    ends_on = factory.LazyAttribute(
        lambda sponsorship: timezone.localdate() + timedelta(days=335) if sponsorship.is_agreed else None
    )
    approved_on = factory.LazyAttribute(lambda sponsorship: timezone.localdate() if sponsorship.is_agreed else None)
    signed_on = factory.LazyAttribute(
        lambda sponsorship: timezone.localdate() if sponsorship.state in {State.SIGNED, State.CANCELLED} else None
    )

    class Meta:
        model = Sponsorship
        skip_postgeneration_save = True

    class Params:
        is_agreed = factory.LazyAttribute(lambda sponsorship: sponsorship.state not in {"applied", "review", "declined"})

    state = State.SIGNED

    @factory.post_generation
    def benefits(self, create, extracted, **kwargs):
        if self.package and extracted is not False:
            for benefit in Benefit.objects.filter(package_benefits__package=self.package):
                self.add_benefit(benefit, source="package")
