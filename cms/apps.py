from django.apps import AppConfig


class CMSConfig(AppConfig):
    name = "cms"
    verbose_name = "Content"

    def ready(self):
        from . import checks, signal_handlers  # noqa: PLC0415, F401 -- the app registry must be ready before models load.
