from django.conf import settings
from django.core.management.base import BaseCommand
from django.db import transaction

from cms import cdn
from home.demo import fill


class Command(BaseCommand):
    help = "Fill an empty site with content to try it out, and name an account for the admin."

    def add_arguments(self, parser):
        parser.add_argument("--pages-only", action="store_true", help="Make the pages and leave the sections empty.")

    def handle(self, *, pages_only, **options):
        with cdn.one_purge(), transaction.atomic():
            filled = fill(pages_only=pages_only)
        self.stdout.write("The site has demo content." if filled else "The site has content already; nothing was added.")
        if settings.DEBUG:
            self.stdout.write(f"Site:  {settings.BASE_URL}/\nAdmin: {settings.BASE_URL}/admin/  (user admin, password admin)")
