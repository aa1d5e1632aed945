"""Wagtail's own events."""

from django.dispatch import receiver
from wagtail.signals import page_published, page_unpublished, post_page_move

from . import cdn


@receiver([page_published, page_unpublished, post_page_move])
def purge_page(instance, **kwargs):
    cdn.purge(f"page-{instance.pk}")
