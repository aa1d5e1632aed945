"""Parts that the environment switches on, each started in a process of its own."""

import json
import os
import subprocess
import sys

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

CLIENT = "from django.test import Client; client = Client(); "


def ask(program: str, tmp_path, **environment) -> str:
    """What a program of one line prints on a fresh database under these variables."""
    clean = {name: value for name, value in os.environ.items() if name in {"PATH", "HOME", "LANG"}}
    clean |= {"VAR_DIR": str(tmp_path), "DATABASE_URL": f"sqlite:///{tmp_path}/db.sqlite3", "LOG_LEVEL": "WARNING", **environment}
    for command in (["migrate", "--verbosity", "0"], ["shell", "--verbosity", "0", "-c", CLIENT + program]):
        answer = subprocess.run([sys.executable, "manage.py", *command], env=clean, capture_output=True, text=True, check=False)
        assert answer.returncode == 0, answer.stderr
    return answer.stdout


@pytest.fixture(scope="module")
def private_key() -> str:
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    form = (serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    return key.private_bytes(*form).decode().replace("\n", "\\n")


def test_sister_sites_can_log_in_here_where_a_key_is_set(tmp_path, private_key):
    program = (
        "import json; "
        "found = client.get('/.well-known/openid-configuration').json(); "
        "print(json.dumps([found, client.get(found['jwks_uri']).json(), client.get('/').status_code]))"
    )
    found, keys, _ = json.loads(ask(program, tmp_path, OIDC_PRIVATE_KEY=private_key))
    assert found["authorization_endpoint"].startswith(found["issuer"])
    assert "openid" in found["scopes_supported"]
    assert [key["kty"] for key in keys["keys"]] == ["RSA"]


def test_no_sister_site_can_without(tmp_path):
    program = "print(client.get('/.well-known/openid-configuration').status_code)"
    assert ask(program, tmp_path).strip() == "404"


def test_accounts_of_other_sites_are_offered_where_they_are_set(tmp_path):
    program = "print(client.get('/accounts/login/').content.decode())"
    html = ask(program, tmp_path, GITHUB_CLIENT_ID="one", GITHUB_CLIENT_SECRET="two")
    assert "/accounts/github/login/" in html
    assert "/accounts/google/login/" not in html
