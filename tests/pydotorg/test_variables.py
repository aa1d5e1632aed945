"""One table defines every environment variable. Code, deployment files and documents are compared with it."""

import ast
import os
import re
import subprocess
import sys
from pathlib import Path

import boto3
import pytest
import yaml
from django.core.exceptions import ImproperlyConfigured

from pydotorg.settings import variables
from pydotorg.settings.variables import GUIDE, VARIABLES, Level, fill_in_secrets

ROOT = Path(__file__).resolve().parents[2]
NAMES = {variable.name for variable in VARIABLES}
# Read by the libraries of Amazon's services by themselves.
OF_THE_LIBRARIES = {"AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"}
READING = re.compile(r"env(\.\w+)?|(os\.)?environ\.(get|setdefault)")


def read_by(path: Path) -> set[str]:
    """Return the names that a file reads with `env("NAME")`, `env.int("NAME")` or `os.environ.get("NAME")`."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call) and READING.fullmatch(ast.unparse(node.func)) and node.args:
            argument = node.args[0]
            if isinstance(argument, ast.Constant):
                found.add(argument.value)
            elif isinstance(argument, ast.JoinedStr):
                found |= {f"{provider}{argument.values[-1].value}" for provider in ("GITHUB", "GOOGLE")}
    return found


@pytest.mark.proves("S3-41", static=True)
def test_the_settings_read_exactly_the_variables_of_the_table():
    files = [*(ROOT / "pydotorg/settings").glob("*.py"), ROOT / "gunicorn.conf.py", ROOT / "deploy/backup.py"]
    read = set().union(*(read_by(path) for path in files))
    assert read - {"PYTEST_XDIST_WORKER", "DJANGO_SETTINGS_MODULE"} == NAMES
    assert len(NAMES) == len(VARIABLES)


@pytest.mark.proves("S3-45", static=True)
def test_compose_sets_known_variables_and_all_that_are_required():
    environment = set(yaml.safe_load((ROOT / "deploy/compose.yaml").read_text())["x-app"]["environment"])
    assert environment - OF_THE_LIBRARIES <= NAMES
    assert {variable.name for variable in VARIABLES if variable.required} <= environment


def test_the_guide_has_the_table():
    _, _, rest = GUIDE.read_text(encoding="utf-8").partition(variables.BEGIN)
    assert rest.partition(variables.END)[0] == variables.as_table(), "Run `make variables`."


def test_writing_the_guide_changes_only_the_table(tmp_path):
    guide = tmp_path / "guide.md"
    guide.write_text(f"Before\n{variables.BEGIN}old\n{variables.END}\nAfter\n")
    variables.write_guide(guide)
    assert guide.read_text() == f"Before\n{variables.BEGIN}{variables.as_table()}{variables.END}\nAfter\n"


@pytest.fixture
def amazon(amazon_server):
    """This site's secrets in both stores."""
    store = boto3.client("ssm", region_name="us-east-1")
    secrets = {"SECRET_KEY": "from the store", "DATABASE_URL": "sqlite:///:memory:", "DEBUG": "true", "SURPRISE": "yes"}
    for name, value in secrets.items():
        store.put_parameter(Name=f"/pydotorg/test/{name}", Value=value, Type="SecureString")
    boto3.client("secretsmanager", region_name="us-east-1").create_secret(
        Name="pydotorg/test", SecretString='{"SECRET_KEY": "from the manager", "EMAIL_URL": "consolemail://"}'
    )


@pytest.mark.proves("S3-27", "S3-43", "S4-09", on="moto")
def test_secrets_come_from_amazons_stores_and_what_is_missing_is_named(amazon):
    environ = {"SECRETS_FROM": "ssm:/pydotorg/test/", "DATABASE_URL": "sqlite:///of-the-environment"}
    fill_in_secrets(environ)
    assert environ["SECRET_KEY"] == "from the store"
    assert environ["DATABASE_URL"] == "sqlite:///of-the-environment"
    assert not {"DEBUG", "SURPRISE"} & set(environ), "Only secrets of the table are taken."
    environ = {"SECRETS_FROM": "secretsmanager:pydotorg/test"}
    fill_in_secrets(environ)
    assert (environ["SECRET_KEY"], environ["EMAIL_URL"]) == ("from the manager", "consolemail://")
    for place in ("secretsmanager:pydotorg/none", "vault:pydotorg", "ssm:"):
        with pytest.raises(ImproperlyConfigured):
            fill_in_secrets({"SECRETS_FROM": place})
    answer = subprocess.run(
        [sys.executable, "-c", "import pydotorg.settings.production"],
        env=os.environ | {"SECRETS_FROM": "ssm:/pydotorg/test/", "REDIS_URL": "", "ALLOWED_HOSTS": ""},
        capture_output=True,
        text=True,
        check=False,
    )
    listed = re.findall("Set these variables before starting under the production settings: (.*)\\.", answer.stderr)[-1]
    required = {variable.name for variable in VARIABLES if variable.required}
    assert set(listed.split(", ")) == required - {"SECRET_KEY", "DATABASE_URL"}


def test_no_secret_has_a_default_that_works_in_production():
    production = (ROOT / "pydotorg/settings/production.py").read_text(encoding="utf-8")
    assert 'SECRET_KEY = env("SECRET_KEY")' in production
    assert all(variable.level == Level.SECRET for variable in VARIABLES if re.search("SECRET$|TOKEN|PRIVATE_KEY", variable.name))
