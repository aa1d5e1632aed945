"""Use of boxes outside the database: in templates and in modules of the site."""

import re
from collections import defaultdict
from functools import cache
from pathlib import Path

from django.conf import settings

# Tags and links in templates, and code that reads a box by its label.
NAMES = {
    "*.html": re.compile(r"""{%\s*box\s+["']([\w-]+)["']|/box/([\w-]+)/"""),
    "*.py": re.compile(r"""\bBox\.objects\.(?:get|filter)\(label=["']([\w-]+)["']"""),
}
# These folders describe data and other sites, or hold no code of the site.
OTHER_FOLDERS = {"demo", "importer", "tests", "docs", "benchmarks", "deploy", "locale", "requirements", "var", "node_modules"}


@cache
def find_files() -> dict[str, list[str]]:
    """Return the files that use each box, by label. The files do not change while the site runs."""
    found: dict[str, list[str]] = defaultdict(list)
    root = Path(settings.BASE_DIR)
    for folder in sorted(root.iterdir()):
        if not folder.is_dir() or folder.name.startswith(".") or folder.name in OTHER_FOLDERS:
            continue
        for suffix, pattern in NAMES.items():
            for path in sorted(folder.rglob(suffix)):
                name = str(path.relative_to(root))
                for labels in pattern.findall(path.read_text(encoding="utf-8")):
                    if name not in found["".join(labels)]:
                        found["".join(labels)].append(name)
    return dict(found)
