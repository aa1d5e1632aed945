from django.apps import AppConfig


class SponsorsConfig(AppConfig):
    name = "sponsors"
    verbose_name = "Sponsors"

    def ready(self) -> None:
        from . import workflows  # noqa: F401, PLC0415 -- connects to the transitions of loaded models.
