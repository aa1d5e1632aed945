"""Files of the old site come from its bucket or a copy of it, each saved in the correct storage."""

import json

import boto3
import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import FileSystemStorage, default_storage
from django.core.management import CommandError, call_command
from moto.server import ThreadedMotoServer

from importer.core import Spool
from importer.core.files import compare_files, copy_files, source_at
from importer.core.media import path_of

FILES = {
    "files/a.pdf": b"%PDF-1.4 a",
    "pages/map.png": b"a map",
    "sponsors/contract.pdf": b"%PDF-1.4 signed",
    "logos/moon.svg": b"<svg/>",
}


def row(model, pk, **fields):
    return {"model": model, "pk": pk, "fields": fields}


ROWS = [
    row("pages.page", 1, content="<a href='/m/files/a.pdf'>A</a>", _content_rendered='<img src="/media/sponsors/contract.pdf">'),
    row("pages.image", 1, image="pages/map.png"),
    row("sponsors.contract", 1, document="sponsors/contract.pdf", document_docx="", signed_document="sponsors/gone.pdf"),
    row("sponsors.sponsor", 1, web_logo="logos/moon.svg", white_logo=None),
    row("companies.company", 1, logo="../../etc/passwd"),
    {"resource_uri": "https://x/api/v2/downloads/os/1/"},
]


@pytest.fixture
def here(settings, tmp_path):
    """Storages of this site that are empty."""
    settings.MEDIA_ROOT = tmp_path / "here"
    private = {"BACKEND": "django.core.files.storage.FileSystemStorage", "OPTIONS": {"location": tmp_path / "private"}}
    settings.STORAGES = settings.STORAGES | {"private": private}


@pytest.fixture
def bucket(monkeypatch):
    server = ThreadedMotoServer("127.0.0.1", 0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    monkeypatch.setenv("AWS_ENDPOINT_URL_S3", f"http://{host}:{port}")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "old")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "old")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    client = boto3.client("s3")
    client.create_bucket(Bucket="old-site")
    for path, content in FILES.items():
        client.put_object(Bucket="old-site", Key=f"media/{path}", Body=content)
    client.close()
    yield "s3://old-site/media"
    server.stop()


def test_a_bucket_is_copied_once_and_what_is_confidential_stays_so(here, bucket, tmp_path, capsys):
    rows = tmp_path / "rows.json"
    rows.write_text(json.dumps(ROWS))
    call_command("copy_media", bucket, rows)
    printed = capsys.readouterr().out
    assert "default storage: 3 created, 0 changed, 0 unchanged" in printed
    assert "private storage: 1 created, 0 changed, 0 unchanged" in printed
    assert "Skipped sponsors/gone.pdf: it cannot be copied (it is not in the source)." in printed
    assert "2 files could not be copied." in printed
    assert (tmp_path / "private/sponsors/contract.pdf").read_bytes() == FILES["sponsors/contract.pdf"]
    assert not default_storage.exists("sponsors/contract.pdf")
    call_command("copy_media", bucket, rows)
    assert "default storage: 0 created, 0 changed, 3 unchanged" in capsys.readouterr().out


def test_a_file_that_arrived_in_part_comes_again(here, tmp_path):
    source = FileSystemStorage(location=tmp_path / "old")
    for path, content in FILES.items():
        (tmp_path / "old" / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "old" / path).write_bytes(content)
    with Spool(ROWS) as spool:
        copy_files(spool, source)
        (tmp_path / "here/pages/map.png").write_bytes(b"a")
        report = copy_files(spool, source_at(str(tmp_path / "old")))
    assert report.counts["default"] == {"changed": 1, "unchanged": 2}
    assert (tmp_path / "here/pages/map.png").read_bytes() == b"a map"


def test_a_changed_file_of_the_same_size_is_copied_again_by_its_checksum(here, tmp_path, capsys):
    old, rows = tmp_path / "old", tmp_path / "rows.json"
    rows.write_text(json.dumps(ROWS))
    source = FileSystemStorage(location=old)
    for path, content in FILES.items():
        source.save(path, ContentFile(content))
    call_command("copy_media", str(old), rows)
    (tmp_path / "here/pages/map.png").write_bytes(b"a nap")
    call_command("copy_media", str(old), rows)
    assert (tmp_path / "here/pages/map.png").read_bytes() == b"a nap"
    call_command("copy_media", str(old), rows, checksums=True)
    assert (tmp_path / "here/pages/map.png").read_bytes() == b"a map"
    assert "default storage: 0 created, 1 changed, 2 unchanged" in capsys.readouterr().out


@pytest.mark.parametrize(("command", "arguments"), [("copy_media", {}), ("verify_pydotorg", {"media": "{}"})])
@pytest.mark.parametrize("place", ["/no/such/directory", "https://www.python.org/media/"])
def test_a_place_without_media_is_refused_at_once(tmp_path, command, arguments, place):
    rows = tmp_path / "rows.json"
    rows.write_text("[]")
    options = {name: value.format(place) for name, value in arguments.items()}
    with pytest.raises(CommandError, match="is not a directory"):
        call_command(command, *([] if options else [place]), rows, **options)


@pytest.mark.parametrize(
    ("address", "path"),
    [
        ("/m/files/a.pdf", "files/a.pdf"),
        ("https://www.python.org/media/a.png?x=1", "a.png"),
        ("https://s3.dualstack.us-east-2.amazonaws.com/pythondotorg-assets/media/a/b.png#c", "a/b.png"),
        ("https://example.org/media/a.png", ""),
        ("/media/../secret", ""),
    ],
)
def test_addresses_of_media_tell_where_the_file_lies(address, path):
    assert path_of(address) == path


@pytest.mark.django_db
def test_short_addresses_of_media_lead_on(client):
    assert client.get("/m/files/a.pdf/").url == client.get("/m/files/a.pdf").url == "/media/files/a.pdf"
    assert client.get("/m/../secret").status_code == client.get("/m/a/../../secret").status_code == 404


def test_files_are_compared_by_their_checksums(here, tmp_path):
    source = FileSystemStorage(location=tmp_path / "old")
    for path, content in FILES.items():
        source.save(path, ContentFile(content))
    with Spool(ROWS) as spool:
        copy_files(spool, source)
        wrong = {wanted.path: detail for wanted, detail in compare_files(spool, source)}
        assert wrong.pop("sponsors/gone.pdf") == "sponsors/gone.pdf is not in the source either."
        assert "cannot be read" in wrong.pop("../../etc/passwd")
        assert not wrong
        (tmp_path / "here/pages/map.png").write_bytes(b"a nap")
        (tmp_path / "private/sponsors/contract.pdf").unlink()
        found = {wanted.path: detail for wanted, detail in compare_files(spool, source)}
        assert {path: found[path] for path in ("pages/map.png", "sponsors/contract.pdf")} == {
            "pages/map.png": "pages/map.png differs from the file in the source.",
            "sponsors/contract.pdf": "sponsors/contract.pdf has not been copied.",
        }
