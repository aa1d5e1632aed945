from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

from cms.delivery import purging
from home.first_content import make_first_content
from home.models import HomePage


class Command(BaseCommand):
    help = "Create legal pages, documentation by version and funding.json where they are missing."

    def handle(self, **options: Any) -> None:
        home = HomePage.objects.first()
        if home is None:
            raise CommandError("The site has no home page. Create it in the admin or import the content of python.org first.")
        with purging.one_purge(), transaction.atomic():
            made = make_first_content(home)
        self.stdout.write("\n".join(f"Created {path}" for path in made) or "Nothing is missing.")
