"""Rows read from the old site's database. Reading is the same for each engine, so an SQLite file is sufficient here."""

import sqlite3
from contextlib import closing
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from uuid import UUID

import pytest
from django.core.management import CommandError, call_command

from home.models import StandardPage
from importer.core.database import plain
from jobs.models import Job
from users.models import User

pytestmark = pytest.mark.django_db
OLD = """
CREATE TABLE django_content_type (id INTEGER PRIMARY KEY, app_label TEXT, model TEXT);
CREATE TABLE auth_permission (id INTEGER PRIMARY KEY, codename TEXT, content_type_id INTEGER REFERENCES django_content_type (id));
CREATE TABLE auth_group (id INTEGER PRIMARY KEY, name TEXT);
CREATE TABLE auth_group_permissions (
    id INTEGER PRIMARY KEY, group_id INTEGER REFERENCES auth_group (id), permission_id INTEGER REFERENCES auth_permission (id));
CREATE TABLE users_user (
    id INTEGER PRIMARY KEY, username TEXT, password TEXT, email TEXT, first_name TEXT, last_name TEXT, bio TEXT,
    last_login TEXT, date_joined TEXT, is_superuser BOOL, is_staff BOOL, is_active BOOL, public_profile BOOL,
    search_visibility INTEGER);
CREATE TABLE users_user_groups (
    id INTEGER PRIMARY KEY, user_id INTEGER REFERENCES users_user (id), group_id INTEGER REFERENCES auth_group (id));
CREATE TABLE users_user_user_permissions (
    id INTEGER PRIMARY KEY, user_id INTEGER REFERENCES users_user (id), permission_id INTEGER REFERENCES auth_permission (id));
CREATE TABLE jobs_jobtype (id INTEGER PRIMARY KEY, name TEXT, slug TEXT, active BOOL);
CREATE TABLE jobs_jobcategory (id INTEGER PRIMARY KEY, name TEXT, slug TEXT, active BOOL);
CREATE TABLE jobs_job (
    id INTEGER PRIMARY KEY, job_title TEXT, company_name TEXT, company_description TEXT, city TEXT, region TEXT, country TEXT,
    description TEXT, _description_rendered TEXT, requirements TEXT, other_job_type TEXT, contact TEXT, email TEXT, url TEXT,
    status TEXT, created TEXT, updated TEXT, expires TEXT, telecommuting BOOL, agencies BOOL, is_featured BOOL,
    category_id INTEGER REFERENCES jobs_jobcategory (id), creator_id INTEGER REFERENCES users_user (id),
    submitted_by_id INTEGER REFERENCES users_user (id));
CREATE TABLE jobs_job_job_types (
    id INTEGER PRIMARY KEY, job_id INTEGER REFERENCES jobs_job (id), jobtype_id INTEGER REFERENCES jobs_jobtype (id));
CREATE TABLE pages_page (
    id INTEGER PRIMARY KEY, title TEXT, path TEXT, description TEXT, content TEXT, content_markup_type TEXT,
    is_published BOOL, template_name TEXT, created TEXT, updated TEXT, creator_id INTEGER REFERENCES users_user (id));
INSERT INTO django_content_type VALUES (4, 'boxes', 'box');
INSERT INTO auth_permission VALUES (40, 'change_box', 4);
INSERT INTO auth_group VALUES (91, 'Typists');
INSERT INTO auth_group_permissions VALUES (1, 91, 40);
INSERT INTO users_user VALUES (71, 'ada', '!', 'ada@example.org', '', '', '', NULL, '2030-01-02T10:00:00+00:00', 0, 0, 1, 1, 1);
INSERT INTO users_user_groups VALUES (1, 71, 91);
INSERT INTO jobs_jobtype VALUES (2, 'Maps', 'maps', 1);
INSERT INTO jobs_jobcategory VALUES (3, 'Maker', 'maker', 1);
INSERT INTO jobs_job VALUES (
    11, 'Cartographer', 'Tidewater', '', 'Lisbon', '', 'Portugal', 'x', '<p>Maps.</p>', '', '', '', 'a@example.org', '',
    'approved', '2030-01-02T10:00:00+00:00', '2030-01-02T10:00:00+00:00', NULL, 0, 0, 0, 3, 71, 71);
INSERT INTO jobs_job_job_types VALUES (1, 11, 2);
INSERT INTO pages_page VALUES (
    5, 'Us', 'about/us', '', '<p>We.</p>', 'html', 1, '', '2030-01-02T10:00:00+00:00', '2030-01-02T10:00:00+00:00', 71);
"""


@pytest.fixture
def old(tmp_path):
    path = tmp_path / "old.sqlite3"
    with closing(sqlite3.connect(path)) as connection:
        connection.executescript(OLD)
    return path


def test_a_database_is_read_as_a_dump_is(old, capsys):
    before = old.read_bytes()
    call_command("import_pydotorg", f"sqlite:///{old}")
    ada = User.objects.get(pk=71)
    assert [group.name for group in ada.groups.all()] == ["Typists"]
    assert ada.has_perm("cms.change_box")
    job = Job.objects.get(pk=11)
    assert (job.submitted_by, job.description, [kind.slug for kind in job.job_types.all()]) == (ada, "Maps.", ["maps"])
    assert (StandardPage.objects.get(slug="us").owner, str(StandardPage.objects.get(slug="us").body[0].value)) == (
        ada,
        "<p>We.</p>",
    )
    capsys.readouterr()
    call_command("import_pydotorg", f"sqlite:///{old}", delta=True)
    assert "0 rows created or changed, 0 rejected, 0 conflicts." in capsys.readouterr().out
    assert old.read_bytes() == before


def test_a_database_that_is_not_there_is_named(tmp_path):
    with pytest.raises(CommandError, match="The old database cannot be read"):
        call_command("import_pydotorg", f"sqlite:///{tmp_path}/nowhere/old.sqlite3")


def test_values_are_written_as_in_a_dump():
    moment = datetime(2026, 1, 2, 3, tzinfo=UTC)
    values = [moment, moment.date(), timedelta(hours=2), UUID(int=1), Decimal("1.50"), True, None, 7]
    assert [plain(value) for value in values] == [
        *("2026-01-02T03:00:00+00:00", "2026-01-02", "02:00:00", "00000000-0000-0000-0000-000000000001", "1.50", True, None, 7)
    ]
