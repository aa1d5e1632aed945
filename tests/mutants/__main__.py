"""Apply deliberate mistakes to a copy of the checkout, one at a time, and report those that no test notices.

`python -m tests.mutants [--seed 17] [--number 60]` writes docs/mutants.md. The exit status is 1 if a mutant survives.
"""

import argparse
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from .operators import ROOT, Mutant, draw

RESULTS = ROOT / "docs" / "mutants.md"
# Survivors that no test can tell from the original, with the reason: "path: text of the line".
EQUIVALENT: dict[str, str] = {}
SHARED_TESTS = ["tests/pydotorg/test_permissions.py", "tests/pydotorg/test_purges.py", "tests/pydotorg/test_routes.py"]
MARKS = "not (browser or edge or processes or replica or cluster or nightly or matrix)"


def tests_of(mutant: Mutant) -> list[list[str]]:
    """Return the tests that should notice the mutant, in the order in which they are tried."""
    package = mutant.path.partition("/")[0]
    return [[f"tests/{package}"], SHARED_TESTS, ["tests"]]


def is_noticed(copy: Path, mutant: Mutant) -> str:
    """Return the tests that notice the mutant; empty if none does."""
    target = copy / mutant.path
    original = target.read_text(encoding="utf-8")
    lines = original.splitlines(keepends=True)
    lines[mutant.line - 1] = mutant.after + "\n"
    target.write_text("".join(lines), encoding="utf-8")
    try:
        for tests in tests_of(mutant):
            command = [sys.executable, "-m", "pytest", "-q", "-x", "-n", "2", "-m", MARKS, *tests]
            if subprocess.run(command, cwd=copy, capture_output=True, check=False).returncode:
                return " ".join(tests)
        return ""
    finally:
        target.write_text(original, encoding="utf-8")


def report(seed: int, rows: list[tuple[Mutant, str, float]]) -> str:
    survivors = [mutant for mutant, noticed, _ in rows if not noticed]
    lines = [
        "# Mutants",
        "",
        "Written by `make mutants`. Each row is a deliberate mistake and the tests that noticed it.",
        "",
        f"Seed {seed}, {len(rows)} mutants, {len(survivors)} survivors.",
        "",
        "| kind | line | noticed by | seconds |",
        "|---|---|---|---|",
    ]
    for mutant, noticed, seconds in rows:
        change = f"`{mutant.before.strip()}` → `{mutant.after.strip()}`".replace("|", "\\|")
        reason = EQUIVALENT.get(f"{mutant.path}: {mutant.before.strip()}", "**survived**")
        lines.append(f"| {mutant.kind} | `{mutant.path}:{mutant.line}` {change} | {noticed or reason} | {seconds:.0f} |")
    return "\n".join(lines) + "\n"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seed", type=int, default=17)
    parser.add_argument("--number", type=int, default=60)
    options = parser.parse_args()
    rows: list[tuple[Mutant, str, float]] = []
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder) / "checkout"
        subprocess.run(["git", "worktree", "add", "--detach", str(copy)], cwd=ROOT, check=True, capture_output=True)
        try:
            for mutant in draw(options.seed, options.number):
                started = time.monotonic()
                noticed = is_noticed(copy, mutant)
                rows.append((mutant, noticed, time.monotonic() - started))
                print(f"{'noticed ' if noticed else 'SURVIVED'} {mutant}", flush=True)
                RESULTS.write_text(report(options.seed, rows), encoding="utf-8")
        finally:
            subprocess.run(["git", "worktree", "remove", "--force", str(copy)], cwd=ROOT, check=True, capture_output=True)
    equivalent = {f"{mutant.path}: {mutant.before.strip()}" for mutant, noticed, _ in rows if not noticed} & EQUIVALENT.keys()
    return int(sum(not noticed for _, noticed, _ in rows) > len(equivalent))


if __name__ == "__main__":
    sys.exit(main())
