from django.apps import AppConfig


class JobsConfig(AppConfig):
    name = "jobs"
    verbose_name = "Jobs"

    def ready(self) -> None:
        from . import presentation, workflows  # noqa: F401, PLC0415 -- they register once models are loaded.
