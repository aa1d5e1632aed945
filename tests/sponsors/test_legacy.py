# ruff: noqa: E501 -- the rows of a dump are one line each.
"""Import of sponsorship rows from the old site, in their original format."""

import pytest

from importer.core import import_rows
from sponsors.models import (
    Benefit,
    Contract,
    Deliverable,
    Package,
    PackageBenefit,
    Sponsor,
    SponsorAsset,
    Sponsorship,
    SponsorshipBenefit,
    SponsorshipDeliverable,
    SponsorshipYear,
)
from tests.factories.users import UserFactory

pytestmark = pytest.mark.django_db


def row(model, pk, **fields):
    return {"model": f"sponsors.{model}", "pk": pk, "fields": fields}


def benefit(pk, **fields):
    flags = dict.fromkeys(("package_only", "new", "unavailable", "standalone", "soft_capacity"), False)
    rest = {"description": "Words", "internal_description": None, "internal_value": 5000, "capacity": None, "conflicts": []}
    defaults = {"order": pk, "name": f"Benefit {pk}", "program": 3, "year": 2022, "packages": [7], "legal_clauses": []}
    return row("sponsorshipbenefit", pk, **(defaults | flags | rest | fields))


def sample_rows():
    required = {
        "related_to": "sponsorship",
        "internal_name": "slide",
        "label": "Your slide",
        "help_text": "",
        "due_date": "2022-04-08",
    }
    sides = {"min_width": 1024, "max_width": 4096, "min_height": 768, "max_height": 3072}
    given = {
        "related_to": "sponsor",
        "internal_name": "kit",
        "shared": True,
        "label": "Kit",
        "help_text": "",
        "shared_file": "kit.pdf",
    }
    placement = {"publisher": "pypi", "logo_place": "sidebar", "link_to_sponsors_page": True, "describe_as_sponsor": True}
    sponsor = dict.fromkeys(
        ("twitter_handle", "linked_in_page_url", "print_logo", "white_logo", "mailing_address_line_2", "state_of_incorporation"),
        "",
    )
    return [
        row("sponsorshipcurrentyear", 1, year=2022),
        row("sponsorshipprogram", 3, order=2, name="PyPI", description=None),
        row("legalclause", 9, order=1, internal_name="Booth", clause="The booth is shared.", notes=""),
        row(
            "sponsorshippackage", 7, order=0, name="Visionary", sponsorship_amount=150000, advertise=True, logo_dimension=350,
            slug="visionary", year=2022,
        ),
        benefit(2, package_only=True, capacity=4, legal_clauses=[9]),
        benefit(4, conflicts=[5]),
        benefit(5, conflicts=[4]),
        benefit(6, packages=[]),
        benefit(8, packages=[], standalone=True),
        benefit(10, unavailable=True),
        row("benefitfeatureconfiguration", 26, benefit=2),
        row("tieredbenefitconfiguration", 26, package=7, quantity=25, display_label=""),
        row("benefitfeatureconfiguration", 27, benefit=6),
        row("tieredbenefitconfiguration", 27, package=7, quantity=2),
        row("benefitfeatureconfiguration", 51, benefit=2),
        row("logoplacementconfiguration", 51, **placement),
        row("benefitfeatureconfiguration", 54, benefit=2),
        row("emailtargetableconfiguration", 54),
        row("benefitfeatureconfiguration", 111, benefit=2),
        row("requiredimgassetconfiguration", 111, **required, **sides),
        row("benefitfeatureconfiguration", 114, benefit=4),
        row("providedfileassetconfiguration", 114, **given),
        row(
            "sponsor", 1, name="Smith & Söhne", description="Trains", landing_page_url="https://example.org", web_logo="a.png",
            primary_phone="1", mailing_address_line_1="Way 1", city="Ulm", state="", postal_code="1", country="DE",
            country_of_incorporation=None, **sponsor,
        ),
        row(
            "sponsorcontact", 1, sponsor=1, user=["fred"], primary=True, administrative=False, accounting=False, manager=False,
            name="Fred", email="fred@example.com", phone="5",
        ),
        row(
            "sponsorship", 1, submited_by=["fred"], sponsor=1, status="finalized", locked=True, start_date="2022-01-01",
            end_date="2022-12-31", applied_on="2021-12-01", approved_on="2021-12-05", rejected_on=None, finalized_on="2021-12-20",
            year=2022, for_modified_package=True, level_name_old="Old", package=7, sponsorship_fee=0, overlapped_by=None, renewal=None,
        ),
        row(
            "sponsorship", 2, submited_by=None, sponsor=None, status="rejected", locked=True, start_date=None, end_date=None,
            applied_on="2019-12-01", approved_on=None, rejected_on="2019-12-05", finalized_on=None, year=None,
            for_modified_package=False, level_name_old="Gold", package=None, sponsorship_fee=None, overlapped_by=1, renewal=True,
        ),
        row(
            "sponsorbenefit", 1, order=0, sponsorship=1, sponsorship_benefit=2, program_name="PyPI", name="Benefit 2",
            description=None, program=3, benefit_internal_value=5000, added_by_user=False, standalone=False,
        ),
        row(
            "sponsorbenefit", 2, order=1, sponsorship=1, sponsorship_benefit=None, program_name="Gone", name="An erased benefit",
            description=None, program=None, benefit_internal_value=None, added_by_user=True, standalone=False,
        ),
        row("benefitfeature", 1, sponsor_benefit=1),
        row("logoplacement", 1, **placement),
        row("benefitfeature", 2, sponsor_benefit=1),
        row("tieredbenefit", 2, package=7, quantity=25, display_label=""),
        row("benefitfeature", 3, sponsor_benefit=1),
        row("requiredimgasset", 3, **required, **sides),
        row("benefitfeature", 4, sponsor_benefit=1),
        row("providedfileasset", 4, **given),
        row(
            "genericasset", 15, uuid="b18bfddc-e6de-4d9f-977c-68c35c537de7", content_type=["sponsors", "sponsorship"], object_id=1,
            internal_name="slide",
        ),
        row("imgasset", 15, image="sponsors-app-assets/1.png"),
        row(
            "contract", 5, status="executed", revision=2, document="c.pdf", document_docx="c.docx", signed_document="s.pdf",
            sponsorship=1, sponsor_info="Smith", sponsor_contact="", benefits_list="- One", legal_clauses="", created_on="2021-12-06",
        ),
        row("sponsoremailnotificationtemplate", 1, internal_name="Booths", subject="Hi", content="Dear {{ sponsor_name }}"),
    ]  # fmt: skip


