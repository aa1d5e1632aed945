"""Redirects from a spreadsheet: an Excel workbook, or text with any delimiter and encoding that Excel writes.

Each row is checked before anything is saved.
"""

import codecs
import csv
import io
from dataclasses import asdict, dataclass
from itertools import islice
from urllib.parse import urlsplit
from zipfile import BadZipFile

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import URLValidator
from django.db import transaction
from django.utils.translation import gettext as _
from openpyxl import load_workbook
from openpyxl.utils.exceptions import InvalidFileException
from wagtail.contrib.redirects.models import Redirect
from wagtail.log_actions import log
from wagtail.models import Page, Site

from cms.platform.documents import refuse_archive_bomb
from cms.platform.text import clean_text
from users.models import User

MAX_ROWS, MAX_COLUMNS, MAX_BYTES, MAX_UNPACKED, MAX_PATH = 5_000, 50, 2_000_000, 50_000_000, 255
# The first bytes of a ZIP archive, which an Excel workbook is, and of a workbook before Excel 2007.
ARCHIVE, OLD_WORKBOOK = b"PK\x03\x04", b"\xd0\xcf\x11\xe0"
DELIMITERS = (",", ";", "\t", "|")
FROM_NAMES = {"from", "old", "old path", "old_path", "old url", "source", "redirect from", "von", "alt"}
TO_NAMES = {
    "to",
    "new",
    "new path",
    "new_path",
    "new url",
    "target",
    "redirect to",
    "redirect_link",
    "destination",
    "nach",
    "neu",
}
PERMANENT_NAMES = {"is_permanent", "permanent"}
FALSE_WORDS = {"false", "0", "no", "f", "n", "falsch", "nein", "302", "temporary"}
check_url = URLValidator(schemes=["http", "https"])


@dataclass
class Row:
    """Redirect from one line. `action` is add, keep or refuse; `reason` says why it is not added, or adds a note."""

    line: int
    old_path: str
    target: str
    is_permanent: bool
    action: str = "add"
    reason: str = ""

    ADD, KEEP, REFUSE = "add", "keep", "refuse"

    def refuse(self, reason: str) -> None:
        self.action, self.reason = self.REFUSE, reason


def decode(content: bytes) -> str:
    """Return the text of a file: UTF-8, UTF-16 (“Unicode text” of Excel) or Windows-1252."""
    if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return content.decode("utf-16", errors="replace")
    if content[:200].count(b"\x00") * 3 > len(content[:200]):
        return content.decode("utf-16-be" if content[:1] == b"\x00" else "utf-16-le", errors="replace")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return content.decode("cp1252", errors="replace")


def read_table(content: bytes) -> list[list[str]]:
    """Return the cells of a text file or an Excel workbook. Raises ValidationError."""
    if len(content) > MAX_BYTES:
        raise ValidationError(_("The file is larger than 2 MB. Split it into several files."))
    if content.startswith(OLD_WORKBOOK):
        raise ValidationError(_("This is an old Excel workbook (.xls). Save it as .xlsx or CSV."))
    rows = _read_workbook(content) if content.startswith(ARCHIVE) else _read_text(content)
    if not rows:
        raise ValidationError(_("The file is empty."))
    if len(rows) > MAX_ROWS:
        raise ValidationError(_("The file has more than 5,000 rows. Split it into several files."))
    return rows


def _read_workbook(content: bytes) -> list[list[str]]:
    """Return the cells of the first sheet of an Excel workbook, without empty rows. Raises ValidationError."""
    refuse_archive_bomb(io.BytesIO(content), max_bytes=MAX_UNPACKED)
    try:
        book = load_workbook(io.BytesIO(content), read_only=True, data_only=True)
        cells = book.worksheets[0].iter_rows(max_col=MAX_COLUMNS, max_row=MAX_ROWS + 1, values_only=True)
        rows = [[clean_text("" if cell is None else str(cell)).strip() for cell in row] for row in islice(cells, MAX_ROWS + 1)]
    except (BadZipFile, InvalidFileException, KeyError, IndexError, ValueError, TypeError, OSError, SyntaxError) as error:
        raise ValidationError(_("This is not an Excel workbook, or the file is damaged.")) from error
    return [row for row in rows if any(row)]


def _read_text(content: bytes) -> list[list[str]]:
    """Return the cells of a text file with its delimiter detected. Raises ValidationError."""
    text = clean_text(decode(content)).replace("\r\n", "\n").replace("\r", "\n")
    lines = [line for line in text.split("\n") if line.strip()]
    delimiter = max(DELIMITERS, key=lambda one: sum(bool(line.count(one)) for line in lines[:50]))
    try:
        return [[cell.strip() for cell in row] for row in csv.reader(io.StringIO("\n".join(lines)), delimiter=delimiter)]
    except csv.Error as error:
        raise ValidationError(_("The file cannot be read as a table: %(error)s.") % {"error": error}) from error


def _columns(head: list[str]) -> tuple[int, int, int | None, bool]:
    """Return the columns of old path, target and permanence, and whether there is a header row. Raises ValidationError."""
    names = [cell.lower() for cell in head]
    found = [
        next((index for index, name in enumerate(names) if name in known), None)
        for known in (FROM_NAMES, TO_NAMES, PERMANENT_NAMES)
    ]
    if found[0] is not None and found[1] is not None:
        return found[0], found[1], found[2], True
    if len(head) > 1 and head[0].startswith(("/", "http://", "https://")):
        return 0, 1, 2 if head[2:] else None, False
    raise ValidationError(_("Name the columns “from” and “to” in the first row, with commas, semicolons or tabs between them."))


