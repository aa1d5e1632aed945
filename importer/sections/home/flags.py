"""Import the feature flags of the old site as settings of the sections."""

from datetime import datetime

from importer.core import Report, importer
from importer.models import ImportedRow
from psf.models import MembershipSettings
from sponsors.models import SponsorshipYear

FLAGS = "waffle.flag"


@importer(FLAGS, None, after=["sponsors.sponsorshipcurrentyear"])
def import_flags(rows: list[dict], report: Report) -> None:
    """Import each flag only once. After that, the setting on this site applies."""
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
    report.note(f"The membership page is {'shown' if settings.page_is_shown else 'hidden'}, as on the old site.")
    return True


def applications(fields: dict, report: Report) -> bool:
    """Close applications for the current sponsorship year on the day when the flag was turned off."""
    ended_on = datetime.fromisoformat(fields["modified"]).date()
    sponsorship_year = SponsorshipYear.objects.exclude(opens_on=None).order_by("year").last()
    if (
        fields["everyone"]
        or sponsorship_year is None
        or sponsorship_year.opens_on is None
        or (sponsorship_year.closes_on and sponsorship_year.closes_on <= ended_on)
    ):
        return False
    sponsorship_year.closes_on = max(ended_on, sponsorship_year.opens_on)
    sponsorship_year.save()
    report.note(f"Sponsorship year {sponsorship_year.year} accepts applications until {sponsorship_year.closes_on}.")
    return True


SETTINGS = {"psf_membership": membership, "sponsorship-applications-open": applications}
