"""Kind and architecture of a release file, from its URL."""

import re
from fnmatch import fnmatchcase
from typing import NamedTuple

from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _


class Kind(models.TextChoices):
    SOURCE = "source", _("Source archive")
    INSTALLER = "installer", _("Installer")
    WEB_INSTALLER = "web-installer", _("Web installer")
    EMBEDDABLE = "embeddable", _("Embeddable package")
    FRAMEWORK = "framework", _("Framework")
    PACKAGE = "package", _("Binary package")
    MANIFEST = "manifest", _("Manifest")
    DOCUMENTATION = "documentation", _("Documentation")
    DEBUG = "debug", _("Debug symbols")
    OTHER = "other", _("Other")


class Architecture(models.TextChoices):
    ANY = "any", _("Any")
    X86_64 = "x86_64", _("x86-64 (64-bit)")
    X86 = "x86", _("x86 (32-bit)")
    ARM64 = "arm64", _("ARM64")
    UNIVERSAL2 = "universal2", _("Universal (Intel and Apple silicon)")
    WASM32 = "wasm32", _("WebAssembly (32-bit)")
    OTHER = "other", _("Other")


# The first matching pattern wins. Patterns of new names are data of the operating system (`OS.file_patterns`).
KINDS = [
    (r"\.chm$|docs?[.-]|-html\.", Kind.DOCUMENTATION),
    (r"pdb|debug", Kind.DEBUG),
    (r"webinstall", Kind.WEB_INSTALLER),
    (r"embed|-android\.tar", Kind.EMBEDDABLE),
    (r"xcframework", Kind.FRAMEWORK),
    (r"\.json$", Kind.MANIFEST),
    (r"wasi|emscripten|wasm32|-ios[-.]|\d(rc\d+|[ab]\d+)?t?-(amd64|arm64|win32)\.zip$", Kind.PACKAGE),
    (r"\.(exe|msi|msix|msixbundle|pkg|dmg)$", Kind.INSTALLER),
    (r"\.(tgz|tar\.(xz|bz2|gz)|tar|zip)$", Kind.SOURCE),
]
ARCHITECTURES = [
    (r"wasm32|wasi|emscripten", Architecture.WASM32),
    (r"arm64|aarch64", Architecture.ARM64),
    (r"amd64|x86[_-]64|ia64", Architecture.X86_64),
    (r"universal2|macos11|macosx?11", Architecture.UNIVERSAL2),
    (r"macosx?10\.[69]|macos10\.9", Architecture.X86_64),
    (r"macosx?10\.3|macosx20|\.dmg$", Architecture.OTHER),
    (r"\.msix$|\.msixbundle$|python-manager", Architecture.ANY),
    (r"win32|\.(exe|msi)$", Architecture.X86),
]


class FilePattern(NamedTuple):
    """File name pattern for an operating system, with kind and architecture."""

    pattern: str
    kind: Kind
    architecture: Architecture | None


def parse_patterns(text: str) -> list[FilePattern]:
    """Return the patterns of an operating system, such as `*-wasi_sdk-*.zip = package wasm32`. Raises ValidationError."""
    found = []
    for line in filter(str.strip, text.splitlines()):
        pattern, _equals, value = (part.strip().lower() for part in line.partition("="))
        kind, *architecture = value.split() or [""]
        is_known = kind in Kind.values and len(architecture) <= 1 and set(architecture) <= set(Architecture.values)
        if not pattern or not is_known:
            raise ValidationError(
                gettext("“%(line)s” is not a pattern. Enter for example: *-wasi_sdk-*.zip = package wasm32. Types: %(kinds)s.")
                % {"line": line.strip()[:80], "kinds": ", ".join(Kind.values)}
            )
        found.append(FilePattern(pattern, Kind(kind), Architecture(architecture[0]) if architecture else None))
    return found


def classify(url: str, patterns: str = "") -> tuple[Kind, Architecture]:
    """Return kind and architecture of a file: by the patterns of its operating system first, then by those of this module."""
    filename = url.rsplit("/", 1)[-1].lower()
    for pattern, kind, architecture in parse_patterns(patterns):
        if fnmatchcase(filename, pattern):
            return kind, architecture or architecture_of(url)
    return kind_of(url), architecture_of(url)


def matches_pattern(url: str, patterns: str) -> bool:
    """Return whether the name of a file is one of the patterns of an operating system."""
    filename = url.rsplit("/", 1)[-1].lower()
    return any(fnmatchcase(filename, one.pattern) for one in parse_patterns(patterns))


def kind_of(url: str) -> Kind:
    filename = url.rsplit("/", 1)[-1].lower()
    return next((kind for pattern, kind in KINDS if re.search(pattern, filename)), Kind.OTHER)


def architecture_of(url: str) -> Architecture:
    filename = url.rsplit("/", 1)[-1].lower()
    return next((arch for pattern, arch in ARCHITECTURES if re.search(pattern, filename)), Architecture.ANY)


# Order of the table of files: source archives first, files for Windows last and sorted by demand.
_WINDOWS_ORDER = [
    *((Kind.INSTALLER, architecture) for architecture in ("any", "x86_64", "x86", "arm64")),
    *((Kind.DOCUMENTATION, architecture) for architecture in ("any", "x86_64", "x86", "arm64")),
    *((Kind.EMBEDDABLE, architecture) for architecture in ("any", "x86_64", "x86", "arm64")),
]
_WINDOWS_POSITION = {(str(kind), architecture): position for position, (kind, architecture) in enumerate(_WINDOWS_ORDER)}


def table_position(os_slug: str, name: str, kind: str, architecture: str) -> tuple[int, str, int, str]:
    """Return the sort key of a file in the table of its release."""
    if os_slug == "windows":
        return (2, "", _WINDOWS_POSITION.get((kind, architecture), len(_WINDOWS_ORDER)), name)
    return (0 if os_slug == "source" else 1, os_slug, 0, name)
