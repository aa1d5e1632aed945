from django.apps import AppConfig


class PsfConfig(AppConfig):
    name = "psf"
    verbose_name = "PSF"

    def ready(self) -> None:
        from . import signal_handlers  # noqa: PLC0415 -- it imports models.

        signal_handlers.connect()
