"""Decode the text and structure of iCalendar files: encodings, folded lines, unclosed components."""

import codecs
import quopri
import re
from dataclasses import dataclass, field

from cms.platform.text import clean_text

# Limits far above any real calendar of conferences and meetups.
MAX_ENTRIES, MAX_DEPTH, MAX_WARNINGS = 10_000, 20, 50
BYTE_ORDER_MARKS = {
    codecs.BOM_UTF8: "utf-8",
    codecs.BOM_UTF32_LE: "utf-32-le",
    codecs.BOM_UTF32_BE: "utf-32-be",
    codecs.BOM_UTF16_LE: "utf-16-le",
    codecs.BOM_UTF16_BE: "utf-16-be",
}
# A line break and a space continue the previous line, even in the middle of a character.
FOLD_OF_BYTES = re.compile(rb"(?:\r*\n|\r)[ \t]")
FOLD = re.compile(r"(?:\r*\n|\r)[ \t]")
BREAK = re.compile(r"\r*\n|\r")
BEGIN = re.compile(r"^[ \t]*BEGIN[ \t]*:[ \t]*VCALENDAR[ \t]*$", re.IGNORECASE | re.MULTILINE)
NAME = re.compile(r"[A-Za-z][A-Za-z0-9_.-]{0,60}$")
# A colon in an unquoted zone name: DTSTART;TZID=UTC+05:30:20270120T120000
OFFSET_AS_ZONE = re.compile(r"^([A-Za-z-]+;TZID=[^\":;]*[+-]\d{1,2}:\d{2}):(\d{8}.*)$")
# Text that some programs write over several lines without folding it.
TEXTS = {"SUMMARY", "DESCRIPTION", "LOCATION", "COMMENT", "X-ALT-DESC"}
# Components that are never nested in one of the same type.
TOP_LEVEL = {"VEVENT", "VTODO", "VJOURNAL", "VTIMEZONE", "VFREEBUSY"}


class UnreadableError(Exception):
    """Calendar or event that cannot be imported, with the reason as a sentence."""


@dataclass
class Property:
    """Line of a component. Names are in upper case; the value is unchanged, including escapes."""

    name: str
    params: dict[str, str]
    value: str

    @property
    def text(self) -> str:
        """Return a text value without escapes and surrounding white space."""
        return unescape(self.value).strip()


@dataclass
class Component:
    """Component with its lines and nested components."""

    name: str
    properties: list[Property] = field(default_factory=list)
    components: list["Component"] = field(default_factory=list)
    broken_lines: list[str] = field(default_factory=list)

    def get(self, name: str) -> Property | None:
        return next((one for one in self.properties if one.name == name), None)

    def all(self, name: str) -> list[Property]:
        return [one for one in self.properties if one.name == name]

    def text(self, name: str) -> str:
        found = self.get(name)
        return found.text if found else ""


@dataclass
class Structure:
    """Components of a file.

    `is_complete` is False if the file ends before its calendar does, `is_damaged` is True if parts of it cannot be read.
    """

    calendars: list[Component]
    warnings: list[str]
    is_complete: bool
    is_damaged: bool = False


def unescape(value: str) -> str:
    return re.sub(r"\\(.)", lambda found: "\n" if found[1] in "nN" else found[1], value, flags=re.DOTALL)


def decode(content: bytes, charset: str = "") -> tuple[str, list[str]]:
    """Return the unfolded text and warnings. `charset` is from the response of the server."""
    for mark, encoding in BYTE_ORDER_MARKS.items():
        if content.startswith(mark):
            return _decode_as(content.removeprefix(mark), encoding)
    sample = content[:200]
    if sample.count(b"\x00") * 3 > len(sample):
        # UTF-16 without a byte order mark: the position of the zero bytes shows the byte order.
        return _decode_as(content, "utf-16-be" if sample[:1] == b"\x00" else "utf-16-le")
    content = FOLD_OF_BYTES.sub(b"", content)
    try:
        return clean_text(content.decode()), []
    except UnicodeDecodeError:
        pass
    charset = charset.lower()
    if charset and charset not in {"utf-8", "utf8", "us-ascii"}:
        try:
            return clean_text(content.decode(charset)), []
        except (UnicodeDecodeError, LookupError):
            pass
    text = content.decode(errors="replace")
    if sum(letter > "\x7f" for letter in text.replace("\ufffd", "")) > text.count("\ufffd"):
        return clean_text(text), ["Some characters are not valid UTF-8 and were replaced."]
    return (
        clean_text(content.decode("cp1252", errors="replace")),
        ["The file is not UTF-8. It was read as Windows-1252 (Latin-1): check accents and umlauts."],
    )


