"""Names, commands and notes of the operating systems, for visitors who choose a way to install Python.

The importer and the demo content start from this table; staff edit the rows in the admin later.
"""

from typing import Any

from .models import OS
from .models.os import Method

_SYSTEM = "This is the version that your distribution provides, which may be older."
_UV = ("uv", Method.UV, "uv python install {series}", "Installs several versions side by side. Install uv first.", "")
_CONDA = ("conda", Method.CONDA, "conda create --name python{series} python={series}\nconda activate python{series}", "", "")
_CONTAINER = ("Docker", Method.CONTAINER, "docker run --rm -it python:{series}", "", "")
_PYENV = ("pyenv", Method.PYENV, "pyenv install {version}", "Builds Python from source.", "")
_APT = "sudo apt update\nsudo apt install python3 python3-venv python3-pip"

# Operating system: (label, method, commands, note, parts of the user agent) of each way to install Python.
_WAYS: dict[str, list[tuple[str, str, str, str, str]]] = {
    "windows": [
        (
            "winget",
            Method.PACKAGE_MANAGER,
            "winget install Python.PythonInstallManager\npy install {series}",
            "Installs the Python install manager and this version of Python.",
            "",
        ),
        _UV,
        _CONDA,
        _CONTAINER,
    ],
    "macos": [("Homebrew", Method.PACKAGE_MANAGER, "brew install python@{series}", "", ""), _UV, _PYENV, _CONDA, _CONTAINER],
    "source": [
        ("Debian and Ubuntu", Method.PACKAGE_MANAGER, _APT, _SYSTEM, "Ubuntu, Debian"),
        ("Fedora", Method.PACKAGE_MANAGER, "sudo dnf install python{series}", "", "Fedora"),
        ("Arch Linux", Method.PACKAGE_MANAGER, "sudo pacman -S python", _SYSTEM, "Arch"),
        ("openSUSE", Method.PACKAGE_MANAGER, "sudo zypper install python3", _SYSTEM, "openSUSE"),
        ("Raspberry Pi OS", Method.PACKAGE_MANAGER, _APT, "Python is already installed. " + _SYSTEM, "Raspbian, armv7l, armv6l"),
        (
            "ChromeOS",
            Method.PACKAGE_MANAGER,
            _APT,
            "First, turn on Linux in the system settings, under About ChromeOS and Developers. " + _SYSTEM,
            "CrOS",
        ),
        _UV,
        _PYENV,
        _CONDA,
        _CONTAINER,
    ],
}
_APPS = OS.Audience.APP_DEVELOPERS
_FACTS: dict[str, dict[str, Any]] = {
    "source": {"tab_name": "Linux"},
    "android": {
        "audience": _APPS,
        "detection_hints": "Android",
        "device_note": (
            "To learn and try Python on an Android phone or tablet, install an app such as Termux or Pydroid 3. "
            "For larger programs, use a computer."
        ),
    },
    "ios": {
        "audience": _APPS,
        "detection_hints": "iPhone, iPad",
        "device_note": (
            "To learn and try Python on an iPhone or iPad, install an app such as Pythonista or Pyto. "
            "For larger programs, use a computer."
        ),
    },
}


def facts_of(slug: str) -> dict[str, Any]:
    """Return the values of fields of an operating system."""
    ways = [
        ("command", {"label": label, "method": method, "command": command, "note": note, "hints": hints})
        for label, method, command, note, hints in _WAYS.get(slug, [])
    ]
    return _FACTS.get(slug, {}) | ({"other_ways": ways} if ways else {})


def fill_empty_fields(os: OS) -> bool:
    """Set the fields that are still empty, without changing values set by staff. Return whether there were any."""
    # The audience is never empty, so it is set together with an empty note.
    empty = {name: value for name, value in facts_of(os.slug).items() if name != "audience" and not getattr(os, name)}
    if "device_note" in empty:
        empty["audience"] = _APPS
    for name, value in empty.items():
        setattr(os, name, value)
    return bool(empty)
