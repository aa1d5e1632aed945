from datetime import UTC, date, datetime

import factory
import wagtail_factories
from factory.django import DjangoModelFactory

from psf.models import (
    Acknowledgement,
    Election,
    ElectionKind,
    MeetingBody,
    Membership,
    MembershipKind,
    MembershipPage,
    MinutesIndexPage,
    MinutesPage,
    Nomination,
    Nominee,
    RecordsPage,
    Resolution,
    WorkGroupIndexPage,
    WorkGroupPage,
)
from tests.factories.community import home


def section(*slugs: str):
    """Return the page at a path, creating missing pages as records pages."""
    page = home()
    for slug in slugs:
        page = page.get_children().filter(slug=slug).first() or page.add_child(instance=RecordsPage(title=slug, slug=slug))
    return page


def minutes_index() -> MinutesIndexPage:
    known = MinutesIndexPage.objects.first()
    return known or section("psf", "records", "board").add_child(instance=MinutesIndexPage(title="Minutes", slug="minutes"))


def work_groups() -> WorkGroupIndexPage:
    known = WorkGroupIndexPage.objects.first()
    return known or section("psf").add_child(instance=WorkGroupIndexPage(title="Work groups", slug="workgroups"))


def membership_page() -> MembershipPage:
    return section("psf").add_child(instance=MembershipPage(title="Membership", slug="membership"))


class MeetingBodyFactory(DjangoModelFactory):
    name = "Board of directors"
    slug = "board"

    class Meta:
        model = MeetingBody
        django_get_or_create = ["slug"]


class MinutesPageFactory(wagtail_factories.PageFactory):
    """Published minutes. Pass `live=False` for a draft, and `resolutions=[…]` with a dictionary of fields for each."""

    title = None
    slug = None
    parent = factory.LazyFunction(minutes_index)
    body = factory.SubFactory(MeetingBodyFactory)
    date = factory.Sequence(lambda n: date(2020 + n // 336, n // 28 % 12 + 1, n % 28 + 1))

    class Meta:
        model = MinutesPage

    @classmethod
    def _create_instance(cls, model_class, parent, kwargs):
        resolutions = kwargs.pop("resolutions", [])
        page = model_class(**kwargs)
        page.resolutions = [Resolution(sort_order=place, **columns) for place, columns in enumerate(resolutions)]
        return parent.add_child(instance=page)


class WorkGroupPageFactory(wagtail_factories.PageFactory):
    title = factory.Sequence(lambda n: f"Grants {n}")
    parent = factory.LazyFunction(work_groups)

    class Meta:
        model = WorkGroupPage


class MembershipKindFactory(DjangoModelFactory):
    name = "Supporting member"

    class Meta:
        model = MembershipKind


class MembershipFactory(DjangoModelFactory):
    legal_name = "Ada Byron"
    preferred_name = "Ada"
    email = "ada@example.org"

    class Meta:
        model = Membership


class ElectionKindFactory(DjangoModelFactory):
    name = "Board"
    slug = "board"

    class Meta:
        model = ElectionKind
        django_get_or_create = ["slug"]


class AcknowledgementFactory(DjangoModelFactory):
    kind = factory.SubFactory(ElectionKindFactory)
    key = "coc"
    label = "I will follow the code of conduct."

    class Meta:
        model = Acknowledgement


class ElectionFactory(DjangoModelFactory):
    """Election whose nominations are open from July 1 to July 30, 2026, noon UTC."""

    name = factory.Sequence(lambda n: f"Board election {n}")
    slug = factory.Sequence(lambda n: f"board-election-{n}")
    kind = factory.SubFactory(ElectionKindFactory)
    date = date(2026, 9, 1)
    nominations_open_at = datetime(2026, 7, 1, 12, tzinfo=UTC)
    nominations_close_at = datetime(2026, 7, 30, 12, tzinfo=UTC)

    class Meta:
        model = Election


class NomineeFactory(DjangoModelFactory):
    election = factory.SubFactory(ElectionFactory)
    name = "Ada Byron"
    email = "ada@example.org"

    class Meta:
        model = Nominee


class NominationFactory(DjangoModelFactory):
    nominee = factory.SubFactory(NomineeFactory)
    election = factory.SelfAttribute("nominee.election")
    name = factory.SelfAttribute("nominee.name")
    email = factory.SelfAttribute("nominee.email")
    employer = "Tidewater Maps"
    statement = "She **listens**."

    class Meta:
        model = Nomination
