"""An import that is killed resumes where it stopped, with the same result as an uninterrupted one."""

import json
import os
import re
import subprocess
import sys
import time
from pathlib import Path

import pytest
from django.db import transaction

from home.models import StandardPage
from importer.core import import_rows
from importer.core.running import PART
from importer.core.writing import without_ids
from importer.models import ImportedRow
from tests.servers import database_url
from users.models import User

ROOT = Path(__file__).resolve().parents[2]
DATES = {"created": "2019-03-01T10:00:00Z", "updated": "2019-04-01T10:00:00Z", "creator": ["person-1"]}
USERS, PAGES = PART + 50, 10


def user(pk):
    flags = {"is_superuser": False, "is_staff": False, "is_active": True, "search_visibility": 1, "public_profile": True}
    texts = {
        "username": f"person-{pk}",
        "email": f"{pk}@example.org",
        "bio": "",
        "first_name": "",
        "last_name": "P",
        "password": "",
    }
    times = {"last_login": None, "date_joined": "2020-01-01T00:00:00Z"}
    return {"model": "users.user", "pk": pk, "fields": flags | texts | times | {"groups": [], "user_permissions": []}}


def page(pk):
    html = f"<h2>Part</h2><p>See <a href='/section/{pk + 1}/'>the next one</a>.</p><ul><li>{pk}</li></ul>"
    texts = {"title": f"Page {pk}", "path": f"section/{pk}", "content": html, "content_markup_type": "html", "description": ""}
    return {"model": "pages.page", "pk": pk, "fields": DATES | texts | {"is_published": True, "template_name": ""}}


def state():
    """Return the imported data without IDs, which differ between sites."""
    fields = ("url_path", "title", "live", "first_published_at", "owner__username")
    rows = StandardPage.objects.order_by("url_path").values_list(*fields)
    bodies = [without_ids(page.body.get_prep_value()) for page in StandardPage.objects.order_by("url_path")]
    return {
        "users": list(User.objects.order_by("pk").values_list("pk", "username", "email", "date_joined", "last_name")),
        "pages": list(rows),
        "bodies": [re.sub(r'id=\\"\d+', "", json.dumps(body)) for body in bodies],
        "rows": list(ImportedRow.objects.order_by("label", "key").values_list("label", "key", "digest")),
    }


def start(file):
    environment = os.environ | {"DATABASE_URL": database_url(), "DJANGO_SETTINGS_MODULE": "pydotorg.settings.test"}
    command = [sys.executable, "manage.py", "import_pydotorg", str(file)]
    return subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)


@pytest.mark.django_db(transaction=True)
def test_a_killed_import_ends_as_one_that_nobody_disturbed(tmp_path):
    rows = [*map(page, range(1, PAGES + 1)), *map(user, range(1, USERS + 1))]
    file = tmp_path / "rows.json"
    file.write_text(json.dumps(rows))
    with transaction.atomic():
        import_rows(rows)
        undisturbed = state()
        transaction.set_rollback(True)

    killed = start(file)
    until = time.monotonic() + 60
    while not ImportedRow.objects.exists() and time.monotonic() < until:
        time.sleep(0.005)
    killed.kill()
    killed.communicate()
    done = ImportedRow.objects.count()
    assert (killed.returncode, User.objects.count()) == (-9, done)
    assert PART <= done < USERS + PAGES

    again = start(file)
    printed, _ = again.communicate(timeout=120)
    assert again.returncode == 0
    assert f"users.user: {USERS - done} created, 0 changed, {done} unchanged" in printed
    assert state() == undisturbed
