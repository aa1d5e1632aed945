"""Documents and help text name menu entries, buttons and labels that exist."""

import re
from pathlib import Path

import django
import pytest
import wagtail
from django.conf import settings
from wagtail.admin.menu import SubmenuMenuItem, admin_menu

from docs.inventory import read_texts
from tests.factories.users import UserFactory

GUIDE = Path(settings.BASE_DIR, "docs/staff-guide.md").read_text(encoding="utf-8")
# A tab of the page editor, not a group of the menu.
TABS = {"Promote"}
TEXTS = read_texts("")
# Bold or quoted in the guide without being a string of the interface -> reason.
NOT_ON_A_SCREEN = {
    **dict.fromkeys(("1", "9", "A", "C", "J", "K", "R", "S", "U", "Ctrl Enter"), "keys"),
    "Before the redesign": "an example of a name",
    "Submit to Editorial review": "a button that names a workflow",
    "Submit to Minutes review": "a button that names a workflow",
    "Add release": "a button whose label contains the name of the model",
}


def read_catalog(path: Path) -> set[str]:
    """Return the original strings of a gettext catalog."""
    messages = re.findall(r'^msgid(?:_plural)? ((?:"(?:[^"\\]|\\.)*"\s*)+)', path.read_text(encoding="utf-8"), re.MULTILINE)
    return {"".join(re.findall(r'"((?:[^"\\]|\\.)*)"', message)) for message in messages}


def normalize(text: str) -> str:
    return " ".join(text.split()).strip(" .:,").lower()


@pytest.fixture(scope="module")
def known() -> set[str]:
    """Return the strings of our interface and of the libraries that render the admin."""
    found = {text.text for text in TEXTS if text.kind in {"string", "screen", "admin", "script"}}
    for package in (django, wagtail):
        for path in Path(package.__file__).parent.rglob("locale/en/LC_MESSAGES/django.po"):
            found |= read_catalog(path)
    return {normalize(text) for text in found}


@pytest.fixture
def menu(rf, db) -> dict[str, set[str]]:
    request = rf.get("/admin/")
    request.user = UserFactory(is_superuser=True)
    groups = [item for item in admin_menu.menu_items_for_request(request) if isinstance(item, SubmenuMenuItem)]
    return {str(group.label): {str(item.label) for item in group.menu.menu_items_for_request(request)} for group in groups}


def test_every_menu_path_exists(menu):
    """A path such as “Events → Calendar sync” in any document, help text, message or template names an entry of the menu."""
    paths = re.compile(rf"({'|'.join(menu)}) → ([A-Z][^→*]*)")
    named = [(text, group, rest) for text in TEXTS if text.kind != "docstring" for group, rest in paths.findall(text.text)]
    wrong = [
        f"{text.file}:{text.line}: {group} → {rest[:40]}"
        for text, group, rest in named
        if not any(rest.startswith(entry) for entry in menu[group])
    ]
    assert len(named) > 50
    assert wrong == []


def test_every_name_in_the_guide_is_a_text_of_the_interface(known):
    names = {name for bold in re.findall(r"\*\*([^*]+)\*\*", GUIDE) for name in bold.split(" → ")}
    names |= set(re.findall(r"“([^”]+)”", GUIDE))
    assert len(names) > 100
    assert {name for name in names if normalize(name) not in known} == {
        name for name in names if " ".join(name.split()).strip(".") in NOT_ON_A_SCREEN
    }


def test_the_groups_of_the_guide_exist(menu):
    groups = set(re.findall(r"\*\*([A-Z][\w -]+?) → ", GUIDE))
    assert groups - TABS - set(menu) == set()
