"""Wagtail's own events."""

from django.dispatch import receiver
from wagtail.signals import page_published, page_unpublished, post_page_move

from . import cdn
from .models import Menu


@receiver([page_published, page_unpublished, post_page_move])
def purge_page(instance, **kwargs):
    cdn.purge(f"page-{instance.pk}")
    below = set(instance.get_descendants(inclusive=True).values_list("pk", flat=True))
    if any(menu.page_ids() & below for menu in Menu.objects.all()):
        # Every page shows the link.
        cdn.purge(cdn.SITE_KEY)
