"""Measure each list of the admin on 10,000 rows, for a site administrator who is not a superuser: queries, CPU, bytes.

Loads the demo content into an empty database (DATABASE_URL; by default SQLite in a temporary folder), multiplies the rows of
every model that has a list, and opens each list in this process. Prints a table, the slowest first, writes it to
docs/admin-lists.md, and exits with status 1 if a list exceeds its limit: 25 queries and 150 ms of CPU. The dashboard and two of
Wagtail’s own screens, which query once per page type or filter, may take 40 queries.

    python -m benchmarks.admin_lists
"""

import io
import os
import sys
import tempfile
import time
import uuid
from contextlib import nullcontext
from datetime import date, datetime, timedelta
from pathlib import Path
from statistics import median

import django
from django.core.files.base import ContentFile
from django.core.management import call_command
from django.db import connection, models, transaction
from django.test import Client
from django.urls import resolve, reverse
from django.utils import timezone
from PIL import Image

ROWS = 10_000
ROUNDS = 5
MAX_QUERIES, MAX_MS = 25, 150
HOME = "/admin/"
# Additional queries of these screens beyond the limit; they do not grow with the rows.
MORE = {"wagtailadmin_home": 15, "wagtailadmin_explore": 15, "wagtailadmin_reports:site_history": 25}
RESULT = Path(__file__).resolve().parents[1] / "docs" / "admin-lists.md"
# Models that every admin screen reads, and that have few rows on any site.
FEW = {"wagtailcore.Locale", "wagtailcore.Site"}
NAMES = {"title", "name", "label", "subject", "username", "message", "path", "draft_title"}


def main() -> int:
    with tempfile.TemporaryDirectory(prefix="lists-") as folder:
        os.environ |= {
            "DJANGO_SETTINGS_MODULE": "pydotorg.settings.test",
            "DATABASE_URL": os.environ.get("DATABASE_URL", f"sqlite:///{folder}/lists.sqlite3"),
            "VAR_DIR": folder,
            "LOG_LEVEL": "ERROR",
        }
        django.setup()
        call_command("migrate", verbosity=0)
        client = Client(raise_request_exception=False)
        client.force_login(editor())
        call_command("demo", verbosity=0)
        screens = lists()
        samples()
        rows = [measure(client, HOME, None), *(measure(client, *screen) for screen in screens)]
    return report(rows)


def editor():
    from django.contrib.auth.models import Group  # noqa: PLC0415 -- after the set-up of Django.

    from users.models import User  # noqa: PLC0415

    # The demo content acts as the first superuser; the measured user is not one.
    User.objects.create_superuser("root")
    user = User.objects.create_user("editor")
    user.groups.add(Group.objects.get(name="Site admins"))
    return user


def lists() -> list[tuple[str, type[models.Model] | None]]:
    """Return the URL of every admin list with its model, or None if it does not list one model."""
    from wagtail.admin.viewsets import viewsets  # noqa: PLC0415
    from wagtail.contrib.redirects.models import Redirect  # noqa: PLC0415

    from cms.content.checks import model_admins  # noqa: PLC0415
    from cms.content.models.media import CustomDocument, CustomImage  # noqa: PLC0415
    from cms.platform.models import TaskRun  # noqa: PLC0415
    from home.models import StandardPage  # noqa: PLC0415

    home = reverse("wagtailadmin_home")
    found: list[tuple[str, type[models.Model] | None]] = [
        (reverse("wagtailadmin_explore", args=[StandardPage.objects.order_by("pk").last().get_parent().pk]), StandardPage),
        (reverse("wagtailimages:index"), CustomImage),
        (reverse("wagtaildocs:index"), CustomDocument),
        (reverse("wagtailadmin_reports:site_history"), None),
        (reverse("wagtailredirects:index"), Redirect),
        (f"{home}tasks/", TaskRun),
        (reverse("moderation_queue"), None),
    ]
    for viewset in viewsets.viewsets:
        names = {pattern.name for pattern in viewset.get_urlpatterns()}
        if "index" in names:
            found.append((reverse(viewset.get_url_name("index")), getattr(viewset, "model", None)))
    for admin_class in model_admins():
        if admin_class.__module__.split(".")[0] != "tests":
            admin = admin_class()
            found.append((admin.url_helper.index_url, admin.model))
    return found


