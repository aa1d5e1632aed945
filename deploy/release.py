"""The steps of a release, for the workflows in .github/workflows and for people.

    python deploy/release.py tags REGISTRY/NAME COMMIT [VERSION]   # print the tags of an image, one per line
    python deploy/release.py gate report.json                      # fail on a serious vulnerability (Trivy, Clair, SARIF)
    python deploy/release.py ship CLUSTER IMAGE                    # AWS: migrate, start blue/green, print the deployment ID
    python deploy/release.py wait ID                               # wait until the release is live or rolled back
    python deploy/release.py smoke https://www.python.org          # request the URLs that must respond

Each step stops with an error message and leaves the running release unchanged.
"""

import argparse
import json
import re
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from http import HTTPStatus
from pathlib import Path

SERIOUS = ("HIGH", "CRITICAL")
# Path, and text that the response must contain.
ADDRESSES = {
    "/health": "OK",
    "/ready": '"ready"',
    "/": "<h1",
    "/downloads/": "<h1",
    "/api/v1/downloads/os/?format=json": '"objects"',
    "/api/v2/downloads/os/": '"slug"',
    "/accounts/login/": 'name="password"',
}
PROCESSES = ("worker", "scheduler")
# Timeouts in seconds of a migration, and of a deployment with its canary.
MAX_MIGRATION, MAX_RELEASE = 1800, 5400


class ReleaseError(Exception):
    """Failed step, with the reason as a sentence."""


def tags(name: str, commit: str, version: str = "") -> list[str]:
    """Return the tags of an image: its commit, and for a release `latest` and the version.

    An image that is promoted has the tag of its commit already; the commit is then empty. Raises ReleaseError for an invalid one.
    """
    if commit and not re.fullmatch(r"[0-9a-f]{40}", commit):
        raise ReleaseError(f"{commit!r} is no commit: forty letters of 0-9 and a-f.")
    found = [f"{name}:{commit}"] if commit else []
    if version:
        if not re.fullmatch(r"v?\d+\.\d+\.\d+", version):
            raise ReleaseError(f"{version!r} is no version such as 1.2.3.")
        found += [f"{name}:{version.removeprefix('v')}", f"{name}:latest"]
    return found


def weaknesses(report: dict) -> Iterator[tuple[str, str]]:
    """Yield the name and severity of each vulnerability in a report of Trivy, SARIF or Clair."""
    for result in report.get("Results") or []:
        for row in result.get("Vulnerabilities") or []:
            yield row["VulnerabilityID"], row["Severity"].upper()
    for run in report.get("runs") or []:
        rules = {rule["id"]: rule for rule in run["tool"]["driver"].get("rules", [])}
        for row in run.get("results", []):
            score = float(rules.get(row["ruleId"], {}).get("properties", {}).get("security-severity", 0))
            yield row["ruleId"], "CRITICAL" if score >= 9 else "HIGH" if score >= 7 else "MEDIUM"  # noqa: PLR2004 -- as CVSS.
    for row in (report.get("vulnerabilities") or {}).values():
        yield row["name"], row["normalized_severity"].upper()


def gate(path: Path) -> None:
    """Check a report. Raises ReleaseError for serious vulnerabilities and for an invalid report."""
    try:
        report = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise ReleaseError(f"{path} is no report of a scanner: {error}.") from error
    if not {"Results", "runs", "vulnerabilities"} & set(report):
        raise ReleaseError(f"{path} is no report of Trivy or Clair, nor SARIF.")
    if serious := sorted({f"{name} ({severity.lower()})" for name, severity in weaknesses(report) if severity in SERIOUS}):
        raise ReleaseError(f"The image has {len(serious)} serious weaknesses: {', '.join(serious)}.")


def ship(cluster: str, image: str, *, pause: float = 10) -> str:
    """Migrate with the new image, start a blue/green deployment with CodeDeploy, and return its ID.

    The cluster, the CodeDeploy application and the task families share a name, as in deploy/terraform.
    Raises ReleaseError if the migration fails; in that case no service was changed.
    """
    import boto3

    ecs = boto3.client("ecs")
    web = revise(ecs, f"{cluster}-web", image)
    migrate(ecs, cluster, web, pause)
    for name in PROCESSES:
        ecs.update_service(cluster=cluster, service=name, taskDefinition=revise(ecs, f"{cluster}-{name}", image))
    return boto3.client("codedeploy").create_deployment(
        applicationName=cluster,
        deploymentGroupName="web",
        revision={"revisionType": "AppSpecContent", "appSpecContent": {"content": json.dumps(appspec(cluster, web))}},
    )["deploymentId"]


