"""Demo releases: real version numbers, invented sizes and checksums."""

from datetime import UTC, datetime
from hashlib import sha256

from wagtail.models import Page

from cms.platform.sequences import reset_sequence
from downloads.descriptions import describe_release
from downloads.models import OS, Advisory, DownloadsPage, DownloadsSettings, PlannedRelease, Release, ReleaseFile, ReleaseSeries
from downloads.platform_facts import facts_of
from downloads.series_facts import SERIES
from downloads.versions import parse_name

FTP = "https://www.python.org/ftp/python"
PLATFORMS = [
    # id, slug, name, icon, order, hints, title, intro
    (
        1,
        "windows",
        "Windows",
        "windows",
        10,
        "Windows NT, Win64",
        "",
        "For Windows 10 and 11 on x64, x86 and ARM64 processors.",
    ),
    (2, "macos", "macOS", "macos", 20, "Macintosh", "", "One installer for Apple silicon and Intel Macs."),
    (
        3,
        "source",
        "Source release",
        "source",
        30,
        "Linux, X11, FreeBSD",
        "Python for Linux and source code",
        "Most Linux distributions include Python. Download the source code to build another version.",
    ),
    (4, "android", "Android", "android", 40, "Android", "", "Embed Python in your Android app."),
    (5, "ios", "iOS", "phone", 50, "iPhone, iPad", "", "Embed Python in your iOS app."),
]
BUILD = "./configure --enable-optimizations\nmake -j8\nsudo make altinstall"
NOTES = {
    "windows": [
        ("heading", {"text": "Install Python", "level": "2", "anchor": "install"}),
        ("text", "<p>Open the downloaded file and follow the steps. Then open a terminal and run:</p>"),
        ("code", {"code": "py", "language": "bash", "caption": ""}),
    ],
    "macos": [
        ("heading", {"text": "Install Python", "level": "2", "anchor": "install"}),
        ("text", "<p>Open the downloaded package and follow the instructions. Then open the Terminal app and run:</p>"),
        ("code", {"code": "python3", "language": "bash", "caption": ""}),
    ],
    "source": [
        ("heading", {"text": "Build Python from source", "level": "2", "anchor": "build"}),
        (
            "code",
            {"code": BUILD, "language": "bash", "caption": ""},
        ),
    ],
    "android": [
        (
            "text",
            "<p>These packages are for app developers. To run Python on your phone, install Pydroid 3 or Termux.</p>",
        )
    ],
    "ios": [
        (
            "text",
            "<p>This framework is for app developers. To run Python on your iPhone or iPad, install Pythonista or Pyto.</p>",
        )
    ],
}
# Dates of the releases x.y.0, x.y.1, … of each series.
HISTORY = {
    "3.15": "2026-10-01 2026-11-10",
    "3.14": "2025-10-07 2025-12-02 2025-12-05 2026-02-03 2026-04-07 2026-05-12 2026-06-10",
    "3.13": "2024-10-07 2024-12-03 2025-02-04 2025-04-08 2025-06-03 2025-06-11",
    "3.12": "2023-10-02 2023-12-08 2024-02-06 2024-04-09 2024-06-06",
    "3.11": "2022-10-24 2022-12-06 2023-02-08",
    "3.10": "2021-10-04 2021-12-06 2022-01-14",
    "3.9": "2020-10-05 2020-12-07",
    "2.7": "2010-07-03 2010-11-27",
}
PRE_RELEASES = {"3.16.0a1": "2026-10-13", "3.16.0a2": "2026-11-10"}
PLANNED = {"3.16.0a3": "2026-12-15", "3.16.0b1": "2027-05-04", "3.16.0rc1": "2027-07-27", "3.16.0": "2027-10-05"}


def make_pages(home: Page) -> None:
    """Create the landing page of the downloads under the home page."""
    home.add_child(instance=DownloadsPage(title="Downloads", slug="downloads", show_in_menus=True, body=LANDING_BODY))


def fill() -> None:
    """Create operating systems, release series and releases with files, unless releases exist."""
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
            page_title=title,
            intro=intro,
            install_notes=NOTES[slug],
            **({"detection_hints": hints} | facts_of(slug)),
        )
    reset_sequence(OS)
    for (major, minor), facts in SERIES.items():
        ReleaseSeries.objects.create(major=major, minor=minor, **facts)
    for series, days in HISTORY.items():
        for patch, day in enumerate(days.split()):
            _release(f"{series}.{patch}", day, platforms)
    for version, day in PRE_RELEASES.items():
        _release(version, day, platforms)
    _install_manager(platforms["windows"])
    _advisories()
    choose_pages()
    upcoming = ReleaseSeries.objects.get(major=3, minor=16)
    PlannedRelease.objects.bulk_create(PlannedRelease(series=upcoming, name=name, date=day) for name, day in PLANNED.items())


def choose_pages() -> None:
    """Set the pages about verification in the downloads settings."""
    page = Page.objects.filter(url_path="/home/doc/verify-downloads/").first()
    chosen = DownloadsSettings.load()
    chosen.sigstore_page = chosen.sbom_page = chosen.gpg_page = chosen.identities_page = page
    chosen.advisories_url = ""
    chosen.save()


def _advisories() -> None:
    """Create invented advisories: one that is fixed in every series, and one that is not fixed in old releases."""
    for number, summary, fixed_in in (
        (1, "Quadratic time when parsing headers with many lines", "3.13.5, 3.14.5, 3.15.0"),
        (2, "Path traversal when extracting archives with long names", "3.11.2, 3.12.4, 3.13.4, 3.14.3"),
    ):
        at = datetime(2026, 5, number, tzinfo=UTC)
        Advisory.objects.create(
            name=f"PSF-2026-900{number}",
            aliases=[f"CVE-2026-9900{number}"],
            summary=summary,
            published=at,
            modified=at,
            fixed_in=fixed_in,
        )


LANDING_BODY = [
    ("heading", {"text": "Signatures", "level": "2", "anchor": "gpg"}),
    (
        "text",
        (
            "<p>Each file has a SHA-256 checksum, and recent releases are signed with Sigstore. "
            "Each release page shows how to verify a file.</p>"
        ),
    ),
    ("heading", {"text": "License", "level": "2", "anchor": "license"}),
    (
        "text",
        (
            "<p>Python is free to use, including commercially. All releases have an open-source license: see "
            '<a href="https://docs.python.org/3/license.html">history and license</a>.</p>'
        ),
    ),
]


def _release(version: str, day: str, platforms: dict[str, OS]) -> None:
    name = f"Python {version}"
    parsed = parse_name(name)
    if parsed is None:
        raise ValueError(f"{name} is not a version.")
    release = Release(
        name=name,
        release_date=datetime.fromisoformat(f"{day}T15:00:00+00:00"),
        live=True,
        pre_release=parsed.is_pre_release,
        show_on_download_page=not parsed.is_pre_release,
        release_notes_url=parsed.notes_url if parsed.major > 2 else "",  # noqa: PLR2004 -- older documentation has other URLs.
    )
    release.first_published_at = release.last_published_at = release.release_date
    release.read_name()
    changes = (
        f'<p>For all changes, see the <a href="{parsed.notes_url}">release notes</a>.</p>' if release.release_notes_url else ""
    )
    release.body = [("text", f"<p>{describe_release(release)}</p>{changes}")]  # type: ignore[assignment]  # As a field accepts it.
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
        body=[("text", "<p>Installs and updates versions of Python on Windows.</p>")],
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
