"""Apply deliberate mistakes to copies of the checkout, one at a time, and report those that no test notices.

`python -m tests.mutants [--seed 17] [--number 60] [--copies 2] [--continue]` writes docs/mutants.md. The exit status is 1 if one
survives.

A mutant is tested with the eight test files that share the rarest words with the changed function, most of them in the same
package, until a test fails. The site is imported once for all changes within functions (server.py). A missing lock is tested
with the race for it, on the PostgreSQL of DATABASE_URL. Finally, the tests that detected mutants run without a mutant; those
that still fail are ignored.
"""

import argparse
import json
import os
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from threading import Lock
from typing import NamedTuple

from .operators import ROOT, Mutant, draw, known_survivors, races_of
from .relevance import related_files

RESULTS = ROOT / "docs" / "mutants.md"
# Rows of the last run, for `--continue`.
STATE = ROOT / "var" / "mutants.json"
TEMPLATES = ROOT / "var" / "test-templates"
# Survivors that are equivalent to the original, with the reason: "path: text of the line".
EQUIVALENT: dict[str, str] = {}
MARKS = "not (full or browser or edge or processes or replica or cluster or nightly or matrix or stack)"
# The first files run alone, because the others need not be imported if one of these detects the mutant.
FIRST_FILES = 3
# A mutant whose tests take longer than this counts as a survivor.
MAX_SECONDS = 1200


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


def run_tests(copy: Path, tests: list[str], *options: str, has_database: bool) -> subprocess.CompletedProcess[str]:
    """Run tests, or all tests of files, in this order."""
    chosen = copy / "var" / "chosen-tests.txt"
    chosen.write_text("\n".join(tests), encoding="utf-8")
    files = dict.fromkeys(test.partition("::")[0] for test in tests)
    command = [sys.executable, "-m", "pytest", "-q", "-n", "0", "-p", "tests.mutants.chosen", *options, *files]
    env = environment(has_database=has_database) | {"CHOSEN_TESTS": str(chosen)}
    return subprocess.run(command, cwd=copy, env=env, capture_output=True, text=True, timeout=MAX_SECONDS, check=False)


def failed_tests(run: subprocess.CompletedProcess[str]) -> list[str]:
    return re.findall(r"^(?:FAILED|ERROR) (\S+?)(?= - |$)", run.stdout, re.MULTILINE)


def find_noticing_test(copy: Path, mutant: Mutant) -> str:
    """Return the first test that fails with the mutant, or an empty string."""
    target = copy / mutant.path
    original = target.read_text(encoding="utf-8")
    lines = original.splitlines(keepends=True)
    lines[mutant.line - 1] = mutant.after + "\n"
    target.write_text("".join(lines), encoding="utf-8")
    if mutant.kind == "lock":
        parts, options = [races_of(mutant)], ["-m", ""]
    else:
        files = related_files(mutant)
        parts, options = [files[:FIRST_FILES], files[FIRST_FILES:]], ["-m", MARKS]
    try:
        for tests in filter(None, parts):
            run = run_tests(copy, tests, "-x", *options, has_database=mutant.kind == "lock")
            if run.returncode:
                return next(iter(failed_tests(run)), "start of the site")
    except subprocess.TimeoutExpired:
        print(f"Stopped after {MAX_SECONDS} s: {mutant}", flush=True)
    finally:
        target.write_text(original, encoding="utf-8")
    return ""


def try_mutants(copy: Path, mutants: list[Mutant]) -> Iterator[Row]:
    """Yield the test that detected each mutant: first those within functions, in forks of one process, then the others."""
    tasks = [(mutant, related_files(mutant)) for mutant in mutants if mutant.kind != "lock"]
    path = copy / "var" / "mutants.json"
    path.write_text(json.dumps(tasks), encoding="utf-8")
    files = sorted({file for _, files in tasks for file in files})
    command = [
        sys.executable,
        "-m",
        "pytest",
        "-s",
        "-n",
        "0",
        "-p",
        "no:randomly",
        "-p",
        "tests.mutants.server",
        "-m",
        MARKS,
        *files,
    ]
    env = environment(has_database=False) | {"MUTANT_TASKS": str(path)}
    tried, started = set(), time.monotonic()
    with subprocess.Popen(command, cwd=copy, env=env, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as server:
        for line in filter(lambda line: line.startswith("MUTANT "), server.stdout or []):
            number, noticed_by = json.loads(line.removeprefix("MUTANT "))
            if noticed_by is not None:
                tried.add(tasks[number][0])
                yield Row(tasks[number][0], noticed_by, time.monotonic() - started)
            started = time.monotonic()
    for mutant in mutants:
        if mutant not in tried:
            started = time.monotonic()
            noticed_by = find_noticing_test(copy, mutant)
            yield Row(mutant, noticed_by, time.monotonic() - started)


def without_false_notices(copy: Path, rows: list[Row]) -> list[Row]:
    """Return the rows, without detections by tests that also fail without a mutant."""
    failing: set[str] = set()
    for has_database in (False, True):
        tests = sorted({row.noticed_by for row in rows if "::" in row.noticed_by and (row.mutant.kind == "lock") == has_database})
        if tests:
            failing |= set(failed_tests(run_tests(copy, tests, "-m", "", has_database=has_database)))
    print(f"Fail without a mutant: {sorted(failing)}", flush=True)
    return [row._replace(noticed_by="") if row.noticed_by in failing else row for row in rows]


def read_noticed(mutants: list[Mutant]) -> list[Row]:
    """Return the results of the last run for those of these mutants that a test detected."""
    found = json.loads(STATE.read_text(encoding="utf-8")) if STATE.exists() else []
    rows = [Row(Mutant(*mutant), *rest) for mutant, *rest in found]
    return [row for row in rows if row.noticed_by and row.mutant in mutants]


def report(seed: int, rows: list[Row], total: int) -> str:
    survivors = [row for row in rows if not row.noticed_by]
    equivalent = sum(bool(row.reason) for row in survivors)
    lines = [
        "# Mutants",
        "",
        "Written by `make mutants`. Each row is a deliberate mistake and the first test that noticed it.",
        "",
        f"Seed {seed}: {len(rows)} of {total} mutants tried, {len(survivors)} survivors, {equivalent} equivalent.",
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
    parser.add_argument("--continue", action="store_true", dest="is_continued", help="keep the rows of noticed mutants")
    options = parser.parse_args()
    mutants = [*known_survivors(), *draw(options.seed, options.number)]
    if "DATABASE_URL" not in os.environ:
        parser.error("Set DATABASE_URL: mutants of locks need PostgreSQL.")
    done = read_noticed(mutants) if options.is_continued else []
    with checkouts(options.copies) as copies:
        tried = {row.mutant for row in done}
        left = [mutant for mutant in mutants if mutant not in tried]

        def save() -> None:
            done.sort(key=lambda row: mutants.index(row.mutant))
            STATE.write_text(json.dumps(done), encoding="utf-8")
            RESULTS.write_text(report(options.seed, done, len(mutants)), encoding="utf-8")

        lock = Lock()

        def attempt(number: int) -> None:
            for row in try_mutants(copies[number], left[number :: options.copies]):
                with lock:
                    done.append(row)
                    save()
                print(f"{row.noticed_by or 'SURVIVED'}: {row.mutant}", flush=True)

        with ThreadPoolExecutor(options.copies) as pool:
            list(pool.map(attempt, range(options.copies)))
        done[:] = without_false_notices(copies[0], done)
        save()
    return int(any(not row.noticed_by and not row.reason for row in done))


if __name__ == "__main__":
    sys.exit(main())
