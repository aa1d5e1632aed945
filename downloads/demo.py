"""Releases to try an empty site with: version numbers as they are, sizes and sums made up."""

from datetime import UTC, date, datetime
from hashlib import sha256

from .models import OS, DownloadsPage, PlannedRelease, Release, ReleaseFile, ReleaseSeries
from .series_facts import SERIES

FTP = "https://www.python.org/ftp/python"
PLATFORMS = [
    # id, slug, name, icon, order, hints, title, intro
    (1, "windows", "Windows", "windows", 10, "Windows NT, Win64", "", "For Windows 10 and 11, on Intel, AMD and ARM processors."),
    (2, "macos", "macOS", "laptop", 20, "Macintosh", "", "One installer for Apple silicon and Intel Macs."),
    (
        3,
        "source",
        "Source release",
        "archive",
        30,
        "Linux, X11, FreeBSD",
        "Python for Linux and as source code",
        "Most Linux systems bring Python along. Take the source to build a version of your own.",
    ),
    (4, "android", "Android", "robot", 40, "Android", "", "A Python to build into apps of your own."),
    (5, "ios", "iOS", "phone", 50, "iPhone, iPad", "", "A framework to build into apps of your own."),
]
NOTES = {
    "windows": [
        ("heading", {"text": "Install it", "level": "2", "anchor": "install"}),
        ("text", "<p>Open the file that you downloaded and follow the steps. Then open a terminal and type:</p>"),
        ("code", {"code": "py", "language": "bash", "caption": ""}),
        ("heading", {"text": "Other ways", "level": "2", "anchor": "other-ways"}),
        ("code", {"code": "winget install Python.PythonInstallManager", "language": "powershell", "caption": "With winget"}),
        ("code", {"code": "uv python install 3.14", "language": "bash", "caption": "With uv, next to other versions"}),
    ],
    "macos": [
        ("heading", {"text": "Install it", "level": "2", "anchor": "install"}),
        ("text", "<p>Open the package and follow the steps. Then open the Terminal app and type:</p>"),
        ("code", {"code": "python3", "language": "bash", "caption": ""}),
        ("heading", {"text": "Other ways", "level": "2", "anchor": "other-ways"}),
        ("code", {"code": "brew install python", "language": "bash", "caption": "With Homebrew"}),
        ("code", {"code": "uv python install 3.14", "language": "bash", "caption": "With uv, next to other versions"}),
    ],
    "source": [
        ("heading", {"text": "From your distribution", "level": "2", "anchor": "distribution"}),
        ("code", {"code": "sudo apt install python3", "language": "bash", "caption": "Debian and Ubuntu"}),
        ("code", {"code": "sudo dnf install python3", "language": "bash", "caption": "Fedora"}),
        ("heading", {"text": "Next to other versions", "level": "2", "anchor": "other-ways"}),
        ("code", {"code": "uv python install 3.14", "language": "bash", "caption": "With uv"}),
        ("code", {"code": "pyenv install 3.14", "language": "bash", "caption": "With pyenv"}),
        ("code", {"code": "docker run --rm -it python:3.14", "language": "bash", "caption": "In a container"}),
        ("heading", {"text": "Build it yourself", "level": "2", "anchor": "build"}),
        (
            "code",
            {"code": "./configure --enable-optimizations\nmake -j8\nsudo make altinstall", "language": "bash", "caption": ""},
        ),
    ],
    "android": [
        (
            "text",
            "<p>These packages are for makers of apps. To write Python on a phone, take an app such as Pydroid or Termux.</p>",
        )
    ],
    "ios": [
        (
            "text",
            "<p>This framework is for makers of apps. To write Python on a tablet, take an app such as Pythonista or Pyto.</p>",
        )
    ],
}
# Patch releases of each series: the day of x.y.0, x.y.1, …
HISTORY = {
    "3.15": [date(2026, 10, 1), date(2026, 11, 10)],
    "3.14": [
        date(2025, 10, 7),
        date(2025, 12, 2),
        date(2025, 12, 5),
        date(2026, 2, 3),
        date(2026, 4, 7),
        date(2026, 5, 12),
        date(2026, 6, 10),
    ],
    "3.13": [date(2024, 10, 7), date(2024, 12, 3), date(2025, 2, 4), date(2025, 4, 8), date(2025, 6, 3), date(2025, 6, 11)],
    "3.12": [date(2023, 10, 2), date(2023, 12, 8), date(2024, 2, 6), date(2024, 4, 9), date(2024, 6, 6)],
    "3.11": [date(2022, 10, 24), date(2022, 12, 6), date(2023, 2, 8)],
    "3.10": [date(2021, 10, 4), date(2021, 12, 6), date(2022, 1, 14)],
    "3.9": [date(2020, 10, 5), date(2020, 12, 7)],
    "2.7": [date(2010, 7, 3), date(2010, 11, 27)],
}
PRE_RELEASES = [("3.16.0a1", date(2026, 10, 20)), ("3.16.0a2", date(2026, 11, 17))]
PLANNED = [
    ("3.16.0a3", date(2026, 12, 15)),
    ("3.16.0b1", date(2027, 5, 4)),
    ("3.16.0rc1", date(2027, 7, 27)),
    ("3.16.0", date(2027, 10, 5)),
]
HIGHLIGHTS = "<p>This release mends faults that were found since the one before it. It is safe to put it in its place.</p>"


