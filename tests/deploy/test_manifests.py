"""Image, compose files, Kubernetes, balancers: read and compared. `make image-test` and `make stack-test` run them."""

import re
from pathlib import Path

import hcl2
import pytest
import yaml

from deploy import cost
from pydotorg.settings.variables import VARIABLES, Level

ROOT = Path(__file__).resolve().parents[2]
IMAGE = (ROOT / "Dockerfile").read_text(encoding="utf-8")
COMPOSE = yaml.safe_load((ROOT / "deploy/compose.yaml").read_text())
DEVELOPMENT = yaml.safe_load((ROOT / "deploy/compose.dev.yaml").read_text())["services"]
KUBERNETES = [
    row
    for path in sorted((ROOT / "deploy/kubernetes").glob("*.yaml"))
    for row in yaml.safe_load_all(path.read_text())
    if row["kind"] != "Kustomization"
]
KUSTOMIZATION = yaml.safe_load((ROOT / "deploy/kubernetes/kustomization.yaml").read_text())
PROCESSES = dict(line.split(": ", 1) for line in (ROOT / "Procfile").read_text().splitlines())
RQ_QUEUES_FORMAT = "--serializer json"
TERRAFORM = (ROOT / "deploy/terraform/service/main.tf").read_text()


def pods() -> dict[str, dict]:
    """Return the pod specification of each Deployment and Job by name."""
    return {
        row["metadata"]["name"]: row["spec"]["template"]["spec"] for row in KUBERNETES if row["kind"] in {"Deployment", "Job"}
    }


@pytest.mark.proves("S2-59", "S2-55", "S4-07", static=True)
def test_health_is_requested_everywhere_in_the_same_way():
    question = "import urllib.request as r; r.urlopen('http://127.0.0.1:8000/health', timeout=2)"
    image = re.search(r"HEALTHCHECK --interval=(\d+)s --timeout=(\d+)s .*?\n\s+CMD \[(.*)\]", IMAGE)
    assert image
    compose = COMPOSE["services"]["web-1"]["healthcheck"]
    assert compose == COMPOSE["services"]["web-2"]["healthcheck"]
    assert question in image[3]
    assert compose["test"][-1] == question
    assert question in TERRAFORM
    assert (image[1], image[2]) == (compose["interval"].rstrip("s"), compose["timeout"].rstrip("s")) == ("10", "3")
    assert re.search(r"interval\s+= 10\n\s+timeout\s+= 3\n", TERRAFORM)
    (web,) = pods()["web"]["containers"]
    for name in ("readinessProbe", "livenessProbe"):
        assert web[name]["httpGet"]["path"] == "/health"
        assert (web[name]["periodSeconds"], web[name]["timeoutSeconds"]) == (10, 3)
    assert web["startupProbe"]["httpGet"]["path"] == "/ready"
    balancer = (ROOT / "deploy/haproxy/haproxy.cfg").read_text()
    assert set(re.findall(r"meth GET uri (\S+)", balancer)) == {"/health"}
    with (ROOT / "deploy/terraform/edge/main.tf").open() as file:
        groups = [block["aws_lb_target_group"] for block in plain(hcl2.load(file))["resource"] if "aws_lb_target_group" in block]
    assert {group["health_check"][0]["path"] for block in groups for group in block.values()} == {"/health"}
    assert '.url = "/health"' in (ROOT / "deploy/varnish/backends.vcl").read_text()


