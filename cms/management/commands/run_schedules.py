from typing import Any

from django.core.management.base import BaseCommand

from cms.platform.schedules import run_due


class Command(BaseCommand):
    help = "Run the scheduled tasks that have become due since the last call. Without Redis, call this command every minute."

    def handle(self, **options: Any) -> None:
        for path in run_due():
            self.stdout.write(path)
