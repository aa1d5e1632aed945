"""Steps of a deployment: image names, gate, AWS (simulated by moto), and checks after the deployment."""

import json
import os
import shutil
import subprocess
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import boto3
import pytest
from moto.codedeploy.models import codedeploy_backends
from moto.core import DEFAULT_ACCOUNT_ID

from deploy import release
from deploy.release import ReleaseError, gate, ship, smoke, tags, wait
from tests.databases import fill
from tests.factories.downloads import OSFactory

ROOT = Path(__file__).resolve().parents[2]

COMMIT = "0123456789abcdef0123456789abcdef01234567"
REGION = "us-east-1"
CLUSTER = "pydotorg-test"


@pytest.mark.proves("S1-10", "S4-12")
@pytest.mark.parametrize(
    ("words", "found"),
    [
        ((COMMIT,), [f"r/site:{COMMIT}"]),
        (("", "1.2.3"), ["r/site:1.2.3", "r/site:latest"]),
        ((COMMIT, "v1.2.3"), [f"r/site:{COMMIT}", "r/site:1.2.3", "r/site:latest"]),
        (("main",), None),
        ((COMMIT, "feature/x"), None),
    ],
)
def test_an_image_is_named_after_its_commit_and_a_release_moves_latest(words, found):
    if found is None:
        with pytest.raises(ReleaseError, match="is no"):
            tags("r/site", *words)
    else:
        assert tags("r/site", *words) == found


TRIVY = {"Results": [{"Vulnerabilities": [{"VulnerabilityID": "CVE-1", "Severity": "HIGH"}]}]}
CLAIR = {"vulnerabilities": {"1": {"name": "CVE-2", "normalized_severity": "Critical"}}}
SARIF = {
    "runs": [
        {
            "tool": {"driver": {"rules": [{"id": "CVE-3", "properties": {"security-severity": "7.5"}}]}},
            "results": [{"ruleId": "CVE-3"}],
        }
    ]
}
HARMLESS = {"Results": [{"Vulnerabilities": [{"VulnerabilityID": "CVE-4", "Severity": "MEDIUM"}]}, {}]}


@pytest.mark.proves("S1-11", "S3-52", static=True)
@pytest.mark.parametrize(
    ("report", "words"),
    [(TRIVY, "CVE-1"), (CLAIR, "CVE-2"), (SARIF, "CVE-3"), ({}, "no report"), ("<html>", "no report"), (HARMLESS, None)],
)
def test_the_gate_opens_for_a_report_without_serious_weaknesses_alone(tmp_path, report, words):
    path = tmp_path / "report.json"
    path.write_text(report if isinstance(report, str) else json.dumps(report))
    if words:
        with pytest.raises(ReleaseError, match=words):
            gate(path)
    else:
        gate(path)


@pytest.fixture
def amazon(amazon_server):
    """Create a cluster with the services of deploy/terraform."""
    ecs, ec2, codedeploy = boto3.client("ecs"), boto3.client("ec2"), boto3.client("codedeploy")
    subnet = ec2.describe_subnets()["Subnets"][0]["SubnetId"]
    network = {"awsvpcConfiguration": {"subnets": [subnet], "securityGroups": []}}
    ecs.create_cluster(clusterName=CLUSTER)
    for name in ("web", *release.PROCESSES):
        ecs.register_task_definition(
            family=f"{CLUSTER}-{name}",
            requiresCompatibilities=["FARGATE"],
            networkMode="awsvpc",
            cpu="256",
            memory="512",
            containerDefinitions=[
                {"name": name, "image": "r/site:old", "memory": 512, "environment": [{"name": "PORT", "value": "8000"}]}
            ],
        )
        ecs.create_service(
            cluster=CLUSTER,
            serviceName=name,
            taskDefinition=f"{CLUSTER}-{name}",
            desiredCount=2,
            launchType="FARGATE",
            networkConfiguration=network,
        )
    codedeploy.create_application(applicationName=CLUSTER, computePlatform="ECS")
    codedeploy.create_deployment_group(applicationName=CLUSTER, deploymentGroupName="web", serviceRoleArn="arn:aws:iam::1:role/x")
    return ecs


def images(ecs) -> dict[str, str]:
    """Return the image of each service from its task definition."""
    services = ecs.describe_services(cluster=CLUSTER, services=list(release.PROCESSES))["services"]
    definitions = {row["serviceName"]: ecs.describe_task_definition(taskDefinition=row["taskDefinition"]) for row in services}
    return {name: row["taskDefinition"]["containerDefinitions"][0]["image"] for name, row in definitions.items()}


