from .advisories import Advisory, AdvisoryRun
from .files import ReleaseFile
from .os import OS
from .pages import DownloadsPage
from .releases import Release
from .series import PlannedRelease, ReleaseSeries
from .settings import DownloadsSettings

__all__ = [
    "OS",
    "Advisory",
    "AdvisoryRun",
    "DownloadsPage",
    "DownloadsSettings",
    "PlannedRelease",
    "Release",
    "ReleaseFile",
    "ReleaseSeries",
]
