from typing import Any

from django.core.management.base import BaseCommand

from cms.platform.schedules import run_due


class Command(BaseCommand):
    help = "Run what has become due by the clock since the last call. For sites without Redis: call it every minute."

    def handle(self, **options: Any) -> None:
        for path in run_due():
            self.stdout.write(path)
