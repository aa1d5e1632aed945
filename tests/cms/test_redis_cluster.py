"""The shared cache on a real Redis Cluster: three servers, each with a third of the keys."""

import os
import shutil
import subprocess
import sys
import time

import pytest
from django.core.cache import cache, caches
from redis.cluster import RedisCluster

from cms.delivery import cached, purging
from deploy.drills.servers import listens
from deploy.drills.stage import ROOT, Stage, free_port, until
from pydotorg import metrics

SERVERS = ("one", "two", "three")

pytestmark = [
    pytest.mark.skipif(not shutil.which("redis-server"), reason="There is no redis-server here."),
]


def start_cluster(stage: Stage) -> None:
    places = []
    for name in SERVERS:
        stage.ports[name], bus = free_port(), free_port()
        (stage.folder / name).mkdir()
        command = f"redis-server --bind 127.0.0.1 --port {stage.ports[name]} --cluster-enabled yes --cluster-port {bus}"
        stage.start(name, *command.split(), "--cluster-node-timeout", "500", "--save", "", "--dir", str(stage.folder / name))
        places.append(f"127.0.0.1:{stage.ports[name]}@{bus}")
        until(lambda name=name: listens(stage.ports[name]), f"{name} listens")
    create = ["redis-cli", "--cluster", "create", *places, "--cluster-yes"]
    subprocess.run(create, check=True, stdout=subprocess.DEVNULL, timeout=60)
    until(lambda: b"cluster_state:ok" in read_log(stage), "The cluster is whole")


def read_log(stage: Stage) -> bytes:
    """Return the cluster state of the last server, which learns of the others last."""
    return subprocess.run(
        ["redis-cli", "-p", str(stage.ports[SERVERS[-1]]), "cluster", "info"], check=True, capture_output=True
    ).stdout


@pytest.fixture(scope="module")
def cluster(tmp_path_factory):
    with Stage(tmp_path_factory.mktemp("cluster"), {}) as stage:
        start_cluster(stage)
        yield stage


@pytest.fixture
def use(settings):
    """Make a cluster the cache of the site, as the settings do with CACHE_URL."""

    def use(stage: Stage) -> None:
        places = ",".join(f"127.0.0.1:{stage.ports[name]}" for name in SERVERS)
        settings.CACHE_URL = f"redis+cluster://{places}"
        settings.CACHES = settings.CACHES | {
            "default": {
                "BACKEND": "cms.platform.cache.ForgivingClusterCache",
                "LOCATION": settings.CACHE_URL,
                "OPTIONS": {"socket_timeout": 2, "socket_connect_timeout": 1},
            }
        }
        caches["default"].clear()

    yield use
    cached.clear_cached()


