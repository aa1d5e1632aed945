"""Tasks of operators on the running stack: kill, replace, take parts away, read the logs, restore a backup."""

import json
import os
import secrets
import shutil
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest
import requests

from tests.servers import RecordingServer
from tests.stack.site import load, until

ROOT = Path(__file__).resolve().parents[2]

# Prints a key of API v2 that belongs to the first account. What earlier runs wrote does not count against its limit.
WRITER = (
    "from django.core.cache import cache; from users.models import ServiceKey, User; cache.clear(); "
    "owner = User.objects.get(username='admin'); api = ServiceKey.API('v2'); "
    "[key.revoke() for key in ServiceKey.objects.working().filter(owner=owner, api=api)]; "
    "print(ServiceKey.make(owner=owner, name='stack', scopes=ServiceKey.scopes_of(owner), days=1, api=api)[1])"
)
# Half of them are never cached: a web process has to respond.
PATHS = ["/", "/authenticated", "/downloads/", "/accounts/login/", "/jobs/", "/search/?q=python"]


def test_a_worker_that_is_killed_loses_no_task(stack, staff):
    """Releases are published just before both workers are killed and while none runs. New workers run all tasks."""
    # The newer one first: "/downloads/latest/" would lead to it before anybody could see it lead to the other one.
    names = [f"Python 3.{number}.{int(time.time()) % 10_000}" for number in (96, 95)]
    publish(staff, names[0])
    stack.stop("worker", "cron-worker", seconds=0)
    publish(staff, names[1])
    assert waiting(stack) > 0, "Nobody is there to do the tasks."
    stack.start("worker", "cron-worker")
    # What the killed workers had taken is lost to the queue. The scheduler enqueues it again two minutes after the first time.
    stack.query("UPDATE cms_pendingtask SET enqueued_at = enqueued_at - interval '2 minutes'")
    until("The tasks being done", lambda: waiting(stack) == 0, seconds=240)
    for name in names:
        until("The release in front of Varnish", lambda n=name: n in requests.get(stack.url("/downloads/"), timeout=30).text)


def publish(staff, name: str) -> None:
    sent = staff.submit(
        "/admin/downloads/releases/add/",
        form="/releases/add",
        **{"name": name, "release_date": "2026-01-01 12:00", "show_on_download_page": "on", "body-count": "0"},
        **{"action-publish": "action-publish"},
    )
    assert sent.status_code == 200, sent.text[:500]


def waiting(stack) -> int:
    """Return how many tasks have been enqueued and have not ended."""
    return int(stack.query("SELECT count(*) FROM cms_pendingtask"))


def in_site(stack, program: str) -> str:
    """Return what a few lines of Python print within the site. Loading it takes seconds: `stack.query` is quicker."""
    command = ["python", "manage.py", "shell", "--no-imports", "--command", program]
    return stack.inside("web-1", *command, stdout=-1).stdout.strip().splitlines()[-1]


@pytest.fixture
def write(stack):
    """Return a function that writes one row by the API with a key, and one that counts the rows."""
    name = secrets.token_hex(4)
    key = in_site(stack, WRITER)
    headers = {"Authorization": f"Token {key}"}

    def send(number: int) -> int:
        data = {"name": f"Stack {name} {number}", "slug": f"stack-{name}-{number}"}
        return requests.post(stack.url("/api/v2/downloads/os/"), json=data, headers=headers, timeout=30).status_code

    yield name, send
    in_site(stack, f"from downloads.models import OS; print(OS.objects.filter(slug__startswith='stack-{name}').delete())")


def rows(stack, name: str) -> int:
    return int(stack.query(f"SELECT count(*) FROM downloads_os WHERE slug LIKE 'stack-{name}%'"))  # noqa: S608 -- hexadecimal.


@pytest.mark.proves("S2-55", "S2-59")
def test_a_new_image_and_the_way_back_under_load_show_no_error(stack, write, next_image):
    name, send = write
    before = version(stack)
    with load(stack.url(""), PATHS, write=send) as made:
        stack.roll(next_image)
        assert version(stack) == "next"
        stack.roll(stack.engine.IMAGE)
        assert version(stack) == before
    report("roll forward and back", made)
    assert made.errors == []
    assert rows(stack, name) == len(made.written) > 0


