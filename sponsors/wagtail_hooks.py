from wagtail import hooks
from wagtail.snippets.models import register_snippet
from wagtail_modeladmin.options import modeladmin_register

from . import agreements, tasks  # noqa: F401 -- tasks are known from the start.
from .logged import LOGGED
from .models import ACTS
from .registers import LegalClauseAdmin, ProgramAdmin
from .viewsets import SponsorsViewSetGroup

register_snippet(SponsorsViewSetGroup)
modeladmin_register(ProgramAdmin)
modeladmin_register(LegalClauseAdmin)


@hooks.register("register_log_actions")
def log_actions(actions) -> None:
    for name, act in ACTS.items():
        actions.register_action(f"sponsors.{name}", act.label, act.label)
    for name, label in LOGGED.items():
        actions.register_action(f"sponsors.{name}", label, label)
