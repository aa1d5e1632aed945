"""A web process with a quarter of a processor and 512 MB, as the smallest task of Fargate has them."""

import json
import secrets
import time

import pytest
import requests

from tests.stack.site import until

PATHS = ["/", "/downloads/", "/jobs/", "/events/", "/about/", "/api/v2/downloads/os/", "/accounts/login/"]
MEGABYTE = 1024 * 1024


@pytest.mark.proves("S4-08")
def test_a_quarter_of_a_processor_and_512_mb_are_enough(stack):
    name = f"stack-test-{secrets.token_hex(4)}"
    one = json.loads(stack.engine.output("inspect", "--format", "{{json .Config.Env}}", stack.container("web-1")))
    more = [part for entry in one for part in ("--env", entry)]
    more += ["--network", f"{stack.PROJECT}_site", "--publish", "127.0.0.1::8000", "--read-only"]
    more += ["--tmpfs", stack.engine.empty("/tmp"), "--tmpfs", stack.engine.empty("/app/var")]
    limits = ["--cpus", "0.25", "--memory", "512m", "--memory-swap", "512m"]
    started = time.monotonic()
    stack.engine.output("run", "--detach", "--name", name, *limits, *more, stack.engine.IMAGE)
    try:
        url = f"http://{stack.engine.output('port', name, '8000/tcp')}"
        until("Readiness", lambda: answer(url, "/ready") == 200, seconds=240)
        ready = time.monotonic() - started
        seconds = []
        for number in range(6 * len(PATHS)):
            begun = time.monotonic()
            path = PATHS[number % len(PATHS)]
            assert answer(url, path) == 200, path
            seconds.append(time.monotonic() - begun)
        state = json.loads(stack.engine.output("inspect", "--format", "{{json .State}}", name))
        assert state["Running"]
        assert not state["OOMKilled"]
        used = memory(stack, name)
        seconds.sort()
        print(
            f"Ready after {ready:.0f} s; {len(seconds)} pages, median {seconds[len(seconds) // 2]:.2f} s, "
            f"slowest {seconds[-1]:.1f} s; most memory {used / MEGABYTE:.0f} MB."
        )
        assert used < 512 * MEGABYTE
    finally:
        stack.engine.engine("rm", "--force", "--volumes", name, capture_output=True)


def answer(url: str, path: str) -> int:
    try:
        return requests.get(f"{url}{path}", headers={"Host": "127.0.0.1:8080"}, timeout=60).status_code
    except requests.RequestException:
        return 0


def memory(stack, name: str) -> int:
    """Return the most bytes that the container has used, as its cgroup counts them."""
    program = (
        "import pathlib; paths = ['memory.peak', 'memory/memory.max_usage_in_bytes']; "
        "print(next(p.read_text() for p in (pathlib.Path('/sys/fs/cgroup') / n for n in paths) if p.exists()))"
    )
    return int(stack.engine.output("exec", name, "python", "-c", program))
