"""Pytest plugin that imports the site and all tests once, and then tries each mutant in its own process.

MUTANT_TASKS names a file with the mutants and their test files. For each of them, a line on standard output gives its number
and the test that detected it: "" for none, or null if the change runs on import and needs a new process.

A fork of this process changes the code of existing functions, and runs tests until one fails.
"""

import contextlib
import gc
import json
import os
import signal
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from types import CodeType, FunctionType

import pytest

from .operators import ROOT, Mutant

MAX_SECONDS = 600
IS_FUNCTION = 1  # CO_OPTIMIZED: neither a module nor the body of a class.


class RunsOnImportError(Exception):
    """Raised if the change is outside of functions, or a function has a different number of variables."""


def key_of(code: CodeType) -> tuple[str, str, int]:
    return code.co_filename, code.co_qualname, code.co_firstlineno


def nested(code: CodeType) -> list[CodeType]:
    return [each for each in code.co_consts if isinstance(each, CodeType)]


def own_body(code: CodeType) -> tuple:
    constants = [each for each in code.co_consts if not isinstance(each, CodeType)]
    return code.co_code, repr(constants), code.co_names, code.co_varnames, code.co_freevars, code.co_cellvars


def whole_body(code: CodeType) -> tuple:
    return own_body(code), [whole_body(each) for each in nested(code)]


def changed_functions(old: CodeType, new: CodeType) -> Iterator[tuple[tuple[str, str, int], CodeType]]:
    """Yield the key and the new code of each function that is not as before. Raises RunsOnImportError."""
    if not old.co_flags & IS_FUNCTION and own_body(old) != own_body(new):
        raise RunsOnImportError
    if old.co_flags & IS_FUNCTION and whole_body(old) != whole_body(new):
        yield key_of(old), new
    replaced = {(each.co_qualname, each.co_firstlineno): each for each in nested(new)}
    for each in nested(old):
        if other := replaced.get((each.co_qualname, each.co_firstlineno)):
            yield from changed_functions(each, other)


def find_changes(mutant: Mutant) -> list[tuple[FunctionType, CodeType]]:
    """Return the functions in memory that a mutant changes, with their new code. Raises RunsOnImportError."""
    path = ROOT / mutant.path
    text = path.read_text(encoding="utf-8")
    lines = text.splitlines(keepends=True)
    lines[mutant.line - 1] = mutant.after + "\n"
    old, new = (compile(source, str(path), "exec") for source in (text, "".join(lines)))
    codes = dict(changed_functions(old, new))
    functions = [each for each in gc.get_objects() if type(each) is FunctionType and key_of(each.__code__) in codes]
    changes = [(each, codes[key_of(each.__code__)]) for each in functions]
    if not changes or any(each.__code__.co_freevars != code.co_freevars for each, code in changes):
        raise RunsOnImportError
    return changes


class Failures:
    def __init__(self):
        self.tests: list[str] = []

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.failed:
            self.tests.append(report.nodeid)


def first_failure(session: pytest.Session, items: list[pytest.Item]) -> str:
    """Return the ID of the first test that fails, as JSON."""
    failures = Failures()
    session.config.pluginmanager.register(failures)
    for item, following in zip(items, [*items[1:], None], strict=True):
        item.config.hook.pytest_runtest_protocol(item=item, nextitem=following)
        if failures.tests:
            break
    session._setupstate.teardown_exact(None)
    return json.dumps(next(iter(failures.tests), ""))


def try_mutant(session: pytest.Session, items: list[pytest.Item], mutant: Mutant) -> str | None:
    """Return the test that detects a mutant, "" if none does, or None if the process ends without a result."""
    changes = find_changes(mutant)
    reading, writing = os.pipe()
    process = os.fork()
    if process:
        os.close(writing)
        with os.fdopen(reading) as answer:
            found = answer.read()
        os.waitpid(process, 0)
        return json.loads(found or "null")
    signal.alarm(MAX_SECONDS)
    with contextlib.suppress(BaseException):
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, 1)
        os.dup2(nowhere, 2)
        for function, code in changes:
            function.__code__ = code
        os.write(writing, first_failure(session, items).encode())
    os._exit(0)


@pytest.hookimpl(tryfirst=True)
def pytest_runtestloop(session: pytest.Session) -> bool:
    by_file: dict[str, list[pytest.Item]] = defaultdict(list)
    for item in session.items:
        by_file[str(item.path.relative_to(ROOT))].append(item)
    for number, (row, files) in enumerate(json.loads(Path(os.environ["MUTANT_TASKS"]).read_text(encoding="utf-8"))):
        items = [item for file in files for item in by_file[file]]
        try:
            found = try_mutant(session, items, Mutant(*row))
        except RunsOnImportError:
            found = None
        print(f"\nMUTANT {json.dumps([number, found])}", flush=True)
    return True
