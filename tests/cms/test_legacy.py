"""The import of rows of all kinds."""

import json

import pytest
from django.core.management import CommandError, call_command

from cms.legacy import import_rows, label_of

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("row", "label"),
    [
        ({"resource_uri": "https://www.python.org/api/v2/downloads/release_file/764/"}, "downloads/release_file"),
        ({"resource_uri": "https://www.python.org/jobs/1/"}, ""),
        ({}, ""),
        ("text", ""),
    ],
)
def test_a_row_tells_of_which_kind_it_is(row, label):
    assert label_of(row) == label


def test_rows_of_an_unknown_kind_are_reported_and_stop_nothing():
    report = import_rows(
        [{"resource_uri": "https://x/api/v2/zoo/animal/1/"}, {"resource_uri": "https://x/api/v2/zoo/animal/2/"}, 7]
    )
    assert report.counts["zoo/animal"]["skipped"] == 2
    assert report.notes == [
        "Skipped 2 rows of a kind that nothing here knows: zoo/animal.",
        "Skipped 1 rows of a kind that nothing here knows: 7.",
    ]


@pytest.mark.parametrize(
    ("content", "sentence"), [("{", "cannot be read"), ('{"a": 1}', "holds no list of rows."), (None, "cannot be read")]
)
def test_a_file_that_holds_no_rows_is_named(tmp_path, content, sentence):
    file = tmp_path / "rows.json"
    if content is not None:
        file.write_text(content)
    with pytest.raises(CommandError, match=sentence):
        call_command("import_pydotorg", file)


def test_the_command_prints_figures(tmp_path, capsys):
    file = tmp_path / "rows.json"
    file.write_text(json.dumps([{"resource_uri": "https://x/api/v2/zoo/animal/1/"}]))
    call_command("import_pydotorg", file)
    assert "zoo/animal: 0 created, 0 changed, 0 unchanged, 0 kept, 1 skipped" in capsys.readouterr().out
