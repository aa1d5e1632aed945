"""Reminders to owners of pages whose review is due."""

from collections import defaultdict
from datetime import date, timedelta

from django.conf import settings
from django.db.models import QuerySet
from django.utils import timezone
from django_tasks import task
from wagtail.models import get_page_models

from cms.content.models.pages import BasePage
from cms.email.models import about_key
from cms.email.registry import declare
from cms.email.sending import send
from cms.platform.dates import show_date
from cms.platform.schedules import scheduled

REVIEW_DUE = declare(
    "cms.review_due",
    example={"count": "1", "pages": "- About Python, due November 3, 2026\n  https://www.python.org/admin/pages/4/edit/"},
)


def overdue(model: type[BasePage], on: date | None = None) -> QuerySet:
    """Return pages of a type whose review is due on a day, today by default."""
    pages = model.objects.filter(review_date__lte=on or timezone.localdate())
    return pages.select_related("content_owner").order_by("review_date", "title")


def page_types() -> list[type[BasePage]]:
    return [model for model in get_page_models() if issubclass(model, BasePage)]


@scheduled("0 7 * * 1")
@task()
def send_review_reminders() -> None:
    """Every Monday, email each content owner whose pages are due for review this week or overdue."""
    by_owner: dict = defaultdict(list)
    for model in page_types():
        for page in overdue(model, timezone.localdate() + timedelta(days=6)).filter(content_owner__is_active=True):
            by_owner[page.content_owner].append(page)
    for owner, pages in by_owner.items():
        if not owner.email:
            continue
        lines = [
            f"- {page.title}, due {show_date(page.review_date, 'LONG_DATE')}\n  {settings.BASE_URL}/admin/pages/{page.pk}/edit/"
            for page in sorted(pages, key=lambda page: page.review_date)
        ]
        send(
            REVIEW_DUE,
            to=[owner.email],
            variables={"count": str(len(pages)), "pages": "\n".join(lines)},
            effect=f"{about_key(owner)} {timezone.localdate():%G-W%V}",
        )
