"""Shared cache on Redis. The site also works without it."""

import json
import logging
from collections import Counter
from collections.abc import Callable
from functools import cached_property
from typing import Any

from django.core.cache.backends.base import DEFAULT_TIMEOUT
from django.core.cache.backends.redis import RedisCache, RedisCacheClient
from redis.backoff import NoBackoff
from redis.cluster import ClusterNode, RedisCluster
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import RedisClusterException, RedisError
from redis.retry import Retry

from .breaker import CircuitBreaker, CircuitOpenError

logger = logging.getLogger(__name__)
# URL scheme of a cluster: `redis+cluster://host:port,host:port`.
CLUSTER = "+cluster://"
# Seconds without cache requests after a server did not respond.
PAUSE = 5
# The state of each server, for all threads of this process.
_breakers: dict[str, CircuitBreaker] = {}


class JSONSerializer:
    """Serialize values as JSON, so that write access to Redis does not allow code execution. Integers stay integers."""

    def dumps(self, value: Any) -> bytes | int:
        return value if type(value) is int else json.dumps(value).encode()

    def loads(self, data: bytes) -> Any:
        return json.loads(data)


class ForgivingRedisCache(RedisCache):
    """Redis cache that acts as an empty cache while its server is down, so that pages are slower but not broken."""

    def __init__(self, server: Any, params: Any) -> None:
        super().__init__(server, params)
        # A connection closed by the server is reopened. A server that does not respond is not asked again.
        self._options: dict[str, Any] = {
            **params.get("OPTIONS", {}),
            "retry": Retry(NoBackoff(), 1, supported_errors=(RedisConnectionError,)),
        }
        self.breaker = _breakers.setdefault(
            str(server), CircuitBreaker("The cache", RedisError, RedisClusterException, pause=PAUSE)
        )

    def _forgive(self, answer: Any, method: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        # A page makes many requests: waiting for each, and logging each, would delay all visitors.
        try:
            return self.breaker.call(method, *args, **kwargs)
        except CircuitOpenError:
            return answer
        except (RedisError, RedisClusterException):
            logger.warning("The cache is unavailable and counts as empty.", exc_info=True)
            return answer

    def get(self, key: str, default: Any = None, version: int | None = None) -> Any:
        return self._forgive(default, super().get, key, default, version)

    def get_many(self, keys: Any, version: int | None = None) -> dict[str, Any]:
        return self._forgive({}, super().get_many, keys, version)

    def set(self, *args: Any, **kwargs: Any) -> None:
        return self._forgive(None, super().set, *args, **kwargs)

    def set_many(self, data: Any, timeout: Any = DEFAULT_TIMEOUT, version: int | None = None) -> list[str]:
        return self._forgive([], super().set_many, data, timeout, version)

    def add(self, *args: Any, **kwargs: Any) -> bool:
        return self._forgive(True, super().add, *args, **kwargs)  # Report "added", because callers use this as a lock.

    def incr(self, *args: Any, **kwargs: Any) -> int:
        return self._forgive(1, super().incr, *args, **kwargs)

    def touch(self, *args: Any, **kwargs: Any) -> bool:
        return self._forgive(False, super().touch, *args, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> bool:
        return self._forgive(False, super().delete, *args, **kwargs)

    def delete_many(self, keys: Any, version: int | None = None) -> None:
        return self._forgive(None, super().delete_many, keys, version)

    def server_stats(self) -> dict[str, int]:
        """Return server statistics. Raises RedisError or RedisClusterException while the server is down."""
        return self._cache.get_client().info("stats")


class ClusterClient(RedisCacheClient):
    """Client of a Redis Cluster. Each key is stored on one node, so reading several keys takes several requests."""

    def __init__(self, servers: list[str], **options: Any) -> None:
        super().__init__(servers, **options)
        self._places, self._settings = servers, options

    @cached_property
    def _cluster(self) -> RedisCluster:
        first, *others = self._places
        nodes = [ClusterNode(host, int(port or 6379)) for host, _, port in (each.partition(":") for each in others)]
        return RedisCluster.from_url(first.replace(CLUSTER, "://"), startup_nodes=nodes, **self._settings)

    def get_client(self, key: Any = None, *, write: bool = False) -> Any:
        return self._cluster

    def get_many(self, keys: Any) -> dict[Any, Any]:
        keys = list(keys)
        found = zip(keys, self._cluster.mget_nonatomic(keys), strict=True)
        return {key: self._serializer.loads(value) for key, value in found if value is not None}  # type: ignore[attr-defined]  # Missing in django-stubs.

    def set_many(self, data: Any, timeout: Any) -> None:
        if timeout == 0:
            self.delete_many(data)
            return
        pipeline = self._cluster.pipeline()
        for key, value in data.items():
            pipeline.set(key, self._serializer.dumps(value), ex=timeout)  # type: ignore[attr-defined]  # Missing in django-stubs.
        pipeline.execute()


class ForgivingClusterCache(ForgivingRedisCache):
    """Redis Cluster cache that acts as an empty cache while the cluster is down."""

    def __init__(self, server: Any, params: Any) -> None:
        super().__init__(server, params)
        self._class = ClusterClient
        # One retry after a node did not respond, because another node may have replaced it.
        self._options["retry"] = Retry(NoBackoff(), 1)

    def server_stats(self) -> dict[str, int]:
        total: Counter[str] = Counter()
        for node_stats in self._cache.get_client().info("stats", target_nodes=RedisCluster.PRIMARIES).values():
            total.update({name: count for name, count in node_stats.items() if isinstance(count, int)})
        return total
