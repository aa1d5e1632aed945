from wagtail import hooks
from wagtail.log_actions import LogActionRegistry
from wagtail.snippets.models import register_snippet
from wagtail_modeladmin.options import modeladmin_register

from cms.moderation.transitions import register_log_actions

from . import contracts, tasks  # noqa: F401 -- workers find the tasks by these imports.
from .log_actions import LOG_ACTIONS
from .models import Sponsorship
from .registers import LegalClauseAdmin, ProgramAdmin
from .viewsets import SponsorsViewSetGroup

register_snippet(SponsorsViewSetGroup)
modeladmin_register(ProgramAdmin)
modeladmin_register(LegalClauseAdmin)


@hooks.register("register_log_actions")
def log_actions(actions: LogActionRegistry) -> None:
    register_log_actions(actions, Sponsorship)
    for name, label in LOG_ACTIONS.items():
        actions.register_action(f"sponsors.{name}", label, label)
