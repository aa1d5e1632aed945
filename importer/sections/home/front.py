"""Import the code samples of the home page."""

from bs4 import BeautifulSoup

from home.models import HomePage
from importer.core import Report, importer, rendered, same

from .pages import is_edited_by_somebody

SAMPLES = "codesamples.codesample"
MAX_SAMPLES = 5


@importer(SAMPLES, None)
def import_code_samples(rows: list[dict], report: Report) -> None:
    """Import the first five published samples, as shown on the old site."""
    home = HomePage.objects.get()
    public = [row for row in sorted(rows, key=lambda row: row["pk"]) if row["fields"]["is_published"]]
    report.leave_out(SAMPLES, len(rows) - len(public[:MAX_SAMPLES]), "the home page shows only the first five published samples.")
    wanted = [("sample", sample_of(row["fields"])) for row in public[:MAX_SAMPLES]]
    if not wanted or same(home.code_samples, wanted):
        report.count(SAMPLES, "unchanged", len(wanted))
    elif is_edited_by_somebody(home):
        for row in public[:MAX_SAMPLES]:
            report.keep(SAMPLES, row["pk"], "the code samples of the home page")
    else:
        home.code_samples = wanted
        home.save_revision().publish()
        report.count(SAMPLES, "created", len(wanted))


def sample_of(fields: dict) -> dict:
    code = BeautifulSoup(rendered(fields, "code", default="html"), "html.parser").get_text().strip("\n")
    text = BeautifulSoup(rendered(fields, "copy", default="html"), "html.parser")
    heading = text.find(["h1", "h2", "h3"])
    title = " ".join(heading.extract().get_text().split()) if heading else "Sample"
    return {
        "title": title[:60],
        "text": " ".join(text.get_text().split()),
        "code": code,
        "language": "pycon" if ">>>" in code else "python",
        "caption": "",
        "output": "",
    }
