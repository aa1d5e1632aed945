from django.apps import AppConfig
from django.db.models.signals import post_migrate
from django.utils.translation import gettext_lazy as _


class EventsConfig(AppConfig):
    name = "events"
    verbose_name = _("Events")

    def ready(self) -> None:
        from . import presentation, signal_handlers, workflows  # noqa: F401, PLC0415 -- they need loaded models.

        signal_handlers.connect()
        post_migrate.connect(workflows.make_workflow, dispatch_uid="events-workflow")
