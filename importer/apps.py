from django.apps import AppConfig
from django.db.models.signals import pre_save


class ImporterConfig(AppConfig):
    name = "importer"
    verbose_name = "Importer"

    def ready(self) -> None:
        # These modules need all models.
        from wagtail.models import Revision  # noqa: PLC0415
        from wagtail.signals import pre_page_move  # noqa: PLC0415

        from . import parallel  # noqa: PLC0415

        pre_save.connect(parallel.refuse_revision, sender=Revision)
        pre_page_move.connect(parallel.refuse_move)
