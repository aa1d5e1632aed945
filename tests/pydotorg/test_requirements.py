"""The table of requirements is complete and consistent with the pytest marks."""

from docs.requirements import ROOT, TABLE, as_table, proofs, requirements


def test_every_requirement_is_proven_or_has_a_reason():
    rows, proven = requirements(), proofs()
    names = [row.id for row in rows]
    assert len(names) == len(set(names)) == 219
    assert set(proven) <= set(names), "A mark names a requirement that there is not."
    for row in rows:
        assert bool(row.not_taken) != bool(proven.get(row.id)), f"{row.id} is either proven or not taken with a reason."
        assert row.text
        assert "planned" not in row.not_taken


def test_what_runs_is_proven_by_a_program():
    """A document describes how something is run. Only P4 may name one."""
    for row in requirements():
        for part in filter(None, row.proven_by.split("; ")):
            grade, _, path = part.partition(" ")
            assert (ROOT / path).is_file(), f"{row.id} names {path}, which is missing."
            assert grade == "P4" or not path.endswith(".md"), f"{row.id}: {path} is a document, so it proves P4 at most."


def test_the_table_is_up_to_date():
    assert TABLE.read_text(encoding="utf-8") == as_table(), "Run `make requirements`."
