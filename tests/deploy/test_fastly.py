"""Fastly's snippets and settings match the Varnish configuration. Only the files are compared."""

import json
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
FASTLY = ROOT / "deploy" / "fastly"
SERVICE = json.loads((FASTLY / "service.json").read_text(encoding="utf-8"))
VARNISH = (ROOT / "deploy" / "varnish" / "default.vcl").read_text(encoding="utf-8")
BACKENDS = (ROOT / "deploy" / "varnish" / "backends.vcl").read_text(encoding="utf-8")

pytestmark = pytest.mark.proves("S2-09", static=True)


def snippet(kind: str) -> str:
    """Return the content of the only snippet of a type, without its comments."""
    (found,) = [each for each in SERVICE["snippets"] if each["type"] == kind]
    lines = (FASTLY / found["file"]).read_text(encoding="utf-8").splitlines()
    return "\n".join(line for line in lines if not line.lstrip().startswith("#"))


def facts(pattern: str, text: str) -> list[str]:
    found = re.findall(pattern, text)
    assert found, f"Nothing matches {pattern}."
    return found


@pytest.mark.parametrize(
    "pattern",
    [
        pytest.param(r"req\.url ~ \"(\^/\(admin[^\"]+)\"", id="paths that are never kept"),
        pytest.param(r"req\.http\.Cookie ~ \"([^\"]+)\"", id="the cookie that goes past"),
        pytest.param(r"req\.http\.Accept ~ \"(\(\?i\)[^\"]+)\"", id="programs that ask for Markdown"),
        pytest.param(r"\|\| req\.http\.([\w-]+)(?= \|\||\) \{)", id="keys that go past"),
        pytest.param(r"unset req\.http\.(X-[FOR][\w-]+|X-HTTP[\w-]+|Cookie);", id="headers that count for nothing"),
    ],
)
def test_requests_are_distinguished_alike(pattern):
    assert facts(pattern, snippet("recv")) == facts(pattern, VARNISH)


@pytest.mark.parametrize(
    "pattern",
    [
        pytest.param(r"beresp\.http\.Cache-Control ~ \"([^\"]+)\"", id="answers that are not for all"),
        pytest.param(r"if \((beresp\.http\.[\w-]+) \|\|", id="cookies that are set"),
        pytest.param(r"set beresp\.ttl = (6\w+);", id="for how long that is remembered"),
    ],
)
def test_answers_are_kept_alike(pattern):
    assert facts(pattern, snippet("fetch")) == facts(pattern, VARNISH)


def test_what_is_stale_is_used_for_as_long():
    _, grace = facts(r"set beresp\.grace = (\w+);", VARNISH)
    assert facts(r"stale_while_revalidate = (\w+);", snippet("fetch")) == facts(r"set req\.grace = (0s);", VARNISH)
    assert facts(r"stale_if_error = (\w+);", snippet("fetch")) == [grace]
    assert SERVICE["settings"]["general.stale_if_error_ttl"] == int(grace.removesuffix("h")) * 3600


def test_a_site_that_is_down_is_noticed_alike():
    (probe,) = facts(r"probe health \{([^}]+)\}", BACKENDS)
    (check,) = SERVICE["healthchecks"]
    said = dict(re.findall(r"\.(\w+) = \"?([^;\"]+)", probe))
    assert (check["path"], check["window"], check["threshold"]) == (said["url"], int(said["window"]), int(said["threshold"]))
    # On one machine it is requested more often.
    assert check["check_interval"] // 1000 >= int(said["interval"].removesuffix("s"))
    assert f"{check['timeout'] // 1000}s" == said["timeout"]
    assert [backend["healthcheck"] for backend in SERVICE["backends"]] == [check["name"]]


def test_every_file_is_used_and_its_braces_close():
    assert {each["file"] for each in SERVICE["snippets"]} == {path.name for path in FASTLY.glob("*.vcl")}
    for each in SERVICE["snippets"]:
        text = snippet(each["type"])
        assert text.count("{") == text.count("}")
        assert "FASTLYPURGE" in snippet("recv"), "A purge must reach the cache."


def test_the_scheme_is_part_of_the_cache_key():
    assert "hash_data(req.http.X-Forwarded-Proto);" in VARNISH
    assert "set req.hash += req.http.X-Forwarded-Proto;" in snippet("hash")
