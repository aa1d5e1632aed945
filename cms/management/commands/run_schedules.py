from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from cms.platform.schedules import SCHEDULES


class Command(BaseCommand):
    help = "Run what is due by the clock this minute. For sites without Redis: call it every minute."

    def handle(self, **options: Any) -> None:
        now = timezone.now()
        for name, schedule in SCHEDULES.items():
            if schedule.is_due(now):
                result = schedule.task.enqueue()
                self.stdout.write(f"{name}: {result.status.lower()}")
