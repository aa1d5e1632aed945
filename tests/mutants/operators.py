"""Types of mistakes that people make, each as a pattern of one line and its replacement."""

import ast
import random
import re
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parents[2]
RACES = "tests/pydotorg/test_concurrency.py"
PACKAGES = ["cms", "users", "home", "downloads", "events", "jobs", "sponsors", "community", "psf"]
OPERATORS: list[tuple[str, str, str]] = [
    ("permission", r"raise PermissionDenied\b.*", "pass"),
    ("permission", r'permission_required = "change"', 'permission_required = "view"'),
    ("visibility", r"\blive=True", "live__isnull=False"),
    ("visibility", r"\bis_published=True", "is_published__isnull=False"),
    ("visibility", r"\.(?:published|visible|public)\(\)", ".all()"),
    ("ordering", r'order_by\("-', 'order_by("'),
    ("ordering", r"reverse=True", "reverse=False"),
    ("date boundary", r"__gte=", "__gt="),
    ("date boundary", r"__lte=", "__lt="),
    ("date boundary", r"__gt=(?=.*(?:now|at\b|timezone|date))", "__gte="),
    ("date boundary", r"__lt=(?=.*(?:now|at\b|timezone|date))", "__lte="),
    ("lock", r"\.select_for_update\([^()]*(?:\([^()]*\))?[^()]*\)", ""),
    ("purge key", r"purges=lambda \w+: \[.*\]", "purges=lambda _: []"),
    ("purge key", r"(?:surrogate_keys\.)?add_keys\(request, .*\)", "pass"),
    ("email once", r"if .*\b(?:sent|exists)\b.*:", "if False:"),
    ("escaping", r"(?<!\.)\bescape\((\w+)\)", r"\1"),
    ("escaping", r"\bconditional_escape\((\w+)\)", r"\1"),
]


# Mistakes that no test noticed in the first run: kind, path, text of the line before and after, and which of its lines.
KNOWN_SURVIVORS: list[tuple[str, str, str, str, int]] = [
    ("permission", "events/admin_views.py", 'permission_required = "change"', 'permission_required = "view"', 0),
    ("permission", "events/sync_views.py", "raise PermissionDenied", "pass", 1),
    ("permission", "community/dashboard.py", "raise PermissionDenied", "pass", 1),
    ("visibility", "home/search.py", "Release.objects.visible()", "Release.objects.all()", 0),
    ("ordering", "community/models/stories.py", 'related.order_by("-first', 'related.order_by("first', 0),
    ("email once", "cms/email/models.py", "(skip_locked=True).due(at)", "(skip_locked=True)", 0),
    ("date boundary", "events/models/occurrences.py", "starts_on__lte=last", "starts_on__lt=last", 0),
    ("date boundary", "events/models/occurrences.py", "ends_on__gte=first", "ends_on__gt=first", 0),
    ("date boundary", "users/models.py", "if key.expires_at <= now:", "if False:", 0),
    ("visibility", "psf/models/elections.py", "if not self.is_published(at):", "if False:", 0),
]


class Mutant(NamedTuple):
    kind: str
    path: str
    line: int
    before: str
    after: str

    def __str__(self) -> str:
        return f"{self.kind}: {self.path}:{self.line}: `{self.before.strip()}` → `{self.after.strip()}`"


def candidates() -> Iterator[Mutant]:
    """Yield every mistake that the operators find in the code of the packages."""
    for package in PACKAGES:
        for path in sorted((ROOT / package).rglob("*.py")):
            if "migrations" in path.parts:
                continue
            for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
                if line.lstrip().startswith(("#", '"""')):
                    continue
                for kind, pattern, replacement in OPERATORS:
                    changed = re.sub(pattern, replacement, line, count=1)
                    if changed != line:
                        yield Mutant(kind, str(path.relative_to(ROOT)), number, line, changed)


def known_survivors() -> list[Mutant]:
    """Return the mistakes of `KNOWN_SURVIVORS` at their lines."""
    found = []
    for kind, path, before, after, number in KNOWN_SURVIVORS:
        lines = (ROOT / path).read_text(encoding="utf-8").splitlines()
        line = [each for each, text in enumerate(lines, 1) if before in text][number]
        found.append(Mutant(kind, path, line, lines[line - 1], lines[line - 1].replace(before, after)))
    return found


def draw(seed: int, number: int) -> list[Mutant]:
    """Return this many mutants in addition to the known survivors, selected evenly by type and, within a type, by package.

    The same seed selects the same mutants.
    """
    chooser = random.Random(seed)  # noqa: S311 -- no secret.
    by_kind: dict[str, dict[str, list[Mutant]]] = defaultdict(lambda: defaultdict(list))
    known = set(known_survivors())
    for mutant in candidates():
        if mutant in known:
            continue
        by_kind[mutant.kind][mutant.path.partition("/")[0]].append(mutant)
    chosen: list[Mutant] = []
    while len(chosen) < number and by_kind:
        for kind in sorted(by_kind):
            packages = by_kind[kind]
            package = chooser.choice(sorted(packages))
            mutants = packages[package]
            chosen.append(mutants.pop(chooser.randrange(len(mutants))))
            if not mutants:
                del packages[package]
            if not packages:
                del by_kind[kind]
    return chosen[:number]


def tables_of(path: Path) -> dict[str, ast.expr]:
    """Return the values that a module assigns to its names."""
    found: dict[str, ast.expr] = {}
    for node in ast.parse(path.read_text(encoding="utf-8")).body:
        targets = node.targets if isinstance(node, ast.Assign) else [node.target] if isinstance(node, ast.AnnAssign) else []
        found |= {target.id: node.value for target in targets if isinstance(target, ast.Name)}
    return found


def races_of(mutant: Mutant) -> list[str]:
    """Return the tests that race for the lock on the line of a mutant, by the tables of test_concurrency.py."""
    module = ast.parse((ROOT / mutant.path).read_text(encoding="utf-8"))
    functions = [each for each in ast.walk(module) if isinstance(each, ast.FunctionDef)]
    places = {f"{mutant.path}:{each.name}" for each in functions if each.lineno <= mutant.line <= each.end_lineno}
    tables = tables_of(ROOT / RACES)
    races: list[str] = []
    for place, names in zip(tables["RACES"].keys, tables["RACES"].values, strict=True):
        if place.value in places:
            races += [f"{RACES}::test_two_at_the_same_moment[{name.id}]" for name in names.elts]
    for place, test in zip(tables["RACED_ELSEWHERE"].keys, tables["RACED_ELSEWHERE"].values, strict=True):
        if place.value in places:
            races.append(f"tests/{(tables[test.id] if isinstance(test, ast.Name) else test).value}")
    return races
