"""Import feature flags, which are settings of the sections here."""

from datetime import datetime

from importer.core import Report, importer
from importer.models import ImportedRow
from psf.models import MembershipSettings
from sponsors.models import Season

FLAGS = "waffle.flag"


@importer(FLAGS, None, after=["sponsors.sponsorshipcurrentyear"])
def import_flags(rows: list[dict], report: Report) -> None:
    """Import flags once: afterwards the setting on this site counts."""
    came = set(ImportedRow.objects.filter(label=FLAGS).values_list("key", flat=True))
    for row in rows:
        with report.row(FLAGS, row):
            name = row["fields"]["name"]
            if str(row["pk"]) in came and (FLAGS, str(row["pk"])) not in report.moved:
                report.count(FLAGS, "unchanged")
            elif name in SETTINGS:
                report.count(FLAGS, "changed" if SETTINGS[name](row["fields"], report) else "unchanged")
            else:
                report.leave_out(FLAGS, 1, f"{name} has no setting here: {row['fields']['note'] or 'no note'}")


def membership(fields: dict, report: Report) -> bool:
    settings = MembershipSettings.load()
    if settings.page_is_shown == bool(fields["everyone"]):
        return False
    settings.page_is_shown = bool(fields["everyone"])
    settings.save()
    report.note(
        f"The page of the membership is {'shown' if settings.page_is_shown else 'hidden'}, as it was for everybody there."
    )
    return True


def applications(fields: dict, report: Report) -> bool:
    """Close the applications of the current sponsorship year on the day when the flag was switched off."""
    ended_on = datetime.fromisoformat(fields["modified"]).date()
    season = Season.objects.exclude(opens_on=None).order_by("year").last()
    if fields["everyone"] or season is None or season.opens_on is None or (season.closes_on and season.closes_on <= ended_on):
        return False
    season.closes_on = max(ended_on, season.opens_on)
    season.save()
    report.note(f"Season {season.year} takes applications until {season.closes_on}.")
    return True


SETTINGS = {"psf_membership": membership, "sponsorship-applications-open": applications}
