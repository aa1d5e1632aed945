"""Write docs/requirements.md: each requirement with the class of its proof and where the proof is. `make requirements`.

The requirements are rows of docs/requirements.csv. A test that proves one carries a mark; other files are named in the column
`proven_by`, each with its class:

    @pytest.mark.proves("S2-51")                        # P1: it works, and this test runs it
    @pytest.mark.proves("S2-09", on="Varnish")          # P2: it works on a named stand-in
    @pytest.mark.proves("S1-15", static=True)           # P3: this test reads the file, nothing ran
    P4 README.md; P2 deploy/drills/data.py              # the column `proven_by`

A row that nothing proves has a reason in the column `not_taken`. A row that is proven in part has the rest in `open`.
"""

import ast
import csv
from collections import Counter, defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parents[1]
ROWS = ROOT / "docs" / "requirements.csv"
TABLE = ROOT / "docs" / "requirements.md"
CLASSES = {
    "P1": "works, and a test or a benchmark runs it",
    "P2": "works on the stand-in that is named",
    "P3": "the file is checked, nothing ran",
    "P4": "a document",
    "not taken": "not built, with the reason",
}


class Requirement(NamedTuple):
    id: str
    text: str
    proven_by: str
    open: str
    not_taken: str


class Proof(NamedTuple):
    grade: str
    place: str


def requirements() -> list[Requirement]:
    with ROWS.open(encoding="utf-8", newline="") as file:
        return [Requirement(**row) for row in csv.DictReader(file)]


def proofs() -> dict[str, list[Proof]]:
    """Return the proofs by requirement ID, best first."""
    found = defaultdict(set)
    for path in sorted((ROOT / "tests").rglob("test_*.py")):
        for name, proof in marks_of(path):
            found[name].add(proof)
    for row in requirements():
        for part in filter(None, row.proven_by.split("; ")):
            grade, _, path = part.partition(" ")
            found[row.id].add(Proof(grade, f"`{path}`"))
    return {name: sorted(those) for name, those in found.items()}


def marks_of(path: Path) -> Iterator[tuple[str, Proof]]:
    """Return the marks in a test file, read without running it."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if not isinstance(node, ast.FunctionDef):
            continue
        for call in node.decorator_list:
            if isinstance(call, ast.Call) and ast.unparse(call.func) == "pytest.mark.proves":
                options = {keyword.arg: ast.literal_eval(keyword.value) for keyword in call.keywords}
                place = f"`{path.relative_to(ROOT / 'tests')}` {node.name.removeprefix('test_').replace('_', ' ')}"
                grade = "P3" if options.get("static") else "P2" if "on" in options else "P1"
                on = f" (on {options['on']})" if "on" in options else ""
                for argument in call.args:
                    yield ast.literal_eval(argument), Proof(grade, place + on)


def as_table() -> str:
    proven = proofs()
    rows = [(row, proven.get(row.id, [])) for row in requirements()]
    grades = {row.id: those[0].grade if those else "not taken" for row, those in rows}
    counts = Counter(grades.values())
    by_seed = Counter((name[:2], grade) for name, grade in grades.items())
    seeds = sorted({name[:2] for name in grades})
    lines = [
        "# Requirements",
        "",
        f"Written by `make requirements` from the marks on tests and files; {len(rows)} rows. The class is that of the best",
        "proof, followed by what is open, or why a row is not taken. A stand-in proves only our side of a contract.",
        "",
        "| class | meaning | rows | " + " | ".join(seeds) + " |",
        "|---|---|---:|" + "---:|" * len(seeds),
        *(
            f"| {grade} | {meaning} | {counts[grade]} |" + "".join(f" {by_seed[seed, grade]} |" for seed in seeds)
            for grade, meaning in CLASSES.items()
        ),
        "",
        "| id | requirement | class | proof, or what is missing |",
        "|---|---|---|---|",
    ]
    for row, those in rows:
        parts = [f"{proof.grade} {proof.place}" for proof in those]
        if row.open:
            parts.append(f"Open: {row.open}")
        if row.not_taken:
            parts.append(row.not_taken)
        lines.append(f"| {row.id} | {row.text} | {grades[row.id]} | {'<br>'.join(parts)} |")
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    TABLE.write_text(as_table(), encoding="utf-8")
