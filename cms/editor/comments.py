"""Comments on pages: an email to each person whose username a comment mentions, such as @grace.

Wagtail itself emails new comments to everyone in the thread, and to people who turned on notifications for the page.
"""

import re
from typing import Any

from django.conf import settings
from django.db.models.functions import Lower
from django.db.models.signals import post_save
from django.dispatch import receiver
from django.urls import reverse
from wagtail.models import Comment, CommentReply, Page

from cms.email.registry import declare
from cms.email.sending import send
from users.models import User

MENTIONED = declare(
    "cms.comment_mention",
    example={
        "title": "About Python",
        "name": "Ada Byron",
        "text": "@grace Is this date right?",
        "url": "https://www.python.org/admin/pages/5/edit/?comment=7",
    },
)
# Not part of an email address.
MENTION = re.compile(r"(?<![\w.+-])@([\w.+-]*\w)")


def find_mentioned(text: str, page: Page, *, by: User) -> list[User]:
    """Return the users mentioned in a comment who may edit the page, except its author."""
    names = {name.lower() for name in MENTION.findall(text)}
    if not names:
        return []
    users = User.objects.annotate(lower_name=Lower("username"))
    found = users.filter(lower_name__in=names, is_active=True).exclude(email="").exclude(pk=by.pk)
    return [user for user in found if page.permissions_for_user(user).can_edit()]


@receiver(post_save, sender=Comment)
@receiver(post_save, sender=CommentReply)
def email_mentioned(sender: type, instance: Any, *, raw: bool, **kwargs: Any) -> None:
    """Email the people mentioned in a new or edited comment, once per comment."""
    if raw:
        return
    comment = instance.comment if isinstance(instance, CommentReply) else instance
    url = f"{settings.BASE_URL}{reverse('wagtailadmin_pages:edit', args=[comment.page_id])}?comment={comment.pk}"
    for person in find_mentioned(instance.text, comment.page, by=instance.user):
        send(
            MENTIONED,
            to=[person.email],
            about=comment.page.specific_deferred,
            reply_to=instance.user.email,
            effect=f"{sender.__name__}:{instance.pk}:{person.pk}",
            variables={
                "title": comment.page.get_admin_display_title(),
                "name": instance.user.display_name,
                "text": instance.text,
                "url": url,
            },
        )