@pytest.fixture
def next_image(stack, tmp_path) -> str:
    """Return the name of the same image with another version."""
    image = f"{stack.engine.IMAGE.partition(':')[0]}:stack-next"
    (tmp_path / "Dockerfile").write_text(f"FROM {stack.engine.IMAGE}\nENV RELEASE=next\n")
    stack.engine.build(tmp_path, image, is_sharing=False)
    return image


def version(stack) -> str:
    return requests.get(stack.url("/health"), timeout=30).json()["version"]


def test_a_killed_web_process_costs_no_visitor_an_error(stack):
    with load(stack.url(""), PATHS) as made:
        time.sleep(2)
        stack.engine.engine("kill", stack.container("web-2"), capture_output=True)
        time.sleep(8)
        stack.start("web-2")
        stack.until("web-2 ready", lambda: stack.is_ready("web-2"))
        stack.reload_varnish()
        time.sleep(2)
    report("killed web process", made)
    assert made.errors == []


def test_varnish_takes_a_new_configuration_while_a_request_uses_the_old_one(stack):
    """Both web processes are replaced one after the other, and a client may send a form slowly all the time."""
    port = int(stack.url("").rsplit(":", 1)[1].strip("/"))
    with socket.create_connection(("127.0.0.1", port)) as client:
        client.sendall(b"POST /report-a-problem/ HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 100\r\n\r\nx")
        time.sleep(1)
        stack.reload_varnish()
        stack.reload_varnish()
        assert "discarded" in stack.varnish("vcl.list"), "The request still uses the first one."
    assert list(stack.configurations().values()) == [True]


def report(what: str, made) -> None:
    print(f"{what}: {made.total} requests, {len(made.errors)} errors, {len(made.written)} writes; {dict(made.statuses)}")


@pytest.mark.parametrize(("service", "failed"), [("postgres", "database"), ("redis", "cache"), ("s3", "storage")])
def test_ready_names_the_part_that_is_away(stack, service, failed):
    container = stack.container(service)
    stack.engine.engine("pause", container, capture_output=True)
    try:
        until("503", lambda: ready(stack).status_code == 503)
        assert failed in ready(stack).json()["failed"]
        assert requests.get(stack.url("/health"), timeout=10).status_code == 200
    finally:
        stack.engine.engine("unpause", container, capture_output=True)
    until("Ready again", lambda: ready(stack).status_code == 200)


def ready(stack) -> requests.Response:
    return requests.get(stack.url("/ready"), timeout=30)


@pytest.mark.proves("S3-07", "S3-54", on="the stack as the new tasks")
def test_the_hook_of_a_deployment_reports_whether_the_site_answers(stack, tmp_path):
    """deploy/hook.py as Lambda runs it, with the stack behind the test listener: as it is, then without its store."""
    for name in ("hook.py", "release.py"):
        shutil.copy(ROOT / "deploy" / name, tmp_path)
    event = {"DeploymentId": "d-1", "LifecycleEventHookExecutionId": "hook-1"}
    program = f"import hook; hook.handler({event!r}, None)"
    variables = {"AWS_ACCESS_KEY_ID": "local", "AWS_SECRET_ACCESS_KEY": "local", "AWS_DEFAULT_REGION": "us-east-1"}
    store, reports = stack.container("s3"), []
    with RecordingServer() as amazon:
        variables |= {"AWS_ENDPOINT_URL": amazon.url, "TEST_URL": stack.url("")}
        for action in ("inspect", "pause"):
            stack.engine.engine(action, store, capture_output=True)
            try:
                done = subprocess.run(
                    [sys.executable, "-c", program],
                    cwd=tmp_path,
                    env=os.environ | variables,
                    capture_output=True,
                    text=True,
                    check=True,
                )
                reports.append((json.loads(amazon.requests[-1].body)["status"], done.stdout.strip()))
            finally:
                if action == "pause":
                    stack.engine.engine("unpause", store, capture_output=True)
    assert reports[0] == ("Succeeded", "")
    assert reports[1][0] == "Failed"
    assert "/ready (503)" in reports[1][1]
    until("Ready again", lambda: ready(stack).status_code == 200)


