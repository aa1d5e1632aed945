"""Rules of sponsorship: valid selections, capacity, placement periods, and assets that survive every change."""

from datetime import date, timedelta

import pytest
from django.core.exceptions import ValidationError
from django.utils import timezone

from sponsors import placements
from sponsors.models import (
    Benefit,
    Kind,
    Package,
    Selection,
    Sponsor,
    SponsorAsset,
    Sponsorship,
    SponsorshipDeliverable,
    SponsorshipYear,
    State,
)
from sponsors.workflows import create_sponsorship, request_changes
from tests.factories.sponsors import (
    BenefitFactory,
    ContactFactory,
    DeliverableFactory,
    PackageFactory,
    PlacementFactory,
    SponsorFactory,
    SponsorshipFactory,
    SponsorshipYearFactory,
)
from tests.factories.users import UserFactory
from tests.sponsors.conftest import pdf, png

pytestmark = pytest.mark.django_db
TODAY = date(2026, 6, 1)


@pytest.fixture
def package():
    return PackageFactory()


def benefit(package=None, **fields):
    return BenefitFactory(
        sponsorship_year=package.sponsorship_year if package else SponsorshipYearFactory(),
        packages=[package] if package else [],
        **fields,
    )


def chosen(package, *benefits):
    return Selection.of(package.sponsorship_year if package else SponsorshipYearFactory(), package, benefits)


def test_an_untouched_package_has_its_price(package):
    selection = chosen(package, benefit(package), benefit(package))
    assert (selection.is_customized, selection.price, selection.problems()) == (False, 150_000, [])


def test_less_or_more_than_the_package_has_no_price(package):
    first, _ = benefit(package), benefit(package)
    add_on = benefit(availability="add_on")
    assert chosen(package, first).price is None
    assert chosen(package, *Benefit.objects.all()).added == [add_on]


@pytest.mark.parametrize(("taken", "is_customized"), [([0], False), ([1], False), ([], True), ([0, 1], True)])
def test_of_a_group_exactly_one_is_the_package(package, taken, is_customized):
    rivals = [benefit(package, exclusivity_group="workshop"), benefit(package, exclusivity_group="workshop")]
    others = [benefit(package, exclusivity_group="talk"), benefit(package)]
    selection = chosen(package, *[rivals[place] for place in taken], *others)
    assert selection.is_customized == is_customized
    assert bool(selection.problems()) == (len(taken) > 1)


def test_of_several_groups_each_has_its_one(package):
    workshops = [benefit(package, exclusivity_group="workshop") for _ in range(2)]
    talks = [benefit(package, exclusivity_group="talk") for _ in range(2)]
    assert not chosen(package, workshops[0], talks[1]).is_customized
    for wrong in ([workshops[0]], [talks[0]], [*workshops, *talks], []):
        assert chosen(package, *wrong).is_customized
    assert len(chosen(package, *workshops, *talks).problems()) == 2


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda _: (None, []), "Choose a package"),
        (lambda package: (None, [benefit(package, name="Booth")]), "Only available with a package: “Booth”"),
        (lambda package: (package, [benefit(PackageFactory(name="Other"), name="Booth")]), "Not part of Visionary"),
        (lambda _: (None, [benefit(name="Lanyard", availability="add_on")]), "Only available as an add-on"),
        (lambda package: (package, [benefit(name="Sprint", availability="standalone")]), "Only available without a package"),
        (lambda package: (package, [benefit(name="Old", availability="withdrawn")]), "Not available this sponsorship year"),
        (
            lambda _: (PackageFactory(name="Plain", allow_add_ons=False), [benefit(availability="add_on")]),
            "does not allow add-ons",
        ),
        (lambda _: (PackageFactory(sponsorship_year__year=2027), []), "is not available this sponsorship year"),
    ],
)
def test_what_does_not_go_together_is_said(package, make, words):
    wanted, benefits = make(package)
    assert any(words in problem for problem in Selection.of(SponsorshipYearFactory(), wanted, benefits).problems())


