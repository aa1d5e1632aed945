from django_tasks import task

from cms.platform.models import TaskRun
from cms.platform.schedules import scheduled


@scheduled("35 3 * * *")
@task()
def forget_old_task_runs() -> None:
    TaskRun.objects.forgettable().delete()
