"""Deliberate mistakes, one at a time, that a test must notice: `make mutants` applies them to a copy and runs the tests."""
