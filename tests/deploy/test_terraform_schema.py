"""The Terraform files against the schema of the AWS provider. Its package is not a dependency: see deploy/terraform_schema.py."""

import importlib.util
import os
import re
import shutil
from pathlib import Path

import pytest

from deploy import terraform_schema
from deploy.terraform_schema import FOLDER, PACKAGE, check

ROOT = Path(__file__).resolve().parents[2]


def unpacked() -> Path | None:
    """Return the folder with the unpacked package, if there is one."""
    spec = importlib.util.find_spec(PACKAGE)
    installed = [Path(spec.origin).parents[1]] if spec and spec.origin else []
    candidates = [Path(os.environ.get("AWS_PROVIDER", ROOT / "var/aws-provider")), *installed]
    return next((folder for folder in candidates if (folder / PACKAGE).is_dir()), None)


PROVIDER = unpacked()
pytestmark = pytest.mark.skipif(
    PROVIDER is None,
    reason="The schema of the AWS provider is not in var/aws-provider (AWS_PROVIDER): see deploy/terraform_schema.py.",
)


@pytest.mark.proves("S3-53", on="the schema of the AWS provider 5")
def test_the_provider_knows_each_resource_and_argument():
    result = check(PROVIDER)
    assert result.problems == []
    kinds = {kind for _, kind, _ in terraform_schema.resources(FOLDER)}
    assert result.types == len(kinds)
    assert result.arguments > 500


@pytest.mark.parametrize(
    ("file", "before", "after", "problem"),
    [
        ("edge/main.tf", 'resource "aws_lb" "main"', 'resource "aws_balancer" "main"', "the provider has no aws_balancer"),
        ("edge/main.tf", "load_balancer_type", "balancer_type", "there is no argument balancer_type"),
        ("edge/main.tf", "healthy_threshold", "healthy_limit", "health_check: there is no argument healthy_limit"),
        ("service/main.tf", '  family                   = "${var.name}-web"\n', "", "family is missing"),
        (
            "service/main.tf",
            "      target_group {\n        name = var.blue_name\n",
            "      target_group {\n",
            "target_group: name is missing",
        ),
        ("network/main.tf", 'domain = "vpc"', 'domains = "vpc"', "there is no argument domains"),
    ],
)
def test_a_mistake_is_reported_with_its_place(tmp_path, file, before, after, problem):
    shutil.copytree(FOLDER, tmp_path / "terraform")
    path = tmp_path / "terraform" / file
    text = path.read_text()
    assert before in text
    path.write_text(text.replace(before, after, 1))
    found = check(PROVIDER, tmp_path / "terraform").problems
    assert [line for line in found if problem in line], found
    assert all(re.match(rf"{re.escape(file)}: ", line) for line in found)
