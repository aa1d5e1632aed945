"""Draw public and admin screens of a running demo site by a seed, and print them as text for a reviewer.

    BASE_URL=http://127.0.0.1:8000 python -m docs.draw_screens --seed 7 --number 20

Needs `make serve` on BASE_URL, with the account admin/admin of the demo. The screens are found by following links.
`python -m docs.inventory --draw` draws emails and docstrings.
"""

import argparse
import os
import random
import re
from html.parser import HTMLParser
from urllib.parse import urljoin, urlsplit

import requests

SILENT = {"script", "style", "svg", "template", "code", "pre"}
BLOCKS = {
    "p",
    "li",
    "h1",
    "h2",
    "h3",
    "h4",
    "td",
    "th",
    "tr",
    "div",
    "section",
    "label",
    "button",
    "dt",
    "dd",
    "option",
    "legend",
}
# Actions, files, other formats, and lists that differ by a parameter alone.
SKIPPED = re.compile(
    r"/(logout|export|download|documents|api|jsi18n|sprite|static|media|m|history|usage|results)(/|$)|\.\w{2,4}$|delete|\?"
)


class ScreenReader(HTMLParser):
    """Collect the text and the links of a page. `main` limits the text to the content, without header and footer."""

    def __init__(self, source: str) -> None:
        super().__init__()
        self.parts: list[str] = []
        self.links: list[str] = []
        self.silent: list[str] = []
        self.feed(source)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = dict(attrs)
        if tag in SILENT:
            self.silent.append(tag)
        if tag == "a" and values.get("href"):
            self.links.append(values["href"] or "")
        if tag in BLOCKS:
            self.parts.append("\n")
        self.parts += [f" [{values[name]}] " for name in ("placeholder", "aria-label") if values.get(name)]

    def handle_endtag(self, tag: str) -> None:
        if self.silent and self.silent[-1] == tag:
            self.silent.pop()

    def handle_data(self, data: str) -> None:
        if not self.silent:
            self.parts.append(data)

    @property
    def text(self) -> str:
        lines = (" ".join(line.split()) for line in "".join(self.parts).split("\n"))
        return "\n".join(dict.fromkeys(line for line in lines if line))


def find_screens(session: requests.Session, base: str, start: str, limit: int = 400) -> dict[str, str]:
    """Return the text of the linked pages, one for each URL pattern."""
    found: dict[str, str] = {}
    shapes: set[str] = set()
    waiting = [start]
    while waiting and len(found) < limit:
        path = waiting.pop(0)
        shape = re.sub(r"\d+", "0", path)
        if shape in shapes or SKIPPED.search(path):
            continue
        shapes.add(shape)
        response = session.get(base + path, timeout=60)
        if response.ok and "html" in response.headers.get("Content-Type", ""):
            page = ScreenReader(re.sub(r".*?<main", "<main", response.text, count=1, flags=re.DOTALL).partition("</main>")[0])
            found[path] = page.text
            links = ScreenReader(response.text).links
            parts = [urlsplit(urljoin(base + path, href)) for href in links]
            waiting += [part.path for part in parts if base.endswith(part.netloc) and part.path.startswith(start)]
    return found


def sign_in(base: str) -> requests.Session:
    session = requests.Session()
    session.get(f"{base}/accounts/login/", timeout=60)
    data = {"login": "admin", "password": "admin", "csrfmiddlewaretoken": session.cookies["csrftoken"]}
    session.post(f"{base}/accounts/login/", data=data, headers={"Referer": f"{base}/accounts/login/"}, timeout=60)
    return session


def main() -> None:
    parser = argparse.ArgumentParser(description="Draw screens for review.")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--number", type=int, default=20)
    options = parser.parse_args()
    base = os.environ.get("BASE_URL", "http://127.0.0.1:8000")
    chance = random.Random(options.seed)  # noqa: S311
    admin = sign_in(base)
    for title, session, start in (("public", requests.Session(), "/"), ("admin", admin, "/admin/")):
        screens = find_screens(session, base, start)
        if title == "public":
            screens = {path: text for path, text in screens.items() if not path.startswith("/admin/")}
        for path in chance.sample(sorted(screens), min(options.number, len(screens))):
            print(f"=== {title} {path}\n{screens[path]}\n")


if __name__ == "__main__":
    main()
