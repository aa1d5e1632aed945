"""The workflows: read, judged by zizmor, and their shell steps run against stand-ins."""

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from tests.servers import RecordingServer

ROOT = Path(__file__).resolve().parents[2]
FOLDER = ROOT / ".github"
COMMIT = "0123456789abcdef0123456789abcdef01234567"


def read(name: str) -> dict:
    """YAML takes the key `on` for a truth value."""
    found = yaml.safe_load((FOLDER / name).read_text(encoding="utf-8"))
    return {"on" if key is True else key: value for key, value in found.items()}


CI, RELEASE = read("workflows/ci.yml"), read("workflows/release.yml")
STEPS = [step for workflow in (CI, RELEASE) for job in workflow["jobs"].values() for step in job.get("steps", [])]


@pytest.mark.proves("S2-58", "S4-11", "S1-09", "S0-15", "S1-12", "S3-54", static=True)
def test_each_step_waits_for_the_one_before():
    jobs = RELEASE["jobs"]
    assert jobs["check"]["uses"] == "./.github/workflows/ci.yml"
    assert {name: job.get("needs") for name, job in jobs.items()} == {"check": None, "image": "check", "ship": "image"}
    assert [step["name"].split(",")[0] for step in jobs["image"]["steps"]][1:] == [
        "Build",
        "Test this image",
        "Scan",
        "Become the role of this environment",
        "Push",
    ]
    assert "bash .ci/run" in [step["run"] for step in CI["jobs"]["check"]["steps"]]
    tests = jobs["image"]["steps"][2]["run"]
    assert {"image-test", "image-suite", "stack", "stack-test"} <= set(tests.split())
    # What is tested, scanned and pushed is the image that was built.
    assert len(set(re.findall(r"pydotorg:\w+", " ".join(step["run"] for step in jobs["image"]["steps"])))) == 1
    assert "release.py gate" in jobs["image"]["steps"][3]["run"]
    ship = " ".join(step["run"] for step in jobs["ship"]["steps"])
    assert ship.index(" ship ") < ship.index(" wait ") < ship.index(" smoke ") < ship.index("--auto-rollback-enabled")
    assert not [step for step in STEPS if step.get("continue-on-error")]


