import logging
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandParser
from django.db import transaction

from cms.delivery import purging
from cms.platform.logs import minimum_level
from demo import large, pictures, spanish
from demo.content import fill
from home.models import HomePage


class Command(BaseCommand):
    help = "Fill an empty site with demo content, and print an account for the admin."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--pages-only", action="store_true", help="Create the pages only and leave the sections empty.")
        parser.add_argument(
            "--scale",
            choices=large.SCALES,
            help="Multiply the rows to the size of the real site (real) or far beyond it (large).",
        )

    def handle(self, *, pages_only: bool, scale: str | None, **options: Any) -> None:
        # Each page and each purge logs a line.
        with minimum_level("", logging.WARNING), purging.one_purge(), transaction.atomic():
            filled = fill(pages_only=pages_only)
            if filled and not pages_only:
                pictures.attach_pictures()
                spanish.translate_pages(HomePage.objects.get())
            if scale:
                large.grow(large.SCALES[scale])
        self.stdout.write("The site has demo content." if filled else "The site has content already; nothing was added.")
        if settings.DEBUG:
            self.stdout.write(f"Site:  {settings.BASE_URL}/\nAdmin: {settings.BASE_URL}/admin/  (user admin, password admin)")