@pytest.fixture
def rows():
    return sample_rows()


def test_the_old_tables_become_the_concepts(rows):
    fred = UserFactory(username="fred")
    report = import_rows(rows)
    assert SponsorshipYear.objects.get().year == 2022
    assert Package.objects.get(pk=7).amount == 150_000
    found = dict(Benefit.objects.values_list("pk", "availability"))
    assert found == {2: "package_only", 4: "package", 5: "package", 6: "add_on", 8: "standalone", 10: "withdrawn"}
    assert Benefit.objects.get(pk=4).exclusivity_group == Benefit.objects.get(pk=5).exclusivity_group != ""
    assert PackageBenefit.objects.get(benefit=2).quantity == 25
    assert any("not part of package 7" in note for note in report.notes)
    assert {row.kind for row in Deliverable.objects.all()} == {"placement", "audience", "image", "given_file"}
    sponsor = Sponsor.objects.get(pk=1)
    assert (sponsor.slug, sponsor.contacts.get().user) == ("smith-sohne", fred)
    sponsorship = Sponsorship.objects.get(pk=1)
    assert (sponsorship.state, sponsorship.fee, sponsorship.level, sponsorship.submitted_by) == ("signed", 0, "Visionary", fred)
    old = Sponsorship.objects.get(pk=2)
    assert (old.state, old.level, old.sponsor.name) == ("declined", "Gold", "Former sponsor")
    assert [line.quantity for line in SponsorshipBenefit.objects.order_by("pk")] == [25, None]
    assert SponsorshipBenefit.objects.get(pk=1).clauses[0]["text"] == "The booth is shared."
    assert {item.kind: item.state for item in SponsorshipDeliverable.objects.all()} == {
        "placement": "none",
        "image": "submitted",
        "given_file": "to_do",
    }
    asset = SponsorAsset.objects.get(key="slide")
    assert (str(asset.uuid), asset.file.name) == ("b18bfddc-e6de-4d9f-977c-68c35c537de7", "sponsors-app-assets/1.png")
    assert Contract.objects.get(pk=5).state == "signed"


def test_a_second_import_changes_nothing(rows):
    import_rows(rows)
    counts = {
        model: model.objects.count()
        for model in (
            SponsorshipYear,
            Package,
            Benefit,
            PackageBenefit,
            Deliverable,
            Sponsorship,
            SponsorshipBenefit,
            SponsorshipDeliverable,
            SponsorAsset,
        )
    }
    report = import_rows(rows)
    assert counts == {model: model.objects.count() for model in counts}
    assert not [label for label, outcome in report.counts.items() if outcome["created"] or outcome["changed"]]


def test_a_delta_finds_the_owners_of_changed_rows(rows):
    import_rows(rows)
    changed = next(row for row in rows if row["model"] == "sponsors.requiredimgasset")
    changed["fields"]["label"] = "Your new slide"
    report = import_rows(rows, delta=True)
    assert (report.changes(), report.counts["sponsors.requiredimgasset"]) == (1, {"changed": 1})
    assert SponsorshipDeliverable.objects.get(pk=changed["pk"]).label == "Your new slide"


def test_a_row_that_does_not_fit_stops_no_other(rows):
    rows.append(benefit(12, program=99))
    rows.append(row("requiredtextassetconfiguration", 200, internal_name="x", related_to="sponsor", label="X", help_text=""))
    report = import_rows(rows)
    assert Benefit.objects.filter(pk__in=[2, 12]).count() >= 1
    assert any("does not belong to a benefit" in note for note in report.notes)


def test_what_staff_do_here_is_not_undone_by_another_import(rows, manager):
    import_rows(rows)
    Sponsorship.objects.get(pk=1).cancel(by=manager, reason="Bankrupt.")
    report = import_rows(rows)
    assert Sponsorship.objects.get(pk=1).state == "cancelled"
    assert report.counts["sponsors.sponsorship"]["kept"] == 1