@pytest.mark.parametrize("availability", ["package_only", "standalone"])
def test_a_full_benefit_blocks_applicants_unless_it_may_be_oversold(package, availability):
    alone = availability == "standalone"
    full = benefit(None if alone else package, availability=availability, capacity=1)
    SponsorshipFactory(
        package=package, sponsorship_year=package.sponsorship_year, state=State.APPROVED, benefits=False
    ).add_benefit(full, source="staff")
    wanted = chosen(None if alone else package, full)
    assert "Sold out" in wanted.problems(Benefit.objects.full().values_list("pk", flat=True))[0]
    Benefit.objects.update(soft_capacity=True)
    assert not Benefit.objects.full().exists()


def test_applications_hold_and_approved_sponsorships_count(package):
    benefit(package, capacity=5)
    for state in State.values:
        SponsorshipFactory(package=package, sponsorship_year=package.sponsorship_year, state=state)
    row = Benefit.objects.with_sold().get()
    assert (row.sold, row.held, row.left, row.is_full) == (3, 2, 2, False)


def test_a_sponsorship_copies_the_offer_and_keeps_its_estimate(package):
    one = benefit(package, name="Booth", internal_value=700)
    package.package_benefits.update(quantity=3)
    sponsorship = create_sponsorship(SponsorFactory(), chosen(package, one), by=UserFactory())
    Benefit.objects.update(name="Stand", internal_value=1)
    line = sponsorship.sponsorship_benefits.get()
    assert (line.display_name, sponsorship.estimated_cost, sponsorship.fee) == ("Booth (3)", 700, 150_000)
    line.benefit.refresh_from_db()
    assert [name for name, _, _ in line.differences(package.package_benefits.get())] == ["name", "value"]


def test_standalone_benefits_come_with_one_package_of_their_own():
    one = benefit(availability="standalone")
    first = create_sponsorship(SponsorFactory(), chosen(None, one), by=UserFactory())
    second = create_sponsorship(SponsorFactory(), chosen(None, one), by=UserFactory())
    assert first.package == second.package == Package.objects.get(slug="standalone-only")
    assert (first.fee, first.is_customized, first.sponsorship_benefits.get().source) == (None, False, "standalone")


@pytest.mark.parametrize(
    ("opens", "closes", "on", "state"),
    [
        (None, None, TODAY, "planning"),
        (TODAY, None, TODAY - timedelta(days=1), "planning"),
        (TODAY, TODAY, TODAY, "open"),
        (TODAY, TODAY, TODAY + timedelta(days=1), "closed"),
    ],
)
def test_a_sponsorship_year_opens_and_closes_by_its_dates(opens, closes, on, state):
    sponsorship_year = SponsorshipYearFactory(opens_on=opens, closes_on=closes)
    assert sponsorship_year.state(on) == state
    assert SponsorshipYear.objects.open(on).exists() == (state == "open")
    assert SponsorshipYear.objects.announced(on).exists() == (state == "planning" and opens is not None)


def test_a_sponsorship_year_is_announced_until_the_day_before_it_opens():
    SponsorshipYearFactory(opens_on=TODAY)
    assert SponsorshipYear.objects.announced(TODAY - timedelta(days=1)).exists()
    assert not SponsorshipYear.objects.announced(TODAY).exists()


def placed(package, **fields):
    if not package.package_benefits.exists():
        PlacementFactory(benefit=benefit(package))
    return SponsorshipFactory(package=package, sponsorship_year=package.sponsorship_year, **fields)


@pytest.mark.parametrize("state", State.values)
@pytest.mark.parametrize("day", [-1, 0, 10, 11])
def test_time_decides_who_is_shown(package, state, day):
    placed(package, state=state, starts_on=TODAY, ends_on=TODAY + timedelta(days=10))
    shown = placements.get_placements(on=TODAY + timedelta(days=day)).exists()
    assert shown == (state == State.SIGNED and 0 <= day <= 10)


