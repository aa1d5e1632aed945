"""Client of the running site: follows links, fills in forms, and counts failures under load."""

import os
import re
import threading
import time
from collections import Counter
from collections.abc import Callable
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urljoin

import requests
from bs4 import BeautifulSoup, Tag

# Seconds that a task, a purge or an email may take to arrive on a busy machine.
PATIENCE = 60
# When this run of the tests began.
STARTED = datetime.now(UTC)


def until(what: str, find: Callable[[], Any], *, seconds: float = PATIENCE) -> Any:
    """Return the first true value of `find()`. Raises AssertionError after `seconds`."""
    end = time.monotonic() + seconds
    while not (found := find()):
        assert time.monotonic() < end, f"{what} did not happen within {seconds} seconds."
        time.sleep(0.5)
    return found


class Site(requests.Session):
    """Session that takes paths of the site as URLs."""

    def __init__(self, base: str):
        super().__init__()
        self.base = base
        self.headers["User-Agent"] = "stack-test"

    def request(self, method, url, **options):
        options.setdefault("timeout", 30)
        return super().request(method, urljoin(f"{self.base}/", url), **options)

    def page(self, path: str) -> BeautifulSoup:
        response = self.get(path)
        assert response.status_code == 200, (path, response.status_code, response.text[:300])
        return BeautifulSoup(response.text, "html.parser")

    def sign_in(self, name: str, password: str) -> None:
        response = self.submit("/accounts/login/", login=name, password=password)
        assert "/accounts/login/" not in response.url, response.text[:500]
        assert "sessionid" in self.cookies

    def submit(self, path: str, *, form: str = "", files=None, **changed) -> requests.Response:
        """Submit a form of a page like a browser, with these fields changed. `form` is a part of its action."""
        page = self.page(path)
        (found,) = [
            each
            for each in page.find_all("form", method=re.compile("post", re.IGNORECASE))
            if (form in (each.get("action") or "") if form else set(changed) <= names(each))
        ][:1]
        data = fields(found) | changed
        target = urljoin(urljoin(f"{self.base}/", path), found.get("action") or path)
        return self.post(
            target,
            data={key: value for key, value in data.items() if value is not None},
            files=files,
            headers={"Referer": urljoin(f"{self.base}/", path)},
        )


def names(form: Tag) -> set[str]:
    return {field["name"] for field in form.find_all(["input", "select", "textarea", "button"]) if field.get("name")}


def fields(form: Tag) -> dict[str, object]:
    """Return the data that a browser would send for an unchanged form."""
    found: dict[str, object] = {}
    for field in form.find_all("input"):
        is_off = field.get("type") in {"checkbox", "radio"} and not field.has_attr("checked")
        if field.get("name") and not is_off and field.get("type") not in {"submit", "file", "button"}:
            found[field["name"]] = field.get("value", "")
    for field in form.find_all("textarea"):
        if field.get("name"):
            found[field["name"]] = field.text.removeprefix("\n")
    for field in form.find_all("select"):
        chosen = field.find("option", selected=True) or field.find("option")
        if field.get("name") and chosen is not None:
            found[field["name"]] = chosen.get("value", chosen.text)
    return found


def emails(*, to: str) -> list[dict]:
    """Return the emails to an address that the SMTP server of the stack has received."""
    caught = requests.get(f"http://127.0.0.1:{os.environ.get('MAIL_PORT', '8081')}/email", timeout=10).json()
    return [email for email in caught if to in {each["address"] for each in email["to"]}]


class Load:
    """Load during a `with` block: visitors who request pages, and one who writes, about 30 requests per second."""

    def __init__(self, base: str, paths: list[str], *, visitors: int = 3, write: Callable[[int], int] | None = None):
        self.base, self.paths, self.visitors, self.write = base, paths, visitors, write
        self.statuses: Counter[str] = Counter()
        self.written: list[int] = []
        self.errors: list[str] = []

    def read(self, first: int) -> None:
        site, number = requests.Session(), first
        while not self.done.is_set():
            path = self.paths[number % len(self.paths)]
            self.count("GET", path, lambda path=path: site.get(f"{self.base}{path}", timeout=30).status_code)
            number += 1
            self.done.wait(0.1)

    def keep_writing(self) -> None:
        number = 0
        while not self.done.is_set():
            if self.count("write", str(number), lambda n=number: self.write(n)) in {200, 201, 204}:
                self.written.append(number)
            number += 1
            self.done.wait(2)

    def count(self, method: str, what: str, ask: Callable[[], int]) -> int:
        try:
            status = ask()
        except requests.RequestException as error:
            status, what = 0, f"{what}: {error}"
        self.statuses[f"{method} {status}"] += 1
        if status == 0 or status >= 500:
            self.errors.append(f"{method} {what} {status}")
        return status

    @property
    def total(self) -> int:
        return sum(self.statuses.values())


@contextmanager
def load(*arguments, **options):
    made = Load(*arguments, **options)
    made.done = threading.Event()
    threads = [threading.Thread(target=made.read, args=(number,)) for number in range(made.visitors)]
    if made.write:
        threads.append(threading.Thread(target=made.keep_writing))
    for thread in threads:
        thread.start()
    try:
        yield made
    finally:
        made.done.set()
        for thread in threads:
            thread.join()
