"""Workflows: parsed, checked by zizmor, and their shell steps run with simulated programs."""

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
        "Sign in to the registry",
        "Push",
        "Sign",
    ]
    assert "bash .ci/run" in [step["run"] for step in CI["jobs"]["check"]["steps"]]
    tests = jobs["image"]["steps"][2]["run"]
    assert {"image-test", "image-suite", "stack", "stack-test"} <= set(tests.split())
    # What is tested, scanned and pushed is the image that was built.
    assert len(set(re.findall(r"pydotorg:\w+", " ".join(step["run"] for step in jobs["image"]["steps"])))) == 1
    assert "release.py gate" in jobs["image"]["steps"][3]["run"]
    ship = " ".join(step["run"] for step in jobs["ship"]["steps"])
    # What ships is named by its digest, and its signature is checked first.
    assert "outputs.image" in jobs["image"]["outputs"]["image"]
    assert "needs.image.outputs.image" in jobs["ship"]["env"]["IMAGE"]
    assert (
        ship.index("sign.sh verify")
        < ship.index(" ship ")
        < ship.index(" wait ")
        < ship.index(" smoke ")
        < ship.index("--auto-rollback-enabled")
    )
    assert not [step for step in STEPS if step.get("continue-on-error")]


def test_the_check_fetches_its_commit_into_a_folder_of_another_account(tmp_path):
    """The folder of a job in a container belongs to a user of the host, which git rejects without `safe.directory`."""
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


def test_each_job_of_ci_can_be_run_on_any_machine(tmp_path, monkeypatch):
    """`deploy/containers/workflow.py` runs its steps, which must be plain commands. It says so for those that need GitHub."""
    monkeypatch.syspath_prepend(str(ROOT / "deploy/containers"))
    import workflow  # noqa: PLC0415 -- found by the path above.

    for job in CI["jobs"].values():
        assert workflow.steps_of(job) == job["steps"]
    with pytest.raises(workflow.WorkflowError, match="needs GitHub"):
        workflow.steps_of({"steps": [{"name": "Deploy", "run": "deploy ${{ inputs.place }}"}]})
    if not (ROOT / ".git").exists():
        return  # Inside the image there is no repository to copy.
    commit = workflow.copy_repository(tmp_path)
    served = ["git", "-C", str(tmp_path / "origin" / "site"), "rev-parse", "tested"]
    assert subprocess.run(served, capture_output=True, text=True, check=True).stdout.strip() == commit


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


DIGEST = f"sha256:{'0' * 64}"
# A program that records its arguments. Images that were pushed have a digest at the registry.
RECORDER = """#!/bin/sh
echo "{name} $*" >> "{folder}/calls"
[ "$1" = login ] && cat > /dev/null
[ "$1 $2" = "image inspect" ] && echo "elsewhere@{digest}" && echo "$REGISTRY@{digest}" && exit
echo token
"""


@pytest.fixture
def tools(tmp_path):
    """Return an environment with programs that record their arguments."""
    folder = tmp_path / "bin"
    folder.mkdir()
    for name in ("docker", "aws"):
        program = folder / name
        program.write_text(RECORDER.format(name=name, folder=tmp_path, digest=DIGEST))
        program.chmod(0o755)
    (folder / "python3").symlink_to(shutil.which("python3") or sys.executable)
    return {
        "PATH": f"{folder}:{os.environ['PATH']}",
        "GITHUB_SHA": COMMIT,
        "RUNNER_TEMP": str(tmp_path),
        "HOME": str(tmp_path),
        "GITHUB_SERVER_URL": "https://git.example.org",
        "GITHUB_REPOSITORY": "python/site",
        "COSIGN_IMAGE": "cosign@sha256:1",
    }


def run(script: str, *arguments: str, env: dict[str, str]) -> subprocess.CompletedProcess:
    return subprocess.run(
        ["bash", f"deploy/{script}", *arguments], cwd=ROOT, env=env, capture_output=True, text=True, check=False
    )


@pytest.mark.proves("S0-15", "S1-12", on="programs that write down their calls")
@pytest.mark.parametrize(
    ("registry", "version", "signs_in_at"),
    [("1.dkr.ecr.us-east-1.amazonaws.com/site", "1.2.3", "--username AWS"), ("python/site", "", "--username someone")],
)
def test_an_image_is_pushed_under_all_its_names_and_goes_on_by_its_digest(tmp_path, tools, registry, version, signs_in_at):
    environment = tools | {"REGISTRY": registry, "VERSION": version, "DOCKERHUB_USER": "someone", "DOCKERHUB_TOKEN": "secret"}
    environment["GITHUB_OUTPUT"] = str(tmp_path / "output")
    for script, arguments in (("registry.sh", []), ("push.sh", ["scanned"])):
        answer = run(script, *arguments, env=environment)
        assert answer.returncode == 0, answer.stderr
    calls = (tmp_path / "calls").read_text().splitlines()
    assert any(signs_in_at in call for call in calls)
    assert "secret" not in "".join(calls)
    names = [COMMIT, "1.2.3", "latest"] if version else [COMMIT]
    assert [call for call in calls if call.startswith("docker push")] == [f"docker push {registry}:{name}" for name in names]
    assert (tmp_path / "output").read_text() == f"image={registry}@{DIGEST}\n"


def test_an_image_that_is_promoted_keeps_its_digest_and_gets_the_names_of_its_version(tmp_path, tools):
    environment = tools | {"REGISTRY": "python/site", "VERSION": "1.2.3"}
    assert run("push.sh", f"python/site@{DIGEST}", env=environment).returncode == 0
    calls = (tmp_path / "calls").read_text().splitlines()
    assert calls[0] == f"docker pull python/site@{DIGEST}"
    assert [call for call in calls if " push " in call] == ["docker push python/site:1.2.3", "docker push python/site:latest"]
    (tmp_path / "calls").unlink()
    assert run("push.sh", f"python/site@{DIGEST}", env=environment | {"VERSION": ""}).returncode == 0
    assert "docker push" not in (tmp_path / "calls").read_text()


def test_only_what_the_release_workflow_of_main_has_signed_is_shipped(tmp_path, tools):
    for command in ("sign", "verify"):
        assert run("sign.sh", command, f"python/site@{DIGEST}", env=tools).returncode == 0
    signed, verified = (tmp_path / "calls").read_text().splitlines()
    assert signed.endswith(f"cosign@sha256:1 sign --yes python/site@{DIGEST}")
    identity = "https://git.example.org/python/site/.github/workflows/release.yml@refs/heads/main"
    assert f"--certificate-identity {identity} python/site@{DIGEST}" in verified
    answer = run("sign.sh", "verify", "python/site:latest", env=tools)
    assert answer.returncode == 1
    assert "Name the image by its digest" in answer.stderr


@pytest.mark.proves("S0-14", on="a server that records")
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