def test_a_renewal_that_is_signed_early_takes_over_on_its_first_day(package):
    sponsor = SponsorFactory()
    old = placed(package, sponsor=sponsor, starts_on=TODAY, ends_on=TODAY + timedelta(days=30))
    new = placed(
        package, sponsor=sponsor, starts_on=TODAY + timedelta(days=20), ends_on=TODAY + timedelta(days=60), renewal_of=old
    )
    for day, sponsorship in [(0, old), (19, old), (20, new), (30, new), (60, new)]:
        assert list(Sponsorship.objects.shown(TODAY + timedelta(days=day))) == [sponsorship]
    assert list(new.overlaps()) == [old]


def test_only_signed_sponsorships_of_the_sponsor_at_the_same_time_overlap(package):
    sponsorship = placed(package, starts_on=TODAY, ends_on=TODAY + timedelta(days=30))
    of_others = placed(package, starts_on=TODAY, ends_on=TODAY + timedelta(days=30))
    placed(package, sponsor=sponsorship.sponsor, starts_on=TODAY + timedelta(days=31), ends_on=TODAY + timedelta(days=60))
    SponsorshipFactory(
        package=package, sponsor=sponsorship.sponsor, state=State.REVIEW, starts_on=TODAY, ends_on=TODAY + timedelta(days=9)
    )
    last_day = placed(
        package, sponsor=sponsorship.sponsor, starts_on=TODAY + timedelta(days=30), ends_on=TODAY + timedelta(days=40)
    )
    assert list(sponsorship.overlaps()) == [last_day]
    assert last_day.overlaps().order_by("starts_on").first() == sponsorship
    assert not of_others.overlaps().exists()


def test_logos_may_be_shown_before_signing_and_stay_when_it_is_signed(package, manager):
    today = timezone.localdate()
    sponsorship = placed(package, state=State.SENT, starts_on=today + timedelta(days=20), ends_on=today + timedelta(days=60))
    assert not Sponsorship.objects.shown().exists()
    sponsorship.show_early(by=manager, reason="Agreed by phone.")
    assert Sponsorship.objects.shown().exists()
    sponsorship.sign(by=manager, signed_file=pdf())
    assert Sponsorship.objects.shown().exists()
    assert Sponsorship.objects.get().early_reason == "Agreed by phone."
    sponsorship.hide_early(by=manager)
    assert not Sponsorship.objects.shown().exists()


def test_a_sponsorship_shown_early_is_shown_until_its_last_day(package, manager):
    today = timezone.localdate()
    placed(package, state=State.SENT, starts_on=today - timedelta(days=9), ends_on=today).show_early(
        by=manager, reason="Agreed by phone."
    )
    assert Sponsorship.objects.shown(today).exists()
    assert not Sponsorship.objects.shown(today + timedelta(days=1)).exists()


def test_deliverables_are_due_until_the_last_day(package):
    placed(package, starts_on=TODAY - timedelta(days=9), ends_on=TODAY)
    assert Sponsorship.objects.running(TODAY).exists()
    assert not Sponsorship.objects.running(TODAY + timedelta(days=1)).exists()


def test_the_previous_sponsorship_is_the_last_one_that_was_signed(package):
    sponsor = SponsorFactory()
    days = [TODAY - timedelta(days=days) for days in (800, 400, 40)]
    _first, last, unsigned = (placed(package, sponsor=sponsor, starts_on=day, signed_on=day) for day in days)
    Sponsorship.objects.filter(pk=unsigned.pk).update(signed_on=None)
    assert SponsorshipFactory(package=package, sponsor=sponsor).previous_signed() == last


def test_a_sponsorship_shown_early_takes_no_place_from_one_that_has_started(package, manager):
    sponsorship = placed(package)
    early = placed(package, sponsor=sponsorship.sponsor, state=State.REVIEW)
    early.show_early(by=manager, reason="Why not.")
    assert list(Sponsorship.objects.shown()) == [sponsorship]


