"""The tables of tests/tiers.py are up to date, and the parts of the suite do what docs/testing.md says."""

import fcntl
import os
import threading
import time
from fnmatch import fnmatch

import pytest

from tests.branch_coverage import report
from tests.clean_up import ServedRequests
from tests.databases import SECONDS_IN_USE, TEMPLATES_KEPT, file_lock, hash_files, lock_path, remove_old_files
from tests.tiers import COMMANDS, FILES, TESTS


@pytest.mark.parametrize("pattern", sorted({pattern for patterns in FILES.values() for pattern in patterns}))
def test_each_pattern_matches_a_file(pattern):
    assert any(fnmatch(file.relative_to(TESTS).as_posix(), pattern) for file in TESTS.rglob("test_*.py"))


def test_each_mark_is_registered(pytestconfig):
    registered = {line.split(":")[0] for line in pytestconfig.getini("markers")}
    assert {*COMMANDS, *FILES} <= registered


def is_locked(name: str) -> bool:
    with lock_path(name).open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
        return False


def test_checkouts_wait_for_their_own_templates_only():
    with file_lock("/one/migrated.sqlite3"):
        assert is_locked("/one/migrated.sqlite3")
        assert not is_locked("/another/migrated.sqlite3")


def test_branches_are_counted_apart_from_lines():
    summary = {"covered_lines": 100, "num_statements": 100, "covered_branches": 8, "num_branches": 10}
    other = summary | {"covered_branches": 10}
    text, branches = report({"jobs/queue.py": {"summary": summary}, "jobs/api.py": {"summary": other}})
    assert branches == 90
    assert "| jobs | 100.0 % | 90.0 % |" in text


def test_checkouts_of_one_commit_share_their_templates(settings, tmp_path):
    keys = set()
    for name in ("one", "another"):
        file = tmp_path / name / "tests" / "databases.py"
        file.parent.mkdir(parents=True)
        file.write_text("pass", encoding="utf-8")
        settings.BASE_DIR = tmp_path / name
        keys.add(hash_files([file]))
    assert len(keys) == 1


def test_old_templates_are_removed_unless_a_run_may_use_them(tmp_path):
    for number in range(TEMPLATES_KEPT + 2):
        file = tmp_path / str(number)
        file.touch()
        age = SECONDS_IN_USE + 60 if number < 2 else 0
        os.utime(file, (time.time() - age, time.time() - age))
    (tmp_path / "used").touch()
    remove_old_files(tmp_path.iterdir())
    assert sorted(file.name for file in tmp_path.iterdir()) == ["2", "3", "4", "5", "6", "used"]


def test_the_database_is_restored_after_the_last_request_of_a_live_server():
    served = ServedRequests()
    started, may_finish = threading.Event(), threading.Event()

    def serve():
        served.start()
        started.set()
        may_finish.wait()
        served.finish()

    served.start()  # A request of this thread, which the test client finishes later.
    server = threading.Thread(target=serve)
    server.start()
    started.wait()
    with pytest.raises(TimeoutError, match="not finished"):
        served.wait(seconds=0.01)
    may_finish.set()
    served.wait()
    server.join()