def _decode_as(content: bytes, encoding: str) -> tuple[str, list[str]]:
    text = content.decode(encoding, errors="replace")
    warnings = ["Some characters are invalid and were replaced."] if "\ufffd" in text else []
    return clean_text(FOLD.sub("", text)), warnings


def parse_structure(content: bytes, charset: str = "") -> Structure:
    """Return the calendars of a file. Raises UnreadableError if it is not a calendar."""
    if not content.strip(b"\xef\xbb\xbf\x00 \r\n\t"):
        raise UnreadableError("The server sent an empty file.")
    text, warnings = decode(content, charset)
    text = "\n".join(BREAK.split(text))
    begin = BEGIN.search(text)
    if begin is None:
        raise UnreadableError("This is not an iCalendar file: it has no line BEGIN:VCALENDAR.")
    if text[: begin.start()].strip():
        warnings.append("The file has other text before BEGIN:VCALENDAR, which was ignored.")
    if len(re.findall(r"^\s*BEGIN\s*:\s*VEVENT", text, re.IGNORECASE | re.MULTILINE)) > MAX_ENTRIES:
        raise UnreadableError(f"The calendar has more than {MAX_ENTRIES:,} entries.")
    builder = _Builder(warnings)
    for line in _joined(text[begin.start() :].split("\n")):
        builder.add(line)
    return builder.finish()


def _joined(lines: list[str]) -> list[str]:
    """Return lines with the soft line breaks of quoted-printable values removed (vCalendar 1.0)."""
    found: list[str] = []
    is_open = False
    for line in lines:
        if is_open:
            found[-1] = found[-1][:-1] + line.lstrip(" \t")
        else:
            found.append(line)
        head = found[-1].partition(":")[0].upper()
        is_open = found[-1].endswith("=") and "QUOTED-PRINTABLE" in head
    return found