def test_the_check_fetches_its_commit_into_a_folder_of_another_account(tmp_path):
    """The folder of a job in a container belongs to the account outside, which git refuses without `safe.directory`."""
    origin, folder = tmp_path / "origin", tmp_path / "work"
    folder.mkdir()
    author = {f"GIT_{who}_{what}": "ci@example.org" for who in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")}
    env = {"PATH": os.environ["PATH"], "HOME": str(tmp_path)} | author

    def git(*command: str) -> str:
        return subprocess.run(["git", *command], env=env, capture_output=True, text=True, check=True).stdout.strip()

    git("init", "--quiet", str(origin))
    git("-C", str(origin), "commit", "--quiet", "--allow-empty", "--message", "ci: try")
    commit = git("-C", str(origin), "rev-parse", "HEAD")
    env |= {"GITHUB_SERVER_URL": tmp_path.as_uri(), "GITHUB_REPOSITORY": "origin", "GITHUB_SHA": commit}
    # With this variable, Git treats every folder as owned by another account. Reading from the origin is allowed.
    (tmp_path / "system").write_text(f"[safe]\n\tdirectory = {origin}/.git\n", encoding="utf-8")
    env |= {"GIT_TEST_ASSUME_DIFFERENT_OWNER": "1", "GIT_CONFIG_SYSTEM": str(tmp_path / "system")}
    subprocess.run(["bash", "-e", "-c", CI["jobs"]["check"]["steps"][0]["run"]], cwd=folder, env=env, check=True)
    assert git("-C", str(folder), "rev-parse", "HEAD") == commit


@pytest.mark.proves("S0-13", "S1-21", static=True)
def test_main_goes_to_the_test_site_and_people_start_the_rest():
    assert RELEASE["on"]["push"] == {"branches": ["main"]}
    assert RELEASE["on"]["workflow_dispatch"]["inputs"]["environment"]["options"] == ["test", "production"]


@pytest.mark.proves("S0-14", "S1-22", static=True)
def test_jobs_may_do_little_and_keep_no_key_of_amazon():
    for workflow in (CI, RELEASE):
        assert workflow["permissions"] == {}
        assert all(set(job["permissions"]) <= {"contents", "id-token"} for job in workflow["jobs"].values())
        assert all(job["permissions"]["contents"] == "read" for job in workflow["jobs"].values())
    text = (FOLDER / "workflows/release.yml").read_text()
    assert set(re.findall(r"secrets\.(\w+)", text)) == {"DOCKERHUB_TOKEN"}
    assert not [step for step in STEPS if "uses" in step], "What runs here is ours; an action of others would have to be pinned."


@pytest.mark.proves("S2-48i", static=True)
def test_what_it_is_made_of_is_listed_watched_and_checked():
    watched = {row["package-ecosystem"] for row in read("dependabot.yml")["updates"]}
    assert watched == {"pip", "docker"}
    assert any("pip-audit" in step["run"] and "make sbom" in step["run"] for step in CI["jobs"]["check"]["steps"])


@pytest.mark.processes
def test_the_list_of_what_it_is_made_of_can_be_made(tmp_path):
    path = tmp_path / "sbom.json"
    command = [Path(sys.executable).parent / "cyclonedx-py", "requirements", "--output-file", path, "requirements/base.txt"]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
    made = json.loads(path.read_text())
    assert made["bomFormat"] == "CycloneDX"
    assert {"wagtail", "django"} <= {row["name"] for row in made["components"]}
    assert all("SHA-256" in json.dumps(row) for row in made["components"])


@pytest.mark.proves("S1-05", static=True)
def test_main_is_protected_by_checks_that_exist():
    rules = {
        rule["type"]: rule.get("parameters", {}) for rule in json.loads((FOLDER / "rulesets/main.json").read_text())["rules"]
    }
    (check,) = rules["required_status_checks"]["required_status_checks"]
    assert check["context"] == CI["jobs"]["check"]["name"]
    assert rules["pull_request"]["required_approving_review_count"] == 1
    assert (FOLDER / "CODEOWNERS").exists()


def test_zizmor_finds_nothing():
    command = [Path(sys.executable).parent / "zizmor", "--offline", "--quiet", "--persona=regular", ".github"]
    answer = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert answer.returncode == 0, answer.stdout + answer.stderr


@pytest.fixture
def tools(tmp_path):
    """A folder of programs that write down how they were called."""
    folder = tmp_path / "bin"
    folder.mkdir()
    for name in ("docker", "aws"):
        program = folder / name
        program.write_text(
            f'#!/bin/sh\necho "{name} $*" >> "{tmp_path}/calls"\n[ "$1" = login ] && cat > /dev/null\necho token\n'
        )
        program.chmod(0o755)
    (folder / "python3").symlink_to(shutil.which("python3") or sys.executable)
    return {"PATH": f"{folder}:{os.environ['PATH']}", "GITHUB_SHA": COMMIT, "RUNNER_TEMP": str(tmp_path)}


@pytest.mark.parametrize(
    ("registry", "version", "logs_in_at"),
    [("1.dkr.ecr.us-east-1.amazonaws.com/site", "1.2.3", "--username AWS"), ("python/site", "", "--username someone")],
)
def test_an_image_is_pushed_under_all_its_names(tmp_path, tools, registry, version, logs_in_at):
    environment = tools | {"REGISTRY": registry, "VERSION": version, "DOCKERHUB_USER": "someone", "DOCKERHUB_TOKEN": "secret"}
    subprocess.run(["bash", "deploy/push.sh", "scanned"], cwd=ROOT, env=environment, check=True, capture_output=True)
    calls = (tmp_path / "calls").read_text().splitlines()
    assert any(logs_in_at in call for call in calls)
    assert "secret" not in "".join(calls)
    names = [COMMIT, "1.2.3", "latest"] if version else [COMMIT]
    assert [call for call in calls if call.startswith("docker push")] == [f"docker push {registry}:{name}" for name in names]


def test_the_role_is_taken_with_a_token_of_this_run(tmp_path, tools):
    with RecordingServer(body=b'{"value": "short-lived"}') as issuer:
        environment = tools | {
            "AWS_ROLE_ARN": "arn:aws:iam::1:role/deploy",
            "ACTIONS_ID_TOKEN_REQUEST_URL": f"{issuer.url}/token?run=1",
            "ACTIONS_ID_TOKEN_REQUEST_TOKEN": "of-this-run",
            "GITHUB_ENV": str(tmp_path / "env"),
        }
        subprocess.run(["bash", "deploy/become_role.sh"], cwd=ROOT, env=environment, check=True)
    assert issuer.requests[0].path == "/token?run=1&audience=sts.amazonaws.com"
    assert issuer.requests[0].headers["Authorization"] == "bearer of-this-run"
    assert (tmp_path / "token").read_text() == "short-lived"
    assert (tmp_path / "env").read_text() == f"AWS_WEB_IDENTITY_TOKEN_FILE={tmp_path}/token\n"
    answer = subprocess.run(["bash", "deploy/become_role.sh"], cwd=ROOT, env=tools, capture_output=True, text=True, check=False)
    assert "Set the variable AWS_ROLE_ARN" in answer.stderr