@pytest.mark.proves("S1-28", "S2-61")
def test_an_image_without_static_files_is_never_ready(stack):
    """If a volume covers the static files, /ready reports it, and the container gets no traffic."""
    mount = (
        "type=tmpfs,destination=/app/static,notmpcopyup"
        if stack.engine.name() == "podman"
        else "type=tmpfs,destination=/app/static"
    )
    ask = (
        "import urllib.request as r, urllib.error, sys\n"
        "try: r.urlopen('http://127.0.0.1:8000/ready', timeout=9)\n"
        "except urllib.error.HTTPError as error: print(error.code, error.read().decode())"
    )
    name = f"stack-test-{secrets.token_hex(4)}"
    one = stack.engine.output("inspect", "--format", "{{json .Config.Env}}", stack.container("web-1"))
    env = [part for each in json.loads(one) for part in ("--env", each)]
    network = f"{stack.PROJECT}_site"
    stack.engine.output(
        "run",
        "--detach",
        "--rm",
        "--read-only",
        "--name",
        name,
        "--network",
        network,
        "--mount",
        mount,
        "--tmpfs",
        stack.engine.empty("/tmp"),
        "--tmpfs",
        stack.engine.empty("/app/var"),
        *env,
        stack.engine.IMAGE,
    )
    try:
        answer = until(
            "An answer", lambda: stack.engine.engine("exec", name, "python", "-c", ask, check=False, capture_output=True).stdout
        )
        assert answer.startswith("503")
        assert "static files" in answer
    finally:
        stack.engine.engine("rm", "--force", name, capture_output=True)


def test_logs_are_json_with_one_request_id_from_varnish_to_the_worker(stack, staff):
    assert requests.get(stack.url("/about/"), timeout=30).headers["X-Request-ID"].startswith("v")
    number = f"stack-{secrets.token_hex(6)}"
    staff.headers["X-Request-ID"] = number
    try:
        publish(staff, f"Python 3.97.{int(time.time()) % 10_000}")
    finally:
        del staff.headers["X-Request-ID"]
    for service in ("varnish", "web", "worker"):
        until(f"A line of {service} with the id of the request", lambda s=service: lines_with(stack, s, number))


def lines_with(stack, service: str, number: str) -> list[dict]:
    found = []
    for each in stack.WEB if service == "web" else ["worker", "cron-worker"] if service == "worker" else [service]:
        told = stack.engine.engine("logs", "--tail", "2000", stack.container(each), capture_output=True)
        lines = (told.stdout + told.stderr).splitlines()
        found += [json.loads(line) for line in lines if line.startswith("{") and number in line]
    return [line for line in found if line.get("request_id") == number]


def test_the_scheduled_backup_is_there_and_can_be_restored(stack):
    """Restore drill: load the newest backup into an empty database next to the real one."""
    newest = until("The first backup", lambda: inside_output(stack, "ls", "/backups").split()[-1:])[0]
    assert not newest.endswith(".partial")
    base = stack.settings()["POSTGRES_PASSWORD"]
    stack.inside("postgres", "dropdb", "--username=pydotorg", "--if-exists", "drill")
    stack.inside("postgres", "createdb", "--username=pydotorg", "drill")
    try:
        url = f"DATABASE_URL=postgres://pydotorg:{base}@postgres/drill"
        told = inside_output(stack, "env", url, "python", "deploy/backup.py", "restore", f"/backups/{newest}")
        assert "Restored" in told
        print(told)
        inside_output(stack, "env", url, "python", "manage.py", "migrate", "--check")
    finally:
        stack.inside("postgres", "dropdb", "--username=pydotorg", "--force", "drill")
    age = float(in_site(stack, "from cms.platform.tasks import backup_age; print(backup_age().total_seconds())"))
    assert age < 25 * 3600


def inside_output(stack, *command: str) -> str:
    return stack.inside("backup", *command, stdout=-1).stdout.strip()
