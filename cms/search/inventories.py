"""Read `objects.inv`, the Sphinx inventory of a documentation site: https://sphobjinv.readthedocs.io/en/stable/syntax.html."""

import re
import zlib
from collections.abc import Iterator

from .models import DocEntry

LINE = re.compile(r"(?P<name>.+?)\s+(?P<kind>\S+:\S+)\s+(?P<priority>-?\d+)\s+(?P<place>\S*)\s+(?P<title>.*)")
MAX_BYTES = 50_000_000


def read(content: bytes, base: str) -> Iterator[DocEntry]:
    """Return the Python names in an inventory. Raises ValueError if it is invalid or too large."""
    *header, packed = content.split(b"\n", 4)
    if not header or header[0].strip() != b"# Sphinx inventory version 2":
        raise ValueError("This is not a version 2 inventory.")
    unpacker = zlib.decompressobj()
    text = unpacker.decompress(packed, MAX_BYTES)
    if unpacker.unconsumed_tail:
        raise ValueError("The inventory is too large.")
    for line in text.decode("utf-8").splitlines():
        match = LINE.fullmatch(line.strip())
        if match and match["kind"].startswith("py:"):
            place = match["place"].replace("$", match["name"])
            yield DocEntry(name=match["name"][:200], kind=match["kind"], url=base + place)


def replace(entries: Iterator[DocEntry]) -> int:
    """Store the names in an inventory, and update the URLs of known ones."""
    rows = {entry.name: entry for entry in entries}
    DocEntry.objects.bulk_create(
        rows.values(), batch_size=500, update_conflicts=True, unique_fields=["name"], update_fields=["kind", "url"]
    )
    return len(rows)
