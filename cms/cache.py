"""The shared cache, as a convenience that the site can do without."""

import logging
import time

from django.core.cache.backends.base import DEFAULT_TIMEOUT
from django.core.cache.backends.redis import RedisCache
from redis.exceptions import RedisError

logger = logging.getLogger(__name__)
# Seconds without a cache after a server that does not answer.
PAUSE = 1


class ForgivingRedisCache(RedisCache):
    """A Redis cache that counts as empty while its server is down, so that pages are slower and not broken."""

    _asked_again_at = 0.0

    def _forgive(self, answer, method, *args, **kwargs):
        # A page asks many times: to wait for each, and to write each down, would hold up everybody.
        if time.monotonic() < self._asked_again_at:
            return answer
        try:
            return method(*args, **kwargs)
        except RedisError:
            self._asked_again_at = time.monotonic() + PAUSE
            logger.warning("The cache is out of reach; it counts as empty.", exc_info=True)
            return answer

    def get(self, key, default=None, version=None):
        return self._forgive(default, super().get, key, default, version)

    def get_many(self, keys, version=None):
        return self._forgive({}, super().get_many, keys, version)

    def set(self, *args, **kwargs):
        return self._forgive(None, super().set, *args, **kwargs)

    def set_many(self, data, timeout=DEFAULT_TIMEOUT, version=None):
        return self._forgive([], super().set_many, data, timeout, version)

    def add(self, *args, **kwargs):
        return self._forgive(True, super().add, *args, **kwargs)  # "Added": callers use it as a lock.

    def incr(self, *args, **kwargs):
        return self._forgive(1, super().incr, *args, **kwargs)

    def delete(self, *args, **kwargs):
        return self._forgive(False, super().delete, *args, **kwargs)
