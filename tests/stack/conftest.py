"""Fixtures of tests of the running stack (`make stack`). No Django code runs in these tests."""

import os
import re
import secrets
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.stack.site import Site, emails, until

ROOT = Path(__file__).resolve().parents[2]
# The scripts in this folder are programs, not a package.
sys.path.insert(0, str(ROOT / "deploy/containers"))


@pytest.fixture(autouse=True)
def _fresh_cache():
    """Replaces the fixture of the same name: no cache of this process is involved."""


@pytest.fixture(scope="session")
def stack():
    """Return commands for the containers of the running stack."""
    import stack  # noqa: PLC0415 -- found by the path above.

    if os.environ.get("KUBERNETES"):
        import kubernetes  # noqa: PLC0415

        kubernetes.take_over()
    if not stack.answers("/health"):
        pytest.skip("The stack does not run: start it with `make stack`.")
    return stack


@pytest.fixture(scope="session")
def source(tmp_path_factory):
    """A copy of the source that the account of the container can read."""
    folder = tmp_path_factory.mktemp("source")
    # Folders of pytest belong to one account alone.
    for each in (folder, *folder.parents[:2]):
        each.chmod(0o755)
    names = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True).stdout.splitlines()
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / name, folder / name)
    # The image declares a volume here, and the source is mounted read-only.
    (folder / "var").mkdir()
    return folder


@pytest.fixture(scope="session")
def development(stack, source):
    """Start the containers of developers, which fill a database of their own, and return the mounted source."""
    environment = {"SOURCE": str(source)}
    stack.develop("up", "--detach", env=environment, capture_output=True)
    yield source
    stack.develop("down", "--volumes", env=environment, check=False, capture_output=True)


@pytest.fixture(scope="session", autouse=True)
def _early_start(request):
    """Start the containers of developers first of all. Their test is the last one."""
    if any(is_slow(item) for item in request.session.items):
        request.getfixturevalue("development")


def is_slow(item: pytest.Item) -> bool:
    return "development" in getattr(item, "fixturenames", ())


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    items.sort(key=is_slow)


@pytest.fixture
def visitor(stack) -> Site:
    return Site(stack.url(""))


@pytest.fixture(scope="session")
def staff(stack) -> Site:
    """Return a session of the first account."""
    site = Site(stack.url(""))
    site.sign_in("admin", stack.settings()["ADMIN_PASSWORD"])
    return site


@pytest.fixture
def poster(stack) -> Site:
    """Return a session of a visitor who has just created an account with the link in the email."""
    site, name, password = Site(stack.url("")), f"poster{secrets.token_hex(4)}", secrets.token_urlsafe(12)
    site.email = f"{name}@example.org"
    site.submit("/accounts/signup/", email=site.email, username=name, password1=password, password2=password)
    (email,) = until("The email with the link", lambda: emails(to=site.email))
    link = re.search(r"https?://\S+/accounts/confirm-email/\S+/", email["text"])
    assert link, email["text"]
    site.submit(link[0], form="/confirm-email/")
    assert "sessionid" in site.cookies, "Whoever confirms an address in the browser of the sign-up is signed in."
    return site
