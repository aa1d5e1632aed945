"""Install the files of the browser-based Python console (Pyodide), each with a compressed copy next to it.

    python deploy/console.py FOLDER                  # with the npm of this machine
    python deploy/console.py FOLDER --if-possible    # without npm: say so, and end well

The package has one version and one checksum, here. An archive with another checksum is rejected, and nothing is written.
"""

import argparse
import base64
import gzip
import hashlib
import io
import shutil
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path

# `npm pack pyodide@VERSION --json` prints the integrity of a new version.
VERSION = "314.0.7"
INTEGRITY = "sha512-0YvXxEhfEdpLfb/XkM2BFAeMROq0iMUX2bzzH9pOttyMcWkwq+HbE5uyuGD82LN7y2q+SNvi/6V5JEsOlD2R1A=="
FILES = [
    "package.json",
    "pyodide-lock.json",
    "pyodide.asm.mjs",
    "pyodide.asm.wasm",
    "pyodide.mjs",
    "python_stdlib.zip",
]


def pack(npm: str) -> bytes:
    """Return the archive of the package from npm."""
    with tempfile.TemporaryDirectory() as folder:
        command = [npm, "pack", "--silent", f"pyodide@{VERSION}", "--pack-destination", folder]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
        (archive,) = Path(folder).iterdir()
        return archive.read_bytes()


def place(archive: bytes, folder: Path) -> int:
    """Write the files of an archive into a folder, and return how many bytes a browser loads.

    Raises ValueError if the archive is not the one that this script names.
    """
    found = "sha512-" + base64.b64encode(hashlib.sha512(archive).digest()).decode()
    if found != INTEGRITY:
        raise ValueError(f"The archive of pyodide {VERSION} has the checksum {found}, not {INTEGRITY}.")
    folder.mkdir(parents=True, exist_ok=True)
    loaded = 0
    with tarfile.open(fileobj=io.BytesIO(archive)) as package:
        for name in FILES:
            member = package.extractfile(f"package/{name}")
            content = member.read() if member else b""
            compressed = gzip.compress(content, 9, mtime=0)
            (folder / name).write_bytes(content)
            (folder / f"{name}.gz").write_bytes(compressed)
            loaded += len(compressed)
    return loaded


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--if-possible", action="store_true", help="without npm, place nothing and end well")
    options = parser.parse_args()
    npm = shutil.which("npm")
    if npm is None:
        print("The Python console is not placed: npm is not installed.", file=sys.stderr)
        return 0 if options.if_possible else 1
    loaded = place(pack(npm), options.folder)
    print(f"The Python console is in {options.folder}: Pyodide {VERSION}, {loaded:,} bytes for a browser.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