def plan_import(content: bytes) -> list[Row]:
    """Return the planned action for each row of a file, without saving anything. Raises ValidationError."""
    table = read_table(content)
    old, new, permanent, has_head = _columns(table[0])
    rows = []
    for line, cells in enumerate(table[has_head:], 1 + has_head):
        padded = [*cells, "", "", "", ""]
        is_permanent = permanent is None or padded[permanent].lower() not in FALSE_WORDS
        rows.append(Row(line, padded[old], padded[new], is_permanent))
    _check_rows(rows)
    return rows


def _hosts() -> set[str]:
    own = urlsplit(settings.BASE_URL).hostname or ""
    return {*Site.objects.values_list("hostname", flat=True), own, "www.python.org", "python.org"}


def _check_rows(rows: list[Row]) -> None:
    hosts = _hosts()
    known = {one.old_path: one for one in Redirect.objects.filter(site=None).select_related("redirect_page")}
    seen: dict[str, Row] = {}
    for row in rows:
        _check_row(row, hosts)
        if row.action != Row.ADD:
            continue
        if row.old_path in known:
            row.action, row.reason = Row.KEEP, _("A redirect from this path already exists. It is kept.")
        elif row.old_path in seen:
            row.refuse(_("Line %(line)s already redirects this path.") % {"line": seen[row.old_path].line})
        else:
            seen[row.old_path] = row
    targets = {path: _path_of(one.link or "", hosts) for path, one in known.items()}
    targets |= {path: _path_of(row.target, hosts) for path, row in seen.items()}
    for path, row in seen.items():
        visited, current = [path], targets[path]
        while current in targets and current not in visited:
            visited.append(current)
            current = targets[current]
        if current == path:
            row.refuse(_("These redirects form a loop: %(path)s.") % {"path": " → ".join([*visited, path])})
    _note_pages(row for row in seen.values() if row.action == Row.ADD)


def _path_of(target: str, hosts: set[str]) -> str:
    """Return the path of a target on this site as redirects store it, or an empty string."""
    parts = urlsplit(target)
    return (
        Redirect.normalise_path(parts._replace(scheme="", netloc="", fragment="").geturl())
        if not parts.netloc or parts.hostname in hosts
        else ""
    )


def _check_row(row: Row, hosts: set[str]) -> None:
    if not row.old_path or not row.target:
        row.refuse(_("Enter both the old path and the target."))
        return
    try:
        old, new = urlsplit(row.old_path), urlsplit(row.target)
        host, new_host = old.hostname, new.hostname
    except ValueError:
        row.refuse(_("This is not a valid URL."))
        return
    if old.netloc and host not in hosts:
        row.refuse(_("%(host)s is not a host of this site.") % {"host": host})
        return
    row.old_path = Redirect.normalise_path(old._replace(scheme="", netloc="", fragment="").geturl())
    if len(row.old_path) > MAX_PATH or row.old_path == "/":
        row.refuse(_("The old path is the home page, or longer than 255 characters."))
        return
    if not new.netloc and (new.scheme or not row.target.startswith("/")):
        row.refuse(_("Enter a target that is a path such as /about/, or a URL that starts with https://."))
        return
    target = row.target if new.netloc else settings.BASE_URL + row.target
    try:
        check_url(target)
    except ValidationError:
        row.refuse(_("The target is not a valid URL."))
        return
    if len(target) > MAX_PATH:
        row.refuse(_("The target is longer than 255 characters."))
    elif _path_of(row.target, hosts) == row.old_path and (not new.netloc or new_host in hosts):
        row.refuse(_("This redirect points to itself."))


def _note_pages(rows: object) -> None:
    for row in rows:  # type: ignore[attr-defined]
        if _page_at(row.old_path) is not None:
            row.reason = _("A page has this path. The redirect is used when the page is unpublished.")


def _page_at(path: str) -> Page | None:
    site = Site.objects.filter(is_default_site=True).select_related("root_page").first()
    if site is None:
        return None
    return Page.objects.live().filter(url_path=f"{site.root_page.url_path.rstrip('/')}{urlsplit(path).path.rstrip('/')}/").first()


@transaction.atomic
def apply_import(rows: list[Row], *, by: User) -> int:
    """Save the redirects of a plan that are still new. Return their number."""
    hosts, count = _hosts(), 0
    for row in rows:
        if row.action != Row.ADD or Redirect.objects.filter(old_path=row.old_path, site=None).exists():
            continue
        path = _path_of(row.target, hosts)
        page = _page_at(path) if path and not urlsplit(row.target).query and not urlsplit(row.target).fragment else None
        link = row.target if urlsplit(row.target).netloc else settings.BASE_URL + row.target
        redirect = Redirect(
            old_path=row.old_path, redirect_page=page, redirect_link="" if page else link, is_permanent=row.is_permanent
        )
        redirect.clean()
        redirect.save()
        log(instance=redirect, action="wagtail.create", user=by)
        count += 1
    return count


def to_json(rows: list[Row]) -> list[dict]:
    return [asdict(row) for row in rows]
