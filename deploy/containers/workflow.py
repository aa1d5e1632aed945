"""Run the steps of a job of .github/workflows on this machine, one after the other as GitHub does, up to the first that fails.

    python deploy/containers/workflow.py check                       # the job `check` of ci.yml, in a container
    python deploy/containers/workflow.py image                       # a job without a container runs on this machine
    ARGS="tests/deploy" python deploy/containers/workflow.py check   # ARGS is passed on to pytest

The steps get the commit that is checked out, from a copy of this repository in place of GitHub. Uncommitted changes are not part
of it. Each step is a shell of its own (`bash -e -o pipefail`) in an empty folder, which belongs to another account than that of
the container. Actions (`uses`), secrets and expressions are not supported: ci.yml has none in its steps.
"""

import argparse
import os
import shlex
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import base
import engine
import yaml

WORKFLOWS = engine.ROOT / ".github" / "workflows"
# Account that owns the folder of a job on GitHub's machines; that of the container is root.
OWNER = 1001
ORIGIN = "/origin"


class WorkflowError(Exception):
    """Job that cannot run here or whose step failed, as a sentence."""


def steps_of(job: dict[str, Any]) -> list[dict[str, str]]:
    """Return the steps of a job. Raises WorkflowError for a step that is no shell command."""
    for step in job["steps"]:
        if "run" not in step or "${{" in step["run"]:
            raise WorkflowError(f"The step “{step.get('name', step)}” needs GitHub: it is no plain shell command.")
    return job["steps"]


def copy_repository(folder: Path) -> str:
    """Copy the repository to a folder, and return the commit that is checked out."""
    commit = subprocess.run(
        ["git", "rev-parse", "HEAD"], cwd=engine.ROOT, capture_output=True, text=True, check=True
    ).stdout.strip()
    copy = folder / "origin" / "site"
    subprocess.run(["git", "clone", "--quiet", "--bare", "--no-hardlinks", engine.ROOT, copy], check=True)
    # A branch can move on. Git serves a commit by its name only if a reference points to it.
    subprocess.run(["git", "-C", copy, "update-ref", "refs/heads/tested", commit], check=True)
    return commit


def variables(commit: str, origin: str) -> dict[str, str]:
    found = {"GITHUB_SERVER_URL": f"file://{origin}", "GITHUB_REPOSITORY": "site", "GITHUB_SHA": commit, "CI": "true"}
    return found | ({"ARGS": os.environ["ARGS"]} if "ARGS" in os.environ else {})


def image_for(name: str) -> str:
    """Return the image of a job, built from this machine's Python where no registry is reachable."""
    if engine.name() == "docker" or engine.has_image(name):
        return name
    version = name.removeprefix("python:").partition("-")[0]
    if name != f"python:{version}-{base.SUITE}":
        raise WorkflowError(f"The image {name} has no stand-in.")
    os.environ["PYTHON_VERSION"] = base.PYTHON_VERSION = version
    base.PYTHON = f"python:{version}-slim-{base.SUITE}"
    base.make_missing(only=[])
    arguments = {"PYTHON": base.PYTHON}
    folder = engine.HERE / "stand-ins" / "python"
    base.timed(name, lambda: engine.build(folder, name, arguments=arguments, more=base.LABEL))
    return name


def run_in_container(job: dict[str, Any], folder: Path, commit: str) -> None:
    """Run the steps in one container. Raises WorkflowError for a step that fails."""
    work = folder / "work"
    work.mkdir()
    os.chown(work, OWNER, OWNER)
    given = job["container"]
    image = image_for(given if isinstance(given, str) else given["image"])
    # Packages add certificates of their own, to a layer above the folder of this machine.
    shared = engine.shared_paths() if engine.name() == "podman" else []
    volumes = [
        f"--volume={folder / 'origin'}:{ORIGIN}:ro",
        f"--volume={work}:/work",
        *(f"--volume={path}:{path}:{'O' if path.is_dir() else 'ro'}" for path in shared),
    ]
    environment = [f"--env={name}={value}" for name, value in variables(commit, ORIGIN).items()]
    container = engine.output("run", "--detach", "--init", "--workdir=/work", *volumes, *environment, image, "sleep", "infinity")
    try:
        for step in steps_of(job):
            run_step(step, ["exec", *environment, container, "bash", "-e", "-o", "pipefail", "-c", step["run"]])
    finally:
        engine.engine("rm", "--force", "--volumes", container, check=False, capture_output=True)


def run_step(step: dict[str, str], command: list[str]) -> None:
    announce(step)
    started = time.monotonic()
    finish(step, engine.engine(*command, check=False).returncode, started)


def run_here(job: dict[str, Any], folder: Path, commit: str) -> None:
    """Run the steps on this machine, in an empty folder. Raises WorkflowError for a step that fails."""
    work = folder / "work"
    work.mkdir()
    for step in steps_of(job):
        announce(step)
        started = time.monotonic()
        environment = engine.environment() | variables(commit, str(folder / "origin"))
        command = ["bash", "-e", "-o", "pipefail", "-c", step["run"]]
        finish(step, subprocess.run(command, cwd=work, env=environment, check=False).returncode, started)


def announce(step: dict[str, str]) -> None:
    print(f"== {step['name']}", flush=True)
    for line in step["run"].strip().splitlines():
        print(f"   $ {line}", flush=True)


def finish(step: dict[str, str], code: int, started: float) -> None:
    print(f"== {step['name']}: {'failed' if code else 'passed'} after {time.monotonic() - started:.0f} s", flush=True)
    if code:
        raise WorkflowError(f"The step “{step['name']}” failed with code {code}.")


def main() -> None:
    parser = argparse.ArgumentParser(description="Run a job of a workflow on this machine.")
    parser.add_argument("job")
    parser.add_argument("--file", default="ci.yml")
    given = parser.parse_args()
    jobs = yaml.safe_load((WORKFLOWS / given.file).read_text(encoding="utf-8"))["jobs"]
    if given.job not in jobs:
        raise WorkflowError(f"{given.file} has the jobs {shlex.join(jobs)}.")
    with engine.scratch("workflow") as scratch:
        folder = Path(scratch)
        folder.chmod(0o755)
        commit = copy_repository(folder)
        print(f"{given.file}, job {given.job}, commit {commit}", flush=True)
        (run_in_container if "container" in jobs[given.job] else run_here)(jobs[given.job], folder, commit)


if __name__ == "__main__":
    try:
        main()
    except (WorkflowError, engine.EngineError) as error:
        sys.exit(str(error))
    except subprocess.CalledProcessError as error:
        sys.exit(f"Failed with code {error.returncode}: {' '.join(map(str, error.cmd))[:200]}")
