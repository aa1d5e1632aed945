import logging
import signal
import time
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandParser
from django.db import Error, close_old_connections

from cms.platform.schedules import run_due

logger = logging.getLogger("tasks")
MINUTE = 60


class Command(BaseCommand):
    help = "Enqueue the scheduled tasks that are due. Run it every minute, or once with --forever."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--forever", action="store_true", help="Keep running and check every minute.")

    def handle(self, *, forever: bool, **options: Any) -> None:
        if not forever:
            self.run_once()
            return
        # A flag, because an exception in a handler is lost if Python is in a finalizer at that moment.
        stops: list[int] = []
        signal.signal(signal.SIGTERM, lambda number, _: stops.append(number))
        while not stops:
            try:
                self.run_once()
            except Error:
                logger.exception("The schedules could not run; the next minute makes up for them.")
            # Read by the probe in deploy/alive.py.
            (settings.VAR_DIR / "scheduler").touch()
            close_old_connections()
            next_minute = time.time() // MINUTE * MINUTE + MINUTE
            while not stops and time.time() < next_minute:
                time.sleep(min(1, max(0, next_minute - time.time())))

    def run_once(self) -> None:
        for path in run_due():
            self.stdout.write(path)
