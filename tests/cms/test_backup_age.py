"""The alarm about missing backups, and the deletion of old ones."""

import json
from datetime import UTC, datetime, timedelta

import pytest
from django.utils import timezone

from cms.platform.models import ScheduleState
from cms.platform.tasks import BACKUP, backup_age, check_backup_age
from deploy.backup import delete_old, note_backup

pytestmark = pytest.mark.django_db


def errors(caplog):
    caplog.clear()
    check_backup_age.call()
    return [record.getMessage() for record in caplog.records if record.levelname == "ERROR"]


def test_a_missing_and_an_old_backup_are_errors(settings, caplog):
    settings.BACKUP_MAX_AGE_HOURS = 26
    assert errors(caplog) == ["There is no backup yet."]
    note_backup()
    assert errors(caplog) == []
    assert backup_age() < timedelta(minutes=1)
    ScheduleState.objects.filter(path=BACKUP).update(done_until=timezone.now() - timedelta(hours=30))
    assert errors(caplog) == ["The newest backup is 30 hours old."]
    settings.BACKUP_MAX_AGE_HOURS = 0
    assert errors(caplog) == []


def test_old_backups_are_deleted_but_never_the_newest(tmp_path):
    def make(days, *, complete=True):
        name = f"{datetime.now(UTC) - timedelta(days=days):%Y-%m-%dT%H%M%SZ}"
        folder = tmp_path / (name if complete else f"{name}.partial")
        folder.mkdir()
        if complete:
            (folder / "manifest.json").write_text(json.dumps({}))
        return folder

    old, recent, partial = make(20), make(3), make(4, complete=False)
    delete_old(tmp_path, days=14)
    assert (old.exists(), recent.exists(), partial.exists()) == (False, True, False)
    delete_old(tmp_path, days=1)
    assert recent.exists()
