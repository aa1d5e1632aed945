"""Fixtures of tests of the running stack (`make stack`). No Django code runs in these tests."""

import os
import re
import secrets
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