class _Builder:
    """Builder of components from lines. Closes components whose end is missing."""

    def __init__(self, warnings: list[str]) -> None:
        self.root = Component("")
        self.stack = [self.root]
        self.warnings = warnings
        self.last: Property | None = None
        self.is_damaged = False

    def warn(self, sentence: str) -> None:
        self.is_damaged = True
        if len(self.warnings) < MAX_WARNINGS and sentence not in self.warnings:
            self.warnings.append(sentence)

    def add(self, line: str) -> None:
        if not line.strip():
            return
        read = split_line(line)
        if read is None:
            self._continue(line)
            return
        if read.name == "BEGIN":
            self._begin(read.value.strip().upper())
        elif read.name == "END":
            self._end(read.value.strip().upper())
        else:
            self.stack[-1].properties.append(read)
            self.last = read

    def _continue(self, line: str) -> None:
        """Append a line without a name to the previous text, or ignore it."""
        component = self.stack[-1]
        if self.last is not None and self.last.name in TEXTS and component.properties[-1:] == [self.last]:
            self.last.value += "\\n" + line.strip()
            component.broken_lines.append("A line break in the text was not escaped.")
        elif component.name == "VEVENT":
            component.broken_lines.append(f"This line cannot be read and was skipped: “{line.strip()[:60]}”.")
        else:
            self.warn(f"This line cannot be read and was skipped: “{line.strip()[:60]}”.")

    def _begin(self, name: str) -> None:
        if name in TOP_LEVEL or name == "VCALENDAR":
            parent = {"", "VCALENDAR"} if name in TOP_LEVEL else {""}
            while self.stack[-1].name not in parent:
                self.warn(f"An entry {self.stack[-1].name} has no end.")
                self.stack.pop()
        component = Component(name)
        if len(self.stack) < MAX_DEPTH:
            self.stack[-1].components.append(component)
        self.stack.append(component)
        self.last = None

    def _end(self, name: str) -> None:
        self.last = None
        if not name or name not in [component.name for component in self.stack[-MAX_DEPTH:]]:
            self.warn(f"The line END:{name[:20]} has no matching BEGIN and was ignored.")
            return
        while self.stack[-1].name != name:
            self.warn(f"An entry {self.stack[-1].name} has no end.")
            self.stack.pop()
        self.stack.pop()

    def finish(self) -> Structure:
        is_complete = len(self.stack) == 1
        if not is_complete:
            self.warn("The file ends in the middle: it was probably truncated during the transfer.")
        calendars = [one for one in self.root.components if one.name == "VCALENDAR"]
        if not calendars:
            raise UnreadableError("This is not an iCalendar file: it has no line BEGIN:VCALENDAR.")
        # Entries between two calendars, or after the end of the only one, belong to the last.
        strays = [one for one in self.root.components if one.name in TOP_LEVEL]
        calendars[-1].components += strays
        # Components that were still open at the end of the file may be incomplete.
        for component in self.stack[1:]:
            for parent in [*calendars, *self.stack]:
                if component in parent.components and component.name in TOP_LEVEL:
                    parent.components.remove(component)
        return Structure(calendars, self.warnings, is_complete, self.is_damaged)


def split_line(line: str) -> Property | None:
    """Return a line as a property, or None if it has no name and value."""
    head, parts, value = _split_head(line)
    name = head.strip().upper()
    if value is None or not NAME.match(name):
        return None
    params: dict[str, str] = {}
    for part in parts:
        key, equals, text = part.partition("=")
        # vCalendar 1.0 writes ENCODING=QUOTED-PRINTABLE as QUOTED-PRINTABLE.
        params[key.strip().upper()] = text.strip().strip('"') if equals else key.strip().upper()
    if "QUOTED-PRINTABLE" in (params.get("ENCODING", "").upper(), params.get("QUOTED-PRINTABLE", "")):
        value = _decode_quoted(value, params.get("CHARSET", ""))
    # Groups as in "item1.SUMMARY" come from address books.
    return Property(name.rpartition(".")[2], params, value)


def _split_head(line: str) -> tuple[str, list[str], str | None]:
    """Split a line at its first colon and its semicolons outside quotes."""
    unquoted = OFFSET_AS_ZONE.match(line)
    if unquoted:
        name, *parts = unquoted[1].split(";")
        return name, parts, unquoted[2]
    head, colon, value = line.partition(":")
    if '"' not in head and "(" not in head:
        name, *parts = head.split(";")
        return name, parts, value if colon else None
    parts, start, is_quoted, depth = [], 0, False, 0
    for index, letter in enumerate(line):
        if letter == '"':
            is_quoted = not is_quoted
        elif is_quoted:
            continue
        elif letter in "()":
            # Zone names such as (UTC+01:00) Berlin are not always quoted.
            depth = max(0, depth + (1 if letter == "(" else -1))
        elif letter == ";" and not depth:
            parts.append(line[start:index])
            start = index + 1
        elif letter == ":" and not depth:
            return (parts or [line[:index]])[0], [*parts[1:], *([line[start:index]] if parts else [])], line[index + 1 :]
    return "", [], None


def _decode_quoted(value: str, charset: str) -> str:
    content = quopri.decodestring(value.encode("latin-1", errors="replace"))
    for encoding in (charset or "utf-8", "utf-8"):
        try:
            text = content.decode(encoding)
        except (UnicodeDecodeError, LookupError):
            continue
        break
    else:
        text = content.decode("cp1252", errors="replace")
    return clean_text(text).replace("\\", "\\\\").replace("\r\n", "\n").replace("\n", "\\n")
