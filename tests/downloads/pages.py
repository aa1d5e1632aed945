"""Helpers that read public pages."""

import re
from datetime import date

from tests.factories.downloads import ReleaseFileFactory

FTP = "https://www.python.org/ftp/python/"
AGO, AHEAD = date(2001, 1, 1), date(2999, 10, 1)
SHA256 = "ab" * 32


def add_file(release, os, filename, name="", **fields):
    return ReleaseFileFactory(release=release, os=os, url=FTP + filename, name=name or filename, **fields)


def get(client, path, status=200):
    response = client.get(path)
    assert response.status_code == status
    return response.content.decode()


def text_of(html):
    """Return the text of a page, without the page frame."""
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", main_of(html)))


def main_of(html):
    return html.split("<main", 1)[1].split("</main>", 1)[0]
