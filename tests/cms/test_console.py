"""The Python console: its files, the policy of its worker, and the links that replace it where it is not installed."""

import base64
import gzip
import hashlib
import io
import json
import tarfile

import pytest
from wagtail.models import Site

from cms.content.blocks import BodyBlock
from cms.content.console import TYPES
from cms.content.models.settings import SiteSettings
from deploy import console as placing

pytestmark = pytest.mark.django_db
EXTERNAL = "https://shell.example.org/"
CODE = {"type": "code", "value": {"code": "print('<b>')", "language": "python", "caption": ""}}


def archive(version: str = "1.2.3") -> bytes:
    """Return an archive like that of the package."""
    contents = {name: name.encode() * 50 for name in placing.FILES}
    contents["package.json"] = json.dumps({"version": version}).encode()
    contents["pyodide-lock.json"] = json.dumps({"info": {"python": "3.14.2"}}).encode()
    file = io.BytesIO()
    with tarfile.open(fileobj=file, mode="w:gz") as package:
        for name, content in {**contents, "console.html": b"not needed"}.items():
            member = tarfile.TarInfo(f"package/{name}")
            member.size = len(content)
            package.addfile(member, io.BytesIO(content))
    return file.getvalue()


@pytest.fixture
def external_shell():
    site_settings = SiteSettings.for_site(Site.objects.get(is_default_site=True))
    site_settings.shell_url = EXTERNAL
    site_settings.save()
    return site_settings


@pytest.fixture
def console(settings, tmp_path, monkeypatch):
    """Return the console in a folder, installed from an archive with the expected checksum."""
    content = archive()
    integrity = "sha512-" + base64.b64encode(hashlib.sha512(content).digest()).decode()
    monkeypatch.setattr(placing, "INTEGRITY", integrity)
    settings.CONSOLE_ROOT = tmp_path / "console"
    placing.place(content, settings.CONSOLE_ROOT)
    return settings.CONSOLE_ROOT


def rendered(block, **context):
    body = BodyBlock()
    return body.render(body.to_python([block]), context)


def directives(response) -> dict[str, str]:
    parts = [part.strip().partition(" ") for part in response["Content-Security-Policy"].split(";")]
    return {name: value for name, _, value in parts}


def test_an_archive_with_another_checksum_is_refused(tmp_path):
    with pytest.raises(ValueError, match="has the checksum sha512-"):
        placing.place(archive(), tmp_path / "console")
    assert not (tmp_path / "console").exists()


def test_the_files_that_are_placed_are_those_that_are_served():
    assert set(placing.FILES) == {*TYPES, "package.json"}


def test_webassembly_runs_under_the_policy_of_the_worker_alone(client, console):
    policy = directives(client.get("/shell/worker.js"))
    assert policy["default-src"] == "'none'"
    assert policy["script-src"] == "testserver/shell/1.2.3/ 'wasm-unsafe-eval'"
    for path in ("/shell/", "/shell/1.2.3/pyodide.mjs", "/", "/no/such/page/"):
        response = client.get(path)
        assert response.getvalue()
        assert "wasm" not in response["Content-Security-Policy"], path


def test_code_in_the_worker_cannot_send_requests_to_the_site(client, console):
    assert directives(client.get("/shell/worker.js"))["connect-src"] == "testserver/shell/1.2.3/"


@pytest.mark.parametrize(("name", "content_type"), TYPES.items())
def test_files_keep_their_names_and_are_cached_for_a_year(client, console, name, content_type):
    plain = client.get(f"/shell/1.2.3/{name}")
    compressed = client.get(f"/shell/1.2.3/{name}", headers={"Accept-Encoding": "gzip, br"})
    assert plain["Content-Type"] == compressed["Content-Type"] == content_type
    assert compressed["Content-Encoding"] == "gzip"
    assert gzip.decompress(compressed.getvalue()) == plain.getvalue() == (console / name).read_bytes()
    assert "max-age=31536000" in plain["Cache-Control"]
    assert "immutable" in plain["Cache-Control"]
    assert plain["Vary"] == "Accept-Encoding"
    assert not client.cookies


@pytest.mark.parametrize("path", ["/shell/1.2.2/pyodide.mjs", "/shell/1.2.3/package.json", "/shell/1.2.3/..%2Fpyodide.mjs"])
def test_nothing_else_of_the_folder_is_served(client, console, path):
    assert client.get(path).status_code == 404


def test_the_shell_names_its_size_and_versions_and_sets_no_cookie(client, console):
    response = client.get("/shell/")
    page = response.content.decode()
    assert "Start Python" in page
    assert "bytes download)" in page
    assert "Python 3.14.2 in Pyodide 1.2.3" in page
    assert "s-maxage=3600" in response["Cache-Control"]
    assert not client.cookies


def test_a_sample_can_be_run_where_the_console_is_installed(console):
    html = rendered(CODE)
    assert 'data-code="print(&#x27;&lt;b&gt;&#x27;)"' in html
    assert "data-run" in html
    assert EXTERNAL not in rendered(CODE, site_settings=SiteSettings(shell_url=EXTERNAL))


@pytest.mark.parametrize("language", ["bash", "pycon", "text"])
def test_only_programs_in_python_can_be_run(console, language):
    assert "data-run" not in rendered({"type": "code", "value": {**CODE["value"], "language": language}})


def test_without_the_console_samples_link_to_the_external_shell():
    html = rendered(CODE, site_settings=SiteSettings(shell_url=EXTERNAL))
    assert f'href="{EXTERNAL}"' in html
    assert "data-run" not in html


def test_without_the_console_and_an_external_shell_samples_have_neither():
    html = rendered(CODE, site_settings=SiteSettings())
    assert "data-run" not in html
    assert "<a " not in html


def test_without_the_console_the_url_of_the_shell_leads_to_the_external_one(client, external_shell):
    response = client.get("/shell/")
    assert (response.status_code, response["Location"]) == (302, EXTERNAL)
    assert client.get("/shell/worker.js").status_code == 404
    assert client.get("/shell/314.0.7/pyodide.mjs").status_code == 404


def test_without_both_the_url_of_the_shell_leads_to_the_front_page(client):
    response = client.get("/shell/")
    assert (response.status_code, response["Location"]) == (302, "/")
    assert client.get("/shell")["Location"] == "/shell/"
