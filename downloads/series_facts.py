"""Support dates, release managers and Sigstore identities of all Python release series.

The dates come from the release schedules (the PEP of each series); if a schedule names only a month, the last day of it is
used. The importer and the demo content start from this table; staff edit the rows in the admin later.
"""

from datetime import date

_GITHUB = "https://github.com/login/oauth"
_GOOGLE = "https://accounts.google.com"
_BRANDL = "Georg Brandl"
_DEILY = ("Ned Deily", "nad@python.org", _GITHUB)
_LANGA = ("Łukasz Langa", "lukasz@langa.pl", _GITHUB)
_GALINDO = ("Pablo Galindo Salgado", "pablogsal@python.org", _GOOGLE)
_WOUTERS = ("Thomas Wouters", "thomas@python.org", _GOOGLE)
_VAN_KEMENADE = ("Hugo van Kemenade", "hugo@python.org", _GITHUB)
_OSTROWSKI = ("Savannah Ostrowski", "savannah@python.org", _GITHUB)

# (major, minor): PEP, first stable release, end of bug fixes, end of security fixes, release manager with Sigstore identity
_SCHEDULES: dict[tuple[int, int], tuple[int, str, str, str, tuple[str, ...]]] = {
    (1, 6): (160, "2000-09-05", "2000-09-05", "2000-09-05", ("Fred Drake",)),
    (2, 0): (200, "2000-10-16", "2001-06-22", "2001-06-22", ("Jeremy Hylton",)),
    (2, 1): (226, "2001-04-17", "2002-04-09", "2002-04-09", ("Jeremy Hylton",)),
    (2, 2): (251, "2001-12-21", "2003-05-30", "2003-05-30", ("Barry Warsaw",)),
    (2, 3): (283, "2003-07-29", "2008-03-11", "2008-03-11", ("Barry Warsaw",)),
    (2, 4): (320, "2004-11-30", "2008-12-19", "2008-12-19", ("Anthony Baxter",)),
    (2, 5): (356, "2006-09-19", "2011-05-26", "2011-05-26", ("Anthony Baxter",)),
    (2, 6): (361, "2008-10-01", "2010-08-24", "2013-10-29", ("Barry Warsaw",)),
    (2, 7): (373, "2010-07-03", "2020-01-01", "2020-01-01", ("Benjamin Peterson",)),
    (3, 0): (361, "2008-12-03", "2009-06-27", "2009-06-27", ("Barry Warsaw",)),
    (3, 1): (375, "2009-06-27", "2011-06-11", "2012-04-09", ("Benjamin Peterson",)),
    (3, 2): (392, "2011-02-20", "2013-05-13", "2016-02-20", (_BRANDL,)),
    (3, 3): (398, "2012-09-29", "2014-03-08", "2017-09-29", (_BRANDL,)),
    (3, 4): (429, "2014-03-16", "2017-08-09", "2019-03-18", ("Larry Hastings",)),
    (3, 5): (478, "2015-09-13", "2017-08-08", "2020-09-30", ("Larry Hastings",)),
    (3, 6): (494, "2016-12-23", "2018-12-24", "2021-12-23", _DEILY),
    (3, 7): (537, "2018-06-27", "2020-06-27", "2023-06-27", _DEILY),
    (3, 8): (569, "2019-10-14", "2021-05-03", "2024-10-07", _LANGA),
    (3, 9): (596, "2020-10-05", "2022-05-17", "2025-10-31", _LANGA),
    (3, 10): (619, "2021-10-04", "2023-04-05", "2026-10-31", _GALINDO),
    (3, 11): (664, "2022-10-24", "2024-04-24", "2027-10-31", _GALINDO),
    (3, 12): (693, "2023-10-02", "2025-04-08", "2028-10-31", _WOUTERS),
    (3, 13): (719, "2024-10-07", "2026-10-07", "2029-10-31", _WOUTERS),
    (3, 14): (745, "2025-10-07", "2027-10-07", "2030-10-31", _VAN_KEMENADE),
    (3, 15): (790, "2026-10-01", "2028-10-01", "2031-10-31", _VAN_KEMENADE),
    (3, 16): (826, "2027-10-05", "2029-10-05", "2032-10-31", _OSTROWSKI),
}


def _facts(pep: int, first: str, bugfixes: str, security: str, manager: tuple[str, ...]) -> dict:
    name, identity, issuer = (*manager, "", "")[:3]
    return {
        "pep": pep,
        "first_release": date.fromisoformat(first),
        "end_of_bugfixes": date.fromisoformat(bugfixes),
        "end_of_security": date.fromisoformat(security),
        "release_manager": name,
        "sigstore_identity": identity,
        "sigstore_issuer": issuer,
    }


# (major, minor): fields of a ReleaseSeries row
SERIES: dict[tuple[int, int], dict] = {series: _facts(*schedule) for series, schedule in _SCHEDULES.items()}
