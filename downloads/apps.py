from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class DownloadsConfig(AppConfig):
    name = "downloads"
    verbose_name = _("Downloads")

    def ready(self) -> None:
        from . import checks, presentation  # noqa: F401, PLC0415 -- register a check and page contexts once the models are loaded.
