"""Terraform itself on the files for AWS: `validate`, and `plan` against a simulated AWS. Needs Terraform and the provider.

`TERRAFORM_PLUGINS` is a folder with the AWS provider 5, laid out as `terraform providers mirror` does. The
provider `archive`, which only packs two files, is replaced by a packed file, so that one provider is enough.
"""

import os
import re
import shutil
import subprocess
import zipfile
from pathlib import Path

import boto3
import pytest

from tests.deploy.test_terraform import FOLDER, MODULES, PARSED

PLUGINS = os.environ.get("TERRAFORM_PLUGINS", "")
TERRAFORM = shutil.which("terraform")
pytestmark = pytest.mark.skipif(
    not (TERRAFORM and PLUGINS),
    reason="Terraform is not installed, or TERRAFORM_PLUGINS does not name the folder of its providers.",
)
CLOUD = (
    'provider "aws" {\n  skip_credentials_validation = true\n  skip_metadata_api_check = true\n  s3_use_path_style = true\n}\n'
)


def without(text: str, pattern: str) -> str:
    changed, number = re.subn(pattern, "", text, flags=re.DOTALL)
    assert number == 1, pattern
    return changed


def terraform(folder: Path, *arguments: str) -> subprocess.CompletedProcess:
    environment = {name: value for name, value in os.environ.items() if name != "TF_CLI_CONFIG_FILE"}
    return subprocess.run(
        [str(TERRAFORM), *arguments], cwd=folder, env=environment, capture_output=True, text=True, check=False, timeout=300
    )


@pytest.fixture
def files(tmp_path):
    """Return a copy of the files without the state in S3 and without the provider `archive`."""
    folder = tmp_path / "deploy" / "terraform"
    shutil.copytree(FOLDER, folder)
    top, service = folder / "main.tf", folder / "service" / "main.tf"
    top.write_text(without(without(top.read_text(), r" +archive = \{.*?\n    \}\n"), r'  backend "s3" \{.*?\n  \}\n'))
    text = without(service.read_text(), r'data "archive_file" "hook" \{.*?\n\}\n')
    text = text.replace("data.archive_file.hook.output_path", '"hook.zip"')
    service.write_text(text.replace("data.archive_file.hook.output_base64sha256", 'filebase64sha256("hook.zip")'))
    with zipfile.ZipFile(folder / "hook.zip", "w") as archive:
        for name in ("hook.py", "release.py"):
            archive.write(FOLDER.parent / name, name)
    start = terraform(folder, "init", "-backend=false", f"-plugin-dir={PLUGINS}")
    assert start.returncode == 0, start.stderr
    return folder


@pytest.mark.proves("S3-53", on="Terraform with the AWS provider 5")
def test_terraform_accepts_the_files(files):
    found = terraform(files, "validate", "-no-color")
    assert found.returncode == 0, found.stderr
    assert "The configuration is valid" in found.stdout


@pytest.mark.parametrize(
    ("file", "before", "after", "problem"),
    [
        ("edge/main.tf", 'resource "aws_lb" "main"', 'resource "aws_balancer" "main"', "Invalid resource type"),
        ("edge/main.tf", "load_balancer_type", "balancer_type", "Unsupported argument"),
        ("service/main.tf", '  family                   = "${var.name}-web"\n', "", "Missing required argument"),
        ("main.tf", "module.network.vpc_id", "module.network.vpc", "Unsupported attribute"),
        (
            "edge/main.tf",
            'load_balancer_type         = "application"',
            'load_balancer_type = "applications"',
            "expected load_balancer_type",
        ),
    ],
)
def test_terraform_notices_a_mistake(files, file, before, after, problem):
    path = files / file
    text = path.read_text()
    assert before in text
    path.write_text(text.replace(before, after, 1))
    found = terraform(files, "validate", "-no-color")
    assert found.returncode == 1
    assert problem in found.stderr


@pytest.mark.proves("S3-53", on="Terraform with the AWS provider 5, against moto")
@pytest.mark.parametrize("environment", ["production", "test"])
def test_terraform_plans_each_environment(files, environment, amazon_server):
    """Plan an empty account: Terraform reads what exists, evaluates each expression, and lists what it would create."""
    boto3.client("route53").create_hosted_zone(Name="python.org", CallerReference="zone")
    (files / "cloud_override.tf").write_text(CLOUD)
    variables = {"redis_password": "a" * 32, "image": f"example.org/pydotorg@sha256:{'a' * 64}", "cdn_service_id": "service"}
    plan = terraform(
        files,
        "plan",
        "-no-color",
        "-input=false",
        f"-var-file=environments/{environment}.tfvars",
        *(f"-var={name}={value}" for name, value in variables.items()),
    )
    assert plan.returncode == 0, plan.stderr
    kinds = {kind for name in MODULES for block in PARSED[name]["resource"] for kind in block}
    planned = set(re.findall(r"# module\.\w+\.(aws_\w+)\.", plan.stdout))
    assert planned == {kind for kind in kinds if kind.startswith("aws_")}
    summary = re.search(r"Plan: (\d+) to add, 0 to change, 0 to destroy", plan.stdout)
    assert summary, plan.stdout[-500:]
    assert int(summary[1]) >= len(kinds)
