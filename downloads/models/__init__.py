from .advisories import Advisory, AdvisoryRun
from .file_checks import FileCheck
from .files import ReleaseFile
from .os import OS
from .pages import DownloadsPage
from .preparation import Outlet, ReleaseStep, ReleaseTask, ReleaseText
from .releases import Release
from .runs import CycleRun
from .series import PlannedRelease, ReleaseSeries
from .settings import DownloadsSettings

__all__ = [
    "OS",
    "Advisory",
    "AdvisoryRun",
    "CycleRun",
    "DownloadsPage",
    "DownloadsSettings",
    "FileCheck",
    "Outlet",
    "PlannedRelease",
    "Release",
    "ReleaseFile",
    "ReleaseSeries",
    "ReleaseStep",
    "ReleaseTask",
    "ReleaseText",
]