@pytest.mark.proves("S0-16", "S1-13", "S1-14", "S3-63", "S4-13", "S4-14", on="moto")
def test_a_release_migrates_first_and_a_failed_migration_stops_it(amazon, monkeypatch):
    from moto.ecs.models import Container  # noqa: PLC0415 -- the stand-in, which lets every task end well.

    made = Container.__init__

    def failing(self, *args, **kwargs):
        made(self, *args, **kwargs)
        self.exitCode = 1

    with monkeypatch.context() as patch:
        patch.setattr(Container, "__init__", failing)
        with pytest.raises(ReleaseError, match="The migration failed with code 1; nothing else was changed"):
            ship(CLUSTER, "r/site:broken", pause=0)
    assert set(images(amazon).values()) == {"r/site:old"}
    assert boto3.client("codedeploy").list_deployments()["deployments"] == []

    deployment = ship(CLUSTER, f"r/site:{COMMIT}", pause=0)
    assert set(images(amazon).values()) == {f"r/site:{COMMIT}"}
    web = amazon.describe_task_definition(taskDefinition=f"{CLUSTER}-web")["taskDefinition"]
    assert web["containerDefinitions"][0]["image"] == f"r/site:{COMMIT}"
    assert web["containerDefinitions"][0]["environment"] == [{"name": "PORT", "value": "8000"}]

    kept = codedeploy_backends[DEFAULT_ACCOUNT_ID][REGION].deployments[deployment]
    content = json.loads(kept.revision["appSpecContent"]["content"])
    assert content["Resources"][0]["TargetService"]["Properties"]["TaskDefinition"] == web["taskDefinitionArn"]
    kept.status = "Succeeded"
    wait(deployment, pause=0)
    kept.status = "Stopped"
    with pytest.raises(ReleaseError, match="The release was taken back: Stopped"):
        wait(deployment, pause=0)


class CodeDeploy:
    """The part of CodeDeploy that moto lacks: it calls the hook and acts on its report. Traffic moves only after "Succeeded"."""

    def __init__(self, deployment):
        self.deployment, self.has_moved, outer = deployment, False, self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self):
                assert self.headers["X-Amz-Target"] == "CodeDeploy_20141006.PutLifecycleEventHookExecutionStatus"
                report = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                assert (report["deploymentId"], report["lifecycleEventHookExecutionId"]) == (deployment.deployment_id, "hook-1")
                outer.has_moved = report["status"] == "Succeeded"
                deployment.status = "Succeeded" if outer.has_moved else "Failed"
                body = json.dumps({"lifecycleEventHookExecutionId": "hook-1"}).encode()
                self.send_response(200)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *args):
                """Keep the test's output clean."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)

    def call(self, folder: Path, test_url: str) -> str:
        """Call the function as Lambda does: in a process of its own, with the two packed files alone. Return what it prints."""
        content = json.loads(self.deployment.revision["appSpecContent"]["content"])
        assert content["Hooks"] == [{"AfterAllowTestTraffic": f"CodeDeployHook_{CLUSTER}"}]
        for name in ("hook.py", "release.py"):
            shutil.copy(ROOT / "deploy" / name, folder)
        event = {"DeploymentId": self.deployment.deployment_id, "LifecycleEventHookExecutionId": "hook-1"}
        program = f"import hook; print(hook.handler({event!r}, None))"
        thread = threading.Thread(target=self.server.handle_request)
        thread.start()
        variables = {"TEST_URL": test_url, "AWS_ENDPOINT_URL": f"http://127.0.0.1:{self.server.server_port}"}
        answer = subprocess.run(
            [sys.executable, "-c", program], cwd=folder, env=os.environ | variables, capture_output=True, text=True, check=True
        )
        thread.join(timeout=30)
        self.server.server_close()
        return answer.stdout


@pytest.mark.proves("S3-54", "S3-07", on="moto, with a listener on this machine")
@pytest.mark.django_db(transaction=True)
def test_no_traffic_moves_to_tasks_that_fail_on_the_test_listener(amazon, live_server, tmp_path):
    fill(pages_only=True)
    kept = codedeploy_backends[DEFAULT_ACCOUNT_ID][REGION].deployments

    deployment = ship(CLUSTER, f"r/site:{COMMIT}", pause=0)
    amazon_side = CodeDeploy(kept[deployment])
    told = amazon_side.call(tmp_path, live_server.url)
    assert "do not answer as they must: /api/v2/downloads/os/ (200)" in told
    assert told.splitlines()[-1] == "Failed"
    assert not amazon_side.has_moved
    with pytest.raises(ReleaseError, match="The release was taken back"):
        wait(deployment, pause=0)

    OSFactory()
    deployment = ship(CLUSTER, f"r/site:{COMMIT}", pause=0)
    amazon_side = CodeDeploy(kept[deployment])
    assert amazon_side.call(tmp_path, live_server.url).splitlines() == ["Succeeded"]
    assert amazon_side.has_moved
    wait(deployment, pause=0)


@pytest.mark.proves("S3-55")
@pytest.mark.django_db(transaction=True)
def test_the_questions_after_a_release(live_server):
    fill(pages_only=True)
    with pytest.raises(ReleaseError) as wrong:
        smoke(live_server.url)
    assert str(wrong.value) == "These addresses do not answer as they must: /api/v2/downloads/os/ (200)."
    with pytest.raises(ReleaseError, match="/health"):
        smoke("http://127.0.0.1:1")