def test_the_address_alone_makes_it_the_cache_of_the_site(cluster):
    places = ",".join(f"127.0.0.1:{cluster.ports[name]}" for name in SERVERS)
    program = "from django.core.cache import cache; cache.set('a', 'written'); print(cache.get('a'), cache._class.__name__)"
    answer = subprocess.run(
        [sys.executable, "manage.py", "shell", "--no-imports", "-c", program],
        env=os.environ | {"DJANGO_SETTINGS_MODULE": "pydotorg.settings.dev", "CACHE_URL": f"redis+cluster://{places}"},
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    assert answer.stdout.split() == ["written", "ClusterClient"]


def test_the_keys_are_spread_over_the_servers(cluster, use):
    use(cluster)
    cache.set_many({f"key-{number}": number for number in range(60)}, 60)
    client: RedisCluster = cache._cache.get_client()
    sizes = [client.dbsize(target_nodes=node) for node in client.get_primaries()]
    assert (sum(sizes), min(sizes) > 0) == (60, True)


def test_what_is_written_is_read(cluster, use):
    use(cluster)
    cache.set("text", {"deep": ["Zürich", 1]}, 60)
    assert cache.get("text") == {"deep": ["Zürich", 1]}
    assert cache.get("nothing", "instead") == "instead"
    assert cache.add("text", "again") is False
    assert cache.add("added", "first") is True
    assert ("text" in cache, "nothing" in cache) == (True, False)


@pytest.mark.proves("S2-46")
def test_many_keys_of_several_servers_at_once(cluster, use):
    use(cluster)
    rows = {f"row-{number}": f"value {number}" for number in range(100)}
    assert cache.set_many(rows, 60) == []
    assert cache.get_many([*rows, "missing"]) == rows
    cache.delete_many(list(rows)[:99])
    assert cache.get_many(rows) == {"row-99": "value 99"}
    cache.set_many(rows, 0)
    assert cache.get_many(rows) == {}
    assert cache.get_many([]) == {}


def test_numbers_count_and_unknown_keys_do_not(cluster, use):
    use(cluster)
    cache.set("visits", 41)
    assert cache.incr("visits") == 42
    assert cache.decr("visits", 2) == 40
    with pytest.raises(ValueError, match="not found"):
        cache.incr("nothing")


def test_keys_end_with_their_time(cluster, use):
    use(cluster)
    cache.set_many({"short": 1, "touched": 1, "kept": 1}, 1)
    assert cache.touch("touched", 60) is True
    assert cache.touch("kept", None) is True
    assert cache.touch("nothing", 60) is False
    time.sleep(1.1)
    assert cache.get_many(["short", "touched", "kept"]) == {"touched": 1, "kept": 1}
    assert cache.delete("touched") is True
    assert cache.delete("touched") is False


@pytest.mark.django_db(transaction=True)
def test_what_is_kept_holds_until_a_purge_that_any_process_sends(cluster, use):
    use(cluster)
    answers = iter([1, 2])
    assert cached.cached("count", lambda: next(answers)) == 1
    assert cached.cached("count", lambda: next(answers)) == 1
    before = cached.generation()
    for key in ("downloads", "events", "jobs"):
        purging.purge(key)
    assert cached.purged_between(before, cached.generation()) == {"downloads", "events", "jobs"}
    assert cached.cached("count", lambda: next(answers)) == 2


def test_the_metrics_of_all_servers_are_added_up(cluster, use):
    use(cluster)
    cache.set_many({f"key-{number}": number for number in range(30)}, 60)
    before = {family.name: family.samples[0].value for family in metrics.cache_server()}
    cache.get_many([f"key-{number}" for number in range(40)])
    after = {family.name: family.samples[0].value for family in metrics.cache_server()}
    assert {name: after[name] - before[name] for name in after} == {
        "pydotorg_cache_hits": 30,
        "pydotorg_cache_misses": 10,
        "pydotorg_cache_evictions": 0,
    }


def ask_again() -> None:
    """Reset the circuit breaker, which pauses requests to the cache for a second after a timeout."""
    caches["default"]._asked_again_at = 0


def test_a_server_that_dies_breaks_no_page(tmp_path, use, client):
    names = [f"key-{number}" for number in range(12)]
    with Stage(tmp_path, {}) as stage:
        start_cluster(stage)
        use(stage)
        cache.set_many(dict.fromkeys(names, "before"), 60)
        assert cache.get_many(names) == dict.fromkeys(names, "before")
        # The one that the address names first.
        stage.stop(SERVERS[0])
        longest = 0.0
        for _ in range(2):
            for name in names:
                ask_again()
                started = time.monotonic()
                cache.set(name, "after")
                assert cache.get(name, "nothing") in {"nothing", "before", "after"}
                longest = max(longest, time.monotonic() - started)
            ask_again()
            assert cache.get_many(names) == {}
            assert (cache.set_many({"a": 1, "b": 2}), cache.delete_many(names)) == ([], None)
            assert client.get("/health").status_code == 200
            # Once more as a process that has just started and knows no server but those of the address.
            del caches["default"]
        assert longest < 10, "Nobody waits for a server that is gone."


@pytest.mark.django_db(transaction=True)
def test_a_cluster_that_is_gone_is_an_empty_cache(tmp_path, use):
    with Stage(tmp_path, {}) as stage:
        start_cluster(stage)
        use(stage)
        for name in SERVERS:
            stage.stop(name)
        answers = iter([1, 2])
        assert cached.cached("count", lambda: next(answers)) == 1
        assert cached.cached("count", lambda: next(answers)) == 2
        ask_again()
        assert cache.incr("a") == 1
        assert cache.touch("a") is False
        purging.purge("downloads")
