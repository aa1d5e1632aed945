import warnings

from bs4 import MarkupResemblesLocatorWarning
from django.apps import AppConfig
from django.db.models.signals import post_migrate
from django.utils.module_loading import autodiscover_modules


class CMSConfig(AppConfig):
    name = "cms"
    verbose_name = "Content"

    def ready(self) -> None:
        # Models can be imported only now. These modules register signal handlers, checks, scheduled tasks and exports.
        from . import signal_handlers  # noqa: PLC0415, F401
        from .content import checks, page_views  # noqa: PLC0415, F401
        from .content import tasks as content_tasks  # noqa: PLC0415, F401
        from .delivery import tasks as delivery_tasks  # noqa: PLC0415, F401
        from .editor import comments, exports, link_checks, live_status, preview_links, reviews  # noqa: PLC0415, F401
        from .editor import tasks as editor_tasks  # noqa: PLC0415, F401
        from .email import accounts  # noqa: PLC0415, F401
        from .email import tasks as email_tasks  # noqa: PLC0415, F401
        from .moderation import workflow  # noqa: PLC0415
        from .platform import errors, task_log, tracing  # noqa: PLC0415, F401
        from .platform import tasks as platform_tasks  # noqa: PLC0415, F401
        from .search import tasks as search_tasks  # noqa: PLC0415, F401

        # Translated strings may be email addresses or file names.
        warnings.filterwarnings("ignore", category=MarkupResemblesLocatorWarning, module="wagtail_localize")
        tracing.start_export()
        errors.start_export()
        post_migrate.connect(workflow.make_page_workflow, dispatch_uid="page-workflow")
        # Scheduled tasks, email types and dashboard panels are registered by every app before the first request.
        autodiscover_modules("tasks", "emails", "dashboard_items")
