"""The schedule in the form that `manage.py rqcron cms.platform.cron` reads: one look a minute at what is due."""

from rq import cron

from .schedules import run_due

cron.register(run_due, queue_name="cron", cron="* * * * *")
