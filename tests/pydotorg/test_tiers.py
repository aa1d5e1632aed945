"""The tables of tests/tiers.py are up to date."""

from fnmatch import fnmatch

import pytest

from tests.tiers import COMMANDS, FILES, TESTS


@pytest.mark.parametrize("pattern", sorted({pattern for patterns in FILES.values() for pattern in patterns}))
def test_each_pattern_matches_a_file(pattern):
    assert any(fnmatch(file.relative_to(TESTS).as_posix(), pattern) for file in TESTS.rglob("test_*.py"))


def test_each_mark_is_registered(pytestconfig):
    registered = {line.split(":")[0] for line in pytestconfig.getini("markers")}
    assert {*COMMANDS, *FILES} <= registered