def samples() -> None:
    """Create one row of each model that the site writes automatically and that the demo content lacks."""
    from wagtail.contrib.redirects.models import Redirect  # noqa: PLC0415
    from wagtail.documents import get_document_model  # noqa: PLC0415
    from wagtail.images import get_image_model  # noqa: PLC0415

    from cms.content.models.missing_urls import MissingURL  # noqa: PLC0415
    from cms.delivery.models import Purge  # noqa: PLC0415
    from cms.email.models import SentEmail  # noqa: PLC0415
    from cms.platform.models import TaskRun  # noqa: PLC0415
    from home.models import HomePage  # noqa: PLC0415
    from psf.models import Membership  # noqa: PLC0415
    from sponsors.models import Contact, Sponsor  # noqa: PLC0415

    now = timezone.now()
    Purge.objects.create(keys=["downloads"])
    SentEmail.objects.create(key="x", subject="Hello", to=["ada@example.org"], body="Hello.")
    MissingURL.objects.create(path="/missing/")
    TaskRun.objects.create(path="cms.delivery.tasks.retry_purges", status="done", started_at=now, finished_at=now)
    Membership.objects.create(legal_name="Ada Byron", preferred_name="Ada", email="ada@example.org")
    Redirect.add_redirect("/old/", "/about/")
    Contact.objects.create(sponsor=Sponsor.objects.first(), name="Ada Byron", email="ada@example.org")
    get_document_model().objects.create(title="Bylaws", file="documents/bylaws.pdf")
    picture = io.BytesIO()
    Image.new("RGB", (320, 200), "#306998").save(picture, "PNG")
    get_image_model().objects.create(title="A lake", file=ContentFile(picture.getvalue(), "lake.png"), decorative=True)
    HomePage.objects.get().save_revision().publish()


def multiply(model: type[models.Model]) -> None:
    from wagtail.models import Page  # noqa: PLC0415

    sample = model._base_manager.order_by("pk").last()
    if sample is None:
        print(f"{model._meta.label} has no row to multiply.", file=sys.stderr)
    elif issubclass(model, Page):
        multiply_pages(sample)
    else:
        insert(model, [copy(model, sample, number) for number in range(ROWS - model._base_manager.count())])


def insert(model: type[models.Model], rows: list[models.Model]) -> None:
    model._base_manager.bulk_create(rows, batch_size=500, ignore_conflicts=True)


def multiply_pages(sample) -> None:
    """Insert the rows of Page first, then those of the specific model: Django cannot bulk-create multi-table models."""
    from wagtail.models import Page  # noqa: PLC0415

    parent = sample.get_parent()
    rows = []
    for number in range(ROWS):
        row = copy(Page, sample.page_ptr if type(sample) is not Page else sample, number)
        row.path = Page._get_path(parent.path, sample.depth, parent.numchild + 1 + number)
        row.slug, row.url_path = f"{sample.slug[:100]}-{number}", f"{parent.url_path}{sample.slug[:100]}-{number}/"
        row.numchild, row.translation_key, row.latest_revision_id, row.live_revision_id = 0, uuid.uuid4(), None, None
        rows.append(row)
    insert(Page, rows)
    Page.objects.filter(pk=parent.pk).update(numchild=parent.numchild + ROWS)
    if type(sample) is Page:
        return
    own = [field for field in type(sample)._meta.local_fields if not field.primary_key]
    keys = (
        Page.objects.filter(depth=sample.depth, path__startswith=parent.path).order_by("-pk").values_list("pk", flat=True)[:ROWS]
    )
    columns = ", ".join([type(sample)._meta.pk.column, *(field.column for field in own)])
    places = ", ".join(["%s"] * (1 + len(own)))
    with connection.cursor() as cursor:
        cursor.executemany(
            f"INSERT INTO {type(sample)._meta.db_table} ({columns}) VALUES ({places})",  # noqa: S608 -- column names.
            [
                [key, *(field.get_db_prep_save(getattr(row, field.attname), connection) for field in own)]
                for key, row in zip(keys, (copy(type(sample), sample, number) for number in range(ROWS)), strict=True)
            ],
        )


