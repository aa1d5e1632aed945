"""Steps and text templates of a new site, which staff can edit in the admin. The steps follow PEP 101."""

from typing import Any

_BLOCKERS = "https://github.com/python/cpython/issues?q=is%3Aopen+label%3Arelease-blocker"
# (title, owner, link, done when, applies to, hours before the release)
_STEPS = [
    ("Notify vendors", "Security response team", "", "", "security", 72),
    ("Resolve the release blockers", "", _BLOCKERS, "", "all", 72),
    ("Check that all buildbots are green", "", "https://buildbot.python.org/all/#/release_status", "", "all", 48),
    ("Announce the branch freeze", "", "", "", "all", 24),
    ("Build the documentation", "Documentation team", "https://docs.python.org/{{ series }}/", "", "stable", 12),
    ("Tag the release and build the source archives", "", "https://peps.python.org/pep-0101/", "", "all", 8),
    ("Build the Windows installers", "Windows expert", "https://peps.python.org/pep-0101/", "", "all", 6),
    ("Build the macOS installer", "macOS expert", "https://peps.python.org/pep-0101/", "", "all", 6),
    ("Sign the files with Sigstore and upload them", "", "", "", "all", 4),
    ("Write the release notes", "", "", "notes", "all", 3),
    ("Add the files to the release", "", "", "files", "all", 2),
    ("Add checksums and signatures", "", "", "verifiable", "all", 2),
    ("Choose the download buttons", "", "", "buttons", "all", 2),
    ("Check the files on the server", "", "", "on-server", "all", 1),
    ("Publish the release", "", "", "published", "all", 0),
    ("Publish the blog post", "", "https://blog.python.org/", "", "all", -1),
    ("Announce the release on the forum", "", "https://discuss.python.org/c/core-dev/23", "", "all", -1),
    ("Send the announcement to the mailing list", "", "https://mail.python.org/archives/", "", "all", -1),
    ("Update the release schedule in the PEP", "", "https://github.com/python/peps", "", "all", -4),
    ("Reopen the branch", "", "", "", "all", -4),
]

# Description of each type of release, for readers.
_INTRODUCTIONS = {
    "alpha": (
        "{{ name }} is an early developer preview of Python {{ series }}. New features can be added until the first beta, and "
        "changed or removed until the first release candidate. Do not use it in production."
    ),
    "beta": (
        "{{ name }} is a beta preview of Python {{ series }}. No new features are added from now on; they can still be changed "
        "or removed until the first release candidate. Maintainers of packages should test with it now and report problems. "
        "Do not use it in production."
    ),
    "rc": (
        "{{ name }} is a release candidate of Python {{ series }}. Only clear bug fixes are made before the final release, and "
        "the binary interface (ABI) no longer changes: maintainers can publish wheels for Python {{ series }}. Do not use it in "
        "production yet."
    ),
    "feature": "{{ name }} is the first stable release of Python {{ series }}. Thanks to everyone who made it possible.",
    "bugfix": (
        "{{ name }} is a bug-fix release of Python {{ series }}. It fixes bugs found since the previous release. Upgrading "
        "is recommended for everyone on Python {{ series }}."
    ),
    "security": (
        "{{ name }} is a security release of Python {{ series }}. It fixes security issues found since the previous release. "
        "Python {{ series }} no longer receives other bug fixes, and there are no new installers for Windows and macOS. "
        "Everyone on Python {{ series }} should upgrade."
    ),
}
_MORE = {
    "alpha": "What is new so far: {{ whatsnew_url }}",
    "beta": "What is new: {{ whatsnew_url }}",
    "rc": "What is new: {{ whatsnew_url }}",
    "feature": "What is new: {{ whatsnew_url }}",
    "bugfix": "All changes: {{ changelog_url }}",
    "security": "All changes: {{ changelog_url }}",
}
_FIXES = "{% if fixes %}Security issues fixed in this release:\n{{ fixes }}\n\n{% endif %}"
_FILES = "{% if files %}\nFiles (SHA-256):\n{{ files }}\n{% endif %}"
_EMBARGO = (
    "{{ name }} will be released on {{ date }}. This message is for vendors who distribute Python: do not share its "
    "contents before the release."
)
_NEXT = "{% if next_release %}Next release: {{ next_release }}.\n\n{% endif %}"
_SUPPORT = "{% if support %}Support: {{ support }}\n\n{% endif %}"
_SIGNATURE = "{% if manager %}\n{{ manager }}\n{% endif %}"
_SCHEDULE = "{% if pep_url %}Release schedule: {{ pep_url }}\n{% endif %}"


def _texts(release_type: str) -> dict[str, tuple[str, str]]:
    introduction, more = _INTRODUCTIONS[release_type], _MORE[release_type]
    links = f"{more}\nKnown bugs: {{{{ issues_url }}}}\n{_SCHEDULE}"
    extra = _SUPPORT if release_type in {"feature", "bugfix", "security"} else _NEXT
    return {
        "notes": ("", f"{introduction}\n\n{_FIXES}{links}"),
        "blog": (
            "{{ name }} is now available",
            f"{introduction}\n\nDownload it: {{{{ url }}}}\n\n{_FIXES}{extra}{links}{_SIGNATURE}",
        ),
        "forum": (
            "{{ name }} is now available",
            f"{introduction}\n\nDownload: <{{{{ url }}}}>\n\n{_FIXES}{extra}{links}{_SIGNATURE}",
        ),
        "email": (
            "[RELEASE] {{ name }}",
            f"{introduction}\n\nDownload it here:\n{{{{ url }}}}\n\n{_FIXES}{extra}{links}{_FILES}{_SIGNATURE}",
        ),
        "vendors": (
            "{{ name }} is planned for {{ date }}",
            f"{_EMBARGO}\n\n{introduction}\n\n{_FIXES}The release will be available at {{{{ url }}}}\n{_SIGNATURE}",
        ),
    }


TEXTS = {(release_type, purpose): text for release_type in _INTRODUCTIONS for purpose, text in _texts(release_type).items()}


def default_steps() -> list[dict[str, Any]]:
    """Return the fields of the steps, in their order."""
    names = ("title", "owner", "link", "done_when", "applies_to", "hours_before")
    return [dict(zip(names, step, strict=True)) | {"order": 10 * number} for number, step in enumerate(_STEPS, 1)]


def default_texts() -> list[dict[str, str]]:
    """Return the fields of the text templates of all release types."""
    return [
        {"release_type": release_type, "purpose": purpose, "subject": subject, "body": body}
        for (release_type, purpose), (subject, body) in TEXTS.items()
    ]
