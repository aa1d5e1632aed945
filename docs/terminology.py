"""Check prose and names for terms that the project does not use.

Reads templates, style sheets, scripts, documents, and the strings, docstrings, comments and names of Python files. Prints one
line for each finding, with the term to use, and exits with 1 if there are any. `make lint` runs it.
"""

import ast
import io
import re
import subprocess
import sys
import tokenize
from collections.abc import Iterator
from pathlib import Path

from cms.content.terms import SPELLINGS, TERMS

NAMES = {
    **dict.fromkeys(("asked", "told", "desk", "mends", "sums", "figures"), "a term"),
    **dict.fromkeys(("deal", "deals"), "sponsorship"),
    **dict.fromkeys(("season", "seasons"), "sponsorship year"),
    **dict.fromkeys(("agreement", "agreements"), "contract"),
    **dict.fromkeys(("advert", "adverts"), "job"),
    **dict.fromkeys(("act", "acts"), "action, transition"),
    **dict.fromkeys(("mail", "mails"), "email"),
    "canned": "saved reply",
    "rehearse": "drill",
    "rehearsal": "drill",
}
# Files that are not checked: history, external data, and files generated from names in the code.
SKIPPED = re.compile(
    r"/migrations/|^CHANGELOG\.md$|^docs/terminology\.py$|^cms/content/terms\.py$|^tests/(?!.*\.py$)|^tests/pydotorg/test_terminology\.py$"
    r"|^requirements/|\.svg$|^docs/(admin-lists|benchmarks|drills|release-drills|requirements)\.md$"
)
# Path and pattern of correct text that a rule matches -> reason.
EXCEPTIONS: dict[tuple[str, str], str] = {
    ("docs/operations.md", "^mail$"): "the name of a queue",
    ("benchmarks/crowd.py", "^log in$"): "a log file",
    ("deploy/drills/database.py", "^LOGIN$"): "a keyword of PostgreSQL",
    ("sponsors/", "address"): "postal addresses",
    ("cms/email/accounts.py", "render_mail"): "a method of django-allauth",
    ("docs/decisions/README.md", "^(deals|agreements)$"): "parts of file names, which links from outside use",
    ("demo/sponsors.py", "^colour$"): "a field of a template",
    ("sponsors/models/applications.py", "^organisation$"): "a key of stored data",
    ("templates/sponsors/admin/sponsorship_base.html", "^colour$"): "a variable",
    ("docs/calendars.md", "^CANCELLED$"): "a value of iCalendar",
    ("docs/mutants.md", "^(CANCELLED|catalogue)$"): "code of mutants",
    ("docs/operations.md", "(?i)^colour$"): "an environment variable and its log field",
    ("docs/emails.md", "^signup$"): "part of the key of an email of django-allauth",
}
PATTERNS = [(re.compile(rf"\b(?:{pattern})\b", re.IGNORECASE), term) for pattern, term in TERMS.items()]
# Words next to these characters are names of fields, classes, variables and files.
PATTERNS += [
    (re.compile(rf"(?<![\w.\"'|=/-])(?:{pattern})(?![\w\"'|=/-]|\.\w)", re.IGNORECASE), term)
    for pattern, term in SPELLINGS.items()
]


def check_python(source: str, *, is_test: bool = False) -> Iterator[tuple[int, str, str]]:
    """Yield the line, the finding and the term to use for prose and names of a Python file.

    Tests contain all kinds of data, so only their function names, docstrings and comments are checked.
    """
    tree = ast.parse(source)
    for node in ast.walk(tree):
        if is_test and isinstance(node, ast.FunctionDef | ast.ClassDef | ast.Module):
            yield from check_text(ast.get_docstring(node, clean=False) or "", getattr(node, "lineno", 1))
        elif not is_test and isinstance(node, ast.Constant) and isinstance(node.value, str) and " " in node.value:
            yield from check_text(node.value, node.lineno)
        for name in get_names(node) if not is_test or isinstance(node, ast.FunctionDef) else []:
            for part in re.split(r"_|(?<=[a-z0-9])(?=[A-Z])", name):
                if part.lower() in NAMES:
                    yield getattr(node, "lineno", 1), name, NAMES[part.lower()]
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        if token.type == tokenize.COMMENT:
            yield from check_text(token.string, token.start[0])


def get_names(node: ast.AST) -> list[str]:
    """Return the names that a node defines."""
    if isinstance(node, ast.FunctionDef | ast.ClassDef):
        return [node.name]
    if isinstance(node, ast.arg):
        return [node.arg]
    if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
        return [node.id]
    return []


def check_text(text: str, first_line: int = 1) -> Iterator[tuple[int, str, str]]:
    """Yield the line, the finding and the term to use for a string."""
    for number, line in enumerate(text.split("\n"), first_line):
        for pattern, term in PATTERNS:
            for match in pattern.finditer(line):
                yield number, match[0], term


def is_exception(file: str, found: str) -> bool:
    """Return whether a term is correct in this file."""
    return any(file.startswith(path) and re.search(pattern, found) for path, pattern in EXCEPTIONS)


def main() -> int:
    names = subprocess.run(["git", "ls-files"], capture_output=True, text=True, check=True).stdout.split()
    count = 0
    for name in names:
        if SKIPPED.search(name) or not name.endswith((".py", ".html", ".txt", ".md", ".css", ".js")):
            continue
        text = Path(name).read_text(encoding="utf-8")
        for line, found, term in (
            check_python(text, is_test=name.startswith("tests/")) if name.endswith(".py") else check_text(text)
        ):
            if not is_exception(name, found):
                print(f"{name}:{line}: “{found}”: use {term}")
                count += 1
    if count:
        print(f"{count} terms to replace.")
    return int(count > 0)


if __name__ == "__main__":
    sys.exit(main())
