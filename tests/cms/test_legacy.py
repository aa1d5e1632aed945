"""Import of rows of all models."""

import gzip
import json
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from community.models import StoryCategory
from downloads.models import Release
from events.models import Calendar, Category
from importer.core import import_rows, label_of
from importer.core.progress import describe
from importer.core.registry import importers
from importer.core.table import IMPORTED_MODELS, OMITTED_MODELS, as_markdown
from importer.models import ImportedRow
from psf.models import Membership, MinutesPage
from tests.factories.downloads import ReleaseFactory

pytestmark = pytest.mark.django_db
DATES = {"created": "2019-03-01T10:00:00Z", "updated": "2019-04-01T10:00:00Z"}
# The old site's own models and those of its libraries that have rows.
OLD_MODELS = {
    "account": "emailaddress emailconfirmation",
    "admin": "logentry",
    "auth": "group permission",
    "authtoken": "token",
    "banners": "banner",
    "blogs": "blogentry feed feedaggregate relatedblog",
    "boxes": "box",
    "codesamples": "codesample",
    "community": "link photo post video",
    "companies": "company",
    "contenttypes": "contenttype",
    "downloads": "os release releasefile",
    "events": "alarm calendar event eventcategory eventlocation occurringrule recurringrule",
    "jobs": "job jobcategory jobreviewcomment jobtype",
    "minutes": "minutes",
    "nominations": "election electionkind nomination nominee",
    "pages": "documentfile image page",
    "redirects": "redirect",
    "sessions": "session",
    "sites": "site",
    "sitetree": "tree treeitem",
    "sponsors": (
        "benefitfeature benefitfeatureconfiguration contract emailtargetable emailtargetableconfiguration fileasset "
        "genericasset imgasset legalclause logoplacement logoplacementconfiguration providedfileasset "
        "providedfileassetconfiguration providedtextasset providedtextassetconfiguration requiredimgasset "
        "requiredimgassetconfiguration requiredresponseasset requiredresponseassetconfiguration requiredtextasset "
        "requiredtextassetconfiguration responseasset sponsor sponsorbenefit sponsorcontact "
        "sponsoremailnotificationtemplate sponsorship sponsorshipbenefit sponsorshipcurrentyear sponsorshippackage "
        "sponsorshipprogram textasset tieredbenefit tieredbenefitconfiguration"
    ),
    "successstories": "story storycategory",
    "tastypie": "apiaccess apikey",
    "users": "membership user usergroup",
    "waffle": "flag sample switch",
    "work_groups": "workgroup",
}


def row(label, pk, **fields):
    return {"model": label, "pk": pk, "fields": fields}


def category(pk, slug, name="Science"):
    return row("successstories.storycategory", pk, name=name, slug=slug)


def calendar(pk, slug):
    return row("events.calendar", pk, **dict.fromkeys(("url", "rss", "embed", "twitter", "description")), name=slug, slug=slug)


def minutes(pk, date):
    return row("minutes.minutes", pk, **DATES, date=date, content="Yes.", _content_rendered="<p>Yes.</p>", is_published=True)


def member(pk, **more):
    texts = dict.fromkeys(("city", "region", "country", "postal_code", "legal_name", "preferred_name"), "x")
    flags = {"membership_type": 0, "votes": False, "psf_code_of_conduct": True, "psf_announcements": None}
    return row(
        "users.membership", pk, **DATES, **texts, **flags, email_address="a@example.org", last_vote_affirmation=None, **more
    )


@pytest.mark.parametrize(
    ("row", "label"),
    [
        ({"resource_uri": "https://www.python.org/api/v2/downloads/release_file/764/"}, "downloads/release_file"),
        ({"resource_uri": "https://www.python.org/jobs/1/"}, ""),
        ({}, ""),
        ("text", ""),
    ],
)
def test_a_row_tells_of_which_kind_it_is(row, label):
    assert label_of(row) == label


def test_rows_of_an_unknown_kind_are_reported_and_stop_nothing():
    report = import_rows(
        [{"resource_uri": "https://x/api/v2/zoo/animal/1/"}, {"resource_uri": "https://x/api/v2/zoo/animal/2/"}, 7]
    )
    assert report.counts["zoo/animal"]["skipped"] == 2
    assert report.notes[-2:] == [
        "Skipped 2 rows of an unsupported model: zoo/animal.",
        "Skipped 1 rows of an unsupported model: 7.",
    ]


def test_one_broken_row_of_each_kind_stops_nothing_and_is_named():
    rows = [
        *[category(1, "science"), category(2, "science", "Again"), category(3, "arts", "Arts")],
        *[calendar(1, "python-events"), calendar(2, "no good slug!")],
        *[row("events.eventcategory", pk, name="Talk", slug=f"talk-{pk}", calendar=of) for pk, of in [(1, 1), (2, 99)]],
        *[minutes(1, "2019-03-01"), minutes(2, "2019-13-45"), minutes(3, "2019-03-03")],
        *[member(1, creator=None), member(2), member(3, creator=None)],
        row("zoo.animal", 1),
    ]
    report = import_rows(rows)
    assert sorted((one["model"], str(one["id"])) for one in report.problems) == [
        *[("events.calendar", "2"), ("events.eventcategory", "2"), ("minutes.minutes", "2")],
        *[("successstories.storycategory", "2"), ("users.membership", "2"), ("zoo.animal", "1")],
    ]
    reasons = {one["model"]: one["reason"] for one in report.problems}
    assert "month must be in 1..12" in reasons["minutes.minutes"]
    assert reasons["users.membership"] == "it has no field 'creator'."
    assert "99" in reasons["events.eventcategory"]
    here = [
        *[StoryCategory.objects.count(), Calendar.objects.count(), Category.objects.count()],
        *[MinutesPage.objects.count(), Membership.objects.count()],
    ]
    assert here == [2, 1, 1, 2, 2]
    again = import_rows(rows)
    assert (again.changes(), len(again.problems)) == (0, len(report.problems))


