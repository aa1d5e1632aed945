"""Apply deliberate mistakes to copies of the checkout, one at a time, and report those that no test notices.

`python -m tests.mutants [--seed 17] [--number 60] [--copies 2] [--continue]` writes docs/mutants.md. The exit status is 1 if one
survives.

One run of the suite with coverage records which tests execute which line. A mutant meets only the tests that execute its line,
those of its own package first, until one fails. Locks need two connections: their tests run on the PostgreSQL of DATABASE_URL.
"""

import argparse
import hashlib
import json
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

from .operators import ROOT, Mutant, draw, known_survivors, races_of

RESULTS = ROOT / "docs" / "mutants.md"
# Rows of the last run, for `--continue`.
STATE = ROOT / "var" / "mutants.json"
TEMPLATES = ROOT / "var" / "test-templates"
# Survivors that no test can tell from the original, with the reason: "path: text of the line".
EQUIVALENT: dict[str, str] = {}
MARKS = "not (full or browser or edge or processes or replica or cluster or nightly or matrix)"
# A mutant whose tests take longer than this counts as a survivor.
MAX_SECONDS = 1200
# Only the changed files are recorded: that takes little longer than the tests alone.
RECORD_CONFIG = """[run]
relative_files = true
parallel = true
include =
    {files}
"""


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


class Record(NamedTuple):
    """Which tests execute which lines of the changed files."""

    lines: CoverageData
    # Tests that fail without a mutant: they would notice everything.
    failing: set[str]
    # Files of tests that were changed afterwards; those of the package of a mutant run first, as a whole.
    changed: list[str]


def read_commit() -> str:
    return subprocess.check_output(["git", "rev-parse", "HEAD"], cwd=ROOT, text=True).strip()


def changed_tests(commit: str) -> list[str]:
    command = ["git", "diff", "--name-only", "--diff-filter=d", commit, "HEAD", "--", "tests/**/test_*.py"]
    return subprocess.check_output(command, cwd=ROOT, text=True).split()


def record(copy: Path, mutants: list[Mutant]) -> Record:
    """Run the suite once with coverage of the changed files. Later runs read the record until one of these files changes."""
    files = sorted({mutant.path for mutant in mutants})
    key = hashlib.sha256(b"".join((ROOT / file).read_bytes() for file in files)).hexdigest()[:16]
    data, notes = (ROOT / "var" / f"mutants-{key}.{suffix}" for suffix in ("coverage", "json"))
    if not notes.exists():
        # Builds the template of the databases, which takes three times as long under coverage.
        warm_up = [sys.executable, "-m", "pytest", "-q", "-n", "0", "-m", "", "tests/jobs/test_models.py"]
        subprocess.run(warm_up, cwd=copy, env=environment(has_database=False), capture_output=True, check=False)
        config = copy / "var" / "coveragerc"
        config.write_text(RECORD_CONFIG.format(files="\n    ".join(files)), encoding="utf-8")
        options = ["-q", "-n", "2", "-m", MARKS, f"--cov-config={config}", "--cov", "--cov-context=test", "--cov-report="]
        command = [sys.executable, "-m", "pytest", *options]
        run = subprocess.run(command, cwd=copy, env=environment(has_database=False), capture_output=True, text=True, check=False)
        failing = re.findall(r"^(?:FAILED|ERROR) (\S+)", run.stdout, re.MULTILINE)
        print(f"Left out, because they fail without a mutant: {failing}", flush=True)
        shutil.copyfile(copy / ".coverage", data)
        notes.write_text(json.dumps({"commit": read_commit(), "failing": failing}), encoding="utf-8")
    lines = CoverageData(str(data))
    lines.read()
    known = json.loads(notes.read_text(encoding="utf-8"))
    return Record(lines, set(known["failing"]), changed_tests(known["commit"]))


def tests_of(mutant: Mutant, record: Record) -> list[str]:
    """Return the tests that execute the line of a mutant, or its file if the line runs on import; those of its package first."""
    if mutant.kind == "lock":
        return races_of(mutant)
    contexts = record.lines.contexts_by_lineno(mutant.path)
    tests = {context.partition("|")[0] for context in contexts.get(mutant.line, []) if context}
    if not tests:
        tests = {context.partition("|")[0] for line in contexts.values() for context in line if context}
    package = f"tests/{mutant.path.partition('/')[0]}/"
    changed = [file for file in record.changed if file.startswith(package)]
    return changed + sorted(tests - record.failing, key=lambda test: (not test.startswith(package), test))


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
        print(f"Stopped after {MAX_SECONDS} s: {mutant}", flush=True)
        return ""
    finally:
        target.write_text(original, encoding="utf-8")


def read_noticed(mutants: list[Mutant]) -> list[Row]:
    """Return the rows of the last run for these mutants, if a test noticed them."""
    found = json.loads(STATE.read_text(encoding="utf-8")) if STATE.exists() else []
    rows = [Row(Mutant(*mutant), *rest) for mutant, *rest in found]
    return [row for row in rows if row.noticed_by and row.mutant in mutants]


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
    parser.add_argument("--continue", action="store_true", dest="is_continued", help="keep the rows of noticed mutants")
    options = parser.parse_args()
    mutants = [*known_survivors(), *draw(options.seed, options.number)]
    if "DATABASE_URL" not in os.environ:
        parser.error("Set DATABASE_URL: mutants of locks need PostgreSQL.")
    with checkouts(options.copies) as copies:
        known = record(copies[0], mutants)
        free: Queue[Path] = Queue()
        for copy in copies:
            free.put(copy)

        done = read_noticed(mutants) if options.is_continued else []

        def attempt(mutant: Mutant) -> None:
            copy, started = free.get(), time.monotonic()
            try:
                noticed_by = find_noticing_test(copy, mutant, tests_of(mutant, known))
            finally:
                free.put(copy)
            done.append(Row(mutant, noticed_by, time.monotonic() - started))
            STATE.write_text(json.dumps(done), encoding="utf-8")
            RESULTS.write_text(report(options.seed, sorted(done, key=lambda row: mutants.index(row.mutant))), encoding="utf-8")
            print(f"{'noticed ' if noticed_by else 'SURVIVED'} {mutant}", flush=True)

        with ThreadPoolExecutor(options.copies) as pool:
            tried = {row.mutant for row in done}
            list(pool.map(attempt, [mutant for mutant in mutants if mutant not in tried]))
    return int(any(not row.noticed_by and not row.reason for row in done))


if __name__ == "__main__":
    sys.exit(main())
