"""Mutation testing: `make mutants` applies one deliberate mistake at a time to a copy and runs the tests."""
