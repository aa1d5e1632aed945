"""Smoke-test a running site: the front page with all its assets, /ready, and one sign-in.

    python deploy/containers/smoke.py http://127.0.0.1:8000 [USER PASSWORD]

Prints each check and stops at the first failure with an error message.
"""

import http.cookiejar
import re
import sys
import urllib.error
import urllib.parse
import urllib.request


class SmokeError(Exception):
    """Failed check, with the reason as a sentence."""


class Browser:
    """HTTP client that keeps cookies and raises SmokeError for every status except 200."""

    def __init__(self, base: str):
        self.base = base.rstrip("/")
        self.cookies = http.cookiejar.CookieJar()
        self.opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(self.cookies))

    def ask(self, path: str, data: dict[str, str] | None = None) -> tuple[str, bytes]:
        """Return the content type and body of a response."""
        url = urllib.parse.urljoin(f"{self.base}/", path)
        body = urllib.parse.urlencode(data).encode() if data else None
        request = urllib.request.Request(url, body, {"Referer": url, "User-Agent": "smoke"})
        try:
            with self.opener.open(request, timeout=30) as response:
                return response.headers.get_content_type(), response.read()
        except urllib.error.HTTPError as error:
            raise SmokeError(f"{path} answers {error.code}: {error.read(300)!r}") from error
        except OSError as error:
            raise SmokeError(f"{path} does not answer: {error}") from error


def files_of(html: str) -> set[str]:
    """Return the URLs of the style sheets, scripts, icons and images of a page."""
    found = set(re.findall(r"<(?:script|img)\b[^>]*?\bsrc=\"([^\"]+)\"", html))
    found |= set(re.findall(r"<link\b[^>]*?\brel=\"(?:stylesheet|icon|preload)\"[^>]*?\bhref=\"([^\"]+)\"", html))
    return found | set(re.findall(r"<link\b[^>]*?\bhref=\"([^\"]+)\"[^>]*?\brel=\"(?:stylesheet|icon|preload)\"", html))


def check_page(browser: Browser, path: str, *, media: bool = True) -> int:
    """Request a page and its assets, and return the number of assets. `media=False` skips uploaded images."""
    content_type, body = browser.ask(path)
    if content_type != "text/html" or b"<h1" not in body:
        raise SmokeError(f"{path} is not a page with a heading.")
    found = files_of(body.decode())
    if not media:
        found = {address for address in found if not urllib.parse.urlsplit(address).path.startswith("/media/")}
    if not any(".css" in address for address in found):
        raise SmokeError(f"{path} has no style sheet.")
    for address in found:
        if not browser.ask(address)[1]:
            raise SmokeError(f"{address} is empty.")
        if ".css" in address:
            for inner in re.findall(rb"url\([\"']?([^)\"'#]+)", browser.ask(address)[1]):
                if not inner.startswith(b"data:"):
                    browser.ask(urllib.parse.urljoin(address, inner.decode()))
    return len(found)


def sign_in(browser: Browser, user: str, password: str) -> None:
    token = re.search(rb'name="csrfmiddlewaretoken" value="([^"]+)"', browser.ask("/accounts/login/")[1])
    if not token:
        raise SmokeError("The sign-in form has no CSRF token.")
    browser.ask("/accounts/login/", {"csrfmiddlewaretoken": token[1].decode(), "login": user, "password": password})
    if not any(cookie.name == "sessionid" for cookie in browser.cookies):
        raise SmokeError(f"{user} could not sign in.")
    browser.ask("/admin/")


def smoke(base: str, user: str = "", password: str = "", *, media: bool = True) -> None:
    """Check /health, /ready, pages with their assets, and one sign-in. Raises SmokeError with the reason."""
    browser = Browser(base)
    print("/health:", browser.ask("/health")[1].decode())
    print("/ready:", browser.ask("/ready")[1].decode())
    for path in ("/", "/downloads/", "/accounts/login/"):
        print(f"{path}: 200 with {check_page(browser, path, media=media)} files")
    if user:
        sign_in(browser, user, password)
        print(f"/admin/: 200 for {user}, with {check_page(browser, '/admin/', media=media)} files")


if __name__ == "__main__":
    if len(sys.argv) not in {2, 4}:
        sys.exit(__doc__)
    try:
        smoke(*sys.argv[1:])
    except SmokeError as error:
        sys.exit(str(error))
