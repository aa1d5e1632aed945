"""The containers of developers: the source is mounted, and a change shows with the next request."""

import shutil
import subprocess
from pathlib import Path

import psycopg
import pytest
import requests

from tests.stack.site import until

ROOT = Path(__file__).resolve().parents[2]
URL = "http://127.0.0.1:8888"


@pytest.fixture
def source(tmp_path):
    """Return a copy of the source code that the container's user can read."""
    folder = tmp_path / "source"
    folder.mkdir()
    # Folders of pytest belong to one account alone.
    for each in (folder, *folder.parents[:3]):
        each.chmod(0o755)
    names = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True).stdout.splitlines()
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / name, folder / name)
    # The image declares a volume here, and the source is mounted read-only.
    (folder / "var").mkdir()
    return folder


@pytest.mark.proves("S4-17", "S4-18", "S2-56")
def test_a_change_of_a_template_and_of_python_shows_with_the_next_request(stack, source):
    environment = {"SOURCE": str(source)}
    stack.develop("up", "--detach", env=environment, capture_output=True)
    try:
        until("The front page", lambda: status("/") == 200, seconds=600)
        with psycopg.connect("postgres://pydotorg:pydotorg@127.0.0.1:5435/pydotorg") as database:
            assert database.execute("SELECT count(*) FROM wagtailcore_page").fetchone() > (1,)
        template = source / "templates/home/home_page.html"
        template.write_text(template.read_text().replace("<h1", "<!-- changed template --><h1", 1))
        until("The changed template", lambda: "<!-- changed template -->" in text("/"), seconds=30)
        views = source / "pydotorg/views.py"
        views.write_text(views.read_text().replace('"status": "OK"', '"status": "OK, changed"'))
        until("The changed view", lambda: "OK, changed" in text("/health"), seconds=90)
    finally:
        stack.develop("down", "--volumes", env=environment, check=False, capture_output=True)


def status(path: str) -> int:
    try:
        return requests.get(f"{URL}{path}", timeout=30).status_code
    except requests.RequestException:
        return 0


def text(path: str) -> str:
    try:
        return requests.get(f"{URL}{path}", timeout=30).text
    except requests.RequestException:
        return ""
