"""Progress display of a command: rows, rate and remaining time."""

import time
from typing import TextIO


class Progress:
    """Progress line with the current model, its rows, rows per second and remaining seconds."""

    def __init__(self, stream: TextIO) -> None:
        self.stream = stream
        self.label = ""
        self.started = 0.0

    def __call__(self, label: str, done: int, total: int) -> None:
        now = time.monotonic()
        if label != self.label:
            self.label, self.started = label, now
        if self.stream.isatty():
            self.stream.write(f"\r{describe(label, done, total, now - self.started)}\033[K" + ("" if done < total else "\n"))


def describe(label: str, done: int, total: int, seconds: float) -> str:
    """Return a line such as "pages.page 250/1000, 125 rows/s, 6 s left"."""
    line = f"{label} {done}/{total}"
    if done and seconds >= 1:
        line += f", {done / seconds:.0f} rows/s"
        line += f", {(total - done) * seconds / done:.0f} s left" if done < total else f", {seconds:.0f} s"
    return line
