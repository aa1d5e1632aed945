"""S3 storage that does not block requests while the store is down."""

from typing import Any

from storages.backends.s3 import S3Storage

from .storage import watch_store


class WatchedS3Storage(S3Storage):
    """S3 storage whose client fails immediately for a while after an unanswered call (`cms.platform.storage`)."""

    @property
    def connection(self) -> Any:
        is_new = getattr(self._connections, "connection", None) is None
        connection = super().connection
        if is_new:
            watch_store(connection.meta.client.meta.events)
        return connection
