from django.apps import AppConfig
from django.db.models.signals import post_migrate
from django.utils.module_loading import autodiscover_modules


class CMSConfig(AppConfig):
    name = "cms"
    verbose_name = "Content"

    def ready(self):
        from . import checks, errors, links, moderation, reviews, signal_handlers, task_log, tracing  # noqa: PLC0415, F401 -- they import models.

        tracing.start_export()
        errors.start_export()
        post_migrate.connect(moderation.make_page_workflow, dispatch_uid="page-workflow")
        # The schedule, the list of mails and the desk know what every app declares, also before the first request.
        autodiscover_modules("tasks", "emails", "waiting")
