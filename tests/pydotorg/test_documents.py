"""Accuracy of the documentation: files, URLs, versions and commands that it names exist."""

import re
import tomllib
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[2]
DOCUMENTS = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])
LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")


def anchors(path: Path) -> set[str]:
    """Return the anchors that GitHub generates for the headings of a document."""
    headings = re.findall(r"^#+ (.+)$", path.read_text(encoding="utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
@pytest.mark.proves("S3-46", static=True)
def test_links_between_documents_lead_somewhere(document):
    text = re.sub(r"```.*?```", "", document.read_text(encoding="utf-8"), flags=re.DOTALL)
    for link in LINK.findall(text):
        if re.match(r"\w+:|/", link):
            continue
        name, _, anchor = link.partition("#")
        target = (document.parent / name).resolve() if name else document
        assert target.exists(), link
        assert not anchor or anchor in anchors(target), link


@pytest.mark.proves("S1-04", static=True)
def test_this_version_has_an_entry_in_the_changelog():
    version = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"]
    assert re.findall(r"^## (\S+)", (ROOT / "CHANGELOG.md").read_text(), re.MULTILINE)[0] == version


@pytest.mark.proves("S2-03", static=True)
def test_every_decision_is_listed_with_its_status_and_date():
    index = (ROOT / "docs/decisions/README.md").read_text()
    for path in (ROOT / "docs/decisions").glob("[0-9]*.md"):
        assert f"]({path.name})" in index
        assert re.search(r"^Status: \w+, \d+ \w+ \d{4}$", path.read_text(), re.MULTILINE), path.name


@pytest.mark.proves("S1-03", "S2-56", static=True)
def test_the_processes_are_the_same_with_and_without_containers():
    procfile = dict(line.split(": ", 1) for line in (ROOT / "Procfile").read_text().splitlines())
    services = yaml.safe_load((ROOT / "deploy/compose.yaml").read_text())["services"]
    image = re.search(r"^CMD \[(.+)\]$", (ROOT / "Dockerfile").read_text(), re.MULTILINE)
    assert "command" not in services["web-1"] | services["web-2"], "The command of the image."
    commands = {name: " ".join(services[name]["command"]) for name in procfile if name != "web"}
    assert image
    assert procfile == commands | {"web": image[1].replace('"', "").replace(",", "")}
    guide = (ROOT / "docs/operations.md").read_text()
    for command in procfile.values():
        assert f"`{command.removeprefix('python ')}`" in guide


def test_each_command_of_make_that_documents_name_exists():
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    for document in DOCUMENTS:
        named = set(re.findall(r"`make ([a-z-]+)", document.read_text(encoding="utf-8")))
        assert named <= targets, document.name


def test_the_security_model_names_tests_that_exist():
    text = (ROOT / "docs" / "security.md").read_text(encoding="utf-8")
    named = re.findall(r"`(\w+/test_\w+\.py)(?:::(\w+))?`", text)
    assert len(named) > 20
    for path, name in named:
        test = ROOT / "tests" / path
        assert test.exists(), path
        assert not name or re.search(rf"^(?:def|class) {name}\b", test.read_text(encoding="utf-8"), re.MULTILINE), (
            f"{path}::{name}"
        )
