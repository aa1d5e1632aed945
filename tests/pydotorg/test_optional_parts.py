"""Parts that the environment switches on, each started in a process of its own."""

import json
import os
import subprocess
import sys

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from tests.databases import template_copy
from tests.servers import database_url

CLIENT = "from django.test import Client; client = Client(); "


@pytest.fixture(scope="module")
def ask(tmp_path_factory, private_key, django_db_setup, django_db_blocker):
    """Return a function that runs a one-line program with environment variables and returns its output."""
    folder = tmp_path_factory.mktemp("site")
    clean = {name: value for name, value in os.environ.items() if name in {"PATH", "HOME", "LANG"}}
    clean |= {"VAR_DIR": str(folder), "LOG_LEVEL": "WARNING"}

    def run(*command: str, **environment: str) -> str:
        command = [sys.executable, "manage.py", *command, "--verbosity", "0"]
        answer = subprocess.run(
            command, env=clean | {"DATABASE_URL": url} | environment, capture_output=True, text=True, check=False
        )
        assert answer.returncode == 0, answer.stderr
        return answer.stdout

    with django_db_blocker.unblock(), template_copy("parts") as name:
        url = database_url(name)
        run("migrate", OIDC_PRIVATE_KEY=private_key, GITHUB_CLIENT_ID="one", GITHUB_CLIENT_SECRET="two")
        yield lambda program, **environment: run("shell", "-c", CLIENT + program, **environment)


@pytest.fixture(scope="module")
def private_key() -> str:
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    form = (serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    return key.private_bytes(*form).decode().replace("\n", "\\n")


def test_sister_sites_can_log_in_here_where_a_key_is_set(ask, private_key):
    program = (
        "import json; "
        "found = client.get('/.well-known/openid-configuration').json(); "
        "print(json.dumps([found, client.get(found['jwks_uri']).json(), client.get('/').status_code]))"
    )
    found, keys, _ = json.loads(ask(program, OIDC_PRIVATE_KEY=private_key))
    assert found["authorization_endpoint"].startswith(found["issuer"])
    assert "openid" in found["scopes_supported"]
    assert [key["kty"] for key in keys["keys"]] == ["RSA"]


def test_no_sister_site_can_without(ask):
    program = "print(client.get('/.well-known/openid-configuration').status_code)"
    assert ask(program).strip() == "404"


def test_accounts_of_other_sites_are_offered_where_they_are_set(ask):
    program = "print(client.get('/accounts/login/').content.decode())"
    html = ask(program, GITHUB_CLIENT_ID="one", GITHUB_CLIENT_SECRET="two")
    assert "/accounts/github/login/" in html
    assert "/accounts/google/login/" not in html


def test_pages_may_show_what_lies_in_the_store_and_renditions_are_kept_for_good(ask):
    program = (
        "from django.conf import settings; "
        "print(client.get('/')['Content-Security-Policy']); "
        "print(client.get('/admin/')['Content-Security-Policy']); "
        "print(settings.STORAGES[settings.WAGTAILIMAGES_RENDITION_STORAGE]['OPTIONS']['object_parameters']['CacheControl'])"
    )
    public, admin, kept = ask(program, AWS_STORAGE_BUCKET_NAME="site", AWS_REGION="eu-west-1").strip().splitlines()
    store = "https://s3.eu-west-1.amazonaws.com"
    assert f"img-src 'self' data: {store}" in public
    assert "connect-src" not in public
    assert f"connect-src 'self' {store}" in admin
    assert kept == "public, max-age=31536000, immutable"


def test_the_search_runs_on_elasticsearch_where_it_is_set(ask):
    program = (
        "from wagtail.search.backends import get_search_backend; "
        "backend = get_search_backend(); "
        "print(type(backend).__module__, backend.hosts[0]['host'], client.get('/search/?q=python').status_code)"
    )
    assert ask(program, SEARCH_URL="http://127.0.0.1:9").split() == ["cms.search.engine", "127.0.0.1", "200"]
    without = "from wagtail.search.backends import get_search_backend; print(type(get_search_backend()).__module__)"
    assert "database" in ask(without)