def fill(home) -> None:
    """Platforms, series, releases with files, and the landing page below `home`. Does nothing where there are releases."""
    if Release.objects.exists():
        return
    platforms = {}
    for pk, slug, name, icon, order, hints, title, intro in PLATFORMS:
        platforms[slug] = OS.objects.create(
            pk=pk,
            slug=slug,
            name=name,
            icon=icon,
            order=order,
            detection_hints=hints,
            page_title=title,
            intro=intro,
            install_notes=NOTES[slug],
        )
    for (major, minor), facts in SERIES.items():
        ReleaseSeries.objects.create(major=major, minor=minor, **facts)
    for series, days in HISTORY.items():
        for patch, day in enumerate(days):
            _release(f"{series}.{patch}", day, platforms)
    for version, day in PRE_RELEASES:
        _release(version, day, platforms)
    _install_manager(platforms["windows"])
    upcoming = ReleaseSeries.objects.get(major=3, minor=16)
    PlannedRelease.objects.bulk_create(PlannedRelease(series=upcoming, name=name, date=day) for name, day in PLANNED)
    if not DownloadsPage.objects.exists():
        home.add_child(instance=DownloadsPage(title="Downloads", slug="downloads", show_in_menus=True, body=LANDING_BODY))


LANDING_BODY = [
    ("heading", {"text": "Signatures", "level": "2", "anchor": "gpg"}),
    (
        "text",
        "<p>Each file comes with its SHA-256 sum and a Sigstore bundle; the page of a release shows how to check them. "
        "Older files are signed with the GPG keys of their release managers.</p>",
    ),
    ("heading", {"text": "Licence", "level": "2", "anchor": "licence"}),
    ("text", "<p>Python is free to use, also for work that you sell. All releases carry an open-source licence.</p>"),
]


def _release(version: str, day: date, platforms: dict[str, OS]) -> None:
    release = Release(name=f"Python {version}", release_date=datetime(day.year, day.month, day.day, 15, tzinfo=UTC), live=True)
    release.read_name()
    release.pre_release = not release.is_stable
    release.show_on_download_page = release.is_stable
    release.release_notes_url = release.parsed_version.notes_url
    release.body = [("text", HIGHLIGHTS)]
    release.first_published_at = release.last_published_at = release.release_date
    release.save()
    folder = f"{FTP}/{release.major}.{release.minor}.{release.patch}"
    files = [
        ("source", "Gzipped source tarball", f"Python-{version}.tgz", "", False),
        ("source", "XZ compressed source tarball", f"Python-{version}.tar.xz", "", True),
    ]
    if release.major == 3:  # noqa: PLR2004 -- Python 2 has no packages of today's kinds.
        files += [
            ("windows", "Windows installer (64-bit)", f"python-{version}-amd64.exe", "Recommended", True),
            ("windows", "Windows installer (32-bit)", f"python-{version}.exe", "", False),
            ("windows", "Windows installer (ARM64)", f"python-{version}-arm64.exe", "Experimental", False),
            ("windows", "Windows embeddable package (64-bit)", f"python-{version}-embed-amd64.zip", "", False),
            ("windows", "Windows embeddable package (32-bit)", f"python-{version}-embed-win32.zip", "", False),
            ("windows", "Windows embeddable package (ARM64)", f"python-{version}-embed-arm64.zip", "", False),
            ("macos", "macOS installer", f"python-{version}-macos11.pkg", "for macOS 10.15 and later", True),
        ]
    if (release.major, release.minor) >= (3, 14):
        files += [
            ("android", "Android embeddable package (aarch64)", f"python-{version}-aarch64-linux-android.tar.gz", "", True),
            ("android", "Android embeddable package (x86_64)", f"python-{version}-x86_64-linux-android.tar.gz", "", False),
            ("ios", "iOS XCframework", f"python-{version}-iOS-XCframework.tar.gz", "", True),
        ]
    for slug, name, filename, description, button in files:
        _file(release, platforms[slug], name, f"{folder}/{filename}", description, button=button)


def _install_manager(windows: OS) -> None:
    release = Release(
        name="Python install manager 25.2",
        release_date=datetime(2025, 12, 9, 12, tzinfo=UTC),
        live=True,
        show_on_download_page=False,
        body=[("text", "<p>Installs any version of Python on Windows, keeps them apart and up to date.</p>")],
    )
    release.save()
    for name, filename, button in [
        ("Installer (MSIX)", "python-manager-25.2.msix", True),
        ("MSI package", "python-manager-25.2.msi", False),
    ]:
        _file(release, windows, name, f"{FTP}/pymanager/{filename}", "", button=button)


def _file(release: Release, os: OS, name: str, url: str, description: str, *, button: bool) -> None:
    digest = sha256(url.encode()).hexdigest()
    ReleaseFile.objects.create(
        release=release,
        os=os,
        name=name,
        slug=f"{release.slug}-{len(release.files.all())}",
        url=url,
        description=description,
        is_source=os.slug == "source",
        download_button=button,
        sha256_sum=digest,
        filesize=8_000_000 + int(digest[:6], 16),
        sigstore_bundle_file=f"{url}.sigstore" if release.major == 3 else "",  # noqa: PLR2004
    )
