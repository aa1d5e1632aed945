"""Apply deliberate mistakes to copies of the checkout, one at a time, and report those that no test notices.

`python -m tests.mutants [--seed 17] [--number 60] [--copies 2]` writes docs/mutants.md. The exit status is 1 if one survives.

One run of the suite with coverage records which tests execute which line. A mutant meets only the tests that execute its line,
those of its own package first, until one fails. Locks need two connections: their tests run on the PostgreSQL of DATABASE_URL.
"""

import argparse
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from queue import Queue
from typing import NamedTuple

from coverage import CoverageData

from .operators import ROOT, Mutant, draw, known_survivors

RESULTS = ROOT / "docs" / "mutants.md"
TEMPLATES = ROOT / "var" / "test-templates"
COMMIT = subprocess.check_output(["git", "rev-parse", "--short", "HEAD"], cwd=ROOT, text=True).strip()
COVERAGE = ROOT / "var" / f"mutants-{COMMIT}.coverage"
FAILING = COVERAGE.with_suffix(".failing.txt")
# Survivors that no test can tell from the original, with the reason: "path: text of the line".
EQUIVALENT: dict[str, str] = {}
LOCK_TESTS = ["tests/pydotorg/test_concurrency.py"]
MARKS = "not (full or browser or edge or processes or replica or cluster or nightly or matrix)"
MAX_SECONDS = 600


class Row(NamedTuple):
    mutant: Mutant
    noticed_by: str
    seconds: float

    @property
    def reason(self) -> str:
        """Return why a survivor is equivalent to the original, if it is."""
        return EQUIVALENT.get(f"{self.mutant.path}: {self.mutant.before.strip()}", "")


def environment(*, has_database: bool) -> dict[str, str]:
    left_out = set() if has_database else {"DATABASE_URL", "REDIS_URL"}
    return {name: value for name, value in os.environ.items() if name not in left_out}


@contextmanager
def checkouts(number: int) -> Iterator[list[Path]]:
    """Make copies of the last commit, which share the template databases of this checkout."""
    TEMPLATES.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        copies = [Path(folder) / f"copy{each}" for each in range(number)]
        for copy in copies:
            subprocess.run(["git", "worktree", "add", "--detach", str(copy)], cwd=ROOT, check=True, capture_output=True)
            (copy / "var").mkdir()
            (copy / "var" / "test-templates").symlink_to(TEMPLATES)
        try:
            yield copies
        finally:
            for copy in copies:
                subprocess.run(["git", "worktree", "remove", "--force", str(copy)], cwd=ROOT, check=True, capture_output=True)


def record_coverage(copy: Path) -> CoverageData:
    """Run the suite once and return which tests execute which lines, without those that fail: they would notice everything.

    Another run on the same commit reads the record.
    """
    options = ["-q", "-n", "2", "-m", MARKS, "--cov", "--cov-context=test", "--cov-report=", "--cov-fail-under=0"]
    if not COVERAGE.exists():
        command = [sys.executable, "-m", "pytest", *options]
        run = subprocess.run(command, cwd=copy, env=environment(has_database=False), capture_output=True, text=True, check=False)
        failed = re.findall(r"^(?:FAILED|ERROR) (\S+)", run.stdout, re.MULTILINE)
        print(f"Left out, because they fail without a mutant: {failed}", flush=True)
        FAILING.write_text("\n".join(failed), encoding="utf-8")
        shutil.copyfile(copy / ".coverage", COVERAGE)
    data = CoverageData(str(COVERAGE))
    data.read()
    return data


def tests_of(mutant: Mutant, data: CoverageData) -> list[str]:
    """Return the tests that execute the line of a mutant, or its file if the line runs on import; those of its package first."""
    if mutant.kind == "lock":
        return LOCK_TESTS
    contexts = data.contexts_by_lineno(mutant.path)
    failing = set(FAILING.read_text(encoding="utf-8").splitlines())
    tests = {context.partition("|")[0] for context in contexts.get(mutant.line, []) if context} - failing
    if not tests:
        tests = {context.partition("|")[0] for line in contexts.values() for context in line if context} - failing
    package = f"tests/{mutant.path.partition('/')[0]}/"
    return sorted(tests, key=lambda test: (not test.startswith(package), test))


