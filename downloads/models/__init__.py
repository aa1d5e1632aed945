from .advisories import Advisory, AdvisoryRun
from .desk import ReleaseStep, ReleaseTask, ReleaseText
from .file_checks import FileCheck
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
    "FileCheck",
    "PlannedRelease",
    "Release",
    "ReleaseFile",
    "ReleaseSeries",
    "ReleaseStep",
    "ReleaseTask",
    "ReleaseText",
]
