"""Tiers of the test suite (docs/testing.md): the marks of tests, and a report of omitted tests.

Marks are set here by file, or on a test with `@pytest.mark.…`. Tests without these marks run with `make test`.
"""

from collections import Counter
from fnmatch import fnmatch
from pathlib import Path

import pytest

TESTS = Path(__file__).parent
# Each mark with the command that runs its tests and the reason why `make test` does not. pyproject.toml says what they mean.
COMMANDS = {
    "full": ("make test-full", "they ask for hundreds of pages"),
    "browser": ("make test-full", "they start Chromium"),
    "edge": ("make test-full", "they start Varnish or HAProxy with web processes"),
    "processes": ("make test-full", "they start processes of the site or of the engine’s own tools"),
    "replica": ("make test-full", "they start PostgreSQL with a streaming replica"),
    "cluster": ("make test-full", "they start a Redis Cluster"),
    "nightly": ("make test-nightly", "they take minutes, or measure time"),
    "matrix": ("make test-nightly", "they ask for each address as each role"),
    "stack": ("make stack-test", "they need the running containers of `make stack`"),
}
FILES = {
    "full": [
        "cms/test_undo_all.py",
        "pydotorg/test_every_admin.py",
        "pydotorg/test_hostile_corpus.py",
        "pydotorg/test_query_counts.py",
    ],
    "browser": ["browser/*"],
    "edge": ["pydotorg/test_varnish.py", "pydotorg/test_release_drills.py", "pydotorg/test_slow_clients.py"],
    # Drills and parts that few installations use: each starts several processes.
    "nightly": [
        "cms/test_legacy_growth.py",
        "cms/test_legacy_kill.py",
        "deploy/test_terraform_plan.py",
        "downloads/test_contract_replay.py",
        "pydotorg/test_backup.py",
        "pydotorg/test_optional_parts.py",
        "pydotorg/test_release_drills.py",
    ],
    "processes": [
        "cms/test_legacy_growth.py",
        "cms/test_legacy_kill.py",
        "deploy/test_release.py",
        "downloads/test_contract_replay.py",
        "pydotorg/test_backup.py",
        "pydotorg/test_optional_parts.py",
        "pydotorg/test_production.py",
        "pydotorg/test_telemetry.py",
    ],
    "replica": ["pydotorg/test_replica.py"],
    "stack": ["stack/*"],
    "cluster": ["cms/test_redis_cluster.py"],
    # Tests of constraints, locks, search, JSON, window functions, migrations or the importer.
    "engine": [
        "*/test_legacy*.py",
        "*/test_models.py",
        "*/test_search*.py",
        "cms/test_cdn.py",
        "cms/test_dashboard.py",
        "cms/test_durability.py",
        "cms/test_emails.py",
        "cms/test_jump.py",
        "cms/test_cached_parts.py",
        "cms/test_logs.py",
        "cms/test_moderation.py",
        "cms/test_old_urls.py",
        "cms/test_outbox.py",
        "cms/test_page_cache.py",
        "cms/test_queue.py",
        "cms/test_registers.py",
        "cms/test_reviews.py",
        "cms/test_verify.py",
        "community/test_reading.py",
        "community/test_stories.py",
        "downloads/test_workflows.py",
        "events/test_sync.py",
        "events/test_views.py",
        "home/test_api.py",
        "jobs/test_posting.py",
        "jobs/test_queue.py",
        "psf/test_elections.py",
        "pydotorg/test_migrations.py",
        "pydotorg/test_sitemaps.py",
    ],
}
# Parameters seen so far of each test that is marked `sampled`.
SAMPLED = pytest.StashKey[Counter[str]]()


def does_commit(item: pytest.Item) -> bool:
    """Return whether a test really commits, so that the database is restored after it."""
    marker = item.get_closest_marker("django_db")
    fixtures = set(getattr(item, "fixturenames", []))
    return bool((marker and marker.kwargs.get("transaction")) or fixtures & {"live_server", "transactional_db"})


def is_sampled_out(item: pytest.Item) -> bool:
    """Return whether a parameter of a test runs only in the nightly run: `sampled(n)` keeps the first of each n, in order."""
    mark = item.get_closest_marker("sampled")
    if not mark:
        return False
    counts = item.session.stash.setdefault(SAMPLED, Counter())
    name = item.nodeid.partition("[")[0]
    counts[name] += 1
    return (counts[name] - 1) % mark.args[0] != 0


def marks_of(file: Path) -> list[str]:
    """Return the marks of all tests in a file."""
    name = file.relative_to(TESTS).as_posix()
    return [mark for mark, patterns in FILES.items() if any(fnmatch(name, pattern) for pattern in patterns)]


@pytest.hookimpl(tryfirst=True)
def pytest_itemcollected(item: pytest.Item) -> None:
    for mark in marks_of(item.path):
        item.add_marker(mark)
    if is_sampled_out(item):
        item.add_marker("nightly")
    if does_commit(item) and not item.get_closest_marker("browser"):
        item.add_marker("engine")


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Run tests that commit last."""
    items.sort(key=does_commit)


class LeftOut:
    """Reporter that counts the tests omitted by their marks and prints the numbers at the end of a run."""

    def __init__(self, config: pytest.Config):
        self.config = config
        self.counts: Counter[str] = Counter()

    def pytest_deselected(self, items: list[pytest.Item]) -> None:
        for item in items:
            marks = [mark for mark in COMMANDS if item.get_closest_marker(mark)]
            # The last mark, because only its command runs the test.
            self.counts[marks[-1] if marks else ""] += 1

    def pytest_sessionfinish(self) -> None:
        if hasattr(self.config, "workeroutput"):
            self.config.workeroutput["left_out"] = dict(self.counts)

    @pytest.hookimpl(optionalhook=True)
    def pytest_testnodedown(self, node) -> None:
        # Each worker collects the same tests.
        self.counts = Counter(getattr(node, "workeroutput", {}).get("left_out", self.counts))

    @pytest.hookimpl(trylast=True)
    def pytest_terminal_summary(self, terminalreporter) -> None:
        lines = []
        for mark, count in sorted(self.counts.items()):
            command, reason = COMMANDS.get(mark, ("make test", "nothing in them is of this run’s marks"))
            lines.append(f"{count:5} {mark or 'without a mark':14} {command} runs them: {reason}")
        reasons = Counter(report.longrepr[2] for report in terminalreporter.stats.get("skipped", []))
        lines += [f"{count:5} skipped        {reason.removeprefix('Skipped: ')}" for reason, count in sorted(reasons.items())]
        if lines:
            terminalreporter.section("not run")
            terminalreporter.write_line("\n".join(lines))


def pytest_configure(config: pytest.Config) -> None:
    config.pluginmanager.register(LeftOut(config), "left-out")