def test_a_sponsor_keeps_its_anchor_when_its_name_changes():
    first, second = SponsorFactory(name="Smith & Söhne"), SponsorFactory(name="Smith Söhne")
    assert (first.slug, second.slug) == ("smith-sohne", "smith-sohne-2")
    first.name = "Another"
    first.save()
    assert Sponsor.objects.get(pk=first.pk).slug == "smith-sohne"
    assert SponsorFactory(name="青空").slug == "sponsor"


@pytest.mark.parametrize(
    ("fields", "place"),
    [
        ({"country": "US", "state": "TX"}, "TX"),
        ({"country": "US", "state": "TX", "state_of_incorporation": "DE"}, "DE"),
        ({"country": "US", "country_of_incorporation": "DE"}, "Germany"),
        ({"country": ""}, ""),
    ],
)
def test_where_a_sponsor_is_incorporated(fields, place):
    assert SponsorFactory(**fields).incorporation_location == place


@pytest.fixture
def with_assets(package):
    """Return a sponsorship with a requested text and image, and a voucher code for the sponsor."""
    one = benefit(package)
    DeliverableFactory(benefit=one, kind=Kind.TEXT, key="about", scope="sponsor", max_length=10)
    DeliverableFactory(benefit=one, kind=Kind.IMAGE, key="slide", min_width=200, max_width=400, max_height=250)
    DeliverableFactory(benefit=one, kind=Kind.VOUCHER, key="code")
    DeliverableFactory(benefit=one, kind=Kind.AUDIENCE, key="", label="")
    return SponsorshipFactory(package=package, sponsorship_year=package.sponsorship_year)


def item(sponsorship, key):
    return SponsorshipDeliverable.objects.get(sponsorship_benefit__sponsorship=sponsorship, key=key)


def test_items_begin_by_who_has_to_do_something(with_assets):
    states = dict(SponsorshipDeliverable.objects.values_list("kind", "state"))
    assert states == {"text": "waiting", "image": "waiting", "voucher": "to_do", "audience": "none"}


@pytest.mark.parametrize(
    ("file", "words"),
    [
        (png(100, 100), "width of this image is 100"),
        (png(500, 100), "at most 400"),
        (png(300, 300), "height of this image is 300"),
        (pdf("slide.png"), "not an image"),
    ],
)
def test_an_image_over_its_limits_is_refused(with_assets, file, words):
    with pytest.raises(ValidationError, match=words):
        item(with_assets, "slide").submit(by=UserFactory(), file=file)


@pytest.mark.proves("S2-15")
def test_a_text_over_its_limit_is_refused(with_assets):
    with pytest.raises(ValidationError, match="11 characters"):
        item(with_assets, "about").submit(by=UserFactory(), text="x" * 11)


def test_an_item_is_sent_returned_and_accepted_and_keeps_its_versions(with_assets, manager, sent):
    ContactFactory(sponsor=with_assets.sponsor)
    slide = item(with_assets, "slide")
    slide.submit(by=UserFactory(), file=png())
    mails = sent(lambda: request_changes(slide, by=manager, comment="On white, please."))
    assert "On white, please." in mails[0].body
    slide = item(with_assets, "slide")
    slide.submit(by=UserFactory(), file=png(350, 200, "second.png"))
    slide.accept(by=manager)
    assert (slide.state, slide.asset.file_name, slide.asset.versions.get().file_name) == ("accepted", "second.png", "logo.png")
    with pytest.raises(ValidationError, match="cannot be accepted"):
        slide.accept(by=manager)
    with pytest.raises(ValidationError, match="Enter the changes"):
        slide.request_changes(by=manager, comment="")


