"""The staff guide names menu entries that exist."""

import re
from pathlib import Path

import pytest
from django.conf import settings
from wagtail.admin.menu import SubmenuMenuItem, admin_menu

from tests.factories.users import UserFactory

GUIDE = Path(settings.BASE_DIR, "docs/staff-guide.md").read_text(encoding="utf-8")
# A tab of the page editor, not a group of the menu.
TABS = {"Promote"}
NAMED = sorted(
    {(group, entry.rstrip(".")) for group, entry in re.findall(r"\*\*([A-Z][\w -]+?) → ([^→*]+?)(?: → [^*]+)?\*\*", GUIDE)}
)


@pytest.fixture
def menu(rf, db) -> dict[str, set[str]]:
    request = rf.get("/admin/")
    request.user = UserFactory(is_superuser=True)
    groups = [item for item in admin_menu.menu_items_for_request(request) if isinstance(item, SubmenuMenuItem)]
    return {str(group.label): {str(item.label) for item in group.menu.menu_items_for_request(request)} for group in groups}


def test_every_menu_entry_of_the_guide_exists(menu):
    assert len(NAMED) > 20
    assert [(group, entry) for group, entry in NAMED if group not in TABS and entry not in menu.get(group, set())] == []
