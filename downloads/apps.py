from django.apps import AppConfig


class DownloadsConfig(AppConfig):
    name = "downloads"
    verbose_name = "Downloads"

    def ready(self) -> None:
        from . import presentation  # noqa: F401, PLC0415 -- registers page contexts once the models are loaded.
