"""Pytest plugin that runs only the tests listed in the file CHOSEN_TESTS, in its order. A line may name a whole file."""

import os
from pathlib import Path

import pytest


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    chosen = Path(os.environ["CHOSEN_TESTS"]).read_text(encoding="utf-8").splitlines()
    order = {name: number for number, name in enumerate(chosen)}

    def position(item: pytest.Item) -> int | None:
        return order.get(item.nodeid, order.get(item.nodeid.partition("::")[0]))

    found = [(place, number, item) for number, item in enumerate(items) if (place := position(item)) is not None]
    items[:] = [item for *_, item in sorted(found, key=lambda row: row[:2])]