def find_noticing_test(copy: Path, mutant: Mutant, tests: list[str]) -> str:
    """Return the first test that fails with the mutant; empty if none does."""
    if not tests:
        return ""
    target = copy / mutant.path
    original = target.read_text(encoding="utf-8")
    lines = original.splitlines(keepends=True)
    lines[mutant.line - 1] = mutant.after + "\n"
    target.write_text("".join(lines), encoding="utf-8")
    try:
        chosen = copy / "var" / "chosen-tests.txt"
        chosen.parent.mkdir(exist_ok=True)
        chosen.write_text("\n".join(tests), encoding="utf-8")
        files = dict.fromkeys(test.partition("::")[0] for test in tests)
        command = [sys.executable, "-m", "pytest", "-q", "-x", "-n", "0", "-p", "tests.mutants.chosen", *files]
        env = environment(has_database=mutant.kind == "lock") | {"CHOSEN_TESTS": str(chosen)}
        run = subprocess.run(command, cwd=copy, env=env, capture_output=True, text=True, timeout=MAX_SECONDS, check=False)
        failed = re.search(r"^(?:FAILED|ERROR) ([^\s\[]+)", run.stdout, re.MULTILINE)
        return (failed[1] if failed else "start of the site") if run.returncode else ""
    except subprocess.TimeoutExpired:
        return "the time limit"
    finally:
        target.write_text(original, encoding="utf-8")


def report(seed: int, rows: list[Row]) -> str:
    survivors = [row for row in rows if not row.noticed_by]
    lines = [
        "# Mutants",
        "",
        "Written by `make mutants`. Each row is a deliberate mistake and the first test that noticed it.",
        "",
        f"Seed {seed}: {len(rows)} mutants, {len(survivors)} survivors, {sum(bool(row.reason) for row in survivors)} equivalent.",
        "",
        "| kind | line | noticed by | seconds |",
        "|---|---|---|---|",
    ]
    for row in rows:
        mutant = row.mutant
        change = f"`{mutant.before.strip()}` → `{mutant.after.strip()}`".replace("|", "\\|")
        noticed_by = f"`{row.noticed_by}`" if row.noticed_by else f"Equivalent: {row.reason}" if row.reason else "**survived**"
        lines.append(f"| {mutant.kind} | `{mutant.path}:{mutant.line}` {change} | {noticed_by} | {row.seconds:.0f} |")
    return "\n".join(lines) + "\n"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seed", type=int, default=17)
    parser.add_argument("--number", type=int, default=60)
    parser.add_argument("--copies", type=int, default=2, help="mutants that are tried at the same time")
    options = parser.parse_args()
    mutants = [*known_survivors(), *draw(options.seed, options.number)]
    if "DATABASE_URL" not in os.environ:
        parser.error("Set DATABASE_URL: mutants of locks need PostgreSQL.")
    with checkouts(options.copies) as copies:
        data = record_coverage(copies[0])
        free: Queue[Path] = Queue()
        for copy in copies:
            free.put(copy)

        done: list[Row] = []

        def attempt(mutant: Mutant) -> None:
            copy, started = free.get(), time.monotonic()
            try:
                noticed_by = find_noticing_test(copy, mutant, tests_of(mutant, data))
            finally:
                free.put(copy)
            done.append(Row(mutant, noticed_by, time.monotonic() - started))
            RESULTS.write_text(report(options.seed, sorted(done, key=lambda row: mutants.index(row.mutant))), encoding="utf-8")
            print(f"{'noticed ' if noticed_by else 'SURVIVED'} {mutant}", flush=True)

        with ThreadPoolExecutor(options.copies) as pool:
            list(pool.map(attempt, mutants))
    return int(any(not row.noticed_by and not row.reason for row in done))


if __name__ == "__main__":
    sys.exit(main())
