"""First words of docstrings, which no rule of Ruff checks."""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PACKAGES = [
    "benchmarks",
    "cms",
    "community",
    "demo",
    "downloads",
    "events",
    "home",
    "importer",
    "jobs",
    "psf",
    "pydotorg",
    "sponsors",
    "tests",
    "users",
]
QUESTION_WORDS = {"how", "what", "when", "where", "who", "why"}
DOCUMENTED = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)


def riddles(package: str) -> list[str]:
    """Return the location of each docstring of a package that opens with a question word."""
    found = []
    for path in sorted((ROOT / package).rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text())):
            docstring = ast.get_docstring(node) if isinstance(node, DOCUMENTED) else None
            if docstring and docstring.split()[0].strip("”“\"',.:;?").lower() in QUESTION_WORDS:
                line = getattr(node, "lineno", 1)
                found.append(f"{path.relative_to(ROOT)}:{line}: {docstring.splitlines()[0]}")
    return found


@pytest.mark.parametrize("package", PACKAGES)
def test_docstrings_open_with_a_verb_or_a_noun(package):
    assert riddles(package) == []
