from wagtail import hooks
from wagtail.log_actions import LogActionRegistry
from wagtail.permissions import register_permission_policy
from wagtail.snippets.models import register_snippet
from wagtail_modeladmin.options import modeladmin_register

from cms.moderation.transitions import register_log_actions

from .models import Job
from .permissions import JobPermissionPolicy
from .registers import JobCategoryAdmin, JobTypeAdmin
from .viewsets import JobsViewSetGroup

register_permission_policy(Job, JobPermissionPolicy(Job))
register_snippet(JobsViewSetGroup)
modeladmin_register(JobTypeAdmin)
modeladmin_register(JobCategoryAdmin)


@hooks.register("register_icons")
def register_icons(icons: list[str]) -> list[str]:
    return [*icons, "icons/job.svg"]


@hooks.register("register_log_actions")
def log_actions(actions: LogActionRegistry) -> None:
    register_log_actions(actions, Job)