def plain(value):
    if isinstance(value, dict):
        return {key.strip('"'): plain(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [plain(inner) for inner in value]
    return value.strip('"') if isinstance(value, str) else value


@pytest.mark.proves("S1-24", "S1-25", "S1-35", static=True)
def test_the_image_is_small_and_its_processes_may_do_little():
    _, build, final = IMAGE.split("\nFROM ")
    assert re.search(r"^ARG BASE_IMAGE=python:[\d.]+-slim-", IMAGE, re.MULTILINE)
    assert {part.splitlines()[0].removesuffix(" AS build") for part in (build, final)} == {"$BASE_IMAGE"}
    assert build.index("COPY requirements") < build.index("pip --python /venv/bin/python install") < build.index("COPY . ."), (
        "What changes rarely comes first."
    )
    assert "--require-hashes" in build
    packages = set(re.findall(r"[a-z][a-z0-9.+-]+", re.search(r"--no-install-recommends (.*?) &&", final, re.DOTALL)[1]))
    assert not {name for name in packages if re.search(r"gcc|make|-dev$|build|git|curl", name)}
    assert " install --require-hashes" not in final
    assert final.index("USER 10001") < final.index("CMD")
    assert "--chown=root:root" in final
    assert COMPOSE["x-app"]["read_only"] is True
    assert {".git", "var/*", ".venv"} <= {line.strip("/ ") for line in (ROOT / ".dockerignore").read_text().splitlines()}


def test_the_image_for_moving_in_has_all_of_the_site_and_its_own():
    pins = {
        name: set(re.findall(r"^([\w.-]+(?:\[.*?\])?==\S+)", (ROOT / f"requirements/{name}.txt").read_text(), re.MULTILINE))
        for name in ("base", "import", "dev")
    }
    assert pins["base"] < pins["import"] < pins["dev"], "Run `make lock`."
    assert "ARG REQUIREMENTS=base\nCOPY requirements/$REQUIREMENTS.txt " in IMAGE


@pytest.mark.proves("S2-57", static=True)
def test_kubernetes_runs_the_same_processes_with_limits_and_a_budget():
    kinds = {(row["kind"], row["metadata"]["name"]): row["spec"] for row in KUBERNETES}
    assert kinds["Deployment", "web"]["replicas"] == 2
    assert kinds["Deployment", "web"]["strategy"]["rollingUpdate"]["maxUnavailable"] == 0
    assert kinds["Deployment", "scheduler"]["strategy"]["type"] == "Recreate"
    assert kinds["PodDisruptionBudget", "web"]["minAvailable"] == 1
    assert kinds["HorizontalPodAutoscaler", "web"]["minReplicas"] == 2
    found = pods()
    assert set(found) == {*PROCESSES, "migrate"}
    for name, pod in found.items():
        (container,) = pod["containers"]
        assert {"requests", "limits"} <= set(container["resources"])
        assert container["securityContext"]["readOnlyRootFilesystem"] is pod["securityContext"]["runAsNonRoot"] is True
        assert container["securityContext"]["capabilities"] == {"drop": ["ALL"]}
        if name in PROCESSES and name != "web":
            assert " ".join(container["command"]) == PROCESSES[name]
    assert found["web"]["terminationGracePeriodSeconds"] >= 30 + 5
    assert set(KUSTOMIZATION["resources"]) == {path.name for path in (ROOT / "deploy/kubernetes").glob("*.yaml")} - {
        "kustomization.yaml"
    }


def test_processes_without_a_port_have_probes_that_run_in_the_container():
    """All manifests call deploy/alive.py in the same way. It distinguishes a dead worker from a running one."""
    for name in ("worker", "scheduler"):
        (container,) = pods()[name]["containers"]
        for probe in ("startupProbe", "livenessProbe"):
            assert container[probe]["exec"]["command"] == ["python", "deploy/alive.py", name]
        assert COMPOSE["services"][name]["healthcheck"]["test"][1:] == ["python", "deploy/alive.py", name]


def test_static_files_are_outside_of_every_volume():
    (folder,) = set(re.findall(r"STATIC_ROOT=(\S+)", IMAGE))
    covered = [entry.partition(":")[0] for entry in COMPOSE["x-app"]["tmpfs"]]
    covered += [mount["mountPath"] for pod in pods().values() for mount in pod["containers"][0]["volumeMounts"]]
    covered += re.findall(r'containerPath = "([^"]+)"', TERRAFORM)
    assert "/app/var" in covered
    for path in covered:
        assert not folder.startswith(path), path


def test_kubernetes_sets_known_variables_and_keeps_secrets_apart():
    (generated,) = KUSTOMIZATION["configMapGenerator"]
    names = {literal.partition("=")[0] for literal in generated["literals"]}
    secrets = {variable.name for variable in VARIABLES if variable.level == Level.SECRET}
    assert names <= {variable.name for variable in VARIABLES} - secrets
    text = (ROOT / "deploy/kubernetes/kustomization.yaml").read_text()
    assert {variable.name for variable in VARIABLES if variable.required} <= names | set(re.findall(r"[A-Z_]{6,}", text))


@pytest.mark.proves("S4-17", "S4-18", "S2-56", static=True)
def test_developers_get_a_port_and_a_database_of_their_own():
    web, database = DEVELOPMENT["web"], DEVELOPMENT["postgres"]
    assert web["ports"] == ["127.0.0.1:8888:8000"]
    assert web["volumes"] == ["${SOURCE:-..}:/app:ro"]
    assert "runserver" in web["command"][-1]
    assert database["ports"] == ["127.0.0.1:5435:5432"]
    assert set(web["environment"]) - {"DJANGO_SETTINGS_MODULE"} <= {variable.name for variable in VARIABLES}


@pytest.mark.proves("S4-25", "S4-26", "S4-27", "S4-28", "S4-29")
def test_the_estimate_adds_up_and_ours_is_complete():
    seed = {line.what.split(",")[0]: line.dollars for line in cost.SEED}
    assert cost.total(cost.SEED) == 34.5
    assert round(2 * 0.25 * cost.HOURS * cost.PRICES["fargate processor hour"]) == seed["Fargate"] == 15
    assert round(cost.HOURS * cost.PRICES["balancer hour"]) == seed["Balancer"] == 16
    assert not any("Database" in line.what for line in cost.SEED)
    told = cost.as_text()
    assert all(any(word.split()[0].lower() in line.what.lower() for line in cost.ours()) for word in cost.LEFT_OUT)
    assert f"{cost.total(cost.ours()):.2f}  a month" in told
    budget = re.search(
        r'"monthly_dollars" {.*?default\s+= (\d+)', (ROOT / "deploy/terraform/variables.tf").read_text(), re.DOTALL
    )
    assert budget
    assert cost.total(cost.ours()) < int(budget[1]), "The budget of deploy/terraform is above what it pays for."


@pytest.mark.proves("S4-30")
def test_what_the_estimate_left_out_costs_more_than_the_estimate():
    ours = {line.what.split(",")[0]: line.dollars for line in cost.ours()}
    assert ours["NAT gateway"] > 30
    assert ours["NAT gateway"] + ours["4 endpoints in 2 zones"] + ours["Database"] > cost.total(cost.SEED)


def test_redis_wants_a_password_everywhere_and_pods_take_no_other_connections():
    redis = COMPOSE["services"]["redis"]["command"]
    assert redis[1:3] == ["--requirepass", "${REDIS_PASSWORD}"]
    for service in ("web-1", "web-2", "worker", "scheduler"):
        assert COMPOSE["services"][service]["environment"]["REDIS_URL"].startswith("redis://:${REDIS_PASSWORD:?")
    data = (ROOT / "deploy/terraform/data/main.tf").read_text()
    assert re.search(r"transit_encryption_enabled\s+= true", data)
    assert re.search(r"auth_token\s+= var\.redis_password", data)
    policies = [row["spec"] for row in KUBERNETES if row["kind"] == "NetworkPolicy"]
    assert {"podSelector": {}, "policyTypes": ["Ingress"]} in policies
    assert "network.yaml" in KUSTOMIZATION["resources"]


def test_queue_and_cache_hold_json_in_every_process():
    assert RQ_QUEUES_FORMAT in PROCESSES["worker"]
    for service in ("worker", "scheduler"):
        assert " ".join(COMPOSE["services"][service]["command"]) == PROCESSES[service]
