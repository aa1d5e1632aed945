from django.apps import AppConfig


class CommunityConfig(AppConfig):
    name = "community"
    verbose_name = "Community"

    def ready(self) -> None:
        from . import signal_handlers  # noqa: PLC0415 -- it imports models.

        signal_handlers.connect()
