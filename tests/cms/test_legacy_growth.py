"""CPU time and memory of an import grow with its rows alone: copies of a dump with IDs and names of their own.

GROWTH_DUMP names a dump of the previous site and GROWTH_COPIES the numbers of copies, to measure these instead:

    GROWTH_DUMP=dump.json GROWTH_COPIES=10,25,50 .venv/bin/python -m pytest -n 0 -rP -m nightly tests/cms/test_legacy_growth.py
"""

import json
import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.clean_up import MigratedRows
from tests.downloads.test_old_contract import ROWS
from tests.servers import database_url

ROOT = Path(__file__).resolve().parents[2]
DUMP = os.environ.get("GROWTH_DUMP")
COPIES = [int(number) for number in os.environ.get("GROWTH_COPIES", "20,40").split(",")]
MAX_MILLISECONDS = 15
MAX_MEGABYTES = 400
# Less than a million for all copies: IDs above it are those of rows that an export has added to the old site.
STEP = 10_000
# What a site has few of, however large it is.
CATALOGS = {
    *("auth.group", "banners.banner", "blogs.feed", "blogs.feedaggregate", "boxes.box", "codesamples.codesample"),
    *("downloads.os", "events.calendar", "events.eventcategory", "jobs.jobcategory", "jobs.jobtype", "nominations.electionkind"),
    *("sites.site", "successstories.storycategory", "waffle.flag"),
}
# Foreign keys to copied rows, by model.
PARENTS = {
    "downloads.releasefile": ["release"],
    "events.event": ["venue"],
    "events.occurringrule": ["event"],
    "events.recurringrule": ["event"],
    "jobs.jobreviewcomment": ["job"],
    "nominations.nomination": ["election", "nominee"],
    "nominations.nominee": ["election"],
    "successstories.story": ["company"],
}
PEOPLE = ["creator", "last_modified_by", "user", "submitted_by", "nominator"]
UNIQUE = ["slug", "username", "label", "name", "title", "uid"]


def versioned(fields: dict, number: int) -> dict:
    """Return the name of a release as another version: Python 3.14.1007 is the copy 7 of Python 3.14.1."""
    return {"name": re.sub(r"^(Python \d+\.\d+\.\d+).*", rf"\g<1>{number:03}", fields["name"].rpartition("-")[0])}


def file_urls(fields: dict, number: int) -> dict:
    urls = {name: value for name, value in fields.items() if name == "url" or name.endswith("_file")}
    return {name: value.replace("/ftp/python/", f"/ftp/python/{number}/") for name, value in urls.items()}


def earlier(fields: dict, number: int) -> dict:
    year, rest = fields["date"].split("-", 1)
    return {"date": f"{int(year) - number}-{rest}"}


# What else must not be there twice.
DIFFERENT: dict[str, Callable[[dict, int], dict]] = {
    "downloads.release": versioned,
    "downloads.releasefile": file_urls,
    "minutes.minutes": earlier,
    "pages.page": lambda fields, number: {"path": f"copy-{number}/{fields['path'].strip('/')}"},
    "redirects.redirect": lambda fields, number: {"old_path": f"/copy-{number}{fields['old_path']}"},
    "tastypie.apikey": lambda fields, number: {"key": f"{number:08x}{fields['key'][8:]}"},
}


def copy_of(row: dict, number: int) -> dict:
    """Return a row with an ID, names, parents and people of its own."""
    label, fields = row["model"], dict(row["fields"])
    for name in PARENTS.get(label, []):
        fields[name] = fields[name] and fields[name] + number * STEP
    for name in PEOPLE:
        if fields.get(name):
            fields[name] = [f"{fields[name][0]}-{number}"]
    for name in UNIQUE:
        if fields.get(name):
            fields[name] = f"{fields[name]}-{number}"
    if fields.get("email"):
        fields["email"] = f"c{number}-{fields['email']}"
    if label in DIFFERENT:
        fields |= DIFFERENT[label](fields, number)
    key = row["pk"] + number * STEP if isinstance(row["pk"], int) else f"{number:08x}{row['pk'][8:]}"
    return {"model": label, "pk": key, "fields": fields}


def multiplied(rows: list[dict], copies: int) -> list[dict]:
    """Return the rows and more copies of those that a site has many of."""
    many = [row for row in rows if row["model"] not in CATALOGS]
    return [*rows, *(copy_of(row, number) for number in range(1, copies) for row in many)]


MEASURE = """
import json, resource, sys
from django.core.management import execute_from_command_line
execute_from_command_line(["manage.py", "import_pydotorg", sys.argv[1], "--report", sys.argv[2]])
usage = resource.getrusage(resource.RUSAGE_SELF)
# The peak of getrusage includes the process that started this one.
peak = next(line.split()[1] for line in open("/proc/self/status") if line.startswith("VmHWM:"))
print(json.dumps([usage.ru_utime + usage.ru_stime, int(peak) / 1024]))
"""


def measure(rows: list[dict], folder: Path) -> tuple[float, float, dict]:
    """Import rows in a process of its own, and return its CPU seconds, its megabytes, and its report."""
    source, report = folder / "rows.json", folder / "report.json"
    source.write_text(json.dumps(rows))
    environment = os.environ | {
        "DATABASE_URL": database_url(),
        "DJANGO_SETTINGS_MODULE": "pydotorg.settings.test",
        "VAR_DIR": str(folder),
    }
    command = [sys.executable, "-c", MEASURE, str(source), str(report)]
    printed = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=True).stdout
    seconds, megabytes = json.loads(printed.splitlines()[-1])
    return seconds, megabytes, json.loads(report.read_text())


@pytest.mark.django_db(transaction=True)
def test_an_import_takes_the_same_time_for_each_further_row(tmp_path):
    rows = json.loads(Path(DUMP).read_text()) if DUMP else [row for row in ROWS if row["model"] != "pages.page"]
    results = []
    for copies in [1, *COPIES]:
        wanted = multiplied(rows, copies)
        seconds, megabytes, report = measure(wanted, tmp_path)
        results.append((len(wanted), seconds, megabytes))
        base_rows, base_seconds, _ = results[0]
        each = (seconds - base_seconds) / max(1, len(wanted) - base_rows) * 1000
        cost = f"{seconds:.1f} s of CPU time, {each:.1f} ms for each further row"
        print(f"{copies} copies, {len(wanted)} rows: {cost}, {megabytes:.0f} MB")
        assert not [one for one in report["problems"] if one["model"] != "boxes.box"]
        MigratedRows().restore()
    costs = [(seconds - results[0][1]) / (number - results[0][0]) * 1000 for number, seconds, _ in results[1:]]
    assert max(costs) < MAX_MILLISECONDS
    # Linear: each further row of the largest import costs no more than a third more than in the smallest.
    assert costs[-1] < costs[0] * 4 / 3
    assert max(megabytes for *_, megabytes in results) < MAX_MEGABYTES
