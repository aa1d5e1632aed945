from .files import ReleaseFile
from .os import OS
from .pages import DownloadsPage
from .releases import Release
from .series import PlannedRelease, ReleaseSeries

__all__ = ["OS", "DownloadsPage", "PlannedRelease", "Release", "ReleaseFile", "ReleaseSeries"]
