"""Publish a release of Python with API v3: python docs/release.py 3.16.0rc1 SHA256SUMS

The token of a release manager is in PYTHON_ORG_TOKEN; PYTHON_ORG is the URL of the site. Each step can be repeated.
"""

import json
import os
import sys
import time
from pathlib import Path
from urllib.error import HTTPError
from urllib.request import Request, urlopen

SITE = os.environ.get("PYTHON_ORG", "https://www.python.org")
SECONDS = 300


def send(method: str, path: str, data: dict | None = None) -> dict:
    """Send a request, and return the JSON of the response. Exits with the message of an error."""
    headers = {"Authorization": f"Bearer {os.environ['PYTHON_ORG_TOKEN']}", "Content-Type": "application/json"}
    body = json.dumps(data).encode() if data is not None else None
    try:
        with urlopen(Request(f"{SITE}/api/v3/releases/{path}", body, headers, method=method), timeout=60) as response:  # noqa: S310
            return json.load(response)
    except HTTPError as error:
        sys.exit(f"{method} {path}: {error.code} {error.read().decode()}")


def release(version: str, checksums: str) -> None:
    """Create the draft with its files, publish it, and wait until it is visible."""
    created = send("POST", "", {"name": f"Python {version}"})
    slug = created["release"]["slug"]
    print(f"Draft: {created['outcome']}, {slug}")
    files = {"checksums": checksums}
    if not created["release"]["published"]:
        # A dry run reports every error and writes nothing.
        send("PUT", f"{slug}/checksums/?dry_run=true", files)
        written = send("PUT", f"{slug}/checksums/", files)
        print(f"Files: {written['outcome']}, {len(written['release']['files'])}")
    for check in send("GET", f"{slug}/status/")["checks"]:
        print("OK  " if check["passed"] else "WARN", check["text"])
    print(f"Publication: {send('POST', f'{slug}/publish/')['outcome']}")
    for _ in range(SECONDS):
        status = send("GET", f"{slug}/status/")
        if status["is_live"]:
            print("Live.")
            return
        time.sleep(1)
    sys.exit(f"Not live after {SECONDS} seconds: {status['publication']}")


if __name__ == "__main__":
    release(sys.argv[1], Path(sys.argv[2]).read_text(encoding="utf-8"))