def test_items_know_their_direction(with_assets, manager):
    with pytest.raises(ValidationError, match="cannot submit this item"):
        item(with_assets, "code").submit(by=manager, text="x")
    with pytest.raises(ValidationError, match="is submitted by the sponsor"):
        item(with_assets, "about").deliver(by=manager, text="x")
    with pytest.raises(ValidationError, match="Submit text or a file"):
        item(with_assets, "about").submit(by=manager)
    with pytest.raises(ValidationError, match="Enter text or choose a file"):
        item(with_assets, "code").deliver(by=manager)
    with pytest.raises(ValidationError, match="cannot be sent for changes"):
        item(with_assets, "about").request_changes(by=manager, comment="x")
    with pytest.raises(ValidationError, match="cannot be waived"):
        SponsorshipDeliverable.objects.get(kind="audience").waive(by=manager)


def test_what_belongs_to_the_sponsor_is_requested_once(with_assets):
    item(with_assets, "about").submit(by=UserFactory(), text="We sail.")
    later = SponsorshipFactory(
        sponsor=with_assets.sponsor, package=with_assets.package, sponsorship_year=with_assets.sponsorship_year
    )
    assert item(later, "about").value == "We sail."
    assert item(later, "about").state == "submitted"
    assert SponsorAsset.objects.filter(key="about").count() == 1
    assert SponsorAsset.objects.filter(key="slide").count() == 2


def test_a_refresh_from_the_catalog_drops_no_answer(with_assets, manager):
    item(with_assets, "about").submit(by=UserFactory(), text="We sail.")
    item(with_assets, "slide").extend(by=manager, due_on=TODAY)
    line = with_assets.sponsorship_benefits.get()
    line.benefit.deliverables.get(key="about").delete()
    line.benefit.deliverables.get(key="code").delete()
    line.benefit.deliverables.filter(key="slide").update(label="Slide, again", due_on=date(2030, 1, 1))
    line.refresh_deliverables()
    assert item(with_assets, "about").value == "We sail."
    assert not SponsorshipDeliverable.objects.filter(key="code").exists()
    assert (item(with_assets, "slide").label, item(with_assets, "slide").due_on) == ("Slide, again", TODAY)


def test_an_erased_benefit_leaves_the_line(with_assets):
    with_assets.package.package_benefits.all().delete()
    Benefit.objects.all().delete()
    sponsorship = Sponsorship.objects.get()
    assert sponsorship.is_customized
    assert sponsorship.sponsorship_benefits.get().benefit is None
    sponsorship.sponsorship_benefits.get().refresh_deliverables()
    assert sponsorship.sponsorship_benefits.get().differences(None) == []
    assert SponsorshipDeliverable.objects.count() == 4


def test_a_key_is_unique_in_its_sponsorship_year(with_assets):
    again = DeliverableFactory.build(benefit=benefit(with_assets.package), key="slide")
    with pytest.raises(ValidationError, match="has a deliverable with this key"):
        again.clean()


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"kind": "placement", "key": "", "label": ""}, "publisher"),
        ({"kind": "text", "key": ""}, "key"),
        ({"kind": "image", "min_width": 9, "max_width": 3}, "max_width"),
    ],
)
def test_a_deliverable_that_lacks_something_is_refused(fields, field):
    with pytest.raises(ValidationError) as refusal:
        DeliverableFactory.build(benefit=benefit(), **fields).clean()
    assert field in refusal.value.message_dict


def test_words_on_rows(with_assets):
    assert str(with_assets) == f"{with_assets.sponsor}, 2026"
    assert item(with_assets, "slide").limits() == "width 200 to 400 pixels, height at most 250 pixels"
    assert [
        str(row)
        for row in (
            with_assets.package,
            with_assets.package.package_benefits.get(),
            item(with_assets, "about").asset,
        )
    ] == [
        "Visionary 2026",
        f"{with_assets.sponsorship_benefits.get().name} in Visionary 2026",
        f"about of {with_assets.sponsor}",
    ]
    with pytest.raises(ValidationError, match="after the day they open"):
        SponsorshipYearFactory.build(opens_on=TODAY, closes_on=TODAY - timedelta(days=1)).clean()
    alone = Benefit.objects.get(pk=with_assets.sponsorship_benefits.get().benefit_id)
    alone.availability = "standalone"
    with pytest.raises(ValidationError, match="part of a package"):
        alone.clean()
