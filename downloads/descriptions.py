"""Description of a release by its type: pre-release, first release of a version, bug-fix release or security release."""

from django.utils.translation import gettext as _

from .models import Release, ReleaseSeries
from .versions import Stage

Status = ReleaseSeries.Status


def describe_release(release: Release) -> str:
    """Return one or two sentences that follow from version, stage and dates; an empty string for other software."""
    parsed = release.parsed_version
    if parsed is None or release.series is None:
        return ""
    names = {"release": release.name, "series": release.series.name}
    if parsed.stage == Stage.ALPHA:
        text = _("%(release)s is an early developer preview. Features may still be added, changed or removed.")
    elif parsed.stage == Stage.BETA:
        text = _("%(release)s is a beta preview of Python %(series)s. No new features will be added before the final release.")
    elif parsed.stage == Stage.CANDIDATE:
        text = _(
            "%(release)s is a release candidate of Python %(series)s. Only clear bug fixes are made before the final release."
        )
    elif parsed.patch == 0:
        text = _("%(release)s is the first stable release of Python %(series)s.")
    elif release.series.status(release.release_date) in {Status.SECURITY, Status.ENDED}:
        text = _(
            "%(release)s is a security release. It fixes security issues found since the previous release; "
            "Python %(series)s no longer receives other bug fixes."
        )
    else:
        text = _("%(release)s is a bug-fix release. It fixes bugs found since the previous release of Python %(series)s.")
    return text % names