def revise(ecs, family: str, image: str) -> str:
    """Register a revision of a task definition with another image, and return its ARN."""
    old = ecs.describe_task_definition(taskDefinition=family)["taskDefinition"]
    retained = ("executionRoleArn", "taskRoleArn", "networkMode", "volumes", "requiresCompatibilities", "cpu", "memory")
    containers = [container | {"image": image} for container in old["containerDefinitions"]]
    facts = {key: old[key] for key in retained if key in old}
    return ecs.register_task_definition(family=family, containerDefinitions=containers, **facts)["taskDefinition"][
        "taskDefinitionArn"
    ]


def migrate(ecs, cluster: str, definition: str, pause: float) -> None:
    (service,) = ecs.describe_services(cluster=cluster, services=["web"])["services"]
    started = ecs.run_task(
        cluster=cluster,
        taskDefinition=definition,
        launchType="FARGATE",
        networkConfiguration=service["networkConfiguration"],
        overrides={"containerOverrides": [{"name": "web", "command": ["python", "manage.py", "migrate"]}]},
    )
    if started["failures"]:
        raise ReleaseError(f"The migration did not start: {started['failures'][0].get('reason')}.")
    arn = started["tasks"][0]["taskArn"]
    until = time.monotonic() + MAX_MIGRATION
    while (task := ecs.describe_tasks(cluster=cluster, tasks=[arn])["tasks"][0])["lastStatus"] != "STOPPED":
        if time.monotonic() > until:
            raise ReleaseError(f"The migration has not ended within {MAX_MIGRATION} seconds; nothing else was changed.")
        time.sleep(pause)
    if (code := task["containers"][0].get("exitCode")) != 0:
        raise ReleaseError(f"The migration failed with code {code}; nothing else was changed. Its log says why.")


def appspec(cluster: str, definition: str) -> dict:
    """Return the AppSpec file. Its hook is deploy/hook.py, named as AWSCodeDeployRoleForECS requires."""
    target = {"TaskDefinition": definition, "LoadBalancerInfo": {"ContainerName": "web", "ContainerPort": 8000}}
    return {
        "version": 0.0,
        "Resources": [{"TargetService": {"Type": "AWS::ECS::Service", "Properties": target}}],
        "Hooks": [{"AfterAllowTestTraffic": f"CodeDeployHook_{cluster}"}],
    }


def wait(deployment: str, *, pause: float = 15) -> None:
    """Wait for a deployment. Raises ReleaseError unless it succeeds."""
    import boto3

    codedeploy, until = boto3.client("codedeploy"), time.monotonic() + MAX_RELEASE
    while time.monotonic() < until:
        found = codedeploy.get_deployment(deploymentId=deployment)["deploymentInfo"]
        if found["status"] == "Succeeded":
            return
        if found["status"] in {"Failed", "Stopped"}:
            raise ReleaseError(
                f"The release was taken back: {found.get('errorInformation', {}).get('message', found['status'])}."
            )
        time.sleep(pause)
    raise ReleaseError(f"The release has not taken over within {MAX_RELEASE} seconds.")


def smoke(base: str) -> None:
    """Request each URL. Raises ReleaseError that names those with an unexpected response."""
    wrong = []
    for path, arguments in ADDRESSES.items():
        request = urllib.request.Request(f"{base.rstrip('/')}{path}", headers={"User-Agent": "smoke"})
        try:
            with urllib.request.urlopen(request, timeout=20) as response:
                status, text = response.status, response.read().decode()
        except urllib.error.HTTPError as error:
            status, text = error.code, ""
        except OSError as error:
            status, text = 0, str(error)
        if status != HTTPStatus.OK or arguments not in text:
            wrong.append(f"{path} ({status or text})")
    if wrong:
        raise ReleaseError(f"These addresses do not answer as they must: {', '.join(wrong)}.")


def main() -> None:
    parser = argparse.ArgumentParser(description="The steps of a release.")
    parser.add_argument("command", choices=["tags", "gate", "ship", "wait", "smoke"])
    parser.add_argument("arguments", nargs="+")
    given = parser.parse_args()
    try:
        if given.command == "tags":
            print("\n".join(tags(*given.arguments)))
        elif given.command == "ship":
            print(ship(*given.arguments))
        else:
            {"gate": lambda path: gate(Path(path)), "wait": wait, "smoke": smoke}[given.command](*given.arguments)
    except ReleaseError as error:
        sys.exit(str(error))


if __name__ == "__main__":
    main()
