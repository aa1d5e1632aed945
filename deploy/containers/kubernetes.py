"""Run the manifests of deploy/kubernetes with `podman kube play`, together with the servers of the stack.

    python deploy/containers/kubernetes.py up      # web, worker and scheduler become pods; the rest of the stack is unchanged
    python deploy/containers/kubernetes.py down    # switch back to the compose containers
    python deploy/containers/kubernetes.py show    # print the adapted manifests and the omitted parts

podman does not support Job, Ingress, NetworkPolicy, PodDisruptionBudget or HorizontalPodAutoscaler, and starts one pod for each
Deployment. Pods use the templates of the Deployments; all changes are printed.
"""

import argparse
import copy
import json
import subprocess
import sys
import time

import engine
import stack
import yaml

FOLDER = engine.ROOT / "deploy" / "kubernetes"
# Names of the compose containers that the pods replace.
REPLACED = ["web-1", "web-2", "worker", "cron-worker", "scheduler"]


def manifests() -> list[dict]:
    return [
        row
        for path in sorted(FOLDER.glob("*.yaml"))
        for row in yaml.safe_load_all(path.read_text(encoding="utf-8"))
        if row and row["kind"] != "Kustomization"
    ]


def config_map() -> dict:
    """Return the ConfigMap of the kustomization, with the values of this stack instead of production values."""
    kustomization = yaml.safe_load((FOLDER / "kustomization.yaml").read_text(encoding="utf-8"))
    (generator,) = kustomization["configMapGenerator"]
    data = dict(literal.split("=", 1) for literal in generator["literals"])
    here = environment()
    data |= {name: value for name, value in here.items() if name in data}
    # Needed only for a local object store, plain HTTP and a container network.
    data |= {name: here[name] for name in sorted(here.keys() - data.keys() - SECRETS)}
    return {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": generator["name"]}, "data": data}


SECRETS = {"SECRET_KEY", "DATABASE_URL", "REDIS_URL", "EMAIL_URL", "CDN_API_TOKEN", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"}


def environment() -> dict[str, str]:
    """Return the environment variables that compose sets for the site's containers."""
    given = json.loads(engine.output("inspect", "--format", "{{json .Config.Env}}", "--type", "container", reference()))
    found = dict(entry.split("=", 1) for entry in given)
    names = yaml.safe_load(stack.FILE.read_text(encoding="utf-8"))["x-environment"]
    return {name: found[name] for name in names if name in found}


def reference() -> str:
    """Return a compose container, running or stopped, that has the site's environment variables."""
    label = f"label=com.docker.compose.project={stack.PROJECT}"
    found = engine.output("ps", "--all", "--quiet", "--filter", label, "--filter", "label=com.docker.compose.service=backup")
    if not found:
        raise SystemExit("Start the stack first: make stack.")
    return found.splitlines()[0]


def secret() -> dict:
    here = environment()
    return {
        "apiVersion": "v1",
        "kind": "Secret",
        "metadata": {"name": "pydotorg"},
        "stringData": {name: here[name] for name in sorted(SECRETS & here.keys())},
    }


def adapted() -> tuple[list[dict], list[str]]:
    """Return the manifests that podman can run, with sentences about the parts that were changed or omitted."""
    rows, notes = [config_map()], []
    # podman 4.3 does not support Secret, so its values go into the ConfigMap.
    rows[0]["data"] |= secret()["stringData"]
    notes.append("Secret pydotorg: its values are part of the ConfigMap.")
    for row in manifests():
        name = f"{row['kind']} {row['metadata']['name']}"
        if row["kind"] != "Deployment":
            notes.append(f"{name}: left out.")
            continue
        count = row["spec"]["replicas"]
        for number in range(1, count + 1):
            pod = f"{row['metadata']['name']}-{number}" if count > 1 else row["metadata"]["name"]
            rows.append(pod_of(row, pod, notes if number == 1 else []))
        if count > 1:
            notes.append(f"{name}: {count} pods instead of {count} replicas.")
    return rows, notes


def pod_of(deployment: dict, name: str, notes: list[str]) -> dict:
    """Return a pod built from the template of a Deployment."""
    template = copy.deepcopy(deployment["spec"]["template"])
    spec = template["spec"]
    for container in spec["containers"]:
        container["image"] = f"localhost/{engine.IMAGE}"
        container["imagePullPolicy"] = "Never"
        container["envFrom"] = [source for source in container["envFrom"] if "configMapRef" in source]
        if container.pop("ports", None):
            notes.append(f"Deployment {deployment['metadata']['name']}: ports, which podman would publish on this machine.")
        # podman runs probes with curl, which the image does not have, and cannot schedule them without systemd.
        probes = [probe for probe in ("startupProbe", "readinessProbe", "livenessProbe") if container.pop(probe, None)]
        notes.append(f"Deployment {deployment['metadata']['name']}: left out {', '.join(probes)}.")
    # podman creates a volume for each emptyDir by name, and pods must not share it.
    for volume in [*spec["volumes"], *(mount for container in spec["containers"] for mount in container["volumeMounts"])]:
        volume["name"] = f"{name}-{volume['name']}"
    spec.pop("topologySpreadConstraints", None)
    return {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": name, "labels": template["metadata"]["labels"]}, "spec": spec}


def text(rows: list[dict]) -> str:
    return yaml.safe_dump_all(rows, sort_keys=False)


def pod_name(service: str) -> str:
    return {"worker": "worker-1", "cron-worker": "worker-2"}.get(service, service)


def take_over() -> None:
    """Let the stack commands and tests work on pods if there are any."""
    of_compose = stack.container

    def container(service: str) -> str:
        if service not in REPLACED:
            return of_compose(service)
        pod = pod_name(service)
        found = engine.output("ps", "--quiet", "--filter", f"pod={pod}", "--filter", f"name={pod}-{pod.partition('-')[0]}")
        if not found:
            raise SystemExit(f"The pod {pod} does not run.")
        return found.splitlines()[0]

    def start(*services: str, image: str = engine.IMAGE) -> None:
        names = set(map(pod_name, services))
        rows = [row for row in adapted()[0] if row["kind"] == "ConfigMap" or row["metadata"]["name"] in names]
        for row in rows[1:]:
            for container in row["spec"]["containers"]:
                container["image"] = f"localhost/{image}"
        # This stops the pods first, so that their processes finish their work.
        play("--replace", rows=rows)

    stack.container, stack.start, stack.replace = container, start, start
    stack.WORKERS = ["worker", "cron-worker", "scheduler"]


def play(*options: str, rows: list[dict]) -> None:
    network = ["--network", f"{stack.PROJECT}_site"]
    engine.engine("kube", "play", *network, *options, "-", input=text(rows), stdout=subprocess.DEVNULL)


def up() -> None:
    started = time.monotonic()
    rows, notes = adapted()
    print("\n".join(notes))
    stack.prepare()
    stack.compose("stop", *REPLACED, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    # Otherwise their names would still resolve to them.
    stack.compose("rm", "--force", *REPLACED, check=False, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    play("--replace", rows=rows)
    take_over()
    for service in stack.WEB:
        stack.until(f"{service} ready", lambda s=service: stack.is_ready(s))
    stack.reload_varnish()
    stack.until("The site answering", lambda: stack.answers("/ready"))
    stack.step(started, "the site answers from pods, through Varnish")


def down() -> None:
    engine.engine("kube", "down", "-", input=text(adapted()[0]), stdout=subprocess.DEVNULL)
    stack.compose("up", "--detach", "--no-deps", *REPLACED, stdout=subprocess.DEVNULL)
    for service in stack.WEB:
        stack.until(f"{service} ready", lambda s=service: stack.is_ready(s))
    stack.reload_varnish()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="Run the Kubernetes manifests with podman.")
    parser.add_argument("command", choices=["up", "down", "show"])
    command = parser.parse_args().command
    if engine.name() != "podman":
        sys.exit("This needs podman: `podman kube play`. With Docker, use a cluster such as kind.")
    if command == "show":
        rows, notes = adapted()
        print(text(rows))
        print("\n".join(f"# {note}" for note in notes))
    else:
        {"up": up, "down": down}[command]()
