"""Find the test files that are most relevant to a changed function, by shared words."""

import ast
import functools
import math
import re
from collections import Counter
from pathlib import Path

from .operators import ROOT, Mutant

MAX_FILES = 8
# Tests of the whole site that also run for these types of mutants, regardless of shared words.
FILES_OF_KINDS = {"permission": ["tests/pydotorg/test_permissions.py"], "purge key": ["tests/pydotorg/test_purges.py"]}
OTHER_TIERS = ("browser", "stack", "deploy")
WORD = re.compile(r"[A-Za-z]{3,}")


def words_of(text: str) -> Counter[str]:
    """Return the words of a source text. Compound names are split into words."""
    return Counter(word.lower() for word in WORD.findall(text.replace("_", " ")))


@functools.cache
def test_files() -> dict[str, Counter[str]]:
    files = [file for file in sorted((ROOT / "tests").rglob("test_*.py")) if file.parent.name not in OTHER_TIERS]
    return {str(file.relative_to(ROOT)): words_of(file.read_text(encoding="utf-8") + file.stem) for file in files}


@functools.cache
def rarity(word: str) -> float:
    return math.log(len(test_files()) / (1 + sum(word in words for words in test_files().values())))


def changed_text(mutant: Mutant) -> str:
    """Return the source of the innermost function or class around a line, with the names of its scopes and file."""
    text = (ROOT / mutant.path).read_text(encoding="utf-8")
    kinds = ast.FunctionDef | ast.ClassDef
    around = [each for each in ast.walk(ast.parse(text)) if isinstance(each, kinds) and is_within(mutant.line, each)]
    inner = min(around, key=lambda each: each.end_lineno - each.lineno, default=None)
    source = ast.get_source_segment(text, inner) if inner else mutant.before
    return " ".join([source or "", *(each.name for each in around), " ".join(Path(mutant.path).with_suffix("").parts)])


def is_within(line: int, node: ast.FunctionDef | ast.ClassDef) -> bool:
    return node.lineno <= line <= (node.end_lineno or node.lineno)


def related_files(mutant: Mutant) -> list[str]:
    """Return the test files that are most relevant to a mutant, those that share the rarest words with it first."""
    words = words_of(changed_text(mutant))
    package = f"tests/{mutant.path.partition('/')[0]}/"

    def relevance(file: str) -> float:
        found = test_files()[file]
        shared = sum(rarity(word) * min(count, 3) for word, count in words.items() if word in found)
        return shared / sum(found.values()) ** 0.25 * (2 if file.startswith(package) else 1)

    return [
        *dict.fromkeys([*FILES_OF_KINDS.get(mutant.kind, []), *sorted(test_files(), key=relevance, reverse=True)[:MAX_FILES]])
    ]