def copy(model: type[models.Model], sample: models.Model, number: int) -> models.Model:
    together = {name for group in model._meta.unique_together for name in group}
    together |= {name for rule in model._meta.constraints for name in getattr(rule, "fields", ())}
    values = {
        field.attname: vary(field, getattr(sample, field.attname), number, is_unique=field.unique or field.name in together)
        for field in model._meta.concrete_fields
        if not field.primary_key
    }
    return model(**values)


def vary(field: models.Field, value, number: int, *, is_unique: bool):
    """Return a field value for a copied row: distinct for unique columns, names and times."""
    if isinstance(value, datetime):
        return value - timedelta(minutes=number)
    if value is None or not (is_unique or field.name in NAMES):
        return value
    if field.is_relation:
        return None if field.null and field.unique else value
    if isinstance(field, models.CharField | models.TextField):
        joint = "-" if isinstance(field, models.SlugField | models.URLField) else " "
        return f"{str(value)[: (field.max_length or 200) - 8]}{joint}{number}"
    others = {date: lambda: value + timedelta(days=10_000 + number), uuid.UUID: uuid.uuid4, int: lambda: 1000 + number}
    return others[type(value)]()


def measure(client: Client, path: str, model: type[models.Model] | None) -> tuple[str, int, int, float, int]:
    """Measure one list with many rows of its own model only. Rows of other models would become choices of its filters."""
    statements: list[str] = []

    def count(execute, sql, parameters, many, context):
        statements.append(sql)
        return execute(sql, parameters, many, context)

    # Outside of a transaction the dashboard caches its counts, as it does for editors.
    with transaction.atomic() if model else nullcontext():
        if model and model._meta.label not in FEW:
            multiply(model)
        client.get(path)
        with connection.execute_wrapper(count):
            response = client.get(path)
        times = []
        for _ in range(ROUNDS):
            started = time.process_time()
            client.get(path)
            times.append((time.process_time() - started) * 1000)
        if model:
            transaction.set_rollback(True)
    return path, response.status_code, len(statements), median(times), len(response.content)


def report(rows: list[tuple[str, int, int, float, int]]) -> int:
    over = 0
    engine, python = connection.vendor, ".".join(map(str, sys.version_info[:3]))
    load = f"load {os.getloadavg()[0]:.0f} on {os.cpu_count()} cores"
    lines = [
        "# Lists of the admin",
        "",
        f"Made by `python -m benchmarks.admin_lists`: {ROWS:,} rows of what each list shows, opened by a site admin who is no",
        f"superuser. {timezone.now():%-d %B %Y}, Python {python}, {engine}, {load}.",
        "",
        "| list | queries | at most | CPU ms | at most | kB |",
        "|---|---:|---:|---:|---:|---:|",
    ]
    for path, status, queries, milliseconds, size in sorted(rows, key=lambda row: -row[3]):
        may = MAX_QUERIES + MORE.get(resolve(path).view_name, 0)
        is_over = status != 200 or queries > may or milliseconds > MAX_MS
        over += is_over
        print(f"{path:44} {status:6} {queries:8} {milliseconds:8.0f} {size / 1000:6.0f}{'  over' if is_over else ''}")
        lines.append(f"| `{path}` | {queries} | {may} | {milliseconds:.0f} | {MAX_MS} | {size / 1000:.0f} |")
    RESULT.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return 1 if over else 0


if __name__ == "__main__":
    sys.exit(main())
