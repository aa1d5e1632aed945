"""The schedule in the form that `manage.py rqcron cms.platform.cron` reads."""

from rq import cron

from .schedules import SCHEDULES, enqueue

for module_path, schedule in SCHEDULES.items():
    cron.register(enqueue, queue_name="cron", args=(module_path,), cron=schedule.cron)