def test_a_dry_run_tells_and_changes_nothing():
    report = import_rows([category(1, "science"), minutes(1, "2019-03-01")], dry_run=True)
    assert report.changes() == 2
    assert not StoryCategory.objects.exists()
    assert not MinutesPage.objects.exists()
    assert not ImportedRow.objects.exists()


@pytest.mark.proves("S2-28")
def test_a_delta_looks_at_changed_rows_and_leaves_what_both_sites_changed_to_people(admin_user):
    def release(pk, **changes):
        base = {"version": 3, "is_published": True, "pre_release": False, "release_notes_url": "", "show_on_download_page": True}
        uri = {"resource_uri": f"https://x/api/v2/downloads/release/{pk}/", "release_date": "2018-06-27T12:00:00Z"}
        return base | uri | {"name": f"Python 3.7.{pk}", "slug": f"python-37{pk}"} | changes

    import_rows([release(1), release(2), release(3)])
    ours = Release.objects.get(pk=2)
    ours.release_notes_url = "https://docs.python.org/ours/"
    ours.save_revision(user=admin_user).publish()
    theirs = "https://docs.python.org/theirs/"
    report = import_rows([release(1), release(2, release_notes_url=theirs), release(3, release_notes_url=theirs)], delta=True)
    assert report.counts["downloads/release"] == {"unchanged": 1, "changed": 1, "kept": 1}
    assert [(one["model"], one["id"]) for one in report.conflicts] == [("downloads/release", 2)]
    assert list(Release.objects.order_by("pk").values_list("release_notes_url", flat=True))[1:] == [
        ours.release_notes_url,
        theirs,
    ]
    nothing = import_rows([release(1), release(2, release_notes_url=theirs), release(3, release_notes_url=theirs)], delta=True)
    assert (nothing.changes(), nothing.conflicts, nothing.counts["downloads/release"]) == (0, [], {"unchanged": 3})


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        ("{", "does not contain a list of rows"),
        ('{"a": 1}', "does not contain a list of rows."),
        (None, "cannot be read"),
        ('[{"a"', "cannot be read"),
    ],
)
def test_a_file_that_holds_no_rows_is_named(tmp_path, content, sentence):
    file = tmp_path / "rows.json"
    if content is not None:
        file.write_text(content)
    with pytest.raises(CommandError, match=sentence):
        call_command("import_pydotorg", file)


def test_the_command_reads_plain_and_packed_files_and_prints_metrics(tmp_path, capsys):
    plain, packed = tmp_path / "rows.json", tmp_path / "rows.json.gz"
    plain.write_text(json.dumps([{"resource_uri": "https://x/api/v2/zoo/animal/1/"}, category(1, "science")]))
    packed.write_bytes(gzip.compress(json.dumps([category(1, "science", "Sciences"), category(2, "arts")]).encode()))
    call_command("import_pydotorg", plain, packed, report=tmp_path / "report.json")
    printed = capsys.readouterr().out
    assert "zoo/animal: 0 created, 0 changed, 0 unchanged, 0 kept, 1 skipped" in printed
    assert "successstories.storycategory 1 appears twice in the sources with different values. The later one was used." in printed
    assert "2 rows created or changed, 1 rejected, 0 conflicts." in printed
    assert StoryCategory.objects.get(pk=1).name == "Sciences"
    assert json.loads((tmp_path / "report.json").read_text())["problems"][0]["model"] == "zoo/animal"


@pytest.mark.proves("S2-07")
def test_each_old_model_has_a_place_or_a_reason():
    assert {label for label in importers() if "/" not in label} == set(IMPORTED_MODELS)
    old = {f"{app}.{name}" for app, names in OLD_MODELS.items() for name in names.split()}
    assert not old - IMPORTED_MODELS.keys() - OMITTED_MODELS.keys()
    assert as_markdown() in Path("docs/importing.md").read_text(encoding="utf-8")


def test_importing_over_content_that_no_import_made_is_refused(tmp_path, capsys):
    release = ReleaseFactory()
    file = tmp_path / "rows.json"
    other = {"model": "jobs.jobtype", "pk": 1, "fields": {"name": "Maps", "slug": "maps", "active": True}}
    file.write_text(json.dumps([other]))
    call_command("import_pydotorg", file)
    row = {"resource_uri": f"https://www.python.org/api/v2/downloads/release/{release.pk}/", "slug": "other"}
    file.write_text(json.dumps([row]))
    with pytest.raises(CommandError, match="This site has 1 releases that were not imported, such as demo content"):
        call_command("import_pydotorg", file)
    call_command("import_pydotorg", file, keep_existing=True)
    assert "1 rejected" in capsys.readouterr().out


def test_progress_shows_rate_and_remaining_time():
    assert describe("pages.page", 250, 1000, 2.0) == "pages.page 250/1000, 125 rows/s, 6 s left"
    assert describe("pages.page", 1000, 1000, 8.0) == "pages.page 1000/1000, 125 rows/s, 8 s"
    assert describe("pages.page", 1, 2, 0.1) == "pages.page 1/2"
