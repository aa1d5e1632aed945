"""Report branch coverage by package, and fail below the minimum.

`python -m tests.branch_coverage` reads `.coverage` and writes docs/coverage.md. Coverage's own `fail_under` counts lines and
branches together, and lines are easier to cover.
"""

import json
import subprocess
import sys
from collections import Counter
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
RESULTS = ROOT / "docs" / "coverage.md"
FLOOR = 90


def read_files() -> dict[str, dict]:
    command = [sys.executable, "-m", "coverage", "json", "--quiet", "-o", "-"]
    return json.loads(subprocess.check_output(command, cwd=ROOT))["files"]


def percent(covered: int, number: int) -> float:
    return 100 * covered / number if number else 100


def report(files: dict[str, dict]) -> tuple[str, float]:
    """Return the text of docs/coverage.md and the percentage of covered branches."""
    sums: Counter[tuple[str, str]] = Counter()
    for path, file in files.items():
        for package in (path.partition("/")[0], "all"):
            for name in ("covered_lines", "num_statements", "covered_branches", "num_branches"):
                sums[package, name] += file["summary"][name]
    lines = [
        "# Coverage",
        "",
        f"Written by `make test-nightly`, which fails below {FLOOR} % of branches.",
        "",
        "| package | lines | branches |",
        "|---|---:|---:|",
    ]
    for package in [*sorted({package for package, _ in sums} - {"all"}), "all"]:
        covered_lines = percent(sums[package, "covered_lines"], sums[package, "num_statements"])
        covered_branches = percent(sums[package, "covered_branches"], sums[package, "num_branches"])
        lines.append(f"| {package} | {covered_lines:.1f} % | {covered_branches:.1f} % |")
    return "\n".join(lines) + "\n", percent(sums["all", "covered_branches"], sums["all", "num_branches"])


def main() -> int:
    text, branches = report(read_files())
    RESULTS.write_text(text, encoding="utf-8")
    print(text)
    if branches < FLOOR:
        print(f"{branches:.1f} % of branches are covered; the floor is {FLOOR} %.")
    return int(branches < FLOOR)


if __name__ == "__main__":
    sys.exit(main())
